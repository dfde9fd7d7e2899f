"""A small 32-bit generator that Python and the browser share, so that both show the same experiment.

Source: Marsaglia (2003), xorshift with the shifts 13, 17, 5: period 2^32 - 1 on the non-zero states. Good enough to
order spins and damage pictures; measurements use numpy's Generator, made by `validate.as_generator` from all that an
argument `rng` takes.
"""

from __future__ import annotations

import numpy as np

from damtutor.validate import as_count, as_trials

MASK = 0xFFFFFFFF


class Rng32:
    """Seeded stream of 32-bit integers, the same in `widgets/dynamics/rng.js`.

    Parameters
    ----------
    seed : whole number in [0, 2^32); ValueError otherwise.
    """

    def __init__(self, seed: int = 0):
        self.seed = as_count(seed, "seed", 0, MASK)
        self._x = (self.seed * 0x9E3779B9 + 0x7F4A7C15) & MASK or 0x6D2B79F5
        for _ in range(8):  # small seeds start close to each other; let them part
            self.next()

    def __repr__(self) -> str:
        return f"Rng32({self.seed})"

    def next(self) -> int:
        """The next integer in [1, 2^32)."""
        x = self._x
        x ^= (x << 13) & MASK
        x ^= x >> 17
        x ^= (x << 5) & MASK
        self._x = x
        return x

    def below(self, n: int) -> int:
        """An integer in [0, n), n < 2^21 so that the product fits a double in JavaScript."""
        return self.next() * as_count(n, "n", 1, (1 << 21) - 1) >> 32

    def permutation(self, n: int) -> np.ndarray:
        """The numbers 0..n-1 in a random order, int64 `(n,)`."""
        n = as_trials(n, "n", 0)
        order = np.arange(n)
        for i in range(n - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order

    def choose(self, n: int, k: int) -> np.ndarray:
        """`k` different numbers of 0..n-1, int64 `(k,)`."""
        n = as_trials(n, "n", 0)
        return self.permutation(n)[: as_count(k, "k", 0, n)]

    def signs(self, n: int) -> np.ndarray:
        """`n` random spins, int8 `(n,)`."""
        n = as_trials(n, "n", 0)
        return np.array([1 if self.next() >= 1 << 31 else -1 for _ in range(n)], dtype=np.int8)
