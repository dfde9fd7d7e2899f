"""The package's own answers to the exercises of chapter `modern`; the solved edition shows these very lines.

Short rather than fast. The model computes the same with block-wise products; the tests compare.
"""

import numpy as np


def energy(X, x, beta):
    """E(x) = -lse(x) + |x|²/2 + log(K)/β + M²/2, a number >= 0."""
    scores = beta * X @ x
    top = scores.max()  # the largest term becomes exp(0)
    lse = (top + np.log(np.sum(np.exp(scores - top)))) / beta
    M2 = np.max(np.sum(X**2, axis=1))
    return -lse + x @ x / 2 + np.log(len(X)) / beta + M2 / 2


def step(X, x, beta, a):
    """x + a (f(x) - x), where f(x) is the softmax average of the memories."""
    scores = beta * X @ x
    weights = np.exp(scores - scores.max())
    f = weights @ X / weights.sum()
    return x + a * (f - x)


def critical_beta(X):
    """β_c = 1/λ_max(Cov X): above it the average of the memories is lost."""
    centred = X - X.mean(axis=0)
    cov = centred.T @ centred / len(X)
    return 1 / np.linalg.eigvalsh(cov)[-1]


def batch_step(X, S, beta):
    """One step for each of the B states in the rows of S, all at once."""
    scores = beta * S @ X.T  # (B, K)
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ X


def lost(X, beta):
    """The rows of X that recall leaves for another one."""
    gone = []
    for i, x in enumerate(X):
        for _ in range(100):
            scores = beta * X @ x
            weights = np.exp(scores - scores.max())
            x = weights @ X / weights.sum()
        if weights.argmax() != i:
            gone.append(i)
    return gone
