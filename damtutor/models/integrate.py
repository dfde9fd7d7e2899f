"""Time: integration of dy/dt = velocity(y), by equal steps (RK4) or by SciPy's adaptive ones (RK45).

A run stops early where it rests, or where it leaves the range of float64; it returns what it has until then.
Fourth order is for smooth velocities only: a rectified power of order 3 has a jump in its second derivative where a
neuron crosses zero, and there the error of RK4 falls no faster than about the square of the step.

The functions are for models, which look at the arguments: they are not checked here, but for `integrate`'s options.

Source: Dormand & Prince (1980) for the pair behind RK45; RK4 is the classical method of Runge and Kutta.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.lagrangians import Lagrangian
from damtutor.validate import as_choice, as_count, as_real

Velocity = Callable[[np.ndarray], np.ndarray]
METHODS = ("RK45", "RK4")
LONGEST = 1e7  # of a run, in units of the shortest time constant: more would never end
PART = 4  # a step of RK4 is at most this part of the faster time constant


class Solution(NamedTuple):
    """States at the recorded times.

    Attributes
    ----------
    times : `(T,)`, from 0 on.
    rows : one state a time, `(T, ...)`.
    rested : the last state rests, by the tolerance.
    evaluations : how often the velocity was computed.
    whole : False where the run left float64 and was cut.
    """

    times: np.ndarray
    rows: np.ndarray
    rested: bool
    evaluations: int
    whole: bool


class Options(NamedTuple):
    """How to integrate; what each means is said at `TwoGroup.run`."""

    time: float
    points: int = 200
    method: str = "RK45"
    dt: float | None = None
    accuracy: float = 1e-9
    tolerance: float = 0.0


def integrate(
    velocity: Velocity,
    start: np.ndarray,
    options: Options,
    fastest: tuple[str, float],
    speed: Callable[[np.ndarray], float],
) -> Solution:
    """Check the options and integrate from one state `(D,)` by the method they name.

    Parameters
    ----------
    fastest : name and value of the shortest time constant.
    speed : y -> what the tolerance is compared with.

    Raises
    ------
    ValueError : a number out of range, an unknown method, a step that is too long or has no meaning.
    """
    time = as_real(options.time, "time", low=0.0, high=LONGEST * fastest[1], strict=True)
    times = np.linspace(0, time, as_count(options.points, "points") + 1)
    accuracy = as_real(options.accuracy, "accuracy", low=1e-13, high=0.1)
    tolerance = as_real(options.tolerance, "tolerance", low=0.0)
    rests = None if tolerance == 0 else lambda y: speed(y) - tolerance
    if as_choice(options.method, "method", METHODS) == "RK45":
        if options.dt is not None:
            raise ValueError(f'dt is {options.dt}; expected None, since "RK45" chooses its steps; or method="RK4"')
        found = rk45(velocity, start, times, accuracy, rests)
    else:
        found = rk4(velocity, start, times, as_step(options.dt, fastest), rests)
    # a root finder leaves the place of rest a little to either side
    return found._replace(rested=bool(found.whole and speed(found.rows[-1]) <= tolerance * (1 + 1e-6)))


def as_step(dt: Any, fastest: tuple[str, float]) -> float:
    """`dt` as a float; None is the longest step that is allowed, a quarter of the shortest time constant."""
    name, longest = fastest[0], fastest[1] / PART
    if dt is None:
        return longest
    dt = as_real(dt, "dt", low=0.0, strict=True)
    if dt > longest:
        raise ValueError(
            f"dt is {dt:g}; expected at most {name}/{PART} = {longest:g}: a longer step overshoots what the fastest "
            "neurons decay to, and the energy of such steps may rise or diverge"
        )
    return dt


def rk4_step(velocity: Velocity, y: np.ndarray, dt: Any) -> np.ndarray:
    """One classical Runge-Kutta step; a new array. `dt` is a number, or one a row, `(B, 1)`."""
    half = dt / 2
    a = velocity(y)
    b = velocity(y + half * a)
    c = velocity(y + half * b)
    d = velocity(y + dt * c)
    b += c
    b *= 2
    b += a
    b += d
    b *= dt / 6
    b += y
    return b


def rk4(
    velocity: Velocity,
    start: np.ndarray,
    times: np.ndarray,
    dt: float,
    rests: Callable[[np.ndarray], float] | None = None,
) -> Solution:
    """Equal steps, none longer than `dt`, between one recorded time and the next; `rests` is asked at each of those.

    Parameters
    ----------
    velocity : y -> dy/dt, of the same shape.
    start : any shape; a batch moves together.
    times : rising, `(T,)`.
    rests : y -> a number that is above zero while the run has to go on.
    """
    rows, y, calls = np.empty((len(times), *start.shape)), start, 0
    rows[0] = y
    with np.errstate(all="ignore"):  # a run that blows up is cut, below
        for k in range(1, len(times)):
            if rests is not None and rests(y) <= 0:
                return Solution(times[:k], rows[:k], True, calls, True)
            span = times[k] - times[k - 1]
            steps = max(1, math.ceil(span / dt * (1 - 1e-12)))
            for _ in range(steps):
                y = rk4_step(velocity, y, span / steps)
            calls += 4 * steps
            if not np.isfinite(y).all():
                return Solution(times[:k], rows[:k], False, calls, False)
            rows[k] = y
    return Solution(times, rows, False, calls, True)


def rk45(
    velocity: Velocity,
    start: np.ndarray,
    times: np.ndarray,
    accuracy: float,
    rests: Callable[[np.ndarray], float] | None = None,
) -> Solution:
    """Adaptive steps by SciPy's `solve_ivp`; the run ends where `rests` falls through zero, if that is given.

    Parameters
    ----------
    velocity, times, rests : as in `rk4`.
    start : `(D,)`.
    accuracy : relative and absolute tolerance of a step.
    """
    from scipy.integrate import solve_ivp  # a third of a second to import, needed only now

    event = None
    if rests is not None:
        if rests(start) <= 0:
            return Solution(times[:1], start[None].copy(), True, 0, True)

        def event(t, y):
            return rests(y)

        event.terminal, event.direction = True, -1
    with np.errstate(all="ignore"):
        found = solve_ivp(
            lambda t, y: velocity(y),
            (times[0], times[-1]),
            start,
            t_eval=times,
            rtol=accuracy,
            atol=accuracy,
            events=event,
        )
    at, rows = found.t, found.y.T
    if found.status == 1 and found.t_events[0][0] > at[-1]:  # the place of rest itself is kept
        at, rows = np.append(at, found.t_events[0][0]), np.concatenate([rows, found.y_events[0]])
    return Solution(at, np.ascontiguousarray(rows), found.status == 1, int(found.nfev), found.status >= 0)


def two_groups(
    synapses: np.ndarray,
    feature: Lagrangian,
    memory: Lagrangian,
    tau_f: Any,
    tau_h: Any,
    external: Any = 0.0,
) -> Velocity:
    """The velocity of two groups of neurons in one array y = (v, h): v' = (Ξᵀf - v + I)/τ_f, h' = (Ξg - h)/τ_h.

    Parameters
    ----------
    synapses : Ξ, `(N_h, N_f)`, or one network a row of the batch, `(B, N_h, N_f)`; then y is `(B, N_f + N_h)`.
    tau_f, tau_h : numbers, or one a row, `(B, 1)`.
    external : a number or `(N_f,)`.
    """
    size, back = synapses.shape[-1], np.swapaxes(synapses, -1, -2)
    many = synapses.ndim == 3

    def velocity(y):
        v, h, out = y[..., :size], y[..., size:], np.empty_like(y)
        f, g = memory.g(h), feature.g(v)
        if many:
            to_v, to_h = (f[:, None] @ synapses)[:, 0], (g[:, None] @ back)[:, 0]
        else:
            to_v, to_h = f @ synapses, g @ back
        to_v -= v
        to_v += external
        to_h -= h
        np.divide(to_v, tau_f, out=out[..., :size])
        np.divide(to_h, tau_h, out=out[..., size:])
        return out

    return velocity
