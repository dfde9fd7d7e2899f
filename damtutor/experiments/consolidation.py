"""How well K memories denoise digits: random images, k-means, trained ones, and all images stored.

Pixels in [-1, 1], noise of σ = 1 a pixel, 64 in squared length; one step of the memory with β = 1/σ². Errors are
squared lengths per held-out image, `experiments.classifier.split`. Error bars count held-out images.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from damtutor.experiments.classifier import Split, as_split
from damtutor.experiments.diffusion import nearest_distances
from damtutor.learning.consolidation import consolidate, denoise, expectation_maximisation
from damtutor.statistics.intervals import Mean, mean
from damtutor.validate import as_count, as_reals


class MemoryRow(NamedTuple):
    """Errors of held-out images for K memories of four kinds, and how far the trained ones are from every image.

    Attributes
    ----------
    count : K.
    random : errors of K training images as memories.
    clusters : of the means of k-means.
    trained : from there, by denoising.
    likelihood : from there, by expectation maximisation.
    gain : error of clusters minus error of trained, image by image.
    distance : of trained memories to the nearest training image, mean.
    """

    count: int
    random: Mean
    clusters: Mean
    trained: Mean
    likelihood: Mean
    gain: Mean
    distance: float


def errors(memories, data: Split, *, seed: int = 0) -> np.ndarray:
    """|f(x + noise) - x|² of every held-out image, `(B,)`; the noise is the same for equal seeds.

    Examples
    --------
    >>> from damtutor.experiments.classifier import split
    >>> data = split()
    >>> round(float(errors(data.images, data).mean()))  # all images stored
    7
    """
    memories = as_reals(memories, "memories", 2, length=as_split(data).test_images.shape[1])
    noise = np.random.default_rng([as_count(seed, "seed", 0), 11]).standard_normal(data.test_images.shape)
    return np.sum((denoise(memories, data.test_images + noise) - data.test_images) ** 2, axis=1)


def memory_row(data: Split, count: int, *, steps: int = 1000, seed: int = 0) -> MemoryRow:
    """Errors of `count` memories.

    Parameters
    ----------
    data : from `split`.
    count : K, at most the number of images.
    steps : of Adam.
    seed : of samples, clusters, training and noise.

    Examples
    --------
    >>> from damtutor.experiments.classifier import split
    >>> row = memory_row(split(), 10, steps=100)
    >>> row.trained.value < row.random.value, row.distance > 1
    (True, True)
    """
    from sklearn.cluster import KMeans  # a second to import

    count, seed = as_count(count, "count", 1, len(as_split(data).images)), as_count(seed, "seed", 0)
    sample = data.images[np.random.default_rng([seed, count, 12]).choice(len(data.images), count, replace=False)]
    centres = KMeans(count, n_init=3, random_state=seed).fit(data.images).cluster_centers_
    trained = consolidate(data.images, centres, steps=steps, seed=seed).memories
    climbed = expectation_maximisation(data.images, centres).memories
    found = [errors(memories, data, seed=seed) for memories in (sample, centres, trained, climbed)]
    distance = float(nearest_distances(trained, data.images).mean())
    return MemoryRow(count, *(mean(e) for e in found), mean(found[1] - found[2]), distance)
