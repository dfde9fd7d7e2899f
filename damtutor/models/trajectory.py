"""States, losses and runs of a network of two groups of neurons; see `models.two_group`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from damtutor.models.integrate import Solution


class Groups(NamedTuple):
    """A state: v `(N_f,)` of the feature neurons and h `(N_h,)` of the memory neurons; or batches, one state a row."""

    v: np.ndarray
    h: np.ndarray


class Dissipation(NamedTuple):
    """τ_f v'·H_v v' and τ_h h'·H_h h': what each group takes from E per unit of time; dE/dt is minus their sum."""

    feature: Any
    memory: Any


class Trajectory(NamedTuple):
    """A run over time.

    Attributes
    ----------
    times : `(T,)`.
    v : `(T, N_f)`.
    h : `(T, N_h)`; in the adiabatic limit Ξ g.
    energies : `(T,)`.
    feature : what the feature neurons take from E per unit of time, `(T,)`; see `Dissipation`.
    memory : the same of the memory neurons.
    rested : the last state rests, by the tolerance asked for.
    evaluations : how often the velocities were computed.
    whole : False if the run left float64 and was cut there.
    """

    times: np.ndarray
    v: np.ndarray
    h: np.ndarray
    energies: np.ndarray
    feature: np.ndarray
    memory: np.ndarray
    rested: bool
    evaluations: int
    whole: bool


def as_trajectory(found: Solution, *series: np.ndarray) -> Trajectory:
    """The trajectory, cut where its numbers, or the powers of them in the energy, leave float64. Not checked."""
    good = np.logical_and.reduce([np.isfinite(x).reshape(len(x), -1).all(axis=1) for x in series])
    kept = len(good) if good.all() else int(np.argmin(good))
    whole = found.whole and kept == len(good)
    rest = found.rested and whole, found.evaluations, whole
    return Trajectory(found.times[:kept], *(x[:kept] for x in series), *rest)
