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

from damtutor.kernels import reference
from damtutor.learning.couplings import hebb_counts
from damtutor.models.hopfield import Hopfield
from damtutor.patterns import random_patterns

pytestmark = pytest.mark.twin


HAS_NUMBA = util.find_spec("numba") is not None
MODULES = (reference, *([import_module("damtutor.kernels.compiled.pairs")] if HAS_NUMBA else []))
KINDS = ((np.int16, np.int32), (np.float32, np.float32), (np.float64, np.float64))  # of couplings and fields


def plain(couplings, state, local, visit, threshold, scale=1.0):
    """One spin after the other, fields and energies made anew from the couplings each time."""
    couplings = couplings.astype(np.float64)
    bias = local - couplings @ state
    state, flipped, rises = state.copy(), [], []

    def doubled():
        return -state @ couplings @ state - 2 * bias @ state

    def wanted(i):
        field = couplings[i] @ state + bias[i]
        return 1 if field > threshold[i] else -1 if field < threshold[i] else state[i]

    for i in visit:
        before, new = doubled(), wanted(i)
        if new != state[i]:
            flipped.append(int(i))
            state[i] = new
            rises.append((doubled() - before) * scale)
    rest = all(wanted(i) == state[i] for i in range(len(state)))
    return state, flipped, rises, couplings @ state + bias, rest


def agree(module, problem, expected):
    couplings, state, local, visit, threshold, scale = problem
    s, h = state.copy(), local.copy()
    flipped, rises, rest = module.sweep_pairs(couplings, s, h, visit, threshold, scale)
    assert flipped.dtype == rises.dtype == np.int64
    assert s.dtype == np.int8
    assert h.dtype == local.dtype
    np.testing.assert_array_equal(s, expected[0])
    assert flipped.tolist() == expected[1]
    assert rises.tolist() == expected[2]
    np.testing.assert_array_equal(h, expected[3])
    assert rest == expected[4]
    return s


@st.composite
def problems(draw):
    """Whole couplings (many ties), biases, and thresholds: none, whole (ties with a field), real or infinite.

    Floats may come in a unit of their own, 1/scale.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(1, 70))
    half = rng.integers(-3, 4, (size, size))
    narrow, wide = draw(st.sampled_from(KINDS))
    scale = 1.0 if narrow is np.int16 else draw(st.sampled_from([1.0, 8.0, 0.25]))
    couplings = ((half + half.T) / scale).astype(narrow)
    if draw(st.booleans()):
        np.fill_diagonal(couplings, 0)
    couplings.flags.writeable = False
    state = random_patterns(1, size, rng=rng)[0]
    local = couplings @ state.astype(wide) + (rng.integers(-2, 3, size) / scale).astype(wide)
    threshold = {
        "zero": np.zeros(size),
        "whole": rng.integers(-4, 5, size) / scale,
        "real": rng.normal(size=size) * 10,
        "infinite": rng.choice([-np.inf, np.inf, 0.0], size),
    }[draw(st.sampled_from(["zero", "whole", "real", "infinite"]))]
    visit = rng.permutation(size)
    if draw(st.booleans()):  # near rest
        sweep = plain(couplings, state, local, visit, threshold)
        state, local = sweep[0], sweep[3].astype(wide)
    return couplings, state, local, visit, threshold, scale


@settings(max_examples=200, deadline=None, derandomize=True)
@given(problems())
def test_all_make_the_same_decisions(problem):
    expected = plain(*problem)
    for module in MODULES:
        agree(module, problem, expected)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
@pytest.mark.parametrize("count", [1, 15, 16, 17, 63, 64, 65, 127, 130])
@pytest.mark.parametrize("size", [1, 2, 33, 300])
def test_thin_products(module, count, size):
    """Whole numbers, with words and groups of patterns that are full, nearly full and just begun."""
    patterns = random_patterns(count, size, rng=count)
    patterns[0] = 1
    state = random_patterns(1, size, rng=size)[0]
    wide = patterns.astype(np.int64)
    before = patterns.copy()
    patterns.flags.writeable = False
    counts = module.agreements(patterns)
    assert counts.dtype == np.int16
    np.testing.assert_array_equal(counts, wide.T @ wide)
    overlap = (wide @ state).astype(np.int32)
    for taken in (0, count):
        local = module.superpose(patterns, overlap, state, taken)
        assert local.dtype == np.int32
        np.testing.assert_array_equal(local, wide.T @ overlap - taken * state.astype(np.int64))
    np.testing.assert_array_equal(patterns, before)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_largest_thin_products(module):
    """K = 2890 equal patterns over 5790 neurons: couplings of 2890 and fields of K N = 1.7e7 are still exact."""
    count, size = 2890, 5790
    column = np.ones((count, 40), np.int8)  # all neurons are alike: 40 of them show it
    np.testing.assert_array_equal(module.agreements(column), np.full((40, 40), count))
    overlap = np.full(count, size, np.int32)
    local = module.superpose(column, overlap, np.ones(40, np.int8), count)
    np.testing.assert_array_equal(local, np.full(40, count * size - count))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_field_at_its_threshold_keeps_the_spin(module):
    """float32 fields against float64 thresholds: 1/3 in the one is not 1/3 in the other, and must not be rounded."""
    couplings = np.zeros((4, 4), np.float32)
    third = np.float32(1 / 3)
    local = np.array([2, 2, third, third], np.float32)
    state = np.array([1, -1, 1, -1], np.int8)
    at = np.array([2, 2, 1 / 3, 1 / 3])
    flipped, _, rest = module.sweep_pairs(couplings, state, local, np.arange(4), at, 1.0)
    assert float(third) > 1 / 3
    assert flipped.tolist() == [3]
    assert state.tolist() == [1, -1, 1, 1]
    assert rest


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
@pytest.mark.parametrize("visit", [[], [2], [1, 0]])
def test_a_part_of_the_spins(module, visit):
    patterns = random_patterns(2, 5, rng=1)
    couplings = hebb_counts(patterns)
    couplings.flags.writeable = False
    state = -patterns[0] * np.array([1, -1, 1, -1, 1], np.int8)
    local = couplings @ state.astype(np.float32)
    problem = couplings, state, local, np.array(visit, dtype=np.int64), np.zeros(5), 1.0
    agree(module, problem, plain(*problem))


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


@pytest.mark.parametrize(("narrow", "wide"), KINDS)
def test_a_large_sweep(narrow, wide):
    """N = 600, hundreds of flips: vector code of the compiled form against whole numbers."""
    patterns = random_patterns(70, 600, rng=3)
    couplings = hebb_counts(patterns).astype(narrow)
    state, visit = random_patterns(1, 600, rng=4)[0], np.random.default_rng(5).permutation(600)
    problem = couplings, state, couplings @ state.astype(wide), visit, np.zeros(600), 1.0
    expected = plain(*problem)
    assert len(expected[1]) > 100
    assert not expected[4]
    for module in MODULES:
        end = agree(module, problem, expected)
    np.testing.assert_array_equal(Hopfield(patterns)._exact.local(end), expected[3])
