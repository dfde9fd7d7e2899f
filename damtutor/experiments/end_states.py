"""Where runs end: on a memory, its negative, a mixture of three memories, somewhere else, or in a cycle.

Definition, with normalised overlaps m_μ = X_μ·s/N and a threshold θ:

- cycle: the run alternates between two states (simultaneous updates, `Trace.period == 2`);
- memory, negative: the largest |m_μ| is at least θ, and that m_μ is positive, or negative;
- mixture: none of these, and the state overlaps by at least θ with sign(±X_a ± X_b ± X_c), where a, b, c have the
  three largest |m_μ| and the signs are those of their overlaps (so the negative of a mixture is a mixture);
- other: the rest, mixtures of five included.

Equal |m_μ| are ordered by index, an overlap of zero counts as positive. A stopped run that is not a cycle is judged
by its last state. Rows that are equal, or opposite, are one pattern, under the first one's index and sign: a copy
changes nothing, and with X and -X in the list the one that comes first decides what is called memory and what negative.
For random patterns a pure 3-mixture has overlaps near 1/2, so that θ = 0.9 separates the kinds;
how many states end on either side of θ depends on it once K/N is large enough to bend the ends away from the ideals.
Where patterns are correlated (but not equal), a state overlaps with many of them: the three nearest need not be the
ones that are mixed, and mixtures can be counted as "other".
Source: Amit, Gutfreund & Sompolinsky (1985) for the mixtures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import Trace, as_memory
from damtutor.patterns import random_patterns
from damtutor.statistics.intervals import Interval, wilson
from damtutor.validate import as_array, as_choice, as_count, as_patterns, as_real, as_seed, as_state, as_trials

START = 57  # marks the seeds of random starts: default_rng([s, 0]) is default_rng(s), which may have made the patterns
KINDS = ("memory", "negative", "mixture", "other", "cycle")


class Ending(NamedTuple):
    """What an end state is.

    Attributes
    ----------
    kind : one of `KINDS`.
    patterns : indices of the patterns concerned: one, three, or none for "other" and "cycle".
    signs : their signs, ±1 each.
    overlap : normalised overlap with the ideal state (the signed pattern, or the mixture), at least the threshold;
        nan for "cycle", and the largest |m_μ| for "other".
    """

    kind: str
    patterns: tuple[int, ...]
    signs: tuple[int, ...]
    overlap: float


class Tally(NamedTuple):
    """Ends of many runs, counted.

    Attributes
    ----------
    counts : dict, kind to number of runs, all of `KINDS`.
    shares : dict, kind to `Interval`: its share with Wilson's 95 % interval.
    endings : the `Ending` of every run, in order.
    energies : energy per neuron at the end of every run, float64 `(runs,)`; nan where it is not known.
    """

    counts: dict[str, int]
    shares: dict[str, Interval]
    endings: tuple[Ending, ...]
    energies: np.ndarray


def classify(patterns: Any, end: Any, *, threshold: float = 0.9) -> Ending:
    """What kind of end a state, or the end of a `Trace`, is; the definition stands in the module's text.

    Parameters
    ----------
    patterns : `(K, N)` of ±1; equal and opposite rows count once.
    end : a state `(N,)` of ±1, or a Trace.
    threshold : θ in (1/2, 1].

    Raises
    ------
    ValueError : patterns or state not ±1 or of different length, a threshold outside.
    """
    patterns = as_patterns(patterns)
    threshold = as_real(threshold, "threshold", low=0.5, high=1.0)
    if threshold == 0.5:
        raise ValueError("threshold is 0.5; expected more: a 3-mixture overlaps by 1/2 with each of its patterns")
    cycle = isinstance(end, Trace) and end.period == 2
    size = patterns.shape[1]
    state = as_state(end.state if isinstance(end, Trace) else end, size, "end")
    if cycle:
        return Ending("cycle", (), (), float("nan"))
    overlaps = (patterns.astype(np.float32) @ state).astype(np.int64)  # whole numbers, exact
    nearest = _nearest(patterns, overlaps)
    signs = np.where(overlaps[nearest] < 0, -1, 1)
    largest = abs(int(overlaps[nearest[0]])) / size
    if largest >= threshold:
        kind = "memory" if signs[0] > 0 else "negative"
        return Ending(kind, (int(nearest[0]),), (int(signs[0]),), largest)
    if len(nearest) == 3:
        ideal = np.sign(signs @ patterns[nearest].astype(np.int64))
        overlap = int(ideal @ state) / size
        if overlap >= threshold:
            return Ending("mixture", tuple(nearest.tolist()), tuple(signs.tolist()), overlap)
    return Ending("other", (), (), largest)


def _nearest(patterns, overlaps) -> np.ndarray:
    """Indices of the (up to) three largest |m_μ|, the first index of rows that are equal up to sign."""
    found: list[int] = []
    for mu in np.argsort(-np.abs(overlaps), kind="stable"):
        row = patterns[mu]
        if not any(np.array_equal(row, patterns[nu]) or np.array_equal(row, -patterns[nu]) for nu in found):
            found.append(int(mu))
        if len(found) == 3:
            break
    return np.array(found)


def mixture(patterns: Any, chosen: Iterable[int], signs: Iterable[int]) -> np.ndarray:
    """The state sign(Σ signs_k X_k) of an odd number of different patterns, int8 `(N,)`.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    chosen : indices of 1, 3, 5, ... different rows.
    signs : ±1 for each.

    Raises
    ------
    ValueError : no lists, an even number (sums of zero have no sign), repeats, an index outside, signs not ±1.
    """
    patterns = as_patterns(patterns)
    chosen, signs = _listed(chosen, "chosen", "[0, 1, 2]"), _listed(signs, "signs", "[1, -1, 1]")
    rows = [as_count(mu, "chosen", 0, len(patterns) - 1) for mu in chosen]
    if len(rows) % 2 == 0 or len(set(rows)) < len(rows):
        raise ValueError(f"chosen is {rows}; expected an odd number of different patterns, for example [0, 1, 2]")
    return np.sign(as_state(signs, len(rows), "signs") @ patterns[rows].astype(np.int64)).astype(np.int8)


def _listed(values, name, example) -> list:
    try:
        return list(values)
    except TypeError:
        raise ValueError(f"{name} is {values!r}; expected a list, for example {example}") from None


def tally(endings: Iterable[Ending], energies: Any = None) -> Tally:
    """Count endings.

    Parameters
    ----------
    endings : at least one `Ending`.
    energies : energy per neuron of each, or None.

    Raises
    ------
    ValueError : no ending, an item that is not an Ending, energies that are not numbers, or another number of them.
    """
    endings = tuple(_listed(endings, "endings", "[classify(patterns, state)]"))
    if not endings or not all(isinstance(ending, Ending) for ending in endings):
        raise ValueError("endings: expected at least one Ending, for example [classify(patterns, state)]")
    energies = np.full(len(endings), np.nan) if energies is None else as_array(energies, "energies", "expected numbers")
    if energies.shape != (len(endings),) or energies.dtype.kind not in "iuf":
        raise ValueError(
            f"energies: shape {energies.shape} of {energies.dtype}; expected numbers ({len(endings)},), one for each "
            "ending"
        )
    counts = {kind: sum(ending.kind == kind for ending in endings) for kind in KINDS}
    shares = {kind: wilson(count, len(endings)) for kind, count in counts.items()}
    return Tally(counts, shares, endings, energies.astype(np.float64))


def random_starts(size: int, starts: int, seed: int = 0) -> Iterator[tuple[np.ndarray, np.random.Generator]]:
    """Uniform random states `(N,)`, each with its Generator default_rng([seed, b, 57]), which goes on from there.

    Parameters
    ----------
    size : N >= 1.
    starts : number of states, at least 1.
    seed : whole number >= 0.

    Raises
    ------
    ValueError : a number out of range, at once, not at the first state.
    """
    size, starts, seed = as_count(size, "size"), as_trials(starts, "starts"), as_seed(seed)
    rngs = (np.random.default_rng([seed, b, START]) for b in range(starts))
    return ((random_patterns(1, size, rng=rng)[0], rng) for rng in rngs)


def end_states(
    model: Any,
    starts: int = 100,
    seed: int = 0,
    *,
    order: str = "async",
    max_sweeps: int = 100,
    threshold: float = 0.9,
) -> Tally:
    """Start a memory from random states, uniform over all of them, and count where it ends.

    Parameters
    ----------
    model : a binary memory with `.patterns` `(K, N)`, `.retrieve` and `.energy`: Hopfield or DenseAM.
    starts : number of runs.
    seed : run b has default_rng([seed, b, 57]) for its start and its order of updates.
    order : as in `retrieve`.
    max_sweeps : as in `retrieve`.
    threshold : as in `classify`.

    Raises
    ------
    ValueError : a model without patterns, or a bad number.
    """
    model = as_memory(model)
    as_choice(order, "order", ("async", "sync"))
    patterns = as_patterns(model.patterns)
    size, endings, energies = patterns.shape[1], [], []
    for start, rng in random_starts(size, starts, seed):
        trace = model.retrieve(start, order=order, max_sweeps=max_sweeps, rng=rng)
        endings.append(classify(patterns, trace, threshold=threshold))
        energies.append(trace.energies[-1] / size)
    return tally(endings, energies)
