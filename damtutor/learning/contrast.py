"""Two rules that look at where the network goes, and correct it: contrastive Hebb, and a perceptron with a margin.

    contrast     W += rate (<x xᵀ>_patterns - <s sᵀ>_where a few sweeps end)       diagonal 0
    perceptron   W_ij += (e_i + e_j) x_i x_j / N,  e_i = 1 where x_i h_i < margin  one pattern at a time

Contrast lowers the energy of what is shown and raises that of what the network falls into. Where its sweeps start is
the negative phase: at the patterns, at damaged patterns, or at the patterns and as many random states ("noise"). From
the patterns its gradient is exactly zero once every pattern is a fixed point: it then knows nothing of its spurious
minima. From noise it meets them and fills them.

Source: Hopfield, Feinstein & Palmer (1983) for unlearning; Hinton & Sejnowski (1986) for the two phases, Movellan
(1991) for the contrast at temperature 0; Gardner (1988) for the symmetric perceptron. Where they stop being true: no
rule stores patterns that no symmetric couplings make fixed; contrast does not say so, the perceptron does not converge.
Both start at Hebb's couplings or at 0; from 0 and from the patterns contrast has nothing to learn from, since a zero
field keeps its spin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from damtutor.learning.couplings import hebb, in_units
from damtutor.validate import as_binary, as_choice, as_count, as_generator, as_patterns, as_real, as_reals, as_symmetric

NEGATIVE = ("data", "damaged", "noise")


class Perceptron(NamedTuple):
    """Couplings `(N, N)`, whether every x_i h_i reached the margin, and the epochs made (a last silent one too)."""

    weights: np.ndarray
    converged: bool
    epochs: int


def contrastive_epochs(
    patterns: Any,
    *,
    negative: str = "data",
    rate: float = 0.01,
    sweeps: int = 3,
    damage: int = 6,
    start: Any = None,
    rng: Any = 0,
) -> Iterator[np.ndarray]:
    """Couplings after 0, 1, 2, ... epochs of contrastive Hebbian learning, without end.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    negative : where the K (noise: 2K) runs of an epoch start, "data", "damaged" or "noise".
    rate : > 0, in units of a coupling.
    sweeps : asynchronous sweeps of a run, >= 1.
    damage : spins turned over in every pattern for "damaged".
    start : first couplings, symmetric with diagonal 0; None is Hebb's.
    rng : seed.

    Yields
    ------
    float64 `(N, N)`, a new array, symmetric, diagonal 0.

    Raises
    ------
    ValueError : at the first `next`: bad patterns or couplings, an unknown negative phase, numbers out of range.

    Examples
    --------
    >>> from itertools import islice
    >>> x = np.array([[1, 1, 1, 1], [1, 1, -1, -1]])
    >>> [w.round(3)[0].tolist() for w in islice(contrastive_epochs(x, rate=0.5), 2)]  # both fixed: nothing changes
    [[0.0, 0.5, 0.0, 0.0], [0.0, 0.5, 0.0, 0.0]]
    """
    x, negative = as_patterns(patterns), as_choice(negative, "negative", NEGATIVE)
    rate, sweeps = as_real(rate, "rate", low=0.0, strict=True), as_count(sweeps, "sweeps")
    damage = as_count(damage, "damage", 0, x.shape[1] if negative == "damaged" else None)
    rng = as_generator(rng)
    weights = hebb(x) if start is None else as_couplings(start, x.shape[1], "start").astype(np.float64)
    shown = _products(x)
    while True:
        yield weights.copy()
        begin = _starts(x, negative, damage, rng)
        weights = weights + rate * (shown - _products(run_batch(weights, begin, max_sweeps=sweeps, rng=rng)))
        np.fill_diagonal(weights, 0)


def contrastive(patterns: Any, *, epochs: int = 100, **options: Any) -> np.ndarray:
    """Couplings after `epochs` epochs; options and errors as `contrastive_epochs`.

    Examples
    --------
    >>> from damtutor.patterns import digits
    >>> x = digits()
    >>> [int((run_batch(w, x) == x).all(axis=1).sum()) for w in (hebb(x), contrastive(x, epochs=40))]
    [0, 10]
    """
    epochs = as_count(epochs, "epochs", 0)
    for epoch, weights in enumerate(contrastive_epochs(patterns, **options)):  # noqa: B007 (the last is returned)
        if epoch == epochs:
            break
    return weights


def perceptron(patterns: Any, *, margin: float = 1.0, max_epochs: int = 1000) -> Perceptron:
    """Symmetric couplings, diagonal 0, with x_i h_i >= margin for every spin of every pattern.

    Starts at 0; each step is 1/N, so that the margin is in the unit of Hebb's signal, 1.

    Parameters
    ----------
    patterns : `(K, N)` of ±1, visited in order.
    margin : >= 0, strict at 0 (a field of zero is corrected).
    max_epochs : passes over the patterns, >= 1.

    Returns
    -------
    Perceptron: `converged` False where the margin was not reached, as for patterns that cannot all be fixed points.

    Examples
    --------
    >>> x = np.array([[1, 1, 1, -1, 1], [1, 1, 1, 1, -1], [1, 1, -1, 1, 1]])
    >>> found = perceptron(x)
    >>> found.converged, (x * (x @ found.weights)).min().round(9).item()
    (True, 1.0)
    """
    x = as_patterns(patterns)
    margin, max_epochs = as_real(margin, "margin", low=0.0), as_count(max_epochs, "max_epochs")
    size = x.shape[1]
    counts, goal = np.zeros((size, size)), margin * size  # whole numbers N W: no rounding, whatever the order
    for epoch in range(1, max_epochs + 1):  # noqa: B007 (used after the loop)
        silent = True
        for pattern in x.astype(np.float64):
            signal = pattern * (counts @ pattern)
            wrong = ((signal < goal) | (signal <= 0)).astype(np.float64)
            if wrong.any():
                silent = False
                counts += (wrong[:, None] + wrong) * np.outer(pattern, pattern)
                np.fill_diagonal(counts, 0)
        if silent:
            break
    return Perceptron(counts / size, silent, epoch)


def run_batch(weights: Any, states: Any, *, max_sweeps: int = 100, rng: Any = 0) -> np.ndarray:
    """Where a batch ends after asynchronous sweeps at temperature 0: each row in orders of its own, until it rests.

    Couplings are taken in units in which fields are exact (`couplings.in_units`), so that a zero field is seen as zero
    and keeps its spin. A row that rests is swept no more.

    Parameters
    ----------
    weights : symmetric `(N, N)`, diagonal 0.
    states : `(B, N)` of ±1; not changed.
    max_sweeps : >= 1.
    rng : seed.

    Returns
    -------
    int8 `(B, N)`.

    Raises
    ------
    ValueError : couplings or states of the wrong kind or shape.

    Examples
    --------
    >>> run_batch(hebb([[1, 1, -1, -1]]), [[1, -1, -1, -1], [-1, -1, 1, -1]]).tolist()
    [[1, 1, -1, -1], [-1, -1, 1, 1]]
    """
    ends = as_binary(states, "states", 2)
    weights = as_couplings(weights, ends.shape[1], "weights")
    max_sweeps, rng = as_count(max_sweeps, "max_sweeps"), as_generator(rng)
    weights = in_units(weights, np.zeros(len(weights))).couplings
    rows, live = np.arange(len(ends)), ends.astype(weights.dtype)
    fields = live @ weights
    for _ in range(max_sweeps):
        orders = rng.permuted(np.tile(np.arange(len(weights)), (len(rows), 1)), axis=1)
        at, changed = np.arange(len(rows)), np.zeros(len(rows), bool)
        for spin in orders.T:
            turn = live[at, spin] * fields[at, spin] < 0
            if turn.any():
                which, spins = at[turn], spin[turn]
                live[which, spins] *= -1
                fields[which] += 2 * live[which, spins][:, None] * weights[spins]
            changed |= turn
        ends[rows] = live
        rows, live, fields = rows[changed], live[changed], fields[changed]
        if not len(rows):
            break
    return ends


def as_couplings(values: Any, size: int, name: str) -> np.ndarray:
    """Symmetric couplings `(size, size)` with diagonal 0 as a new array, float32 as given or float64; else ValueError.

    Examples
    --------
    >>> as_couplings(np.array([[0, 1], [2, 0]]), 2, "weights")
    Traceback (most recent call last):
    ...
    ValueError: weights: not symmetric; expected W_ij = W_ji, for example weights / 2 + weights.T / 2
    """
    weights = as_reals(values, name, 2)
    if weights.shape != (size, size):
        raise ValueError(f"{name}: shape {weights.shape}; expected ({size}, {size}), one row for every neuron")
    if (weights != weights.T).any():
        raise ValueError(f"{name}: not symmetric; expected W_ij = W_ji, for example {as_symmetric(values, name)}")
    if np.diagonal(weights).any():
        raise ValueError(
            f"{name}: a diagonal that is not 0; expected none, for example {name} - np.diag(np.diag({name}))"
        )
    return weights


def _products(states) -> np.ndarray:
    """<s sᵀ> of `(B, N)`, symmetric to the last bit: whole numbers divided once."""
    floats = states.astype(np.float64)
    return floats.T @ floats / len(floats)


def _starts(x, negative, damage, rng) -> np.ndarray:
    if negative == "data":
        return x
    if negative == "noise":
        return np.concatenate([x, rng.choice(np.array([-1, 1], np.int8), size=x.shape)])
    turned = np.arange(x.shape[1]) < damage
    return np.where(rng.permuted(np.tile(turned, (len(x), 1)), axis=1), -x, x).astype(np.int8)
