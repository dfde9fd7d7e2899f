"""Lagrangians against the complex step, differences, wide floats and their limits; what they refuse."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor.models.lagrangians import (
    NAMED,
    Absolute,
    Identity,
    Lagrangian,
    LayerNorm,
    LogSumExp,
    Powers,
    Sphere,
    Tanh,
    lagrangian,
)
from damtutor.numerics import complex_gradient

D = 7
DELTA = np.linspace(-1, 2, D)
SMOOTH = {
    "identity": Identity(),
    "tanh": Tanh(2.5),
    "power 4": Powers(4, 0.3, 1.7, rectified=False),
    "power 3": Powers(3, 0.3, 1.7, rectified=False),
    "rectified 2": Powers(2, 0.7, 0.6),
    "rectified 3": Powers(3, 7 / 3, 7),
    "rectified 30": Powers(30, 0.2, 3.0),
    "lse": LogSumExp(1.3),
    "sphere": Sphere(),
    "sphere, eps": Sphere(0.7),
    "layer norm": LayerNorm(1.4, DELTA, 0.2),
    "layer norm, eps 0": LayerNorm(0.6, 0.3, 0.0),
}
CONVEX = {name: lag for name, lag in SMOOTH.items() if lag.convex}


def points(seed, count=20):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, D)) * 10 ** rng.uniform(-1.5, 1, (count, 1)), rng.standard_normal((count, D))


@pytest.mark.parametrize("name", SMOOTH)
def test_the_activation_is_the_slope(name):
    """Complex step: both sides round a few times; 1e-12 of the largest activation."""
    lag = SMOOTH[name]
    for x in points(1)[0]:
        g = lag.activation(x)
        np.testing.assert_allclose(complex_gradient(lag.value, x), g, rtol=0, atol=1e-12 * (1 + np.abs(g).max()))


@pytest.mark.parametrize("name", SMOOTH)
def test_the_curvature_is_the_slope_of_the_activation(name):
    """u·H u = Im u·g(x + i h u)/h: no difference is taken; 1e-11 of Σ|u||H u|, since u·H u itself may cancel."""
    lag = SMOOTH[name]
    for x, u in zip(*points(2), strict=True):
        slope = lag.activation(x + 1e-30j * u).imag / 1e-30
        scale = np.abs(slope) @ np.abs(u) + 1e-300
        assert lag.curvature(x, u) == pytest.approx(u @ slope, abs=1e-11 * scale)


def test_the_layer_norm_by_differences_too():
    """Central differences of L, h = 1e-4: error h² L''''/12 + 1e-16/h², below 1e-6."""
    lag, (x, u) = SMOOTH["layer norm"], (a[0] for a in points(3))
    h = 1e-4
    second = (lag.value(x + h * u) - 2 * lag.value(x) + lag.value(x - h * u)) / h**2
    assert lag.curvature(x, u) == pytest.approx(second, abs=1e-6 * (1 + abs(second)))


@pytest.mark.parametrize("name", CONVEX)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 9), log_scale=st.floats(-3, 3), along=st.booleans())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_convex_means_convex(name, seed, size, log_scale, along):
    """Curvature >= 0 without any slack, also along x, where it may vanish; L above its tangents up to rounding."""
    lag = CONVEX[name]
    if name == "layer norm":
        size = D
    rng = np.random.default_rng(seed)
    x, y = 10**log_scale * rng.standard_normal((2, size))
    assert lag.curvature(x, x if along else rng.standard_normal(size)) >= 0
    if name == "rectified 30":
        x, y = x / 10**log_scale, y / 10**log_scale  # or powers of 1000 leave float64
    gap = lag.value(y) - lag.value(x) - lag.activation(x) @ (y - x)
    size = abs(lag.value(y)) + abs(lag.value(x)) + np.abs(lag.activation(x)) @ np.abs(y - x)
    assert gap >= -1e-13 * size


def test_an_odd_power_is_not_convex():
    lag = SMOOTH["power 3"]
    assert not lag.convex
    assert lag.curvature(-np.ones(D), np.ones(D)) < 0
    assert SMOOTH["power 4"].convex
    assert Powers(3).convex


@pytest.mark.parametrize("name", SMOOTH)
def test_a_batch_is_its_rows(name):
    """Sums over seven numbers in another order: a few units in the last place."""
    lag, (x, u) = SMOOTH[name], points(4, 6)
    for shape in ((6, D), (2, 3, D)):
        x, u = x.reshape(shape), u.reshape(shape)
        rows, ways = x.reshape(-1, D), u.reshape(-1, D)
        assert lag.value(x).shape == lag.curvature(x, u).shape == shape[:-1]
        assert lag.activation(x).shape == shape
        one = [(lag.value(r), lag.curvature(r, w)) for r, w in zip(rows, ways, strict=True)]
        np.testing.assert_allclose(lag.value(x).ravel(), [o[0] for o in one], rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(lag.curvature(x, u).ravel(), [o[1] for o in one], rtol=1e-12, atol=1e-15)
        together = lag.activation(x).reshape(-1, D)
        np.testing.assert_allclose(together, [lag.activation(r) for r in rows], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", sorted(SMOOTH.keys() - {"rectified 30"}))
@pytest.mark.parametrize("scale", [1e3, -1e3, 1e-3])
def test_large_and_small_states_against_wide_floats(name, scale):
    """At |x| = 1e3 and 1e-3, against long doubles where a formula as written works; relative 1e-12 of the terms."""
    lag, x = SMOOTH[name], scale * np.linspace(0.5, 1.0, D)
    wide = x.astype(np.longdouble)
    value, g = lag.value(x), lag.activation(x)
    assert np.isfinite(value)
    assert np.isfinite(g).all()
    assert np.isfinite(lag.curvature(x, np.ones(D)))
    if name == "tanh":
        expected = np.sum(np.log(np.cosh(2.5 * wide))) / 2.5
        expected_g = np.tanh(2.5 * wide)
    elif name == "lse":
        top = wide.max()
        p = np.exp(1.3 * (wide - top))
        expected, expected_g = top + np.log(p.sum()) / np.longdouble(1.3), p / p.sum()
    elif name == "layer norm, eps 0":
        y = wide - wide.mean()
        expected = D * np.longdouble(0.6) * np.sqrt((y * y).mean()) + np.longdouble(0.3) * wide.sum()
        expected_g = 0.6 * y / np.sqrt((y * y).mean()) + 0.3
    else:
        return
    assert value == pytest.approx(float(expected), rel=1e-12, abs=1e-18)
    np.testing.assert_allclose(g, expected_g.astype(float), rtol=1e-11, atol=1e-15 if "norm" in name else 1e-300)


def test_small_tanh_keeps_its_digits():
    """log cosh 1e-8 = 5e-17: log1p(exp(-2x)) - log 2 would leave nothing; 1/cosh² at 30 is 4 exp(-60)."""
    assert Tanh().value([1e-8]) == pytest.approx(5e-17, rel=1e-12, abs=0)
    assert Tanh(2.0).curvature([15.0], [1.0]) == pytest.approx(8 * np.exp(-60), rel=1e-12, abs=0)


def test_known_values():
    assert Powers(2).curvature([-1.0, 2.0], [1.0, 1.0]) == 2.0  # a silent neuron has no curvature, 0**0 or not
    assert Powers(2, rectified=False).curvature([-1.0, 2.0], [1.0, 1.0]) == 4.0
    assert Powers(3, 4.0, 2.0).activation([2.0, -2.0]).tolist() == [6.0, 0.0]
    assert Powers(3, 4.0, 2.0).curvature([2.0, -2.0], [1.0, 5.0]) == 6.0
    assert Absolute().value([-2.0, 3.0]) == 5.0
    assert Absolute().curvature([-2.0, 3.0], [1.0, 1.0]) == 0
    assert LayerNorm(0.0, 0.5).activation([1.0, 3.0]).tolist() == [0.5, 0.5]
    assert Sphere(9.0).value([0.0, 4.0]) == 5.0
    lag = LayerNorm(eps=0)  # its Legendre term x·g - L vanishes with ε = 0 and δ = 0
    x = points(5)[0][0]
    assert x @ lag.activation(x) - lag.value(x) == pytest.approx(0, abs=1e-13 * D)
    assert Sphere().curvature([3.0, 4.0], [3.0, 4.0]) == pytest.approx(0, abs=1e-15)


def test_absolute_is_the_limit_of_tanh():
    """L differs by D log 2/β."""
    x = points(6)[0][0]
    steep = Tanh(1e5)
    assert steep.value(x) == pytest.approx(Absolute().value(x) - D * np.log(2) / 1e5, abs=1e-12)
    np.testing.assert_array_equal(steep.activation(x), Absolute().activation(x))


def test_nothing_is_changed_or_shared():
    x = np.ones((2, D))
    for lag in (Identity(), *SMOOTH.values()):
        if lag is SMOOTH["layer norm, eps 0"]:
            continue
        g = lag.activation(x)
        g += 1
        lag.curvature(x, x)
        assert (x == 1).all()
    delta = DELTA.copy()
    lag = LayerNorm(1.0, delta)
    delta[:] = 9
    np.testing.assert_array_equal(lag.delta, DELTA)
    assert not lag.delta.flags.writeable
    assert not pickle.loads(pickle.dumps(lag)).delta.flags.writeable


def test_every_name_makes_its_lagrangian():
    extra = {"power": {"order": 3}, "rectified power": {"order": 3}}
    for name in NAMED:
        assert isinstance(lagrangian(name, **extra.get(name, {})), Lagrangian)
    assert lagrangian("power", order=3) == Powers(3, rectified=False)
    assert lagrangian("tanh", beta=4) == Tanh(4.0)
    assert lagrangian("rectified power", order=3, scale=2).scale == 2


REFUSED = {
    "unknown name": (lambda: lagrangian("relu"), "identity.*tanh.*rectified power.*lse.*sphere.*layer norm"),
    "no name": (lambda: lagrangian(3), "expected one of"),
    "unknown parameter": (lambda: lagrangian("tanh", gamma=1), "for example"),
    "missing order": (lambda: lagrangian("power"), "order"),
    "beta 0": (lambda: Tanh(0), "beta"),
    "beta below 0": (lambda: LogSumExp(-1), "beta"),
    "beta nan": (lambda: Tanh(float("nan")), "beta"),
    "n 1": (lambda: Powers(1), "order"),
    "n 2.5": (lambda: Powers(2.5), "order"),
    "c 0": (lambda: Powers(3, 0.0), "coefficient"),
    "s below 0": (lambda: Powers(3, 1.0, -1.0), "scale"),
    "flag": (lambda: Powers(3, rectified=1), "rectified"),
    "eps": (lambda: Sphere(-1e-9), "eps"),
    "gamma per neuron": (lambda: LayerNorm(np.ones(3)), "not symmetric"),
    "gamma below 0": (lambda: LayerNorm(-0.1), "concave"),
    "delta": (lambda: LayerNorm(1.0, np.ones((2, 2))), "delta"),
    "delta's length": (lambda: LayerNorm(1.0, [1.0, 2.0]).value([1.0, 2.0, 3.0]), "3 neurons; expected 2"),
    "layer norm eps": (lambda: LayerNorm(eps=-1), "eps"),
    "no direction": (lambda: Sphere().activation([[1.0, 0.0], [0.0, 0.0]]), "no direction"),
    "all equal": (lambda: LayerNorm(eps=0).value([2.0, 2.0]), "equal"),
    "overflow": (lambda: Powers(30).value([1e20]), "float64"),
    "u": (lambda: Identity().curvature([1.0, 2.0], [1.0]), "u: shape"),
    "nan": (lambda: Identity().value([1.0, np.nan]), "x\\[1\\]"),
    "scalar": (lambda: Identity().value(1.0), "shape"),
    "complex curvature": (lambda: Identity().curvature([1j], [1.0]), "dtype"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()


def test_why_gamma_is_one_number():
    """With a γ for each neuron the Jacobian is not symmetric (0.2 and more here); with one it is, to 1e-12."""
    x = points(7)[0][3]

    def asymmetry(gamma):
        norm = LayerNorm(1.0, eps=0.2)
        columns = [gamma * norm.activation(x + 1e-30j * e).imag / 1e-30 for e in np.eye(D)]
        jacobian = np.array(columns).T
        return np.abs(jacobian - jacobian.T).max() / np.abs(jacobian).max()

    assert asymmetry(np.linspace(0.5, 1.5, D)) > 0.1
    assert asymmetry(0.7) < 1e-12
