"""Exact recall as a game in whole numbers: every neuron earns what its spin adds to -E, and updates are best responses.

A pattern overlaps the other neurons by S = M - ξ_i x_i. Turning x_i from -1 to +1 raises N**(n-1) F, F = -E, by

    Δ_i = Σ_μ ξ_iμ g(S_μ),    g(S) = (S+1)**n - (S-1)**n,

which does not depend on x_i. With payoffs u_i = x_i Δ_i / 2 a lone flip changes u_i and N**(n-1) F by the same amount:
an exact potential game, whose pure Nash equilibria are the fixed points of the exact rule. Without the half it is a
weighted one, with the same equilibria. All numbers here are integers in units of N**-(n-1), without rounding: int64
where a bound shows that they fit, Python integers where not. g is always even, so the halves are whole.

Source: after Gaikwad (2026); the factor ½ and the bounds are derived here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from damtutor.models.interactions import Power
from damtutor.theory.capacity import as_order
from damtutor.validate import as_array, as_count, as_flag, as_patterns, as_state


class Profile(NamedTuple):
    """How a gauged pattern set looks from every neuron; see `profile`.

    Attributes
    ----------
    levels : the different overlaps C, int64 `(L,)`, rising.
    plus : int64 `(N, L)`, how many patterns at that level have a_i = +1.
    minus : int64 `(N, L)`, how many have a_i = -1.
    """

    levels: np.ndarray
    plus: np.ndarray
    minus: np.ndarray


def interaction_difference(level: Any, order: int = 3) -> Any:
    """g(S) = (S+1)**n - (S-1)**n: 4S, 6S² + 2, 8S³ + 8S, ... for n = 2, 3, 4.

    Even in S, positive and least at 0 for odd n; odd in S and rising for even n.

    Parameters
    ----------
    level : S, an integer or an array of integers.
    order : n, 2 <= n <= 1000.

    Returns
    -------
    A Python int, or an array of the shape of `level`: int64 if all of it fits, else Python integers (object).

    Raises
    ------
    ValueError : levels that are not integers, an order out of range.

    Examples
    --------
    >>> [interaction_difference(5, n) for n in (2, 3, 4, 5)]
    [20, 152, 1040, 6752]
    >>> interaction_difference([-1, 0, 2])
    array([ 8,  2, 26])
    """
    power = Power(as_order(order))
    levels = as_array(level, "level", "expected whole numbers, for example [-3, 1, 5]")
    numbers = levels.ravel().tolist()
    if levels.dtype.kind not in "iuO" or not all(type(number) is int for number in numbers):
        raise ValueError(f"level: dtype {levels.dtype}; expected whole numbers, for example [-3, 1, 5]")
    values = [power.exact_value(s + 1) - power.exact_value(s - 1) for s in numbers]
    if levels.ndim == 0:
        return values[0]
    kind = np.int64 if max(map(abs, values), default=0) < 2**63 else object
    return np.array(values, dtype=kind).reshape(levels.shape)


def field_differences(patterns: Any, state: Any, order: int = 3) -> np.ndarray:
    """Δ_i = N**(n-1) [F(x_i = +1) - F(x_i = -1)] of every neuron, exactly: the update sets x_i to its sign.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    state : x, `(N,)` of ±1.
    order : n, 2 <= n <= 1000.

    Returns
    -------
    `(N,)`: int64 where K g(N+1) < 2**63, which no sum exceeds, else Python integers (object). A tie is 0.

    Raises
    ------
    ValueError : patterns or state not ±1 or of another length, an order out of range.

    Examples
    --------
    >>> field_differences([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, -1, 1])
    array([ 64,  48, -64,  48])
    """
    patterns = as_patterns(patterns)
    state = as_state(state, patterns.shape[1])
    return state * margins(patterns, state, order)


def margins(patterns: Any, state: Any, order: int = 3, *, target: Any = None) -> np.ndarray:
    """h_i = t_i Δ_i(x): above 0 an update makes or keeps bit i equal to the target's, at 0 it leaves the bit as it is.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    state : x, `(N,)` of ±1.
    order : n, 2 <= n <= 1000.
    target : t, `(N,)` of ±1; None is the state itself, which is a fixed point if no margin is negative.

    Returns
    -------
    `(N,)`, of the type of `field_differences`.

    Raises
    ------
    ValueError : what `field_differences` refuses.

    Examples
    --------
    >>> margins([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, -1, 1])
    array([64, 48, 64, 48])
    >>> margins([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, 1, 1], target=[1, 1, -1, 1])
    array([64,  0, 64,  0])
    """
    patterns, order = as_patterns(patterns), as_order(order)
    state = as_state(state, patterns.shape[1])
    seen = profile(patterns * state)
    kind = whole_type(*patterns.shape, order)
    gains = (interaction_difference(seen.levels + shift, order).astype(kind) for shift in (-1, 1))
    stays = seen.plus @ next(gains) - seen.minus @ next(gains)
    return stays if target is None else state * as_state(target, len(state), "target") * stays


def profile(gauged: np.ndarray) -> Profile:
    """Patterns counted by level, seen from each neuron; the argument is not checked.

    Parameters
    ----------
    gauged : a_μi = ξ_iμ x_i, int8 `(K, N)`, the patterns in the gauge of a state x. K may be 0.
    """
    overlap = gauged.sum(axis=1, dtype=np.int64)
    rising = np.argsort(overlap, kind="stable")
    levels, starts, counts = np.unique(overlap[rising], return_index=True, return_counts=True)
    if not len(levels):
        plus = np.zeros((gauged.shape[1], 0), np.int64)
    else:
        plus = np.add.reduceat(gauged[rising] > 0, starts, axis=0, dtype=np.int64).T
    return Profile(levels, plus, counts - plus)


def whole_type(count: int, size: int, order: int) -> type:
    """int64 where K g(N+1), which bounds each sum over patterns on the way too, is below 2**63; else object."""
    count, size = as_count(count, "count"), as_count(size, "size")
    return np.int64 if count * interaction_difference(size + 1, order) < 2**63 else object


def potential(patterns: Any, state: Any, order: int = 3) -> int:
    """N**(n-1) F = Σ_μ M_μ**n, exactly: minus N**(n-1) times the energy of `DenseAM` with `Power(n)`.

    Parameters
    ----------
    patterns, state, order : as in `field_differences`.

    Examples
    --------
    >>> potential([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, -1, 1])
    64
    """
    patterns = as_patterns(patterns)
    state, order = as_state(state, patterns.shape[1]), as_order(order)
    overlaps, counts = np.unique((patterns * state).sum(axis=1, dtype=np.int64), return_counts=True)
    return sum(count * m**order for m, count in zip(overlaps.tolist(), counts.tolist(), strict=True))


def payoffs(patterns: Any, state: Any, order: int = 3) -> np.ndarray:
    """u_i = x_i Δ_i / 2 of every neuron, in the unit of `potential`; `(N,)`, whole.

    Parameters
    ----------
    patterns, state, order : as in `field_differences`.

    Examples
    --------
    >>> payoffs([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, -1, 1])
    array([32, 24, 32, 24])
    """
    return margins(patterns, state, order) // 2


def best_response(patterns: Any, state: Any, order: int = 3) -> np.ndarray:
    """What each neuron would choose if it alone moved: the sign of Δ_i; at a tie it stays. int8 `(N,)`.

    Parameters
    ----------
    patterns, state, order : as in `field_differences`.

    Examples
    --------
    >>> best_response([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, 1, 1]).tolist()
    [1, 1, -1, 1]
    """
    patterns = as_patterns(patterns)
    state = as_state(state, patterns.shape[1])
    return np.where(margins(patterns, state, order) < 0, -state, state)


def is_nash(patterns: Any, state: Any, order: int = 3, *, strict: bool = False) -> bool:
    """Whether no neuron gains by a lone flip: the fixed points of the exact rule, which keeps ties.

    Parameters
    ----------
    patterns, state, order : as in `field_differences`.
    strict : every lone flip has to lose.

    Examples
    --------
    >>> patterns = [[1, 1, -1, 1], [1, -1, -1, -1]]
    >>> is_nash(patterns, [1, 1, -1, 1]), is_nash(patterns, [1, 1, 1, 1])
    (True, False)
    """
    strict, least = as_flag(strict, "strict"), margins(patterns, state, order).min()
    return bool(least > 0 if strict else least >= 0)


def identity_errors(patterns: Any, state: Any, order: int = 3) -> np.ndarray:
    """[u_i(x') - u_i(x)] - [F(x') - F(x)] for x' = x with spin i flipped, each side anew from its definition.

    Parameters
    ----------
    patterns, state, order : as in `field_differences`. N flips, O(K N²).

    Returns
    -------
    Python integers, object `(N,)`: zeros, since the game has an exact potential.

    Examples
    --------
    >>> identity_errors([[1, 1, -1, 1], [1, -1, -1, -1]], [1, 1, 1, 1])
    array([0, 0, 0, 0], dtype=object)
    """
    patterns = as_patterns(patterns)
    state = as_state(state, patterns.shape[1])
    before, height = payoffs(patterns, state, order), potential(patterns, state, order)
    errors = []
    for i in range(len(state)):
        state[i] *= -1
        earned = int(payoffs(patterns, state, order)[i]) - int(before[i])
        errors.append(earned - (potential(patterns, state, order) - height))
        state[i] *= -1
    return np.array(errors, dtype=object)
