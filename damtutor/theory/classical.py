"""The classical network at finite load and temperature: what a stored pattern settles to, and where it stops.

K = α N random patterns, Hebb's rule without diagonal, N → ∞. The overlap m with one pattern, the Edwards-Anderson order
parameter q, the crosstalk r of all other patterns and the response C obey

    m = ⟨tanh((m + sqrt(α r) z)/T)⟩,  q = ⟨tanh²⟩,  r = q/(1 - C)²,  C = (1 - q)/T,   z standard Gaussian.

This is the replica-symmetric theory. It describes the metastable state *after* all errors have fed back, at the end of
retrieval; `theory.capacity.one_step_error` describes one update. Both put a boundary near 0.14, by coincidence.

Source: Amit, Gutfreund & Sompolinsky (1985, 1987). Where it stops being true: finite N (at N <= 1000 and T = 0 the
overlap drops at α = 0.15 to 0.17, not at 0.138), correlated patterns, and low temperature near the boundary, where
replica symmetry is broken: the boundary then even bends back, see `critical_temperature`. Above the boundary a network
keeps a remanent overlap of about 0.35 with the pattern it started from; the theory says 0.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from damtutor.theory import replica
from damtutor.theory.mixtures import Mixture as Mixture
from damtutor.theory.mixtures import mean_field_overlap as mean_field_overlap
from damtutor.theory.mixtures import mixture_overlap as mixture_overlap
from damtutor.theory.mixtures import mixture_temperature as mixture_temperature
from damtutor.validate import as_count, as_real

LOADS = (1e-100, 1e100)  # beyond, squares of the crosstalk leave the range of floats
GAP = 1e-28  # smallest load of which a free energy is taken
SIZES = 10**300  # largest N whose square root and logarithm are taken


class MeanField(NamedTuple):
    """A solution of the mean-field equations.

    Attributes
    ----------
    overlap : m with the retrieved pattern, 0 where there is no retrieval state.
    bit_error : (1 - m)/2, the share of spins that differ from the pattern, averaged over time.
    order : q, the Edwards-Anderson order parameter; 1 at T = 0.
    crosstalk : r; the other patterns add a field of variance α r.
    response : C = (1 - q)/T, below 1.
    """

    overlap: float
    bit_error: float
    order: float
    crosstalk: float
    response: float


class Critical(NamedTuple):
    """The end of the retrieval branch at one temperature: largest load, overlap there, and y = m/sqrt(2 α r)."""

    load: float
    overlap: float
    y: float


def _load(load) -> float:
    load = as_real(load, "load", low=0.0, strict=True)
    if not LOADS[0] <= load <= LOADS[1]:
        raise ValueError(f"load is {load:g}; expected a number from {LOADS[0]:g} to {LOADS[1]:g}, for example 0.1")
    return load


def _temperature(temperature) -> float:
    return as_real(temperature, "temperature", low=0.0)


def ags_overlap(load: float) -> MeanField:
    """The metastable retrieval state at T = 0.

    With y = m/sqrt(2 α r) the equations become one: sqrt(2 α) = erf(y)/y - (2/√π) exp(-y²), and m = erf(y).

    Parameters
    ----------
    load : α = K/N > 0.

    Returns
    -------
    MeanField; above the critical load overlap 0, bit error 1/2, and the spin-glass values of r and C.

    Raises
    ------
    ValueError : load not in [1e-100, 1e100].
    """
    load = _load(load)
    critical = critical_load()
    if load > critical.load:
        return ags(load, 0.0)
    from scipy.optimize import brentq

    wanted = math.sqrt(2 * load)
    y, far = critical.y, (1 + 1e-12) / wanted  # erf(y)/y < 1/y: the solution lies below `far`
    if _signal(y) > wanted:
        y = brentq(lambda y: _signal(y) - wanted, y, far, xtol=1e-15 * far, rtol=1e-15)
    overlap = math.erf(y)
    response = 2 * y / (math.sqrt(math.pi) * overlap) * math.exp(-y * y)
    return MeanField(overlap, math.erfc(y) / 2, 1.0, (1 - response) ** -2, response)


def _signal(y: float) -> float:
    return math.erf(y) / y - 2 / math.sqrt(math.pi) * math.exp(-y * y)


def ags(load: float, temperature: float) -> MeanField:
    """The replica-symmetric solution at load α and temperature T: the retrieval state where it exists.

    Solved along the crosstalk (see `theory.replica`), to rounding, up to the boundary and down to T = 0.

    Parameters
    ----------
    load : α = K/N > 0.
    temperature : T >= 0, in units of the field of one pattern; 0 gives `ags_overlap`.

    Returns
    -------
    MeanField; without a retrieval state overlap 0 and the spin-glass values (above T = 1 + sqrt(α) q = r = 0, C = 1/T).

    Raises
    ------
    ValueError : load not in [1e-100, 1e100], or temperature < 0.
    """
    load, temperature = _load(load), _temperature(temperature)
    if temperature == 0 and load <= critical_load().load:
        return ags_overlap(load)
    noise = replica.retrieval_noise(load, temperature)
    if noise is None:
        noise = replica.spin_glass_noise(load, temperature)
        overlap, response, order = replica.averages(0.0, noise, temperature)._replace(overlap=0.0)
    else:
        overlap, response, order = replica.retrieval_at(noise, temperature)
    return MeanField(overlap, (1 - overlap) / 2, order, noise**2 / load, response)


def critical_load(temperature: float = 0.0) -> Critical:
    """The largest load with a retrieval state, and the overlap at which that state disappears.

    At T = 0 the maximum of (erf(y)/y - (2/√π) exp(-y²))²/2 over y, where erf(y) = (2/√π) y (1 + 2 y²) exp(-y²).
    The overlap jumps from there to 0; just below it, m rises above the jump as the square root of the distance.

    Parameters
    ----------
    temperature : 0 <= T < 1; at T >= 1 no load has a retrieval state.

    Returns
    -------
    Critical: load to 1e-14, overlap and y to 1e-7 (T = 0: to rounding).

    Raises
    ------
    ValueError : temperature < 0 or >= 1.
    """
    temperature = _temperature(temperature)
    if temperature >= 1:
        raise ValueError(
            f"temperature is {temperature:g}; expected a number in [0, 1): from T = 1 on nothing is retrieved"
        )
    if temperature == 0:
        return _critical_at_zero()
    load, noise = replica.fold(temperature)
    overlap = replica.retrieval_at(noise, temperature).overlap
    return Critical(load, overlap, overlap / (math.sqrt(2) * noise))


@lru_cache(maxsize=1)
def _critical_at_zero() -> Critical:
    from scipy.optimize import brentq

    def slope(y):
        return math.erf(y) - 2 / math.sqrt(math.pi) * y * (1 + 2 * y * y) * math.exp(-y * y)

    y = float(brentq(slope, 1.0, 2.0, xtol=1e-15))
    return Critical(_signal(y) ** 2 / 2, math.erf(y), y)


def critical_temperature(load: float) -> float:
    """T_M: the temperature up to which a retrieval state exists at this load, to 1e-12.

    Close to 1 - 1.95 sqrt(α) for small α. Replica symmetry makes the boundary bend back at low temperature: the largest
    load is 0.13819 at T = 0.023, not 0.13791 at T = 0. Between the two loads the equations have a retrieval state at
    T_M but none at T = 0. That is an artefact: the broken solution has its boundary at larger loads.

    Parameters
    ----------
    load : α > 0, at most the largest load that has a retrieval state.

    Raises
    ------
    ValueError : load below 1e-100, or no retrieval state at any temperature.
    """
    load = _load(load)
    most, coldest = replica.highest_fold()
    if load > most:
        raise ValueError(
            f"load is {load:g}; expected at most {most:.5f}: above it nothing is retrieved at any temperature"
        )
    from scipy.optimize import brentq

    high = 1 - max(1e-12, min(1e-3, load))  # beyond the boundary, which is close to α = (1 - T)²/3.8 there
    if replica.fold(high)[0] >= load:
        return high
    if load == most:
        return coldest
    return float(brentq(lambda t: replica.fold(t)[0] - load, coldest, high, xtol=1e-13, rtol=1e-13))


def spin_glass_temperature(load: float) -> float:
    """T_g = 1 + sqrt(α): below it the spins freeze, with or without a pattern. ValueError: α not in [1e-100, 1e100]."""
    return 1 + math.sqrt(_load(load))


def ground_state_load(temperature: float = 0.0) -> float:
    """The load up to which retrieval states are the states of lowest free energy, not only metastable.

    Where the free energies of the retrieval state and of the spin glass cross: 0.0519 at T = 0.

    Parameters
    ----------
    temperature : 0 <= T <= 0.95; closer to 1 the two energies differ by less than rounding leaves.

    Raises
    ------
    ValueError : temperature out of that range.
    """
    from scipy.optimize import brentq

    temperature = as_real(temperature, "temperature", low=0.0, high=0.95)
    low, high = 1e-3 * (1 - temperature) ** 2, replica.fold(temperature)[0]
    return float(brentq(lambda load: free_energy_gap(load, temperature), low, high, xtol=1e-13))


def free_energy_gap(load: float, temperature: float) -> float:
    """Free energy per spin of the retrieval state minus that of the spin glass; negative where retrieval wins.

    Parameters
    ----------
    load : α >= 1e-28; below, the distance of the spin glass from its transition is rounding.
    temperature : T >= 0.

    Raises
    ------
    ValueError : a value out of range, no retrieval state at this load and temperature.
    """
    load, temperature = _load(load), _temperature(temperature)
    if load < GAP:
        raise ValueError(f"load is {load:g}; expected a number >= {GAP:g}, for example 0.05")
    noise = replica.retrieval_noise(load, temperature)
    if noise is None:
        raise ValueError(f"load is {load:g} at temperature {temperature:g}; expected a point with a retrieval state")
    state = replica.free_energy(load, replica.retrieval_at(noise, temperature).overlap, noise, temperature)
    return state - replica.free_energy(load, 0.0, replica.spin_glass_noise(load, temperature), temperature)


def projection_capacity(size: int) -> int:
    """Patterns that the projection (pseudo-inverse) rule keeps fixed: N - 1, as long as they are independent.

    At K = N the weights are the unit matrix, and every state is fixed. Fixed is not retrievable: basins shrink to
    nothing long before.

    Parameters
    ----------
    size : N >= 2.

    Raises
    ------
    ValueError : size not a whole number >= 2.
    """
    return as_count(size, "size", 2) - 1


def storkey_capacity(size: int) -> float:
    """N/sqrt(2 ln N), the capacity of Storkey's rule as given in the literature (Storkey 1997); not derived here.

    Parameters
    ----------
    size : N, 2 <= N <= 10**300.

    Raises
    ------
    ValueError : size not a whole number in that range.
    """
    size = as_count(size, "size", 2, SIZES)
    return size / math.sqrt(2 * math.log(size))
