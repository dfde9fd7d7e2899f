"""The package's own answers to the exercises of chapter `dense`; the solved edition shows these very lines.

Short and exact rather than fast: whole numbers throughout, so that a tie is a tie. The models compute the same with
the kernels; the tests compare.
"""

import math
from statistics import NormalDist

import numpy as np


def one_spin(X, s, i, n):
    """The new value of spin i, -1 or +1, by the exact rule, F(x) = x**n."""
    cavity = X.astype(int) @ s - X[:, i] * s[i]  # overlaps without spin i
    field = 0
    # Python's integers have no largest one
    for x, S in zip(X[:, i].tolist(), cavity.tolist(), strict=True):
        field += x * ((S + 1) ** n - (S - 1) ** n)
    if field > 0:
        return 1
    if field < 0:
        return -1
    return s[i]


def sweep(X, s, visit, n):
    """The state after one exact visit to each spin of `visit`, in order."""
    s = s.copy()
    overlaps = X.astype(int) @ s  # once, O(KN)
    for i in visit:
        x = X[:, i]
        cavity = overlaps - x * s[i]
        new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
        if new != 0:
            overlaps += x * (new - s[i])  # O(K); 0 if the spin stays
            s[i] = new
    return s


def kmax(N, n, p):
    """How many random patterns leave a share p of the bits wrong."""
    z = NormalDist().inv_cdf(1 - p)
    noise = math.prod(range(1, 2 * n - 2, 2))  # (2n-3)!!
    return N ** (n - 1) / (z**2 * noise)


def recall(X, s, n, sweeps):
    """The state after some exact sweeps over the spins 0, 1, 2, ..."""
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i]
            cavity = overlaps - x * s[i]  # without its own vote
            new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
            if new != 0:
                overlaps += x * (new - s[i])
                s[i] = new
    return s


def unstable_pair(X):
    """Rows (a, b), one bit apart, with E(X[a]) >= E(X[b]); () if none."""
    overlaps = X.astype(int) @ X.T
    pairs = np.argwhere(overlaps == X.shape[1] - 2)  # one bit apart
    if len(pairs) == 0:
        return ()
    a, b = pairs[0]
    energy = -np.exp(overlaps[[a, b]]).sum(axis=1)
    return (a, b) if energy[0] > energy[1] else (b, a)
