"""Several heads with a scale that fits by chance: find the bug."""

import math

import numpy as np

from damtutor.checks.attention.common import EXACT, FAR, LARGE, TIGHT, numbers, softmax
from damtutor.checks.engine.exercise import Call, Case, Exercise, Mistake, Property, Reason
from damtutor.models.transformer import MultiHead

SIZES = Reason("Right while the size of a key is that of the model; with several heads it is smaller.")


def multi_head(R, W_Q, W_K, W_V, W_O):
    """Self-attention of the rows of R with one head per W_Q[h], added up."""
    out = np.zeros((len(R), W_O.shape[2]))
    for w_q, w_k, w_v, w_o in zip(W_Q, W_K, W_V, W_O, strict=True):
        scores = R @ w_q @ (R @ w_k).T / np.sqrt(w_k.shape[1])
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        out += weights @ (R @ w_v) @ w_o
    return out


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """R, W_Q, W_K, W_V, W_O. In the plain cases the size of a key is that of the model, as in a single full head."""
    for k, (S, H, m, d, v) in enumerate(
        (
            (2, 1, 2, 2, 2),
            (3, 2, 3, 3, 2),
            (4, 2, 4, 4, 4),
            (3, 2, 6, 3, 2),
            (5, 4, 8, 2, 3),
            (4, 3, 4, 7, 5),
            (2, 1, 2, 1, 1),
        )
    ):
        rng = np.random.default_rng([63, k])
        w_q, w_k, w_v = (numbers(rng, (H, m, size)) for size in (d, d, v))
        case = numbers(rng, (S, m)), w_q, w_k, w_v, numbers(rng, (H, v, m))
        yield Case(case, "" if d == m else "sizes")
    rng = np.random.default_rng([63, 99])
    w_q, w_k, w_v = (numbers(rng, (2, 4, size)) for size in (3, 3, 2))
    yield Case((FAR * numbers(rng, (3, 4)), w_q, w_k, w_v, numbers(rng, (2, 2, 4))), "large")
    for sign in (1, -1):
        case = (
            FAR * np.ones((2, 2)),
            np.ones((1, 2, 3)),
            sign * np.ones((1, 2, 3)),
            np.ones((1, 2, 1)),
            np.ones((1, 1, 2)),
        )
        yield Case(case, "large")


# Properties -----------------------------------------------------------------------------------------------------------


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


# Mistakes that the check names ----------------------------------------------------------------------------------------


def heads(R, W_Q, W_K, W_V, W_O, *, scale, axis=-1, chosen=None, average=False, values=None, shift=True):
    """Attention of several heads with one thing changed."""
    out = np.zeros((len(R), W_O.shape[2]))
    chosen = range(len(W_Q)) if chosen is None else chosen
    for h in chosen:
        weights = softmax(R @ W_Q[h] @ (R @ W_K[h]).T * scale, axis, shift)
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


def no_root(R, W_Q, W_K, W_V, W_O):
    """1/d_k."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=1 / W_K.shape[2])


def no_scale(R, W_Q, W_K, W_V, W_O):
    """β = 1."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=1)


def averaged(R, W_Q, W_K, W_V, W_O):
    """The mean of the heads instead of their sum."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, average=True)


def first_head(R, W_Q, W_K, W_V, W_O):
    """Only the first head."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, chosen=[0])


def last_head(R, W_Q, W_K, W_V, W_O):
    """Only the last head."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, chosen=[len(W_Q) - 1])


def over_queries(R, W_Q, W_K, W_V, W_O):
    """Softmax over the queries."""
    return heads(R, W_Q, W_K, W_V, W_O, scale=W_K.shape[2] ** -0.5, axis=0)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def heads_package(R, W_Q, W_K, W_V, W_O):
    return MultiHead(W_Q, W_K, W_V, np.concatenate(W_O))(R)


def heads_at_once(R, W_Q, W_K, W_V, W_O):
    queries, keys, values = R @ W_Q, R @ W_K, R @ W_V
    weights = softmax(queries @ keys.swapaxes(1, 2) / np.sqrt(keys.shape[2]))
    return (weights @ values @ W_O).sum(axis=0)


def _heads(R, W_Q, W_K, W_V, W_O, scale, axis=-1):
    return [
        softmax(R @ q @ (R @ k).T / scale, axis) @ (R @ v) @ o for q, k, v, o in zip(W_Q, W_K, W_V, W_O, strict=True)
    ]


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


EXERCISE = Exercise(
    id="attention.3",
    title="Find the bug: a scale that fits by chance",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=multi_head,
    cases=cases,
    tolerance=EXACT,
    edges=(("large", LARGE), ("sizes", SIZES)),
    mistakes=(
        Mistake(
            "The scale is √d_model, the width of R. A score is a sum over d_k numbers, so the scale is √d_k.",
            model_scale,
        ),
        Mistake(
            "The scale is √(d_model / H). That is √d_k only where the heads share the model out; take d_k itself.",
            shared_scale,
        ),
        Mistake("The scale is that of the values; a score is a sum over d_k numbers.", value_scale),
        Mistake("The scale is the root of the number of words; it is √d_k.", length_scale),
        Mistake("The scale is that of all heads together; each head has keys of size d_k.", all_heads_scale),
        Mistake("The scores are divided by d_k; divide by its square root.", no_root),
        Mistake("The scale is missing: divide the scores by √d_k.", no_scale),
        Mistake("The heads are averaged; they are added.", averaged),
        Mistake("Only the first head is used.", first_head),
        Mistake("Only the last head is used: `out` is replaced where it should grow.", last_head),
        Mistake(
            "Softmax runs along the wrong axis: the weights of one query, a row, sum to 1.",
            over_queries,
        ),
    ),
    properties=(Property("heads add up", sum_of_heads),),
    success=(
        "β is 1/√d_k, the size of one head's keys: a score is a sum of d_k products. With d_model the layer "
        "still runs and learns, only with a blunter β in every head. Shapes that differ find such bugs."
    ),
    right_answers=[heads_package, heads_at_once],
    wrong_answers=[
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
)
