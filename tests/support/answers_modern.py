"""Answers to the exercises of chapter `modern` as learners write them: right in other ways, and wrong in known ones.

`RIGHT[id]` are functions that must be `correct`. `WRONG[id]` are (function, words): the verdict must be `wrong` or
`almost` and contain the words.
"""

import math

import numpy as np


def _softmax(scores, axis=None):
    weights = np.exp(scores - scores.max(axis=axis, keepdims=axis is not None))
    return weights / weights.sum(axis=axis, keepdims=axis is not None)


# modern.1 -----------------------------------------------------------------------------------------------------------


def energy_costs(X, x, beta):
    """As the package has it: costs |x - X|²/2 + (M² - |X|²)/2, all >= 0."""
    squares = (X**2).sum(axis=1)
    costs = ((x - X) ** 2).sum(axis=1) / 2 + (squares.max() - squares) / 2
    least = costs.min()
    return least - np.log(np.mean(np.exp(-beta * (costs - least)))) / beta


def energy_scipy(X, x, beta):
    from scipy.special import logsumexp

    M = np.linalg.norm(X, axis=1).max()
    return [-logsumexp(beta * (X @ x)) / beta + 0.5 * np.dot(x, x) + math.log(X.shape[0]) / beta + 0.5 * M**2][0]


def energy_logaddexp(X, x, beta):
    """No subtraction by hand: NumPy adds in the log domain."""
    lse = np.logaddexp.reduce(beta * X @ x) / beta
    return -lse + x @ x / 2 + np.log(len(X)) / beta + max(row @ row for row in X) / 2


def energy_python(X, x, beta):
    scores = [beta * sum(a * b for a, b in zip(row, x.tolist(), strict=True)) for row in X.tolist()]
    top = max(scores)
    lse = (top + math.log(sum(math.exp(s - top) for s in scores))) / beta
    M2 = max(sum(a * a for a in row) for row in X.tolist())
    return -lse + sum(a * a for a in x.tolist()) / 2 + math.log(len(scores)) / beta + M2 / 2


def energy_naive(X, x, beta):
    return -np.log(np.sum(np.exp(beta * X @ x))) / beta + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_no_beta(X, x, beta):
    lse = np.logaddexp.reduce(beta * X @ x)
    return -lse + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_beta_outside_only(X, x, beta):
    return -np.logaddexp.reduce(X @ x) / beta + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_without_log_K(X, x, beta):
    return energy_costs(X, x, beta) - np.log(len(X)) / beta


def energy_without_M(X, x, beta):
    return energy_costs(X, x, beta) - (X**2).sum(1).max() / 2


def energy_bare(X, x, beta):
    return -np.logaddexp.reduce(beta * X @ x) / beta + x @ x / 2


def energy_whole_square(X, x, beta):
    return energy_costs(X, x, beta) + x @ x / 2


def energy_plus(X, x, beta):
    return energy_costs(X, x, beta) + 2 * np.logaddexp.reduce(beta * X @ x) / beta


def energy_norm(X, x, beta):
    M = np.linalg.norm(X, axis=1).max()
    return energy_costs(X, x, beta) - M**2 / 2 + M / 2


def energy_top_forgotten(X, x, beta):
    scores = beta * X @ x
    lse = np.log(np.exp(scores - scores.max()).sum()) / beta
    return -lse + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_top_whole(X, x, beta):
    scores = beta * X @ x
    lse = np.log(np.exp(scores - scores.max()).sum()) / beta + scores.max()
    return -lse + x @ x / 2 + np.log(len(X)) / beta + (X**2).sum(1).max() / 2


def energy_longest_column(X, x, beta):
    return energy_costs(X, x, beta) - (X**2).sum(1).max() / 2 + (X**2).sum(axis=0).max() / 2


def energy_largest_number(X, x, beta):
    return energy_costs(X, x, beta) - (X**2).sum(1).max() / 2 + np.abs(X).max() ** 2 / 2


def energy_log_size(X, x, beta):
    return energy_costs(X, x, beta) + (np.log(X.shape[1]) - np.log(len(X))) / beta


def energy_columns(X, x, beta):
    """One pattern a column, forced into shape."""
    return energy_costs(X.T.reshape(X.shape), x, beta)


def energy_batch(X, x, beta):
    return np.full(len(X), energy_costs(X, x, beta))


def energy_negative(X, x, beta):
    return -energy_costs(X, x, beta)


# modern.2 -----------------------------------------------------------------------------------------------------------


def step_mixture(X, x, beta, a):
    f = _softmax(beta * X @ x) @ X
    return (1 - a) * x + a * f


def step_pairs(X, x, beta, a):
    """Without any shift: weights from differences of scores; exp may run over, and 1/inf is 0."""
    scores = beta * X @ x
    with np.errstate(over="ignore"):
        p = 1 / np.exp(scores[None, :] - scores[:, None]).sum(axis=1)
    return x + a * (p @ X - x)


def step_loops(X, x, beta, a):
    scores = [beta * float(row @ x) for row in X]
    weights = [math.exp(s - max(scores)) for s in scores]
    f = [sum(w * row[i] for w, row in zip(weights, X, strict=True)) / sum(weights) for i in range(len(x))]
    return [xi + a * (fi - xi) for xi, fi in zip(x, f, strict=True)]


def step_naive(X, x, beta, a):
    weights = np.exp(beta * X @ x)
    return x + a * (weights @ X / weights.sum() - x)


def step_residual(X, x, beta, a):
    return x + a * (_softmax(beta * X @ x) @ X)


def step_full(X, x, beta, a):
    return _softmax(beta * X @ x) @ X


def step_exchanged(X, x, beta, a):
    f = _softmax(beta * X @ x) @ X
    return f + a * (x - f)


def step_uphill(X, x, beta, a):
    return x + a * (x - _softmax(beta * X @ x) @ X)


def step_no_beta(X, x, beta, a):
    return x + a * (_softmax(X @ x) @ X - x)


def step_best(X, x, beta, a):
    return x + a * (X[np.argmax(X @ x)] - x)


def step_sum(X, x, beta, a):
    return x + a * (np.exp(beta * X @ x) @ X - x)


def step_linear(X, x, beta, a):
    s = X @ x
    return x + a * (s @ X / s.sum() - x)


def step_in_place(X, x, beta, a):
    x += a * (_softmax(beta * X @ x) @ X - x)
    return x


def step_weights(X, x, beta, a):
    return _softmax(beta * X @ x)


# modern.3 -----------------------------------------------------------------------------------------------------------


def critical_cov(X):
    return 1 / np.linalg.eigvalsh(np.atleast_2d(np.cov(X, rowvar=False, bias=True))).max()


def critical_svd(X):
    """No covariance: singular values of the centred memories."""
    return len(X) / np.linalg.norm(X - X.mean(axis=0), 2) ** 2


def critical_power(X):
    """Power iteration on the K x K side."""
    Y = X - X.mean(axis=0)
    gram, v = Y @ Y.T, np.random.default_rng(0).standard_normal(len(X))
    for _ in range(3000):
        v = gram @ v
        v /= np.linalg.norm(v)
    return np.array(len(X) / (v @ gram @ v))


def critical_sample(X):
    return 1 / np.linalg.eigvalsh(np.cov(X.T))[-1]


def critical_moment(X):
    return 1 / np.linalg.eigvalsh(X.T @ X / len(X)).max()


def critical_sum(X):
    Y = X - X.mean(axis=0)
    return 1 / np.linalg.eigvalsh(Y.T @ Y).max()


def critical_trace(X):
    return 1 / np.trace(np.atleast_2d(np.cov(X.T, bias=True)))


def critical_lambda(X):
    return 1 / critical_svd(X)


def critical_singular(X):
    return np.sqrt(critical_svd(X))


def critical_least(X):
    Y = X - X.mean(axis=0)
    with np.errstate(divide="ignore"):
        return 1 / np.linalg.eigvalsh(Y.T @ Y / len(X))[0]


def critical_rows(X):
    Y = X - X.mean(axis=1, keepdims=True)
    return 1 / np.linalg.eigvalsh(Y.T @ Y / len(X))[-1]


def critical_coordinate(X):
    return 1 / np.max(np.var(X, axis=0))


def critical_double(X):
    return 2 * critical_svd(X)


# modern.4 -----------------------------------------------------------------------------------------------------------


def batch_loop(X, S, beta):
    """One state at a time."""
    return np.array([_softmax(beta * X @ s) @ X for s in S])


def batch_newaxis(X, S, beta):
    scores = beta * (S @ X.T)
    weights = np.exp(scores - scores.max(axis=1)[:, None])
    return weights @ X / weights.sum(axis=1)[:, np.newaxis]


def batch_other_side(X, S, beta):
    """Memories first: then axis 0 is right, without keepdims."""
    weights = _softmax(beta * X @ S.T, axis=0)
    return (X.T @ weights).T


def batch_broken(X, S, beta):
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum(axis=1)
    return weights @ X


def batch_axis_0(X, S, beta):
    return _softmax(beta * S @ X.T, axis=0) @ X


def batch_total(X, S, beta):
    return _softmax(beta * S @ X.T) @ X


def batch_undivided(X, S, beta):
    return np.exp(beta * S @ X.T) @ X


def batch_weights(X, S, beta):
    return _softmax(beta * S @ X.T, axis=1)


def batch_naive(X, S, beta):
    weights = np.exp(beta * S @ X.T)
    return weights / weights.sum(axis=1, keepdims=True) @ X


def batch_first_only(X, S, beta):
    """Right where the check's plain cases look, not for other numbers of states."""
    return batch_loop(X, S, beta) if len(S) in (1, len(X)) else np.repeat(batch_loop(X, S[:1], beta), len(S), axis=0)


def batch_flat(X, S, beta):
    return batch_loop(X, S, beta)[0]


# modern.5 -----------------------------------------------------------------------------------------------------------


def lost_products(X, beta):
    """No recall: a key is lost if another one matches it better than it matches itself."""
    products = X @ X.T
    return np.flatnonzero(products.max(axis=1) > np.diag(products))


def lost_package(X, beta):
    from damtutor import ModernHopfield

    memory = ModernHopfield(X, beta)
    ends = memory.settle(X).states
    return [i for i in range(len(X)) if np.linalg.norm(ends[i] - X[i]) > 0.1]


def lost_backwards(X, beta):
    return tuple(int(i) for i in lost_products(X, beta)[::-1])


def lost_none(X, beta):
    return []


def lost_kept(X, beta):
    return [i for i in range(len(X)) if i not in lost_products(X, beta)]


def lost_mask(X, beta):
    products = X @ X.T
    return products.max(axis=1) > np.diag(products)


def lost_short(X, beta):
    norms = np.linalg.norm(X, axis=1)
    return np.flatnonzero(norms < norms.max() - 1e-9)


def lost_first(X, beta):
    return lost_products(X, beta)[:1]


def lost_shortest(X, beta):
    return [int(np.linalg.norm(X, axis=1).argmin())]


def lost_distance(X, beta):
    """The distance energy, which loses none."""
    from damtutor import ModernHopfield

    ends = ModernHopfield(X, beta, "distance").settle(X).states
    return [i for i in range(len(X)) if np.linalg.norm(ends[i] - X[i]) > 0.1]


def lost_twice(X, beta):
    return [*lost_products(X, beta), *lost_products(X, beta)]


def lost_from_one(X, beta):
    return lost_products(X, beta) + 1


def lost_where(X, beta):
    """Where they go, not who goes."""
    best = (X @ X.T).argmax(axis=1)
    return best[best != np.arange(len(X))]


def step_divided(X, x, beta, a):
    return x + a * (_softmax(X @ x / beta) @ X - x)


def critical_np_cov(X):
    return 1 / np.linalg.eigvalsh(np.cov(X)).max()


def critical_np_cov_biased(X):
    return 1 / np.linalg.eigvalsh(np.cov(X, bias=True)).max()


def critical_by_size(X):
    centred = X - X.mean(axis=0)
    return X.shape[1] / np.linalg.norm(centred, 2) ** 2


def batch_half_mended(X, S, beta):
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max(axis=1))
    return weights / weights.sum(axis=1)[:, None] @ X


def lost_count(X, beta):
    return len(lost_products(X, beta))


RIGHT = {
    "modern.1": (energy_costs, energy_scipy, energy_logaddexp, energy_python),
    "modern.2": (step_mixture, step_pairs, step_loops),
    "modern.3": (critical_cov, critical_svd, critical_power),
    "modern.4": (batch_loop, batch_newaxis, batch_other_side),
    "modern.5": (lost_products, lost_package, lost_backwards),
}

WRONG = {
    "modern.1": (
        (energy_naive, "Subtract the largest score"),
        (energy_no_beta, "not divided by β"),
        (energy_beta_outside_only, "missing in the exponent"),
        (energy_without_log_K, "log(K)/β is missing"),
        (energy_without_M, "M²/2 is missing"),
        (energy_bare, "Both constants"),
        (energy_whole_square, "factor one half"),
        (energy_plus, "sign of the first term"),
        (energy_norm, "enters squared"),
        (energy_columns, "inputs give another value"),
        (energy_top_forgotten, "not put back"),
        (energy_top_whole, "outside the division"),
        (energy_longest_column, "norm of the longest memory"),
        (energy_largest_number, "norm of the longest memory"),
        (energy_log_size, "counts the memories"),
        (energy_batch, "expected a single number"),
        (energy_negative, "negative of what is expected"),
    ),
    "modern.2": (
        (step_naive, "Subtract the largest score"),
        (step_residual, "the residual of a transformer"),
        (step_full, "does not enter"),
        (step_exchanged, "exchanged"),
        (step_uphill, "uphill"),
        (step_no_beta, "β is missing"),
        (step_best, "best match alone"),
        (step_sum, "do not add up to one"),
        (step_linear, "exp is missing"),
        (step_in_place, "changes its input x"),
        (step_weights, "expected (1,)"),
        (step_divided, "1/β is the temperature"),
    ),
    "modern.3": (
        (critical_sample, "np.cov has K - 1"),
        (critical_moment, "not centred"),
        (critical_sum, "divide by K"),
        (critical_trace, "the trace"),
        (critical_lambda, "one over it"),
        (critical_singular, "standard deviation"),
        (critical_least, "smallest eigenvalue"),
        (critical_rows, "wrong axis"),
        (critical_coordinate, "lie aslant"),
        (critical_double, "twice what is expected"),
        (critical_np_cov, "each row for a variable"),
        (critical_np_cov_biased, "each row for a variable"),
        (critical_by_size, "Divided by d"),
    ),
    "modern.4": (
        (batch_broken, "still the broken step"),
        (batch_axis_0, "runs over the states"),
        (batch_total, "each row must add up to one"),
        (batch_undivided, "not divided by their sum"),
        (batch_weights, "weights @ X"),
        (batch_half_mended, "meet the columns"),
        (batch_naive, "Subtract the largest score"),
        (batch_first_only, "alone and in a batch"),
        (batch_flat, "expected (1, 2)"),
    ),
    "modern.5": (
        (lost_none, "repeats the claim"),
        (lost_count, "A single number came back"),
        (lost_kept, "rows that are kept"),
        (lost_mask, "np.flatnonzero"),
        (lost_short, "Short alone is not lost"),
        (lost_first, "stop at the first"),
        (lost_shortest, "stays there"),
        (lost_distance, "repeats the claim"),
        (lost_twice, "stands there twice"),
        (lost_from_one, "The answer"),
        (lost_where, "where recall ends"),
    ),
}
