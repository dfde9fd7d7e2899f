"""Wrong ways that are often gone in chapter `dense`, as functions: an answer that agrees with one is named by it."""

import ast
import inspect
import math
import textwrap
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from damtutor.checks.dense.answers import one_spin, sweep


def _decide(field, old, tie=None):
    """Sign of a field; at zero the old spin, or `tie`."""
    if field == 0:
        return old if tie is None else tie
    return 1 if field > 0 else -1


def _parts(X, s, i):
    """Overlaps, the pattern's column at spin i, and that spin, as Python integers in arrays of objects."""
    wide = X.astype(object)
    return wide @ s.astype(object), wide[:, i], int(s[i])


# one spin -----------------------------------------------------------------------------------------------------------


def opposite_sign(X, s, i, n):
    """E(+) - E(-) instead of E(-) - E(+)."""
    M, x, old = _parts(X, s, i)
    return _decide(-sum(x * ((M - x * old + 1) ** n - (M - x * old - 1) ** n)), old)


def full_gradient(X, s, i, n):
    """F' of the full overlap: the spin votes for itself."""
    M, x, old = _parts(X, s, i)
    return _decide(sum(x * n * M ** (n - 1)), old)


def self_included(X, s, i, n):
    """The difference around the full overlap."""
    M, x, old = _parts(X, s, i)
    return _decide(sum(x * ((M + 1) ** n - (M - 1) ** n)), old)


def cavity_gradient(X, s, i, n):
    """F' of the cavity overlap: the leading order of the difference."""
    M, x, old = _parts(X, s, i)
    return _decide(sum(x * n * (M - x * old) ** (n - 1)), old)


def no_pattern_sign(X, s, i, n):
    """The factor X[:, i] is forgotten."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return _decide(sum((S + 1) ** n - (S - 1) ** n), old)


def raw_field(X, s, i, n):
    """The energy difference itself."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return int(sum(x * ((S + 1) ** n - (S - 1) ** n)))


def clipped_powers(X, s, i, n):
    """max(x**n, 0): rectified after the power."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return _decide(sum(x * (np.maximum((S + 1) ** n, 0) - np.maximum((S - 1) ** n, 0))), old)


def clipped_overlaps(X, s, i, n):
    """max(x, 0)**n: the rectified memory."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return _decide(sum(x * (np.maximum(S + 1, 0) ** n - np.maximum(S - 1, 0) ** n)), old)


def column_out(X, s, i, n):
    """The column taken out of the overlaps, without the spin."""
    M, x, old = _parts(X, s, i)
    S = M - x
    return _decide(sum(x * ((S + 1) ** n - (S - 1) ** n)), old)


def spin_out(X, s, i, n):
    """The spin taken out of the overlaps, without the column."""
    M, x, old = _parts(X, s, i)
    S = M - old
    return _decide(sum(x * ((S + 1) ** n - (S - 1) ** n)), old)


def summed_powers(X, s, i, n):
    """A sum of the two powers instead of their difference."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return _decide(sum(x * ((S + 1) ** n + (S - 1) ** n)), old)


def classical_field(X, s, i, n):
    """The field of n = 2, whatever n is."""
    return one_spin(X, s, i, 2)


def zero_at_tie(X, s, i, n):
    """np.sign of the field, 0 at a tie."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return _decide(sum(x * ((S + 1) ** n - (S - 1) ** n)), old, tie=0)


# a sweep ------------------------------------------------------------------------------------------------------------


def walk(X, s, visit, n, *, stale=False, half=False, back=False, field="exact", tie=None):
    """A sweep with one thing wrong: overlaps never refreshed, by half or backwards, another field, another tie rule.

    field : "exact", "cavity" (the slope instead of the difference), or another share of the spin that is taken out:
    "self" nothing, "doubled" minus its own, "column" x without the spin.
    """
    s = s.copy()
    M = X.astype(int) @ s
    for i in visit:
        x = X[:, i].astype(int)
        S = M - x * {"self": 0, "doubled": -s[i], "column": 1}.get(field, s[i])
        D = x @ (n * S ** (n - 1) if field == "cavity" else (S + 1) ** n - (S - 1) ** n)
        new = _decide(D, s[i], tie)
        if not stale:
            M = M + x * (new - s[i]) // (2 if half else -1 if back else 1)
        s[i] = new
    return s


def stale(X, s, visit, n):
    """Every decision from the overlaps at the start of the sweep."""
    return walk(X, s, visit, n, stale=True)


def late(X, s, visit, n):
    """The overlaps are corrected when s[i] is new already: by nothing."""
    s = s.copy()
    M = X.astype(int) @ s
    for i in visit:
        x = X[:, i].astype(int)
        S = M - x * s[i]
        s[i] = _decide(x @ ((S + 1) ** n - (S - 1) ** n), s[i])
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
    return walk(X, s, visit, n, half=True)


def backward_step(X, s, visit, n):
    """The overlaps move by old - new."""
    return walk(X, s, visit, n, back=True)


def self_in_sweep(X, s, visit, n):
    """Full overlaps instead of cavity overlaps."""
    return walk(X, s, visit, n, field="self")


def cavity_in_sweep(X, s, visit, n):
    """The gradient instead of the difference."""
    return walk(X, s, visit, n, field="cavity")


def tie_up(X, s, visit, n):
    """A tie makes the spin +1."""
    return walk(X, s, visit, n, tie=1)


def tie_zero(X, s, visit, n):
    """A tie makes the spin 0."""
    return walk(X, s, visit, n, tie=0)


def natural_order(X, s, visit, n):
    """0, 1, 2, ... instead of `visit`."""
    return sweep(X, s, range(len(s)), n)


def untouched(X, s, visit, n):
    """The state as it came."""
    return s


# capacity -----------------------------------------------------------------------------------------------------------


def capacity(N, n, p, *, power=1, noise=None, sides=1, factor=1.0, root=2, sign=1):
    """The capacity formula with one thing changed."""
    z = sign * NormalDist().inv_cdf(1 - p / sides)
    noise = math.prod(range(1, 2 * n - 2, 2)) if noise is None else noise(n)
    return factor * N ** (n - power) / (z**root * noise)


def plain_factorial(N, n, p):
    """(2n-3)! instead of (2n-3)!!."""
    return capacity(N, n, p, noise=lambda n: math.factorial(2 * n - 3))


def next_double_factorial(N, n, p):
    """(2n-1)!! instead of (2n-3)!!."""
    return capacity(N, n, p, noise=lambda n: math.prod(range(1, 2 * n, 2)))


def last_double_factorial(N, n, p):
    """(2n-5)!! instead of (2n-3)!!."""
    return capacity(N, n, p, noise=lambda n: math.prod(range(1, 2 * n - 4, 2)))


def no_factorial(N, n, p):
    """No (2n-3)!! at all."""
    return capacity(N, n, p, noise=lambda n: 1)


def two_sided(N, n, p):
    """z of a two-sided test."""
    return capacity(N, n, p, sides=2)


def z_not_squared(N, n, p):
    """z instead of z**2."""
    return capacity(N, n, p, root=1)


def negative_z(N, n, p):
    """inv_cdf(p) is -z, and shows where z is not squared."""
    return capacity(N, n, p, root=1, sign=-1)


def error_for_z(N, n, p):
    """p in the place of z."""
    return N ** (n - 1) / (p**2 * math.prod(range(1, 2 * n - 2, 2)))


def times_z(N, n, p):
    """z**2 above instead of below."""
    return capacity(N, n, p, root=-2)


def times_noise(N, n, p):
    """(2n-3)!! above instead of below."""
    return capacity(N, n, p, noise=lambda n: 1 / math.prod(range(1, 2 * n - 2, 2)))


def power_n(N, n, p):
    """N**n instead of N**(n-1)."""
    return capacity(N, n, p, power=0)


def rectified_capacity(N, n, p):
    """The capacity of F = max(x, 0)**n."""
    return capacity(N, n, p, factor=2)


def perfect_recall(N, n, p):
    """The formula for one pattern without any error: N**(n-1) / (2 (2n-3)!! ln N)."""
    return N ** (n - 1) / (2 * math.prod(range(1, 2 * n - 2, 2)) * math.log(N))


# recall -------------------------------------------------------------------------------------------------------------


def stale_recall(X, s, n, sweeps):
    """Every decision from the overlaps at the start of its sweep."""
    for _ in range(sweeps):
        s = stale(X, s, range(len(s)), n)
    return s


def late_recall(X, s, n, sweeps):
    """The overlaps are corrected when s[i] is new already: by nothing."""
    s = s.copy()
    for _ in range(sweeps):
        M = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i].astype(int)
            S = M - x * s[i]
            s[i] = _decide(x @ ((S + 1) ** n - (S - 1) ** n), s[i])
            new = s[i]
            M += x * (new - s[i])
    return s


def doubled_recall(X, s, n, sweeps):
    """The own share added instead of taken out."""
    for _ in range(sweeps):
        s = walk(X, s, range(len(s)), n, field="doubled")
    return s


def column_recall(X, s, n, sweeps):
    """The column taken out, without the spin."""
    for _ in range(sweeps):
        s = walk(X, s, range(len(s)), n, field="column")
    return s


def cavity_in_recall(X, s, n, sweeps):
    """The gradient instead of the difference."""
    for _ in range(sweeps):
        s = cavity_in_sweep(X, s, range(len(s)), n)
    return s


def tie_up_recall(X, s, n, sweeps):
    """A tie makes the spin +1."""
    for _ in range(sweeps):
        s = tie_up(X, s, range(len(s)), n)
    return s


def tie_zero_recall(X, s, n, sweeps):
    """A tie makes the spin 0."""
    for _ in range(sweeps):
        s = tie_zero(X, s, range(len(s)), n)
    return s


def self_in_recall(X, s, n, sweeps):
    """The broken recall of the exercise: full overlaps instead of cavity overlaps."""
    for _ in range(sweeps):
        s = self_in_sweep(X, s, range(len(s)), n)
    return s


def half_recall(X, s, n, sweeps):
    """The overlaps move by half of what they should."""
    for _ in range(sweeps):
        s = half_step(X, s, range(len(s)), n)
    return s


def backward_recall(X, s, n, sweeps):
    """The overlaps move by old - new."""
    for _ in range(sweeps):
        s = backward_step(X, s, range(len(s)), n)
    return s


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
