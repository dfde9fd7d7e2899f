"""Measurements on blurred data: three phases on a circle, the valley of a ring, where two points merge.

K random points on a circle of radius 1, blurred by σ. Few points: one minimum each (memorised). More: fewer minima
than points, blends with walls between them (spurious). Many: a flat valley, the circle itself (generalised). Minima do
not vanish in the last phase, walls do: so walls and n_eff decide, not the number of minima and not the distance to the
nearest data point, which is small for every state when points are many.

The predictions are in `theory.diffusion`. Every function is seeded; error bars count data sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.diffusion import KernelDensity
from damtutor.numerics import row_blocks, square_distances
from damtutor.statistics.intervals import Mean, mean
from damtutor.theory.diffusion import ring_collapse
from damtutor.validate import as_count, as_counts, as_generator, as_real, as_reals, as_trials

PHASES = ("memorised", "spurious", "generalised", "collapsed")
SINGLE, WALL = 1.5, 1.0  # n_eff below: a state of one memory; range of -log p below: no wall
SAME = 0.05  # ends closer than this many σ are one minimum; two minima are about 5σ apart


class Circle(NamedTuple):
    """One data set on the circle, and where states come to rest in it.

    Attributes
    ----------
    data : `(K, 2)`.
    sigma : σ.
    angles : `(P,)`, 0 to 2π.
    profile : -log p at these angles on the circle above its least value, `(P,)`.
    barrier : range of the profile.
    minima : `(M, 2)`, most visited first.
    places : their angles, `(M,)`.
    heights : the profile there, `(M,)`.
    n_eff : data points that take part in each, `(M,)`.
    shares : part of the drops that end in each, `(M,)`.
    ends : where the drops end, `(drops, 2)`.
    single : part of them with n_eff < 1.5.
    median_n_eff : over the drops.
    unsettled : drops that still moved when the number of steps was used up.
    phase : see `phase_of`.
    """

    data: np.ndarray
    sigma: float
    angles: np.ndarray
    profile: np.ndarray
    barrier: float
    minima: np.ndarray
    places: np.ndarray
    heights: np.ndarray
    n_eff: np.ndarray
    shares: np.ndarray
    ends: np.ndarray
    single: float
    median_n_eff: float
    unsettled: int
    phase: str


class CircleRow(NamedTuple):
    """Means over data sets for one K.

    Attributes
    ----------
    count : K.
    minima : number of minima, see `Circle`.
    single : see `Circle`.
    median_n_eff : see `Circle`.
    barrier : see `Circle`.
    near : part of the ends within σ of a data point, the classifier that is wrong.
    near_fresh : part within σ of a point of another data set of the same size.
    ratio : median distance to the data over that to the other data set, all drops pooled.
    phases : phase to the number of data sets in it.
    """

    count: int
    minima: Mean
    single: Mean
    median_n_eff: Mean
    barrier: Mean
    near: Mean
    near_fresh: Mean
    ratio: float
    phases: dict[str, int]


def on_circle(angles: Any, radius: float = 1.0) -> np.ndarray:
    """Points `(P, 2)` at the given angles.

    Examples
    --------
    >>> on_circle([0, np.pi / 2]).round(9).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    angles = as_reals(angles, "angles", 1)
    return as_real(radius, "radius", low=0.0) * np.column_stack([np.cos(angles), np.sin(angles)])


def circle_points(count: int, *, seed: int | Sequence[int] = 0) -> np.ndarray:
    """`count` independent points, uniform on the circle of radius 1, `(K, 2)`; from default_rng(seed).

    Examples
    --------
    >>> circle_points(3, seed=1).round(2).tolist()
    [[-1.0, -0.07], [0.95, -0.31], [0.62, 0.79]]
    """
    return on_circle(as_generator(seed, "seed").uniform(0, 2 * np.pi, as_count(count, "count")))


def ring_profile(data: Any, sigma: float, angles: Any, *, radius: float = 1.0) -> np.ndarray:
    """-log p_σ on a circle above its least value there, `(P,)`: the walls that a state on the ring meets.

    Parameters
    ----------
    data : `(K, 2)`.
    sigma : σ > 0.
    angles : `(P,)`.
    radius : of the circle walked on.

    Examples
    --------
    >>> ring_profile([[1, 0], [-1, 0]], 0.5, [0, np.pi / 2, np.pi]).round(2).tolist()  # the wall is half-way
    [0.0, 3.31, 0.0]
    """
    values = -KernelDensity(as_reals(data, "data", 2, length=2), sigma).log_density(on_circle(angles, radius))
    return values - values.min()


def phase_of(median_n_eff: float, barrier: float, *, single: float = SINGLE, wall: float = WALL) -> str:
    """ "memorised" if n_eff < `single`; else "spurious" if a wall is higher than `wall`, else "generalised".

    The thresholds are the course's choice: one memory against a blend, and a wall of 1 in -log p, which is a factor e
    in density. Where it stops being true: beyond `theory.diffusion.ring_collapse` there is no ring, and no wall either.

    Parameters
    ----------
    median_n_eff : >= 1, over states at rest.
    barrier : range of -log p along the valley, >= 0.

    Examples
    --------
    >>> phase_of(1.0, 94), phase_of(4.4, 10.5), phase_of(76, 0.53)
    ('memorised', 'spurious', 'generalised')
    """
    n_eff, barrier = as_real(median_n_eff, "median_n_eff", low=1.0 - 1e-9), as_real(barrier, "barrier", low=0.0)
    single, wall = as_real(single, "single", low=1.0), as_real(wall, "wall", low=0.0)
    return PHASES[0] if n_eff < single else PHASES[1] if barrier > wall else PHASES[2]


def nearest_phase(states: Any, data: Any, within: float) -> str:
    """The classifier that is wrong: "memorised" if most states are nearer than `within` to a data point.

    It looks at one set only. When the data fill the circle every place on it is near one of them, and near a point of
    any other set of that size: at K = 1024 it says "memorised" of states that no data point holds.

    Parameters
    ----------
    states : `(B, d)`.
    data : `(K, d)`.
    within : > 0.

    Examples
    --------
    >>> found, fresh = circle(1024), circle_points(1024, seed=9)
    >>> found.phase, nearest_phase(found.ends, found.data, 0.1), nearest_phase(found.ends, fresh, 0.1)
    ('generalised', 'memorised', 'memorised')
    """
    within = as_real(within, "within", low=0.0, strict=True)
    return PHASES[0] if np.mean(nearest_distances(states, data) < within) > 0.5 else PHASES[2]


def nearest_distances(states: Any, data: Any) -> np.ndarray:
    """Distance of every state `(B, d)` to the nearest data point `(K, d)`: `(B,)`.

    Examples
    --------
    >>> nearest_distances([[1.0, 0.0], [5.0, 0.0]], [[0.0, 0.0], [4.0, 0.0]]).tolist()
    [1.0, 1.0]
    """
    data = as_reals(data, "data", 2).astype(np.float64)
    states = as_reals(states, "states", 2, length=data.shape[1]).astype(np.float64)
    return np.sqrt(np.concatenate([square_distances(rows, data).min(axis=1) for rows in row_blocks(states, len(data))]))


def circle(
    count: int,
    sigma: float = 0.1,
    *,
    drops: int = 200,
    grid: int = 1024,
    max_sweeps: int = 5000,
    seed: int | Sequence[int] = 0,
) -> Circle:
    """K random points on the circle, and mean shift from drops spread evenly over the circle.

    Parameters
    ----------
    count : K.
    sigma : σ > 0.
    drops : starts; a minimum whose basin is narrower than 2π/drops may be missed.
    grid : angles of the profile.
    max_sweeps : steps of mean shift a drop.
    seed : of the points, `circle_points`.

    Returns
    -------
    Circle: its phase is that of `phase_of`, or "collapsed" from σ² = 1/2 on, where the valley is one place.

    Examples
    --------
    >>> [circle(count).phase for count in (4, 32, 1024)]
    ['memorised', 'spurious', 'generalised']
    """
    data, sigma = circle_points(count, seed=seed), as_real(sigma, "sigma", low=0.0, strict=True)
    grid, drops = as_trials(grid, "grid", 8), as_trials(drops, "drops")
    angles = 2 * np.pi * np.arange(grid) / grid
    starts = on_circle(2 * np.pi * np.arange(drops) / drops)
    density = KernelDensity(data, sigma)
    settled = density.settle(starts, tolerance=1e-7, max_sweeps=max_sweeps)
    n_eff = density.n_eff(settled.states)
    minima, counts = distinct(settled.states, SAME * sigma)
    places = np.arctan2(minima[:, 1], minima[:, 0]) % (2 * np.pi)
    profile, heights = np.split(ring_profile(data, sigma, np.concatenate([angles, places])), [grid])
    barrier, median = float(np.ptp(profile)), float(np.median(n_eff))
    return Circle(
        data=data,
        sigma=sigma,
        angles=angles,
        profile=profile,
        barrier=barrier,
        minima=minima,
        places=places,
        heights=heights,
        n_eff=density.n_eff(minima),
        shares=counts / drops,
        ends=settled.states,
        single=float(np.mean(n_eff < SINGLE)),
        median_n_eff=median,
        unsettled=int(np.sum(~settled.converged)),
        phase=PHASES[3] if sigma >= ring_collapse() else phase_of(median, barrier),
    )


def circle_table(
    counts: Sequence[int] = (4, 8, 16, 32, 64, 128, 256, 1024),
    sigma: float = 0.1,
    *,
    sets: int = 8,
    drops: int = 200,
    seed: int = 0,
) -> list[CircleRow]:
    """`circle` for several K, each on `sets` data sets of its own, from default_rng([seed, K, set]).

    Parameters
    ----------
    counts : K of every row.
    sigma : σ > 0.
    sets : >= 2.
    drops : a data set.
    seed : >= 0.

    Examples
    --------
    >>> for row in circle_table((4, 1024), sets=3):  # "near a data point" calls both memorised, and a fresh set too
    ...     print(row.count, round(row.near.value, 2), round(row.near_fresh.value, 2), row.phases)
    4 1.0 0.0 {'memorised': 3}
    1024 1.0 1.0 {'generalised': 3}
    """
    sets, seed, rows = as_count(sets, "sets", 2), as_count(seed, "seed", 0), []
    sigma = as_real(sigma, "sigma", low=0.0, strict=True)
    for count in as_counts(counts, "counts"):
        found = [circle(count, sigma, drops=drops, seed=[seed, count, k]) for k in range(sets)]
        train = np.array([nearest_distances(f.ends, f.data) for f in found])
        others = [circle_points(count, seed=[seed, count, sets + k]) for k in range(sets)]
        fresh = np.array([nearest_distances(f.ends, other) for f, other in zip(found, others, strict=True)])
        rows.append(
            CircleRow(
                count,
                mean([len(f.minima) for f in found]),
                mean([f.single for f in found]),
                mean([f.median_n_eff for f in found]),
                mean([f.barrier for f in found]),
                mean((train < sigma).mean(axis=1)),
                mean((fresh < sigma).mean(axis=1)),
                float(np.median(train) / np.median(fresh)),
                dict(Counter(f.phase for f in found)),
            )
        )
    return rows


def valley_radius(sigma: float, *, count: int = 512) -> float:
    """Radius at which a state comes to rest among `count` points spread evenly over the circle of radius 1.

    Measured by mean shift from the circle and Newton's method for the last digits; see `theory.diffusion.ring_radius`.

    Parameters
    ----------
    sigma : σ > 2π/count, or the points are wells of their own.
    count : >= 8.

    Examples
    --------
    >>> round(valley_radius(0.2), 5)
    0.97936
    """
    count, sigma = as_count(count, "count", 8), as_real(sigma, "sigma", low=0.0, strict=True)
    if sigma <= 2 * np.pi / count:
        raise ValueError(f"sigma is {sigma:g}, the points are {2 * np.pi / count:.3g} apart; expected more points")
    memory = KernelDensity(on_circle(2 * np.pi * np.arange(count) / count), sigma).memory
    near = memory.retrieve([1.0, 0.0], max_sweeps=300).state
    return float(np.linalg.norm(memory.newton(near).state))


def merging_threshold(sigma: float = 1.0, *, digits: int = 4) -> float:
    """Distance of two points, in σ, at which their two minima become one: by counting minima and bisection.

    Parameters
    ----------
    sigma : σ > 0.
    digits : the answer is right to 10**-digits; 1 to 6.

    Examples
    --------
    >>> round(merging_threshold(0.1), 3)
    2.0
    """
    sigma, digits = as_real(sigma, "sigma", low=0.0, strict=True), as_count(digits, "digits", 1, 6)
    low, high = 1.0, 4.0
    while high - low > 10.0**-digits:
        middle = (low + high) / 2
        pair = KernelDensity([[-middle * sigma / 2], [middle * sigma / 2]], sigma)
        low, high = (middle, high) if np.sum(pair.memory.fixed_points().stable) == 1 else (low, middle)
    return (low + high) / 2


def distinct(states: Any, closeness: float) -> tuple[np.ndarray, np.ndarray]:
    """States `(P, d)` farther than `closeness` from each other, most visited first, and how many each stands for.

    The first of a group stands for it; every other one counts for the nearest that is kept.

    Examples
    --------
    >>> places, counts = distinct([[0.0], [5.0], [5.001]], 0.01)
    >>> places.ravel().tolist(), counts.tolist()
    ([5.0, 0.0], [2, 1])
    """
    states, closeness = as_reals(states, "states", 2), as_real(closeness, "closeness", low=0.0)
    kept, counts = [], []
    for k, state in enumerate(states):
        gaps = np.linalg.norm(states[kept] - state, axis=1)
        if len(kept) and gaps.min() <= closeness:
            counts[gaps.argmin()] += 1
        else:
            kept.append(k)
            counts.append(1)
    rank = np.argsort(counts, kind="stable")[::-1]
    return states[kept][rank], np.array(counts)[rank]
