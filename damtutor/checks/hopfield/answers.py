"""The package's own answers to the exercises of chapter `hopfield`; the solved edition shows these very lines.

Short rather than fast. The models compute the same with exact couplings and kernels; the tests compare.
"""

import numpy as np


def energy(X, s):
    """E(s) = -½ s·W s with Hebb's couplings W."""
    X = X.astype(int)
    W = X.T @ X / X.shape[1]
    np.fill_diagonal(W, 0)
    return -0.5 * s @ W @ s


def recall(W, s, sweeps):
    """The state after some sweeps over the spins 0, 1, 2, ..."""
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            field = W[i] @ s  # of the state as it is now
            if field > 0:
                s[i] = 1
            elif field < 0:
                s[i] = -1
    return s


def projection(X):
    """Couplings of the projection rule, without diagonal."""
    X = X.astype(float)
    N = X.shape[1]
    Q = X @ X.T / N
    W = X.T @ np.linalg.pinv(Q, rcond=1e-9) @ X / N
    np.fill_diagonal(W, 0)
    return W


def ending(X, s):
    """1 memory, -1 negative, 3 mixture of three, 0 other."""
    m = X.astype(int) @ s / len(s)
    best = np.argsort(-np.abs(m))[:3]
    signs = np.sign(m[best])
    if abs(m[best[0]]) >= 0.9:
        return int(signs[0])
    majority = np.sign(signs @ X[best])
    if majority @ s / len(s) >= 0.9:
        return 3
    return 0


def stuck_bit(W, X):
    """(k, i): flip spin i of X[k], and nothing wants to move; () if none."""
    for k in range(len(X)):
        for i in range(len(W)):
            s = X[k].copy()
            s[i] = -s[i]
            if np.all(s * (W @ s) >= 0):
                return (k, i)
    return ()
