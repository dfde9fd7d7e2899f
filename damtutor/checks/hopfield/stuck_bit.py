"""A wrong bit that stays wrong, where every pattern is fixed."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Case, Exercise, Reason
from damtutor.checks.hopfield.common import spins
from damtutor.learning.couplings import projection

EDGE = Reason("Right except where a field is 0: such a spin does not want to move.", ALMOST)


def stuck_bit(W, X):
    """(k, i): flip spin i of X[k], and nothing wants to move; () if none."""
    for k in range(len(X)):
        for i in range(len(W)):
            s = X[k].copy()
            s[i] = -s[i]
            if np.all(s * (W @ s) >= 0):
                return (k, i)
    return ()


# Cases ----------------------------------------------------------------------------------------------------------------

CLEAR = 1e-3  # fields in plain cases are this far from zero


def cases():
    """W, X: every pattern is a fixed point; with and without a wrong bit that stays."""
    yield Case((np.full((2, 2), 0.5), np.array([[1, 1]], dtype=np.int8)), "tie")
    for N, K in ((4, 2), (5, 4), (6, 3), (8, 2), (8, 6), (10, 4), (10, 8), (12, 8)):
        for rep in range(3):
            rng = np.random.default_rng([80, N, K, rep])
            X = spins(rng, K, N)
            for keep in (True, False):
                W = projection(X, keep_diagonal=keep)
                if _well_apart(W, X):
                    yield Case((W, X))
    for stuck in (True, False):  # some flipped spin would stay, but another moves then
        made = 0
        for rep in range(300):
            rng = np.random.default_rng([81, rep])
            X = spins(rng, 3, 6)
            W = projection(X) + np.diag(rng.random(6))
            if _well_apart(W, X) and _misleading(W, X) and bool(stuck_bit(W, X)) == stuck:
                made += 1
                yield Case((W, X))
            if made == 3:
                break


def _misleading(W, X):
    """Whether the first flipped spin that would itself stay is no fixed point."""
    for k, i in np.ndindex(X.shape):
        s = X[k].astype(float)
        s[i] = -s[i]
        pull = s * (W @ s)
        if pull[i] >= 0:
            return bool(pull.min() < 0)
    return False


def _well_apart(W, X):
    """All patterns are fixed, and one flip away from them no field is near zero."""
    states = X.astype(float)[:, None, :] * (1 - 2 * np.eye(len(W)))
    near = np.abs(states @ W).min() if len(W) else 0
    return bool(near > CLEAR and np.all((X @ W) * X > CLEAR))


# Which answers are right ----------------------------------------------------------------------------------------------


def accept(args, expected, got):
    """Any pattern and spin such that no field of the pattern with that spin flipped has the other sign."""
    W, X = args
    K, N = X.shape
    if got.size == 0:
        missed = Reason("Here a wrong bit stays wrong; the answer () says that none does.")
        return missed if len(expected) else None
    flat = got.astype(float).ravel()
    if flat.size != 2:
        return Reason(f"The answer has {flat.size} numbers; expected two, the pattern k and the spin i, or ().")
    if not (flat[0] in range(K) and flat[1] in range(N)):
        words = f"The answer is {got.tolist()}; expected k from 0 to {K - 1} and i from 0 to {N - 1}, in this order."
        return Reason(words)
    if got.dtype.kind not in "iu":
        return Reason("The numbers come as fractions, which cannot index an array: return integers.", ALMOST)
    k, i = (int(v) for v in flat)
    s = X[k].astype(float)
    s[i] = -s[i]
    pull = s * (W @ s)
    if np.all(pull >= -1e-9):
        return None
    j = int(np.argmin(pull))
    if pull[i] < -1e-9:
        return Reason(f"Spin {i} of pattern {k}, once flipped, has a field against it: recall puts it right.")
    return Reason(
        f"Flipped, spin {i} of pattern {k} would stay, but spin {j} wants to move now: this state is no fixed point."
    )


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def stuck_vectorised(W, X):
    """All flips of a pattern at once; the last one found."""
    found = ()
    for k, x in enumerate(X.astype(float)):
        states = x * (1 - 2 * np.eye(x.size))
        rests = np.all(states * (states @ W) >= 0, axis=1)
        if rests.any():
            found = [k, int(np.flatnonzero(rests)[-1])]
    return found


def stuck_by_change(W, X):
    """The fields of the pattern, corrected by the flip."""
    for k, x in enumerate(X.astype(float)):
        h = W @ x
        for i in range(x.size):
            s, now = x.copy(), h - 2 * W[:, i] * x[i]
            s[i] = -s[i]
            if np.all(s * now >= 0):
                return np.array([k, i])
    return []


def stuck_swapped(W, X):
    return tuple(reversed(stuck_by_change(W, X)))


def stuck_own_only(W, X):
    """Looks at the flipped spin alone."""
    for k, x in enumerate(X.astype(float)):
        for i in range(x.size):
            s = x.copy()
            s[i] = -s[i]
            if s[i] * (W[i] @ s) >= 0:
                return k, i
    return ()


def stuck_never(W, X):
    return ()


def stuck_strict(W, X):
    for k, x in enumerate(X.astype(float)):
        for i in range(x.size):
            s = x.copy()
            s[i] = -s[i]
            if np.all(s * (W @ s) > 0):
                return k, i
    return ()


def stuck_always(W, X):
    return 0, 0


def stuck_not_flipped(W, X):
    for k, x in enumerate(X):
        if np.all(x * (W @ x) >= 0):
            return k, 0
    return ()


def stuck_floats(W, X):
    return [float(v) for v in stuck_by_change(W, X)]


def stuck_state(W, X):
    found = stuck_by_change(W, X)
    return X[found[0]] if len(found) else ()


def stuck_in_place(W, X):
    for k in range(len(X)):
        for i in range(len(W)):
            X[k, i] = -X[k, i]
            if np.all(X[k] * (W @ X[k]) >= 0):
                return k, i
            X[k, i] = -X[k, i]
    return ()


EXERCISE = Exercise(
    id="hopfield.5",
    title="Break the claim: fixed, so it works",
    points=3,
    minutes=12,
    level="◆◆◆",
    core=False,
    reference=stuck_bit,
    cases=cases,
    accept=accept,
    edges=(("tie", EDGE),),
    success=(
        "One wrong bit in a network whose patterns are all fixed, and recall does not move. With the diagonal "
        "removed such a bit has a field of 1 - W_ii against it, and turns back when it is asked first."
    ),
    right_answers=(stuck_vectorised, stuck_by_change),
    wrong_answers=(
        (stuck_swapped, "recall puts it right"),
        (stuck_own_only, "is no fixed point"),
        (stuck_never, "says that none does"),
        (stuck_strict, "where a field is 0"),
        (stuck_always, "recall puts it right"),
        (stuck_not_flipped, "recall puts it right"),
        (stuck_floats, "return integers"),
        (stuck_state, "in this order"),
        (stuck_in_place, "changes its input X"),
    ),
)
