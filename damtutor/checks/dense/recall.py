"""A recall that freezes, since each spin votes for itself: find the bug."""

from itertools import permutations

import numpy as np

from damtutor.checks.dense.common import CAVITY, INT8, OVERFLOW, SELF, TIE, TIE_ZERO, decide, energy, patterns_and_state
from damtutor.checks.dense.one_spin import spin_two_energies
from damtutor.checks.dense.sweep import (
    BACK,
    HALF,
    LATE,
    SMALL,
    faulty_sweep,
    reads_after_writing,
    starts,
    sweep,
    sweep_int8_throughout,
    sweep_recomputed,
    sweep_slope,
    varied_sweep,
    wide_starts,
)
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason


def recall(X, s, n, sweeps):
    """The state after some exact sweeps over the spins 0, 1, 2, ..."""
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i]
            cavity = overlaps - x * s[i]  # without its own vote
            new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
            if new != 0:
                overlaps += x * (new - s[i])
                s[i] = new
    return s


# Cases ----------------------------------------------------------------------------------------------------------------

FEW = 5  # neurons whose every visiting order is tried


def cases():
    """X, s, n, sweeps for a recall."""
    for X, s, n, _, tied in starts(44, SMALL, 1):
        for sweeps in (1, 2):
            yield Case((X, s, n, sweeps), "tie" if tied else "")
    for X, s, n, _ in wide_starts(44):
        yield Case((X, s, n, 2), "large")


# What the answers to all cases show -----------------------------------------------------------------------------------


def another_order(attempts):
    """One sweep over a small set ends, each time, where a sweep in some order ends, and not always in 0, 1, 2, ..."""
    small = [a for a in attempts if len(a.case.args[1]) <= FEW and a.case.args[3] == 1]
    if all(attempt.reason is None for attempt in small):
        return Reason("")
    for attempt in small:
        X, s, n, _ = attempt.case.args
        ends = (sweep(X, s, order, n) for order in permutations(range(len(s))))
        if not any(np.array_equal(attempt.got, end) for end in ends):
            return Reason("")
    return Reason("Each of these could be an exact sweep in another order. Is your order 0, 1, 2, ...?")


# Properties -----------------------------------------------------------------------------------------------------------


def never_rises(call: Call):
    """No sweep raises the energy, sweep after sweep."""
    for k in range(8):
        rng = np.random.default_rng([50, k])
        X, s = patterns_and_state(rng, 12, 16)
        n = 2 + k % 3
        for _ in range(6):
            after = call(X, s, n, 1).astype(np.int8)
            if energy(X, after, n) > energy(X, s, n):
                return (X, s, n, 1), f"The energy goes from {energy(X, s, n)} up to {energy(X, after, n)}."
            s = after
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def repeated(sweep_once, X, s, n, sweeps, **way):
    """The state after some sweeps over the spins 0, 1, 2, ..., each made by `sweep_once`."""
    for _ in range(sweeps):
        s = sweep_once(X, s, range(len(s)), n, **way)
    return s


def stale(X, s, n, sweeps):
    """Every decision from the overlaps at the start of its sweep."""
    return repeated(faulty_sweep, X, s, n, sweeps, stale=True)


def late(X, s, n, sweeps):
    """The overlaps are corrected when s[i] is new already: by nothing."""
    s = s.copy()
    for _ in range(sweeps):
        M = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i].astype(int)
            S = M - x * s[i]
            s[i] = decide(x @ ((S + 1) ** n - (S - 1) ** n), s[i])
            new = s[i]
            M += x * (new - s[i])
    return s


def doubled(X, s, n, sweeps):
    """The own share added instead of taken out."""
    return repeated(faulty_sweep, X, s, n, sweeps, field="doubled")


def column_out(X, s, n, sweeps):
    """The column taken out, without the spin."""
    return repeated(faulty_sweep, X, s, n, sweeps, field="column")


def cavity_gradient(X, s, n, sweeps):
    """The gradient instead of the difference."""
    return repeated(faulty_sweep, X, s, n, sweeps, field="cavity")


def tie_up(X, s, n, sweeps):
    """A tie makes the spin +1."""
    return repeated(faulty_sweep, X, s, n, sweeps, tie=1)


def tie_zero(X, s, n, sweeps):
    """A tie makes the spin 0."""
    return repeated(faulty_sweep, X, s, n, sweeps, tie=0)


def self_included(X, s, n, sweeps):
    """The broken recall of the exercise: full overlaps instead of cavity overlaps."""
    return repeated(faulty_sweep, X, s, n, sweeps, field="self")


def half_step(X, s, n, sweeps):
    """The overlaps move by half of what they should."""
    return repeated(faulty_sweep, X, s, n, sweeps, half=True)


def backward_step(X, s, n, sweeps):
    """The overlaps move by old - new."""
    return repeated(faulty_sweep, X, s, n, sweeps, back=True)


def one_sweep(X, s, n, sweeps):
    """One sweep, whatever `sweeps` says."""
    return sweep(X, s, range(len(s)), n)


def until_rest(X, s, n, sweeps):
    """Sweeps until nothing changes, whatever `sweeps` says."""
    for _ in range(100):
        before, s = s, sweep(X, s, range(len(s)), n)
        if np.array_equal(before, s):
            break
    return s


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def recall_recomputed(X, s, n, sweeps):
    """The other way to mend it: overlaps inside the loop over spins."""
    return repeated(sweep_recomputed, X, s, n, sweeps)


def recall_energies(X, s, n, sweeps):
    """Two whole energies a spin."""
    s = s.copy()
    for i in list(range(s.size)) * sweeps:
        s[i] = spin_two_energies(X, s, i, n)
    return s


def _own_share(X, s, n, sweeps, share):
    """The broken recall, with `share` of spin i taken out of the overlaps."""
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i]
            S = overlaps - share(x, s[i])
            new = np.sign(x @ ((S + 1) ** n - (S - 1) ** n))
            if new != 0:
                overlaps += x * (new - s[i])
                s[i] = new
    return s


def recall_broken(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: 0)


def recall_adds_own(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: -x * spin)


def recall_takes_column(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: x)


def recall_takes_one(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: 1)


def recall_slope(X, s, n, sweeps):
    return repeated(sweep_slope, X, s, n, sweeps)


def recall_stale(X, s, n, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            cavity = overlaps - X[:, i] * s[i]
            field = X[:, i] @ ((cavity + 1) ** n - (cavity - 1) ** n)
            if field != 0:
                s[i] = 1 if field > 0 else -1
    return s


def recall_late(X, s, n, sweeps):
    """The line of exercise 2, one line too low."""
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i]
            cavity = overlaps - x * s[i]
            new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
            if new != 0:
                s[i] = new
                overlaps += x * (new - s[i])
    return s


def recall_random_order(X, s, n, sweeps):
    rng = np.random.default_rng(0)
    for _ in range(sweeps):
        s = varied_sweep(X, s, rng.permutation(s.size), n)
    return s


def recall_backwards(X, s, n, sweeps):
    for _ in range(sweeps):
        s = varied_sweep(X, s, range(s.size)[::-1], n)
    return s


def recall_one_too_many(X, s, n, sweeps):
    return repeated(varied_sweep, X, s, n, sweeps if sweeps == 1 else sweeps + 1)


def recall_to_rest(X, s, n, sweeps):
    """Goes on until nothing changes."""
    for _ in range(100):
        s = varied_sweep(X, s, range(s.size), n)
    return s


def recall_np_sign(X, s, n, sweeps):
    return repeated(varied_sweep, X, s, n, sweeps, tie=0)


def recall_int8(X, s, n, sweeps):
    return repeated(sweep_int8_throughout, X, s, n, sweeps)


def recall_new_only(X, s, n, sweeps):
    return repeated(varied_sweep, X, s, n, sweeps, change=lambda new, old: new if new != old else 0)


def recall_minus(X, s, n, sweeps):
    return repeated(varied_sweep, X, s, n, sweeps, change=lambda new, old: old - new)


def recall_tie_down(X, s, n, sweeps):
    return repeated(varied_sweep, X, s, n, sweeps, tie=-1)


def recall_once(X, s, n, sweeps):
    return repeated(varied_sweep, X, s, n, 1)


def recall_in_place(X, s, n, sweeps):
    s[:] = repeated(varied_sweep, X, s, n, sweeps)
    return s


EXERCISE = Exercise(
    id="dense.4",
    title="Find the bug: a recall that freezes",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=recall,
    cases=cases,
    spins=True,
    edges=(("tie", TIE), ("large", OVERFLOW)),
    mistakes=(
        Mistake(LATE, late, matches_source=reads_after_writing),
        Mistake(
            f"This is still the broken recall. {SELF}",
            self_included,
        ),
        Mistake("The spin's own share is added once more: x * s[i] must come off.", doubled),
        Mistake("The spin's own share in an overlap is x * s[i], not x: it depends on the spin.", column_out),
        Mistake(CAVITY, cavity_gradient),
        Mistake(
            "Every spin in a sweep decides from the overlaps of its start: they are not refreshed after a flip.",
            stale,
        ),
        Mistake("Only one sweep is made, whatever `sweeps` says.", one_sweep),
        Mistake("You go on until nothing changes; `sweeps` says how many to make.", until_rest),
        Mistake(HALF, half_step),
        Mistake(BACK, backward_step),
        Mistake(TIE_ZERO, tie_zero, ALMOST),
        Mistake(TIE.words, tie_up, ALMOST),
    ),
    int8_message=INT8,
    across_cases=another_order,
    properties=(Property("no sweep raises the energy", never_rises),),
    success=(
        "Without its own vote a spin hears only the others, and a wrong bit can be overruled. The frozen recall "
        "passed every test of the energy, for what never moves never climbs. Chapter 02 has such a vote too: where?"
    ),
    right_answers=(recall_recomputed, recall_energies),
    wrong_answers=(
        (recall_broken, "still the broken recall"),
        (recall_adds_own, "must come off"),
        (recall_takes_column, "depends on the spin"),
        (recall_takes_one, "another value than the definition"),
        (recall_slope, "gradient F'(S)"),
        (recall_stale, "not refreshed"),
        (recall_late, "after s[i] was overwritten"),
        (recall_random_order, "Is your order 0, 1, 2, ...?"),
        (recall_backwards, "Is your order 0, 1, 2, ...?"),
        (recall_one_too_many, "another value than the definition"),
        (recall_to_rest, "until nothing changes"),
        (recall_np_sign, "np.sign(0) is 0"),
        (recall_int8, "wraps at 127"),
        (recall_new_only, "half of what they should"),
        (recall_minus, "wrong direction"),
        (recall_tie_down, "keeps its old value."),
        (recall_once, "Only one sweep"),
        (recall_in_place, "changes its input s"),
    ),
)
