"""An adversary that chooses spins: which ones, in what order, and how few of them break a memory.

A *margin* is x_i times the field of a right spin i, above 0 where an update keeps it. An attack names spins in the
order in which it turns them, each at most once, and all but "random-all" only spins that are right: to repair is no
damage.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.protocols import SWEEPS, drawn_memory
from damtutor.memory import as_memory
from damtutor.models.interactions import Interaction, Power
from damtutor.patterns import random_patterns
from damtutor.validate import (
    as_choice,
    as_count,
    as_generator,
    as_patterns,
    as_set_shape,
    as_state,
    as_trial_seed,
    as_trials,
)

ATTACKS = ("random-all", "random-correct", "weakest-once", "strongest-once", "weakest-reranked", "nearest-rival")
ORDERS = 32  # random orders that judge an end state
FAILS = 24  # of them have to fail for "broken"
CUBE = Power(3)


def attacked_spins(model: Any, target: Any, state: Any, flips: int, attack: str, *, rng: Any = None) -> np.ndarray:
    """The spins of `state` that an attack turns, in its order.

    Parameters
    ----------
    model : a binary memory with `fields`: DenseAM or Hopfield.
    target : `(N,)` of ±1, what a right spin is.
    state : `(N,)` of ±1, what the adversary sees.
    flips : how many spins, 0 <= flips <= N.
    attack : "random-all", any spins; all others take right spins only: "random-correct", any of those;
        "weakest-once" and "strongest-once", by margin in `state`; "weakest-reranked", the weakest, margins made
        anew after every flip; "nearest-rival", those in which the most similar other stored pattern differs, weakest
        margin in `state` first.
    rng : seed or Generator, for the random ones.

    Returns
    -------
    int64, `flips` different spins, or fewer where the attack finds no more. Equal margins: the lower index first.

    Raises
    ------
    ValueError : a model without patterns, states of another length, a number out of range, an unknown attack.
    """
    model = as_memory(model)
    target, state = as_state(target, model.size, "target"), as_state(state, model.size)
    flips, rng = as_count(flips, "flips", 0, model.size), as_generator(rng)
    allowed = state == target
    if as_choice(attack, "attack", ATTACKS) == "random-all":
        return rng.choice(model.size, flips, replace=False)
    if attack == "random-correct":
        return rng.permutation(np.flatnonzero(allowed))[:flips]
    if attack == "weakest-reranked":
        return _reranked(model, target, state, flips)
    if attack == "nearest-rival":
        allowed &= _rival(model, target) != target
    spins = np.flatnonzero(allowed)
    margins = (model.fields(state) * target)[spins]
    return spins[np.argsort(-margins if attack == "strongest-once" else margins, kind="stable")][:flips]


def _reranked(model, target, state, flips) -> np.ndarray:
    state, chosen = state.copy(), []
    for _ in range(min(flips, int(np.count_nonzero(state == target)))):
        margins = np.where(state == target, model.fields(state) * target, np.inf)
        chosen.append(int(margins.argmin()))
        state[chosen[-1]] *= -1
    return np.array(chosen, dtype=np.int64)


def _rival(model, target) -> np.ndarray:
    """The stored pattern with the largest overlap with the target, other than itself; the negative if there is none."""
    overlap = model.overlaps(target)
    overlap = np.where(overlap == model.size, -model.size, overlap)
    best = int(overlap.argmax())
    return model.patterns[best] if overlap[best] > -model.size else -target


def broken(model: Any, target: Any, state: Any, *, orders: int = ORDERS, fails: int = FAILS, rng: Any = None) -> bool:
    """Whether at least `fails` of `orders` recalls from `state`, each in its own random order, miss the target.

    Parameters
    ----------
    model : a binary memory that knows its patterns.
    target : `(N,)` of ±1, what has to be recalled.
    state : `(N,)` of ±1, the start of every recall.
    orders : recalls, at most 60 sweeps each.
    fails : 1 <= fails <= orders.
    rng : seed or Generator, of the orders.

    Raises
    ------
    ValueError : a model without patterns, states of another length, a number out of range.
    """
    model = as_memory(model)
    target, state = as_state(target, model.size, "target"), as_state(state, model.size)
    orders = as_trials(orders, "orders")
    fails, rng = as_count(fails, "fails", 1, orders), as_generator(rng)
    failed = 0
    for done in range(orders):
        if failed >= fails or failed + orders - done < fails:  # decided
            break
        failed += not np.array_equal(model.retrieve(state, rng=rng, max_sweeps=SWEEPS).state, target)
    return failed >= fails


def break_point(
    model: Any, target: Any, attack: str, *, orders: int = ORDERS, fails: int = FAILS, seed: int | list[int] = 0
) -> int:
    """The smallest number of flips, in the order of an attack on the intact target, after which recall is `broken`.

    Parameters
    ----------
    model : a binary memory that knows its patterns.
    target : `(N,)` of ±1, for example one of its patterns.
    attack : see `attacked_spins`.
    orders : see `broken`; every number of flips is judged by the same orders.
    fails : see `broken`; every number of flips is judged by the same orders.
    seed : a seed or a list of them.

    Returns
    -------
    int: the first such number, though a larger one may not break it; 0 if the target itself is not an end state,
    N + 1 if the whole attack breaks nothing.

    Raises
    ------
    ValueError : what `attacked_spins` and `broken` refuse.
    """
    model = as_memory(model)
    state = as_state(target, model.size, "target")
    spins = attacked_spins(model, state, state, model.size, attack, rng=seed)
    judges = as_generator(seed, "seed").spawn(1)[0].integers(2**62)
    target = state.copy()
    for flips in range(len(spins) + 1):
        if flips:
            state[spins[flips - 1]] *= -1
        if broken(model, target, state, orders=orders, fails=fails, rng=judges):
            return flips
    return model.size + 1


class MarginAttack(NamedTuple):
    """Spins whose turning brings one spin's margin to zero or below.

    Attributes
    ----------
    spin : the spin that is no longer held.
    flips : the others that were turned, in order, int64.
    """

    spin: int
    flips: np.ndarray


def margin_attack(patterns: Any, target: int = 0, interaction: Interaction = CUBE) -> MarginAttack | None:
    """The fewest flips, chosen greedily, that bring the margin of one spin of a stored pattern to zero or below.

    For every spin the flip that lowers its margin most is made, again and again; the spin that loses first is
    returned. A smaller set may exist: the number is an upper bound of the radius of one sweep.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    target : index of the stored pattern.
    interaction : F, a power or rectified power.

    Returns
    -------
    MarginAttack, or None where no number of flips does it (a single pattern and odd n). Equal flips or spins: the
    lowest index.

    Raises
    ------
    ValueError : patterns not ±1, an index that names none, an interaction without whole numbers below 2**53.

    Notes
    -----
    The margin of spin i is Σ_μ a_iμ f(S_iμ - 2 q_μ) with a_iμ = x_iμ x_it, f(S) = F(S+1) - F(S-1) and q_μ the sum of
    a_jμ over the flips. One more flip j changes S by -2 a_jμ, and a_jμ = ±1 makes f linear in it: one matrix product
    gives all margins after all flips. Cost: O(N² K) a flip.
    """
    patterns = as_patterns(patterns)
    count, size = patterns.shape
    target = as_count(target, "target", 0, count - 1)
    jump = _jumps(interaction, size, count)
    a = np.ascontiguousarray((patterns * patterns[target]).T)  # (N, K): 1 where right
    s = a.sum(axis=0, dtype=np.int64) - a  # S of every spin i, (N, K)
    margins = (a * jump[s + size + 1]).sum(axis=1)
    chosen = np.eye(size, dtype=bool)  # a spin is not turned to attack itself
    flips = np.empty((size, size), np.int64)
    columns = a.astype(np.float64)
    for made in range(size):
        if margins.min() <= 0:
            spin = int(margins.argmin())
            return MarginAttack(spin, flips[spin, :made].copy())
        if made == size - 1:
            break
        low, high = jump[s + size - 1] * a, jump[s + size + 3] * a
        after = ((low + high).sum(axis=1)[:, None] + (low - high) @ columns.T) / 2
        after[chosen] = np.inf
        turned = after.argmin(axis=1)
        margins = after[np.arange(size), turned]
        chosen[np.arange(size), turned] = True
        flips[:, made] = turned
        s -= 2 * a[turned]
    return None


def _jumps(interaction: Interaction, size: int, count: int) -> np.ndarray:
    """f(S) = F(S+1) - F(S-1) over S = -N-1 ... N+1 as float64; ValueError unless sums over K are exact."""
    bound = interaction.largest(size + 2, "exact") if isinstance(interaction, Interaction) else None
    if bound is None or count * bound >= 2**53:
        raise ValueError(
            f"interaction is {interaction!r} at {count} patterns of {size}; expected a power whose sums stay below "
            "2**53, for example Power(3)"
        )
    f = [interaction.exact_value(x) for x in range(-size - 2, size + 3)]
    return np.array([high - low for low, high in zip(f, f[2:], strict=False)], dtype=np.float64)


def attack_trial(
    seed: tuple[int, int],
    *,
    size: int,
    count: int,
    attack: str,
    order: int = 3,
    orders: int = ORDERS,
    fails: int = FAILS,
) -> dict[str, Any]:
    """One trial of a sweep: how many flips of an attack break the first of K random patterns.

    Parameters
    ----------
    seed : seed of the sweep and number of the trial; the patterns have default_rng([*seed, N, K]), so that all attacks
        meet the same ones.
    size : N.
    count : K.
    order : n of F(x) = x**n.
    attack : see `break_point`.
    orders : see `break_point`.
    fails : see `break_point`.

    Returns
    -------
    dict: "flips", int.

    Raises
    ------
    ValueError : what `break_point` refuses.
    """
    model, seeds = drawn_memory(seed, size, count, order)
    return {"flips": break_point(model, model.patterns[0], attack, orders=orders, fails=fails, seed=[*seeds, 1])}


def margin_trial(seed: tuple[int, int], *, size: int, count: int, order: int = 3) -> dict[str, int]:
    """One trial of a sweep: how many flips of `margin_attack` turn one bit of the first of K random patterns.

    Parameters
    ----------
    seed : as in `attack_trial`; the same patterns, which those of `experiments.guarantees` are too.
    size : as in `attack_trial`; the same patterns, which those of `experiments.guarantees` are too.
    count : as in `attack_trial`; the same patterns, which those of `experiments.guarantees` are too.
    order : as in `attack_trial`; the same patterns, which those of `experiments.guarantees` are too.

    Returns
    -------
    dict: "flips", int; N + 1 where no number of flips does it.

    Raises
    ------
    ValueError : a number out of range, or an order whose sums reach 2**53.

    Examples
    --------
    >>> margin_trial((0, 1), size=64, count=24)
    {'flips': 6}
    """
    size, count = as_set_shape(size, count)
    patterns = random_patterns(count, size, rng=[*as_trial_seed(seed), size, count])
    found = margin_attack(patterns, 0, Power(order))
    return {"flips": size + 1 if found is None else len(found.flips)}
