"""Completing digits: whole pictures, patches of a place, patches shared by all places, and their sums.

1400 images are stored or cut into patches, 200 others lose pixels; the error is the mean square over the lost pixels,
grey levels from -1 (paper) to 1 (ink). Lost pixels start at grey, 0. Dictionaries are k-means of the stored
patches. Everything is seeded; error bars count images, so they leave out the choice of the split.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.completion import Completed, Completion, PatchMemory
from damtutor.patterns import grey_digits
from damtutor.statistics.intervals import Mean, mean
from damtutor.validate import as_choice, as_count, as_fraction, as_generator, as_kind, as_named, as_reals

SIDE, PATCH, PLACES = 8, 4, 25
LOSSES = ("lower half", "holes", "shifted")
PAPER = -1.0


class Digits(NamedTuple):
    """Different images, grey levels from -1 to 1.

    Attributes
    ----------
    stored : `(1400, 64)`.
    shown : `(200, 64)`.
    """

    stored: np.ndarray
    shown: np.ndarray


class Damaged(NamedTuple):
    """Pictures of which a part is known.

    Attributes
    ----------
    truth : what is to be found, `(B, 64)`.
    known : which pixels are known, bool `(B, 64)`.
    """

    truth: np.ndarray
    known: np.ndarray


class CompletionRow(NamedTuple):
    """One way to complete pictures, in the table.

    Attributes
    ----------
    name : of the way.
    errors : kind of loss to the error, a `Mean` over images.
    """

    name: str
    errors: dict[str, Mean]


def digits(*, stored: int = 1400, shown: int = 200, seed: int = 0) -> Digits:
    """A seeded split of the bundled digits, grey levels from -1 to 1.

    >>> digits().stored.shape, digits().shown.shape
    ((1400, 64), (200, 64))
    """
    images = 2 * grey_digits(rng=as_count(seed, "seed", 0)) - 1
    stored = as_count(stored, "stored", 1, len(images) - 1)
    shown = as_count(shown, "shown", 1, len(images) - stored)
    return Digits(images[:stored], images[stored : stored + shown])


def shift(images: Any, right: int = 2) -> np.ndarray:
    """Pictures `(B, 64)` moved to the right by 0 to 8 pixels; paper comes in, what leaves is lost.

    >>> shift([np.arange(64.0)], 7)[0, :8].tolist()
    [-1.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 0.0]
    """
    grid = as_reals(images, "images", 2, length=SIDE**2).astype(np.float64).reshape(-1, SIDE, SIDE)
    right, moved = as_count(right, "right", 0, SIDE), np.full_like(grid, PAPER)
    moved[:, :, right:] = grid[:, :, : SIDE - right]
    return moved.reshape(-1, SIDE**2)


def damage(images: Any, loss: str, *, part: float = 0.4, right: int = 2, seed: int = 0) -> Damaged:
    """Pictures with lost pixels.

    Parameters
    ----------
    images : `(B, 64)`.
    loss : "lower half", "holes" (each pixel with probability `part`) or "shifted" (the same holes, after a shift by
        `right` pixels).

    Examples
    --------
    >>> damage(digits().shown, "lower half").known[0].reshape(8, 8).sum(axis=1).tolist()
    [8, 8, 8, 8, 0, 0, 0, 0]
    """
    images = as_reals(images, "images", 2, length=SIDE**2).astype(np.float64)
    if as_choice(loss, "loss", LOSSES) == "lower half":
        return Damaged(images, np.tile(np.arange(SIDE**2) < SIDE**2 // 2, (len(images), 1)))
    known = as_generator([as_count(seed, "seed", 0), 40]).random(images.shape) >= as_fraction(part, "part")
    return Damaged(shift(images, right) if loss == "shifted" else images, known)


def patches(images: Any) -> np.ndarray:
    """All 4×4 patches of `(B, 64)`: `(25, B, 16)`, places row by row.

    >>> patches(digits().shown).shape
    (25, 200, 16)
    """
    grid = as_reals(images, "images", 2, length=SIDE**2).reshape(-1, SIDE, SIDE)
    windows = np.lib.stride_tricks.sliding_window_view(grid, (PATCH, PATCH), axis=(1, 2))
    return windows.reshape(len(grid), PLACES, PATCH**2).swapaxes(0, 1)


def shared_dictionary(images: Any, size: int = 128, *, seed: int = 0) -> np.ndarray:
    """`size` centres of k-means of the patches of all places, `(size, 16)`."""
    return _centres(patches(images).reshape(-1, PATCH**2), as_count(size, "size"), seed)


def place_dictionaries(images: Any, size: int = 48, *, seed: int = 0) -> np.ndarray:
    """`size` centres of k-means for every place, `(25, size, 16)`."""
    return np.array([_centres(rows, as_count(size, "size"), seed) for rows in patches(images)])


def memories(stored: Any, *, beta: float = 1.0, seed: int = 0) -> dict[str, Completion]:
    """The five memories of the table by name, made from the stored images `(K, 64)`.

    Parameters
    ----------
    beta : inverse temperature, per squared grey level.
    seed : of k-means. A sum has the weights 1 : 0.1.
    """
    stored = as_reals(stored, "stored", 2, length=SIDE**2)
    whole = PatchMemory(stored, SIDE, beta)
    places = PatchMemory(place_dictionaries(stored, seed=seed), SIDE, beta)
    shared = PatchMemory(shared_dictionary(stored, seed=seed), SIDE, beta)
    return {
        "whole": Completion(whole),
        "patches by place": Completion(places),
        "shared patches": Completion(shared),
        "whole + shared": Completion((whole, shared), (1.0, 0.1)),
        "whole + by place": Completion((whole, places), (1.0, 0.1)),
    }


def complete(model: Completion, damaged: Damaged, *, start: Any = None, steps: int = 40) -> Completed:
    """Complete damaged pictures. Lost pixels start at those of the picture `start` `(64,)`; None is grey, 0."""
    as_kind(model, "model", Completion, "a Completion, as from memories(stored)")
    _as_damaged(damaged)
    start = np.zeros(SIDE**2) if start is None else as_reals(start, "start", 1, length=SIDE**2)
    return model.complete(np.where(damaged.known, damaged.truth, start), damaged.known, steps=steps)


def errors(pictures: Any, damaged: Damaged) -> np.ndarray:
    """Mean square over the lost pixels of each picture, `(B,)`; every picture needs a lost pixel."""
    pictures, lost = as_reals(pictures, "pictures", (1, 2), length=SIDE**2), ~_as_damaged(damaged).known
    if pictures.ndim == 2 and pictures.shape != lost.shape:
        raise ValueError(f"pictures: shape {pictures.shape}; expected {lost.shape}, one for each damaged picture")
    if not lost.any(axis=1).all():
        raise ValueError("damaged: a picture that lost no pixel; expected one or more, for example part=0.4")
    return ((pictures - damaged.truth) ** 2 * lost).sum(axis=1) / lost.sum(axis=1)


def nearest_image(stored: Any, damaged: Damaged) -> np.ndarray:
    """For each damaged picture the stored image that is nearest on the known pixels, `(B, 64)`."""
    stored, known = as_reals(stored, "stored", 2, length=SIDE**2), _as_damaged(damaged).known.astype(np.float64)
    # |x - y|² over known pixels but for the part without y
    distance = known @ (stored * stored).T - 2 * (known * damaged.truth) @ stored.T
    return stored[distance.argmin(axis=1)]


def table(models: Mapping[str, Completion], data: Digits, *, steps: int = 40, seed: int = 0) -> list[CompletionRow]:
    """Errors of the mean image, of the nearest image and of every memory, for every kind of loss.

    Parameters
    ----------
    models : as from `memories(data.stored)`.
    data : as from `digits()`.
    steps : of each.
    seed : of the holes.
    """
    models = as_named(models, "models", '{"whole": Completion(memory)}', least=0)
    for name, model in models.items():
        as_kind(model, f"models[{name!r}]", Completion, "a Completion, as from memories(data.stored)")
    average = as_kind(data, "data", Digits, "digits()").stored.mean(axis=0)
    losses = {loss: damage(data.shown, loss, seed=seed) for loss in LOSSES}
    rows = [
        CompletionRow("mean image", {loss: mean(errors(average, d)) for loss, d in losses.items()}),
        CompletionRow(
            "nearest image", {loss: mean(errors(nearest_image(data.stored, d), d)) for loss, d in losses.items()}
        ),
    ]
    for name, model in models.items():
        found = {loss: complete(model, d, steps=steps).pictures for loss, d in losses.items()}
        rows.append(CompletionRow(name, {loss: mean(errors(found[loss], d)) for loss, d in losses.items()}))
    return rows


def _as_damaged(damaged) -> Damaged:
    return as_kind(damaged, "damaged", Damaged, 'damage(images, "holes")')


def _centres(rows, size, seed) -> np.ndarray:
    from sklearn.cluster import KMeans  # a second to import: only when a dictionary is made

    return KMeans(size, n_init=1, random_state=as_count(seed, "seed", 0)).fit(rows).cluster_centers_
