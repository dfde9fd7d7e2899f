"""Digits by energy difference: how well, and by how many memories, for every order n.

1400 digits are stored or learned, 397 are held out (`patterns.grey_digits(rng=0)`, pixels in [-1, 1]). Small n: many
memories decide together, each a feature. Large n: one decides, and it looks like an image: a prototype. Memories may
vote against a class with the image's negative, so correlations are taken without their sign.

Reference lines on the same split: one nearest neighbour, and nearest class mean.
Source: Krotov & Hopfield (2016), for MNIST. Error bars count training seeds; the split is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.learning.classifier import Classifier, store, train_classifier
from damtutor.numerics import logsumexp, row_blocks, square_distances
from damtutor.patterns import digit_labels, grey_digits
from damtutor.statistics.intervals import Interval, Mean, mean, wilson
from damtutor.validate import as_count, as_counts, as_kind, as_reals

TRAINED = 1400


class Split(NamedTuple):
    """Images in [-1, 1] and the digits they show.

    Attributes
    ----------
    images : to learn, `(1400, 64)`.
    labels : of these, `(1400,)`.
    test_images : held out, `(397, 64)`.
    test_labels : of these, `(397,)`.
    """

    images: np.ndarray
    labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


class Decisions(NamedTuple):
    """Who decides on a set of images.

    Attributes
    ----------
    memories : per decision, mean of (Σ|v|)²/Σ v² over votes v: 1 for one memory, K for K equal ones.
    correlation : |corr| of the strongest voter with its nearest training image, mean over decisions.
    winners : memories that are the strongest voter at least once.
    """

    memories: float
    correlation: float
    winners: int


class OrderRow(NamedTuple):
    """Means over training seeds for one order n.

    Attributes
    ----------
    order : n.
    train : part of the training images that is classified rightly.
    test : the same of held-out images.
    memories : see `Decisions`.
    correlation : see `Decisions`.
    winners : see `Decisions`.
    """

    order: int
    train: Mean
    test: Mean
    memories: Mean
    correlation: Mean
    winners: Mean


def split(seed: int = 0) -> Split:
    """The digits, shuffled by a seed, pixels scaled to [-1, 1].

    Examples
    --------
    >>> [part.shape for part in split()]
    [(1400, 64), (1400,), (397, 64), (397,)]
    """
    seed = as_count(seed, "seed", 0)
    images, labels = 2 * grey_digits(rng=seed) - 1, digit_labels(rng=seed)
    return Split(images[:TRAINED], labels[:TRAINED], images[TRAINED:], labels[TRAINED:])


def references(data: Split) -> dict[str, Interval]:
    """Held-out accuracy of one nearest neighbour and of the nearest class mean, with Wilson's interval.

    Examples
    --------
    >>> {name: round(found.value, 3) for name, found in references(split()).items()}
    {'nearest neighbour': 0.99, 'class mean': 0.907}
    """
    as_split(data)
    means = np.array([data.images[data.labels == label].mean(axis=0) for label in range(10)])
    guesses = {
        "nearest neighbour": data.labels[_nearest(data.test_images, data.images)],
        "class mean": _nearest(data.test_images, means),
    }
    return {name: wilson(int(np.sum(g == data.test_labels)), len(g)) for name, g in guesses.items()}


def completion_table(data: Split, orders: Sequence[int] = (1, 2, 3, 5, 10, 20, 30, 60)) -> list[tuple[int, Interval]]:
    """Held-out accuracy without training: all images stored, the label completed; one (n, interval) an order.

    Examples
    --------
    >>> [(n, round(found.value, 3)) for n, found in completion_table(split(), (2, 10))]
    [(2, 0.688), (10, 0.917)]
    """
    as_split(data)
    rows = []
    for order in as_counts(orders, "orders"):
        model = store(data.images, data.labels, order=order)
        right = int(np.sum(model.classify(data.test_images) == data.test_labels))
        rows.append((model.order, wilson(right, len(data.test_labels))))
    return rows


def exponential_completion(data: Split) -> Interval:
    """The same with F = exp(x), T = 1: scores rank as Σ exp(U·x) over the stored images of a class.

    Turning class neuron a up multiplies a term by e² where Z_a = 1, by e^-2 elsewhere; what all classes share, and the
    common factor of base, drop out.

    Examples
    --------
    >>> round(exponential_completion(split()).value, 2)
    0.96
    """
    as_split(data)
    products = data.test_images @ data.images.T
    scores = np.stack([logsumexp(products[:, data.labels == label]) for label in range(10)], axis=1)
    return wilson(int(np.sum(scores.argmax(axis=1) == data.test_labels)), len(scores))


def decisions(model: Classifier, images: Any, training: Any) -> Decisions:
    """Who decides on `images` `(B, N)`, and how much the strongest voters look like `training` images `(P, N)`.

    An image on which no memory votes counts as 0 memories.

    Examples
    --------
    >>> x = np.array([[1.0, 1, -1], [-1, 1, 1]])
    >>> decisions(store(x, [0, 1], order=2, classes=2), x, x)
    Decisions(memories=1.0, correlation=1.0, winners=2)
    """
    as_kind(model, "model", Classifier, "a Classifier, as from train_classifier(images, labels).classifier")
    votes = np.abs(np.atleast_2d(model.votes(images)))
    votes = votes / np.maximum(votes.max(axis=1, keepdims=True), np.finfo(float).tiny)
    shares = votes.sum(axis=1) ** 2 / np.maximum((votes**2).sum(axis=1), 1e-300)
    winners = votes.argmax(axis=1)
    kinds = np.unique(winners)
    known = _unit(as_reals(training, "training", 2, length=model.visible.shape[1]))
    nearest = np.zeros(len(votes[0]))
    nearest[kinds] = np.abs(_unit(model.visible[kinds]) @ known.T).max(axis=1)
    return Decisions(float(shares.mean()), round(float(nearest[winners].mean()), 12), len(kinds))


def order_table(
    data: Split, orders: Sequence[int] = (2, 3, 5, 10, 20, 30), *, seeds: int = 2, **options: Any
) -> list[OrderRow]:
    """Trained classifiers for several n; seeds 0, 1, ...; options as `train_classifier`.

    Examples
    --------
    >>> row = order_table(split(), (3,), epochs=10)[0]
    >>> row.order, row.test.value > 0.9, row.memories.value > 10
    (3, True, True)
    """
    as_split(data)
    rows, seeds = [], as_count(seeds, "seeds", 2)
    for order in as_counts(orders, "orders"):
        found = []
        for seed in range(seeds):
            model = train_classifier(data.images, data.labels, order=order, seed=seed, **options).classifier
            train = np.mean(model.classify(data.images) == data.labels)
            test = np.mean(model.classify(data.test_images) == data.test_labels)
            found.append((train, test, *decisions(model, data.test_images, data.images)))
        rows.append(OrderRow(order, *(mean(column) for column in zip(*found, strict=True))))
    return rows


def as_split(data: Any) -> Split:
    """`data` if it is a Split; ValueError otherwise.

    Examples
    --------
    >>> as_split([[1.0]])
    Traceback (most recent call last):
    ...
    ValueError: data is [[1.0]]; expected split(), images to learn and images held out
    """
    return as_kind(data, "data", Split, "split(), images to learn and images held out")


def _nearest(rows, targets) -> np.ndarray:
    return np.concatenate([square_distances(part, targets).argmin(axis=1) for part in row_blocks(rows, len(targets))])


def _unit(rows) -> np.ndarray:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), np.finfo(float).tiny)
