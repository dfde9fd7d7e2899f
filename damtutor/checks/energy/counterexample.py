"""A set of memories with more resting places than memories, or fewer."""

import numpy as np

from damtutor.checks.engine.exercise import Case, Exercise, Mutants, Reason
from damtutor.models.compact import CompactMemory


def counterexample(K, more):
    """K memories with more, or fewer, than K resting places at reach 1."""
    angle = 2 * np.pi * np.arange(K) / K
    radius = 0.75 / np.sin(np.pi / K) if more else 0.3
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


# Cases ----------------------------------------------------------------------------------------------------------------

APART = 1e-3  # memories closer than this count as the same
WIDEST = 1e6


def cases():
    """K and which side of it."""
    for K in (2, 3, 4, 5, 6):
        for more in (True, False):
            yield Case((K, more))


# Which answers are right ----------------------------------------------------------------------------------------------


def accept(args, expected, got):
    """Any K different points of the plane whose resting places at reach 1 are more, or fewer, than K."""
    K, more = args
    if got.shape != (K, 2):
        turned = " One memory a row: this is the transpose." if got.shape == (2, K) else ""
        return Reason(f"The answer has shape {got.shape}; expected {(K, 2)}, {K} points of the plane.{turned}")
    if got.dtype.kind == "c" or not np.isfinite(got).all() or np.abs(got).max() > WIDEST:
        return Reason("The points must be finite real numbers, at most a million.")
    X = got.astype(float)
    gaps = np.linalg.norm(X[:, None] - X, axis=2)[~np.eye(K, dtype=bool)]
    if gaps.min() < APART:
        return Reason("Two of the points are the same: then they are one memory. Keep them 0.001 apart or more.")
    found = CompactMemory(X, 1.0).resting_places()
    if not found.strict.all():
        return Reason("A memory lies exactly at distance 1 from a resting place: move it a little to make it clear.")
    count = len(found.points)
    if count > K if more else count < K:
        return None
    if count == K:
        hint = "Let reaches overlap, without swallowing each other." if more else "Let points share one reach."
        return Reason(f"These {K} points have exactly {K} resting places at reach 1, as the claim says. {hint}")
    word, other = ("more", "fewer") if more else ("fewer", "more")
    places = f"{count} resting place{'s' if count > 1 else ''}"
    return Reason(f"These {K} points have {places}: {other} than {K}, where {word} were asked for.")


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def claim_line(K, more):
    """Neighbours on a line, 1.5 or almost no distance apart."""
    return [[(1.5 if more else 0.01) * k, 0] for k in range(K)]


def claim_pair(K, more):
    """One pair makes the third; all others far away. Or one pair in one reach."""
    X = 10.0 * np.arange(K)[:, None] * np.ones(2)
    X[1] = X[0] + [1.2 if more else 0.4, 0]
    return X


def claim_drawn(K, more):
    """Tries until it finds one."""
    rng = np.random.default_rng(0)
    from damtutor import CompactMemory

    while True:
        X = rng.uniform(-0.3, 0.3, (K, 2)) if not more else rng.uniform(-1, 1, (K, 2)) * (0.5 * K)
        count = len(CompactMemory(X, 1.0).resting_places().points)
        if count > K if more else count < K:
            return X


def claim_close(K, more):
    return [[(0.9 if more else 0.1) * k, 0] for k in range(K)]


def claim_far(K, more):
    return 5.0 * np.arange(2 * K).reshape(K, 2)


def claim_always_more(K, more):
    return claim_line(K, True)


def claim_always_fewer(K, more):
    return claim_line(K, False)


def claim_same(K, more):
    return np.zeros((K, 2)) if not more else claim_line(K, True)


def claim_transposed(K, more):
    return np.array(claim_line(K, more)).T if K != 2 else claim_line(K, more)


def claim_rim(K, more):
    """Spacing 1: every memory is exactly on the rim of the next one's reach."""
    return [[1.0 * k, 0] for k in range(K)] if more else claim_line(K, more)


def claim_numbers(K, more):
    return [1.5 * k for k in range(K)]


def claim_nan(K, more):
    return np.full((K, 2), np.nan)


EXERCISE = Exercise(
    id="energy.4",
    title="Break the claim: K memories, K resting places",
    points=3,
    minutes=12,
    level="◆◆◇",
    reference=counterexample,
    cases=cases,
    accept=accept,
    mutants=Mutants(equivalent=(("2 * np.pi -> 2 + np.pi", "any set that breaks the claim is accepted"),)),
    success=(
        "Both ways: overlapping reaches make places that nobody stored, and a crowd within one reach becomes one. "
        "The number of resting places is a matter of distances, not of how much you stored."
    ),
    right_answers=(claim_line, claim_pair, claim_drawn),
    wrong_answers=(
        (claim_close, "have 1 resting place: fewer than 2"),
        (claim_far, "exactly 2 resting places"),
        (claim_always_more, "where fewer were asked for"),
        (claim_always_fewer, "where more were asked for"),
        (claim_same, "the same"),
        (claim_transposed, "transpose"),
        (claim_rim, "exactly at distance 1"),
        (claim_numbers, "shape"),
        (claim_nan, "finite real numbers"),
    ),
)
