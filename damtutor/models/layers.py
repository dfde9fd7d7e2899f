"""A layer of a hierarchical network: its shape, its Lagrangian, its time constant; see `models.hierarchical`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from damtutor.models.lagrangians import Absolute, Identity, Lagrangian, Powers, Tanh
from damtutor.validate import as_count, as_flag, as_real, shown

ALONE = (Identity, Tanh, Absolute, Powers)  # the Hessian is diagonal: neurons may be clamped one by one


@dataclass(frozen=True)
class Layer:
    """A group of neurons: the shape of its state, its Lagrangian and its time constant.

    Parameters
    ----------
    shape : a whole number, or up to three of them. The Lagrangian acts on the last axis and is summed over the others:
        (6, 16) with `LayerNorm()` is 6 tokens, each with a mean and a variance of its own.
    lagrangian : one of `damtutor.models.lagrangians`.
    tau : time constant τ > 0, in the unit of `dt`.
    leak : x decays by itself. False leaves the layer's own energy out of E, and x out of its slope.

    Raises
    ------
    ValueError : a shape, Lagrangian, time constant or flag of the wrong kind.

    Examples
    --------
    >>> Layer((6, 16), Identity(), tau=0.5).shape
    (6, 16)
    """

    shape: Any
    lagrangian: Lagrangian
    tau: float = 1.0
    leak: bool = True

    def __post_init__(self):
        shape = self.shape if isinstance(self.shape, tuple | list) else (self.shape,)
        if not 1 <= len(shape) <= 3:
            raise ValueError(f"shape is {shown(self.shape)}; expected one to three whole numbers, for example (6, 16)")
        if not isinstance(self.lagrangian, Lagrangian):
            raise ValueError(f'lagrangian is {shown(self.lagrangian)}; expected one, for example lagrangian("tanh")')
        shape = tuple(as_count(size, "shape") for size in shape)
        self.lagrangian.fits(shape[-1], "shape")
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "tau", as_real(self.tau, "tau", low=0.0, strict=True))
        object.__setattr__(self, "leak", as_flag(self.leak, "leak"))
