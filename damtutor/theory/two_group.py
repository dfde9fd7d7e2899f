"""How slow may the memory neurons of a large associative memory be? Three equations for the race of recall.

One pattern, f = relu(m)ⁿ⁻¹ with m = h/N, bits of two kinds: right ones r (they start at +1 in the pattern's own sign)
and a share d of wrong ones w (-1). The memory neuron starts at 0.

    τ_f r' = f(m) - r      τ_f w' = f(m) - w      τ_h m' = (1 - d) tanh(βr) + d tanh(βw) - m

Features decay on the scale τ_f, the memory neuron grows on the scale τ_h. The pattern is recalled if the memory neuron
is large before the features are small.

Source: the network is that of Krotov & Hopfield (2021), its reduction to three equations our own. Where it stops being
true: other patterns are left out (their crosstalk helps or harms by chance), so that a network of N neurons has an edge
of its own around this one.
"""

from __future__ import annotations

import math

import numpy as np

from damtutor.models import integrate
from damtutor.validate import as_count, as_real

FASTEST, SLOWEST = 0.05, 60.0  # τ_h/τ_f between which the edge is looked for
RATIOS = 25  # tried at once: each round narrows the edge 24 times
ROUNDS = 4
DT = 0.1  # τ_f; and at most an eighth of τ_h


def race(
    ratio: float, damage: float, order: int = 3, *, beta: float = 4.0, time: float = 20.0, points: int = 200
) -> integrate.Solution:
    """The three variables over time. Right bits start at 1, wrong bits at -1, the memory neuron at 0.

    Parameters
    ----------
    ratio : τ_h/τ_f > 0.
    damage : share of wrong bits, 0 to 1/2.
    order : n >= 2.
    beta : slope of tanh.
    time : in units of τ_f.
    points : recorded intervals.

    Returns
    -------
    Solution: times `(T,)` and rows `(T, 3)` of (r, w, m).

    Examples
    --------
    >>> race(5.0, 0.1, time=80).rows[-1].round(3).tolist()
    [0.999, 0.999, 0.999]
    >>> abs(race(6.0, 0.1, time=80).rows[-1]).max() < 1e-3
    np.True_
    """
    ratio = as_real(ratio, "ratio", low=0.0, strict=True)
    velocity = _velocity(np.array(ratio), _damage(damage), as_count(order, "order", 2), _beta(beta))
    times = np.linspace(0, as_real(time, "time", low=0.0, high=1e6, strict=True), as_count(points, "points") + 1)
    return integrate.rk4(velocity, np.array([1.0, -1.0, 0.0]), times, min(DT, ratio / 8))


def edge(damage: float, order: int = 3, *, beta: float = 4.0) -> float:
    """Largest τ_h/τ_f at which the pattern still comes back; inf if it does at every one up to 60.

    For tanh(4v): 6.91, 5.20, 3.49 and 1.78 at n = 3 and a damage of 0, 10, 20 and 30 %; 1.53 at n = 4 and 10 %.
    For n = 2 and β > 1 the silent state is unstable, so that nothing is forgotten.

    Parameters
    ----------
    damage : share of wrong bits, 0 <= d < 1/2.
    order : n >= 2.
    beta : slope of tanh, > 0.

    Returns
    -------
    float, right to 1e-4 relative; 0 where not even τ_h = τ_f/20 brings the pattern back.

    Raises
    ------
    ValueError : a number out of range.

    Examples
    --------
    >>> round(edge(0.1), 2), edge(0.1, order=2)
    (5.2, inf)
    """
    damage, order, beta = _damage(damage), as_count(order, "order", 2), _beta(beta)
    if _memory(order, beta)[2] < 0.1:  # tanh is too flat: only silence rests
        return 0.0
    low, high = FASTEST, SLOWEST
    for k in range(ROUNDS):
        ratios = np.geomspace(low, high, RATIOS)
        back = _recalled(ratios, damage, order, beta)
        if k == 0 and back.all():
            return math.inf
        if not back[0]:
            return 0.0 if k == 0 else float(low)
        last = RATIOS - 1 - int(np.argmax(back[::-1]))
        low, high = ratios[last], ratios[min(last + 1, RATIOS - 1)]
    return float(math.sqrt(low * high))


def _recalled(ratios: np.ndarray, damage: float, order: int, beta: float) -> np.ndarray:
    """True where the pattern comes back, `(R,)`; each row in steps of its own, until all are decided.

    No variable holds another one down (∂f/∂m and tanh' are not negative), so that the flow keeps the order of states.
    A state with all bits alike, (c, c, b), falls for ever if f(b) <= c and tanh(βc) <= b: what lies below it falls
    silent, if c lies below the memory. It rises for ever if both are the other way round: what lies above comes back.
    """
    step = np.minimum(DT, ratios / 8)[:, None]
    velocity = _velocity(ratios[:, None], damage, order, beta)
    y, memory = np.tile([1.0, -1.0, 0.0], (len(ratios), 1)), _memory(order, beta)[0]
    decided, back = np.zeros(len(ratios), bool), np.zeros(len(ratios), bool)
    while not decided.all():
        for _ in range(10):
            y = integrate.rk4_step(velocity, y, step)
        r, w, m = y.T
        f = np.maximum(m, 0.0) ** (order - 1)
        high, low = np.maximum(np.maximum(r, w), f), np.minimum(np.minimum(r, w), f)
        above, below = np.maximum(m, np.tanh(beta * high)), np.minimum(m, np.tanh(beta * low))
        silent = (high < memory) & (above ** (order - 1) <= high)
        rises = (low > 0) & (np.maximum(below, 0.0) ** (order - 1) >= low)
        back |= rises
        decided |= rises | silent
    return back


def _memory(order: int, beta: float) -> np.ndarray:
    """(r, w, m) at the recalled pattern: the largest solution of m = tanh(β mⁿ⁻¹); all zero if there is none."""
    m = 1.0
    for _ in range(10000):
        m = math.tanh(beta * m ** (order - 1))
    return np.array([m ** (order - 1), m ** (order - 1), m])


def _velocity(ratio, damage, order, beta):
    def velocity(y):
        r, w, m = y[..., :1], y[..., 1:2], y[..., 2:]
        f = np.maximum(m, 0.0) ** (order - 1)
        heard = (1 - damage) * np.tanh(beta * r) + damage * np.tanh(beta * w)
        return np.concatenate((f - r, f - w, (heard - m) / ratio), axis=-1)

    return velocity


def _damage(damage) -> float:
    damage = as_real(damage, "damage", low=0.0, high=0.5)
    if damage == 0.5:
        raise ValueError("damage is 0.5: nothing is left of the pattern; expected a share in [0, 0.5), for example 0.1")
    return damage


def _beta(beta) -> float:
    return as_real(beta, "beta", low=0.0, strict=True)
