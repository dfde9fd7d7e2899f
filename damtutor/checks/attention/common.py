"""What several exercises of chapter `attention` share.

All four sizes differ (queries, keys, size of a key, size of a value), so that no axis can be taken for another.
"""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Reason, Tolerance

LARGE = Reason(
    "Right on small scores, but exp of a large one is beyond float64: take the largest score of each query away first.",
    ALMOST,
)
EXACT = Tolerance(rtol=1e-9, atol=1e-9, words="to nine digits")
TIGHT = 1e-9  # largest difference that rounding may make in a property
FAR = 400.0  # makes scores of some thousands: exp of them is beyond float64


def numbers(rng, shape):
    """Gaussian numbers with two decimals, which can be read where a verdict shows them."""
    return rng.standard_normal(shape).round(2)


def softmax(scores, axis=-1, shift=True):
    """Softmax along an axis."""
    if shift:
        scores = scores - scores.max(axis=axis, keepdims=True)
    weights = np.exp(scores)
    return weights / weights.sum(axis=axis, keepdims=True)
