"""Few memories that stand for many images: learned by one-step denoising, or by expectation maximisation.

    w = softmax(-β |x - X_μ|²/2),  f = w X                    one step of the memory, β = 1/σ²
    loss = mean over images of |f(x + σ noise) - x|²

A memory enters twice: as a value, in f = w X, and as a key, in w. With r = 2 (f - x)/B and G = w (r Xᵀ - r·f) the
gradient is ∂loss/∂X = wᵀ r + β (Gᵀ x̃ - (Σ G) X), x̃ the noisy images; the first term is the value path, the second
the key path. Leave one out and it is not a gradient.

Expectation maximisation climbs the likelihood of the images under Gaussians of width σ at the memories, without a
rate: X_μ <- Σ_b p_bμ x_b / Σ_b p_bμ is a mean shift of all memories at once, and the likelihood cannot fall.

Source: Vincent (2011) for denoising; Dempster, Laird & Rubin (1977) for the second. Where it stops being true: with as
many memories as images both can store copies; the best memories for denoising are not images, they lie between them.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from damtutor.learning.denoiser import Adam
from damtutor.numerics import logsumexp, softmax, underflow_is_zero
from damtutor.validate import as_count, as_real, as_reals


class Consolidated(NamedTuple):
    """Memories `(K, d)`, and what was made better: losses of the batches, falling, or log likelihoods, rising."""

    memories: np.ndarray
    course: np.ndarray


@underflow_is_zero
def denoise(memories: Any, states: Any, sigma: float = 1.0) -> np.ndarray:
    """f: one step of the memory with β = 1/σ²; states `(B, d)` to `(B, d)`.

    Parameters
    ----------
    memories : X `(K, d)`.
    states : noisy images `(B, d)`.
    sigma : σ > 0, unit of a pixel.

    Examples
    --------
    >>> denoise([[0.0], [4.0]], [[2.0], [0.5]]).round(3).tolist()
    [[2.0], [0.01]]
    """
    x, memories, beta = _arguments(states, "states", memories, sigma)
    return softmax(_scores(memories, x, beta)) @ memories


@underflow_is_zero
def loss_gradient(memories: Any, clean: Any, noisy: Any, sigma: float = 1.0) -> tuple[float, np.ndarray]:
    """Mean over images of |f(noisy) - clean|², and its gradient by the memories, value path and key path.

    Parameters
    ----------
    memories : X `(K, d)`.
    clean, noisy : `(B, d)`.
    sigma : σ > 0.

    Returns
    -------
    loss : float, unit of a squared pixel, summed over pixels.
    gradient : `(K, d)`.

    Raises
    ------
    ValueError : shapes that do not fit together, numbers that are not finite.

    Examples
    --------
    >>> loss, gradient = loss_gradient([[-1.0], [1.0]], [[1.0]], [[0.0]])  # f = 0: both paths cancel here
    >>> loss, gradient.round(3).ravel().tolist()
    (1.0, [0.0, 0.0])
    """
    x, memories, beta = _arguments(noisy, "noisy", memories, sigma)
    clean = as_reals(clean, "clean", 2, length=x.shape[1]).astype(np.float64)
    if clean.shape != x.shape:
        raise ValueError(f"clean, noisy: shapes {clean.shape} and {x.shape}; expected the same images, twice")
    weights = softmax(_scores(memories, x, beta))
    gap = weights @ memories - clean
    pull = 2 / len(x) * gap
    keys = weights * (pull @ memories.T - np.sum(pull * (gap + clean), axis=1)[:, None])
    gradient = weights.T @ pull + beta * (keys.T @ x - keys.sum(axis=0)[:, None] * memories)
    return float(np.sum(gap * gap)) / len(x), gradient


@underflow_is_zero
def consolidate(
    data: Any, start: Any, *, sigma: float = 1.0, steps: int = 1000, batch: int = 200, rate: float = 0.01, seed: int = 0
) -> Consolidated:
    """Memories trained by Adam to undo noise in one step; the rate falls to 0 along half a cosine.

    Parameters
    ----------
    data : images `(P, d)`.
    start : first memories `(K, d)`.
    sigma : of the noise, and of the memory, β = 1/σ².
    steps : of Adam.
    batch : images a step, drawn with repeats.
    rate : > 0, unit of a pixel.
    seed : default_rng([seed, K, d]).

    Returns
    -------
    Consolidated: `course` is the loss of every batch before its step, `(steps,)`.

    Raises
    ------
    ValueError : images and memories of another length, or a number out of range.

    Examples
    --------
    >>> data = [[-3.1], [-2.9], [2.9], [3.1]]
    >>> consolidate(data, [[-1.0], [1.0]], steps=300, batch=20, rate=0.1).memories.round(0).ravel().tolist()
    [-3.0, 3.0]
    """
    x, memories, _ = _arguments(data, "data", start, sigma)
    steps, batch, rate = as_count(steps, "steps"), as_count(batch, "batch"), as_real(rate, "rate", low=0.0, strict=True)
    rng, adam, losses = (
        np.random.default_rng([as_count(seed, "seed", 0), *memories.shape]),
        Adam(memories),
        np.empty(steps),
    )
    for t in range(steps):
        clean = x[rng.integers(len(x), size=batch)]
        losses[t], gradient = loss_gradient(memories, clean, clean + sigma * rng.standard_normal(clean.shape), sigma)
        adam.step(memories, gradient, rate * (1 + math.cos(math.pi * t / steps)) / 2)
    return Consolidated(memories, losses)


@underflow_is_zero
def expectation_maximisation(data: Any, start: Any, *, sigma: float = 1.0, rounds: int = 50) -> Consolidated:
    """Memories as centres of Gaussians of width σ and equal weight, by rounds of expectation maximisation.

    Parameters
    ----------
    data : images `(P, d)`.
    start : first memories `(K, d)`.
    sigma : σ > 0.
    rounds : >= 1.

    Returns
    -------
    Consolidated: `course` is the mean log likelihood of an image before the first and after every round,
    `(rounds + 1,)`, which never falls but for rounding. A memory that stands for no image stays.

    Raises
    ------
    ValueError : as `consolidate`.

    Examples
    --------
    >>> found = expectation_maximisation([[-3.1], [-2.9], [2.9], [3.1]], [[-1.0], [1.0]])
    >>> found.memories.round(3).ravel().tolist(), bool((np.diff(found.course) >= -1e-12).all())
    ([-3.0, 3.0], True)
    """
    x, memories, beta = _arguments(data, "data", start, sigma)
    course = [_likelihood(memories, x, beta)]
    for _ in range(as_count(rounds, "rounds")):
        weights = softmax(_scores(memories, x, beta))
        total = weights.sum(axis=0)[:, None]
        used = total[:, 0] > np.finfo(float).tiny / np.finfo(float).eps
        memories[used] = (weights.T @ x)[used] / total[used]
        course.append(_likelihood(memories, x, beta))
    return Consolidated(memories, np.array(course))


def _arguments(states, name, memories, sigma) -> tuple[np.ndarray, np.ndarray, float]:
    """States, memories (a copy) and β, float64."""
    memories = as_reals(memories, "memories", 2).astype(np.float64)
    x = as_reals(states, name, 2, length=memories.shape[1]).astype(np.float64)
    return x, memories, as_real(sigma, "sigma", low=0.0, strict=True) ** -2


def _scores(memories, x, beta) -> np.ndarray:
    """-β |x - X_μ|²/2 but for what all μ share: `(B, K)`."""
    return beta * (x @ memories.T - np.sum(memories * memories, axis=1) / 2)


def _likelihood(memories, x, beta) -> float:
    """Mean over images of log (1/K) Σ_μ N(x; X_μ, σ²)."""
    count, size = memories.shape
    exponents = _scores(memories, x, beta) - beta * np.sum(x * x, axis=1)[:, None] / 2
    return float(np.mean(logsumexp(exponents)) - math.log(count) + size / 2 * math.log(beta / (2 * math.pi)))
