"""A sweep that keeps its overlaps, at O(K) a spin."""

import ast
import inspect
import textwrap
from collections.abc import Callable

import numpy as np

from damtutor.checks.dense.common import (
    CAVITY,
    CLEAR,
    INT8,
    OVERFLOW,
    SELF,
    TIE,
    TIE_ZERO,
    decide,
    decision_margin,
    energy,
    patterns_and_state,
    spins,
)
from damtutor.checks.dense.one_spin import one_spin
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason

LATE = "The overlaps are refreshed after s[i] was overwritten, so that new - s[i] is 0: refresh them first."
VISIT = Reason("Right when each spin is visited once; `visit` may leave spins out or name one twice.")
BACK = "The overlaps are corrected in the wrong direction: they change by X[:, i] * (new - old)."
HALF = "After a flip the overlaps move by half of what they should: the spin changes by new - old, which is 2, not 1."


def sweep(X, s, visit, n):
    """The state after one exact visit to each spin of `visit`, in order."""
    s = s.copy()
    overlaps = X.astype(int) @ s  # once, O(KN)
    for i in visit:
        x = X[:, i]
        cavity = overlaps - x * s[i]
        new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
        if new != 0:
            overlaps += x * (new - s[i])  # O(K); 0 if the spin stays
            s[i] = new
    return s


# Cases ----------------------------------------------------------------------------------------------------------------


def _clear_sweep(X, s, visit, n):
    """Smallest margin met on the way of an exact sweep; it ends where it gets narrow."""
    s, least = s.copy(), 1.0
    for i in visit:
        least = min(least, decision_margin(X, s, i, n))
        if least <= CLEAR:
            break
        s[i] = one_spin(X, s, i, n)
    return least


def starts(tag, sizes, ties):
    """Pattern sets and damaged starts: X, s, n, the generator, whether a tie is met going 0, 1, 2, ... twice."""
    for N, K, n in sizes:
        rng = np.random.default_rng([tag, N, K, n])
        clear = tied = 0
        for _ in range(200):
            X, s = spins(rng, K, N), spins(rng, N)
            margin = _clear_sweep(X, s, [*range(N), *range(N)], n)
            if margin > CLEAR and clear < 3:
                clear += 1
                yield X, s, n, rng, False
            elif margin == 0 and tied < ties:
                tied += 1
                yield X, s, n, rng, True
            if clear == 3 and tied == ties:
                break


SMALL = ((3, 2, 3), (4, 3, 2), (5, 3, 3), (6, 4, 2), (8, 5, 4), (10, 7, 3), (12, 9, 2), (12, 7, 5))


def cases():
    """X, s, visit, n for one sweep."""
    for X, s, n, rng, tied in starts(42, SMALL, 1):
        N = len(s)
        for visit in (np.arange(N), rng.permutation(N)):
            margin = _clear_sweep(X, s, visit, n)
            if margin > CLEAR or margin == 0:
                yield Case((X, s, visit, n), "tie" if margin == 0 else "")
        if not tied:
            for visit in (rng.permutation(N)[: N // 2], rng.integers(N, size=2 * N)):
                if _clear_sweep(X, s, visit, n) > CLEAR:
                    yield Case((X, s, visit, n), "visit")
    for X, s, n, rng in wide_starts(42):
        yield Case((X, s, rng.permutation(len(s)), n), "large")


def wide_starts(tag):
    """More neurons than int8 can count."""
    for N, K, n in ((140, 2, 2), (200, 3, 3)):
        rng = np.random.default_rng([tag, N, K, n])
        X = spins(rng, K, N)
        yield X, np.where(rng.random(N) < 0.2, -X[0], X[0]).astype(np.int8), n, rng


# Properties -----------------------------------------------------------------------------------------------------------


def never_rises(call: Call):
    """No visit raises the energy."""
    for k in range(6):
        rng = np.random.default_rng([48, k])
        X, s = patterns_and_state(rng, 9, 12)
        n, order = 2 + k % 4, rng.permutation(12)
        for stop in (1, 4, 12):
            before, after = energy(X, s, n), energy(X, call(X, s, order[:stop], n), n)
            if after > before:
                return (X, s, order[:stop], n), f"The energy went from {before} to {after}."
    return None


def in_two_parts(call: Call):
    """A sweep over a, then over b, is a sweep over a and b."""
    for k in range(4):
        rng = np.random.default_rng([49, k])
        X, s = patterns_and_state(rng, 9, 12)
        n, order = 2 + k % 4, rng.permutation(12)
        parts = call(X, call(X, s, order[:5], n).astype(np.int8), order[5:], n)
        if not np.array_equal(parts, call(X, s, order, n)):
            return (X, s, order, n), "In two parts the end is another one."
    return None


# Remarks --------------------------------------------------------------------------------------------------------------


class _Counting(np.ndarray):
    """Patterns that count the numbers which pass through arithmetic with them."""

    work = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [x.view(np.ndarray) if isinstance(x, _Counting) else x for x in inputs]
        if out is not None:
            options["out"] = tuple(x.view(np.ndarray) if isinstance(x, _Counting) else x for x in out)
        _Counting.work += max(np.size(x) for x in plain)
        result = getattr(ufunc, method)(*plain, **options)
        return result.view(_Counting) if isinstance(result, np.ndarray) else result


def work_of_a_sweep(function: Callable) -> str | None:
    """A kind word for a right sweep that computes all overlaps again at every spin."""
    N, K = 120, 40
    X, s = patterns_and_state(np.random.default_rng(52), K, N)
    _Counting.work = 0
    function(X.view(_Counting), s, np.arange(N), 3)
    if _Counting.work < 0.5 * N * (N * K):
        return None
    return (
        "It is right, and it computes all overlaps again at every spin: K·N products each time where K are enough. "
        "Keep them, and change them only when a spin flips."
    )


# Mistakes that the check names ----------------------------------------------------------------------------------------


def faulty_sweep(X, s, visit, n, *, stale=False, half=False, back=False, field="exact", tie=None):
    """A sweep with one thing wrong.

    Parameters
    ----------
    X : patterns.
    s : state.
    visit : spins in the order in which they are asked.
    n : interaction order.
    stale : never refresh the overlaps.
    half : refresh them by half of what they should change.
    back : refresh them in the wrong direction.
    field : "exact"; "cavity", the slope instead of the difference; or another share of the spin that is taken out of
        the overlaps: "self" nothing, "doubled" minus its own, "column" x without the spin.
    tie : the spin at a field of 0; None keeps the old one.
    """
    s = s.copy()
    M = X.astype(int) @ s
    for i in visit:
        x = X[:, i].astype(int)
        S = M - x * {"self": 0, "doubled": -s[i], "column": 1}.get(field, s[i])
        D = x @ (n * S ** (n - 1) if field == "cavity" else (S + 1) ** n - (S - 1) ** n)
        new = decide(D, s[i], tie)
        if not stale:
            M = M + x * (new - s[i]) // (2 if half else -1 if back else 1)
        s[i] = new
    return s


def stale(X, s, visit, n):
    """Every decision from the overlaps at the start of the sweep."""
    return faulty_sweep(X, s, visit, n, stale=True)


def late(X, s, visit, n):
    """The overlaps are corrected when s[i] is new already: by nothing."""
    s = s.copy()
    M = X.astype(int) @ s
    for i in visit:
        x = X[:, i].astype(int)
        S = M - x * s[i]
        s[i] = decide(x @ ((S + 1) ** n - (S - 1) ** n), s[i])
        new = s[i]
        M += x * (new - s[i])
    return s


def reads_after_writing(answer: Callable) -> bool:
    """Whether the source of `answer` sets an entry, such as s[i], and later takes a difference with it."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
    except (OSError, TypeError, SyntaxError):  # no source to be had
        return False
    blocks = (getattr(node, name, None) for node in ast.walk(tree) for name in ("body", "orelse"))
    for block in (block for block in blocks if isinstance(block, list)):
        written = set()
        for statement in block:
            nodes = list(ast.walk(statement))
            differences = [n for n in nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
            if written & {ast.unparse(side) for n in differences for side in (n.left, n.right)}:
                return True
            written |= {ast.unparse(n) for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)}
    return False


def half_step(X, s, visit, n):
    """A flip moves the overlaps by x * new (that is 1) instead of x * (new - old), which is 2."""
    return faulty_sweep(X, s, visit, n, half=True)


def backward_step(X, s, visit, n):
    """The overlaps move by old - new."""
    return faulty_sweep(X, s, visit, n, back=True)


def self_included(X, s, visit, n):
    """Full overlaps instead of cavity overlaps."""
    return faulty_sweep(X, s, visit, n, field="self")


def cavity_gradient(X, s, visit, n):
    """The gradient instead of the difference."""
    return faulty_sweep(X, s, visit, n, field="cavity")


def tie_up(X, s, visit, n):
    """A tie makes the spin +1."""
    return faulty_sweep(X, s, visit, n, tie=1)


def tie_zero(X, s, visit, n):
    """A tie makes the spin 0."""
    return faulty_sweep(X, s, visit, n, tie=0)


def natural_order(X, s, visit, n):
    """0, 1, 2, ... instead of `visit`."""
    return sweep(X, s, range(len(s)), n)


def untouched(X, s, visit, n):
    """The state as it came."""
    return s


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def sweep_recomputed(X, s, visit, n):
    """All overlaps again at every spin: right, at N times the cost."""
    s = s.astype(np.float64)
    for i in visit:
        S = X.astype(np.float64) @ s - X[:, i] * s[i]
        s[i] = decide(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])
    return s


def sweep_identity(X, s, visit, n):
    """One dot product a spin, with the tables of gain and bend; overlaps moved by a flip only."""
    s = s.tolist()
    columns = X.T.astype(int)
    M = X.astype(int) @ np.array(s)
    for i in visit:
        gain = (M + 2) ** n - (M - 2) ** n
        bend = (M + 2) ** n - 2 * M**n + (M - 2) ** n
        D = columns[i] @ gain - s[i] * bend.sum()
        if D * s[i] < 0:
            M -= 2 * s[i] * columns[i]
            s[i] = -s[i]
    return s


def sweep_python(X, s, visit, n):
    """No array at all."""
    rows, s = X.tolist(), s.tolist()
    M = [sum(a * b for a, b in zip(row, s, strict=True)) for row in rows]
    for i in visit:
        S = [m - row[i] * s[i] for m, row in zip(M, rows, strict=True)]
        new = decide(sum(row[i] * ((a + 1) ** n - (a - 1) ** n) for a, row in zip(S, rows, strict=True)), s[i])
        M = [a + row[i] * new for a, row in zip(S, rows, strict=True)]
        s[i] = new
    return tuple(s)


def varied_sweep(X, s, visit, n, *, fresh=True, change=lambda new, old: new - old, own=True, tie=None, slope=False):
    """The sweep as a learner may write it, with one thing changed."""
    s = s.copy()
    M = X.astype(int) @ s
    for i in visit:
        S = M - X[:, i] * s[i] if own else M
        D = X[:, i] @ (S ** (n - 1) if slope else (S + 1) ** n - (S - 1) ** n)
        new = decide(D, s[i] if tie is None else tie)
        if fresh:
            M = M + X[:, i] * int(change(new, s[i]))
        s[i] = new
    return s


def sweep_stale(X, s, visit, n):
    return varied_sweep(X, s, visit, n, fresh=False)


def sweep_late(X, s, visit, n):
    """Corrected when s[i] is overwritten already."""
    s = s.copy()
    overlaps = X.astype(int) @ s
    for i in visit:
        x = X[:, i]
        cavity = overlaps - x * s[i]
        new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
        if new != 0:
            s[i] = new
            overlaps += x * (new - s[i])
    return s


def sweep_late_after_the_if(X, s, visit, n):
    s = s.tolist()
    M = X.astype(int) @ np.array(s)
    for i in visit:
        S = M - X[:, i] * s[i]
        new = decide(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])
        if new != s[i]:
            s[i] = new
        change = new - s[i]
        if change != 0:
            M = M + change * X[:, i]
    return s


def sweep_stale_counts(X, s, visit, n):
    """Reads s[i] after writing it, but corrects nothing."""
    s, flips = s.copy(), 0
    M = X.astype(int) @ s
    for i in visit:
        old, S = s[i], M - X[:, i] * s[i]
        s[i] = decide(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])
        flips += s[i] != old
    return s


def sweep_np_sign(X, s, visit, n):
    """A spin may become 0."""
    return varied_sweep(X, s, visit, n, tie=0)


def sweep_new_only(X, s, visit, n):
    return varied_sweep(X, s, visit, n, change=lambda new, old: new if new != old else 0)


def sweep_minus(X, s, visit, n):
    return varied_sweep(X, s, visit, n, change=lambda new, old: old - new)


def sweep_self(X, s, visit, n):
    return varied_sweep(X, s, visit, n, own=False)


def sweep_slope(X, s, visit, n):
    return varied_sweep(X, s, visit, n, slope=True)


def sweep_tie_up(X, s, visit, n):
    return varied_sweep(X, s, visit, n, tie=1)


def sweep_own_order(X, s, visit, n):
    return varied_sweep(X, s, range(s.size), n)


def sweep_backwards(X, s, visit, n):
    return varied_sweep(X, s, list(visit)[::-1], n)


def sweep_each_once(X, s, visit, n):
    return varied_sweep(X, s, list(dict.fromkeys(visit.tolist())), n)


def sweep_int8(X, s, visit, n):
    s = s.copy()
    M = X @ s
    for i in visit:
        S = M.astype(int) - X[:, i] * s[i]
        new = np.int8(decide(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i]))
        M = M + X[:, i] * (new - s[i])
        s[i] = new
    return s


def sweep_int8_throughout(X, s, visit, n):
    s = s.copy()
    overlaps = X @ s
    for i in visit:
        x = X[:, i]
        cavity = overlaps - x * s[i]
        new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
        if new != 0:
            overlaps += x * (new - s[i])
            s[i] = new
    return s


def sweep_int8_recomputed(X, s, visit, n):
    s = s.copy()
    for i in visit:
        S = X @ s - X[:, i] * s[i]
        s[i] = decide(
            sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i]
        )
    return s


def sweep_in_place(X, s, visit, n):
    s[:] = sweep_recomputed(X, s, visit, n)
    return s


def sweep_wipes_patterns(X, s, visit, n):
    new = sweep_recomputed(X, s, visit, n)
    X[:] = 0
    return new


def sweep_nothing(X, s, visit, n):
    return s.copy()


def sweep_overlaps(X, s, visit, n):
    return X.astype(int) @ s


EXERCISE = Exercise(
    id="dense.2",
    title="A sweep at O(K) per spin",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=sweep,
    cases=cases,
    spins=True,
    edges=(("tie", TIE), ("large", OVERFLOW), ("visit", VISIT)),
    mistakes=(
        Mistake(LATE, late, matches_source=reads_after_writing),
        Mistake("Every spin decided from the old state: the overlaps are not refreshed after a flip.", stale),
        Mistake(HALF, half_step),
        Mistake(BACK, backward_step),
        Mistake(TIE_ZERO, tie_zero, ALMOST),
        Mistake(TIE.words, tie_up, ALMOST),
        Mistake("The state comes back as it went in: no spin was ever changed.", untouched),
        Mistake("The spins are visited in the order 0, 1, 2, ...; `visit` names another.", natural_order),
        Mistake(SELF, self_included),
        Mistake(CAVITY, cavity_gradient),
    ),
    int8_message=INT8,
    properties=(
        Property("no visit raises the energy", never_rises),
        Property("a sweep in two parts is the same sweep", in_two_parts),
    ),
    remarks=(work_of_a_sweep,),
    success=(
        "Each decision sees every flip before it. If it reads one column, and only a flip corrects the K overlaps, "
        "as in the package's kernels, then 1000 neurons and 20000 patterns take seconds, not hours: try it."
    ),
    right_answers=(sweep_recomputed, sweep_identity, sweep_python),
    wrong_answers=(
        (sweep_stale, "not refreshed"),
        (sweep_new_only, "half of what they should"),
        (sweep_minus, "wrong direction"),
        (sweep_self, "votes for itself"),
        (sweep_slope, "gradient F'(S)"),
        (sweep_tie_up, "keeps its old value."),
        (sweep_own_order, "`visit` names another"),
        (sweep_backwards, "another value than the definition"),
        (sweep_each_once, "name one twice"),
        (sweep_int8, "wraps at 127"),
        (sweep_int8_throughout, "wraps at 127"),
        (sweep_int8_recomputed, "wraps at 127"),
        (sweep_late, "after s[i] was overwritten"),
        (sweep_late_after_the_if, "after s[i] was overwritten"),
        (sweep_stale_counts, "not refreshed"),
        (sweep_np_sign, "np.sign(0) is 0"),
        (sweep_in_place, "changes its input s"),
        (sweep_wipes_patterns, "changes its input X"),
        (sweep_nothing, "no spin was ever changed"),
        (sweep_overlaps, "shape"),
    ),
)
