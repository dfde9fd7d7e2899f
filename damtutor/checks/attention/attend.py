"""Attention as one retrieval step with a readout."""

import math

import numpy as np

from damtutor.checks.attention.common import EXACT, FAR, LARGE, TIGHT, numbers, softmax
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property
from damtutor.models.attention import attention


def attend(Q, K, W):
    """One retrieval step of every query in the memory K, read out by W."""
    scores = Q @ K.T / np.sqrt(K.shape[1])
    scores = scores - scores.max(axis=1, keepdims=True)  # or exp overflows
    weights = np.exp(scores)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ K @ W


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """Q, K, W."""
    yield Case((np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[1.0], [3.0]])))
    for k, (S, T, d, v) in enumerate(
        ((1, 2, 3, 1), (2, 3, 4, 2), (3, 5, 4, 2), (5, 4, 3, 7), (4, 4, 4, 4), (6, 9, 2, 3))
    ):
        rng = np.random.default_rng([61, k])
        yield Case((numbers(rng, (S, d)), numbers(rng, (T, d)), numbers(rng, (d, v))))
    rng = np.random.default_rng([61, 99])
    for sign in (1, -1):
        K = sign * np.abs(numbers(rng, (4, 3)))
        yield Case((FAR * np.abs(numbers(rng, (2, 3))), FAR * K, numbers(rng, (3, 2))), "large")


# Properties -----------------------------------------------------------------------------------------------------------


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


# Mistakes that the check names ----------------------------------------------------------------------------------------


def no_scale(Q, K, W):
    """β = 1."""
    return softmax(Q @ K.T) @ K @ W


def no_root(Q, K, W):
    """β = 1/d."""
    return softmax(Q @ K.T / K.shape[1]) @ K @ W


def root_of_count(Q, K, W):
    """β = 1/√T."""
    return softmax(Q @ K.T / np.sqrt(len(K))) @ K @ W


def root_of_value(Q, K, W):
    """β = 1/√d_v."""
    return softmax(Q @ K.T / np.sqrt(W.shape[1])) @ K @ W


def over_queries(Q, K, W):
    """Softmax along the queries: columns sum to 1."""
    return softmax(Q @ K.T / np.sqrt(K.shape[1]), axis=0) @ K @ W


def over_all(Q, K, W):
    """All weights of all queries sum to 1."""
    weights = softmax((Q @ K.T / np.sqrt(K.shape[1])).ravel())
    return weights.reshape(len(Q), len(K)) @ K @ W


def unnormalised(Q, K, W):
    """exp of the scores, not divided by their sum."""
    return np.exp(Q @ K.T / np.sqrt(K.shape[1])) @ K @ W


def times_root(Q, K, W):
    """β = √d."""
    return softmax(Q @ K.T * np.sqrt(K.shape[1])) @ K @ W


def hard(Q, K, W):
    """The nearest key alone: β without end."""
    return K[np.argmax(Q @ K.T, axis=1)] @ W


def no_readout(Q, K, W):
    """The retrieval step without W."""
    return softmax(Q @ K.T / np.sqrt(K.shape[1])) @ K


def values_compared(Q, K, W):
    """Queries and keys are both read out before they are compared."""
    return softmax(Q @ W @ (K @ W).T / np.sqrt(K.shape[1])) @ K @ W


# Right and wrong answers as learners write them -----------------------------------------------------------------------


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
    return np.einsum("st,tv->sv", softmax(np.einsum("sd,td->st", Q, K) * K.shape[1] ** -0.5), K @ W)


def attend_unstable(Q, K, W):
    weights = np.exp(Q @ K.T / np.sqrt(K.shape[1]))
    return weights / weights.sum(axis=1, keepdims=True) @ K @ W


def attend_common_shift(Q, K, W):
    scores = Q @ K.T / np.sqrt(K.shape[1])
    weights = np.exp(scores - np.abs(scores).max())
    return weights / weights.sum(axis=1, keepdims=True) @ K @ W


def attend_no_scale(Q, K, W):
    return softmax(Q @ K.T) @ K @ W


def attend_by_d(Q, K, W):
    return softmax(Q @ K.T / Q.shape[1]) @ (K @ W)


def attend_times(Q, K, W):
    return softmax(np.sqrt(Q.shape[1]) * Q @ K.T) @ (K @ W)


def attend_columns(Q, K, W):
    return softmax(Q @ K.T / np.sqrt(Q.shape[1]), axis=0) @ K @ W


def attend_all(Q, K, W):
    scores = Q @ K.T / np.sqrt(Q.shape[1])
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ K @ W


def attend_count(Q, K, W):
    return softmax(Q @ K.T / np.sqrt(len(K))) @ K @ W


def attend_value(Q, K, W):
    return softmax(Q @ K.T / np.sqrt(W.shape[1])) @ K @ W


def attend_sum(Q, K, W):
    return np.exp(Q @ K.T / np.sqrt(Q.shape[1])) @ K @ W


def attend_best(Q, K, W):
    return K[(Q @ K.T).argmax(axis=1)] @ W


def attend_bare(Q, K, W):
    return softmax(Q @ K.T / np.sqrt(Q.shape[1])) @ K


def attend_minus(Q, K, W):
    return softmax(-Q @ K.T / np.sqrt(Q.shape[1])) @ K @ W


def attend_in_place(Q, K, W):
    Q /= np.sqrt(K.shape[1])
    return softmax(Q @ K.T) @ K @ W


def attend_read_out(Q, K, W):
    V = K @ W
    return softmax(Q @ W @ V.T / np.sqrt(K.shape[1])) @ V


EXERCISE = Exercise(
    id="attention.1",
    title="Attention from retrieval",
    points=2,
    minutes=10,
    level="◆◇◇",
    reference=attend,
    cases=cases,
    tolerance=EXACT,
    edges=(("large", LARGE),),
    mistakes=(
        Mistake("The scale is missing: divide the scores by √d, d the size of a key.", no_scale),
        Mistake("The scores are divided by d; divide by its square root.", no_root),
        Mistake("The scores are multiplied by √d; divide.", times_root),
        Mistake("The scale is √T, T the number of keys; it is √d, the size of one.", root_of_count),
        Mistake("The scale is taken from the size of a value; it is √d, d the size of a key.", root_of_value),
        Mistake("Softmax runs along the wrong axis: the weights of one query, a row, sum to 1.", over_queries),
        Mistake("All weights together sum to 1; each query has its own softmax.", over_all),
        Mistake("The weights are not divided by their sum: softmax makes them add up to 1.", unnormalised),
        Mistake("This takes the best key alone; softmax takes a mean of all, weighted.", hard),
        Mistake("The retrieval step is right; the readout W is missing.", no_readout, ALMOST),
        Mistake(
            "The readout W enters the scores. A query is compared with the keys themselves; W comes last.",
            values_compared,
        ),
    ),
    properties=(
        Property("a mean of keys lies among them", hull),
        Property("with W = 1 a step never raises the energy", downhill),
    ),
    success=(
        "That is attention with V = K W: one update of the memory K, read out by W. Next: what does a mask do "
        "to the memory?"
    ),
    right_answers=[attend_package, attend_loops, attend_einsum],
    wrong_answers=[
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
)
