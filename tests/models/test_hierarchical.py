"""Networks of layers and synapses: one energy, its slopes, its fall, and what the parts refuse."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import TwoGroup
from damtutor.memory import Memory
from damtutor.models import hierarchical, layers, synapses
from damtutor.models.hierarchical import Network
from damtutor.models.lagrangians import Absolute, Identity, LayerNorm, LogSumExp, Powers, Sphere, Tanh
from damtutor.models.layers import Layer
from damtutor.models.synapses import Synapse, check_synapse, dense, nearest, quadratic, tensor
from damtutor.numerics import complex_gradient

SMOOTH = (
    Identity(),
    Tanh(1.7),
    LogSumExp(1.3),
    Sphere(0.2),
    LayerNorm(1.4, 0.3, 0.05),
    Powers(4, 0.1, rectified=False),
)
H = 1e-30


def random_network(rng, lagrangians=SMOOTH):
    """Three layers of different size and time constant, inputs, and synapses of one, two and three bodies."""
    sizes = {"v": 5, "h": 4, "y": 3}
    layers = {
        name: Layer(
            size, lagrangians[rng.integers(len(lagrangians))], float(rng.uniform(0.4, 2.5)), bool(rng.random() < 0.7)
        )
        for name, size in sizes.items()
    }
    w = rng.standard_normal((5, 5))
    parts = [
        quadratic("v", w + w.T),
        tensor(("v", "h"), rng.standard_normal((5, 4))),
        tensor(("v", "h", "y"), rng.standard_normal((5, 4, 3))),
        dense("h", rng.standard_normal((6, 4)), Powers(2, 0.5), "relu"),
        dense("y", rng.standard_normal((6, 3)), LogSumExp(2.0), "softmax"),
        nearest("v", rng.standard_normal((7, 5)), 0.8, "nearest"),
    ]
    inputs = {"h": rng.standard_normal(4)}
    return Network(layers, parts, inputs), {name: rng.standard_normal(size) for name, size in sizes.items()}


def cubic(rng):
    """The example of the chapter: bounded layers joined by one three-body synapse."""
    layers = {name: Layer(size, Tanh(1.0), tau) for name, size, tau in (("v", 8, 1.0), ("h", 6, 0.5), ("y", 4, 2.0))}
    net = Network(layers, [tensor(("v", "h", "y"), rng.standard_normal((8, 6, 4)) / 3)])
    return net, {name: rng.standard_normal(layer.shape) for name, layer in layers.items()}


@pytest.mark.parametrize("module", [hierarchical, layers, synapses])
def test_examples_in_the_docstrings_run(module):
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted >= (1 if module is layers else 8)


def test_the_energy_is_its_definition_term_by_term():
    rng = np.random.default_rng(1)
    net, x = random_network(rng)
    terms, g = net.energies(x), net.activations(x)
    for name, layer in net.layers.items():
        value = x[name] @ g[name] - layer.lagrangian.value(x[name]) if layer.leak else 0
        value -= net.inputs[name] @ g[name] if name in net.inputs else 0
        assert terms[name] == pytest.approx(value, abs=1e-13)
    t = net.synapses[2]
    brute = -sum(
        -t.energy(np.eye(5)[i], np.eye(4)[j], np.eye(3)[k]) * g["v"][i] * g["h"][j] * g["y"][k]
        for i in range(5)
        for j in range(4)
        for k in range(3)
    )
    assert terms["(v-h-y)"] == pytest.approx(brute, rel=1e-12)
    assert net.energy(x) == pytest.approx(sum(terms.values()), rel=1e-15)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_slope_by_x_is_the_hessian_times_the_slope_by_g(seed):
    """dE/dx = H dE/dg, and H u is the derivative of g along u: both by the complex step, no tolerance but rounding."""
    net, x = random_network(np.random.default_rng(seed))
    slopes = net.dEdg(x)
    for name, layer in net.layers.items():
        by_x = complex_gradient(lambda y: net.energy({**x, name: y}), x[name])  # noqa: B023
        bent = layer.lagrangian.g(x[name] + 1j * H * slopes[name]).imag / H
        np.testing.assert_allclose(
            by_x, bent, rtol=0, atol=1e-12 * (1 + np.abs(slopes[name]).max() + np.abs(bent).max())
        )


def test_the_two_slopes_differ():
    """A solver that steps along dE/dx passes a test of descent; this one tells it apart."""
    net, x = cubic(np.random.default_rng(2))
    by_x = complex_gradient(lambda y: net.energy({**x, "v": y}), x["v"])
    slopes = net.dEdg(x)["v"]
    np.testing.assert_allclose(by_x, (1 - np.tanh(x["v"]) ** 2) * slopes, atol=1e-13)
    assert np.abs(by_x - slopes).max() > 0.2 * np.abs(slopes).max()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_dissipation_is_the_fall_of_the_energy(seed):
    net, x = random_network(np.random.default_rng(seed))
    moves, lost = net.velocity(x), net.dissipation(x)
    slope = np.imag(net.energy({name: x[name] + 1j * H * moves[name] for name in x})) / H
    assert -slope == pytest.approx(sum(lost.values()), rel=1e-11, abs=1e-12)
    assert min(lost.values()) >= 0


def test_time_constants_stand_in_the_velocity_and_not_in_the_energy():
    rng = np.random.default_rng(3)
    net, x = cubic(rng)
    slow = Network({n: Layer(a.shape, a.lagrangian, 3 * a.tau) for n, a in net.layers.items()}, net.synapses)
    assert slow.energy(x) == net.energy(x)
    for name, move in net.velocity(x).items():
        np.testing.assert_allclose(slow.velocity(x)[name], move / 3, rtol=1e-14)
        np.testing.assert_allclose(move, -net.dEdg(x)[name] / net.layers[name].tau, rtol=1e-14)


def test_three_body_synapse_descends():
    """400 steps from 20 states; a rise above rounding of E (1e-14 of its size, about 10) would be the step's fault."""
    for seed in range(20):
        net, x = cubic(np.random.default_rng([4, seed]))
        trace = net.retrieve(x, dt=0.05, max_sweeps=400, tolerance=1e-300)
        assert trace.sweeps == 400
        assert np.diff(trace.energies).max() < 1e-13
        assert trace.energies[0] - trace.energies[-1] > 1


def test_a_layer_without_a_leak_moves_by_its_synapses_alone():
    free = Network({"v": Layer(2, Tanh(1.0), 0.5, leak=False)}, inputs={"v": [1.0, -2.0]})
    assert free.velocity({"v": [7.0, 7.0]})["v"].tolist() == [2.0, -4.0]
    assert free.energy({"v": [0.0, 0.3]}) == pytest.approx(2 * np.tanh(0.3), rel=1e-15)


def test_two_layers_are_the_two_groups_of_neurons():
    rng = np.random.default_rng(5)
    xi = rng.standard_normal((4, 6))
    pair = TwoGroup(xi, Tanh(2.0), LogSumExp(1.5), tau_f=0.7, tau_h=1.9, external=rng.standard_normal(6))
    net = Network(
        {"v": Layer(6, Tanh(2.0), 0.7), "h": Layer(4, LogSumExp(1.5), 1.9)},
        [tensor(("h", "v"), xi)],
        {"v": pair.external},
    )
    v, h = rng.standard_normal(6), rng.standard_normal(4)
    assert net.energy({"v": v, "h": h}) == pytest.approx(pair.energy((v, h)), rel=1e-13)
    moves = net.velocity({"v": v, "h": h})
    np.testing.assert_allclose(moves["v"], pair.rhs((v, h)).v, rtol=1e-13)
    np.testing.assert_allclose(moves["h"], pair.rhs((v, h)).h, rtol=1e-13, atol=1e-15)


def test_one_tanh_layer_is_the_network_of_1984():
    """E = -g·Wg/2 + Σ ∫₀^g artanh, with ∫₀^g artanh = g artanh g + log(1 - g²)/2."""
    rng = np.random.default_rng(6)
    w = rng.standard_normal((7, 7))
    w = (w + w.T) / 2
    net = Network({"v": Layer(7, Tanh(1.0))}, [quadratic("v", w)])
    for _ in range(20):
        x = rng.standard_normal(7)
        g = np.tanh(x)
        expected = -g @ w @ g / 2 + np.sum(g * np.arctanh(g) + np.log1p(-g * g) / 2)
        assert net.energy({"v": x}) == pytest.approx(expected, abs=1e-13)
        np.testing.assert_allclose(net.dEdg({"v": x})["v"], x - w @ g, atol=1e-13)


# Clamping and traces --------------------------------------------------------------------------------------------------


def test_what_is_clamped_keeps_every_bit():
    rng = np.random.default_rng(7)
    net, x = cubic(rng)
    mask = np.array([True, False] * 4)
    clamp = {"v": mask, "y": True}
    end = net.retrieve(x, dt=0.05, max_sweeps=100, tolerance=1e-300, clamp=clamp, record="states")
    for state in end.states:
        assert state["v"][mask].tobytes() == x["v"][mask].tobytes()
        assert state["y"].tobytes() == x["y"].tobytes()
    assert np.abs(end.state["v"][~mask] - x["v"][~mask]).min() > 1e-6
    assert np.diff(end.energies).max() < 1e-13
    lost = net.dissipation(x, clamp=clamp)
    moves = net.velocity(x, clamp=clamp)
    slope = np.imag(net.energy({name: x[name] + 1j * H * moves[name] for name in x})) / H
    assert lost["y"] == 0
    assert -slope == pytest.approx(sum(lost.values()), rel=1e-12)
    assert net.step(x, clamp=["v", "h", "y"]).keys() == x.keys()
    assert all((net.step(x, clamp=["v", "h", "y"])[name] == x[name]).all() for name in x)
    assert (net.step(x, clamp="v")["v"] == x["v"]).all()


def test_a_clamped_zero_keeps_its_sign():
    """-0.0 + dt * 0.0 is 0.0: equal, but another bit."""
    net = Network({"v": Layer(2, Identity())}, [nearest("v", np.eye(2), 1.0)])
    new = net.step({"v": [-0.0, 1.0]}, clamp={"v": np.array([True, False])})["v"]
    assert new[:1].tobytes() == np.array([-0.0]).tobytes()


def test_rest_is_judged_by_the_velocity_times_tau_beside_the_size_of_the_state():
    """x' = -x/τ from x = 1: the measure is 1/(1 + 1), for every τ."""
    for tau in (0.1, 10.0):
        net = Network({"v": Layer(1, Identity(), tau)})
        assert net.retrieve({"v": [1.0]}, dt=0.01, max_sweeps=1, tolerance=0.51).sweeps == 0
        assert net.retrieve({"v": [1.0]}, dt=0.01, max_sweeps=1, tolerance=0.49).sweeps == 1


def test_a_part_of_a_row_cannot_be_clamped_where_neurons_depend_on_each_other():
    """Why it is refused: softmax with one neuron held can move uphill (found among 200 random states)."""
    rng = np.random.default_rng(8)
    rises = 0
    for _ in range(200):
        net = Network({"v": Layer(3, LogSumExp(1.0))}, [quadratic("v", np.diag(rng.standard_normal(3)))])
        x = 3 * rng.standard_normal(3)
        move = net.velocity({"v": x})["v"] * (0, 1, 1)
        rises += np.imag(net.energy({"v": x + 1j * H * move})) > 0
    assert rises > 0
    with pytest.raises(ValueError, match="whole rows"):
        net.step({"v": x}, clamp={"v": np.array([True, False, False])})
    tokens = Network({"x": Layer((2, 3), LayerNorm())}, [dense("x", rng.standard_normal((4, 3)), Powers(2, 0.5))])
    x = rng.standard_normal((2, 3))
    new = tokens.step({"x": x}, clamp={"x": np.array([[True] * 3, [False] * 3])})["x"]
    assert (new[0] == x[0]).all()
    assert (new[1] != x[1]).any()


def test_arguments_stay_as_they_are_and_the_trace_tells():
    net, x = cubic(np.random.default_rng(9))
    kept = {name: a.copy() for name, a in x.items()}
    trace = net.retrieve(x, dt=0.1, max_sweeps=5000, record="states")
    assert all((x[name] == kept[name]).all() for name in x)
    assert isinstance(net, Memory)
    assert trace.converged
    assert trace.period == 1
    assert trace.energies[-1] == net.energy(trace.state)
    assert len(trace.energies) == len(trace.states) == trace.sweeps + 1
    assert max(np.abs(slope).max() for slope in net.dEdg(trace.state).values()) < 1e-4
    short = net.retrieve(x, dt=0.1, max_sweeps=2)
    assert (short.converged, short.sweeps, short.period, short.states) == (False, 2, None, None)
    assert net.retrieve(trace.state).sweeps == 0


# Refusals -------------------------------------------------------------------------------------------------------------


def test_a_slope_that_does_not_match_is_refused_with_its_size():
    rng = np.random.default_rng(10)
    w = rng.standard_normal((5, 4))
    g, f = rng.standard_normal(5), rng.standard_normal(4)
    true = tensor(("v", "h"), w)
    assert check_synapse(true, g, f) < 1e-14
    forgotten = Synapse(("v", "h"), true.energy, lambda g, f: [-(w @ f), np.zeros(4)])
    with pytest.raises(ValueError, match="slope by 'h' is 100 % off"):
        check_synapse(forgotten, g, f)
    with pytest.raises(ValueError, match="slope by 'h' is 100 % off"):
        Network({"v": Layer(5, Identity()), "h": Layer(4, Identity())}, [forgotten])
    beta = Synapse("v", nearest("v", w.T, 2.0).energy, nearest("v", w.T, 1.0).grads)  # β missing in the softmax
    with pytest.raises(ValueError, match=r"is \d+(\.\d+)? % off"):
        check_synapse(beta, g)
    close = Synapse("v", lambda x: (x @ x) / 2, lambda x: [x * (1 + 1e-6)])
    with pytest.raises(ValueError, match=r"is 0\.0001 % off"):
        check_synapse(close, g)
    assert check_synapse(close, g, tolerance=1e-5) == pytest.approx(1e-6, rel=1e-6)
    two = Synapse(("v", "h"), lambda x, y: (x @ x + y @ y) / 2, lambda x, y: [x * (1 + 1e-6), y])
    assert check_synapse(two, g, f, tolerance=1e-5) == pytest.approx(1e-6, rel=1e-6)  # the worst, not the last
    through_x = Synapse("v", lambda x: (np.tanh(x) ** 2).sum() / 2, lambda x: [np.tanh(x)])  # a slope by g, given x
    with pytest.raises(ValueError, match="% off"):
        check_synapse(through_x, g)
    Network({"v": Layer(5, Identity())}, [close], check=False)  # as asked


def test_an_energy_that_loses_the_derivative_is_refused():
    real = Synapse("v", lambda x: float((x.real**2).sum()), lambda x: [2 * x])
    with pytest.raises(ValueError, match="expected one complex number"):
        check_synapse(real, np.ones(2))


BAD = [
    (lambda: Layer(3, Identity(), tau=-1.0), "tau is -1"),
    (lambda: Layer(3, Identity(), tau=0.0), "tau is 0"),
    (lambda: Layer(3, Identity(), tau=float("nan")), "tau is nan"),
    (lambda: Layer(0, Identity()), "shape is 0"),
    (lambda: Layer(3, Identity(), 1.0, 0), "leak is 0"),
    (lambda: Layer((2, 2, 2, 2), Identity()), "one to three whole numbers"),
    (lambda: Layer(3, "tanh"), "lagrangian is 'tanh'"),
    (lambda: Layer(3, LayerNorm(1.0, [0.0, 1.0])), "expected 2"),
    (lambda: Network({}), "layers: 0 entries; expected 1 or more"),
    (lambda: Network({"v": Identity()}), r"layers\['v'\] is Identity\(\); expected a Layer"),
    (lambda: Network({"v": Layer(3, Identity())}, [quadratic("w", np.eye(3))]), "no layer 'w'"),
    (lambda: Network({"v": Layer(3, Identity())}, [quadratic("v", np.eye(4))]), r"cannot join v \(3,\)"),
    (lambda: Network({"v": Layer(3, Identity())}, [quadratic("v", np.eye(4))], check=False), "cannot join"),
    (lambda: Network({"v": Layer(3, Identity())}, [quadratic("v", np.eye(3))] * 2), "names that all differ"),
    (lambda: Network({"v": Layer(3, Identity())}, [quadratic("v", np.eye(3), "v")]), "names that all differ"),
    (lambda: Network({"v": Layer(3, Identity())}, [1]), r"synapses\[0\] is 1; expected a Synapse"),
    (lambda: Network({"v": Layer(3, Identity())}, inputs={"h": np.ones(3)}), "no layer 'h'"),
    (lambda: Network({"v": Layer(3, Identity())}, inputs={"v": np.ones(4)}), r"shape \(4,\); expected \(3,\)"),
    (lambda: quadratic("v", [[0.0, 1.0], [0.0, 0.0]]), "not symmetric"),
    (lambda: quadratic("v", [[0.0, 1.0], [1.000001, 0.0]]), "not symmetric"),
    (lambda: quadratic("v", np.ones((2, 3))), "expected a square"),
    (lambda: tensor(("v",), np.ones(3)), "names: 1 layers; expected 2 to 8"),
    (lambda: tensor(("v", "h"), np.ones(3)), "one axis a layer"),
    (lambda: tensor(("v", "v"), np.eye(3)), "different names"),
    (lambda: dense("v", np.ones((2, 3)), "relu"), "lagrangian is 'relu'"),
    (lambda: nearest("v", np.ones((2, 3)), 0.0), "beta is 0"),
    (lambda: nearest("v", [[np.nan]], 1.0), "nan"),
    (lambda: Synapse((), len, len), "different names"),
    (lambda: Synapse("v", 1, len), "energy is 1; expected a function"),
    (lambda: check_synapse(tensor(("v", "h"), np.eye(2)), np.ones(2)), "1 arrays; expected one for each of v, h"),
    (lambda: check_synapse(Synapse("v", lambda g: g @ g, lambda g: [2]), np.ones(2)), r"slopes of shapes \(\)"),
    (lambda: check_synapse(Synapse("v", lambda g: g, lambda g: [g]), np.ones(2)), r"an energy of shape \(2,\)"),
]


@pytest.mark.parametrize(("make", "words"), BAD)
def test_bad_parts_are_refused_with_words(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_bad_states_are_refused_with_words():
    net = Network({"v": Layer(3, Sphere())}, [nearest("v", np.eye(3), 1.0)])
    good = {"v": [1.0, 2.0, 3.0]}
    for state, words in (
        ([1, 2, 3], "state: list"),
        ({"h": [1.0]}, "expected a dict with one array for each of v"),
        ({**good, "h": [1.0]}, "expected a dict"),
        ({"v": [1.0, 2.0]}, r"shape \(2,\); expected \(3,\)"),
        ({"v": [[1.0, 2.0, 3.0]]}, "shape"),
        ({"v": [1.0, np.inf, 3.0]}, "inf"),
        ({"v": [0.0, 0.0, 0.0]}, "zero has no direction"),
    ):
        with pytest.raises(ValueError, match=words):
            net.energy(state)
    for options, words in (
        ({"dt": 0}, "dt is 0"),
        ({"clamp": "h"}, "no layer 'h'"),
        ({"clamp": {"v": [1, 0, 0]}}, "expected booleans"),
        ({"clamp": {"v": np.array([True])}}, "expected booleans"),
    ):
        with pytest.raises(ValueError, match=words):
            net.step(good, **options)
    for options, words in (
        ({"order": "async"}, "sync"),
        ({"record": "flips"}, "record"),
        ({"tolerance": 0}, "tolerance"),
    ):
        with pytest.raises(ValueError, match=words):
            net.retrieve(good, **options)


def test_synapses_keep_their_own_weights():
    for make in (
        lambda w: quadratic("v", w),
        lambda w: tensor(("v", "h"), w),
        lambda w: dense("v", w, Powers(2, 0.5)),
        lambda w: nearest("v", w, 1.0),
    ):
        w, g = np.eye(3), np.ones(3)
        part = make(w)
        args = [g] * len(part.names)
        before = float(part.energy(*args))
        w *= 5
        assert float(part.energy(*args)) == before


def test_the_absolute_lagrangian_makes_binary_neurons():
    w = np.array([[0.0, 1.0], [1.0, 0.0]])
    net = Network({"v": Layer(2, Absolute())}, [quadratic("v", w)])
    assert net.energy({"v": [0.3, -2.0]}) == 1.0
