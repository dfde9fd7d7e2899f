"""An adversary that turns spins sweep after sweep: before each sweep, or between its decisions.

A run reads, after every sweep, the *match*: the share of spins that are right. It succeeds when one reading reaches ω.
So "success" says something about one reading out of many, and nothing about the basin: for that, stop the attack and
sweep once more (`Attacked.after`).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.attacks import ATTACKS, attacked_spins
from damtutor.experiments.protocols import OMEGA, SWEEPS, drawn_memory, flips_of
from damtutor.kernels import backend
from damtutor.models.dense import DenseAM
from damtutor.patterns import flip
from damtutor.validate import as_choice, as_count, as_flag, as_fraction, as_generator, as_state, as_trials

BEFORE = ATTACKS
DURING = ("each-step", "each-step-correct", "exact-count", "exact-count-correct", "exact-count-distinct")
CONVENTIONS = BEFORE + DURING


class Attacked(NamedTuple):
    """What happened in one run under attack.

    Attributes
    ----------
    success : whether a reading reached ω.
    sweeps : the first that did, from 1; all that were made where none did.
    matches : float64, the reading after every sweep made.
    turned : spins that the adversary turned, in all.
    damage : how many of them were right; the rest were repaired.
    after : the reading one sweep after the attack has stopped.
    exact : whether it is 1.
    """

    success: bool
    sweeps: int
    matches: np.ndarray
    turned: int
    damage: int
    after: float
    exact: bool


def under_attack(
    model: Any,
    target: Any,
    state: Any,
    rho: float,
    convention: str,
    *,
    sweeps: int = SWEEPS,
    omega: float = OMEGA,
    stop: bool = True,
    rng: Any = None,
) -> Attacked:
    """Sweep in random orders while an adversary turns spins; then stop it and sweep once more.

    Parameters
    ----------
    model : DenseAM with a power whose sums are exact, K * F(N) well below 2**53.
    target : `(N,)` of ±1, what a right spin is.
    state : `(N,)` of ±1, the start.
    rho : in [0, 1]. b = floor(rho N) spins a sweep.
    convention : before each sweep, b spins by one of the attacks of `attacks.attacked_spins`; or during it, each attack
        just before a decision, at random places of the sweep:
        "each-step", with probability rho before every decision, any spin;
        "each-step-correct", the same, a right spin (none where none is left);
        "exact-count", exactly b attacks, before b different decisions, any spins, repeats allowed;
        "exact-count-correct", exactly b attacks, each on a spin that is right at that moment;
        "exact-count-distinct", exactly b attacks on b different spins, right or wrong.
    sweeps : at most so many.
    omega : reading that counts as success, in [0, 1].
    stop : end at the first success. False makes all sweeps: readings are then typical ones.
    rng : seed or Generator.

    Returns
    -------
    Attacked

    Raises
    ------
    ValueError : another model, states of another length, a number out of range, an unknown convention.
    """
    tables = _tables(model)
    target, state = as_state(target, model.size, "target"), as_state(state, model.size)
    rho, omega, stop = as_fraction(rho, "rho"), as_fraction(omega, "omega"), as_flag(stop, "stop")
    before = as_choice(convention, "convention", CONVENTIONS) in BEFORE
    sweeps, rng = as_trials(sweeps, "sweeps"), as_generator(rng)
    matches, turned, damage = [], 0, 0
    while len(matches) < sweeps and not (stop and matches and matches[-1] >= omega):
        if before:
            flipped = attacked_spins(model, target, state, attack_count(rho, model.size), convention, rng=rng)
            hurt = int(np.count_nonzero(state[flipped] == target[flipped]))
            state[flipped] *= -1
            state = model.step(state, rng)
        else:
            overlap, visit = model.overlaps(state), rng.permutation(model.size)
            steps, choices = _attacks_between(model.size, rho, convention, rng)
            spare = convention.endswith("correct")
            flipped, hurt = backend().sweep_attacked(
                model.columns, state, overlap, visit, steps, choices, target, spare, *tables
            )
        turned, damage = turned + len(flipped), damage + int(hurt)
        matches.append(_match(state, target))
    after = _match(model.step(state, rng), target)
    reached = np.flatnonzero(np.array(matches) >= omega)
    first = int(reached[0]) + 1 if len(reached) else len(matches)
    return Attacked(bool(len(reached)), first, np.array(matches), turned, damage, after, after == 1)


def _match(state, target) -> float:
    return float(np.mean(state == target))


def attack_count(rho: float, size: int) -> int:
    """floor(rho N), the product taken as the decimal that was written: 0.29 of 100 is 29, not 28."""
    return math.floor(round(as_fraction(rho, "rho") * as_count(size, "size"), 9))


def _attacks_between(size: int, rho: float, convention: str, rng) -> tuple[np.ndarray, np.ndarray]:
    """Decisions before which an attack falls, rising, and which spin each turns; see `kernels.reference.attacked`."""
    if convention.startswith("each-step"):
        steps = np.flatnonzero(rng.random(size) < rho)
    else:
        steps = np.sort(rng.choice(size, attack_count(rho, size), replace=False))
    if convention == "exact-count-distinct":
        return steps, rng.choice(size, len(steps), replace=False)
    return steps, rng.integers(2**62, size=len(steps))


def _tables(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """gain and bend of a dense memory; ValueError unless sums over its patterns are exact in float64."""
    if not isinstance(model, DenseAM):
        raise ValueError(f"model is {type(model).__name__}; expected a dense memory, for example DenseAM(patterns)")
    bound = model.interaction.largest(model.size, model.update_rule)
    if bound is None or model.count * bound >= 2**53:
        raise ValueError(
            f"model: {model.count} patterns of {model.size} with {model.interaction}; expected a power whose sums stay "
            "below 2**53, for example Power(3)"
        )
    return model.interaction.tables(model.size, model.update_rule)[:2]


def adversary_trial(
    seed: tuple[int, int],
    *,
    size: int,
    count: int,
    rho: float,
    convention: str,
    overlap: float = 0.6,
    sweeps: int = SWEEPS,
    omega: float = OMEGA,
    order: int = 3,
    stop: bool = True,
) -> dict[str, Any]:
    """One trial of a sweep: one run of `under_attack` against the first of K random patterns.

    Parameters
    ----------
    seed : seed of the sweep and number of the trial. Patterns have default_rng([*seed, N, K]), start, orders and
        attacks default_rng([*seed, N, K, 1]): every ρ and convention meets the same patterns and the same start.
    size : N.
    count : K.
    rho : see `under_attack`.
    convention : see `under_attack`.
    sweeps : see `under_attack`.
    omega : see `under_attack`.
    stop : see `under_attack`.
    overlap : m0 of the start, in [-1, 1]: round(N (1 - m0)/2) wrong bits.
    order : n of F(x) = x**n.

    Returns
    -------
    dict: "success", "exact" (one sweep after the attack), "sweeps", "turned", "damage", "match" (the last reading),
    "typical" (mean of all readings but the first, or the only one), "best", "after".

    Raises
    ------
    ValueError : what `under_attack` refuses.
    """
    model, seeds = drawn_memory(seed, size, count, order)
    rng, target = np.random.default_rng([*seeds, 1]), model.patterns[0]
    start = flip(target, flips_of(model.size, overlap), rng=rng)
    run = under_attack(model, target, start, rho, convention, sweeps=sweeps, omega=omega, stop=stop, rng=rng)
    return {
        "success": run.success,
        "exact": run.exact,
        "sweeps": run.sweeps,
        "turned": run.turned,
        "damage": run.damage,
        "match": float(run.matches[-1]),
        "typical": float(run.matches[min(1, len(run.matches) - 1) :].mean()),
        "best": float(run.matches.max()),
        "after": run.after,
    }
