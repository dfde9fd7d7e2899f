"""Blurred data: score, energy and mean shift against their definitions, the flow, and the predictions for a ring."""

import doctest
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import KernelDensity, patterns, probability_flow
from damtutor.experiments import diffusion as measured
from damtutor.memory import Memory
from damtutor.models import diffusion
from damtutor.models.diffusion import exact_denoiser, noise_levels
from damtutor.models.modern import ModernHopfield
from damtutor.numerics import complex_gradient, logsumexp
from damtutor.theory import diffusion as theory
from damtutor.theory.modern import critical_beta, pair_minimum


@pytest.mark.parametrize("module", [diffusion, theory], ids=lambda m: m.__name__)
def test_examples_in_docstrings(module):
    """Every public name has an example, and it shows what it says."""
    found = doctest.testmod(module)
    assert found.failed == 0
    tests = {test.name: test.examples for test in doctest.DocTestFinder().find(module)}
    public = [name for name in tests if not any(part.startswith("_") for part in name.split(".")[2:])]
    bare = [name.rpartition(".")[2] for name in public if not tests[name]]
    assert set(bare) <= {"diffusion", "Flow", "count", "size"}  # a record, and two properties of a word each


def test_the_example_of_grey_digits():
    finder = doctest.DocTestFinder().find(patterns.grey_digits, globs=vars(patterns))
    assert doctest.DocTestRunner().run(finder[0]) == (0, 2)


def random_case(rng, low=-1.0):
    """Points of unequal norms, σ from 10**low to 10, and a state between two points, where both count."""
    count, size = int(rng.integers(2, 30)), int(rng.integers(1, 70))
    data = rng.standard_normal((count, size)) * rng.uniform(0.1, 2, (count, 1))
    sigma = 10 ** rng.uniform(low, 1)
    along = 0.5 + rng.uniform(-1, 1) * sigma**2 / max(np.sum((data[0] - data[1]) ** 2), sigma**2)
    return KernelDensity(data, sigma), data[0] + along * (data[1] - data[0]) + 0.1 * sigma * rng.standard_normal(size)


def plain(density, x):
    """E_σ, log p_σ, m and p from the four lines of the module's text, in the widest float there is."""
    data, x, sigma = density.data.astype(np.longdouble), x.astype(np.longdouble), np.longdouble(density.sigma)
    exponents = -((x - data) ** 2).sum(axis=1) / (2 * sigma**2)
    top = exponents.max()
    terms = np.exp(exponents - top)
    lse = top + np.log(terms.sum())
    log_p = lse - np.log(np.longdouble(density.count)) - density.size * np.log(2 * np.longdouble(np.pi) * sigma**2) / 2
    return -2 * sigma**2 * lse, log_p, terms / terms.sum() @ data, terms / terms.sum()


@np.errstate(under="ignore")
def test_everything_is_its_definition():
    """Weights lose the rounding of their exponents, some 1e-16 |x|²/σ² <= 1e-16 * 3e4: 1e-11 with room."""
    rng, blends = np.random.default_rng(1), 0
    for _ in range(200):
        density, x = random_case(rng)
        energy, log_p, m, p = plain(density, x)
        scale = 1 + float(np.abs(density.data).max())
        assert density.energy(x) == pytest.approx(float(energy), rel=1e-12, abs=1e-12)
        assert density.log_density(x) == pytest.approx(float(log_p), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(density.weights(x), p.astype(float), atol=1e-11)
        np.testing.assert_allclose(density.mean(x), m.astype(float), atol=1e-11 * scale)
        np.testing.assert_allclose(density.step(x), density.mean(x), rtol=0, atol=0)
        np.testing.assert_allclose(density.step(x, rate=0.3), x + 0.3 * (density.mean(x) - x), atol=1e-13 * scale)
        entropy = -float(np.sum(p[p > 0] * np.log(p[p > 0])))
        assert density.n_eff(x) == pytest.approx(math.exp(entropy), rel=1e-9)
        blends += density.n_eff(x) > 1.5
    assert blends > 100  # or a wrong softmax would pass


def test_score_is_the_gradient_of_the_log_density():
    """Complex step, to 1e-10 of the largest entry that a score could have, |X|/σ²: no difference is taken."""
    rng = np.random.default_rng(2)
    for _ in range(100):
        density, x = random_case(rng, low=-2)
        score, gradient = density.score(x), complex_gradient(density.log_density, x)
        scale = float(np.abs(score).max() + np.abs(density.data).max() / density.sigma**2)
        np.testing.assert_allclose(score, gradient, rtol=0, atol=1e-10 * scale)
        descent = -complex_gradient(density.energy, x) / (2 * density.sigma**2)
        np.testing.assert_allclose(score, descent, rtol=0, atol=1e-10 * scale)
        tweedie = x + density.sigma**2 * gradient
        np.testing.assert_allclose(density.mean(x), tweedie, rtol=0, atol=1e-10 * scale * density.sigma**2)


def test_a_dot_product_is_wrong_for_unequal_norms_only():
    """The typical error: softmax(β X x). It is right on the circle and far off beside it."""

    def dot(data, sigma, x):
        return ModernHopfield(data, sigma**-2).step(x)

    ring, x = measured.circle_points(20, seed=1), np.array([0.4, 0.3])
    np.testing.assert_allclose(dot(ring, 0.5, x), KernelDensity(ring, 0.5).mean(x), atol=1e-14)
    uneven = ring * np.linspace(0.5, 1.5, 20)[:, None]
    assert np.linalg.norm(dot(uneven, 0.5, x) - KernelDensity(uneven, 0.5).mean(x)) > 0.1


def test_relation_to_the_modern_network():
    """E_σ = 2 E_MHN - 2σ² log K and m = its step; -log p differs from E_MHN/σ² by a constant."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        density, x = random_case(rng)
        network, sigma = ModernHopfield(density.data, 1 / density.sigma**2, "distance"), density.sigma
        np.testing.assert_allclose(density.mean(x), network.step(x), rtol=1e-12, atol=1e-13)
        expected = 2 * network.energy(x) - 2 * sigma**2 * math.log(density.count)
        assert density.energy(x) == pytest.approx(expected, rel=1e-13, abs=1e-13)


@given(seed=st.integers(0, 2**32 - 1), low=st.floats(-2, 1))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_mean_shift_descends(seed, low):
    """E(m(x)) <= E(x) - |m - x|²; slack: the rounding of the energies, which are sums of squares."""
    density, x = random_case(np.random.default_rng(seed), low)
    m = density.mean(x)
    scale = abs(density.energy(x)) + np.sum(x * x) + np.sum(m * m) + np.sum(density.data**2, axis=1).max()
    assert density.energy(m) <= density.energy(x) - np.sum((m - x) ** 2) + 1e-14 * scale
    assert density.energy(x) >= -2 * density.sigma**2 * math.log(density.count) * (1 + 1e-15)
    assert 1 - 1e-12 <= density.n_eff(x) <= density.count * (1 + 1e-12)
    low, high = density.data.min(axis=0), density.data.max(axis=0)
    assert ((low - 1e-12 <= m) & (m <= high + 1e-12)).all()  # the hull of the data


@given(seed=st.integers(0, 2**32 - 1), shift=st.floats(-100, 100), factor=st.floats(0.01, 100))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_units_and_origin_do_not_matter(seed, shift, factor):
    """m moves with the data and scales with them and σ; far from the origin some 1e-16 * shift²/σ² is lost."""
    density, x = random_case(np.random.default_rng(seed))
    other = KernelDensity(factor * (density.data + shift), factor * density.sigma)
    loss = 1e-13 * (1 + abs(shift)) * (1 + abs(shift) + np.abs(density.data).max()) / density.sigma**2
    moved = other.mean(factor * (x + shift)) / factor - shift
    np.testing.assert_allclose(moved, density.mean(x), atol=1e-12 * (1 + abs(shift)) + density.size * loss)


def test_little_noise_in_many_dimensions():
    """σ = 0.01, d = 64: exponents of -1e6. One point: E is |x - X|², the score points to it, without end."""
    rng = np.random.default_rng(4)
    data = rng.standard_normal((40, 64)) * rng.uniform(0.5, 3, (40, 1))
    density = KernelDensity(data, 0.01)
    x = data[7] + 0.3 * rng.standard_normal(64)
    square = np.sum((x - data[7]) ** 2)
    assert density.energy(x) == pytest.approx(square, rel=1e-13)
    constant = math.log(40) + 64 * math.log(0.01 * math.sqrt(2 * math.pi))
    assert density.log_density(x) == pytest.approx(-square / 2e-4 - constant, rel=1e-13)
    np.testing.assert_allclose(density.score(x), (data[7] - x) / 1e-4, rtol=1e-9)
    assert density.n_eff(x) == 1
    far = density.score(1e3 * x)
    assert np.isfinite(far).all()
    middle = (data[0] + data[1]) / 2 + np.zeros(64)
    alone = KernelDensity(data[:2], 0.01)
    np.testing.assert_allclose(alone.mean(middle), middle, atol=1e-6)  # a tie of two exponents of -5e5 or so
    assert alone.n_eff(middle) == pytest.approx(2, abs=1e-6)


def test_batch_equals_loop_and_memory_stays_bounded(monkeypatch):
    rng = np.random.default_rng(5)
    density = KernelDensity(rng.standard_normal((30, 5)), 0.4)
    states = rng.standard_normal((50, 5))
    monkeypatch.setattr(diffusion, "ROOM", 210)  # seven rows at a time, the last block shorter
    for name in ("energy", "log_density", "mean", "score", "weights", "n_eff", "step"):
        call = getattr(density, name)
        np.testing.assert_allclose(call(states), [call(x) for x in states], rtol=1e-11, atol=1e-13, err_msg=name)
    assert isinstance(density.energy(states[0]), float)
    assert isinstance(density.log_density(states[0]), float)
    assert isinstance(density.n_eff(states[0]), float)
    settled = density.settle(states)
    np.testing.assert_allclose(settled.states, [density.retrieve(x).state for x in states], atol=1e-8)
    assert settled.converged.all()
    careful, short = density.settle(states, rate=0.3), density.settle(states, max_sweeps=2)
    assert careful.sweeps.sum() > 1.5 * settled.sweeps.sum()
    assert short.sweeps.max() == 2
    assert not short.converged.all()
    coarse = density.settle(states, tolerance=1e-3)
    assert coarse.sweeps.sum() < settled.sweeps.sum()


def test_working_memory_does_not_grow_with_the_batch():
    """4000 states and 2000 points make 64 MB of weights; less than half of that may be held at a time."""
    import tracemalloc

    rng = np.random.default_rng(6)
    density, states = KernelDensity(rng.standard_normal((2000, 2)), 0.3), rng.standard_normal((4000, 2))
    tracemalloc.start()
    density.n_eff(states), density.energy(states), density.score(states)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 45e6  # n_eff needs four arrays of 8 MB


def test_retrieve_keeps_the_contract():
    data = measured.circle_points(12, seed=2)
    density, start = KernelDensity(data, 0.3), np.array([0.2, 0.1])
    before = start.copy()
    trace = density.retrieve(start, record="states")
    np.testing.assert_array_equal(start, before)
    assert isinstance(density, Memory)
    assert trace.converged
    assert trace.period == 1
    assert trace.overlaps is None
    assert len(trace.energies) == len(trace.states) == trace.sweeps + 1
    np.testing.assert_allclose(trace.energies, density.energy(np.array(trace.states)), rtol=1e-12, atol=1e-14)
    assert np.all(np.diff(trace.energies) <= 1e-15)
    np.testing.assert_allclose(density.mean(trace.state), trace.state, atol=1e-10)
    capped = density.retrieve(start, max_sweeps=2)
    assert (capped.converged, capped.sweeps, len(capped.energies)) == (False, 2, 3)
    quick = density.retrieve(start, rate=1.8, tolerance=1e-3)
    assert quick.converged
    assert quick.sweeps < trace.sweeps


def test_model_is_frozen_and_its_data_read_only():
    source = np.eye(3)
    density = KernelDensity(source, 0.5)
    source[0] = 9
    np.testing.assert_array_equal(density.data, np.eye(3))
    for copy in (density, pickle.loads(pickle.dumps(density))):
        with pytest.raises(ValueError, match="read-only"):
            copy.data[0, 0] = 2
        with pytest.raises(AttributeError):
            copy.sigma = 1.0
    assert repr(density) == "KernelDensity(3 points of 3 numbers, sigma=0.5)"
    single = KernelDensity(np.eye(3, dtype=np.float32), 0.5)
    results = (single.mean(np.zeros(3)), single.score(np.zeros(3)), single.sample(2, rng=0), single.step(np.zeros(3)))
    assert {r.dtype for r in results} == {np.dtype(np.float32)}
    assert single.energy(np.zeros(3)) == density.energy(np.zeros(3))


def test_samples_have_the_density():
    """Mean and covariance of 20000 draws against those of the mixture, within five standard errors."""
    data = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 2.0]])
    draws = KernelDensity(data, 0.5).sample(20_000, rng=1)
    error = draws.std(axis=0) / math.sqrt(len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - data.mean(axis=0)) < 5 * error)
    expected = np.cov(data.T, bias=True) + 0.25 * np.eye(2)
    np.testing.assert_allclose(np.cov(draws.T), expected, atol=5 * 16 / math.sqrt(len(draws)) / 4)
    np.testing.assert_array_equal(draws[:5], KernelDensity(data, 0.5).sample(20_000, rng=1)[:5])


# Probability flow -----------------------------------------------------------------------------------------------------


def test_flow_of_one_point_is_exact_for_both_orders():
    """m never changes: x - X shrinks as σ does, whatever the steps."""
    point, start = np.array([[1.0, -2.0]]), np.array([[5.0, 5.0], [0.0, 1.0]])
    for order in (1, 2):
        flow = probability_flow(exact_denoiser(point), start, [4.0, 1.0, 0.5], order=order)
        np.testing.assert_allclose(flow.ends, point + (start - point) / 8, atol=1e-14)
        ends = probability_flow(exact_denoiser(point), start, [4.0, 1.0, 0.0], order=order).ends
        np.testing.assert_allclose(ends, np.repeat(point, 2, axis=0), atol=1e-14)


def test_flow_of_a_gaussian_has_the_stated_order():
    """For data N(0, 1) m = x/(1 + σ²), and x/√(1 + σ²) stays the same; halved steps divide errors by 2 and by 4."""

    def denoise(x, sigma):
        return x / (1 + sigma**2)

    exact = 3.0 * math.sqrt((1 + 0.1**2) / (1 + 5.0**2))
    for order in (1, 2):
        errors = [
            abs(probability_flow(denoise, [3.0], noise_levels(5, 0.1, steps), order=order).ends[0] - exact)
            for steps in (80, 160, 320)
        ]
        rates = np.log2(np.array(errors[:-1]) / errors[1:])
        np.testing.assert_allclose(rates, order, atol=0.1)


def test_exact_flow_only_memorises():
    """Twelve points, σ from 5 to 1e-3: 20 of 20 within .0022 (reference; the distance is σ times a Gaussian's norm).

    Other seeds: a distance of 5σ has probability exp(-12.5) in the plane, 4e-6 a start; none of 200.
    """
    data = measured.on_circle(2 * np.pi * np.arange(12) / 12)
    worst, near = [], []
    for seed in range(10):
        start = 5 * np.random.default_rng(seed).standard_normal((20, 2))
        ends = probability_flow(exact_denoiser(data), start, noise_levels(5, 1e-3, 200)).ends
        gaps = measured.nearest_distances(ends, data)
        worst.append(gaps.max())
        near.append(np.mean(gaps < 0.0022))
    assert max(worst) < 0.005
    assert min(worst) < 0.0022  # all 20 of one seed, as in the reference
    assert np.mean(near) == pytest.approx(1 - math.exp(-(2.2**2) / 2), abs=5 * math.sqrt(0.09 * 0.91 / 200))
    last = probability_flow(exact_denoiser(data), start, np.append(noise_levels(5, 1e-3, 200), 0)).ends
    assert measured.nearest_distances(last, data).max() < 1e-12


def test_flow_leaves_draws_of_the_density():
    """Stopped at σ, the flow leaves p_σ: mean log density of 400 ends against 4000 draws, five standard errors."""
    data = measured.circle_points(12, seed=3)
    density = KernelDensity(data, 0.3)
    start = 20 * np.random.default_rng(1).standard_normal((400, 2))
    ends = density.log_density(probability_flow(exact_denoiser(data), start, noise_levels(20, 0.3, 60), order=2).ends)
    draws = density.log_density(density.sample(4000, rng=2))
    assert abs(ends.mean() - draws.mean()) < 5 * ends.std() * math.sqrt(1 / 400 + 1 / 4000)


def test_flow_records_states_and_takes_one_state():
    denoise = exact_denoiser([[0.0], [1.0]])
    batch = probability_flow(denoise, [[2.0], [-3.0]], noise_levels(4, 0.5, 5), record="states")
    assert batch.states.shape == (6, 2, 1)
    np.testing.assert_array_equal(batch.states[-1], batch.ends)
    np.testing.assert_array_equal(batch.states[0], [[2.0], [-3.0]])
    one = probability_flow(denoise, [2.0], noise_levels(4, 0.5, 5))
    assert one.states is None
    np.testing.assert_allclose(one.ends, batch.ends[0], atol=1e-14)


# Theory ---------------------------------------------------------------------------------------------------------------


def test_ring_radius_against_bessel_series_and_reference():
    """r solves its equation, with I0 and I1 from their integrals over the circle, by a rule of 4096 angles: exact."""
    printed = {0.05: 0.99875, 0.1: 0.99496, 0.2: 0.97936, 0.4: 0.90687, 0.6: 0.6773}
    angles = 2 * np.pi * np.arange(4096) / 4096
    for sigma, value in printed.items():
        r = theory.ring_radius(sigma)
        assert r == pytest.approx(value, abs=5.1e-6 if value != 0.6773 else 5.1e-5)
        with np.errstate(under="ignore"):
            weights = np.exp(r / sigma**2 * (np.cos(angles) - 1))
            expected = np.sum(weights * np.cos(angles)) / np.sum(weights)
        assert r == pytest.approx(expected, abs=1e-12)
        assert measured.valley_radius(sigma) == pytest.approx(r, abs=1e-6)
        assert theory.ring_radius(3 * sigma, 3.0) == pytest.approx(3 * r, rel=1e-12)


def test_ring_radius_at_its_ends():
    """Small σ: 1 - σ²/2 - 3σ⁴/8. Near the collapse r² ≈ 8σ⁴(1 - 2σ²). Beyond it 0."""
    for sigma in (1e-9, 1e-5, 0.99e-4, 1.01e-4, 1e-3, 0.01):
        assert theory.ring_radius(sigma) == pytest.approx(1 - sigma**2 / 2 - 3 * sigma**4 / 8, abs=2 * sigma**6 + 3e-16)
    edge = theory.ring_collapse()
    assert edge**2 == pytest.approx(0.5, rel=1e-15)
    assert theory.ring_collapse(3.0) == pytest.approx(3 * edge)
    for under in (1e-3, 1e-5, 1e-8):
        sigma = edge * (1 - under)
        assert theory.ring_radius(sigma) == pytest.approx(
            math.sqrt(8 * sigma**4 * (1 - 2 * sigma**2)), rel=2 * under + 1e-7
        )
    below = edge
    for _ in range(20):  # where rounding decides on which side of the root the search starts
        below = math.nextafter(below, 0)
        assert 0 <= theory.ring_radius(below) < 1e-6
    assert [theory.ring_radius(s) for s in (edge, 0.71, 5.0, 1e200)] == [0, 0, 0, 0]
    angles = 2 * np.pi * np.arange(64) / 64
    assert critical_beta(measured.on_circle(angles)) == pytest.approx(edge**-2, rel=1e-12)


def test_two_points_merge_at_two_sigma():
    """By counting minima: 2.00 ± .02 is the reference's; bisection to 1e-4 gives 1e-4."""
    assert measured.merging_threshold(0.1) == pytest.approx(2, abs=2e-4)
    assert measured.merging_threshold(7.0, digits=2) == pytest.approx(2, abs=0.02)
    assert theory.merging_distance(0.3) == 0.6
    assert pair_minimum(0.3, 0.3) == 0
    pair = KernelDensity([[-1.2], [1.2]], 1.0).retrieve([1.0], max_sweeps=5000).state
    assert pair[0] == pytest.approx(pair_minimum(1.2, 1.0), abs=1e-8)


def test_expected_minima_is_one_for_five_sigma():
    assert theory.expected_minima(0.1) == pytest.approx(4 * math.pi, rel=1e-15)
    assert theory.expected_minima(0.2, 2.0) == pytest.approx(4 * math.pi, rel=1e-15)


# Bad input ------------------------------------------------------------------------------------------------------------

PAIR = KernelDensity([[0.0, 1.0], [1.0, 0.0]], 0.5)
FALLING = noise_levels(2, 1, 2)
REFUSED = [
    (lambda: KernelDensity([[0.0]], -1.0), r"sigma is -1; expected a finite number in \(0, 1e\+100\)"),
    (lambda: KernelDensity([[0.0]], 0.0), "sigma is 0; expected"),
    (lambda: KernelDensity([[0.0]], math.nan), "sigma is nan; expected"),
    (lambda: KernelDensity([[0.0]], 1e-120), "sigma is 1e-120; expected at least 1e-100"),
    (lambda: KernelDensity([[0.0]], "small"), "sigma is 'small'; expected a number"),
    (lambda: KernelDensity([[math.nan]], 1.0), r"data\[0, 0\] is nan; expected"),
    (lambda: KernelDensity([0.0, 1.0], 1.0), r"data: shape \(2,\); expected"),
    (lambda: KernelDensity(np.empty((0, 2)), 1.0), "data: empty"),
    (lambda: KernelDensity([[1e200]], 0.01), "data with sigma 0.01, beta = 1/sigma²: data reach"),
    (lambda: PAIR.energy([1.0, 2.0, 3.0]), r"state: shape \(3,\); expected"),
    (lambda: PAIR.n_eff([[1.0]]), r"state: shape \(1, 1\); expected"),
    (lambda: PAIR.score([1.0, math.inf]), r"state\[1\] is inf; expected"),
    (lambda: PAIR.sample(0), "count is 0; expected a whole number >= 1"),
    (lambda: PAIR.retrieve([0.0, 0.0], order="async"), 'order is "async"; expected "sync"'),
    (lambda: PAIR.retrieve([0.0, 0.0], max_sweeps=0), "max_sweeps is 0"),
    (lambda: PAIR.step([0.0, 0.0], rate=0), "rate is 0"),
    (lambda: exact_denoiser([1.0]), r"data: shape \(1,\); expected"),
    (lambda: noise_levels(1, 2, 3), r"low is 2; expected a finite number in \(0, 1\)"),
    (lambda: noise_levels(1, 0, 3), "low is 0; expected"),
    (lambda: noise_levels(2, 1, 0), "steps is 0"),
    (lambda: probability_flow(exact_denoiser([[0.0]]), [0.0], [1.0]), "sigmas: not falling"),
    (lambda: probability_flow(exact_denoiser([[0.0]]), [0.0], [1.0, 1.0]), "sigmas: not falling"),
    (lambda: probability_flow(exact_denoiser([[0.0]]), [0.0], [1.0, -1.0]), "sigmas: not falling"),
    (lambda: probability_flow(exact_denoiser([[0.0]]), [0.0], FALLING, order=3), "order is 3"),
    (lambda: probability_flow(lambda x, s: x[:1], [0.0, 1.0], FALLING), r"denoise gave shape \(1,\) at sigma 2"),
    (lambda: probability_flow(lambda x, s: x * np.inf, [1.0], FALLING), "denoise gave numbers that are not finite"),
    (lambda: theory.ring_radius(-0.1), "sigma is -0.1"),
    (lambda: theory.ring_radius(0.1, 0), "radius is 0"),
    (lambda: theory.ring_collapse(math.inf), "radius is inf"),
    (lambda: theory.merging_distance(0), "sigma is 0"),
    (lambda: theory.expected_minima(0.1, -1), "radius is -1"),
    (lambda: measured.valley_radius(0.001), "sigma is 0.001, the points are 0.0123 apart; expected more points"),
    (lambda: measured.merging_threshold(0.1, digits=9), "digits is 9"),
    (lambda: patterns.grey_digits(rng="x"), "rng is 'x'; expected a seed"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words for _, words in REFUSED])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_input_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_complex_energies_have_no_conjugate():
    """log p of a complex state is the analytic continuation: the same as logsumexp of complex exponents."""
    x = np.array([0.3 + 1e-3j, -0.2 + 2e-3j])
    exponents = -((x - PAIR.data) ** 2).sum(axis=1) / (2 * 0.25)
    expected = logsumexp(exponents) - math.log(2) - math.log(2 * math.pi * 0.25)
    assert PAIR.log_density(x) == pytest.approx(complex(expected), rel=1e-13)


def test_grey_digits_are_the_data_set():
    images, shuffled = patterns.grey_digits(), patterns.grey_digits(rng=1)
    assert images.shape == shuffled.shape == (1797, 64)
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_array_equal(images * 16, np.rint(images * 16))
    assert not np.array_equal(images, shuffled)
    np.testing.assert_array_equal(np.sort(images @ np.arange(64)), np.sort(shuffled @ np.arange(64)))
    np.testing.assert_array_equal(np.where(images[0] >= 0.5, 1, -1), patterns.digits([0])[0])
    images[0] = 7  # a new array every time
    assert patterns.grey_digits().max() == 1
