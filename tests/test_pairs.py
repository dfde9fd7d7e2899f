"""The compiled sweep over pair couplings, its NumPy twin and a plain loop in whole numbers decide alike."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module, util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor.kernels import reference_pairs
from damtutor.learning.couplings import hebb_counts
from damtutor.models.hopfield import Hopfield
from damtutor.patterns import random_patterns

HAS_NUMBA = util.find_spec("numba") is not None
MODULES = (reference_pairs, *([import_module("damtutor.kernels.pairs")] if HAS_NUMBA else []))


def plain(couplings, state, local, visit, threshold):
    """One spin after the other, fields made anew from the couplings each time."""
    bias = local - couplings @ state
    state, flipped, fields = state.copy(), [], []
    for i in visit:
        field = couplings[i] @ state + bias[i]
        wanted = 1 if field > threshold[i] else -1 if field < threshold[i] else state[i]
        if wanted != state[i]:
            flipped.append(int(i))
            fields.append(field)
            state[i] = wanted
    return state, flipped, fields, couplings @ state + bias


@st.composite
def problems(draw):
    """Whole couplings (many ties), biases, and thresholds: none, whole (ties with a field), real or infinite."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 70))
    half = rng.integers(-3, 4, (size, size))
    couplings = (half + half.T).astype(draw(st.sampled_from([np.float32, np.float64])))
    if draw(st.booleans()):
        np.fill_diagonal(couplings, 0)
    couplings.flags.writeable = False
    state = random_patterns(1, size, rng=rng)[0]
    local = couplings @ state.astype(couplings.dtype) + rng.integers(-2, 3, size).astype(couplings.dtype)
    threshold = {
        "zero": np.zeros(size),
        "whole": rng.integers(-4, 5, size).astype(float),
        "real": rng.normal(size=size) * 10,
        "infinite": rng.choice([-np.inf, np.inf, 0.0], size),
    }[draw(st.sampled_from(["zero", "whole", "real", "infinite"]))]
    return couplings, state, local, rng.permutation(size), threshold


@settings(max_examples=150, deadline=None, derandomize=True)
@given(problems())
def test_all_make_the_same_decisions(problem):
    couplings, state, local, visit, threshold = problem
    expected = plain(*problem)
    for module in MODULES:
        s, h = state.copy(), local.copy()
        flipped, fields = module.sweep_pairs(couplings, s, h, visit, threshold)
        assert flipped.dtype == np.int64
        assert fields.dtype == h.dtype == couplings.dtype
        assert s.dtype == np.int8
        np.testing.assert_array_equal(s, expected[0])
        assert flipped.tolist() == expected[1]
        assert fields.tolist() == expected[2]
        np.testing.assert_array_equal(h, expected[3])


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_field_at_its_threshold_keeps_the_spin(module):
    """float32 fields against float64 thresholds: 1/3 in the one is not 1/3 in the other, and must not be rounded."""
    couplings = np.zeros((4, 4), np.float32)
    third = np.float32(1 / 3)
    local = np.array([2, 2, third, third], np.float32)
    state = np.array([1, -1, 1, -1], np.int8)
    flipped, _ = module.sweep_pairs(couplings, state, local, np.arange(4), np.array([2, 2, 1 / 3, 1 / 3]))
    assert float(third) > 1 / 3
    assert flipped.tolist() == [3]
    assert state.tolist() == [1, -1, 1, 1]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
@pytest.mark.parametrize("visit", [[], [2], [1, 0]])
def test_a_part_of_the_spins(module, visit):
    patterns = random_patterns(2, 5, rng=1)
    couplings = hebb_counts(patterns)
    couplings.flags.writeable = False
    state = -patterns[0] * np.array([1, -1, 1, -1, 1], np.int8)
    local = couplings @ state.astype(np.float32)
    visit = np.array(visit, dtype=np.int64)
    expected = plain(couplings, state, local, visit, np.zeros(5))
    flipped, _ = module.sweep_pairs(couplings, state, local, visit, np.zeros(5))
    assert flipped.tolist() == expected[1]
    np.testing.assert_array_equal(state, expected[0])
    np.testing.assert_array_equal(local, expected[3])


@pytest.mark.skipif(not HAS_NUMBA, reason="numba is not installed: nothing to compare")
def test_with_and_without_numba_whole_runs_agree():
    """Flips, states, energies and Glauber runs of all rules, bit for bit."""
    code = (
        "import hashlib, numpy as np; from damtutor import Hopfield; from damtutor.kernels import backend;"
        "from damtutor.patterns import random_patterns, flip;"
        "x = random_patterns(30, 120, rng=2); h = hashlib.sha256();\n"
        "b = np.random.default_rng(5).normal(size=120)\n"
        "for rule in ('hebb', 'projection', 'storkey'):\n"
        "  for external in (None, b):\n"
        "    for kw in ({}, {'temperature': .4, 'max_sweeps': 9}, {'order': 'sync'}):\n"
        "      m = Hopfield(x, rule, external=external)\n"
        "      record = 'states' if 'order' in kw else ('flips', 'states')\n"
        "      t = m.retrieve(flip(x[0], 40, rng=1), rng=0, record=record, **kw)\n"
        "      for a in (t.flips, t.states, t.energies, t.overlaps): h.update(b'' if a is None else a.tobytes())\n"
        "print(backend().__name__, h.hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "DAMTUTOR_NUMBA": flag}, capture_output=True, text=True
        ).stdout.split()
        for flag in "01"
    ]
    assert runs[0][0] == "damtutor.kernels.reference"
    assert runs[1][0] == "damtutor.kernels.compiled"
    assert runs[0][1] == runs[1][1]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_large_sweep(kind):
    """N = 600, hundreds of flips: vector code of the compiled form against whole numbers."""
    patterns = random_patterns(70, 600, rng=3)
    couplings = hebb_counts(patterns).astype(kind)
    state, visit = random_patterns(1, 600, rng=4)[0], np.random.default_rng(5).permutation(600)
    local = couplings @ state.astype(kind)
    expected = plain(couplings, state, local, visit, np.zeros(600))
    assert len(expected[1]) > 100
    for module in MODULES:
        s, h = state.copy(), local.copy()
        flipped, _ = module.sweep_pairs(couplings, s, h, visit, np.zeros(600))
        assert flipped.tolist() == expected[1]
        np.testing.assert_array_equal(h, expected[3])
    np.testing.assert_array_equal(Hopfield(patterns)._exact.local(s), expected[3])
