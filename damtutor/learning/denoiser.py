"""A small network that learns to remove noise: from x = x0 + σ noise it guesses x0, for any σ in a range.

    D(x, σ) = centre + W3 relu(W2 relu(W1 u + b1) + b2) + b3,   u = ((x - centre)/√(σ² + s²), log(σ)/2)

`centre` is the mean of the training data and s² the variance of a number in them, so that inputs are of size 1 at every
σ. For 8×8 digits the sizes are 65-256-256-64: 99 000 parameters. Training minimises the mean of |D(x, σ) - x0|² over
images, noise and log σ, uniform in its range. The least possible loss on a finite set is reached by the exact posterior
mean (`models.diffusion.exact_denoiser`), which only memorises; what a network does instead is its own doing.

Gradients are written out; Adam changes all parameters in one vector. Source: Vincent (2011) for denoising and the
score; Kingma & Ba (2015) for Adam; Glorot, Bordes & Bengio (2011) for relu. Where it stops being true: training is
short, so that a large set is learned worse than it could be (from K = 600 digits on the exact mean is better on
held-out images too). Runs repeat exactly on one machine with one number of threads; elsewhere sums differ in the last
digit, which training amplifies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.validate import Frozen, as_choice, as_count, as_generator, as_real, as_reals

MEMORY, SQUARES, FLOOR = 0.9, 0.999, 1e-8  # Adam's decay of the mean gradient, of its square, and its smallest divisor
SMALL = 0.1  # the last layer starts that much smaller: the first guess is near the centre


@dataclass(frozen=True, eq=False)
class Denoiser(Frozen):
    """A trained network: a function of x and σ, as `models.diffusion.probability_flow` takes it.

    Parameters
    ----------
    parameters : `(P,)`, all weights and biases, layer by layer: W `(a, b)`, then b `(b,)`. float32 or float64; copied.
    sizes : numbers of units, `(d + 1, ..., d)`.
    centre : `(d,)`.
    spread : s > 0.

    Raises
    ------
    ValueError : parameters, sizes and centre that do not fit together; numbers that are not finite.

    Examples
    --------
    >>> silent = Denoiser(np.zeros(6), (3, 1, 2), [0.5, 0.5], 1.0)  # zero weights: always the centre
    Traceback (most recent call last):
    ...
    ValueError: parameters: 6 numbers; expected 8 for sizes (3, 1, 2)
    >>> silent = Denoiser(np.zeros(8), (3, 1, 2), [0.5, 0.5], 1.0)
    >>> silent([[9.0, 9.0]], 0.1).tolist()
    [[0.5, 0.5]]
    """

    parameters: Any
    sizes: tuple[int, ...]
    centre: Any
    spread: float

    def __post_init__(self):
        sizes = tuple(as_count(n, "sizes") for n in self.sizes)
        centre = as_reals(self.centre, "centre", 1)
        if len(sizes) < 2 or (sizes[0], sizes[-1]) != (len(centre) + 1, len(centre)):
            raise ValueError(f"sizes are {sizes}; expected ({len(centre) + 1}, ..., {len(centre)}) as centre has it")
        parameters = as_reals(self.parameters, "parameters", 1)
        if len(parameters) != _count(sizes):
            raise ValueError(f"parameters: {len(parameters)} numbers; expected {_count(sizes)} for sizes {sizes}")
        centre = centre.astype(parameters.dtype)
        parameters.flags.writeable = centre.flags.writeable = False
        spread = as_real(self.spread, "spread", low=0.0, strict=True)
        for name, value in zip(
            ("parameters", "sizes", "centre", "spread"), (parameters, sizes, centre, spread), strict=True
        ):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"Denoiser({'-'.join(map(str, self.sizes))}, {len(self.parameters)} parameters)"

    def __call__(self, state: Any, sigma: Any) -> np.ndarray:
        """The guess of the clean `(d,)` or `(B, d)`, in the dtype of the parameters.

        Parameters
        ----------
        state : `(d,)` or `(B, d)`.
        sigma : > 0, a number, or one for every row `(B,)`.

        Raises
        ------
        ValueError : another shape, or a sigma that is not above 0.
        """
        x = as_reals(state, "state", (1, 2), length=len(self.centre)).astype(self.parameters.dtype, copy=False)
        rows = np.atleast_2d(x)
        levels = as_reals(np.atleast_1d(sigma), "sigma", 1)
        if levels.min() <= 0 or len(levels) not in (1, len(rows)):
            raise ValueError(f"sigma: {levels[:3]}; expected numbers above 0, one or {len(rows)}, for example 0.5")
        inputs = self.inputs(rows, np.broadcast_to(levels.astype(rows.dtype), len(rows)))
        return (_forward(layers(self.parameters, self.sizes), inputs)[-1] + self.centre).reshape(x.shape)

    def inputs(self, rows: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """u: what the first layer sees of states `(B, d)` at noise levels `(B,)`; `(B, d + 1)`."""
        return _inputs(rows - self.centre, levels, self.spread)


class Training(NamedTuple):
    """A trained `denoiser`, and the loss |D - x0|² of every step's batch before that step, float64 `(steps,)`."""

    denoiser: Denoiser
    losses: np.ndarray


def layers(vector: np.ndarray, sizes: Sequence[int]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Views of a parameter vector: (W `(a, b)`, b `(b,)`) of every layer.

    Examples
    --------
    >>> [(w.shape, b.shape) for w, b in layers(np.arange(8.0), (3, 1, 2))]
    [((3, 1), (1,)), ((1, 2), (2,))]
    """
    found, at = [], 0
    for a, b in pairwise(sizes):
        found.append((vector[at : at + a * b].reshape(a, b), vector[at + a * b : at + (a + 1) * b]))
        at += (a + 1) * b
    return found


@underflow_is_zero
def loss_gradient(parameters: np.ndarray, sizes: Sequence[int], inputs: np.ndarray, targets: np.ndarray):
    """Mean over rows of |output - target|², and its gradient by the parameters, by backpropagation.

    Parameters
    ----------
    parameters : `(P,)`.
    sizes : of the layers.
    inputs : u, `(B, d + 1)`.
    targets : x0 - centre, `(B, d)`.

    Returns
    -------
    loss : float.
    gradient : `(P,)`, the dtype of the parameters. relu's slope at 0 is taken as 0.

    Examples
    --------
    >>> loss, gradient = loss_gradient(np.zeros(8), (3, 1, 2), np.ones((1, 3)), np.array([[1.0, 2.0]]))
    >>> loss, gradient.tolist()  # only the last biases feel anything
    (5.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -2.0, -4.0])
    """
    gradient = np.empty_like(parameters)
    loss = _backward(layers(parameters, sizes), layers(gradient, sizes), inputs, targets)
    return loss, gradient


@underflow_is_zero
def train_denoiser(
    data: Any,
    *,
    steps: int = 3000,
    batch: int = 256,
    sigmas: tuple[float, float] = (0.05, 3.0),
    widths: Sequence[int] = (256, 256),
    rate: float = 2e-3,
    dtype: str = "float32",
    seed: int = 0,
) -> Training:
    """Train a denoiser on a data set by Adam; the rate falls to 0 along half a cosine.

    Parameters
    ----------
    data : `(K, d)`, not all numbers equal.
    steps : of Adam.
    batch : noisy images a step, drawn with repeats.
    sigmas : range of the noise, 0 < low < high; its logarithm is uniform.
    widths : units of the hidden layers.
    rate : Adam's first rate, > 0.
    dtype : "float32", twice as fast, or "float64".
    seed : default_rng([seed, K, d]).

    Returns
    -------
    Training. About 6 s on one core for digits with the defaults.

    Raises
    ------
    ValueError : data not `(K, d)`, all equal, or an argument out of range.

    Examples
    --------
    >>> pair = np.array([[-1.0, 0.0], [1.0, 0.0]])
    >>> training = train_denoiser(pair, steps=400, batch=32, sigmas=(0.1, 0.3), widths=(16,), rate=0.02)
    >>> bool(training.losses[-50:].mean() < 0.1 * training.losses[0])
    True
    >>> training.denoiser([[-0.7, 0.1]], 0.2).round().tolist()
    [[-1.0, 0.0]]
    """
    data = as_reals(data, "data", 2).astype(as_choice(dtype, "dtype", ("float32", "float64")))
    steps, batch = as_count(steps, "steps"), as_count(batch, "batch")
    low, high = (as_real(value, "sigmas", low=0.0, strict=True) for value in as_reals(sigmas, "sigmas", 1, length=2))
    if low >= high:
        raise ValueError(f"sigmas are {low:g}, {high:g}; expected a lower and a higher one, for example (0.05, 3.0)")
    count, size = data.shape
    sizes = (size + 1, *(as_count(width, "widths") for width in widths), size)
    rate = as_real(rate, "rate", low=0.0, strict=True)
    centre, spread = data.mean(axis=0), float(data.std())
    if spread == 0:
        raise ValueError("data: all numbers are equal; expected images that differ, for example patterns.grey_digits()")
    rng = np.random.default_rng([as_count(seed, "seed", 0), count, size])
    clean, parameters = data - centre, start_parameters(sizes, rng=rng).astype(data.dtype)
    gradient, losses = np.empty_like(parameters), np.empty(steps)
    here, back, adam = layers(parameters, sizes), layers(gradient, sizes), Adam(parameters)
    for t in range(steps):
        targets = clean[rng.integers(count, size=batch)]
        levels = np.exp(rng.uniform(math.log(low), math.log(high), batch)).astype(data.dtype)
        noisy = targets + levels[:, None] * rng.standard_normal((batch, size), dtype=data.dtype)
        losses[t] = _backward(here, back, _inputs(noisy, levels, spread), targets)
        adam.step(parameters, gradient, rate * (1 + math.cos(math.pi * t / steps)) / 2)
    return Training(Denoiser(parameters, sizes, centre, spread), losses)


def start_parameters(sizes: Sequence[int], *, rng: Any = None) -> np.ndarray:
    """Random first parameters: weights of variance 2/a (He et al. 2015), the last layer's smaller by 0.1, biases 0.

    Examples
    --------
    >>> start_parameters((3, 4, 2), rng=0).shape
    (26,)
    """
    rng, vector = as_generator(rng), np.zeros(_count(sizes))
    parts = layers(vector, sizes)
    for weights, _ in parts:
        weights[:] = rng.standard_normal(weights.shape) * math.sqrt(2 / len(weights))
    parts[-1][0][:] *= SMALL
    return vector


class Adam:
    """Adam's two running means of a parameter vector, changed in place without new arrays."""

    def __init__(self, parameters):
        self.mean, self.square, self.part = (np.zeros_like(parameters) for _ in range(3))
        self.steps = 0

    @underflow_is_zero
    def step(self, parameters, gradient, rate) -> None:
        """parameters -= rate mean/(√square + 1e-8), both corrected for their start at 0."""
        self.steps += 1
        part = np.multiply(gradient, 1 - MEMORY, out=self.part)
        self.mean *= MEMORY
        self.mean += part
        np.multiply(gradient, gradient, out=part)
        part *= 1 - SQUARES
        self.square *= SQUARES
        self.square += part
        np.sqrt(self.square, out=part)
        part *= (1 - SQUARES**self.steps) ** -0.5
        part += FLOOR
        np.divide(self.mean, part, out=part)
        part *= rate / (1 - MEMORY**self.steps)
        parameters -= part


def _count(sizes) -> int:
    return sum((a + 1) * b for a, b in pairwise(sizes))


def _inputs(offsets, levels, spread) -> np.ndarray:
    """u from x - centre `(B, d)` and σ `(B,)`."""
    out = np.empty((len(offsets), offsets.shape[1] + 1), offsets.dtype)
    np.divide(offsets, np.sqrt(levels * levels + spread * spread)[:, None], out=out[:, :-1])
    out[:, -1] = np.log(levels) / 2
    return out


def _forward(parts, inputs) -> list[np.ndarray]:
    """Inputs of every layer, and the output of the last."""
    values = [inputs]
    for k, (weights, bias) in enumerate(parts):
        new = values[-1] @ weights
        new += bias
        values.append(new if k == len(parts) - 1 else np.maximum(new, 0, out=new))
    return values


def _backward(parts, back, inputs, targets) -> float:
    """The loss; its gradient goes into the views `back`."""
    values = _forward(parts, inputs)
    gap = values[-1] - targets
    loss = float(np.einsum("bd,bd->", gap, gap, dtype=np.float64)) / len(gap)
    gap *= 2 / len(gap)
    for k in range(len(parts) - 1, -1, -1):
        np.matmul(values[k].T, gap, out=back[k][0])
        np.sum(gap, axis=0, out=back[k][1])
        if k:
            gap = gap @ parts[k][0].T
            gap *= values[k] > 0
    return loss
