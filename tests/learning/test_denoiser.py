"""The small denoiser: gradients by the complex step, training, and the three phases of what it draws."""

import doctest
import math
import pickle
from functools import cache

import numpy as np
import pytest

from damtutor.experiments import denoising
from damtutor.experiments.denoising import denoising_loss, digits_split, draw, sample_shares
from damtutor.learning import denoiser as learning
from damtutor.learning.denoiser import Denoiser, layers, loss_gradient, start_parameters, train_denoiser
from damtutor.models.diffusion import exact_denoiser, probability_flow
from damtutor.numerics import complex_gradient

SIZES = (4, 6, 5, 3)
SIMPLE = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.5]])
SMALL = dict(steps=200, batch=32, widths=(16,), rate=0.02)


@pytest.mark.parametrize("module", [learning, denoising], ids=lambda m: m.__name__)
def test_examples_in_docstrings(module):
    found = doctest.testmod(module)
    assert found.attempted >= 7
    assert found.failed == 0


def plain_loss(vector, inputs, targets):
    """The network by its formula, for real and complex parameters: the sign of the real part decides at relu."""
    value = inputs
    parts = layers(vector, SIZES)
    for k, (weights, bias) in enumerate(parts):
        value = value @ weights + bias
        if k < len(parts) - 1:
            value = np.where(value.real > 0, value, 0)
    return np.sum((value - targets) ** 2) / len(inputs)


def case(seed):
    rng = np.random.default_rng(seed)
    vector = start_parameters(SIZES, rng=rng) + 0.3 * rng.standard_normal(24 + 6 + 30 + 5 + 15 + 3)
    return vector, rng.standard_normal((7, 4)), rng.standard_normal((7, 3))


def test_gradient_by_the_complex_step():
    """No difference is taken: 1e-13 of the largest entry."""
    for seed in range(5):
        vector, inputs, targets = case(seed)
        loss, gradient = loss_gradient(vector, SIZES, inputs, targets)
        assert loss == pytest.approx(plain_loss(vector, inputs, targets), rel=1e-13)
        expected = complex_gradient(lambda v, i=inputs, t=targets: plain_loss(v, i, t), vector)
        np.testing.assert_allclose(gradient, expected, atol=1e-13 * np.abs(expected).max())
        assert np.count_nonzero(gradient) > 50  # some units are silent, not most


def test_float32_gradient_is_near():
    vector, inputs, targets = case(9)
    single = loss_gradient(
        *(a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in (vector, SIZES, inputs, targets))
    )
    loss, gradient = loss_gradient(vector, SIZES, inputs, targets)
    assert single[1].dtype == np.float32
    assert single[0] == pytest.approx(loss, rel=1e-5)
    np.testing.assert_allclose(single[1], gradient, atol=1e-5 * np.abs(gradient).max())


def test_adam_by_its_definition():
    """Kingma & Ba's algorithm 1, written as they write it."""
    rng = np.random.default_rng(1)
    ours, theirs = np.ones(5), np.ones(5)
    adam, m, v = learning.Adam(ours), np.zeros(5), np.zeros(5)
    for t in range(1, 30):
        g, rate = rng.standard_normal(5), 0.1 / t
        adam.step(ours, g, rate)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theirs = theirs - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_denoiser_is_its_formula():
    """Inputs (x - centre)/√(σ² + s²) and log(σ)/2; output plus the centre; one σ, or one for each row."""
    vector, _, _ = case(3)
    centre, x, sigma = np.array([0.5, -1.0, 2.0]), np.random.default_rng(2).standard_normal((5, 3)), 0.7
    network = Denoiser(vector, SIZES, centre, 1.3)
    u = np.column_stack([(x - centre) / math.hypot(sigma, 1.3), np.full(5, math.log(sigma) / 2)])
    value = u
    for weights, bias in layers(vector, SIZES)[:-1]:
        value = np.maximum(value @ weights + bias, 0)
    weights, bias = layers(vector, SIZES)[-1]
    np.testing.assert_allclose(network(x, sigma), value @ weights + bias + centre, rtol=1e-13)
    np.testing.assert_allclose(network(x[0], sigma), network(x, sigma)[0], rtol=1e-13)
    mixed = network(x, [0.1, 0.7, 0.7, 0.7, 3.0])
    np.testing.assert_allclose(mixed[1:4], network(x, 0.7)[1:4], rtol=1e-13)
    np.testing.assert_allclose(mixed[4], network(x[4], 3.0), rtol=1e-13)


def test_a_denoiser_is_frozen():
    network = pickle.loads(pickle.dumps(Denoiser(case(1)[0], SIZES, np.zeros(3), 1.0)))
    with pytest.raises(ValueError, match="read-only"):
        network.parameters[0] = 1
    with pytest.raises(AttributeError):
        network.spread = 2
    assert repr(network) == "Denoiser(4-6-5-3, 83 parameters)"


def test_first_parameters_have_their_variance():
    vector = start_parameters((65, 256, 256, 64), rng=0)
    assert len(vector) == 65 * 256 + 256 + 256 * 256 + 256 + 256 * 64 + 64
    for (weights, bias), scale in zip(layers(vector, (65, 256, 256, 64)), (1, 1, 0.1), strict=True):
        assert weights.std() == pytest.approx(scale * math.sqrt(2 / len(weights)), rel=5 / math.sqrt(2 * weights.size))
        assert not bias.any()


def test_training_lowers_the_loss_and_belongs_to_its_seed():
    first, again = train_denoiser(SIMPLE, **SMALL), train_denoiser(SIMPLE, **SMALL)
    np.testing.assert_array_equal(first.losses, again.losses)
    np.testing.assert_array_equal(first.denoiser.parameters, again.denoiser.parameters)
    other = train_denoiser(SIMPLE, **SMALL, seed=1)
    assert not np.array_equal(first.losses, other.losses)
    assert first.losses.shape == (200,)
    assert first.losses[-50:].mean() < 0.8 * first.losses[:10].mean()
    assert first.denoiser.parameters.dtype == np.float32
    double = train_denoiser(SIMPLE, **SMALL, dtype="float64")
    assert double.denoiser.parameters.dtype == np.float64


def test_the_rate_falls_along_half_a_cosine(monkeypatch):
    rates, step = [], learning.Adam.step
    monkeypatch.setattr(learning.Adam, "step", lambda self, p, g, rate: (rates.append(rate), step(self, p, g, rate)))
    train_denoiser(SIMPLE, steps=100, batch=4, widths=(3,), rate=0.5)
    expected = 0.25 * (1 + np.cos(np.pi * np.arange(100) / 100))
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
    assert rates[0] == 0.5


def test_training_minimises_what_it_says():
    """Without hidden freedom: one weight layer learns the linear regression of its inputs on x0.

    Data N(0, 1) at one noise level nearly fixed: E[x0|x] = x/(1 + σ²), so the weight on u = x/√(σ² + s²) is
    √(σ² + s²)/(1 + σ²); 20000 draws determine it to .02, and the least loss is σ²/(1 + σ²).
    """
    data = np.random.default_rng(5).standard_normal((4000, 1))
    found = train_denoiser(data, steps=1500, batch=256, sigmas=(0.999, 1.001), widths=(), rate=0.02, dtype="float64")
    x, s2 = np.array([[-1.0], [2.0]]), data.var()
    expected = data.mean() + (x - data.mean()) * s2 / (s2 + 1)
    np.testing.assert_allclose(found.denoiser(x, 1.0), expected, atol=0.08)
    assert found.losses[-500:].mean() == pytest.approx(s2 / (s2 + 1), rel=0.03)


def test_a_network_learns_the_posterior_mean():
    """Three points, σ from .1 to 1: within a tenth of the spread of the exact mean, in the mean over its inputs."""
    network = train_denoiser(SIMPLE, steps=1500, batch=64, sigmas=(0.1, 1.0), widths=(64, 64), rate=0.005).denoiser
    exact, rng = exact_denoiser(SIMPLE), np.random.default_rng(3)
    for sigma in (0.2, 0.5):
        x = SIMPLE[rng.integers(3, size=300)] + sigma * rng.standard_normal((300, 2))
        assert np.sqrt(np.mean(np.sum((network(x, sigma) - exact(x, sigma)) ** 2, axis=1))) < 0.15
    ends = draw(network, 50, 2, seed=1)
    assert ends.shape == (50, 2)


# Phases of drawn images ---------------------------------------------------------------------------------------------


def test_shares_by_hand():
    """Training points 0 and 9. At 2 the ratio is 2/7 < 1/3; 3 and 3.1 are twins; 6.75: ratio 1/3, neither."""
    samples = [[2.0], [3.0], [3.1], [6.75], [-1.0]]
    shares = sample_shares(samples, [[0.0], [9.0]], twin=0.2)
    assert shares[:3] == pytest.approx((0.4, 0.4, 0.2))
    assert shares.away == pytest.approx(np.median([3, 3.1, 2.25]))
    assert sample_shares(samples, [[0.0], [9.0]], twin=0.05)[:3] == pytest.approx((0.4, 0.0, 0.6))
    assert sample_shares(samples, [[0.0], [9.0]], ratio=0.2, twin=0.2).memorised == pytest.approx(0.2)  # 1/10 only
    copies = sample_shares([[0.0], [0.0], [9.0]], [[0.0], [9.0]])
    assert copies[:3] == (1, 0, 0)  # memorised comes first
    assert math.isnan(copies.away)
    assert sample_shares([[4.0], [4.0]], [[0.0], [9.0]]).spurious == 1  # equal drawings are twins
    mixed = sample_shares([[2.0], [3.1]], [[0.0], [9.0]], twin=2)
    assert mixed.spurious == 0.5  # a memorised image may be the twin


def test_shares_against_sorted_distances():
    rng = np.random.default_rng(8)
    data, samples = rng.standard_normal((300, 3)), rng.standard_normal((200, 3))
    samples[:60] = data[rng.integers(300, size=60)] + 0.03 * rng.standard_normal((60, 3))
    near = np.sort(np.linalg.norm(samples[:, None] - data, axis=2), axis=1)
    twin = np.sort(np.linalg.norm(samples[:, None] - samples, axis=2), axis=1)[:, 1] < 0.3
    copy = near[:, 0] < near[:, 1] / 3
    expected = copy.mean(), (~copy & twin).mean(), (~copy & ~twin).mean(), np.median(near[~copy, 0])
    np.testing.assert_allclose(sample_shares(samples, data, twin=0.3), expected, rtol=1e-12)
    assert min(expected[:3]) > 0.05


def test_drawing_is_the_flow_from_three_to_nothing():
    levels = np.append(np.geomspace(3, 0.05, 60), 0)
    start = 3 * np.random.default_rng([4, 2]).standard_normal((5, 2))

    def denoise(x, sigma):
        return x / (1 + sigma)

    np.testing.assert_array_equal(draw(denoise, 5, 2, seed=4), probability_flow(denoise, start, levels).ends)


def test_the_exact_mean_draws_only_its_data():
    stored, others = digits_split()
    images = draw(exact_denoiser(stored[:30]), 40, 64, seed=2)
    assert sample_shares(images, stored[:30])[:3] == (1, 0, 0)
    assert denoising_loss(exact_denoiser(stored[:30]), stored[:30]).value < 0.5
    assert denoising_loss(exact_denoiser(stored[:30]), others).value > 3


def test_losses_of_the_exact_mean_are_the_reference():
    """Held-out loss at σ = .5 of the posterior mean of K digits: the printed numbers have other draws of noise and an
    error like ours, so that the two differ by √2 errors; four times that, and half of the last printed digit."""
    stored, others = digits_split()
    for count, printed in ((10, 5.99), (30, 3.89), (100, 2.71), (300, 2.07), (600, 1.88), (1400, 1.69)):
        loss = denoising_loss(exact_denoiser(stored[:count]), others)
        assert abs(loss.value - printed) < 4 * math.sqrt(2) * loss.error + 0.005, count


def test_distances_between_digits():
    """The numbers of the module's text, medians: 1.04 exactly, since the split is fixed; 3.05 within five errors."""
    stored, _ = digits_split()
    assert np.median(denoising._two_nearest(stored, stored)[:, 1]) == pytest.approx(1.04, abs=0.005)
    pairs = np.linalg.norm(stored[:400] - stored[400:800], axis=1)
    assert np.median(pairs) == pytest.approx(3.05, abs=5 * 1.25 * pairs.std() / 20)


def test_digits_table_is_the_reference():
    """The same split gives the printed counts: they are whole numbers of 100 starts, one allowed for rounding at .1."""
    printed = {(0.4, 30): (87, 1.0), (0.5, 30): (86, 1.0), (0.5, 300): (24, 4.7), (0.2, 300): (100, 1.0)}
    for (sigma, count), (copies, n_eff) in printed.items():
        (row,) = denoising.digits_table((sigma,), (count,))
        assert abs(100 * row.copies.value - copies) <= 1
        assert row.median_n_eff == pytest.approx(n_eff, abs=0.051)
        assert row.unsettled == 0


@pytest.mark.slow
def test_digits_table_is_the_reference_for_many_digits():
    printed = {
        (0.4, 1000): (31, None, None),
        (0.4, 1400): (24, None, 5.4),
        (0.5, 1000): (4, None, 20),
        (0.5, 1400): (2, 20, 34),
        (0.8, 300): (0, 2, 121),
        (1.0, 1400): (0, 1, None),
    }
    for (sigma, count), (copies, distinct, n_eff) in printed.items():
        (row,) = denoising.digits_table((sigma,), (count,))
        assert abs(100 * row.copies.value - copies) <= 1
        assert distinct is None or abs(row.distinct - distinct) <= 1
        assert n_eff is None or row.median_n_eff == pytest.approx(n_eff, rel=0.03)
        assert row.unsettled == 0


def test_the_table_is_made_of_its_networks():
    """A quick one: the same network, drawings and shares by hand."""
    small, wide = denoising.phase_table((6,), seeds=2, steps=40, samples=30, twins=(0.25, 4.0))
    stored, others = digits_split()
    networks = [train_denoiser(stored[:6], steps=40, seed=k).denoiser for k in range(2)]
    images = [draw(network, 30, 64, seed=k) for k, network in enumerate(networks)]
    shares = np.array([sample_shares(x, stored[:6], twin=4.0) for x in images])
    got = [wide.memorised.value, wide.spurious.value, wide.generalised.value, wide.away]
    np.testing.assert_allclose(got, shares.mean(axis=0), atol=1e-3)  # threads change float32 sums in the last digit
    assert wide.spurious.value > 0.5 > small.spurious.value
    for mine, part in ((small.train, stored[:6]), (small.test, others)):
        losses = [denoising_loss(network, part, seed=k).value for k, network in enumerate(networks)]
        assert mine.value == pytest.approx(np.mean(losses), rel=1e-3)
    assert small.exact == denoising_loss(exact_denoiser(stored[:6]), others).value
    near = [np.linalg.norm(x[:, None] - y[:6], axis=2).min(axis=1) for x in images for y in (stored, others)]
    ratios = np.median(near[0]) / np.median(near[1]), np.median(near[2]) / np.median(near[3])
    assert small.nearer.value == pytest.approx(np.mean(ratios), rel=1e-3)


@cache
def trained():
    """Twelve networks: about a minute on one core."""
    return {(row.count, row.twin): row for row in denoising.phase_table((10, 60, 200), seeds=2)}


@pytest.mark.slow
def test_three_phases_of_a_trained_network():
    """Memorised at K = 10, generalised at 200, and twins peak between, for both radii.

    Bounds are half-way between neighbours' measured shares (.89, .32, .03 memorised; .11, .37, .03 spurious at r = .25;
    .01, .18, .72 generalised at r = .4), with errors of .03 at most between networks.
    """
    rows = trained()
    for twin in (0.25, 0.4):
        assert (
            rows[10, twin].memorised.value
            > 0.6
            > rows[60, twin].memorised.value
            > 0.15
            > rows[200, twin].memorised.value
        )
        spurious = [rows[count, twin].spurious.value for count in (10, 60, 200)]
        assert spurious[1] > max(spurious[0], spurious[2]) + 0.1
    assert (
        rows[10, 0.4].generalised.value
        < 0.1
        < rows[60, 0.4].generalised.value
        < 0.45
        < rows[200, 0.4].generalised.value
    )
    for count in (10, 60, 200):
        row = rows[count, 0.25]
        assert row.spurious.value <= rows[count, 0.4].spurious.value  # a larger radius finds more twins
        assert row.memorised.value + row.spurious.value + row.generalised.value == pytest.approx(1)
        assert row.train.value < row.test.value
    assert rows[10, 0.25].nearer.value < 0.15 < rows[60, 0.25].nearer.value < 0.65 < rows[200, 0.25].nearer.value < 1


@pytest.mark.slow
def test_a_larger_set_narrows_the_gap_and_seeds_agree():
    """Train and held-out loss come together (5.0, 1.8, .76); two seeds agree within .08, five times their scatter."""
    rows = trained()
    gaps = [rows[count, 0.25].test.value - rows[count, 0.25].train.value for count in (10, 60, 200)]
    assert gaps[0] > 4 > gaps[1] > 1.2 > gaps[2] > 0.4
    for count in (10, 60, 200):
        assert rows[count, 0.25].memorised.error < 0.08
        assert rows[count, 0.25].test.value < rows[count, 0.25].exact  # smoother than the exact mean of few images


DIGITS = np.zeros((2, 64))
NETWORK = Denoiser(case(0)[0], SIZES, np.zeros(3), 1.0)
REFUSED = [
    (lambda: Denoiser(np.zeros(5), SIZES, np.zeros(3), 1.0), r"parameters: 5 numbers; expected 83"),
    (lambda: Denoiser(np.full(83, np.nan), SIZES, np.zeros(3), 1.0), r"parameters\[0\] is nan"),
    (lambda: Denoiser(np.zeros(83), SIZES, np.zeros(4), 1.0), r"sizes are \(4, 6, 5, 3\); expected \(5, ..., 4\)"),
    (lambda: Denoiser(np.zeros(83), SIZES, np.zeros(3), 0.0), "spread is 0"),
    (lambda: NETWORK(np.zeros(4), 1.0), r"state: shape \(4,\); expected"),
    (lambda: NETWORK(np.zeros(3), -1.0), "sigma: .* expected numbers above 0"),
    (lambda: NETWORK(np.zeros((3, 3)), [1.0, 2.0]), "expected numbers above 0, one or 3"),
    (lambda: train_denoiser([[1.0, 1.0]]), "data: all numbers are equal"),
    (lambda: train_denoiser([1.0, 2.0]), r"data: shape \(2,\); expected"),
    (lambda: train_denoiser(SIMPLE, sigmas=(1, 0.5)), "sigmas are 1, 0.5; expected a lower and a higher one"),
    (lambda: train_denoiser(SIMPLE, sigmas=(0.5, 0.5)), "sigmas are 0.5, 0.5; expected a lower and a higher one"),
    (lambda: train_denoiser(SIMPLE, sigmas=(-1, 0.5)), "sigmas is -1"),
    (lambda: train_denoiser(SIMPLE, steps=0), "steps is 0"),
    (lambda: train_denoiser(SIMPLE, rate=0), "rate is 0"),
    (lambda: train_denoiser(SIMPLE, dtype="float16"), "dtype is 'float16'; expected one of"),
    (lambda: train_denoiser(SIMPLE, widths=(0,)), "widths is 0"),
    (lambda: sample_shares([[1.0], [2.0]], [[1.0]]), "data: one row; expected two or more"),
    (lambda: sample_shares([[1.0]], [[1.0], [2.0]]), "samples: one row; expected two or more"),
    (lambda: sample_shares([[1.0, 2.0]], [[1.0], [2.0]]), r"samples: shape \(1, 2\); expected"),
    (lambda: sample_shares([[1.0], [2.0]], [[1.0], [2.0]], ratio=2), "ratio is 2"),
    (lambda: sample_shares([[1.0], [2.0]], [[1.0], [2.0]], twin=0), "twin is 0"),
    (lambda: denoising.digits_table((0.5,), (1401,)), "counts is 1401"),
    (lambda: denoising.digits_table((0.0,), (10,)), "sigma is 0"),
    (lambda: denoising.phase_table((1,)), "counts is 1; expected a whole number >= 2"),
    (lambda: draw(exact_denoiser(DIGITS), 2, 64, steps=1), "steps is 1"),
    (lambda: draw(exact_denoiser(DIGITS), 2, 5), r"state: shape \(2, 5\); expected"),
    (lambda: denoising_loss(exact_denoiser(DIGITS), DIGITS, -1.0), "sigma is -1"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_bad_input_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()
