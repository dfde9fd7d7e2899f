"""The package's own answers to the exercises of chapter `attention`; the solved edition shows these very lines.

Short rather than fast. `damtutor.models` computes the same in blocks and refuses bad input; the tests compare.
"""

import numpy as np


def attend(Q, K, W):
    """One retrieval step of every query in the memory K, read out by W."""
    scores = Q @ K.T / np.sqrt(K.shape[1])
    scores = scores - scores.max(axis=1, keepdims=True)  # or exp overflows
    weights = np.exp(scores)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ K @ W


def masked(Q, K, V, visible):
    """Attention in which query t sees the first visible[t] keys only."""
    out = np.zeros((len(Q), V.shape[1]))
    for t, count in enumerate(visible):
        scores = K[:count] @ Q[t] / np.sqrt(K.shape[1])
        weights = np.exp(scores - scores.max())
        out[t] = weights @ V[:count] / weights.sum()
    return out


def multi_head(R, W_Q, W_K, W_V, W_O):
    """Self-attention of the rows of R with one head per W_Q[h], added up."""
    out = np.zeros((len(R), W_O.shape[2]))
    for w_q, w_k, w_v, w_o in zip(W_Q, W_K, W_V, W_O, strict=True):
        scores = R @ w_q @ (R @ w_k).T / np.sqrt(w_k.shape[1])
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        out += weights @ (R @ w_v) @ w_o
    return out


def round_trip(K, tour, a):
    """Values with which x + a (f - x) walks from key to key on the tour."""
    V = K.copy()
    for t, here in enumerate(tour):
        after = tour[(t + 1) % len(tour)]
        V[here] = K[here] + (K[after] - K[here]) / a
    return V


def best_step(K, queries, right, beta, steps):
    """The attention step, from 1, with the largest mean right weight."""
    x, means = queries, []
    for _ in range(steps):
        scores = beta * x @ K.T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(weights[np.arange(len(right)), right].mean())
        x = weights @ K
    return np.argmax(means) + 1
