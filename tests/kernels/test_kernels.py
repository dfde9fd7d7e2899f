"""The compiled kernels, their NumPy twins and brute force in whole numbers make the same decisions."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from importlib import import_module
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import exact_overlaps, exact_sign, near_tie, random_patterns

from damtutor.kernels import fixed_point, ladder, reference
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import UPDATE_RULES, Exponential, Power, RectifiedPower

pytestmark = pytest.mark.twin


pytest.importorskip("numba", reason="numba is not installed: nothing to compare")
compiled = import_module("damtutor.kernels.compiled.dense")
MODULES = (reference, compiled)
FUNCTIONS = [*(Power(n) for n in (2, 3, 4, 5, 6, 7, 40)), *(RectifiedPower(n) for n in (2, 3, 6)), Exponential()]


def brute_sweep(patterns, state, visit, interaction, update_rule):
    state, flipped = state.copy(), []
    for i in visit:
        if exact_sign(patterns, state, i, interaction, update_rule) * int(state[i]) < 0:
            state[i] = -state[i]
            flipped.append(int(i))
    return state, flipped


def model_sweep(module, model, state, visit, most=None):
    """One pass of `DenseAM` with the kernels of `module`; the model settles what they hand back."""
    state = state.copy()
    overlap = reference.overlaps(reference.pack(model.columns), state)
    with mock.patch.multiple(ladder, backend=lambda: module, LINK=most or ladder.LINK):
        flipped = model._ladder.sweep(state, overlap, visit)
    assert np.array_equal(overlap, exact_overlaps(model.patterns, state))
    return state, flipped.tolist()


def kernel_arguments(model, state):
    overlap = reference.overlaps(reference.pack(model.columns), state)
    tables, exact = model._ladder.tables(overlap)
    return overlap, (*tables, exact)


@st.composite
def problems(draw):
    """Patterns, a state, a rule and a function; often with doubled or opposite patterns, which make ties."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, count = draw(st.integers(1, 60)), draw(st.integers(1, 130))
    patterns = random_patterns(rng, count, size)
    kind = draw(st.sampled_from(["random", "opposite", "doubled", "one spin apart"]))
    half = count // 2
    twins = patterns[half : 2 * half]
    if kind == "opposite":
        twins[:] = -patterns[:half]
    elif kind != "random":
        twins[:] = patterns[:half]
        if kind == "one spin apart":
            twins[:, rng.integers(size)] *= -1
    state = patterns[0].copy() if draw(st.booleans()) else random_patterns(rng, 1, size)[0]
    state[rng.random(size) < draw(st.sampled_from([0.0, 0.2, 0.5]))] *= -1
    return patterns, state, rng.permutation(size), draw(st.sampled_from(FUNCTIONS)), draw(st.sampled_from(UPDATE_RULES))


@settings(max_examples=150, deadline=None)
@given(problems())
def test_all_three_make_the_same_decisions(problem):
    patterns, state, visit, interaction, update_rule = problem
    model = DenseAM(patterns, interaction, update_rule)
    expected = brute_sweep(patterns, state, visit, interaction, update_rule)
    for module in MODULES:
        found = model_sweep(module, model, state, visit)
        assert np.array_equal(found[0], expected[0])
        assert found[1] == expected[1]


@pytest.mark.parametrize("interaction", [Power(3), Power(5), RectifiedPower(3), Exponential()], ids=str)
@pytest.mark.parametrize(
    ("size", "count"), [(1, 1), (1, 40), (2, 2), (7, 31), (33, 65), (9, 8200), (12, 33_001), (40, 70_003)]
)
def test_sizes_that_fit_no_block(interaction, size, count):
    rng = np.random.default_rng(size)
    patterns = random_patterns(rng, count, size)
    state, visit = random_patterns(rng, 1, size)[0], rng.permutation(size)
    model = DenseAM(patterns, interaction)
    twin, fast = (model_sweep(module, model, state, visit) for module in MODULES)
    assert np.array_equal(twin[0], fast[0])
    assert twin[1] == fast[1]


@pytest.mark.parametrize("update_rule", UPDATE_RULES)
@pytest.mark.parametrize("interaction", FUNCTIONS, ids=str)
def test_many_flips_keep_the_curvature_right(interaction, update_rule):
    """A damaged start of a larger network: hundreds of flips in one call, weights made again on the way."""
    rng = np.random.default_rng(5)
    patterns = random_patterns(rng, 3000, 301)
    model = DenseAM(patterns, interaction, update_rule)
    for state in (patterns[0] * rng.choice([1, 1, 1, -1], 301).astype(np.int8), random_patterns(rng, 1, 301)[0]):
        visit = rng.permutation(301)
        twin, fast = (model_sweep(module, model, state, visit) for module in MODULES)
        assert np.array_equal(twin[0], fast[0])
        assert twin[1] == fast[1]


def test_order_forty_with_eighty_thousand_patterns():
    """N = 2048, K = 80000, n = 40, int8: float64 cannot hold the energies, the decisions are right all the same."""
    rng = np.random.default_rng(1)
    size, count = 2048, 80_000
    patterns = random_patterns(rng, count, size)
    model = DenseAM(patterns, Power(40))
    damaged = np.sort(rng.permutation(size)[:100])
    state = patterns[7].copy()
    state[damaged] *= -1
    healed, flipped = model_sweep(compiled, model, state, np.arange(size))
    assert np.array_equal(healed, patterns[7])
    assert flipped == damaged.tolist()
    # No memory near: every decision is a sum of noise
    state = random_patterns(rng, 1, size)[0]
    visit = rng.permutation(size)[:4]
    assert model_sweep(compiled, model, state, visit)[1] == brute_sweep(patterns, state, visit, Power(40), "exact")[1]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
@pytest.mark.parametrize("interaction", [Power(41), Exponential()], ids=str)
def test_a_near_tie_is_handed_back_not_guessed(module, interaction):
    patterns, state = near_tie()
    model = DenseAM(patterns, interaction)
    overlap, arguments = kernel_arguments(model, state)
    visit = np.array([0, 1])
    done, flipped = module.sweep(model.columns, state.copy(), overlap, visit, *arguments, 2)
    assert done == 0
    assert len(flipped) == 0
    for sign in (1, -1):
        start = state.copy()
        start[0] = sign
        found = model_sweep(module, model, start, visit)
        assert found[1] == brute_sweep(patterns, start, visit, interaction, "exact")[1]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_an_exact_tie_of_whole_tables_is_decided_at_once(module):
    patterns, state = near_tie()
    model = DenseAM(patterns[:2], Power(3))
    overlap, arguments = kernel_arguments(model, state)
    done, flipped = module.sweep(model.columns, state, overlap, np.array([0]), *arguments, 1)
    assert done == 1
    assert len(flipped) == 0


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
@pytest.mark.parametrize("most", [1, 2, 7])
def test_returning_after_some_flips_changes_nothing(module, most):
    rng = np.random.default_rng(most)
    patterns = random_patterns(rng, 200, 64)
    state, visit = random_patterns(rng, 1, 64)[0], rng.permutation(64)
    model = DenseAM(patterns, Exponential())
    assert model_sweep(module, model, state, visit, most)[1] == model_sweep(module, model, state, visit)[1]


@pytest.mark.parametrize("count", [1, 31, 32, 33, 63, 64, 95, 8192, 8193, 8223, 16_384 + 31])
@pytest.mark.parametrize("live", ["all", "none", "last"])
def test_dot_products_read_every_pattern_once(count, live):
    """`weigh` against whole numbers, for rows that end inside a vector, at one, and just beyond a piece."""
    rng = np.random.default_rng(count)
    columns = np.ascontiguousarray(random_patterns(rng, count, 15).T)
    pieces = np.zeros(-(-count // compiled.PIECE), bool)
    pieces[{"all": slice(None), "none": slice(0, 0), "last": slice(-1, None)}[live]] = True
    high, low = (np.zeros(count + 2 * compiled.STEP, np.int16) for _ in range(2))
    if count < compiled.STEP:
        high, low, pieces = high[:count], low[:count], np.ones(1, bool)
    heard = np.repeat(pieces, compiled.PIECE)[:count]
    for plane in (high, low):
        plane[:count] = rng.integers(-(2**15), 2**15, count) * heard
        if count >= compiled.STEP:
            compiled.repeat_rest(plane, count)
    weights = (high[:count].astype(np.int64) << 16) + low[:count]
    rows = rng.permutation(15)[: compiled.MANY]
    for width in (compiled.FEW, compiled.MANY):
        fields = np.full(compiled.MANY, 99)
        compiled.weigh(columns, rows, width, high, low, pieces, fields)
        assert np.array_equal(fields[:width], columns[rows[:width]].astype(np.int64) @ weights)


def test_a_plan_belongs_to_its_tables():
    """Two memories in turn, of the same size: each sweep gets the polynomial of its own tables."""
    limit = fixed_point.limit_for(1000)
    tables = [Power(3).tables(40), Power(5).tables(40), Exponential().tables(40, "exact", 10)]
    for gain, bend, _ in tables * 2:
        plan = fixed_point.plan_for(gain, bend, limit)
        assert plan is fixed_point.plan_for(gain, bend, limit)
        assert plan.found == fixed_point.find_polynomial(gain, bend, limit)
        assert plan.shape.tolist() == (list(plan.found[1:]) if plan.found else [0] * 4)
        assert plan.bent
    assert fixed_point.plan_for(gain, bend, limit / 4).limit == limit / 4
    assert not fixed_point.plan_for(gain, np.zeros_like(bend), limit).bent


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_packed_overlaps_are_the_products(size, count, seed):
    rng = np.random.default_rng(seed)
    patterns = random_patterns(rng, count, size)
    state = random_patterns(rng, 1, size)[0]
    bits = reference.pack(np.ascontiguousarray(patterns.T))
    assert bits.shape == (-(-size // 64), count)
    for module in MODULES:
        found = module.overlaps(bits, state)
        assert found.dtype == np.int32
        assert np.array_equal(found, patterns.astype(int) @ state)


def exact_gain(interaction, size):
    """gain on all levels as fractions, in the unit of the table."""
    f, scale = interaction.exact_value, interaction.scale(size)
    return [Fraction(f(m + 2) - f(m - 2), scale) for m in range(-size, size + 1, 2)]


@pytest.mark.parametrize("interaction", [Power(3), Power(5), Power(7), Power(40), RectifiedPower(5)], ids=str)
@pytest.mark.parametrize("used", [(0, 200), (90, 130), (100, 110)])
def test_weights_are_within_their_proved_bound(interaction, used):
    size = 200
    tables = interaction.tables(size)
    limit = fixed_point.limit_for(1000)
    part = slice(used[0], used[1] + 1)
    start = fixed_point.scale_for(tables.gain[part], tables.bend[part], limit / compiled.HEADROOM)
    weights = np.zeros(size + 1, np.int32)
    first, last, scale, rounding = compiled.prepare(*tables, reference.UNIT, False, start, limit, *used, weights)
    bound = Fraction(rounding) / 2**fixed_point.FINE
    truth = exact_gain(interaction, size)
    assert first <= used[0]
    assert last >= used[1]
    for t in range(first, last + 1):
        assert abs(int(weights[t]) - truth[t] * Fraction(scale)) <= bound
        assert abs(int(weights[t])) <= fixed_point.TOP
    assert bound < 1


@pytest.mark.parametrize(("order", "size"), [(2, 1024), (3, 999), (3, 2048), (4, 1024), (4, 2048), (5, 60)])
def test_low_powers_are_found_to_be_polynomials(order, size):
    tables = Power(order).tables(size)
    found = fixed_point.find_polynomial(tables.gain, tables.bend, fixed_point.limit_for(1000))
    truth = exact_gain(Power(order), size)
    for m in (-size, -size + 2, size - 4, size):
        w = m // (2 - size % 2)
        value = (found.a + found.b * w**2 + found.c * w**4) * (w if found.odd else 1)
        assert value == truth[(m + size) // 2] * Fraction(found.scale)


@pytest.mark.parametrize("interaction", [Power(8), RectifiedPower(3), Exponential()], ids=str)
def test_other_tables_are_not_taken_for_polynomials(interaction):
    tables = interaction.tables(500, "exact", 500)
    assert fixed_point.find_polynomial(tables.gain, tables.bend, fixed_point.limit_for(1000)) is None


def test_without_numba_the_twins_run_and_agree():
    code = (
        "import sys, numpy as np; from damtutor import DenseAM, Power; from damtutor.kernels import backend;"
        "x = np.where(np.random.default_rng(2).random((40, 30)) < 0.5, -1, 1);"
        "t = DenseAM(x, Power(3)).retrieve(-x[0] * x[1], rng=0, record='flips');"
        "print(backend().__name__, 'numba' in sys.modules, *t.flips)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "DAMTUTOR_NUMBA": flag}, capture_output=True, text=True
        ).stdout.split()
        for flag in "01"
    ]
    assert runs[0][:2] == ["damtutor.kernels.reference", "False"]
    assert runs[1][0] == "damtutor.kernels.compiled"
    assert len(runs[0]) > 2
    assert runs[0][2:] == runs[1][2:]


def test_exponential_tables_are_right_to_one_unit():
    """The bound of a decision takes exp to be right to one unit in the last place; this processor's must be."""
    from decimal import Context, Decimal

    exact = Context(prec=60)
    x = np.arange(-700, 601)
    for value, at in zip(Exponential().values(x, 1, 0).tolist(), x.tolist(), strict=True):
        assert abs(Decimal(value) - exact.exp(Decimal(at))) <= Decimal(float(np.spacing(value)))


FULL = """
import {module}
def full(*arguments, **options):
    raise OSError(28, "No space left on device")
{module}.{function} = full
import numpy as np
from damtutor import kernels
patterns = np.array([[1, 1, -1], [-1, 1, 1]], np.int8)
print(kernels.backend().__name__, kernels.backend().overlaps(kernels.reference.pack(patterns.T), patterns[0]).tolist())
print(kernels.trouble())
"""


@pytest.mark.parametrize(
    ("module", "function", "said"),
    [("tempfile", "TemporaryFile", "no folder for them can be written"), ("os", "replace", "No space left on device")],
)
def test_loops_that_cannot_be_kept_are_compiled_all_the_same(module, function, said, tmp_path):
    """A read-only home beside a package of root's; a disk that is full when numba writes."""
    code = FULL.format(module=module, function=function)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    first, second = done.stdout.splitlines()
    assert first == "damtutor.kernels.compiled [3, -1]"
    assert said in second
    assert "set NUMBA_CACHE_DIR to a folder that you may write" in second


@pytest.mark.parametrize(
    ("before", "environment", "said"),
    [
        ("", {"NUMBA_DISABLE_JIT": "1"}, "NUMBA_DISABLE_JIT is set; unset it"),
        (
            "import types; sys.modules['numba'] = types.ModuleType('numba'); "
            "sys.modules['numba'].__spec__ = importlib.machinery.ModuleSpec('numba', None)",
            {},
            "ImportError: cannot import name",
        ),
        ("import numba; numba.njit = lambda **o: 1 / 0", {}, "ZeroDivisionError: division by zero; reinstall it"),
    ],
)
def test_the_twins_step_in_where_numba_does_not_run(before, environment, said):
    code = (
        f"import sys, importlib.machinery; {before}\n"
        "from damtutor import Hopfield, kernels;"
        "print(kernels.backend().__name__, Hopfield([[1, 1, -1]]).retrieve([1, -1, -1], rng=0).state.tolist());"
        "print(kernels.trouble())"
    )
    environment = {**os.environ, **environment}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    first, second = done.stdout.splitlines()
    assert first == "damtutor.kernels.reference [1, 1, -1]"
    assert said in second
