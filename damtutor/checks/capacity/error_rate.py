"""A rate of wrong bits that is too good: find the bug."""

import numpy as np

from damtutor.checks.capacity.common import INT8, NORMAL, OVERFLOW, couplings, spins, within_five_errors
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Reason, Tolerance

HEBB = "X.T.astype(int) @ X"  # as it stands in the reference
TIE = Reason("Right except at an exact tie: where the field is 0 the bit stays, so it is not wrong.", ALMOST)


def error_rate(X):
    """Share of stored bits that one step turns over; a tie keeps its bit."""
    W = X.T.astype(int) @ X / X.shape[1]
    np.fill_diagonal(W, 0)  # a neuron has no vote about itself
    return np.mean(X * (X @ W) < 0)


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """Pattern sets with wrong bits; even K and a power of two for N give ties, and exact floats."""
    for K, N in ((3, 4), (3, 8), (5, 8), (7, 8), (9, 16), (15, 16), (21, 32), (41, 16)):
        for tag in range(2):
            yield Case((spins(tag, K, N),))
    for K, N in ((2, 2), (2, 4), (4, 8), (6, 8), (8, 16), (12, 16)):
        for tag in range(3):
            X = spins(tag, K, N)
            W = X.T.astype(int) @ X
            np.fill_diagonal(W, 0)
            if np.any(X @ W == 0):
                yield Case((X,), "tie")
    for K, N in ((151, 32), (7, 256)):
        yield Case((spins(0, K, N, 0.96),), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def gaussian_rate(call: Call):
    """The share of wrong bits is Φ(-√((N-1)/(K-1)))."""
    for K, N in ((21, 100), (51, 100)):
        sets = [spins(100 + k, K, N) for k in range(8)]
        shares = [float(call(X).ravel()[0]) for X in sets]
        p = NORMAL.cdf(-(((N - 1) / (K - 1)) ** 0.5))
        if not within_five_errors(shares, p):
            return (sets[0],), f"On average {np.mean(shares):.4f}; the Gaussian says {p:.4f}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _rate(X, diagonal):
    return np.mean(X * (X @ couplings(X, diagonal)) < 0)


def flattered(X):
    """The broken rate."""
    return _rate(X, None)


def signal_out(X):
    """1 taken off every stability, of which K/N is too much: W minus the unit matrix, or X @ X.T without diagonal."""
    return _rate(X, float(len(X) - X.shape[1]))


def little_out(X):
    """1/N taken off the diagonal."""
    return _rate(X, len(X) - 1.0)


def vector_out(X):
    """W - np.diag(W): the diagonal as a vector, taken off every row."""
    W = couplings(X, None)
    return np.mean(X * (X @ (W - np.diag(W))) < 0)


def twice_out(X):
    """The diagonal taken off twice."""
    return _rate(X, -float(len(X)))


def counted(X):
    """How many bits."""
    return np.sum(X * (X @ couplings(X)) < 0)


def per_cent(X):
    """100 times the share."""
    return 100 * _rate(X, 0.0)


def right_bits(X):
    """The share of bits that stay."""
    return 1 - _rate(X, 0.0)


def ties_wrong(X):
    """A field of zero counts as wrong."""
    return np.mean(X * (X @ couplings(X)) <= 0)


def per_pattern(X):
    """Share of patterns with any wrong bit."""
    return np.mean(np.any(X * (X @ couplings(X)) < 0, axis=1))


# Right and wrong answers as learners write them -----------------------------------------------------------------------


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


EXERCISE = Exercise(
    id="capacity.3",
    title="Find the bug: a memory that is too good",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=error_rate,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-6, words="to 0.01 %"),
    edges=(("tie", TIE), ("large", OVERFLOW)),
    mistakes=(
        Mistake(
            "This is still the broken rate: W keeps its diagonal K/N, and every neuron votes for itself.",
            flattered,
        ),
        Mistake(
            "This takes the signal out: 1 is taken off every stability, by a unit matrix or a diagonal of X @ X.T. "
            "The diagonal to remove is that of W, which is K/N.",
            signal_out,
        ),
        Mistake("You took 1/N off the diagonal of W, which is K/N: set it to 0.", little_out),
        Mistake(
            "np.diag(W) is a vector, and W - np.diag(W) takes it off every row. Only the diagonal is to go: "
            "np.fill_diagonal(W, 0).",
            vector_out,
        ),
        Mistake("You took the diagonal off twice.", twice_out),
        Mistake("This is how many bits are wrong; the question is the share.", counted),
        Mistake("This is in per cent; the question is the share, between 0 and 1.", per_cent),
        Mistake("This is the share of bits that stay; the question is those that turn over.", right_bits),
        Mistake(TIE.words, ties_wrong, ALMOST),
        Mistake("This is the share of patterns with a wrong bit; the question is the bits.", per_pattern),
    ),
    int8_message=INT8,
    properties=(Property("the share of wrong bits is that of a Gaussian", gaussian_rate),),
    mutants=Mutants(
        equivalent=(
            (f"{HEBB} / X.shape[1] -> {HEBB} * X.shape[1]", "a sign does not depend on the scale of W"),
            (f"{HEBB} / X.shape[1] -> {HEBB}", "a sign does not depend on the scale of W"),
        )
    ),
    success=(
        "The kept diagonal shifts every stability by +K/N, so the error looks like Φ(-(1+α)/√α): the more you "
        "store, the more it flatters. In recall it freezes neurons in their errors. Always look where a "
        "measurement and a theory part."
    ),
    right_answers=(rate_float, rate_shifted, rate_loops),
    wrong_answers=(
        (rate_broken, "still the broken rate"),
        (rate_eye, "takes the signal out"),
        (rate_vector, "takes it off every row"),
        (rate_count, "how many bits"),
        (rate_ties, "exact tie"),
        (rate_patterns, "share of patterns"),
        (rate_stays, "bits that stay"),
        (rate_int8, "int8"),
    ),
)
