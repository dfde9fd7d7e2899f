"""What several exercises of chapter `dense` share.

References compute with whole numbers throughout, so that a tie is a tie. Plain cases stay clear of ties and of
near-cancellation, so that any honest arithmetic (float32 too) decides them alike; ties, large numbers and odd orders
are edges with a name of their own.
"""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Reason

TIE = Reason("Right except at an exact tie: when the field is 0, the spin keeps its old value.", ALMOST)
TIE_ZERO = f"{TIE.words[:-1]}, and np.sign(0) is 0."
OVERFLOW = Reason(
    "Right on small inputs, but on large ones the numbers are too large for the type: int8 ends at 127, int64 at "
    "9.2e18 (11**40 is more), float32 at 3.4e38. Cast before you multiply, or use Python's own integers.",
    ALMOST,
)
INT8 = "X @ s is int8 and wraps at 127, and so does what you compute from it: write X.astype(int) @ s."
SELF = "The spin votes for itself: use the cavity overlap, which leaves spin i out."
CAVITY = "This is the gradient F'(S), the leading order of the rule: use the difference F(S+1) - F(S-1)."
CLEAR = 1e-3  # a plain decision is this far from a tie, relative to the sum of its terms


def spins(rng, *shape):
    """Random spins, int8."""
    return rng.choice(np.array([-1, 1], dtype=np.int8), shape)


def decision_margin(X, s, i, n):
    """|D| relative to the sum of its terms' sizes; 0 at a tie."""
    kind = np.int64 if n < 10 else object
    x = X[:, i].astype(kind)
    S = (X.astype(np.int64) @ s).astype(kind) - x * int(s[i])
    terms = x * ((S + 1) ** n - (S - 1) ** n)
    size = abs(terms).sum()
    return abs(terms.sum()) / size if size else 0.0


def energy(X, s, n):
    """-Σ (X_μ · s)**n in Python integers."""
    return -sum(int(m) ** n for m in X.astype(int) @ s)


def patterns_and_state(rng, K, N):
    """K random patterns and a random state of N spins."""
    return spins(rng, K, N), spins(rng, N)


def decide(field, old, tie=None):
    """Sign of a field; at zero (and at NaN) the old spin, or `tie`."""
    if field > 0:
        return 1
    if field < 0:
        return -1
    return old if tie is None else tie
