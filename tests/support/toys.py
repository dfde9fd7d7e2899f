"""Two small memories that are nothing like a dense one, to see that the protocol is general."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from damtutor.memory import Trace


@dataclass(frozen=True, eq=False)
class Mean:
    """Continuous states (N,), E(x) = ½|x - mean|²: every step halves the distance to the mean of the patterns."""

    patterns: np.ndarray
    tolerance: float = 1e-9

    def energy(self, state):
        return 0.5 * float(np.sum((np.asarray(state) - self.patterns.mean(axis=0)) ** 2))

    def step(self, state, rng=None):
        return (np.asarray(state, float) + self.patterns.mean(axis=0)) / 2

    def retrieve(self, state, *, order="sync", max_sweeps=50, rng=None, record=()):
        return follow(self, np.asarray(state, float), max_sweeps, lambda a, b: np.abs(a - b).max() <= self.tolerance)


class Groups(NamedTuple):
    features: np.ndarray
    memories: np.ndarray


@dataclass(frozen=True, eq=False)
class Pair:
    """Two groups of binary neurons coupled by W: E = -f·W·m; the groups take turns."""

    weights: np.ndarray

    def energy(self, state):
        return -float(state.features @ self.weights @ state.memories)

    def step(self, state, rng=None):
        keep = lambda h, s: np.where(h == 0, s, np.sign(h)).astype(np.int8)  # noqa: E731
        features = keep(self.weights @ state.memories, state.features)
        return Groups(features, keep(features @ self.weights, state.memories))

    def retrieve(self, state, *, order="async", max_sweeps=50, rng=None, record=()):
        return follow(self, state, max_sweeps, lambda a, b: all(map(np.array_equal, a, b)))


def follow(memory, state, max_sweeps, same):
    energies, converged, sweeps = [memory.energy(state)], False, 0
    while not converged and sweeps < max_sweeps:
        new = memory.step(state)
        converged, state, sweeps = same(new, state), new, sweeps + 1
        energies.append(memory.energy(state))
    return Trace(state, np.array(energies), converged, sweeps)
