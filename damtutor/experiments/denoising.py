"""Measurements on digits: mean shift with the exact score, and what a trained network draws.

A drawn image is memorised if one training image is much nearer than the next (distance ratio below 1/3), spurious if it
is not but another drawn image is very near: the network has a memory of its own there. Else it is generalised. The
thresholds are arguments, since they are the course's choice; the share of spurious ones depends on the radius and on
the number of drawings (a twin must be drawn too), that it peaks between the other two does not.

Source: Pham et al. (2025), arXiv 2505.21777, for the three phases, with other thresholds. Distances are between images
with pixels in [0, 1]: 1.04 from one of 1400 digits to the nearest other (median), 3.05 between two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.experiments.diffusion import SAME, distinct, nearest_distances
from damtutor.learning.denoiser import train_denoiser
from damtutor.models.diffusion import Denoise, KernelDensity, exact_denoiser, noise_levels, probability_flow
from damtutor.numerics import row_blocks, square_distances
from damtutor.patterns import grey_digits
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.validate import as_count, as_counts, as_fraction, as_function, as_real, as_reals, as_trials

TRAINED = 1400  # digits that may be stored; the rest is held out
COPY = 0.1  # an end closer to a stored image than this is that image
LEVELS = (0.05, 3.0)  # range of noise in training; drawing starts at the upper end
FLOW = 60  # steps of the probability flow, the last one from 0.05 to 0
PROBE = 0.5  # noise at which losses are compared


class DigitsRow(NamedTuple):
    """Mean shift from held-out digits to K stored ones at one σ.

    Attributes
    ----------
    sigma : σ.
    count : K.
    copies : part that ends within 0.1 of a stored image.
    distinct : number of different ends.
    median_n_eff : at the ends.
    unsettled : starts that still moved when the number of steps was used up.
    """

    sigma: float
    count: int
    copies: Interval
    distinct: int
    median_n_eff: float
    unsettled: int


class SampleShares(NamedTuple):
    """Parts of the drawn images; they add up to 1.

    Attributes
    ----------
    memorised : copies of a training image.
    spurious : near to another drawn image, but to no training image.
    generalised : the rest.
    away : median distance to the nearest training image of those that are not memorised; nan if all are.
    """

    memorised: float
    spurious: float
    generalised: float
    away: float


class PhaseRow(NamedTuple):
    """Networks trained on K digits; means over training seeds.

    Attributes
    ----------
    count : K.
    twin : distance within which two drawn images are twins.
    memorised : as in `SampleShares`.
    spurious : as in `SampleShares`, for twins within `twin`.
    generalised : as in `SampleShares`.
    away : as in `SampleShares`, mean over the networks that drew any such image; nan if none did.
    train : |D - x0|² at σ = 0.5 on the training images.
    test : the same on held-out images.
    exact : the same on held-out images for the posterior mean of the training set.
    nearer : median distance of a drawn image to the training set over that to as many held-out images.
    """

    count: int
    twin: float
    memorised: Mean
    spurious: Mean
    generalised: Mean
    away: float
    train: Mean
    test: Mean
    exact: float
    nearer: Mean


def digits_split(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """1400 digits that may be stored, and 397 others, `(1400, 64)` and `(397, 64)`, pixels in [0, 1].

    Examples
    --------
    >>> [len(part) for part in digits_split()]
    [1400, 397]
    """
    images = grey_digits(rng=as_count(seed, "seed", 0))
    return images[:TRAINED], images[TRAINED:]


def digits_table(
    sigmas: Sequence[float], counts: Sequence[int], *, queries: int = 100, max_sweeps: int = 2000, seed: int = 0
) -> list[DigitsRow]:
    """Mean shift from held-out digits to stored ones: does a state end at a stored image, a blend, or the average?

    Parameters
    ----------
    sigmas : σ > 0, in units of a pixel's full ink.
    counts : stored images, at most 1400.
    queries : held-out images, at most 397.
    max_sweeps : steps a query.
    seed : of the split.

    Examples
    --------
    >>> for row in digits_table((0.2, 1.0), (30,), queries=50):
    ...     print(row.sigma, row.copies.value, round(row.median_n_eff))
    0.2 1.0 1
    1.0 0.0 10
    """
    stored, others = digits_split(seed)
    starts = others[: as_count(queries, "queries", 1, len(others))]
    counts, rows = as_counts(counts, "counts", 1, TRAINED), []
    for sigma in as_reals(sigmas, "sigmas", 1).tolist():
        for count in counts:
            density = KernelDensity(stored[:count], sigma)
            ends = density.settle(starts, tolerance=1e-6, max_sweeps=max_sweeps)
            copies = int(np.sum(nearest_distances(ends.states, density.data) < COPY))
            rows.append(
                DigitsRow(
                    sigma,
                    density.count,
                    wilson(copies, len(starts)),
                    len(distinct(ends.states, SAME * sigma)[0]),
                    float(np.median(density.n_eff(ends.states))),
                    int(np.sum(~ends.converged)),
                )
            )
    return rows


def draw(denoise: Denoise, count: int, size: int, *, steps: int = FLOW, seed: int = 0) -> np.ndarray:
    """`count` images from noise of σ = 3 by the probability flow of `denoise`, its last step from 0.05 to 0.

    Parameters
    ----------
    denoise : function of x and σ.
    count : number of images.
    size : numbers in each.
    steps : >= 2.
    seed : of the noise, default_rng([seed, size]).

    Returns
    -------
    float64 `(count, size)`.

    Examples
    --------
    >>> draw(exact_denoiser([[0.0, 1.0]]), 2, 2).tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    size, levels = as_count(size, "size"), noise_levels(LEVELS[1], LEVELS[0], as_count(steps, "steps", 2) - 1)
    noise = np.random.default_rng([as_count(seed, "seed", 0), size]).standard_normal((as_count(count, "count"), size))
    return probability_flow(denoise, LEVELS[1] * noise, np.append(levels, 0)).ends.astype(np.float64)


def sample_shares(samples: Any, data: Any, *, ratio: float = 1 / 3, twin: float = 0.25) -> SampleShares:
    """Sort drawn images into memorised, spurious and generalised.

    Parameters
    ----------
    samples : `(B, d)`, B >= 2.
    data : the training set `(K, d)`, K >= 2.
    ratio : of the distances to the nearest and the second nearest training image, in [0, 1]; below it an image is
        memorised.
    twin : an image is spurious if another drawn one is closer than this, > 0.

    Raises
    ------
    ValueError : one image or one training image only: a ratio and a twin need two.

    Examples
    --------
    >>> sample_shares([[0.1], [3.0], [3.1], [6.0]], [[0.0], [9.0]])[:3]
    (0.25, 0.5, 0.25)
    """
    data = as_reals(data, "data", 2).astype(np.float64)
    samples = as_reals(samples, "samples", 2, length=data.shape[1]).astype(np.float64)
    for rows, name in ((samples, "samples"), (data, "data")):
        if len(rows) < 2:
            raise ValueError(f"{name}: one row; expected two or more, since the nearest is compared with another")
    ratio, twin = as_fraction(ratio, "ratio"), as_real(twin, "twin", low=0.0, strict=True)
    near = _two_nearest(samples, data)
    memorised = near[:, 0] < ratio * near[:, 1]
    spurious = ~memorised & (_two_nearest(samples, samples)[:, 1] < twin)  # the nearest is the image itself
    away = float(np.median(near[~memorised, 0])) if not memorised.all() else float("nan")
    own, twins = float(np.mean(memorised)), float(np.mean(spurious))
    return SampleShares(own, twins, float(np.mean(~memorised & ~spurious)), away)


def denoising_loss(denoise: Denoise, data: Any, sigma: float = PROBE, *, draws: int = 4000, seed: int = 0) -> Mean:
    """Mean of |denoise(x0 + σ noise, σ) - x0|² over images x0 drawn from `data`, with the error of `draws` draws.

    Examples
    --------
    >>> round(denoising_loss(exact_denoiser([[0.0], [9.0]]), [[0.0], [9.0]]).value, 9)  # no doubt which it was
    0.0
    """
    as_function(denoise, "denoise", "exact_denoiser(data)")
    data, sigma = as_reals(data, "data", 2), as_real(sigma, "sigma", low=0.0, strict=True)
    rng = np.random.default_rng(as_count(seed, "seed", 0))
    clean = data[rng.integers(len(data), size=as_count(draws, "draws", 2))]
    guess = denoise(clean + sigma * rng.standard_normal(clean.shape), sigma)
    return mean(np.sum((guess - clean) ** 2, axis=1))


def phase_table(
    counts: Sequence[int],
    *,
    seeds: int = 2,
    steps: int = 3000,
    samples: int = 1500,
    ratio: float = 1 / 3,
    twins: Sequence[float] = (0.25, 0.4),
    split: int = 0,
) -> list[PhaseRow]:
    """Train denoisers on the first K digits, draw images from each, and sort them; one row for every K and radius.

    Parameters
    ----------
    counts : K, 2 to 1400.
    seeds : networks for every K, seeds 0, 1, ...
    steps : of training.
    samples : drawn from each.
    ratio : see `sample_shares`.
    twins : see `sample_shares`.
    split : seed of the split into stored and held-out images.

    Returns
    -------
    Rows; errors count networks (nan for one), and not the choice of images, which all networks share.

    Examples
    --------
    >>> row, = phase_table((5,), seeds=1, steps=30, samples=20, twins=(0.25,))
    >>> round(row.memorised.value + row.spurious.value + row.generalised.value, 12)
    1.0
    """
    stored, others = digits_split(as_count(split, "split", 0))
    samples, seeds, rows = as_trials(samples, "samples", 2), as_count(seeds, "seeds"), []
    twins = as_reals(twins, "twins", 1).tolist()
    for count in as_counts(counts, "counts", 2, TRAINED):
        data, found = stored[:count], []
        same = min(count, len(others))
        for seed in range(seeds):
            network = train_denoiser(data, steps=steps, sigmas=LEVELS, seed=seed).denoiser
            images = draw(network, samples, data.shape[1], seed=seed)
            nearer = np.median(nearest_distances(images, data[:same])) / np.median(
                nearest_distances(images, others[:same])
            )
            losses = [denoising_loss(network, part, seed=seed).value for part in (data, others)]
            shares = [sample_shares(images, data, ratio=ratio, twin=twin) for twin in twins]
            found.append((shares, losses, nearer))
        exact = denoising_loss(exact_denoiser(data), others).value
        losses = [mean(values) for values in zip(*(pair for _, pair, _ in found), strict=True)]
        nearer = mean([ratio_of_distances for _, _, ratio_of_distances in found])
        for k, twin in enumerate(twins):
            *parts, away = (np.array(values) for values in zip(*(shares[k] for shares, _, _ in found), strict=True))
            away = away[np.isfinite(away)]
            distance = float(away.mean()) if len(away) else float("nan")
            rows.append(PhaseRow(count, twin, *map(mean, parts), distance, *losses, exact, nearer))
    return rows


def _two_nearest(states, data) -> np.ndarray:
    """Distances to the nearest and the second nearest row of `data`, `(B, 2)`."""
    blocks = (square_distances(rows, data) for rows in row_blocks(states, len(data)))
    return np.sqrt(np.concatenate([np.sort(np.partition(block, 1, axis=1)[:, :2], axis=1) for block in blocks]))
