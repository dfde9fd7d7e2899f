"""Two groups of neurons against the laws of their energy, their limits, and each other's integrators."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import DenseAM, ModernHopfield, RectifiedPower, TwoGroup
from damtutor.memory import Memory
from damtutor.models import integrate
from damtutor.models.lagrangians import (
    Absolute,
    Identity,
    LayerNorm,
    LogSumExp,
    Powers,
    Sphere,
    Tanh,
)
from damtutor.models.trajectory import Groups
from damtutor.numerics import complex_gradient
from damtutor.patterns import flip, random_patterns

FEATURES = (Identity(), Tanh(4.0), Sphere(), LayerNorm(1.3, 0.2, 0.1), Powers(4, 0.1, rectified=False))
MEMORIES = (Powers(2, 0.5), Powers(3, 1 / 3), Powers(4, 0.1, rectified=False), LogSumExp(2.0), Tanh(1.0), Identity())


def random_case(rng, features=FEATURES, memories=MEMORIES):
    """N_h != N_f, both time constants away from 1 and from each other, an external input, states of moderate size."""
    size, count = int(rng.integers(3, 12)), int(rng.integers(2, 9))
    size += size == count
    model = TwoGroup(
        rng.standard_normal((count, size)) * 10 ** rng.uniform(-1, 0.3),
        features[rng.integers(len(features))],
        memories[rng.integers(len(memories))],
        tau_f=float(rng.uniform(0.3, 0.8)),
        tau_h=float(rng.uniform(1.3, 3)),
        external=rng.standard_normal(size),
    )
    return model, rng.standard_normal(size), 2 * rng.standard_normal(count)


def plain_energy(model, v, h):
    """E as the module's text writes it, term by term."""
    g, f = model.feature.activation(v), model.memory.activation(h)
    feature = np.dot(v - model.external, g) - model.feature.value(v)
    memory = np.dot(h, f) - model.memory.value(h)
    coupling = sum(f[m] * model.synapses[m, i] * g[i] for m in range(model.count) for i in range(model.size))
    return feature + memory - coupling, abs(feature) + abs(memory) + abs(coupling)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def race(ratio, seed=0, order=3):
    """The chapter's race: N = 64, K = 8, six wrong bits, memory neurons asleep."""
    patterns = random_patterns(8, 64, rng=[seed, 1])
    model = TwoGroup.model_a(patterns, order, tau_h=ratio)
    return model, patterns[0], model.asleep(flip(patterns[0], 6, rng=[seed, 2]))


# Laws -----------------------------------------------------------------------------------------------------------------


def test_energy_and_velocity_are_their_definitions():
    rng = np.random.default_rng(1)
    for _ in range(100):
        model, v, h = random_case(rng)
        expected, scale = plain_energy(model, v, h)
        assert model.energy((v, h)) == pytest.approx(expected, abs=1e-13 * scale)
        moves = model.rhs((v, h))
        f, g = model.memory.activation(h), model.feature.activation(v)
        for i in range(model.size):
            wanted = (sum(model.synapses[:, i] * f) - v[i] + model.external[i]) / model.tau_f
            assert moves.v[i] == pytest.approx(wanted, abs=1e-12 * (1 + np.abs(f).max()))
        for m in range(model.count):
            assert moves.h[m] == pytest.approx((sum(model.synapses[m] * g) - h[m]) / model.tau_h, abs=1e-12)
        np.testing.assert_allclose(model.overlaps((v, h)), model.synapses @ g, atol=1e-13 * (1 + np.abs(g).max()))


def test_the_gradient_of_the_energy_is_the_curvature_times_the_velocity():
    """∂E/∂v = -τ_f H_v v' and ∂E/∂h = -τ_h H_h h', each Hessian by the complex step of the activations."""
    rng = np.random.default_rng(2)
    for _ in range(60):
        model, v, h = random_case(rng)
        moves = model.rhs((v, h))
        for place, lag, tau, move, gradient in (
            (v, model.feature, model.tau_f, moves.v, complex_gradient(lambda x: model.energy((x, h)), v)),  # noqa: B023
            (h, model.memory, model.tau_h, moves.h, complex_gradient(lambda x: model.energy((v, x)), h)),  # noqa: B023
        ):
            bent = lag.activation(place + 1e-30j * move).imag / 1e-30
            np.testing.assert_allclose(gradient, -tau * bent, rtol=0, atol=1e-11 * (1 + np.abs(gradient).max()))


def test_dissipation_is_the_slope_of_the_energy_along_the_flow():
    """By the complex step to 1e-12 and by a central difference (h = 1e-6) to 1e-6, of the sum of the two terms."""
    rng = np.random.default_rng(3)
    for _ in range(100):
        model, v, h = random_case(rng)
        moves, lost = model.rhs((v, h)), model.dissipation((v, h))
        scale = abs(lost.feature) + abs(lost.memory)
        step = 1e-30
        slope = model.energy((v + 1j * step * moves.v, h + 1j * step * moves.h)).imag / step
        assert -slope == pytest.approx(lost.feature + lost.memory, abs=1e-12 * scale)
        step = 1e-6 / max(1, np.abs(moves.v).max(), np.abs(moves.h).max())
        ends = [model.energy((v + s * moves.v, h + s * moves.h)) for s in (-step, step)]
        noise = 1e-15 * plain_energy(model, v, h)[1] / step
        assert (ends[0] - ends[1]) / 2 / step == pytest.approx(sum(lost), abs=1e-6 * scale + 4 * noise)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_convex_lagrangians_lose_energy_at_every_state(seed):
    """No slack: both terms are sums of squares times positive numbers."""
    model, v, h = random_case(np.random.default_rng(seed))
    lost = model.dissipation((v, h))
    assert model.convex
    assert lost.feature >= 0
    assert lost.memory >= 0


def test_the_unrectified_cube_gains_energy_somewhere():
    rng = np.random.default_rng(4)
    model = TwoGroup(rng.standard_normal((4, 6)), Tanh(1.0), Powers(3, rectified=False), tau_f=100.0, tau_h=0.1)
    assert not model.convex
    v = model.asleep(np.zeros(6)).v
    lost = model.dissipation((v, -np.ones(4)))  # v moves slowly; h' = 1/τ_h, H_h = -6
    assert lost.memory == pytest.approx(-4 * 6 / 0.1)
    assert lost.feature + lost.memory < 0
    before, after = model.energy((v, -np.ones(4))), model.energy(model.step((v, -np.ones(4)), dt=1e-4))
    assert after - before == pytest.approx(-1e-4 * (lost.feature + lost.memory), rel=0.02)  # first order in dt


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_energy_never_rises_along_a_run(seed):
    """RK4 with steps of τ/16: what a step is wrong by is far below what the flow loses, except at rest (rounding)."""
    bounded = (Tanh(4.0), Sphere(), LayerNorm(1.3, 0.2, 0.1))
    model, v, h = random_case(np.random.default_rng(seed), features=bounded)
    run = model.run((v, h), 5.0, points=40, method="RK4", dt=model.tau_f / 16)
    scale = 1 + np.abs(run.energies).max()
    assert run.whole
    assert np.diff(run.energies).max() <= 1e-9 * scale
    assert np.array_equal(run.energies, model.energy((run.v, run.h)))
    lost = model.dissipation((run.v, run.h))
    np.testing.assert_array_equal((run.feature, run.memory), lost)


def test_the_losses_add_up_to_the_fall_of_the_energy():
    """Simpson's rule over 2000 intervals of a smooth loss: its error is below 1e-6."""
    from scipy.integrate import simpson

    model, _, start = race(3.0)
    run = model.run(start, 20.0, points=2000)
    lost = simpson(run.feature + run.memory, x=run.times)
    assert lost == pytest.approx(run.energies[0] - run.energies[-1], rel=1e-6)
    assert run.feature.min() >= 0
    assert run.memory.min() >= 0
    effective = model.adiabatic_energy(run.v)
    assert effective.max() > effective[0] + 0.05  # E falls while the energy of instant neurons climbs
    assert np.diff(run.energies).max() <= 1e-12


def test_a_step_that_is_too_long_is_no_refutation():
    """Euler at τ_h = 0.2: 0.1 falls, 0.3 rises by 0.1 or so at a step, 0.5 diverges; that is the integrator's doing."""
    patterns = random_patterns(12, 40, rng=0)
    model = TwoGroup.model_a(patterns, tau_h=0.2)
    start = model.asleep(flip(patterns[0], 4, rng=1))
    rises = {}
    for dt in (0.1, 0.3, 0.5):
        state, energies = start, [model.energy(start)]
        for _ in range(30):
            moves = model.rhs(state)
            state = Groups(state.v + dt * moves.v, state.h + dt * moves.h)
            energies.append(model.energy(state))
        rises[dt] = np.diff(energies).max()
    assert rises[0.1] < 0
    assert 0.01 < rises[0.3] < 1
    assert rises[0.5] > 1e10


# Limits and models ----------------------------------------------------------------------------------------------------


def test_the_energy_on_the_adiabatic_manifold():
    """h = Ξ g: E(v, h) = E(v), rounding of the terms only, and the velocities agree where h does not move."""
    rng = np.random.default_rng(5)
    for _ in range(100):
        model, v, _ = random_case(rng)
        awake = model.awake(v)
        scale = plain_energy(model, *awake)[1]
        assert model.adiabatic_energy(v) == pytest.approx(model.energy(awake), abs=4e-15 * scale)
        moves = model.rhs(awake)
        assert not moves.h.any()
        np.testing.assert_allclose(model.adiabatic_rhs(v), moves.v, atol=1e-13 * (1 + np.abs(moves.v).max()))
        lost = model.tau_f * model.feature.curvature(v, moves.v)
        slope = model.adiabatic_energy(v + 1e-30j * moves.v).imag / 1e-30
        assert -slope == pytest.approx(lost, abs=1e-12 * (1 + abs(lost)) + 1e-12 * np.abs(slope))


def test_model_a_rests_at_its_patterns():
    """At ±1 with one pattern f = 1: the target of v is the pattern, but for 1 - tanh(4)**2 < 2e-3."""
    patterns = random_patterns(1, 20, rng=0)
    for order in (2, 3, 7):
        model = TwoGroup.model_a(patterns, order)
        assert model.memory == Powers(order, 20 / order, 20)
        moves = model.adiabatic_rhs(patterns[0].astype(float))
        assert np.abs(moves).max() < 1.4e-3 * order
    assert not TwoGroup.model_a(patterns, 3, rectified=False).memory.rectified


def test_model_a_with_hard_signs_is_the_dense_memory():
    """E(v) = -Σ F(Ξ sign v), DenseAM's energy divided by n, since L_h = (N/n) Σ (h/N)ⁿ."""
    patterns = random_patterns(9, 31, rng=0)
    states = random_patterns(20, 31, rng=1)
    for order in (2, 3, 5):
        soft = TwoGroup.model_a(patterns, order)
        hard = TwoGroup(soft.synapses, Absolute(), soft.memory)
        expected = DenseAM(patterns, RectifiedPower(order)).energy(states) / order
        np.testing.assert_allclose(hard.adiabatic_energy(states), expected, rtol=1e-13)
        np.testing.assert_allclose(hard.adiabatic_energy(0.3 * states), expected, rtol=1e-13)


def test_an_euler_step_of_model_b_is_attention():
    """v + τ_f v' with the softmax step to 1e-15 (numbers below 1), whatever τ_f; E differs by a constant."""
    rng = np.random.default_rng(6)
    for _ in range(50):
        patterns, v = unit(rng.standard_normal((12, 40))), unit(rng.standard_normal(40))
        model, known = TwoGroup.model_b(patterns, 8.0, tau_f=float(rng.uniform(0.3, 3))), ModernHopfield(patterns, 8.0)
        assert np.abs(v + model.tau_f * model.adiabatic_rhs(v) - known.step(v)).max() <= 1e-15
        gap = model.adiabatic_energy(v) - known.energy(v)
        assert gap == pytest.approx(-np.log(12) / 8 - 0.5, abs=1e-14)


def test_model_c_sees_the_direction_only():
    """E(v) = E(7v), rounding of |E| about 10; an external input breaks it."""
    rng = np.random.default_rng(7)
    synapses = unit(rng.standard_normal((12, 40)))
    model = TwoGroup.model_c(synapses)
    pushed = TwoGroup.model_c(synapses, external=np.ones(40))
    assert model.memory == LogSumExp(8.0)
    for _ in range(50):
        v, h = rng.standard_normal(40), rng.standard_normal(12)
        assert abs(model.energy((v, h)) - model.energy((7 * v, h))) < 1e-13
        assert abs(model.adiabatic_energy(v) - model.adiabatic_energy(7 * v)) < 1e-13
        assert pushed.energy((v, h)) == pytest.approx(model.energy((v, h)) - v.sum() / np.linalg.norm(v), abs=1e-12)
    with pytest.raises(ValueError, match="no direction"):
        model.energy((np.zeros(40), h))


def test_softmax_on_the_sphere_keeps_a_memory_that_a_cube_blends():
    """At T = 60: with lse the direction is the memory's to 1e-3; with relu³ two of these six end below 0.96."""
    ends = {}
    for name, memory in (("lse", LogSumExp(8.0)), ("cube", Powers(3)), ("sixth", Powers(6))):
        ends[name] = []
        for seed in range(6):
            rng = np.random.default_rng(seed)
            synapses = unit(rng.standard_normal((12, 40)))
            model = TwoGroup.model_c(synapses, memory)
            run = model.run(model.awake(synapses[0] + 0.6 * unit(rng.standard_normal(40))), 60.0, accuracy=1e-7)
            ends[name].append(float(unit(run.v[-1]) @ synapses[0]))
    assert min(ends["lse"]) > 0.999
    assert min(ends["sixth"]) > 0.999
    assert sum(overlap < 0.96 for overlap in ends["cube"]) == 2


# Integration ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["A", "B", "C"])
def test_two_integrators_agree(kind):
    """RK4 at 0.01 against RK45 at 1e-10, at T = 20; 1e-7 of the largest entry (h reaches 40)."""
    rng = np.random.default_rng(8)
    patterns = random_patterns(12, 40, rng=rng)
    rows, start = unit(rng.standard_normal((12, 40))), flip(patterns[0], 4, rng=rng).astype(float)
    model = {
        "A": lambda: TwoGroup.model_a(patterns, tau_h=0.2),
        "B": lambda: TwoGroup.model_b(rows, 8.0, tau_h=0.2),
        "C": lambda: TwoGroup.model_c(rows, tau_h=0.2),
    }[kind]()
    state = model.asleep(start if kind == "A" else rows[0] + 0.1 * start / 6)
    a = model.run(state, 20.0, accuracy=1e-10)
    b = model.run(state, 20.0, method="RK4", dt=0.01)
    assert b.evaluations == 8000
    assert 300 < a.evaluations < 5000
    np.testing.assert_array_equal(a.times, b.times)
    for x, y in ((a.v, b.v), (a.h, b.h), (a.energies, b.energies)):
        np.testing.assert_allclose(x, y, rtol=0, atol=1e-7 * np.abs(x).max())
    assert np.diff(b.energies).max() <= 1e-12 * np.abs(b.energies).max()


def test_the_order_of_rk4_on_smooth_lagrangians():
    """Errors fall 16-fold when the step is halved, 2**3.7 to 2**4.4 here; on rectified cubes nothing is promised."""
    rng = np.random.default_rng(9)
    model = TwoGroup.model_c(unit(rng.standard_normal((12, 40))), tau_h=0.2)
    start, times = np.concatenate((rng.standard_normal(40), np.zeros(12))), np.array([0.0, 1.0])
    ends = [integrate.rk4(model._velocity, start, times, dt).rows[-1] for dt in (0.05, 0.025, 0.0125, 0.05 / 64)]
    errors = [np.abs(end - ends[-1]).max() for end in ends[:-1]]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert ((orders > 3.7) & (orders < 4.4)).all()


def test_a_step_is_rk4_and_the_adiabatic_run_is_its_own_limit():
    model, _, start = race(3.0)
    step = model.step(start, dt=0.1)
    np.testing.assert_array_equal(step.v, model.run(start, 0.1, points=1, method="RK4", dt=0.1).v[-1])
    exact = model.run(start, 0.1, points=1, accuracy=1e-12)
    np.testing.assert_allclose(step.v, exact.v[-1], atol=1e-7)
    longest = model.step(start)
    np.testing.assert_array_equal(longest.h, model.step(start, dt=0.25).h)
    batch = model.step((np.array([start.v, -start.v]), np.array([start.h, start.h])))
    np.testing.assert_allclose(batch.v[0], longest.v, rtol=1e-13)

    fast = TwoGroup.model_a(model.synapses.astype(int), tau_h=1e-3)
    limit = fast.adiabatic_run(start.v, 2.0, points=20)
    near = fast.run(fast.awake(start.v), 2.0, points=20, accuracy=1e-6)
    assert np.abs(limit.v - near.v).max() < 0.01
    np.testing.assert_array_equal(limit.h, fast.awake(limit.v).h)
    assert not limit.memory.any()
    assert np.diff(limit.energies).max() < 1e-9
    np.testing.assert_allclose(limit.energies, fast.energy((limit.v, limit.h)), rtol=1e-12, atol=1e-12)
    equal = fast.adiabatic_run(start.v, 2.0, points=20, method="RK4", dt=0.02)  # tau_h sets no limit here
    np.testing.assert_allclose(limit.v, equal.v, atol=1e-6)


def test_a_run_that_leaves_float64_is_cut_there():
    model = TwoGroup(np.ones((1, 1)), Identity(), Powers(3), tau_h=1.0)
    for method in ("RK45", "RK4"):
        run = model.run((np.array([3.0]), np.array([3.0])), 50.0, method=method, accuracy=1e-6)
        assert not run.whole
        assert not run.rested
        assert len(run.times) < 201
        assert np.isfinite(run.v).all()
        assert np.isfinite(run.energies).all()
        assert len(run.times) == len(run.v) == len(run.h) == len(run.energies) == len(run.feature) == len(run.memory)


# Retrieval ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ratio", "back"), [(3.0, True), (5.0, True), (6.0, False)])
def test_the_race_of_recall(ratio, back):
    """At τ_h/τ_f = 5 the memory wakes in time, at 6 all neurons end silent; E falls in both."""
    model, pattern, start = race(ratio)
    trace = model.retrieve(start, record="states")
    assert trace.converged
    assert trace.period == 1
    assert isinstance(trace.state, Groups)
    assert np.diff(trace.energies).max() <= 1e-9
    assert len(trace.states) == trace.sweeps + 1 == len(trace.energies)
    np.testing.assert_array_equal(trace.states[0].v, start.v)
    np.testing.assert_array_equal(trace.states[-1].h, trace.state.h)
    np.testing.assert_array_equal(trace.overlaps, model.overlaps(trace.state))
    assert trace.energies[-1] == model.energy(trace.state)
    if back:
        assert (trace.state.v * pattern > 0.8).all()  # the other seven patterns pull a little
    else:
        assert np.abs(trace.state.v).max() < 1e-5
        assert np.abs(trace.state.h).max() / 64 < 1e-4


def test_retrieval_stops_on_velocities_not_on_the_rate_of_the_energy():
    """Rectified h below 0, with v at its target: dE/dt is 0 exactly, but h still moves, and wakes."""
    model = TwoGroup(np.array([[1.0]]), Tanh(4.0), Powers(3, 1.0), external=np.array([0.5]), tau_h=2.0)
    start = Groups(np.array([0.5]), np.array([-1.0]))
    assert model.dissipation(start) == (0, 0)
    trace = model.retrieve(start)
    assert trace.sweeps > 1
    assert trace.state.v[0] > 2
    moves = model.rhs(trace.state)
    assert model.tau_f * np.abs(moves.v).max() <= 1.01e-6 * (1 + trace.state.v[0])
    assert model.tau_h * np.abs(moves.h).max() <= 1.01e-6 * (1 + trace.state.h[0])


def test_a_state_at_rest_is_left_alone_and_a_short_run_says_so():
    model, _, start = race(3.0)
    rest = model.retrieve(start, tolerance=1e-7).state
    again = model.retrieve(rest)
    assert (again.sweeps, again.converged) == (0, True)
    np.testing.assert_array_equal(again.state.v, rest.v)
    short = model.retrieve(start, max_sweeps=1)
    assert (short.sweeps, short.converged, short.period) == (1, False, None)
    assert model.run(rest, 30.0, method="RK4", tolerance=1e-6).times.tolist() == [0.0]
    coarse = model.run(start, 60.0, method="RK4", tolerance=1e-3)
    assert coarse.rested
    assert coarse.times[-1] < 60
    early = model.run(start, 60.0, tolerance=1e-3)
    assert early.rested
    assert coarse.times[-2] <= early.times[-1] <= coarse.times[-1]
    moves = model.rhs((early.v[-1], early.h[-1]))  # the faster of the two groups is at its limit, by the root finder
    slow = model.tau_h * np.abs(moves.h).max() / (1 + np.abs(early.h[-1]).max())
    fast = model.tau_f * np.abs(moves.v).max() / (1 + np.abs(early.v[-1]).max())
    assert max(slow, fast) == pytest.approx(1e-3, rel=1e-3)
    assert not model.run(start, 5.0, tolerance=1e-6).rested


def test_it_is_a_memory_and_changes_nothing():
    model, pattern, start = race(3.0)
    assert isinstance(model, Memory)
    v, h = pattern.astype(float), np.zeros(8)
    before = v.copy()
    model.retrieve((v, h))
    model.step((v, h))
    state = model.asleep(v)
    state.v[:] = 0
    np.testing.assert_array_equal(v, before)
    assert not h.any()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        with pytest.raises(ValueError, match="read-only"):
            other.synapses[0, 0] = 3
        np.testing.assert_array_equal(other.rhs(start).v, model.rhs(start).v)
    assert "64 feature neurons" in repr(model)
    source = np.ones((2, 3))
    held = TwoGroup.model_b(source)
    source[:] = 0
    assert held.synapses.all()
    assert model.energy([pattern, h]) == model.energy((v, h))  # whole numbers and lists pass


def test_a_batch_is_its_rows():
    rng = np.random.default_rng(10)
    for _ in range(20):
        model, _, _ = random_case(rng)
        v, h = rng.standard_normal((5, model.size)), rng.standard_normal((5, model.count))
        energies, moves, lost = model.energy((v, h)), model.rhs((v, h)), model.dissipation((v, h))
        limit = model.adiabatic_energy(v)
        for k in range(5):
            one = model.dissipation((v[k], h[k]))
            scale = plain_energy(model, v[k], h[k])[1]
            assert energies[k] == pytest.approx(model.energy((v[k], h[k])), abs=1e-13 * scale)
            assert limit[k] == pytest.approx(model.adiabatic_energy(v[k]), abs=1e-12 * (1 + abs(limit[k])))
            np.testing.assert_allclose(moves.v[k], model.rhs((v[k], h[k])).v, atol=1e-12 * (1 + np.abs(moves.v).max()))
            np.testing.assert_allclose((lost.feature[k], lost.memory[k]), one, rtol=1e-11, atol=1e-13)
    model, v, h = random_case(rng)
    assert isinstance(model.energy((v, h)), float)
    assert isinstance(model.adiabatic_energy(v), float)


def test_many_networks_side_by_side_are_each_network():
    rng = np.random.default_rng(11)
    synapses, tau = rng.standard_normal((3, 4, 6)), np.array([[0.3], [1.0], [4.0]])
    y = rng.standard_normal((3, 10))
    together = integrate.two_groups(synapses, Tanh(2.0), Powers(3), 0.7, tau, 0.1)(y)
    for k in range(3):
        alone = TwoGroup(synapses[k], Tanh(2.0), Powers(3), 0.7, tau[k, 0], np.full(6, 0.1))
        np.testing.assert_allclose(together[k], np.concatenate(alone.rhs((y[k, :6], y[k, 6:]))), rtol=1e-12)


X = np.eye(3)
MODEL = TwoGroup.model_b(X)
STATE = (np.ones(3), np.zeros(3))
REFUSED = {
    "synapses": (lambda: TwoGroup([1.0, 2.0], Tanh(), Tanh()), "synapses: shape"),
    "nan": (lambda: TwoGroup([[np.nan]], Tanh(), Tanh()), "synapses\\[0, 0\\]"),
    "no Lagrangian": (lambda: TwoGroup(X, "tanh", Tanh()), "feature is 'tanh'.*lagrangian"),
    "a class": (lambda: TwoGroup(X, Tanh(), Tanh), "memory is"),
    "delta's length": (lambda: TwoGroup(X, LayerNorm(1.0, [1.0, 2.0]), Tanh()), "feature: 3 neurons; expected 2"),
    "tau_f": (lambda: TwoGroup(X, Tanh(), Tanh(), tau_f=0), "tau_f"),
    "tau_h": (lambda: TwoGroup(X, Tanh(), Tanh(), tau_h=-1), "tau_h"),
    "external": (lambda: TwoGroup(X, Tanh(), Tanh(), external=[1.0]), "external: shape"),
    "order": (lambda: TwoGroup.model_a([[1, -1]], 1), "order"),
    "not ±1": (lambda: TwoGroup.model_a([[1, 0]]), "patterns"),
    "beta": (lambda: TwoGroup.model_b(X, 0), "beta"),
    "an array": (lambda: MODEL.energy(np.ones(3)), "asleep"),
    "three": (lambda: MODEL.energy((1, 2, 3)), "pair"),
    "v's length": (lambda: MODEL.rhs((np.ones(2), np.ones(3))), "v of state: shape"),
    "h's length": (lambda: MODEL.rhs((np.ones(3), np.ones(4))), "h of state: shape"),
    "rows": (lambda: MODEL.rhs((np.ones((2, 3)), np.ones(3))), "one h for each v"),
    "run of a batch": (lambda: MODEL.run((np.ones((2, 3)), np.ones((2, 3))), 1.0), "a batch of 2"),
    "adiabatic batch": (lambda: MODEL.adiabatic_run(np.ones((2, 3)), 1.0), "a batch of 2"),
    "complex run": (lambda: MODEL.run((1j * np.ones(3), np.ones(3)), 1.0), "dtype"),
    "time": (lambda: MODEL.run(STATE, 0), "time"),
    "points": (lambda: MODEL.run(STATE, 1.0, points=0), "points"),
    "method": (lambda: MODEL.run(STATE, 1.0, method="Euler"), "RK45.*RK4"),
    "dt too long": (lambda: MODEL.run(STATE, 1.0, method="RK4", dt=0.0251), "tau_h/4 = 0.025.*may rise"),
    "dt of a step": (lambda: MODEL.step(STATE, dt=0.03), "overshoots"),
    "dt against tau_f": (lambda: TwoGroup.model_b(X, tau_h=9.0).step(STATE, dt=0.26), "tau_f/4 = 0.25"),
    "adiabatic dt": (lambda: MODEL.adiabatic_run(np.ones(3), 1.0, method="RK4", dt=0.26), "tau_f/4"),
    "dt 0": (lambda: MODEL.step(STATE, dt=0), "dt"),
    "dt of RK45": (lambda: MODEL.run(STATE, 1.0, dt=0.01), "chooses its steps"),
    "accuracy": (lambda: MODEL.run(STATE, 1.0, accuracy=0), "accuracy"),
    "tolerance": (lambda: MODEL.run(STATE, 1.0, tolerance=-1), "tolerance"),
    "async": (lambda: MODEL.retrieve(STATE, order="async"), "continuous time"),
    "max_sweeps": (lambda: MODEL.retrieve(STATE, max_sweeps=0), "max_sweeps"),
    "record": (lambda: MODEL.retrieve(STATE, record="flips"), "record"),
    "tolerance 0": (lambda: MODEL.retrieve(STATE, tolerance=0), "tolerance"),
    "sphere asleep": (lambda: TwoGroup(X, Tanh(), Sphere()).rhs(STATE), "h is zero"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()


def test_the_longest_step_is_allowed():
    """A quarter of the fastest, to the last digit: 0.1/4 and 1/4."""
    MODEL.step(STATE, dt=0.025)
    TwoGroup.model_b(X, tau_h=9.0).step(STATE, dt=0.25)
