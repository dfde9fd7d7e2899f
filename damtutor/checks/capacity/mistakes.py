"""Wrong ways that are often gone in chapter `capacity`, as functions: an answer that agrees with one is named by it."""

import math
from statistics import NormalDist

import numpy as np

from damtutor.theory.capacity import asymptotic_recall_capacity, perfect_recall_capacity

NORMAL = NormalDist()


def _couplings(X, diagonal=0.0):
    """Hebb's couplings times N, with `diagonal` on it; None keeps it."""
    W = X.T.astype(float) @ X
    if diagonal is not None:
        np.fill_diagonal(W, diagonal)
    return W


# stability ----------------------------------------------------------------------------------------------------------


def with_diagonal(X):
    """Every value larger by K/N."""
    return X * (X @ _couplings(X, None)) / X.shape[1]


def unscaled(X):
    """No 1/N."""
    return X * (X @ _couplings(X))


def over_patterns(X):
    """1/K instead of 1/N."""
    return X * (X @ _couplings(X)) / len(X)


def fields_only(X):
    """h, not x h."""
    return X @ _couplings(X) / X.shape[1]


def crosstalk_only(X):
    """The signal is left out."""
    N = X.shape[1]
    return X * (X @ _couplings(X)) / N - (N - 1) / N


def one_vote_out(X):
    """1/N taken off the diagonal, which is K/N."""
    return X * (X @ _couplings(X, len(X) - 1.0)) / X.shape[1]


def own_pattern_out(X):
    """The diagonal of X @ X.T is taken out instead: the signal goes."""
    G = X.astype(float) @ X.T
    np.fill_diagonal(G, 0)
    return X * (G @ X) / X.shape[1]


def signs_only(X):
    """Right or wrong, -1 or +1."""
    return np.sign(X * (X @ _couplings(X)))


# perfect recall -----------------------------------------------------------------------------------------------------


def _solved(N, error, root=2):
    z = -NORMAL.inv_cdf(error)
    return N / z**root


def asymptotic(N, P):
    """N / (2 ln N)."""
    return asymptotic_recall_capacity(N)


def asymptotic_all(N, P):
    """N / (4 ln N)."""
    return asymptotic_recall_capacity(N, patterns="all")


def every_pattern(N, P):
    """All K patterns flawless."""
    return perfect_recall_capacity(N, patterns="all", probability=P)


def union_bound(N, P):
    """1 - P shared out among the bits."""
    return _solved(N, (1 - P) / N)


def shared_probability(N, P):
    """P shared out among the bits."""
    return _solved(N, P / N)


def two_sided(N, P):
    """Half of the error on either side."""
    return _solved(N, -math.expm1(math.log(P) / N) / 2)


def some_bit_wrong(N, P):
    """1 - P in the place of P."""
    return _solved(N, -math.expm1(math.log1p(-P) / N))


def times_z(N, P):
    """N z² instead of N / z²."""
    return N * N / perfect_recall_capacity(N, probability=P)


def z_not_squared(N, P):
    """z instead of z**2."""
    return _solved(N, -math.expm1(math.log(P) / N), root=1)


def load_only(N, P):
    """K/N."""
    return _solved(N, -math.expm1(math.log(P) / N)) / N


def half_per_cent(N, P):
    """One bit in 200 wrong."""
    return _solved(N, 0.005)


# error rate ---------------------------------------------------------------------------------------------------------


def _rate(X, diagonal):
    return np.mean(X * (X @ _couplings(X, diagonal)) < 0)


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
    W = _couplings(X, None)
    return np.mean(X * (X @ (W - np.diag(W))) < 0)


def twice_out(X):
    """The diagonal taken off twice."""
    return _rate(X, -float(len(X)))


def counted(X):
    """How many bits."""
    return np.sum(X * (X @ _couplings(X)) < 0)


def per_cent(X):
    """100 times the share."""
    return 100 * _rate(X, 0.0)


def right_bits(X):
    """The share of bits that stay."""
    return 1 - _rate(X, 0.0)


def ties_wrong(X):
    """A field of zero counts as wrong."""
    return np.mean(X * (X @ _couplings(X)) <= 0)


def per_pattern(X):
    """Share of patterns with any wrong bit."""
    return np.mean(np.any(X * (X @ _couplings(X)) < 0, axis=1))


# likeness -----------------------------------------------------------------------------------------------------------


def _pairs(table):
    """Mean of a `(K, K)` table without its diagonal."""
    K = len(table)
    return (table.sum() - np.trace(table)) / (K * (K - 1))


def _overlaps(X):
    return X.astype(float) @ X.T / X.shape[1]


def _products(X):
    bias = X.mean(axis=1)
    return np.outer(bias, bias)


def with_itself(X):
    """All K*K pairs."""
    return _overlaps(X).mean(), _products(X).mean()


def overlap_sums(X):
    """M instead of M/N."""
    return X.shape[1] * _pairs(_overlaps(X)), _pairs(_products(X))


def overall_bias(X):
    """One bias for the whole set, squared."""
    return _pairs(_overlaps(X)), X.mean() ** 2


def fair_chance(X):
    """0, as for fair patterns."""
    return _pairs(_overlaps(X)), 0.0


def own_squares(X):
    """The mean of b_μ²."""
    return _pairs(_overlaps(X)), np.mean(X.mean(axis=1) ** 2)


def diagonal_once(X):
    """np.triu_indices(K): every pair once, and each pattern with itself."""
    upper = np.triu_indices(len(X))
    return _overlaps(X)[upper].mean(), _products(X)[upper].mean()


def swapped(X):
    """The two in the other order."""
    return _pairs(_products(X)), _pairs(_overlaps(X))


def absolute(X):
    """Sizes of overlaps."""
    return _pairs(np.abs(_overlaps(X))), _pairs(np.abs(_products(X)))


def columns(X):
    """The mean of a neuron over the patterns, where that of a pattern is meant."""
    mean = X.mean(axis=0)
    N = len(mean)
    return _pairs(_overlaps(X)), (mean.sum() ** 2 - mean @ mean) / (N * (N - 1))


def whole_sum(X):
    """Sums over the pairs."""
    K = len(X)
    return _pairs(_overlaps(X)) * K * (K - 1) / 2, _pairs(_products(X)) * K * (K - 1) / 2
