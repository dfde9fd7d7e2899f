"""The contract of every memory: models of the course and two toys that share nothing with them."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from toys import Groups, Mean, Pair

from damtutor import (
    CompactMemory,
    DenseAM,
    Exponential,
    Hopfield,
    Memory,
    ModernHopfield,
    MultiHead,
    Power,
    Trace,
)
from damtutor.experiments import end_states, recall
from damtutor.experiments.recall import energy_path
from damtutor.patterns import flip, random_patterns
from damtutor.text import Embedding

pytestmark = pytest.mark.twin


PATTERNS = random_patterns(4, 30, rng=1)
WEIGHTS = np.random.default_rng(2).normal(size=(9, 5))
MEMORIES = [
    (DenseAM(PATTERNS, Power(3)), flip(PATTERNS[0], 5, rng=0)),
    (DenseAM(PATTERNS, Exponential()), flip(PATTERNS[0], 5, rng=0)),
    (ModernHopfield(WEIGHTS, 0.7), np.array([1.0, -0.5, 0.2, 0.0, 2.0])),
    (ModernHopfield(WEIGHTS, 2.0, "distance"), np.array([1.0, -0.5, 0.2, 0.0, 2.0])),
    (CompactMemory(WEIGHTS, 2.5), np.array([1.0, -0.5, 0.2, 0.0, 0.5])),
    (Hopfield(PATTERNS), flip(PATTERNS[0], 5, rng=0)),
    (Mean(np.random.default_rng(0).normal(size=(4, 3))), np.array([9.0, -3.0, 1.0])),
    (
        Pair(WEIGHTS),
        Groups(np.array([1, -1, 1, 1, -1, 1, -1, -1, 1], np.int8), np.array([1, 1, -1, 1, -1], np.int8)),
    ),
]


def parts(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize(("memory", "start"), MEMORIES, ids=lambda x: type(x).__name__)
class TestProtocol:
    def test_it_is_a_memory(self, memory, start):
        assert isinstance(memory, Memory)

    def test_the_energy_falls_until_nothing_changes(self, memory, start):
        trace = memory.retrieve(start, rng=3)
        assert isinstance(trace, Trace)
        assert trace.converged
        assert len(trace.energies) == trace.sweeps + 1
        assert trace.energies[0] == pytest.approx(memory.energy(start), rel=1e-12)
        assert trace.energies[-1] == pytest.approx(memory.energy(trace.state), rel=1e-12)
        assert np.all(np.diff(trace.energies) <= 1e-12 * np.abs(trace.energies).max())

    def test_the_end_is_a_fixed_point(self, memory, start):
        end = memory.retrieve(start, rng=3).state
        for a, b in zip(parts(memory.step(end, rng=4)), parts(end), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-8)

    def test_nothing_is_changed_in_place(self, memory, start):
        before = [p.copy() for p in parts(start)]
        memory.retrieve(start, rng=3)
        memory.step(start, rng=3)
        memory.energy(start)
        for a, b in zip(parts(start), before, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_a_seed_gives_the_same_run(self, memory, start):
        one, two = memory.retrieve(start, rng=5), memory.retrieve(start, rng=5)
        np.testing.assert_array_equal(one.energies, two.energies)

    def test_a_trace_says_how_it_ended(self, memory, start):
        assert repr(memory.retrieve(start, rng=3)).startswith("Trace(settled after ")

    def test_it_starts_in_its_own_order(self, memory, start):
        """ "async" where spins take turns, "sync" where all coordinates move together: never a default it refuses."""
        defaults = inspect.signature(memory.retrieve).parameters
        assert defaults["order"].default in ("async", "sync")
        trace = memory.retrieve(start, order=defaults["order"].default, rng=3)
        np.testing.assert_array_equal(trace.energies, memory.retrieve(start, rng=3).energies)


@pytest.mark.parametrize(
    "memory",
    [
        ModernHopfield(WEIGHTS, 0.7),
        ModernHopfield(WEIGHTS, 0.7, "distance"),
        CompactMemory(WEIGHTS, 2.0),
        MultiHead.random(2, 6, 3, rng=0),
        Embedding(["a", "b"], np.eye(2)),
    ],
    ids=lambda m: type(m).__name__,
)
def test_copies_are_read_only_too(memory):
    for twin in (pickle.loads(pickle.dumps(memory)), copy.deepcopy(memory), copy.copy(memory)):
        arrays = {name: value for name, value in vars(twin).items() if isinstance(value, np.ndarray)}
        assert arrays
        for name, array in arrays.items():
            assert not array.flags.writeable, name
            np.testing.assert_array_equal(array, getattr(memory, name))
        assert repr(twin) == repr(memory)


@pytest.mark.parametrize("memory", [ModernHopfield(WEIGHTS, 0.7), CompactMemory(WEIGHTS, 2.5)])
def test_overlaps_are_dot_products(memory):
    states = np.random.default_rng(4).normal(size=(3, 5))
    np.testing.assert_allclose(memory.overlaps(states), states @ WEIGHTS.T, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(memory.overlaps(states[1]), WEIGHTS @ states[1], rtol=1e-12, atol=1e-14)
    trace = memory.retrieve(states[0])
    np.testing.assert_allclose(trace.overlaps, WEIGHTS @ trace.state, rtol=1e-12, atol=1e-14)


class Nearest:
    """A binary memory that shares nothing with the course's: it jumps to the stored pattern nearest to the state."""

    def __init__(self, patterns):
        self.patterns, (self.count, self.size) = patterns, patterns.shape

    def energy(self, state):
        return -float((self.patterns.astype(int) @ state).max())

    def step(self, state, rng=None):
        return self.patterns[(self.patterns.astype(int) @ state).argmax()].copy()

    def retrieve(self, state, *, order="async", max_sweeps=50, rng=None, record=()):
        end = self.step(state)
        return Trace(end, np.array([self.energy(state), self.energy(end), self.energy(end)]), True, 2)


def test_experiments_accept_any_binary_memory():
    model = Nearest(PATTERNS)
    assert recall.recall(model, 5).right.all()
    assert end_states.end_states(model, 20).counts["memory"] == 20
    assert (energy_path(model, PATTERNS[0], PATTERNS[1]).energies[[0, -1]] == -30).all()
    with pytest.raises(ValueError, match="expected a memory of patterns of ±1"):
        recall.recall(Nearest(PATTERNS.astype(float)), 5)
