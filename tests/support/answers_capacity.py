"""Answers to the exercises of chapter `capacity` as learners write them: right in other ways, and wrong in known ones.

`RIGHT[id]` are functions that must be `correct`. `WRONG[id]` are (function, words): the verdict must be `wrong` or
`almost` and contain the words.
"""

import math
from statistics import NormalDist

import numpy as np

# capacity.1 ---------------------------------------------------------------------------------------------------------


def stability_loops(X):
    """One bit at a time, other patterns by their overlaps without this bit."""
    X = X.astype(int)
    K, N = X.shape
    values = np.empty((K, N))
    for mu in range(K):
        overlap = X @ X[mu]
        for i in range(N):
            values[mu, i] = X[mu, i] * ((overlap - X[:, i] * X[mu, i]) @ X[:, i]) / N
    return values


def stability_overlaps(X):
    """No W: overlaps of patterns, then the diagonal as a number."""
    X = X.astype(np.float32)
    return X * ((X @ X.T) @ X) / X.shape[1] - len(X) / X.shape[1]


def stability_listed(X):
    return stability_loops(X).tolist()


def stability_int8(X):
    W = X.T @ X / X.shape[1]
    np.fill_diagonal(W, 0)
    return X * (X @ W)


def stability_transposed(X):
    return stability_loops(X).T


def stability_kept(X):
    X = X.astype(int)
    return X * (X @ (X.T @ X)) / X.shape[1]


def stability_unscaled(X):
    return stability_loops(X) * X.shape[1]


def stability_fields(X):
    return stability_loops(X) * X


def stability_negative(X):
    return -stability_loops(X)


def stability_changes(X):
    values = stability_loops(X)
    X *= -1
    return values


def stability_one_pattern(X):
    return stability_loops(X)[0]


# capacity.2 ---------------------------------------------------------------------------------------------------------


def perfect_scipy(N, P):
    """By the equation itself."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    return brentq(lambda K: N * norm.logcdf(math.sqrt(N / K)) - math.log(P), 1, N)


def perfect_finite(N, P):
    """K - 1 patterns disturb N - 1 neurons; a whole number."""
    z = -NormalDist().inv_cdf(1 - P ** (1 / N))
    return round(1 + (N - 1) / z**2)


def perfect_search(N, P):
    """Counts up until the probability falls below P."""
    normal, K = NormalDist(), 1
    while normal.cdf(math.sqrt(N / K)) ** N > P:
        K += 1
    return K - 0.5


def perfect_floor(N, P):
    """The largest whole number."""
    return int(perfect_scipy(N, P))


def perfect_one_minus(N, P):
    return perfect_scipy(N, 1 - P)


def perfect_times_z(N, P):
    return N * NormalDist().inv_cdf(P ** (1 / N)) ** 2


def perfect_asymptotic(N, P):
    return N / (2 * math.log(N))


def perfect_all_asymptotic(N, P):
    return N / (4 * math.log(N))


def perfect_union(N, P):
    return N / NormalDist().inv_cdf((1 - P) / N) ** 2


def perfect_two_sided(N, P):
    return N / NormalDist().inv_cdf((1 - P ** (1 / N)) / 2) ** 2


def perfect_plain_z(N, P):
    return N / NormalDist().inv_cdf(P ** (1 / N))


def perfect_load(N, P):
    return perfect_scipy(N, P) / N


# capacity.3 ---------------------------------------------------------------------------------------------------------


def rate_float(X):
    """Hebb's rule in floats."""
    N = X.shape[1]
    W = X.astype(float).T @ X / N
    W[np.arange(N), np.arange(N)] = 0
    return (X * (X @ W) < 0).mean()


def rate_shifted(X):
    """The diagonal taken off the stability."""
    X = X.astype(int)
    return np.mean(X * (X @ (X.T @ X)) < len(X))


def rate_loops(X):
    """Bit by bit."""
    X = X.astype(int)
    W = X.T @ X
    wrong = 0
    for x in X:
        for i in range(len(x)):
            wrong += x[i] * (W[i] @ x - W[i, i] * x[i]) < 0
    return wrong / X.size


def rate_broken(X):
    X = X.astype(int)
    return np.mean(X * (X @ (X.T @ X)) < 0)


def rate_eye(X):
    N = X.shape[1]
    W = X.T.astype(int) @ X - N * np.eye(N)
    return np.mean(X * (X @ W) < 0)


def rate_vector(X):
    W = X.T.astype(int) @ X / X.shape[1]
    W = W - np.diag(W)
    return np.mean(X * (X @ W) < 0)


def rate_count(X):
    return rate_float(X) * X.size


def rate_ties(X):
    X = X.astype(int)
    return np.mean(X * (X @ (X.T @ X)) <= len(X))


def rate_patterns(X):
    X = X.astype(int)
    return np.mean((X * (X @ (X.T @ X)) < len(X)).any(axis=1))


def rate_int8(X):
    W = X.T @ X
    np.fill_diagonal(W, 0)
    return np.mean(X * (X.astype(int) @ W) < 0)


def rate_stays(X):
    return 1 - rate_float(X)


# capacity.4 ---------------------------------------------------------------------------------------------------------


def unsafe_three(N, seed):
    """Three patterns that differ from a common one in a bit each."""
    X = np.tile(np.random.default_rng(seed).choice([-1, 1], N), (3, 1))
    X[[0, 1, 2], [0, 1, 2]] *= -1
    return X


def unsafe_floats(N, seed):
    """Strongly biased, as floats."""
    return np.sign(np.random.default_rng(seed).random((6, N)) - 0.2)


def unsafe_noisy(N, seed):
    """Noisy copies of one pattern."""
    rng = np.random.default_rng(seed)
    base = rng.choice([-1, 1], N)
    return [np.where(rng.random(N) < 0.15, -base, base) for _ in range(5)]


def unsafe_fair(N, seed):
    return np.random.default_rng(seed).choice([-1, 1], (6, N))


def unsafe_many(N, seed):
    return np.random.default_rng(seed).choice([-1, 1], (N // 3, N))


def unsafe_slight(N, seed):
    return np.where(np.random.default_rng(seed).random((6, N)) < 0.6, 1, -1)


def unsafe_twice(N, seed):
    return np.tile(unsafe_three(N, seed), (2, 1))


def unsafe_columns(N, seed):
    return unsafe_three(N, seed).T


def unsafe_gaussian(N, seed):
    return np.random.default_rng(seed).normal(size=(6, N))


def unsafe_one_alone(N, seed):
    X = np.tile(np.random.default_rng(seed).choice([-1, 1], N), (5, 1))
    for k in range(4):
        X[k + 1, k] *= -1
    return X


# capacity.5 ---------------------------------------------------------------------------------------------------------


def likeness_loops(X):
    """Pair by pair."""
    X = X.astype(float)
    pairs = [(a, b) for a in range(len(X)) for b in range(a)]
    return (
        np.mean([np.mean(X[a] * X[b]) for a, b in pairs]),
        np.mean([X[a].mean() * X[b].mean() for a, b in pairs]),
    )


def likeness_upper(X):
    """Upper triangles, as a list."""
    upper = np.triu_indices(len(X), 1)
    b = X.mean(axis=1)
    return [(X.astype(int) @ X.T / X.shape[1])[upper].mean(), np.outer(b, b)[upper].mean()]


def likeness_itself(X):
    b = X.mean(axis=1)
    return (X.astype(int) @ X.T).mean() / X.shape[1], np.outer(b, b).mean()


def likeness_unscaled(X):
    stored, chance = likeness_loops(X)
    return stored * X.shape[1], chance


def likeness_one_bias(X):
    return likeness_loops(X)[0], X.mean() ** 2


def likeness_squares(X):
    return likeness_loops(X)[0], (X.mean(axis=1) ** 2).mean()


def likeness_triu(X):
    upper = np.triu_indices(len(X))
    b = X.mean(axis=1)
    return (X.astype(int) @ X.T / X.shape[1])[upper].mean(), np.outer(b, b)[upper].mean()


def likeness_zero(X):
    return likeness_loops(X)[0], 0


def likeness_swapped(X):
    return likeness_loops(X)[::-1]


def likeness_int8(X):
    upper = np.triu_indices(len(X), 1)
    b = X.mean(axis=1)
    return (X @ X.T / X.shape[1])[upper].mean(), np.outer(b, b)[upper].mean()


RIGHT = {
    "capacity.1": (stability_loops, stability_overlaps, stability_listed),
    "capacity.2": (perfect_scipy, perfect_finite, perfect_search, perfect_floor),
    "capacity.3": (rate_float, rate_shifted, rate_loops),
    "capacity.4": (unsafe_three, unsafe_floats, unsafe_noisy),
    "capacity.5": (likeness_loops, likeness_upper),
}

WRONG = {
    "capacity.1": (
        (stability_kept, "diagonal of W is kept"),
        (stability_unscaled, "factor 1/N of Hebb's rule is missing"),
        (stability_fields, "These are the fields"),
        (stability_negative, "Right but for the sign"),
        (stability_transposed, "transposed"),
        (stability_one_pattern, "shape"),
        (stability_int8, "wraps at 127"),
        (stability_changes, "changes its input X"),
    ),
    "capacity.2": (
        (perfect_asymptotic, "N/(2 ln N)"),
        (perfect_all_asymptotic, "N/(4 ln N)"),
        (perfect_union, "adds up the risks"),
        (perfect_two_sided, "two-sided test"),
        (perfect_plain_z, "first power"),
        (perfect_load, "the load K/N"),
        (perfect_one_minus, "that some bit is"),
        (perfect_times_z, "K = N/z²"),
    ),
    "capacity.3": (
        (rate_broken, "still the broken rate"),
        (rate_eye, "takes the signal out"),
        (rate_vector, "takes it off every row"),
        (rate_count, "how many bits"),
        (rate_ties, "exact tie"),
        (rate_patterns, "share of patterns"),
        (rate_stays, "bits that stay"),
        (rate_int8, "int8"),
    ),
    "capacity.4": (
        (unsafe_fair, "are fixed points: the claim holds"),
        (unsafe_many, "at most 6"),
        (unsafe_slight, "fixed points"),
        (unsafe_twice, "stored twice"),
        (unsafe_columns, "one pattern a row"),
        (unsafe_gaussian, "-1 or +1"),
        (unsafe_one_alone, "1 of 5 patterns are fixed points still"),
    ),
    "capacity.5": (
        (likeness_itself, "compared with itself"),
        (likeness_unscaled, "divide it by N"),
        (likeness_one_bias, "one bias for the whole set"),
        (likeness_squares, "a mean of b_μ²"),
        (likeness_triu, "still holds the diagonal"),
        (likeness_zero, "Shuffling keeps"),
        (likeness_swapped, "Right but for the order"),
        (likeness_int8, "wraps at 127"),
    ),
}
