"""One door for seeds: every `rng` of the package takes the same kinds of seed, and refuses all others in words."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import damtutor
from damtutor import DenseAM, Hopfield, KernelDensity, MultiHead, Power, TwoBody, hebb, patterns
from damtutor.experiments import adversary, attacks, attention, corruption, diffusion, dynamics, modern
from damtutor.learning import contrast, denoiser
from damtutor.patterns import damage, flip, pictures, random_patterns

pytestmark = pytest.mark.twin

X = random_patterns(3, 24, rng=1)
START = flip(X[0], 9, rng=2)
DENSE, CLASSICAL, BODIES = DenseAM(X, Power(3)), Hopfield(X), TwoBody(X)
CALLS = {
    damage.flip: lambda rng: flip(X[0], 9, rng=rng),
    damage.noise: lambda rng: patterns.noise(X[0], 0.4, rng=rng),
    patterns.random_patterns: lambda rng: random_patterns(2, 20, rng=rng),
    patterns.clustered_patterns: lambda rng: patterns.clustered_patterns(2, 2, 9, agreement=0.7, rng=rng),
    patterns.centred_patterns: lambda rng: patterns.centred_patterns(4, 9, assign="at random", rng=rng),
    patterns.latent_patterns: lambda rng: patterns.latent_patterns(4, 9, rank=2, rng=rng),
    patterns.hadamard_patterns: lambda rng: patterns.hadamard_patterns(4, 16, rng=rng),
    pictures.digits: lambda rng: patterns.digits([3, 4], each=2, rng=rng),
    pictures.grey_digits: lambda rng: patterns.grey_digits(rng=rng)[:4],
    pictures.digit_labels: lambda rng: patterns.digit_labels(rng=rng),
    Hopfield.step: lambda rng: CLASSICAL.step(START, rng, temperature=2.0),
    Hopfield.retrieve: lambda rng: CLASSICAL.retrieve(START, rng=rng, record="flips").flips,
    DenseAM.step: lambda rng: DENSE.step(START, rng),
    DenseAM.retrieve: lambda rng: DENSE.retrieve(START, rng=rng, record="flips").flips,
    TwoBody.step: lambda rng: BODIES.step(START, rng),
    TwoBody.retrieve: lambda rng: BODIES.retrieve(START, rng=rng, record="flips").flips,
    KernelDensity.sample: lambda rng: KernelDensity([[0.0], [9.0]], 1.0).sample(4, rng),
    MultiHead.random: lambda rng: MultiHead.random(1, 3, 2, rng=rng).output_weights,
    contrast.run_batch: lambda rng: contrast.run_batch(hebb(X), np.tile(START, (5, 1)), max_sweeps=1, rng=rng),
    contrast.contrastive_epochs: lambda rng: contrast.contrastive(X, epochs=2, negative="noise", rng=rng),
    denoiser.start_parameters: lambda rng: denoiser.start_parameters((3, 4, 2), rng=rng),
    adversary.under_attack: lambda rng: adversary.under_attack(DENSE, X[0], START, 0.2, "each-step", rng=rng),
    attacks.attacked_spins: lambda rng: attacks.attacked_spins(DENSE, X[0], X[0], 5, "random-all", rng=rng),
    attacks.broken: lambda rng: attacks.broken(DENSE, X[0], START, orders=3, fails=1, rng=rng),
    corruption.corrupted: lambda rng: corruption.corrupted(X[0], [0.3], rng=rng),
    corruption.recover: lambda rng: corruption.recover(DENSE, X[0], START, rng=rng).match,
    dynamics.damaged: lambda rng: dynamics.damaged(X, 5, rng=rng),
    modern.unit_vectors: lambda rng: modern.unit_vectors(3, 2, rng=rng),
    modern.clustered_vectors: lambda rng: modern.clustered_vectors(3, 2, 2, rng=rng),
    attention.random_keys: lambda rng: attention.random_keys(3, 2, rng=rng),
}
UNUSED = {"Memory", "ModernHopfield", "CompactMemory", "Network", "TwoGroup", "Completion", "KernelDensity"}
GOOD = (0, np.int64(3), (0, 7), [1, 2, 3], np.array([1, 2]), 2**70, np.random.SeedSequence(5), np.random.SeedSequence())
BAD = (
    -1, True, np.True_, 1.5, np.nan, "0", "", [], (), (0, -1), [0.5], [True], (None,), [[1]], np.array([[1]]), {}, {1},
    b"0", object(), np.random, np.random.RandomState(0), np.random.default_rng, np.random.Generator, ...,
)  # fmt: skip


def ids(calls):
    return [f"{call.__module__.rpartition('.')[2]}.{call.__qualname__}" for call in calls]


@pytest.mark.parametrize("call", CALLS.values(), ids=ids(CALLS))
def test_every_kind_of_seed_is_its_generator(call):
    for seed in GOOD:
        np.testing.assert_equal(call(seed), call(np.random.default_rng(seed)), err_msg=repr(seed))
        np.testing.assert_equal(call(seed), call(seed), err_msg=repr(seed))
    call(None)
    goes_on = np.random.default_rng(0)
    before = goes_on.bit_generator.state["state"]
    call(goes_on)
    assert goes_on.bit_generator.state["state"] != before


@pytest.mark.parametrize("call", CALLS.values(), ids=ids(CALLS))
def test_all_else_is_refused_in_words(call):
    for seed in BAD:
        with pytest.raises(ValueError, match=r"rng is .*; expected a seed such as 0, a list of seeds such as \(0, 7\)"):
            call(seed)


def is_ours(thing):
    """A function or class method written in Python."""
    return inspect.isfunction(thing) or inspect.ismethod(thing)


def callables():
    """Public functions and methods of the package that take an rng."""
    for info in pkgutil.walk_packages(damtutor.__path__, "damtutor."):
        if any(part in ("checks", "widgets", "compiled", "cli") for part in info.name.split(".")):
            continue
        module = importlib.import_module(info.name)
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != info.name or not callable(thing):
                continue
            members = inspect.getmembers(thing, is_ours) if inspect.isclass(thing) else [("", thing)]
            for member, function in members:
                if (
                    callable(function)
                    and not member.startswith("_")
                    and "rng" in inspect.signature(function).parameters
                ):
                    yield thing.__name__, function


def test_no_function_with_an_rng_is_left_out():
    known = {getattr(call, "__func__", call) for call in CALLS}
    doors = {"as_rng", "as_generator", "as_visit"}
    for name, function in callables():
        if name not in doors and getattr(function, "__func__", function) not in known:
            assert name in UNUSED, function.__qualname__


def test_a_seed_of_a_data_set_is_refused_by_its_name():
    with pytest.raises(ValueError, match="seed is 'x'; expected a seed"):
        diffusion.circle_points(3, seed="x")
    np.testing.assert_array_equal(diffusion.circle_points(3, seed=(0, 7)), diffusion.circle_points(3, seed=[0, 7]))
