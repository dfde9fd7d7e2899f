"""The stability x_i h_i of every stored bit."""

import numpy as np

from damtutor.checks.capacity.common import INT8, NORMAL, OVERFLOW, couplings, spins, within_five_errors
from damtutor.checks.engine.exercise import Call, Case, Exercise, Mistake, Property, Tolerance


def stability(X):
    """x_i h_i of every stored bit, (K, N): Hebb's rule, no diagonal."""
    X = X.astype(int)
    K, N = X.shape
    W = (X.T @ X - K * np.eye(N)) / N  # the diagonal of X.T @ X is K
    return X * (X @ W)


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """Pattern sets; more than 127 patterns or neurons overflow int8."""
    for K, N in ((1, 2), (2, 3), (3, 4), (4, 6), (5, 5), (7, 10), (20, 8)):
        for tag in range(2):
            yield Case((spins(tag, K, N),))
    for K, N in ((150, 12), (5, 200)):
        yield Case((spins(0, K, N, 0.97),), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def gaussian_share(call: Call):
    """The share of negative values is Φ(-√((N-1)/(K-1)))."""
    for K, N in ((21, 100), (51, 100)):
        sets = [spins(70 + k, K, N) for k in range(8)]
        shares = [float(np.mean(call(X) < 0)) for X in sets]
        p = NORMAL.cdf(-(((N - 1) / (K - 1)) ** 0.5))
        if not within_five_errors(shares, p):
            return (sets[0],), f"{np.mean(shares):.4f} of the values are negative; the Gaussian says {p:.4f}."
    return None


def turned_neuron(call: Call):
    """Turning one neuron round in every pattern changes no stability."""
    for k in range(4):
        X = spins(80 + k, 5, 8)
        other = X.copy()
        other[:, k] *= -1
        if not np.allclose(call(X), call(other), atol=1e-4):
            return (other,), "Here one neuron was turned round in every pattern, and the values changed."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def with_diagonal(X):
    """Every value larger by K/N."""
    return X * (X @ couplings(X, None)) / X.shape[1]


def unscaled(X):
    """No 1/N."""
    return X * (X @ couplings(X))


def over_patterns(X):
    """1/K instead of 1/N."""
    return X * (X @ couplings(X)) / len(X)


def fields_only(X):
    """h, not x h."""
    return X @ couplings(X) / X.shape[1]


def crosstalk_only(X):
    """The signal is left out."""
    N = X.shape[1]
    return X * (X @ couplings(X)) / N - (N - 1) / N


def one_vote_out(X):
    """1/N taken off the diagonal, which is K/N."""
    return X * (X @ couplings(X, len(X) - 1.0)) / X.shape[1]


def own_pattern_out(X):
    """The diagonal of X @ X.T is taken out instead: the signal goes."""
    G = X.astype(float) @ X.T
    np.fill_diagonal(G, 0)
    return X * (G @ X) / X.shape[1]


def signs_only(X):
    """Right or wrong, -1 or +1."""
    return np.sign(X * (X @ couplings(X)))


# Right and wrong answers as learners write them -----------------------------------------------------------------------


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


EXERCISE = Exercise(
    id="capacity.1",
    title="The stability of every stored bit",
    points=2,
    minutes=10,
    level="◆◇◇",
    reference=stability,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-4, words="to 0.0001"),
    edges=(("large", OVERFLOW),),
    mistakes=(
        Mistake(
            "The diagonal of W is kept: it adds K/N to every value, a vote of each neuron for itself.",
            with_diagonal,
        ),
        Mistake("The factor 1/N of Hebb's rule is missing: every value is N times too large.", unscaled),
        Mistake("This divides by the number of patterns K; Hebb's rule divides by N.", over_patterns),
        Mistake(
            "These are the fields h_i; the stability is x_i h_i, positive where the bit stays.",
            fields_only,
        ),
        Mistake(
            "This is the crosstalk alone: the signal of the pattern itself, (N-1)/N, is missing.",
            crosstalk_only,
        ),
        Mistake("You took 1/N off the diagonal of W, which is K/N: set it to 0.", one_vote_out),
        Mistake(
            "You took the overlap of each pattern with itself out, which is the signal. The diagonal to remove is "
            "that of W, (N, N).",
            own_pattern_out,
        ),
        Mistake("These are signs only: keep the value, it says by how much.", signs_only),
    ),
    int8_message=INT8,
    properties=(
        Property("the share of negative values is that of a Gaussian", gaussian_share),
        Property("turning one neuron round in every pattern changes nothing", turned_neuron),
    ),
    success=(
        "Signal 1, and crosstalk of variance K/N around it: the histogram of the lecture in three lines. Next: how "
        "many patterns may there be if not one bit of a pattern shall be negative?"
    ),
    right_answers=(stability_loops, stability_overlaps, stability_listed),
    wrong_answers=(
        (stability_kept, "diagonal of W is kept"),
        (stability_unscaled, "factor 1/N of Hebb's rule is missing"),
        (stability_fields, "These are the fields"),
        (stability_negative, "Right but for the sign"),
        (stability_transposed, "transposed"),
        (stability_one_pattern, "shape"),
        (stability_int8, "wraps at 127"),
        (stability_changes, "changes its input X"),
    ),
)
