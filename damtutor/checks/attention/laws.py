"""What holds for every right answer of chapter `attention`."""

import numpy as np

from damtutor.checks.engine.exercise import Call

TIGHT = 1e-9


def hull(call: Call):
    """With W the identity, every result lies between the smallest and the largest entry of the keys."""
    for k in range(6):
        rng = np.random.default_rng([66, k])
        Q, K = 3 * rng.standard_normal((4, 5)), rng.standard_normal((3 + k, 5))
        out = call(Q, K, np.eye(5))
        if np.any(out > K.max(axis=0) + TIGHT) or np.any(out < K.min(axis=0) - TIGHT):
            return (Q, K, np.eye(5)), "A mean of the keys cannot lie outside them."
    return None


def downhill(call: Call):
    """With W the identity, a step never raises the energy of the memory."""
    for k in range(6):
        rng = np.random.default_rng([67, k])
        Q, K = 2 * rng.standard_normal((4, 6)), rng.standard_normal((5, 6))
        beta = 1 / np.sqrt(6)

        def energy(x, K=K, beta=beta):
            scores = beta * x @ K.T
            top = scores.max(axis=1)
            return -(np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top) / beta + (x**2).sum(axis=1) / 2

        if np.any(energy(call(Q, K, np.eye(6))) > energy(Q) + TIGHT):
            return (Q, K, np.eye(6)), "The energy rises in this step."
    return None


def hidden_keys(call: Call):
    """What a hidden key holds changes nothing, however large it is."""
    for k in range(5):
        rng = np.random.default_rng([68, k])
        Q, K, V = rng.standard_normal((3, 4)), rng.standard_normal((6, 4)), rng.standard_normal((6, 2))
        visible = rng.integers(1, 5, size=3)
        other_K, other_V = K.copy(), V.copy()
        other_K[4:] += 5 * rng.standard_normal((2, 4))
        other_V[4:] = 1e3
        if np.abs(call(Q, K, V, visible) - call(Q, other_K, other_V, visible)).max() > TIGHT:
            return (Q, other_K, other_V, visible), "Only keys 4 and 5 were changed, which no query sees."
    return None


def sum_of_heads(call: Call):
    """Two heads together are the two heads apart, added."""
    for k in range(4):
        rng = np.random.default_rng([69, k])
        R = rng.standard_normal((4, 5))
        weights = [rng.standard_normal(size) for size in ((2, 5, 3), (2, 5, 3), (2, 5, 2), (2, 2, 5))]
        apart = sum(call(R, *(w[[h]] for w in weights)) for h in (0, 1))
        if np.abs(call(R, *weights) - apart).max() > TIGHT:
            return (R, *weights), "The heads one by one add up to something else."
    return None


def walks_the_tour(call: Call):
    """At a large β, repeated attention from a key of the tour goes round it, three times over, with a leak or not."""
    for k in range(6):
        rng = np.random.default_rng([70, k])
        K, a = rng.standard_normal((7, 16)), (1.0, 0.5)[k % 2]
        tour = rng.permutation(7)[: 3 + k % 4]
        V, x, seen = call(K, tour, a), K[tour[0]], []
        for _ in range(3 * len(tour)):
            scores = 20 * K @ x
            weights = np.exp(scores - scores.max())
            seen.append(int(weights.argmax()))
            x = x + a * (weights @ V / weights.sum() - x)
        wanted = np.tile(tour, 3).tolist()
        if seen != wanted:
            return (K, tour, a), f"The walk visits {seen[: len(tour) + 1]}, not {wanted[: len(tour) + 1]}."
    return None


def order_of_queries(call: Call):
    """The order of the queries does not matter."""
    for k in range(4):
        rng = np.random.default_rng([71, k])
        K, right = rng.standard_normal((12, 20)), rng.integers(12, size=8)
        queries, order = K[right] + rng.standard_normal((8, 20)), rng.permutation(8)
        args = K, queries[order], right[order], 0.25, 6
        if call(K, queries, right, 0.25, 6).ravel()[0] != call(*args).ravel()[0]:
            return args, "The same queries in another order gave another step."
    return None
