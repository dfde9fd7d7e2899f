"""A recall whose spins all decide from the fields at the start of a sweep: find the bug."""

from itertools import permutations

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason
from damtutor.checks.hopfield.common import patterns_and_state, spins

TIE = Reason("Right except at an exact tie: when the field is 0, the spin keeps its old value.", ALMOST)
TIE_ZERO = f"{TIE.words[:-1]}, and np.sign(0) is 0."
ONE = "Only one sweep comes about, whatever `sweeps` says. Is the loop over sweeps the outer one?"


def recall(W, s, sweeps):
    """The state after some sweeps over the spins 0, 1, 2, ..."""
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            field = W[i] @ s  # of the state as it is now
            if field > 0:
                s[i] = 1
            elif field < 0:
                s[i] = -1
    return s


# Cases ----------------------------------------------------------------------------------------------------------------

FEW = 5  # neurons whose every visiting order is tried


def _fields(W, s, visits):
    """The fields met on the way of an exact recall."""
    s, met = s.copy(), []
    for i in visits:
        met.append(int(W[i] @ s))
        s[i] = np.sign(met[-1]) or s[i]
    return met


def whole(X):
    """N times Hebb's couplings, whole numbers."""
    W = X.T.astype(int) @ X.astype(int)
    np.fill_diagonal(W, 0)
    return W


def cases():
    """W, s, sweeps for a recall; W are N times Hebb's couplings, so that a tie is a tie."""
    pair = np.array([[0, 1], [1, 0]])
    yield Case((pair, np.array([1, -1], dtype=np.int8), 1))
    yield Case((pair, np.array([-1, 1], dtype=np.int8), 2))
    for N, K in ((3, 1), (4, 3), (5, 2), (5, 4), (6, 3), (8, 5), (10, 3), (12, 7)):
        rng = np.random.default_rng([72, N, K])
        clear = tied = 0
        for _ in range(200):
            W, s = whole(spins(rng, K, N)), spins(rng, N)
            met = _fields(W, s, [*range(N)] * 3)
            if all(met) and clear < 3:
                clear += 1
                for sweeps in (1, 2, 3):
                    yield Case((W, s, sweeps))
            elif not all(met) and tied < 2:
                tied += 1
                yield Case((W, s, 1), "tie")
                yield Case((W, s, 2), "tie")


# What the answers to all cases show -----------------------------------------------------------------------------------


def another_order(attempts):
    """One sweep over a small network ends, each time, where one in some order ends, and not always in 0, 1, 2, ..."""
    small = [a for a in attempts if len(a.case.args[1]) <= FEW and a.case.args[2] == 1]
    if all(attempt.reason is None for attempt in small):
        return Reason("")
    for attempt in small:
        W, s, _ = attempt.case.args
        ends = []
        for order in permutations(range(len(s))):
            end = s.copy()
            for i in order:
                end[i] = np.sign(W[i] @ end) or end[i]
            ends.append(end)
        if not any(np.array_equal(attempt.got, end) for end in ends):
            return Reason("")
    return Reason("In some other order a sweep could end like this. Is your order 0, 1, 2, ...?")


# Properties -----------------------------------------------------------------------------------------------------------


def never_rises(call: Call):
    """No sweep raises the energy."""
    for k in range(12):
        X, s = patterns_and_state([83, k], 3 + k % 5, 10)
        W = whole(X)
        after = call(W, s, 1)
        change = int(s.astype(int) @ W @ s) - int(after.astype(int) @ W @ after.astype(int))
        if change > 0:
            return (W, s, 1), f"s·W s fell by {change}, so the energy rose."
    return None


def comes_to_rest(call: Call):
    """Many sweeps end where one more changes nothing."""
    for k in range(12):
        X, s = patterns_and_state([84, k], 4, 12)
        W = whole(X)
        end = call(W, s, 40).astype(np.int8)
        if not np.array_equal(call(W, end, 1), end):
            return (W, s, 40), "After 40 sweeps one more still changes something."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def faulty_recall(W, s, sweeps, *, stale=False, tie=None, visit=None):
    """A recall with one thing wrong."""
    s = s.copy()
    for _ in range(sweeps):
        old = s.copy()
        for i in range(len(s)) if visit is None else visit(len(s)):
            field = W[i] @ (old if stale else s)
            if field != 0:
                s[i] = 1 if field > 0 else -1
            elif tie is not None:
                s[i] = tie
    return s


def stale(W, s, sweeps):
    """The broken recall of the exercise: all fields from the start of the sweep."""
    return faulty_recall(W, s, sweeps, stale=True)


def stale_once(W, s, sweeps):
    """Fields computed once and for all."""
    return np.where(W @ s > 0, 1, np.where(W @ s < 0, -1, s))


def energy_kept(W, s, sweeps):
    """The broken recall, taking back any sweep that raises the energy."""
    for _ in range(sweeps):
        new = stale(W, s, 1)
        s = new if new @ W @ new >= s @ W @ s else s
    return s


def tie_up(W, s, sweeps):
    """A tie makes the spin +1."""
    return faulty_recall(W, s, sweeps, tie=1)


def tie_down(W, s, sweeps):
    """A tie makes the spin -1."""
    return faulty_recall(W, s, sweeps, tie=-1)


def tie_zero(W, s, sweeps):
    """A tie makes the spin 0."""
    return faulty_recall(W, s, sweeps, tie=0)


def opposite(W, s, sweeps):
    """Uphill."""
    return recall(-W, s, sweeps)


def one_sweep(W, s, sweeps):
    """One sweep, whatever `sweeps` says."""
    return recall(W, s, 1)


def until_rest(W, s, sweeps):
    """Sweeps until nothing changes, whatever `sweeps` says."""
    return recall(W, s, 50)


def untouched(W, s, sweeps):
    """The state as it came."""
    return s


def backwards(W, s, sweeps):
    """..., 2, 1, 0."""
    return faulty_recall(W, s, sweeps, visit=lambda n: range(n)[::-1])


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def recall_refreshed(W, s, sweeps):
    """Fields kept up to date: O(N) a flip."""
    s = np.array(s)
    h = W @ s
    for _ in range(sweeps):
        for i in range(s.size):
            new = np.sign(h[i]) if h[i] != 0 else s[i]
            h = h + W[:, i] * (new - s[i])
            s[i] = new
    return s


def recall_python(W, s, sweeps):
    """Lists."""
    rows, state = W.tolist(), s.tolist()
    for _ in range(sweeps):
        for i, row in enumerate(rows):
            h = sum(w * x for w, x in zip(row, state, strict=True))
            state[i] = (h > 0) - (h < 0) or state[i]
    return state


def recall_two_energies(W, s, sweeps):
    """The lower of two energies."""
    s = s.copy()
    for i in list(range(s.size)) * sweeps:
        other = s.copy()
        other[i] = -other[i]
        if other.astype(int) @ W @ other > s.astype(int) @ W @ s:
            s = other
    return s


def recall_broken(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        fields = W @ s
        for i in range(len(s)):
            if fields[i] > 0:
                s[i] = 1
            elif fields[i] < 0:
                s[i] = -1
    return s


def recall_once_fields(W, s, sweeps):
    s, fields = s.copy(), W @ s
    for _ in range(sweeps):
        for i in range(len(s)):
            if fields[i]:
                s[i] = np.sign(fields[i])
    return s


def recall_np_sign(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            s[i] = np.sign(W[i] @ s)
    return s


def recall_up(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            s[i] = 1 if W[i] @ s >= 0 else -1
    return s


def recall_down(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            s[i] = 1 if W[i] @ s > 0 else -1
    return s


def recall_uphill(W, s, sweeps):
    return recall_python(-W, s, sweeps)


def recall_one(W, s, sweeps):
    return recall_python(W, s, 1)


def recall_to_rest(W, s, sweeps):
    return recall_python(W, s, 100)


def recall_backwards(W, s, sweeps):
    return recall_python(W[::-1, ::-1], s[::-1], sweeps)[::-1]


def recall_odd_first(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in [*range(1, len(s), 2), *range(0, len(s), 2)]:
            s[i] = np.sign(W[i] @ s) or s[i]
    return s


def recall_takes_back(W, s, sweeps):
    for _ in range(sweeps):
        new = recall_broken(W, s, 1)
        if new @ W @ new >= s @ W @ s:
            s = new
    return s.copy()


def recall_in_place(W, s, sweeps):
    s[:] = recall_python(W, s, sweeps)
    return s


def recall_nothing(W, s, sweeps):
    return s.copy()


def recall_fields(W, s, sweeps):
    return W @ s


EXERCISE = Exercise(
    id="hopfield.2",
    title="Find the bug: a recall that never rests",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=recall,
    cases=cases,
    spins=True,
    edges=(("tie", TIE),),
    mistakes=(
        Mistake(
            "This is still the broken recall: every spin in a sweep decides from the fields of its start.",
            stale,
        ),
        Mistake("The fields are computed once, before the first sweep.", stale_once),
        Mistake(
            "You take a bad sweep back. That hides the swap; the cause is a spin that does not see the last flip.",
            energy_kept,
        ),
        Mistake(TIE_ZERO, tie_zero, ALMOST),
        Mistake(f"{TIE.words} You make it +1.", tie_up, ALMOST),
        Mistake(f"{TIE.words} You make it -1.", tie_down, ALMOST),
        Mistake("Right but for the sign: each spin turns against its field, uphill.", opposite, ALMOST),
        Mistake(ONE, one_sweep),
        Mistake("You go on until nothing changes; `sweeps` says how many to make.", until_rest),
        Mistake("The state comes back as it went in: no spin was ever changed.", untouched),
        Mistake("The spins are visited backwards; the order is 0, 1, 2, ...", backwards),
    ),
    across_cases=another_order,
    properties=(
        Property("no sweep raises the energy", never_rises),
        Property("recall comes to rest", comes_to_rest),
    ),
    success=(
        "A decision holds only for the state it was made from. With fresh fields every flip lowers the energy, "
        "and recall must come to rest. Next: what if it rests in the wrong place?"
    ),
    right_answers=(recall_refreshed, recall_python, recall_two_energies),
    wrong_answers=(
        (recall_broken, "still the broken recall"),
        (recall_once_fields, "computed once"),
        (recall_np_sign, "np.sign(0) is 0"),
        (recall_up, "You make it +1"),
        (recall_down, "You make it -1"),
        (recall_uphill, "against its field"),
        (recall_one, "Only one sweep"),
        (recall_to_rest, "until nothing changes"),
        (recall_backwards, "visited backwards"),
        (recall_odd_first, "Is your order 0, 1, 2, ...?"),
        (recall_takes_back, "hides the swap"),
        (recall_in_place, "changes its input s"),
        (recall_nothing, "no spin was ever changed"),
        (recall_fields, "-1"),
    ),
)
