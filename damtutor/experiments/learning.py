"""What a learning rule does to the landscape: recall from damage, and where random starts end, epoch by epoch.

A ghost is an end state that is neither a stored pattern nor the negative of one. Every seed has its own negative
phases, damage, starts and orders of update; the patterns are the same. Error bars count seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.learning import couplings
from damtutor.learning.contrast import contrastive_epochs, perceptron, run_batch
from damtutor.statistics.intervals import Mean, mean
from damtutor.validate import as_choice, as_count, as_counts, as_patterns, as_trials

PHASES = ("data", "damaged", "noise")  # contrast, by its negative phase
RULES = (*couplings.RULES, "perceptron", *PHASES)


class Ends(NamedTuple):
    """Where a network's runs end, as shares in [0, 1].

    Attributes
    ----------
    recalled : damaged patterns that are recalled exactly.
    patterns : ends of random starts that are a pattern.
    negatives : ends that are the negative of one.
    ghosts : the other ends.
    kinds : number of different ghosts met.
    """

    recalled: float
    patterns: float
    negatives: float
    ghosts: float
    kinds: int


class EpochRow(NamedTuple):
    """Means over seeds after some epochs of training.

    Attributes
    ----------
    epoch : number of epochs.
    recalled : see `Ends`.
    found : patterns plus negatives, see `Ends`.
    negatives : see `Ends`.
    ghosts : see `Ends`.
    kinds : see `Ends`.
    """

    epoch: int
    recalled: Mean
    found: Mean
    negatives: Mean
    ghosts: Mean
    kinds: Mean


def ends(weights: Any, patterns: Any, *, flips: int = 6, trials: int = 10, starts: int = 100, seed: int = 0) -> Ends:
    """Exact recall of every pattern from `flips` wrong spins, `trials` times each, and the ends of random starts.

    Parameters
    ----------
    weights : symmetric `(N, N)`, diagonal 0.
    patterns : `(K, N)` of ±1.
    flips : 0 to N.
    trials : >= 1.
    starts : >= 1.
    seed : of damage, starts and orders, default_rng([seed, N, K, 9]).

    Raises
    ------
    ValueError : arguments of the wrong kind, or couplings of another size than the patterns.

    Examples
    --------
    >>> from damtutor.learning.couplings import hebb, projection
    >>> from damtutor.patterns import digits
    >>> ends(hebb(digits()), digits())[:3], ends(projection(digits()), digits())[:3]
    ((0.0, 0.0, 0.0), (1.0, 0.27, 0.27))
    """
    x = as_patterns(patterns)
    count, size = x.shape
    flips, trials, starts = as_count(flips, "flips", 0, size), as_trials(trials, "trials"), as_trials(starts, "starts")
    rng = np.random.default_rng([as_count(seed, "seed", 0), size, count, 9])
    aims = np.repeat(x, trials, axis=0)
    turned = rng.permuted(np.tile(np.arange(size) < flips, (len(aims), 1)), axis=1)
    back = run_batch(weights, np.where(turned, -aims, aims), rng=rng)
    last = run_batch(weights, rng.choice(np.array([-1, 1], np.int8), size=(starts, size)), rng=rng)
    overlaps = last.astype(np.int64) @ x.T
    same, opposite = (overlaps == size).any(axis=1), (overlaps == -size).any(axis=1)
    opposite &= ~same
    ghosts = ~(same | opposite)
    kinds = len(np.unique(last[ghosts], axis=0)) if ghosts.any() else 0
    recalled = float((back == aims).all(axis=1).mean())
    return Ends(recalled, float(same.mean()), float(opposite.mean()), float(ghosts.mean()), kinds)


def epoch_table(
    patterns: Any,
    *,
    negative: str = "data",
    epochs: Sequence[int] = (0, 10, 30, 100),
    seeds: int = 5,
    rate: float = 0.01,
    flips: int = 6,
) -> list[EpochRow]:
    """Recall and ends after some epochs of contrastive learning; seeds 0, 1, ... `seeds` - 1.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    negative : as in `learning.contrast`.
    rate : as in `learning.contrast`.
    epochs : rising, >= 0.
    seeds : >= 2.

    Raises
    ------
    ValueError : epochs that do not rise, and what `contrastive_epochs` and `ends` refuse.

    Examples
    --------
    >>> from damtutor.patterns import digits
    >>> for row in epoch_table(digits(), negative="noise", epochs=(0, 30), seeds=2):
    ...     print(row.epoch, round(row.recalled.value, 1), round(row.found.value, 1))
    0 0.0 0.0
    30 0.9 0.8
    """
    wanted = as_counts(epochs, "epochs", 0)
    if sorted(set(wanted)) != wanted:
        raise ValueError(f"epochs are {wanted}; expected rising numbers, for example (0, 10, 30, 100)")
    found = {epoch: [] for epoch in wanted}
    for seed in range(as_count(seeds, "seeds", 2)):
        for epoch, weights in enumerate(contrastive_epochs(patterns, negative=negative, rate=rate, rng=seed)):
            if epoch in found:
                found[epoch].append(ends(weights, patterns, flips=flips, seed=seed))
            if epoch == wanted[-1]:
                break
    return [_row(epoch, found[epoch]) for epoch in wanted]


def rule_row(patterns: Any, rule: str, *, epochs: int = 100, seeds: int = 5, rate: float = 0.01) -> EpochRow:
    """The same numbers for one rule of `RULES`; "data", "damaged", "noise" are contrast with that negative phase.

    Rules without chance have couplings that are the same for every seed: the error bar is that of damage and starts.

    Examples
    --------
    >>> from damtutor.patterns import digits
    >>> rule_row(digits(), "hebb", seeds=2).recalled.value
    0.0
    """
    if as_choice(rule, "rule", RULES) in PHASES:
        return epoch_table(patterns, negative=rule, epochs=(epochs,), seeds=seeds, rate=rate)[0]
    weights = perceptron(patterns).weights if rule == "perceptron" else couplings.RULES[rule].couplings(patterns)
    return _row(0, [ends(weights, patterns, seed=seed) for seed in range(as_count(seeds, "seeds", 2))])


def _row(epoch, found) -> EpochRow:
    columns = {name: [getattr(f, name) for f in found] for name in ("recalled", "negatives", "ghosts", "kinds")}
    columns["found"] = [1 - f.ghosts for f in found]
    return EpochRow(epoch, **{name: mean(column) for name, column in columns.items()})
