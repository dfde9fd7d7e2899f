"""Completing pictures: memories of whole pictures and of patches, alone or added, with the known pixels held.

    picture v, side×side pixels.  P_l v: the patch of p×p pixels at place l, of L = (side - p + 1)² places
    E_s(v) = -(1/β) Σ_l log Σ_μ exp(-β |P_l v - D_μ|²/2)              unit: squared grey level
    E(v)   = Σ_s w_s E_s(v)

The dictionary D is shared by all places, `(M, p²)`, as the weights of a convolution are, or each place has its own,
`(L, M, p²)`. With p = side there is one place and the memory is the continuous Hopfield network by distance.

log Σ exp is convex, so each place lies below a parabola about what it recalls, r_l = Σ_μ p_μ D_μ, p = softmax(-β
|P_l v - D_μ|²/2): E_s(v') <= E_s(v) + Σ_l (|P_l v' - r_l|² - |P_l v - r_l|²)/2, and they touch at v. Parabolas add. A
step goes to the lowest point of their sum, the average of all recalls that cover a pixel, weighted by w_s:

    v'_i = Σ_s w_s Σ_{l covers i} r_l,i / Σ_s w_s (number of patches that cover i).

So E never rises, for any weights and any set of known pixels, and no rate has to be chosen (majorise, minimise).

Source: Hoover et al. (2022) for memories as synapses; Lange, Hunter & Yang (2000) for the method. Where it stops being
true: steps are short where many memories of a place are equally near; the lowest E need not be the true picture; and
patches know nothing of each other but through the pixels that they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import Frozen, Trace
from damtutor.models.synapses import Synapse
from damtutor.numerics import logsumexp, softmax, underflow_is_zero
from damtutor.validate import as_choice, as_count, as_items, as_kind, as_mask, as_real, as_reals, as_records, as_text


@dataclass(frozen=True, eq=False)
class PatchMemory(Frozen):
    """Patches stored for every place of a picture: one dictionary for all places, or one for each.

    Parameters
    ----------
    dictionary : `(M, p²)`, shared, or `(L, M, p²)`, one a place, places row by row. With p = side: whole pictures.
    side : pixels along an edge, >= p.
    beta : inverse temperature β > 0, per squared grey level.

    Raises
    ------
    ValueError : patches that are not squares or larger than the picture, a wrong number of places, β <= 0.

    Examples
    --------
    >>> strokes = PatchMemory([[1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0]], side=3)
    >>> strokes.places, strokes.cover.reshape(3, 3).astype(int).tolist()
    (4, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    """

    dictionary: Any
    side: int = 8
    beta: float = 1.0

    def __post_init__(self):
        d = as_reals(self.dictionary, "dictionary", (2, 3)).astype(np.float64)
        side, patch = as_count(self.side, "side"), round(d.shape[-1] ** 0.5)
        if patch**2 != d.shape[-1] or patch > side:
            raise ValueError(f"dictionary: patches of {d.shape[-1]} pixels; expected p² with p <= side = {side}, as 16")
        across = side - patch + 1
        if d.ndim == 3 and len(d) != across**2:
            raise ValueError(f"dictionary: {len(d)} places; expected {across**2}, or one dictionary (M, {patch**2})")
        corner = (np.arange(across)[:, None] * side + np.arange(across)).reshape(-1, 1)
        pixels = corner + (np.arange(patch)[:, None] * side + np.arange(patch)).ravel()
        cover = np.bincount(pixels.ravel(), minlength=side * side).astype(np.float64)
        half, beta = (d * d).sum(axis=-1) / 2, as_real(self.beta, "beta", low=0.0, strict=True)
        made = {"dictionary": d, "side": side, "beta": beta, "_pixels": pixels, "cover": cover, "_half": half}
        for name, value in made.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"PatchMemory({self.dictionary.shape} for {self.side}x{self.side} pixels, beta={self.beta:g})"

    @property
    def places(self) -> int:
        """Number of places L of a patch."""
        return len(self._pixels)

    def energy(self, pictures: Any) -> Any:
        """E_s of a picture `(side²,)` (a float) or a batch `(B, side²)` (`(B,)`); complex numbers pass.

        >>> PatchMemory([[0.0], [9.0]], side=1, beta=9.0).energy([3.0])
        4.5
        """
        v = _pictures(pictures, self.side)
        energies = self._energy(np.atleast_2d(v))
        return energies if v.ndim == 2 else energies[0].item()

    def recall(self, pictures: Any) -> np.ndarray:
        """r: what every place recalls, `(L, p²)`, or `(B, L, p²)` for a batch.

        >>> PatchMemory([[0.0], [9.0]], side=1, beta=9.0).recall([3.0]).round(6).tolist()
        [[0.0]]
        """
        v = _pictures(pictures, self.side, complex_too=False)
        recalled = self._recall(np.atleast_2d(v))
        return recalled if v.ndim == 2 else recalled[0]

    def gradient(self, pictures: Any) -> np.ndarray:
        """∂E_s/∂v: every pixel times its cover, less all that is recalled there; the shape of the pictures.

        >>> PatchMemory([[0.0], [9.0]], side=1, beta=9.0).gradient([3.0]).round(6).tolist()
        [3.0]
        """
        v = _pictures(pictures, self.side, complex_too=False)
        return self.cover * v - self._told(np.atleast_2d(v))[0].reshape(v.shape)

    def synapse(self, name: str, label: str = "") -> Synapse:
        """This memory for the layer `name` of a `Network`, of shape `(side²,)` and without a leak.

        >>> PatchMemory([[0.0], [9.0]], side=1, beta=9.0).synapse("v").label
        '(v)'
        """
        as_text(name, "name")
        return Synapse(name, lambda g: self._energy(g[None])[0], lambda g: [self.gradient(g)], label)

    # Without checks -------------------------------------------------------------------------------------------------

    def _scores(self, patches) -> np.ndarray:
        """β (P_l v·D_μ - |D_μ|²/2), places first, `(L, B, M)`; |P_l v|² is the same for all μ."""
        swapped = np.swapaxes(self.dictionary, -1, -2)
        return self.beta * (patches @ swapped - (self._half if self.dictionary.ndim == 2 else self._half[:, None]))

    def _energy(self, v) -> np.ndarray:
        patches = v[:, self._pixels].swapaxes(0, 1)
        own = (patches * patches).sum(axis=(0, 2)) / 2
        return own - logsumexp(self._scores(patches)).sum(axis=0) / self.beta

    def _recall(self, v) -> np.ndarray:
        return (softmax(self._scores(v[:, self._pixels].swapaxes(0, 1))) @ self.dictionary).swapaxes(0, 1)

    @underflow_is_zero
    def _told(self, v) -> tuple[np.ndarray, np.ndarray]:
        """The recalled patches added up where they lie, `(B, side²)`, and `_energy`, from one set of exponentials."""
        patches = v[:, self._pixels].swapaxes(0, 1)
        weights = self._scores(patches)
        top = weights.max(axis=-1, keepdims=True)
        np.exp(np.subtract(weights, top, out=weights), out=weights)
        total = weights.sum(axis=-1, keepdims=True)
        recalled, canvas = (weights @ self.dictionary) / total, np.zeros(v.shape)
        for place, pixels in enumerate(self._pixels):
            canvas[:, pixels] += recalled[place]
        own = (patches * patches).sum(axis=(0, 2)) / 2
        return canvas, own - (top + np.log(total))[..., 0].sum(axis=0) / self.beta


class Completed(NamedTuple):
    """Completed pictures `(B, side²)`, and E of each before and after every step, `(steps + 1, B)`."""

    pictures: np.ndarray
    energies: np.ndarray


@dataclass(frozen=True, eq=False)
class Completion(Frozen):
    """Patch memories of one picture size, added with weights; a step never raises E.

    Parameters
    ----------
    memories : one `PatchMemory` or several.
    weights : w_s > 0, one a memory; None: all 1.

    Raises
    ------
    ValueError : no memories, different sides, weights that are not positive or not one a memory.

    Examples
    --------
    >>> model = Completion([PatchMemory([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]], side=2, beta=20.0)])
    >>> model.step([1.0, 1.0, 1.0, 0.0], known=[True, True, True, False]).round(3).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    memories: Any
    weights: Any = None

    def __post_init__(self):
        several = (self.memories,) if isinstance(self.memories, PatchMemory) else self.memories
        memories = as_items(several, "memories", "expected one PatchMemory or more", 1)
        for k, memory in enumerate(memories):
            as_kind(memory, f"memories[{k}]", PatchMemory, "a PatchMemory, for example PatchMemory(images, side=8)")
        if len({memory.side for memory in memories}) > 1:
            raise ValueError(f"memories: sides {[memory.side for memory in memories]}; expected one side for all")
        weights = as_reals(np.ones(len(memories)) if self.weights is None else self.weights, "weights", 1)
        weights = weights.astype(np.float64)
        if len(weights) != len(memories) or weights.min() <= 0:
            raise ValueError(f"weights: {weights.tolist()}; expected {len(memories)} numbers > 0, one a memory")
        weights.flags.writeable = False
        object.__setattr__(self, "memories", memories)
        object.__setattr__(self, "weights", weights)

    @property
    def side(self) -> int:
        """Pixels along an edge."""
        return self.memories[0].side

    def energies(self, pictures: Any) -> np.ndarray:
        """The terms w_s E_s, one a memory, `(S,)`, or `(S, B)` for a batch; complex numbers pass.

        >>> dots = PatchMemory([[0.0], [9.0]], side=1, beta=9.0)
        >>> Completion([dots, dots], [1.0, 0.1]).energies([3.0]).round(6).tolist()
        [4.5, 0.45]
        """
        return np.array([w * m.energy(pictures) for w, m in zip(self.weights, self.memories, strict=True)])

    def energy(self, pictures: Any) -> Any:
        """E of a picture (a float) or of a batch (`(B,)`); complex numbers pass.

        >>> Completion(PatchMemory([[0.0], [9.0]], side=1, beta=9.0)).energy([3.0])
        4.5
        """
        total = self.energies(pictures).sum(axis=0)
        return total if total.ndim else total.item()

    def step(self, pictures: Any, rng: Any = None, *, known: Any = None) -> np.ndarray:
        """Every unknown pixel becomes the weighted average of what is recalled there; a new array, rng is not used.

        Parameters
        ----------
        pictures : `(side²,)` or `(B, side²)`.
        known : bool, of the same shape or one picture's; these pixels keep every bit. None: none are known.
        """
        v = _pictures(pictures, self.side, complex_too=False)
        return self._step(np.atleast_2d(v), _known(known, v))[0].reshape(v.shape)

    def complete(self, pictures: Any, known: Any = None, *, steps: int = 40) -> Completed:
        """Repeat `step` for a batch `(B, side²)`, `steps` times; parameters as there.

        >>> found = Completion(PatchMemory([[0.0], [9.0]], side=1, beta=9.0)).complete([[3.0], [8.0]], steps=3)
        >>> found.pictures.round(6).ravel().tolist(), found.energies.shape
        ([0.0, 9.0], (4, 2))
        """
        v = np.atleast_2d(_pictures(pictures, self.side, complex_too=False))
        known, energies = _known(known, v), []
        for _ in range(as_count(steps, "steps")):
            v, before = self._step(v, known)
            energies.append(before)
        return Completed(v, np.array([*energies, self._step(v, known)[1]]))

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "sync",
        max_sweeps: int = 200,
        rng: Any = None,
        record: str | Sequence[str] = (),
        known: Any = None,
        tolerance: float = 1e-6,
    ) -> Trace:
        """Step one picture `(side²,)` until no pixel moves by more than `tolerance`, at most `max_sweeps` times.

        Parameters
        ----------
        order : "sync" only.
        record : "states" or nothing.
        known : as in `step`.
        tolerance : > 0, in grey levels.

        Returns
        -------
        Trace: with record="states" the pictures `(sweeps + 1, side²)`.
        """
        if as_choice(order, "order", ("async", "sync")) == "async":
            raise ValueError('order is "async"; expected "sync": all pixels move together')
        keep = "states" in as_records(record, ("states",))
        sweeps, tolerance = as_count(max_sweeps, "max_sweeps"), as_real(tolerance, "tolerance", low=0.0, strict=True)
        v = _pictures(state, self.side, complex_too=False, name="state")
        if v.ndim != 1:
            raise ValueError(f"state: a batch of {len(v)}; expected one picture, or use complete for a batch")
        known, states, rests = _known(known, v), [v], False
        while not rests and len(states) <= sweeps:
            states.append(self._step(states[-1][None], known)[0][0])
            rests = bool(np.abs(states[-1] - states[-2]).max() <= tolerance)
        rows = np.array(states)
        return Trace(
            rows[-1],
            self.energy(rows),
            rests,
            len(rows) - 1,
            states=rows if keep else None,
            period=1 if rests else None,
        )

    def _step(self, v, known) -> tuple[np.ndarray, np.ndarray]:
        """The new pictures, and E of the old ones."""
        painted, energy, cover = 0.0, 0.0, 0.0
        for w, memory in zip(self.weights, self.memories, strict=True):
            recalled, own = memory._told(v)
            painted, energy, cover = painted + w * recalled, energy + w * own, cover + w * memory.cover
        return np.where(known, v, painted / cover), energy


def _pictures(values, side, complex_too=True, name="pictures") -> np.ndarray:
    v = as_reals(values, name, (1, 2), length=side * side, complex_too=complex_too)
    return v if np.iscomplexobj(v) else v.astype(np.float64)


def _known(known, v) -> np.ndarray:
    return np.zeros(v.shape, bool) if known is None else as_mask(known, "known", v.shape, v.shape[-1:])
