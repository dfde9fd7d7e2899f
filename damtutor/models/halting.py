"""How long should a memory think? A batch of states, each updated until a stopping rule ends its run.

    energy   the update lowered the energy by less than the tolerance
    step     the update moved the state by less than the tolerance
    fixed    after `max_steps` updates

For the continuous network an update of rate 1 lowers the energy by at least |dx|²/2: log-sum-exp is convex, and the
quadratic part is exact. So a drop below tol means that the last step was shorter than √(2 tol), `step_bound`. It does
not mean that the fixed point is near: the error is about |dx|/(1 - ρ), ρ the spectral radius of the Jacobian, and near
a saddle or a split 1 - ρ is small.

A row is judged by its own numbers and is not touched after it has stopped; the batch it is in changes its last digits
at most (matrix products of another height). Source: Graves (2016) for computation that adapts; Ramsauer et al. (2021)
for the energy. Where it stops being true: a rate above 2, or a memory whose update can raise its energy.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.diffusion import KernelDensity
from damtutor.models.modern import ModernHopfield
from damtutor.validate import as_choice, as_count, as_flag, as_kind, as_real, as_reals

STOPPING_RULES = ("energy", "step", "fixed")


class Halted(NamedTuple):
    """Where and when each row of a batch stopped.

    Attributes
    ----------
    states : `(B, d)`, after the last update of each row.
    steps : updates of each row, the last one included, `(B,)`.
    stopped : False where `max_steps` came first (stopping rule "fixed": True), `(B,)`.
    drops : energy lost in the last update of each row, `(B,)`; nan for other stopping rules than "energy", which need
        no energies.
    moves : length of the last update of each row, `(B,)`.
    work : rows updated in all: the sum of `steps`, or more where finished rows are not dropped.
    """

    states: np.ndarray
    steps: np.ndarray
    stopped: np.ndarray
    drops: np.ndarray
    moves: np.ndarray
    work: int


def halt(
    memory: ModernHopfield,
    states: Any,
    *,
    stopping_rule: str = "energy",
    tolerance: float = 1e-4,
    max_steps: int = 1000,
    rate: float = 1.0,
    drop: bool = True,
) -> Halted:
    """Update each row until the stopping rule ends it.

    Parameters
    ----------
    memory : with `step(batch, rate=)` and `energy(batch)`, one row a state.
    states : `(B, d)`; not changed.
    stopping_rule : one of `STOPPING_RULES`.
    tolerance : > 0, unit of energy |x|² for "energy", of x for "step"; not used by "fixed".
    max_steps : updates of a row at most, >= 1.
    rate : in (0, 2), where the energy falls.
    drop : finished rows leave the batch. False: all rows are computed until the last one stops, and the answers for
        finished rows thrown away, as a batch on an accelerator does it; states and steps are the same.

    Raises
    ------
    ValueError : states of another length than the memory's, an unknown rule, numbers out of range.

    Examples
    --------
    >>> pair = ModernHopfield([[1.0, 0.0], [-1.0, 0.0]], beta=4.0)
    >>> found = halt(pair, [[0.9, 0.0], [0.1, 0.0]])  # the second must first leave the middle
    >>> found.steps.tolist(), found.states[:, 0].round(2).tolist(), found.work
    ([2, 4], [1.0, 1.0], 6)
    """
    as_kind(memory, "memory", (ModernHopfield, KernelDensity), "a memory, for example ModernHopfield(patterns, beta=1)")
    stopping_rule = as_choice(stopping_rule, "stopping_rule", STOPPING_RULES)
    tolerance = as_real(tolerance, "tolerance", low=0.0, strict=True)
    max_steps, drop = as_count(max_steps, "max_steps"), as_flag(drop, "drop")
    rate = as_real(rate, "rate", low=0.0, high=2.0, strict=True)
    ends = as_reals(states, "states", 2, length=memory.size)
    count, work = len(ends), 0
    steps, stopped = np.zeros(count, np.int64), np.zeros(count, bool)
    drops, moves = np.full(count, np.nan), np.zeros(count)
    energies = np.asarray(memory.energy(ends)) if stopping_rule == "energy" else None
    going = np.arange(count)
    for step in range(1, max_steps + 1):
        old = ends[going]
        new = memory.step(old, rate=rate) if drop else memory.step(ends, rate=rate)[going]
        work += len(going) if drop else count
        ends[going], steps[going] = new, step
        moves[going] = np.linalg.norm(new - old, axis=1)
        done = np.full(len(going), stopping_rule == "fixed" and step == max_steps)
        if stopping_rule == "step":
            done = moves[going] < tolerance
        elif stopping_rule == "energy":
            after = memory.energy(new)
            drops[going] = energies[going] - after
            energies[going] = after
            done = drops[going] < tolerance
        stopped[going] = done
        going = going[~done]
        if not len(going):
            break
    return Halted(ends, steps, stopped, drops, moves, work)


def step_bound(tolerance: float, rate: float = 1.0) -> float:
    """The length that the last update of rule "energy" cannot have reached: √(tol/(1/a - 1/2)), √(2 tol) at rate 1.

    An update of rate a, dx = a (f - x), lowers the energy by at least a (1 - a/2) |f - x|² = (1/a - 1/2) |dx|².

    Parameters
    ----------
    tolerance : of the energy, > 0.
    rate : a in (0, 2).

    Examples
    --------
    >>> round(step_bound(1e-6), 6)
    0.001414
    """
    tolerance = as_real(tolerance, "tolerance", low=0.0, strict=True)
    rate = as_real(rate, "rate", low=0.0, high=2.0, strict=True)
    return math.sqrt(tolerance / (1 / rate - 0.5))


def error_estimates(memory: ModernHopfield, states: Any, moves: Any) -> np.ndarray:
    """How far stopped rows still are from their fixed points: ρ |dx|/(1 - ρ), ρ of the Jacobian where they stopped.

    Geometric series of the steps still to come, at rate 1: right close to a fixed point. inf where ρ >= 1: there the
    next steps grow, and a small one says nothing.

    Parameters
    ----------
    memory : the memory.
    states : `(B, d)`, where the rows stopped.
    moves : length of their last updates, `(B,)`, >= 0.

    Returns
    -------
    float64 `(B,)`, unit of x. Cost: one Jacobian and its eigenvalues a row.

    Raises
    ------
    ValueError : shapes that do not fit together, or a negative length.

    Examples
    --------
    >>> pair = ModernHopfield([[1.0], [-1.0]], 1.02)  # fixed points at ±0.2406; the middle is a saddle
    >>> error_estimates(pair, [[0.0102], [0.24]], [2e-4, 2e-5]).round(4).tolist()
    [inf, 0.0005]
    """
    as_kind(memory, "memory", ModernHopfield, "a ModernHopfield, for example ModernHopfield(patterns, beta=1)")
    x = as_reals(states, "states", 2, length=memory.size)
    moves = as_reals(moves, "moves", 1)
    if len(moves) != len(x) or moves.min() < 0:
        raise ValueError(f"moves: {len(moves)} numbers; expected {len(x)} lengths >= 0, one a state")
    radius = np.array([np.linalg.eigvalsh(memory.jacobian(row))[-1] for row in x])
    steep = radius >= 1
    return np.where(steep, np.inf, radius * moves / np.where(steep, 1, 1 - radius))
