"""Completing pictures: the energy of patches, the step that cannot raise it, and the table of errors."""

import doctest
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import ModernHopfield
from damtutor.experiments import completion as measured
from damtutor.memory import Memory
from damtutor.models import completion
from damtutor.models.completion import Completion, PatchMemory
from damtutor.models.hierarchical import Network
from damtutor.models.lagrangians import Identity
from damtutor.models.layers import Layer
from damtutor.models.synapses import check_synapse
from damtutor.numerics import complex_gradient


def random_memories(rng, side=6):
    """Whole pictures, shared 3×3 patches and 2×2 patches of a place, all at different temperatures."""
    return (
        PatchMemory(rng.standard_normal((9, side**2)), side, float(rng.uniform(0.1, 2))),
        PatchMemory(rng.standard_normal((7, 9)), side, float(rng.uniform(0.3, 5))),
        PatchMemory(rng.standard_normal(((side - 1) ** 2, 5, 4)), side, float(rng.uniform(0.3, 20))),
    )


def plain_energy(memory, v):
    """E_s by loops over places and patches."""
    p, total = round(memory.dictionary.shape[-1] ** 0.5), 0.0
    picture, across = v.reshape(memory.side, memory.side), memory.side - p + 1
    for y in range(across):
        for x in range(across):
            place = memory.dictionary if memory.dictionary.ndim == 2 else memory.dictionary[y * across + x]
            gaps = ((picture[y : y + p, x : x + p].ravel() - place) ** 2).sum(axis=1)
            total -= np.log(np.exp(-memory.beta * gaps / 2).sum()) / memory.beta
    return total


@pytest.mark.parametrize("module", [completion, measured], ids=lambda m: m.__name__)
def test_examples_in_the_docstrings_run(module):
    found = doctest.testmod(module)
    assert found.failed == 0
    assert found.attempted >= 4


# Laws -----------------------------------------------------------------------------------------------------------------


def test_the_energy_is_its_definition_and_the_slope_is_its_own():
    """1e-12 relative: sums of a few hundred rounded terms."""
    rng = np.random.default_rng(1)
    for _ in range(5):
        memories = random_memories(rng)
        v = rng.standard_normal(36)
        for memory in memories:
            assert memory.energy(v) == pytest.approx(plain_energy(memory, v), rel=1e-12, abs=1e-11)
            true = complex_gradient(memory.energy, v)
            np.testing.assert_allclose(memory.gradient(v), true, atol=1e-12 * np.abs(true).max())
        weights = rng.uniform(0.1, 2, 3)
        total = sum(w * m.energy(v) for w, m in zip(weights, memories, strict=True))
        assert Completion(memories, weights).energy(v) == pytest.approx(total, rel=1e-13)


def test_batches_are_their_rows():
    rng = np.random.default_rng(2)
    model = Completion(random_memories(rng), (1.0, 0.3, 0.2))
    v, known = rng.standard_normal((4, 36)), rng.random((4, 36)) < 0.5
    found = model.complete(v, known, steps=3)
    for k in range(4):
        one = model.complete(v[k], known[k], steps=3)
        np.testing.assert_allclose(one.pictures[0], found.pictures[k], atol=1e-13)
        np.testing.assert_allclose(one.energies[:, 0], found.energies[:, k], rtol=1e-12)
        for memory in model.memories:
            np.testing.assert_allclose(memory.recall(v)[k], memory.recall(v[k]), atol=1e-13)
            np.testing.assert_allclose(memory.gradient(v)[k], memory.gradient(v[k]), atol=1e-12)
    np.testing.assert_allclose(model.energies(v)[:, 2], model.energies(v[2]), rtol=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_step_never_raises_the_energy_and_keeps_known_pixels(seed):
    """By theory, for any weights, temperatures and known pixels; the slack is the rounding of E."""
    rng = np.random.default_rng(seed)
    memories = random_memories(rng)
    model = Completion(memories, 10 ** rng.uniform(-2, 2, 3))
    v, known = 3 * rng.standard_normal((3, 36)), rng.random((3, 36)) < rng.random()
    found = model.complete(v, known, steps=30)
    scale = 1 + np.abs(model.energies(v)).sum(axis=0)
    assert (np.diff(found.energies, axis=0) <= 1e-14 * 36 * scale).all()
    assert found.pictures[known].tobytes() == v[known].tobytes()
    assert (known.all(axis=1) | (found.energies[-1] < found.energies[0])).all()


def test_a_step_goes_to_the_lowest_point_of_the_parabolas():
    """They lie above E everywhere, touch it at v, and the new picture is where their slope is zero."""
    rng = np.random.default_rng(3)
    memories, weights, v = random_memories(rng), np.array([1.0, 0.4, 0.2]), rng.standard_normal(36)
    model = Completion(memories, weights)
    recalled = [m.recall(v) for m in memories]

    def above(u):
        """The sum of parabolas about what v recalls, less its value at v, plus E(v)."""
        total = model.energy(v)
        for w, memory, r in zip(weights, memories, recalled, strict=True):
            for at, sign in ((u, 0.5), (v, -0.5)):
                gap = at[memory._pixels] - r
                total = total + w * sign * (gap * gap).sum()
        return total

    new = model.step(v)
    np.testing.assert_allclose(complex_gradient(above, new), 0, atol=1e-12)
    for _ in range(50):
        u = v + rng.standard_normal(36) * 10 ** rng.uniform(-2, 1)
        assert model.energy(u) <= above(u) + 1e-10
    assert above(v) == pytest.approx(model.energy(v), rel=1e-13)


def test_patches_as_large_as_the_picture_are_the_continuous_network():
    rng = np.random.default_rng(4)
    x, v = rng.standard_normal((12, 16)), rng.standard_normal(16)
    np.testing.assert_allclose(
        Completion(PatchMemory(x, 4, 1.7)).step(v), ModernHopfield(x, 1.7, "distance").step(v), atol=1e-13
    )


def test_a_patch_memory_is_a_synapse_of_a_layer_without_a_leak():
    rng = np.random.default_rng(5)
    memories, v = random_memories(rng), rng.standard_normal(36)
    parts = [m.synapse("v", label) for m, label in zip(memories, ("whole", "shared", "place"), strict=True)]
    for part in parts:
        assert check_synapse(part, v) < 1e-12
    net = Network({"v": Layer(36, Identity(), leak=False)}, parts)
    assert net.energy({"v": v}) == pytest.approx(Completion(memories).energy(v), rel=1e-13)
    np.testing.assert_allclose(net.dEdg({"v": v})["v"], sum(m.gradient(v) for m in memories), rtol=1e-12)


def test_a_shared_dictionary_does_not_see_where_it_is():
    """The slope of a moved picture is the moved slope, at pixels all of whose patches lie inside both pictures."""
    rng = np.random.default_rng(6)
    scene = rng.standard_normal((12, 14))
    here, there = scene[:10, :10], scene[1:11, 2:12]
    shared = PatchMemory(rng.standard_normal((8, 9)), 10, 2.0)
    a, b = (shared.gradient(part.ravel()).reshape(10, 10) for part in (here, there))
    np.testing.assert_allclose(b[2:7, 2:6], a[3:8, 4:8], atol=1e-13)
    assert np.abs(b[0, 2:6] - a[1, 4:8]).max() > 0.1  # at the edge patches are missing
    place = PatchMemory(rng.standard_normal((64, 8, 9)), 10, 2.0)
    a, b = (place.gradient(part.ravel()).reshape(10, 10) for part in (here, there))
    assert np.abs(b[2:7, 2:6] - a[3:8, 4:8]).max() > 0.1


def test_the_trace_tells_and_arguments_stay():
    rng = np.random.default_rng(7)
    model = Completion(random_memories(rng))
    v = rng.standard_normal(36)
    kept, known = v.copy(), np.arange(36) < 9
    trace = model.retrieve(v, known=known, max_sweeps=2000, record="states")
    assert isinstance(model, Memory)
    assert (v == kept).all()
    assert trace.converged
    assert trace.states.shape == (trace.sweeps + 1, 36)
    assert len(trace.energies) == trace.sweeps + 1
    assert trace.energies[-1] == pytest.approx(model.energy(trace.state), rel=1e-12)
    assert np.abs(model.step(trace.state, known=known) - trace.state).max() <= 1e-6
    short = model.retrieve(v, max_sweeps=1)
    assert (short.converged, short.sweeps, short.states) == (False, 1, None)
    np.testing.assert_allclose(short.state, model.step(v), atol=1e-15)
    copy = pickle.loads(pickle.dumps(model))
    assert (copy.step(v) == model.step(v)).all()
    assert not copy.memories[0].dictionary.flags.writeable


def test_bad_input_is_refused_with_words():
    rng = np.random.default_rng(8)
    good = PatchMemory(rng.standard_normal((5, 4)), 4)
    model, v = Completion(good), np.zeros(16)
    for make, words in (
        (lambda: PatchMemory(np.ones((5, 3)), 4), "patches of 3 pixels"),
        (lambda: PatchMemory(np.ones((5, 25)), 4), "p <= side = 4"),
        (lambda: PatchMemory(np.ones((8, 5, 4)), 4), "8 places; expected 9"),
        (lambda: PatchMemory(np.ones((5, 4)), 4, -1.0), "beta is -1"),
        (lambda: PatchMemory([[np.nan]], 1), "nan"),
        (lambda: Completion(()), "one PatchMemory or more"),
        (lambda: Completion([np.ones((5, 4))]), r"memories\[0\] is array.*expected a PatchMemory"),
        (lambda: Completion((good, PatchMemory(np.ones((5, 4)), 5))), r"sides \[4, 5\]"),
        (lambda: Completion(good, [1.0, 2.0]), "expected 1 numbers"),
        (lambda: Completion(good, [0.0]), "> 0"),
        (lambda: model.energy(np.zeros(15)), "length|shape"),
        (lambda: model.step(1j * v), "dtype complex"),
        (lambda: model.step(v, known=np.ones(16)), "expected booleans"),
        (lambda: model.step(v, known=np.ones(15, bool)), "expected booleans"),
        (lambda: model.complete(v, steps=0), "steps is 0"),
        (lambda: model.retrieve(np.zeros((2, 16))), "a batch of 2"),
        (lambda: model.retrieve(v, order="async"), "sync"),
        (lambda: model.retrieve(v, tolerance=0), "tolerance is 0"),
        (lambda: measured.damage(np.zeros((2, 64)), "upper half"), "expected one of"),
        (
            lambda: measured.errors(np.zeros((1, 64)), measured.Damaged(np.zeros((1, 64)), np.ones((1, 64), bool))),
            "lost",
        ),
        (lambda: measured.digits(stored=1797), "stored"),
    ):
        with pytest.raises(ValueError, match=words):
            make()


# Digits ---------------------------------------------------------------------------------------------------------------


def test_the_parts_of_the_experiment():
    data = measured.digits(seed=3)
    assert data.stored.min() == -1
    assert data.stored.max() == 1
    again = measured.digits(seed=3)
    assert (data.shown == again.shown).all()
    holes, moved = (measured.damage(data.shown, loss) for loss in ("holes", "shifted"))
    assert (holes.known == moved.known).all()
    assert abs((~holes.known).mean() - 0.4) < 4 * np.sqrt(0.24 / holes.known.size)
    grid = moved.truth.reshape(-1, 8, 8)
    assert (grid[:, :, 2:] == data.shown.reshape(-1, 8, 8)[:, :, :-2]).all()
    assert (grid[:, :, :2] == -1).all()
    cut = measured.patches(data.shown)
    assert (cut[7, 5].reshape(4, 4) == data.shown[5].reshape(8, 8)[1:5, 2:6]).all()
    near = measured.nearest_image(data.stored, holes)
    gaps = ((data.stored[None] - holes.truth[:5, None]) ** 2 * holes.known[:5, None]).sum(axis=-1)
    assert (near[:5] == data.stored[gaps.argmin(axis=1)]).all()


def test_a_few_digits_complete_better_than_by_the_mean():
    """60 images and the whole-picture memory alone: the quick part of the slow test below."""
    data = measured.digits(shown=60)
    whole = Completion(PatchMemory(data.stored))
    for loss in ("lower half", "holes"):
        damaged = measured.damage(data.shown, loss)
        found = measured.complete(whole, damaged)
        assert np.diff(found.energies, axis=0).max() < 1e-12  # E is about 100, its rounding 1e-14
        assert found.pictures[damaged.known].tobytes() == damaged.truth[damaged.known].tobytes()
        average = measured.errors(data.stored.mean(axis=0), damaged)
        gain = average - measured.errors(found.pictures, damaged)
        assert gain.mean() > 4 * gain.std(ddof=1) / np.sqrt(len(gain))


def test_numbers_of_the_source_that_nothing_random_enters():
    """To the last printed digit: same split, lost pixels start at grey, no dictionary and no holes."""
    data = measured.digits()
    half = measured.damage(data.shown, "lower half")
    average, near = (
        measured.errors(x, half) for x in (data.stored.mean(axis=0), measured.nearest_image(data.stored, half))
    )
    assert round(average.mean(), 3) == 0.316
    assert round(near[:60].mean(), 3) == 0.171  # ± 0.020 over 60 images
    few = measured.Damaged(*(part[:60] for part in half))
    for beta, expected in ((0.1, 0.288), (0.3, 0.210), (1, 0.182), (3, 0.279), (10, 0.321)):
        found = measured.complete(Completion(PatchMemory(data.stored, beta=beta)), few)
        assert round(measured.errors(found.pictures, few).mean(), 3) == expected
    found = measured.complete(Completion(PatchMemory(data.stored)), half)
    assert round(measured.errors(found.pictures, half).mean(), 3) == 0.206


SOURCE = {  # the course's theory notes, section 5: 1400 stored, 200 shown, β = 1, 40 steps; value ± standard error
    "mean image": ((0.316, 0.005), (0.295, 0.007), (0.801, 0.016)),
    "whole": ((0.206, 0.016), (0.086, 0.005), (0.822, 0.020)),
    "patches by place": ((0.241, 0.009), (0.140, 0.005), (0.672, 0.016)),
    "shared patches": ((0.323, 0.007), (0.208, 0.005), (0.234, 0.006)),
    "whole + shared": ((0.176, 0.011), (0.094, 0.004), (0.571, 0.015)),
    "whole + by place": ((0.184, 0.013), (0.090, 0.004), (0.723, 0.018)),
}


@pytest.mark.slow
def test_the_table_is_that_of_the_source():
    """Every number within two standard errors of the difference; the holes and the centres of k-means are not shared.

    So are the two claims of the chapter, by differences of the same images: on the lower half the sum of two memories
    beats each alone, and after a shift only the shared patches beat the mean image.
    """
    data = measured.digits()
    models = measured.memories(data.stored)
    rows = {row.name: row.errors for row in measured.table(models, data)}
    assert list(rows) == ["mean image", "nearest image", *list(SOURCE)[1:]]
    for name, cells in SOURCE.items():
        for loss, (value, bar) in zip(measured.LOSSES, cells, strict=True):
            found = rows[name][loss]
            assert found.sets == 200
            assert abs(found.value - value) < 2 * np.hypot(found.error, bar), (name, loss, found)

    def beats(better, worse):
        gain = worse - better
        return gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(len(gain))

    half, moved = (measured.damage(data.shown, loss) for loss in ("lower half", "shifted"))
    found = {name: measured.complete(model, half) for name, model in models.items()}
    for name in models:
        assert np.diff(found[name].energies, axis=0).max() < 1e-12
        assert found[name].pictures[half.known].tobytes() == half.truth[half.known].tobytes()
    lower = {name: measured.errors(found[name].pictures, half) for name in models}
    assert beats(lower["whole + shared"], lower["whole"])
    assert beats(lower["whole + shared"], lower["shared patches"])
    average = measured.errors(data.stored.mean(axis=0), moved)
    after = {name: measured.errors(measured.complete(models[name], moved).pictures, moved) for name in models}
    assert beats(after["shared patches"], average / 3)
    assert not beats(after["whole"], average)
