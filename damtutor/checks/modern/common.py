"""What several exercises of chapter `modern` share: messages, random memories and a softmax.

Large β is an edge of its own.
"""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Reason, Tolerance

OVERFLOW = Reason(
    "Right for small β, but for large β the exponentials leave the floats: exp(710) is inf, and inf/inf is NaN; "
    "exp(-750) is 0, and log(0) is -inf. Subtract the largest score, β included, before exp.",
    ALMOST,
)
MILLIONTH = Tolerance(rtol=1e-6, atol=1e-8, words="to a millionth")


def random_memory(tag, k):
    """The generator of case k, its random memories X, a state x and a β between 0.1 and 10,000."""
    rng = np.random.default_rng([tag, k])
    K, d = int(rng.integers(1, 7)), int(rng.integers(1, 6))
    return rng, rng.standard_normal((K, d)), 2 * rng.standard_normal(d), float(10 ** rng.uniform(-1, 4))


def softmax(scores, axis=None):
    """Softmax along an axis, or over everything."""
    weights = np.exp(scores - scores.max(axis=axis, keepdims=axis is not None))
    return weights / weights.sum(axis=axis, keepdims=axis is not None)
