"""The package's own answers to the exercises of chapter `capacity`; the solved edition shows these very lines."""

from statistics import NormalDist

import numpy as np


def stability(X):
    """x_i h_i of every stored bit, (K, N): Hebb's rule, no diagonal."""
    X = X.astype(int)
    K, N = X.shape
    W = (X.T @ X - K * np.eye(N)) / N  # the diagonal of X.T @ X is K
    return X * (X @ W)


def kperfect(N, P):
    """Patterns K at which one pattern is flawless with probability P."""
    p = 1 - P ** (1 / N)  # of one wrong bit: (1 - p)**N = P
    z = NormalDist().inv_cdf(1 - p)
    return N / z**2


def error_rate(X):
    """Share of stored bits that one step turns over; a tie keeps its bit."""
    W = X.T.astype(int) @ X / X.shape[1]
    np.fill_diagonal(W, 0)  # a neuron has no vote about itself
    return np.mean(X * (X @ W) < 0)


def unsafe(N, seed):
    """At most six patterns of N bits, none of them a fixed point."""
    rng = np.random.default_rng(seed)
    bias = 0.6
    up = rng.random((6, N)) < (1 + bias) / 2
    return np.where(up, 1, -1).astype(np.int8)


def likeness(X):
    """Mean overlap of two patterns: as stored, and with pixels shuffled."""
    K, N = X.shape
    column, bias = X.sum(axis=0), X.mean(axis=1)
    stored = (column @ column - K * N) / (N * K * (K - 1))
    chance = (bias.sum() ** 2 - bias @ bias) / (K * (K - 1))
    return stored, chance
