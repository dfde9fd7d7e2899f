"""The contract of every memory: models of the course and two toys that share nothing with them."""

import numpy as np
import pytest

from damtutor import DenseAM, Exponential, Hopfield, Memory, Power, Trace
from damtutor.patterns import flip, random_patterns
from toys import Groups, Mean, Pair

PATTERNS = random_patterns(4, 30, rng=1)
WEIGHTS = np.random.default_rng(2).normal(size=(9, 5))
MEMORIES = [
    (DenseAM(PATTERNS, Power(3)), flip(PATTERNS[0], 5, rng=0)),
    (DenseAM(PATTERNS, Exponential()), flip(PATTERNS[0], 5, rng=0)),
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
