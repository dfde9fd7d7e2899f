"""The package's own answers to the exercises of chapter `energy`; the solved edition shows these very lines."""

import math

import numpy as np


def energy(X, x, R):
    """-log of the sum over the memories of max(0, 1 - |x - X|**2 / R**2)."""
    depth = 1 - ((X - x) ** 2).sum(axis=1) / R**2
    return -np.log(np.maximum(depth, 0).sum())


def step(X, x, R):
    """The mean of the memories closer than R; x itself if there is none."""
    near = ((X - x) ** 2).sum(axis=1) < R**2
    if not near.any():
        return x
    return X[near].mean(axis=0)


def recall(W, b, s, sweeps):
    """The state after some sweeps, one neuron at a time: 0, 1, 2, ..."""
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            field = W[i] @ s - W[i, i] * s[i] + b[i]
            if field > 0:
                s[i] = 1
            elif field < 0:
                s[i] = -1
    return s


def counterexample(K, more):
    """K memories with more, or fewer, than K resting places at reach 1."""
    angle = 2 * np.pi * np.arange(K) / K
    radius = 0.75 / np.sin(np.pi / K) if more else 0.3
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def drops(share, width):
    """How many drops give a basin's share to within ± width, at 95 %."""
    return math.ceil(1.96**2 * share * (1 - share) / width**2)
