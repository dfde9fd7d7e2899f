"""Answers to the exercises of chapter `attention` as learners write them: right in other ways, wrong in known ones.

`RIGHT[id]` are functions that must be `correct`. `WRONG[id]` are (function, words): the verdict must be `wrong` or
`almost` and contain the words.
"""

import itertools
import math

import numpy as np

from damtutor.models.attention import attention
from damtutor.models.transformer import MultiHead, iterate


def _soft(scores, axis=-1):
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


# attention.1 --------------------------------------------------------------------------------------------------------


def attend_package(Q, K, W):
    return attention(Q, K, K @ W)


def attend_loops(Q, K, W):
    out = []
    for q in Q.tolist():
        scores = [sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q)) for k in K.tolist()]
        weights = [math.exp(s - max(scores)) for s in scores]
        mean = sum(w * k for w, k in zip(weights, K, strict=True)) / sum(weights)
        out.append((mean @ W).tolist())
    return out


def attend_einsum(Q, K, W):
    return np.einsum("st,tv->sv", _soft(np.einsum("sd,td->st", Q, K) * K.shape[1] ** -0.5), K @ W)


def attend_unstable(Q, K, W):
    weights = np.exp(Q @ K.T / np.sqrt(K.shape[1]))
    return weights / weights.sum(axis=1, keepdims=True) @ K @ W


def attend_common_shift(Q, K, W):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    weights = np.exp(scores - np.abs(scores).max())
    return weights / weights.sum(axis=1, keepdims=True) @ K @ W


def attend_no_scale(Q, K, W):
    return _soft(Q @ K.T) @ K @ W


def attend_by_d(Q, K, W):
    return _soft(Q @ K.T / Q.shape[1]) @ (K @ W)


def attend_times(Q, K, W):
    return _soft(np.sqrt(Q.shape[1]) * Q @ K.T) @ (K @ W)


def attend_columns(Q, K, W):
    return _soft(Q @ K.T / np.sqrt(Q.shape[1]), axis=0) @ K @ W


def attend_all(Q, K, W):
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ K @ W


def attend_count(Q, K, W):
    return _soft(Q @ K.T / np.sqrt(len(K))) @ K @ W


def attend_value(Q, K, W):
    return _soft(Q @ K.T / np.sqrt(W.shape[1])) @ K @ W


def attend_sum(Q, K, W):
    return np.exp(Q @ K.T / np.sqrt(Q.shape[1])) @ K @ W


def attend_best(Q, K, W):
    return K[(Q @ K.T).argmax(axis=1)] @ W


def attend_bare(Q, K, W):
    return _soft(Q @ K.T / np.sqrt(Q.shape[1])) @ K


def attend_minus(Q, K, W):
    return _soft(-Q @ K.T / np.sqrt(Q.shape[1])) @ K @ W


def attend_in_place(Q, K, W):
    Q /= np.sqrt(K.shape[1])
    return _soft(Q @ K.T) @ K @ W


# attention.2 --------------------------------------------------------------------------------------------------------


def masked_package(Q, K, V, visible):
    return attention(Q, K, V, mask=np.arange(len(K)) < visible[:, None])


def masked_infinite(Q, K, V, visible):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    scores[np.arange(len(K)) >= visible[:, None]] = -np.inf
    return _soft(scores) @ V


def masked_listed(Q, K, V, visible):
    return [attention(q, K[:n], V[:n]).tolist() for q, n in zip(Q, visible, strict=True)]


def masked_ignored(Q, K, V, visible):
    return attention(Q, K, V)


def masked_zero(Q, K, V, visible):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    scores[np.arange(len(K)) >= visible[:, None]] = 0
    return _soft(scores) @ V


def masked_after(Q, K, V, visible):
    weights = _soft(Q @ K.T / np.sqrt(K.shape[1]))
    weights[np.arange(len(K)) >= visible[:, None]] = 0
    return weights @ V


def masked_inclusive(Q, K, V, visible):
    return attention(Q, K, V, mask=np.arange(len(K)) <= visible[:, None])


def masked_exclusive(Q, K, V, visible):
    return attention(Q, K, V, mask=np.arange(len(K)) < np.maximum(visible - 1, 1)[:, None])


def masked_from_the_end(Q, K, V, visible):
    return attention(Q, K, V, mask=np.arange(len(K))[::-1] < visible[:, None])


def masked_by_place(Q, K, V, visible):
    return attention(Q, K, V, mask=np.arange(len(K)) <= np.arange(len(Q))[:, None])


def masked_no_scale(Q, K, V, visible):
    return attention(Q, K, V, beta=1.0, mask=np.arange(len(K)) < visible[:, None])


def masked_unstable(Q, K, V, visible):
    weights = np.exp(Q @ K.T / np.sqrt(K.shape[1])) * (np.arange(len(K)) < visible[:, None])
    return weights / weights.sum(axis=1, keepdims=True) @ V


def masked_wrong_shift(Q, K, V, visible):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True)) * (np.arange(len(K)) < visible[:, None])
    return weights / weights.sum(axis=1, keepdims=True) @ V


# attention.3 --------------------------------------------------------------------------------------------------------


def heads_package(R, W_Q, W_K, W_V, W_O):
    return MultiHead(W_Q, W_K, W_V, np.concatenate(W_O))(R)


def heads_at_once(R, W_Q, W_K, W_V, W_O):
    queries, keys, values = R @ W_Q, R @ W_K, R @ W_V
    weights = _soft(queries @ keys.swapaxes(1, 2) / np.sqrt(keys.shape[2]))
    return (weights @ values @ W_O).sum(axis=0)


def _heads(R, W_Q, W_K, W_V, W_O, scale, axis=-1):
    return [_soft(R @ q @ (R @ k).T / scale, axis) @ (R @ v) @ o for q, k, v, o in zip(W_Q, W_K, W_V, W_O, strict=True)]


def heads_model(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, math.sqrt(R.shape[1])))


def heads_shared(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, math.sqrt(R.shape[1] / len(W_Q))))


def heads_values(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, math.sqrt(W_V.shape[2])))


def heads_words(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, math.sqrt(len(R))))


def heads_no_root(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, W_K.shape[2]))


def heads_bare(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, 1))


def heads_mean(R, W_Q, W_K, W_V, W_O):
    return np.mean(_heads(R, W_Q, W_K, W_V, W_O, math.sqrt(W_K.shape[2])), axis=0)


def heads_replaced(R, W_Q, W_K, W_V, W_O):
    return _heads(R, W_Q, W_K, W_V, W_O, math.sqrt(W_K.shape[2]))[-1]


def heads_columns(R, W_Q, W_K, W_V, W_O):
    return sum(_heads(R, W_Q, W_K, W_V, W_O, math.sqrt(W_K.shape[2]), axis=0))


def heads_unstable(R, W_Q, W_K, W_V, W_O):
    out = 0
    for q, k, v, o in zip(W_Q, W_K, W_V, W_O, strict=True):
        weights = np.exp(R @ q @ (R @ k).T / math.sqrt(k.shape[1]))
        out = out + weights / weights.sum(axis=1, keepdims=True) @ R @ v @ o
    return out


# attention.4 --------------------------------------------------------------------------------------------------------


def tour_rolled(K, tour, a):
    V = K.copy()
    V[tour] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_solved(K, tour, a):
    """Row by row: K[after] = (1 - a) K[here] + a V[here]."""
    after = dict(zip(tour.tolist(), [*tour.tolist()[1:], int(tour[0])], strict=True))
    return [((K[after.get(i, i)] - (1 - a) * K[i]) / a).tolist() for i in range(len(K))]


def tour_backwards(K, tour, a):
    V = K.copy()
    V[tour] = K[tour] + (K[np.roll(tour, 1)] - K[tour]) / a
    return V


def tour_open(K, tour, a):
    V = K.copy()
    for here, after in itertools.pairwise(tour):
        V[here] = K[here] + (K[after] - K[here]) / a
    return V


def tour_plain(K, tour, a):
    V = K.copy()
    V[tour] = K[np.roll(tour, -1)]
    return V


def tour_shortened(K, tour, a):
    V = K.copy()
    V[tour] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) * a
    return V


def tour_scaled(K, tour, a):
    V = K.copy()
    V[tour] = K[np.roll(tour, -1)] / a
    return V


def tour_all(K, tour, a):
    return K + (np.roll(K, -1, axis=0) - K) / a


def tour_rest_empty(K, tour, a):
    V = np.zeros_like(K)
    V[tour] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_tied(K, tour, a):
    return K + 0.0


def tour_way(K, tour, a):
    V = K.copy()
    V[tour] = (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_first_rows(K, tour, a):
    V = K.copy()
    V[: len(tour)] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_changes_keys(K, tour, a):
    new = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    K[tour] = new
    return K


# attention.5 --------------------------------------------------------------------------------------------------------


def _weights(K, queries, beta, steps):
    return iterate(queries, K, beta=beta, steps=steps).weights


def best_package(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1).argmax())


def best_running(K, queries, right, beta, steps):
    best, found, x = -1.0, 0, queries
    for step in range(1, steps + 1):
        weights = _soft(beta * x @ K.T)
        mean = sum(weights[b, r] for b, r in enumerate(right)) / len(right)
        if mean > best + 1e-12:
            best, found = mean, step
        x = weights @ K
    return float(found)


def best_from_zero(K, queries, right, beta, steps):
    return best_package(K, queries, right, beta, steps) - 1


def best_fed_first(K, queries, right, beta, steps):
    run = _weights(K, queries, beta, steps + 1)[1:, np.arange(len(right)), right]
    return 1 + int(run.mean(axis=1).argmax())


def best_never_fed(K, queries, right, beta, steps):
    weights = _soft(beta * queries @ K.T)
    return 1 + int(np.argmax([weights[np.arange(len(right)), right].mean() for _ in range(steps)]))


def best_smallest(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1).argmin())


def best_largest(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps).max(axis=2).mean(axis=1).argmax())


def best_wins(K, queries, right, beta, steps):
    return 1 + int((_weights(K, queries, beta, steps).argmax(axis=2) == right).mean(axis=1).argmax())


def best_weight(K, queries, right, beta, steps):
    return _weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1).max()


def best_of_attention(K, queries, right, beta, steps):
    return best_package(K, queries, right, None, steps)


def best_of_one(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps)[:, 0, right[0]].argmax())


def best_unstable(K, queries, right, beta, steps):
    x, means = queries, []
    for _ in range(steps):
        weights = np.exp(beta * x @ K.T)
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(weights[np.arange(len(right)), right].mean())
        x = weights @ K
    return np.argmax(means) + 1


def best_late_tie(K, queries, right, beta, steps):
    means = _weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1)
    return steps - int(means[::-1].argmax())


RIGHT = {
    "attention.1": [attend_package, attend_loops, attend_einsum],
    "attention.2": [masked_package, masked_infinite, masked_listed],
    "attention.3": [heads_package, heads_at_once],
    "attention.4": [tour_rolled, tour_solved],
    "attention.5": [best_package, best_running],
}


def attend_read_out(Q, K, W):
    V = K @ W
    return _soft(Q @ W @ V.T / np.sqrt(K.shape[1])) @ V


def tour_in_one_array(K, tour, a):
    V = K.copy()
    for t in range(len(tour)):
        here, after = tour[t], tour[(t + 1) % len(tour)]
        V[here] += (V[after] - V[here]) / a
    return V


def best_all_right(K, queries, right, beta, steps):
    x, means = queries, []
    for _ in range(steps):
        weights = _soft(beta * x @ K.T)
        means.append(weights[:, right].mean())
        x = weights @ K
    return int(np.argmax(means)) + 1


WRONG = {
    "attention.1": [
        (attend_unstable, "exp of a large one is beyond float64"),
        (attend_common_shift, "exp of a large one is beyond float64"),
        (attend_no_scale, "The scale is missing"),
        (attend_by_d, "divide by its square root"),
        (attend_times, "multiplied by √d"),
        (attend_columns, "wrong axis"),
        (attend_all, "each query has its own softmax"),
        (attend_count, "T the number of keys"),
        (attend_value, "size of a value"),
        (attend_sum, "not divided by their sum"),
        (attend_best, "the best key alone"),
        (attend_bare, "the readout W is missing"),
        (attend_minus, "inputs give another value"),
        (attend_in_place, "changes its input Q"),
        (attend_read_out, "W comes last"),
    ],
    "attention.2": [
        (masked_ignored, "sees all keys"),
        (masked_zero, "exp(0) is 1"),
        (masked_after, "mask before it"),
        (masked_inclusive, "sees one more"),
        (masked_exclusive, "sees one fewer"),
        (masked_from_the_end, "these are the last"),
        (masked_by_place, "causal mask whatever"),
        (masked_no_scale, "The scale is missing"),
        (masked_unstable, "largest *visible* one"),
        (masked_wrong_shift, "largest *visible* one"),
    ],
    "attention.3": [
        (heads_model, "√d_model, the width of R"),
        (heads_shared, "√(d_model / H)"),
        (heads_values, "that of the values"),
        (heads_words, "number of words"),
        (heads_no_root, "divide by its square root"),
        (heads_bare, "The scale is missing"),
        (heads_mean, "The heads are averaged"),
        (heads_replaced, "Only the last head"),
        (heads_columns, "wrong axis"),
        (heads_unstable, "exp of a large one is beyond float64"),
    ],
    "attention.4": [
        (tour_backwards, "the other way"),
        (tour_open, "Close the circle"),
        (tour_plain, "put the value farther out"),
        (tour_shortened, "do not multiply"),
        (tour_scaled, "away from the origin"),
        (tour_all, "`tour` names another"),
        (tour_rest_empty, "not on the tour keep themselves"),
        (tour_tied, "the claim stands"),
        (tour_way, "add the key where it starts"),
        (tour_first_rows, "Row i of V belongs to key i"),
        (tour_changes_keys, "changes its input K"),
        (tour_in_one_array, "leads to K[tour[0]]"),
    ],
    "attention.5": [
        (best_from_zero, "counted from 0"),
        (best_fed_first, "after each update"),
        (best_never_fed, "fed back as the next query"),
        (best_smallest, "smallest weight"),
        (best_largest, "on whatever key"),
        (best_wins, "how often the right key wins"),
        (best_weight, "the number of the step is asked for"),
        (best_of_attention, "this takes 1/√d"),
        (best_of_one, "Only the first query"),
        (best_unstable, "exp of a large one is beyond float64"),
        (best_late_tie, "the first is asked for"),
        (best_all_right, "pair them"),
    ],
}
