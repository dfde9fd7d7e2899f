"""Every public callable with one bad argument at a time: a right answer, or a refusal that names the argument."""

from __future__ import annotations

import random
import re
import zlib

import numpy as np
import pytest
from bad_values import BAD, complaint
from own_calls import CALLS
from public_calls import Call, modules, recorded
from samples import makers

from damtutor import (
    Classifier,
    CompactMemory,
    KernelDensity,
    Layer,
    ModernHopfield,
    MultiHead,
    Network,
    Synapse,
    figures,
    halt,
    lagrangian,
)
from damtutor.experiments.classifier import references
from damtutor.patterns import random_patterns
from damtutor.widgets import named

ROOMS = ("rng", "text", "patterns", "models", "learning", "theory", "statistics", "figures", "numerics")
EXAMPLES = (
    *("patterns", "theory", "statistics", "figures", "learning.couplings", "learning.contrast", "learning.classifier"),
    *("models.halting", "models.synapses", "models.layers", "models.two_body", "models.lagrangians_shared"),
    *("models.lagrangians_single", "models.hierarchical", "models.diffusion", "models.completion"),
)
TRIED = 14  # bad values an argument, drawn by its name: all of them take half a minute
FITS_ANOTHER = {  # arguments whose message is that of what was passed beside them
    ("models.diffusion.probability_flow", "start"),  # of the denoiser
    *(("learning.contrast.as_couplings", name) for name in ("values", "size", "name")),  # a door, called by models
}


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    return recorded(modules(ROOMS), modules(EXAMPLES), CALLS)


def test_right_calls_of_most_public_callables_are_known(calls):
    known = {call.name for call in calls}
    assert len(known) > 200
    assert {"models.modern.ModernHopfield.retrieve", "models.halting.halt", "figures.dense.recall_plot"} - known == {
        "figures.dense.recall_plot"  # has no example: its doors are tried in tests/figures
    }


def test_a_bad_argument_is_named(calls):
    wrong = []
    for call in calls:
        for name, value in call.arguments.items():
            if (call.name, name) in FITS_ANOTHER:
                continue
            draw = random.Random(zlib.crc32(f"{call.name}.{name}".encode()))
            for label in draw.sample(sorted(BAD), TRIED):
                if callable(value) and label in ("a function", "a class"):
                    continue  # a function of another form: what it raises is its own
                if said := complaint(call, name, label):
                    wrong.append(f"{call.name}({name}={label}): {said}")
    assert not wrong, "\n".join(wrong[:40])


R = np.array([[1.0, 0.0], [0.0, 1.0]])
VOTERS = Classifier(R, R, 3, 1.0)
NET = Network({"v": Layer(2, lagrangian("tanh"))})
REFUSED = [
    (lambda: halt(None, R), "memory is None; expected a memory, for example ModernHopfield"),
    (lambda: halt(ModernHopfield(R, 1.0), None), "states: dtype object"),
    (lambda: Network(None), "layers is None; expected a dict, for example"),
    (lambda: Network({"v": None}), r"layers\['v'\] is None; expected a Layer"),
    (lambda: Network({"v": Layer(2, lagrangian("tanh"))}, None), "synapses is None; expected a list"),
    (lambda: Network({"v": Layer(2, lagrangian("tanh"))}, inputs=None), "inputs is None; expected a dict"),
    (lambda: NET.step({"v": [0.0, 0.0]}, clamp=3), "clamp is 3; expected a name, names of layers"),
    (lambda: Synapse(None, len, len), "names is None; expected one or more different names"),
    (lambda: Synapse("v", None, len), "energy is None; expected a function"),
    (lambda: references(R), "data is .*; expected split"),
    (lambda: VOTERS.classify(R * 1e200), "images reach 1e.200: scores of order 3 overflow"),
    (lambda: VOTERS.votes(R * 1e200), "images reach 1e.200: scores of order 3 overflow"),
    (lambda: MultiHead.random(2, 4, 2, tied="no"), "tied is 'no'; expected True or False"),
    (lambda: random_patterns(10**9, 10**9), "expected at most 2..31 spins"),
    (lambda: ModernHopfield(R, 1.0).retrieve(R[0], max_sweeps=1e200), "max_sweeps is about 2..665; expected"),
    (
        lambda: figures.pictures([random_patterns(3, 60)], alt="x"),
        r"rows\[0\]: .*60\); expected pictures \(B, 64\)",
    ),
    (lambda: figures.pictures(5, alt="x"), "rows is 5; expected a list of arrays"),
    (lambda: figures.pictures([], alt="x"), "rows: empty; expected a list of arrays"),
    (lambda: figures.pictures([random_patterns(3, 64)], alt=None), "alt is None; expected words"),
    (lambda: figures.pictures([255 * np.ones((1, 64))], alt="x"), "numbers from 255 to 255; expected -1 for paper"),
    (lambda: figures.load_plot({"a": ([1], [2, 3], [1])}, ([1, 2], [1, 0])), r"curves\['a'\]: lengths 1, 2, 1"),
    (lambda: figures.load_plot(None, ([1, 2], [1, 0])), "curves is None; expected a dict"),
    (lambda: figures.trace_plot({str(k): [1.0] for k in range(6)}), "traces: 6 entries; expected 1 to 5"),
    (
        lambda: figures.rules_plot(["hebb"], {"digits": [(1, 2)]}, trials=3),
        r"series\['digits'\]: .*\(value, low, h",
    ),
    (lambda: figures.stack_plot({"a": [1.0, np.inf]}), r"terms\['a'\]\[1\] is inf"),
]


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_what_was_refused_from_inside_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize("memory", [ModernHopfield(R, 1.0), CompactMemory(R, 1.0), KernelDensity(R, 0.5)])
def test_a_whole_float_is_a_count(memory):
    at = R[0] * 0.9
    assert memory.retrieve(at, max_sweeps=3.0).sweeps == memory.retrieve(at, max_sweeps=3).sweeps


def test_nothing_held_is_a_clamp_of_none():
    state = {"v": [0.5, -0.5]}
    assert NET.step(state, clamp=None)["v"].tolist() == NET.step(state)["v"].tolist()


@pytest.mark.parametrize("slug", makers())
def test_a_bad_setting_of_an_instrument_is_named(slug):
    """In the constructor and in the setter; an array is no setting, and is not compared as one."""
    instrument = makers()[slug]()
    before = dict(instrument.settings)
    for name in before:
        for label in sorted(BAD):
            try:
                instrument.settings = {name: BAD[label]()}
            except ValueError as error:
                said = str(error)
            else:
                said = name  # one that it can show
            assert re.search(rf"\b{name}\b", said), (name, label, said)
            instrument.settings = before
    for label in ("None", "a word", "a number as text", "0", "a list of numbers", "an object"):
        with pytest.raises(ValueError, match=r"settings is .*; expected a dict"):
            instrument.settings = BAD[label]()
    assert instrument.settings == before
    if not instrument.declared or slug in ("explorer", "sketch", "dense_retrieval"):
        return  # those are given data, too
    for name in before:
        for label in ("a word", "an empty list", "four axes", "nan", "a generator", "rows of different length"):
            with pytest.raises(ValueError, match=rf"\b{name}\b"):
                named(slug)(**{name: BAD[label]()})
