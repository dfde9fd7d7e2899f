"""Attention in which each query sees its first keys only."""

import numpy as np

from damtutor.checks.attention.common import EXACT, FAR, TIGHT, numbers, softmax
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason
from damtutor.models.attention import attention

HIDDEN = Reason(
    "Right while the scores are small. Large scores need the largest *visible* one taken away before exp, and a "
    "hidden key needs weight 0 however well it fits.",
    ALMOST,
)


def masked(Q, K, V, visible):
    """Attention in which query t sees the first visible[t] keys only."""
    out = np.zeros((len(Q), V.shape[1]))
    for t, count in enumerate(visible):
        scores = K[:count] @ Q[t] / np.sqrt(K.shape[1])
        weights = np.exp(scores - scores.max())
        out[t] = weights @ V[:count] / weights.sum()
    return out


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """Q, K, V, visible."""

    def made(k, S, T, d, v):
        rng = np.random.default_rng([62, k])
        return numbers(rng, (S, d)), numbers(rng, (T, d)), numbers(rng, (T, v))

    for k, (T, d, v) in enumerate(((2, 3, 1), (3, 2, 4), (5, 4, 2), (7, 5, 3))):
        yield Case((*made(k, T, T, d, v), np.arange(1, T + 1)))  # causal
        yield Case((*made(20 + k, T + 1, T, d, v), np.full(T + 1, max(1, T - 2))))  # padding
    yield Case((*made(40, 3, 6, 4, 2), np.array([4, 5, 6])))  # the last three of six positions
    yield Case((*made(41, 4, 5, 3, 2), np.array([5, 1, 3, 2])))
    Q, K, V, visible = *made(42, 3, 4, 3, 2), np.array([1, 2, 4])
    yield Case((FAR * Q, FAR * K, V, visible), "large")
    yield Case((FAR * np.abs(Q), -FAR * np.abs(K), V, visible), "large")
    K = FAR * np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [2.0, 1.0, 1.0]])
    yield Case((FAR * np.ones((3, 3)), K, V, np.array([1, 2, 3])), "large")  # the hidden key fits best


# Properties -----------------------------------------------------------------------------------------------------------


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


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _scores(Q, K):
    return Q @ K.T / np.sqrt(K.shape[1])


def _seen(K, visible):
    return np.arange(len(K)) < np.asarray(visible)[:, None]


def mask_ignored(Q, K, V, visible):
    """Every query sees all keys."""
    return softmax(_scores(Q, K)) @ V


def zero_scores(Q, K, V, visible):
    """A masked score is 0, whose exp is 1."""
    return softmax(np.where(_seen(K, visible), _scores(Q, K), 0.0)) @ V


def masked_after(Q, K, V, visible):
    """Weights set to zero after the softmax: rows no longer sum to 1."""
    return np.where(_seen(K, visible), softmax(_scores(Q, K)), 0.0) @ V


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


def upside_down(Q, K, V, visible):
    """The hidden keys are seen and the seen ones hidden."""
    seen = ~_seen(K, visible)
    scores = np.where(seen, _scores(Q, K), -1e300)
    return softmax(scores) @ V


def no_scale(Q, K, V, visible):
    """β = 1."""
    return masked(Q * np.sqrt(K.shape[1]), K, V, visible)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def masked_package(Q, K, V, visible):
    return attention(Q, K, V, mask=np.arange(len(K)) < visible[:, None])


def masked_infinite(Q, K, V, visible):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    scores[np.arange(len(K)) >= visible[:, None]] = -np.inf
    return softmax(scores) @ V


def masked_listed(Q, K, V, visible):
    return [attention(q, K[:n], V[:n]).tolist() for q, n in zip(Q, visible, strict=True)]


def masked_ignored(Q, K, V, visible):
    return attention(Q, K, V)


def masked_zero(Q, K, V, visible):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    scores[np.arange(len(K)) >= visible[:, None]] = 0
    return softmax(scores) @ V


def masked_after_softmax(Q, K, V, visible):
    weights = softmax(Q @ K.T / np.sqrt(K.shape[1]))
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


EXERCISE = Exercise(
    id="attention.2",
    title="A mask is a shorter memory",
    points=2,
    minutes=10,
    level="◆◆◇",
    reference=masked,
    cases=cases,
    tolerance=EXACT,
    edges=(("large", HIDDEN),),
    mistakes=(
        Mistake("Every query sees all keys: `visible` does not enter.", mask_ignored),
        Mistake("A hidden score of 0 is not hidden: exp(0) is 1. Leave the key out, or use -inf.", zero_scores),
        Mistake(
            "The weights are set to 0 after the softmax, so that they no longer sum to 1: mask before it.",
            masked_after,
        ),
        Mistake("Off by one: query t sees visible[t] keys, and this sees one fewer.", one_fewer),
        Mistake("Off by one: query t sees visible[t] keys, and this sees one more.", one_more),
        Mistake("The first visible[t] keys are meant; these are the last.", last_keys),
        Mistake("This is the causal mask whatever `visible` says.", always_causal),
        Mistake("The mask is upside down: the hidden keys are seen.", upside_down),
        Mistake("The scale is missing: divide the scores by √d, d the size of a key.", no_scale),
    ),
    properties=(Property("a hidden key cannot be felt", hidden_keys),),
    success=(
        "Causal, padding, or neither: a mask only says how long each query's memory is. That is also why a "
        "decoder can keep its keys from step to step: the memory grows by one."
    ),
    right_answers=[masked_package, masked_infinite, masked_listed],
    wrong_answers=[
        (masked_ignored, "sees all keys"),
        (masked_zero, "exp(0) is 1"),
        (masked_after_softmax, "mask before it"),
        (masked_inclusive, "sees one more"),
        (masked_exclusive, "sees one fewer"),
        (masked_from_the_end, "these are the last"),
        (masked_by_place, "causal mask whatever"),
        (masked_no_scale, "The scale is missing"),
        (masked_unstable, "largest *visible* one"),
        (masked_wrong_shift, "largest *visible* one"),
    ],
)
