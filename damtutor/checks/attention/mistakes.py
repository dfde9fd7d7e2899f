"""Wrong ways often gone in chapter `attention`, as functions: an answer that agrees with one is named by it."""

import numpy as np

from damtutor.checks.attention.answers import masked


def soft(scores, axis=-1, shift=True):
    """Softmax along an axis."""
    if shift:
        scores = scores - scores.max(axis=axis, keepdims=True)
    weights = np.exp(scores)
    return weights / weights.sum(axis=axis, keepdims=True)


# attend -------------------------------------------------------------------------------------------------------------


def no_scale(Q, K, W):
    """β = 1."""
    return soft(Q @ K.T) @ K @ W


def no_root(Q, K, W):
    """β = 1/d."""
    return soft(Q @ K.T / K.shape[1]) @ K @ W


def root_of_count(Q, K, W):
    """β = 1/√T."""
    return soft(Q @ K.T / np.sqrt(len(K))) @ K @ W


def root_of_value(Q, K, W):
    """β = 1/√d_v."""
    return soft(Q @ K.T / np.sqrt(W.shape[1])) @ K @ W


def over_queries(Q, K, W):
    """Softmax along the queries: columns sum to 1."""
    return soft(Q @ K.T / np.sqrt(K.shape[1]), axis=0) @ K @ W


def over_all(Q, K, W):
    """All weights of all queries sum to 1."""
    weights = soft((Q @ K.T / np.sqrt(K.shape[1])).ravel())
    return weights.reshape(len(Q), len(K)) @ K @ W


def unnormalised(Q, K, W):
    """exp of the scores, not divided by their sum."""
    return np.exp(Q @ K.T / np.sqrt(K.shape[1])) @ K @ W


def times_root(Q, K, W):
    """β = √d."""
    return soft(Q @ K.T * np.sqrt(K.shape[1])) @ K @ W


def hard(Q, K, W):
    """The nearest key alone: β without end."""
    return K[np.argmax(Q @ K.T, axis=1)] @ W


def no_readout(Q, K, W):
    """The retrieval step without W."""
    return soft(Q @ K.T / np.sqrt(K.shape[1])) @ K


def values_compared(Q, K, W):
    """Queries and keys are both read out before they are compared."""
    return soft(Q @ W @ (K @ W).T / np.sqrt(K.shape[1])) @ K @ W


# masks --------------------------------------------------------------------------------------------------------------


def _scores(Q, K):
    return Q @ K.T / np.sqrt(K.shape[1])


def _seen(K, visible):
    return np.arange(len(K)) < np.asarray(visible)[:, None]


def mask_ignored(Q, K, V, visible):
    """Every query sees all keys."""
    return soft(_scores(Q, K)) @ V


def zero_scores(Q, K, V, visible):
    """A masked score is 0, whose exp is 1."""
    return soft(np.where(_seen(K, visible), _scores(Q, K), 0.0)) @ V


def masked_after(Q, K, V, visible):
    """Weights set to zero after the softmax: rows no longer sum to 1."""
    return np.where(_seen(K, visible), soft(_scores(Q, K)), 0.0) @ V


def one_fewer(Q, K, V, visible):
    """visible - 1 keys, at least one."""
    return masked(Q, K, V, np.maximum(np.asarray(visible) - 1, 1))


def one_more(Q, K, V, visible):
    """visible + 1 keys."""
    return masked(Q, K, V, np.minimum(np.asarray(visible) + 1, len(K)))


def last_keys(Q, K, V, visible):
    """The last visible[t] keys."""
    return np.stack([masked(Q[[t]], K[len(K) - n :], V[len(K) - n :], [n])[0] for t, n in enumerate(visible)])


def always_causal(Q, K, V, visible):
    """t + 1 keys, whatever `visible` says."""
    return masked(Q, K, V, np.minimum(np.arange(1, len(Q) + 1), len(K)))


def upside_down_mask(Q, K, V, visible):
    """The hidden keys are seen and the seen ones hidden."""
    seen = ~_seen(K, visible)
    scores = np.where(seen, _scores(Q, K), -1e300)
    return soft(scores) @ V


def no_scale_masked(Q, K, V, visible):
    """β = 1."""
    return masked(Q * np.sqrt(K.shape[1]), K, V, visible)


# heads --------------------------------------------------------------------------------------------------------------


def heads(R, W_Q, W_K, W_V, W_O, *, scale, axis=-1, chosen=None, average=False, values=None, shift=True):
    """Attention of several heads with one thing changed."""
    out = np.zeros((len(R), W_O.shape[2]))
    chosen = range(len(W_Q)) if chosen is None else chosen
    for h in chosen:
        weights = soft(R @ W_Q[h] @ (R @ W_K[h]).T * scale, axis, shift)
        out += weights @ (R @ W_V[h] if values is None else values[h]) @ W_O[h]
    return out / len(W_Q) if average else out


def model_scale(R, W_Q, W_K, W_V, W_O):
    """The broken layer of the exercise: 1/√d_model."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=R.shape[1] ** -0.5)


def shared_scale(R, W_Q, W_K, W_V, W_O):
    """1/√(d_model / H)."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=(R.shape[1] / len(W_Q)) ** -0.5)


def value_scale(R, W_Q, W_K, W_V, W_O):
    """1/√d_v."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_V.shape[2] ** -0.5)


def length_scale(R, W_Q, W_K, W_V, W_O):
    """1/√S."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=len(R) ** -0.5)


def all_heads_scale(R, W_Q, W_K, W_V, W_O):
    """1/√(H d_k)."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=(len(W_Q) * W_K.shape[2]) ** -0.5)


def key_no_root(R, W_Q, W_K, W_V, W_O):
    """1/d_k."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=1 / W_K.shape[2])


def heads_no_scale(R, W_Q, W_K, W_V, W_O):
    """β = 1."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=1)


def heads_averaged(R, W_Q, W_K, W_V, W_O):
    """The mean of the heads instead of their sum."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, average=True)


def first_head(R, W_Q, W_K, W_V, W_O):
    """Only the first head."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, chosen=[0])


def last_head(R, W_Q, W_K, W_V, W_O):
    """Only the last head."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, chosen=[len(W_Q) - 1])


def heads_over_queries(R, W_Q, W_K, W_V, W_O):
    """Softmax over the queries."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, axis=0)


# a tour -------------------------------------------------------------------------------------------------------------


def toured(K, tour, after, a):
    """Values that lead from the keys of the tour to the keys `after`."""
    V = K.copy()
    V[tour] = K[tour] + (K[after] - K[tour]) / a
    return V


def backwards(K, tour, a):
    """Each key leads to the one before it."""
    return toured(K, tour, np.roll(tour, 1), a)


def one_way(K, tour, a):
    """The last key of the tour keeps itself: the walk ends there."""
    return toured(K, tour, [*tour[1:], tour[-1]], a)


def no_leak(K, tour, a):
    """The value is the next key, whatever `a` is."""
    return toured(K, tour, np.roll(tour, -1), 1.0)


def short_leak(K, tour, a):
    """The way is multiplied by a instead of divided."""
    return toured(K, tour, np.roll(tour, -1), 1 / a)


def from_origin(K, tour, a):
    """The next key divided by a: farther from the origin, not from the key."""
    V = K.copy()
    V[tour] = K[np.roll(tour, -1)] / a
    return V


def own_order(K, tour, a):
    """Key 0 leads to key 1 and so on, whatever `tour` says."""
    rows = np.arange(len(K))
    return toured(K, rows, np.roll(rows, -1), a)


def tour_order(K, tour, a):
    """The way to the next key, in the first rows instead of the rows of the tour."""
    V = K.copy()
    V[: len(tour)] = toured(K, tour, np.roll(tour, -1), a)[tour]
    return V


def rest_zero(K, tour, a):
    """Keys that are not on the tour have the value 0."""
    V = np.zeros_like(K)
    V[tour] = toured(K, tour, np.roll(tour, -1), a)[tour]
    return V


def tied(K, tour, a):
    """V = K: every key keeps itself."""
    return K.copy()


def only_the_way(K, tour, a):
    """The way to the next key, without the key it starts from."""
    V = K.copy()
    V[tour] = (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def read_from_values(K, tour, a):
    """The next key is read from V, whose first row has changed when the tour closes."""
    V = K.copy()
    for here, after in zip(tour, np.roll(tour, -1), strict=True):
        V[here] = V[here] + (V[after] - V[here]) / a
    return V


# the best step ------------------------------------------------------------------------------------------------------


def walk(K, queries, right, beta, steps, *, update=True, axis=-1):
    """Weights of all steps, `(steps, B, T)`."""
    x, found = queries, []
    for _ in range(steps):
        found.append(soft(beta * x @ K.T, axis))
        x = found[-1] @ K if update else x
    return np.array(found)


def _right(found, right):
    return found[:, np.arange(len(right)), right].mean(axis=1)


def from_zero(K, queries, right, beta, steps):
    """Counted from 0."""
    return int(np.argmax(_right(walk(K, queries, right, beta, steps), right)))


def worst(K, queries, right, beta, steps):
    """The smallest weight."""
    return int(np.argmin(_right(walk(K, queries, right, beta, steps), right))) + 1


def largest_weight(K, queries, right, beta, steps):
    """The mean of the largest weight, on whatever key."""
    return int(np.argmax(walk(K, queries, right, beta, steps).max(axis=2).mean(axis=1))) + 1


def wins(K, queries, right, beta, steps):
    """How often the right key wins, instead of its weight."""
    return int(np.argmax((walk(K, queries, right, beta, steps).argmax(axis=2) == right).mean(axis=1))) + 1


def the_weight(K, queries, right, beta, steps):
    """The weight instead of the step."""
    return float(_right(walk(K, queries, right, beta, steps), right).max())


def first_only(K, queries, right, beta, steps):
    """Step 1, always."""
    return 1


def last_only(K, queries, right, beta, steps):
    """The last step, always."""
    return steps


def last_of_ties(K, queries, right, beta, steps):
    """The last of several equal steps."""
    means = _right(walk(K, queries, right, beta, steps), right)
    return steps - int(np.argmax(means[::-1]))


def own_beta(K, queries, right, beta, steps):
    """β = 1/√d, whatever `beta` says."""
    return int(np.argmax(_right(walk(K, queries, right, K.shape[1] ** -0.5, steps), right))) + 1


def one_query(K, queries, right, beta, steps):
    """The first query only."""
    return int(np.argmax(walk(K, queries[:1], right[:1], beta, steps)[:, 0, right[0]])) + 1


def unpaired(K, queries, right, beta, steps):
    """All right keys for all queries."""
    return int(np.argmax(walk(K, queries, right, beta, steps)[:, :, right].mean(axis=(1, 2)))) + 1


def after_the_step(K, queries, right, beta, steps):
    """Weights belong to the state after the step: one too few, and the query itself is never looked at."""
    means = _right(walk(K, queries, right, beta, steps + 1), right)[1:]
    return int(np.argmax(means)) + 1
