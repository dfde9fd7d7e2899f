"""A dense associative memory that classifies by an exact energy difference, trained by backpropagation.

Visible neurons hold an image x, class neurons are all at -1; memory μ is (U_μ, Z_μ). Class a is tried by turning its
neuron up, and its score is by how much that lowers the energy -Σ_μ F:

    base_μ  = U_μ·x - Σ_g Z_μg                        F(x) = max(x, 0)**n
    score_a = Σ_μ F((base_μ + 2 Z_μa)/T) - F(base_μ/T)
    c_a     = tanh(score_a),  cost = mean over images of Σ_a (c_a - t_a)^4,  t = ±1

With g_a = ∂cost/∂score_a the gradient is ∂/∂base = Σ_a g_a (F'((base + 2 Z_a)/T) - F'(base/T))/T,
∂/∂U = (∂/∂base)ᵀ x, and ∂/∂Z_a = -Σ ∂/∂base + (2/T) Σ g_a F'((base + 2 Z_a)/T), sums over images: every Z is in base.
For small Z the score is 2 F'(base/T)·Z_a/T: a network with one hidden layer whose activation is F'.

T is the unit of overlap. With a fixed one and small first memories training fails at large n: gradients go as
(base/T)^(n-1) and sink below the floor of the step. With `scale="median"` T is the median over the images of the
largest base + 2 Z there is, set anew every epoch.

Source: Krotov & Hopfield (2016). Where it stops being true: the energy difference is exact for one class neuron turned
up; the trained memories need not be fixed points of anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.validate import Frozen, as_array, as_count, as_fraction, as_real, as_reals

BLOCK = 1 << 18  # numbers of one (images, classes, memories) array: 2 MB
FLOOR = 1e-200  # a memory's step is divided by its largest component, or by this where that is smaller
LEAST = 1e-3  # T of "median" does not fall below: all bases may be negative


@dataclass(frozen=True, eq=False)
class Classifier(Frozen):
    """Memories with an image part and a class part; the largest score wins.

    Parameters
    ----------
    visible : U, `(K, N)`, finite. Like all arrays, copied; the model's own are read-only float64.
    classes : Z, `(K, G)`.
    order : n >= 1 of F.
    scale : T > 0, unit of overlap.

    Raises
    ------
    ValueError : shapes that do not fit together, numbers that are not finite, order or scale out of range.

    Examples
    --------
    >>> two = Classifier([[1.0, 1.0], [1.0, -1.0]], [[1, -1], [-1, 1]], order=3, scale=2.0)
    >>> two.classify([[1.0, 0.8], [1.0, -1.0]]).tolist()
    [0, 1]
    """

    visible: Any
    classes: Any
    order: int
    scale: float

    def __post_init__(self):
        visible = as_reals(self.visible, "visible", 2).astype(np.float64)
        classes = as_reals(self.classes, "classes", 2).astype(np.float64)
        if len(visible) != len(classes):
            raise ValueError(f"visible, classes: {len(visible)} and {len(classes)} rows; expected one of each a memory")
        visible.flags.writeable = classes.flags.writeable = False
        scale = as_real(self.scale, "scale", low=0.0, strict=True)
        for name, value in zip(
            ("visible", "classes", "order", "scale"),
            (visible, classes, as_count(self.order, "order"), scale),
            strict=True,
        ):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        k, n = self.visible.shape
        return f"Classifier({k} memories of {n}+{self.classes.shape[1]} neurons, n={self.order}, T={self.scale:g})"

    def scores(self, images: Any) -> np.ndarray:
        """Energy saved by turning up each class neuron, `(G,)` of one image `(N,)`, `(B, G)` of a batch `(B, N)`.

        >>> Classifier([[2.0]], [[1.0]], 2, 1.0).scores([1.0]).tolist()  # base 1: (1 + 2)² - 1²
        [8.0]
        """
        rows, shape = self._images(images)
        return np.concatenate([gains.sum(axis=2) for gains in self._gains(rows)]).reshape(*shape, -1)

    def classify(self, images: Any) -> np.ndarray:
        """The class with the largest score, int64: a number, or `(B,)`; the first of equals.

        >>> int(Classifier([[1.0], [-1.0]], [[1, -1], [-1, 1]], 2, 1.0).classify([-0.5]))
        1
        """
        return self.scores(images).argmax(axis=-1)

    def votes(self, images: Any) -> np.ndarray:
        """What every memory adds to the winning score, `(K,)` or `(B, K)`; below 0 where it votes against.

        >>> Classifier([[1.0], [-1.0]], [[1, -1], [-1, 1]], 2, 1.0).votes([1.0]).tolist()
        [8.0, 0.0]
        """
        rows, shape = self._images(images)
        won = [gains[np.arange(len(gains)), gains.sum(axis=2).argmax(axis=1)] for gains in self._gains(rows)]
        return np.concatenate(won).reshape(*shape, -1)

    def _images(self, images) -> tuple[np.ndarray, tuple]:
        x = as_reals(images, "images", (1, 2), length=self.visible.shape[1])
        return np.atleast_2d(x).astype(np.float64), x.shape[:-1]

    def _gains(self, rows) -> Iterator[np.ndarray]:
        """F((base + 2 Z)/T) - F(base/T), `(b, G, K)`, for a part of the images at a time."""
        height = max(1, BLOCK // self.classes.size)
        for k in range(0, len(rows), height):
            with np.errstate(over="ignore", invalid="ignore"):  # refused below
                base = (rows[k : k + height] @ self.visible.T - self.classes.sum(axis=1)) / self.scale
                up = np.maximum(base[:, None] + 2 / self.scale * self.classes.T, 0)
                gains = _power(up, self.order) - _power(np.maximum(base, 0), self.order)[:, None]
                total = gains.sum(axis=2)
            if not np.isfinite(total).all():
                most = float(np.abs(rows).max())
                cure = "smaller numbers, for example images / np.abs(images).max()" if most > 1 else "a larger scale"
                raise ValueError(f"images reach {most:g}: scores of order {self.order} overflow; expected {cure}")
            yield gains


class Training(NamedTuple):
    """A trained `classifier`, the mean cost of every epoch before its steps `(epochs,)`, and its T `(epochs,)`."""

    classifier: Classifier
    costs: np.ndarray
    scales: np.ndarray


def store(images: Any, labels: Any, *, order: int, classes: int = 10) -> Classifier:
    """No training: every image is a memory, its label is +1 at its class neuron, and -1 at the others.

    Parameters
    ----------
    images : `(K, N)`.
    labels : whole numbers below `classes`, `(K,)`.
    order : n >= 1.

    Returns
    -------
    Classifier whose T, the largest |U|² plus the class neurons, keeps powers from overflow. T changes no decision.

    Examples
    --------
    >>> store([[1, 1, 1], [-1, -1, 1]], [0, 1], order=2, classes=2).classify([[1, 1, -1], [-1, -1, 1]]).tolist()
    [0, 1]
    """
    x, targets = _as_training(images, labels, classes)
    with np.errstate(over="ignore"):
        longest = float(np.max(np.sum(x * x, axis=1)))
    if not np.isfinite(longest):
        raise ValueError(
            f"images reach {np.abs(x).max():g}: their squares overflow float64; expected smaller numbers, for example "
            "images / np.abs(images).max()"
        )
    return Classifier(x, targets, order, longest + targets.shape[1])


@underflow_is_zero
def cost_gradient(visible, classes, images, targets, order: int, scale: float):
    """Mean over images of Σ_a (tanh score_a - t_a)^4, and its gradients by U and Z.

    Parameters
    ----------
    visible : U `(K, N)`. No array is checked: this is the inner loop.
    classes : Z `(K, G)`.
    images : `(B, N)`.
    targets : `(B, G)` of ±1.
    order : n.
    scale : T. F'(0) is taken as 0.

    Returns
    -------
    cost : float.
    to_visible : `(K, N)`.
    to_classes : `(K, G)`.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> cost, by_visible, by_classes = cost_gradient(one, 0 * one, one, one, 2, 1.0)  # score 0: tanh 0 against 1
    >>> cost, by_visible.item(), by_classes.item()  # only Z matters: score is 2 F'(1) Z
    (1.0, 0.0, -16.0)
    """
    base = (images @ visible.T - classes.sum(axis=1)) / scale
    up, low = np.maximum(base[:, None] + (2 / scale) * classes.T, 0), np.maximum(base, 0)
    steep, flat = _power(up, order - 1), _power(low, order - 1)
    if order == 1:  # the slope of the rectifier
        steep, flat = (up > 0).astype(np.float64), (low > 0).astype(np.float64)
    scores = np.einsum("bgk,bgk->bg", steep, up) - np.einsum("bk,bk->b", flat, low)[:, None]
    answers = np.tanh(scores)
    gap = answers - targets
    g = 4 * gap**3 * (1 - answers * answers) / len(images)
    slope = order / scale
    to_base = slope * (np.matmul(g[:, None], steep)[:, 0] - g.sum(axis=1)[:, None] * flat)
    to_classes = 2 * slope * np.einsum("bg,bgk->kg", g, steep) - to_base.sum(axis=0)[:, None]
    return float(np.sum(gap**4)) / len(images), to_base.T @ images, to_classes


@underflow_is_zero
def train_classifier(
    images: Any,
    labels: Any,
    *,
    order: int = 3,
    memories: int = 60,
    classes: int = 10,
    epochs: int = 60,
    batch: int = 100,
    scale: float | str = 14.0,
    start: tuple[float, float] = (-0.2, 0.3),
    rate: float = 0.02,
    decay: float = 0.97,
    momentum: float = 0.6,
    floor: float = FLOOR,
    seed: int = 0,
) -> Training:
    """Train K memories by gradient descent with momentum and steps of a set size.

    V <- momentum V - gradient; each memory moves by rate decay**epoch V/max|V|, V its own row; then all numbers are
    clipped to [-1, 1].

    Parameters
    ----------
    images : `(P, N)`.
    labels : whole numbers below `classes`, `(P,)`.
    order : n.
    memories : K.
    batch : images a step.
    scale : T > 0, or "median".
    start : mean and standard deviation of the first memories, clipped to [-1, 1].
    rate : > 0.
    decay : of the rate, in [0, 1].
    momentum : in [0, 1].
    floor : least divisor of a step, > 0.
    seed : default_rng([seed, K, n]).

    Returns
    -------
    Training.

    Raises
    ------
    ValueError : images and labels that do not fit together, or a number out of range.

    Examples
    --------
    >>> x = np.array([[1.0, 1, 1], [-1, 1, 1], [1, -1, -1], [-1, -1, -1]])
    >>> training = train_classifier(x, [0, 0, 1, 1], memories=4, classes=2, scale=1.0, start=(0.0, 0.3))
    >>> training.classifier.classify(x).tolist(), bool(training.costs[-1] < 0.1 * training.costs[0])
    ([0, 0, 1, 1], True)
    """
    x, targets = _as_training(images, labels, classes)
    order, memories, epochs = as_count(order, "order"), as_count(memories, "memories"), as_count(epochs, "epochs")
    batch, follow = as_count(batch, "batch"), scale == "median" if isinstance(scale, str) else False
    unit = 1.0 if follow else as_real(scale, "scale", low=0.0, strict=True)
    centre, spread = (as_real(value, "start") for value in as_reals(start, "start", 1, length=2))
    rate, floor = (as_real(v, k, low=0.0, strict=True) for v, k in ((rate, "rate"), (floor, "floor")))
    decay, momentum = as_fraction(decay, "decay"), as_fraction(momentum, "momentum")
    rng = np.random.default_rng([as_count(seed, "seed", 0), memories, order])
    size = x.shape[1]
    weights = np.clip(centre + spread * rng.standard_normal((memories, size + targets.shape[1])), -1, 1)
    visible, groups = weights[:, :size], weights[:, size:]  # views
    speed, gradient = np.zeros_like(weights), np.empty_like(weights)
    costs, scales = np.zeros(epochs), np.empty(epochs)
    for epoch in range(epochs):
        if follow:
            largest = (x @ visible.T - groups.sum(axis=1) + 2 * groups.max(axis=1)).max(axis=1)
            unit = max(float(np.median(largest)), LEAST)
        scales[epoch] = unit
        mixed = rng.permutation(len(x))
        for k in range(0, len(x), batch):
            i = mixed[k : k + batch]
            cost, gradient[:, :size], gradient[:, size:] = cost_gradient(visible, groups, x[i], targets[i], order, unit)
            costs[epoch] += cost * len(i) / len(x)
            speed *= momentum
            speed -= gradient
            weights += rate * decay**epoch * speed / np.maximum(np.abs(speed).max(axis=1, keepdims=True), floor)
            np.clip(weights, -1, 1, out=weights)
    return Training(Classifier(visible, groups, order, unit), costs, scales)


def _as_training(images, labels, classes) -> tuple[np.ndarray, np.ndarray]:
    """Images as float64, labels as `(P, G)` of ±1."""
    x, classes = as_reals(images, "images", 2).astype(np.float64), as_count(classes, "classes")
    numbers = as_array(labels, "labels", "expected whole numbers, one an image")
    if numbers.shape != (len(x),) or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"labels: dtype {numbers.dtype}, shape {numbers.shape}; expected whole numbers ({len(x)},), one an image"
        )
    if numbers.min() < 0 or numbers.max() >= classes:
        raise ValueError(f"labels reach from {numbers.min()} to {numbers.max()}; expected 0 to {classes - 1}")
    return x, np.where(numbers[:, None] == np.arange(classes), 1.0, -1.0)


@underflow_is_zero
def _power(x, n) -> np.ndarray:
    """x**n for a whole n >= 0 by squaring: ten times as fast as the general power."""
    result = None
    while n:
        if n & 1:
            result = x if result is None else result * x
        n >>= 1
        x = x * x if n else x
    return np.ones_like(x) if result is None else result
