"""A step for a batch that is right for one state only: find the bug."""

import numpy as np

from damtutor.checks.engine.exercise import Call, Case, Exercise, Mistake, Property
from damtutor.checks.modern.common import MILLIONTH, OVERFLOW, random_memory, softmax


def batch_step(X, S, beta):
    """One step for each of the B states in the rows of S, all at once."""
    scores = beta * S @ X.T  # (B, K)
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ X


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, S, beta with one state, or as many as memories: where the broken step runs. Properties take other shapes."""
    for K, d, B in ((2, 2, 2), (3, 2, 3), (4, 4, 4), (5, 3, 5), (2, 2, 1), (3, 2, 1)):
        rng = np.random.default_rng([64, K, d, B])
        yield Case((rng.standard_normal((K, d)).round(2), rng.standard_normal((B, d)).round(2), 1.5))
    for K, d in ((2, 2), (4, 3)):
        rng = np.random.default_rng([64, K, d, 2])
        X = rng.standard_normal((K, d)).round(2)
        yield Case((X, 3 * X[:1], 2000.0), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def row_by_row(call: Call):
    """A batch is its rows, one by one: a state does not know who else is asked."""
    for k in range(8):
        rng, X, _, _ = random_memory(74, k)
        S = rng.standard_normal((5, X.shape[1]))
        together = call(X, S, 2.0)
        for b in (0, 4):
            if together.shape != S.shape or not np.allclose(together[b], call(X, S[b : b + 1], 2.0)[0], atol=1e-9):
                return (X, S, 2.0), f"State {b} gets another answer alone than in the batch."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def broken(X, S, beta):
    """No keepdims: the sums go along the wrong axis."""
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max())
    return (weights / weights.sum(axis=1)) @ X


def over_batch(X, S, beta):
    """Softmax over the batch."""
    weights = np.exp(beta * S @ X.T)
    return weights / weights.sum(axis=0) @ X


def over_everything(X, S, beta):
    """One softmax over all states and memories."""
    return softmax(beta * S @ X.T) @ X


def not_divided(X, S, beta):
    """No division at all."""
    return np.exp(beta * S @ X.T) @ X


def returns_weights(X, S, beta):
    """The weights instead of their average."""
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def shifted_by_columns(X, S, beta):
    """The sums keep their axis, the largest scores do not."""
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max(axis=1))
    return weights / weights.sum(axis=1, keepdims=True) @ X


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def batch_loop(X, S, beta):
    """One state at a time."""
    return np.array([softmax(beta * X @ s) @ X for s in S])


def batch_newaxis(X, S, beta):
    scores = beta * (S @ X.T)
    weights = np.exp(scores - scores.max(axis=1)[:, None])
    return weights @ X / weights.sum(axis=1)[:, np.newaxis]


def batch_other_side(X, S, beta):
    """Memories first: then axis 0 is right, without keepdims."""
    weights = softmax(beta * X @ S.T, axis=0)
    return (X.T @ weights).T


def batch_broken(X, S, beta):
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max())
    weights = weights / weights.sum(axis=1)
    return weights @ X


def batch_axis_0(X, S, beta):
    return softmax(beta * S @ X.T, axis=0) @ X


def batch_total(X, S, beta):
    return softmax(beta * S @ X.T) @ X


def batch_undivided(X, S, beta):
    return np.exp(beta * S @ X.T) @ X


def batch_weights(X, S, beta):
    return softmax(beta * S @ X.T, axis=1)


def batch_naive(X, S, beta):
    weights = np.exp(beta * S @ X.T)
    return weights / weights.sum(axis=1, keepdims=True) @ X


def batch_first_only(X, S, beta):
    """Right where the check's plain cases look, not for other numbers of states."""
    return batch_loop(X, S, beta) if len(S) in (1, len(X)) else np.repeat(batch_loop(X, S[:1], beta), len(S), axis=0)


def batch_flat(X, S, beta):
    return batch_loop(X, S, beta)[0]


def batch_half_mended(X, S, beta):
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max(axis=1))
    return weights / weights.sum(axis=1)[:, None] @ X


EXERCISE = Exercise(
    id="modern.4",
    title="Find the bug: right for one, right for all",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=batch_step,
    cases=cases,
    tolerance=MILLIONTH,
    edges=(("large", OVERFLOW),),
    mistakes=(
        Mistake(
            "This is still the broken step: the sums of the rows meet the columns. Every row must be divided by "
            "its own sum.",
            broken,
        ),
        Mistake("This softmax runs over the states, axis 0; it must run over the memories.", over_batch),
        Mistake("One softmax over the whole table: each row must add up to one.", over_everything),
        Mistake("The weights are not divided by their sum.", not_divided),
        Mistake("These are the weights; the new states are weights @ X.", returns_weights),
        Mistake(
            "The rows are divided by their own sums now, but their largest scores, shape (B,), meet the columns: "
            "they need keepdims=True as well.",
            shifted_by_columns,
        ),
    ),
    properties=(Property("a state gets the same answer alone and in a batch", row_by_row),),
    success=(
        "(B, K) divided by (B,) pairs the sums with the columns, and NumPy complains only if B differs from K. "
        "A test with equal sizes cannot see it. Where else do you divide a table by one of its sums?"
    ),
    right_answers=(batch_loop, batch_newaxis, batch_other_side),
    wrong_answers=(
        (batch_broken, "still the broken step"),
        (batch_axis_0, "runs over the states"),
        (batch_total, "each row must add up to one"),
        (batch_undivided, "not divided by their sum"),
        (batch_weights, "weights @ X"),
        (batch_half_mended, "meet the columns"),
        (batch_naive, "Subtract the largest score"),
        (batch_first_only, "alone and in a batch"),
        (batch_flat, "expected (1, 2)"),
    ),
)
