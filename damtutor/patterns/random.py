"""Patterns of independent spins."""

from __future__ import annotations

from typing import Any

import numpy as np

from damtutor.validate import as_generator, as_real, as_set_shape


def random_patterns(count: int, size: int, *, bias: float = 0.0, rng: Any = None) -> np.ndarray:
    """`count` independent patterns of `size` independent spins with mean `bias`.

    Parameters
    ----------
    count : K >= 1.
    size : N >= 1.
    bias : mean of a spin, in [-1, 1]; two patterns then overlap by bias**2 on average.
    rng : seed or numpy Generator.

    Returns
    -------
    int8 `(K, N)`.
    """
    size, count = as_set_shape(size, count)
    bias = as_real(bias, "bias", low=-1.0, high=1.0)
    up = as_generator(rng).random((count, size)) < (1 + bias) / 2
    return np.where(up, 1, -1).astype(np.int8)
