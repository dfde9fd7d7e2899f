"""Where runs end: on a memory, its negative, a mixture of three memories, somewhere else, or in a cycle.

Definition, with normalised overlaps m_μ = X_μ·s/N and a threshold θ:

- cycle: the run alternates between two states (simultaneous updates, `Trace.period == 2`);
- memory, negative: the largest |m_μ| is at least θ, and that m_μ is positive, or negative;
- mixture: none of these, and the state overlaps by at least θ with sign(±X_a ± X_b ± X_c), where a, b, c have the
  three largest |m_μ| and the signs are those of their overlaps (so the negative of a mixture is a mixture);
- other: the rest, mixtures of five included.

Equal |m_μ| are ordered by index, an overlap of zero counts as positive. A stopped run that is not a cycle is judged
by its last state. For random patterns a pure 3-mixture has overlaps near 1/2, so that θ = 0.9 separates the kinds;
how many states end on either side of θ depends on it once K/N is large enough to bend the ends away from the ideals.
Source: Amit, Gutfreund & Sompolinsky (1985) for the mixtures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.statistics import Interval, wilson
from damtutor.memory import Trace
from damtutor.patterns import random_patterns
from damtutor.validate import as_choice, as_count, as_patterns, as_real, as_state

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
    patterns : `(K, N)` of ±1. end : a state `(N,)` of ±1, or a Trace. threshold : θ in (1/2, 1].

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
    nearest = np.argsort(-np.abs(overlaps), kind="stable")[:3]
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


def mixture(patterns: Any, chosen: Iterable[int], signs: Iterable[int]) -> np.ndarray:
    """The state sign(Σ signs_k X_k) of an odd number of different patterns, int8 `(N,)`.

    Parameters
    ----------
    patterns : `(K, N)` of ±1. chosen : indices of 1, 3, 5, ... different rows. signs : ±1 for each.

    Raises
    ------
    ValueError : an even number (sums of zero have no sign), repeats, an index outside, signs that are not ±1.
    """
    patterns = as_patterns(patterns)
    rows = [as_count(mu, "chosen", 0, len(patterns) - 1) for mu in chosen]
    if len(rows) % 2 == 0 or len(set(rows)) < len(rows):
        raise ValueError(f"chosen is {rows}; expected an odd number of different patterns, for example [0, 1, 2]")
    return np.sign(as_state(list(signs), len(rows), "signs") @ patterns[rows].astype(np.int64)).astype(np.int8)


def tally(endings: Iterable[Ending], energies: Any = None) -> Tally:
    """Count endings.

    Parameters
    ----------
    endings : at least one `Ending`. energies : energy per neuron of each, or None.

    Raises
    ------
    ValueError : no ending, something that is none, or another number of energies.
    """
    endings = tuple(endings)
    if not endings or not all(isinstance(ending, Ending) for ending in endings):
        raise ValueError("endings: expected at least one Ending, for example [classify(patterns, state)]")
    energies = np.full(len(endings), np.nan) if energies is None else np.array(energies, dtype=np.float64)
    if energies.shape != (len(endings),):
        raise ValueError(f"energies: shape {energies.shape}; expected ({len(endings)},), one for each ending")
    counts = {kind: sum(ending.kind == kind for ending in endings) for kind in KINDS}
    shares = {kind: wilson(count, len(endings)) for kind, count in counts.items()}
    return Tally(counts, shares, endings, energies)


def random_starts(size: int, starts: int, seed: int = 0) -> Iterator[tuple[np.ndarray, np.random.Generator]]:
    """Uniform random states `(N,)`, each with its Generator default_rng([seed, b, 57]), which goes on from there."""
    for b in range(starts):
        rng = np.random.default_rng([seed, b, START])
        yield random_patterns(1, size, rng=rng)[0], rng


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
    starts : number of runs. seed : run b has default_rng([seed, b, 57]) for its start and its order of updates.
    order, max_sweeps : as in `retrieve`. threshold : as in `classify`.

    Raises
    ------
    ValueError : a model without patterns, or a bad number.
    """
    if getattr(model, "patterns", None) is None or not callable(getattr(model, "retrieve", None)):
        raise ValueError(
            f"model is {model!r}; expected a memory that knows its patterns, for example Hopfield(patterns)"
        )
    starts, seed = as_count(starts, "starts"), as_count(seed, "seed", 0)
    as_choice(order, "order", ("async", "sync"))
    patterns = as_patterns(model.patterns)
    size, endings, energies = patterns.shape[1], [], []
    for start, rng in random_starts(size, starts, seed):
        trace = model.retrieve(start, order=order, max_sweeps=max_sweeps, rng=rng)
        endings.append(classify(patterns, trace, threshold=threshold))
        energies.append(trace.energies[-1] / size)
    return tally(endings, energies)
