"""Hopfield's network in the browser: the decisions of Python, on stored and on drawn cases."""

from __future__ import annotations

import json

import make_hopfield as vectors
import numpy as np
import pytest
from engines import by_node
from instrument_models import hopfield_couplings, hopfield_network
from nodejs import node

from damtutor.learning.couplings import hebb, projection, storkey
from damtutor.models.hopfield import Hopfield
from damtutor.rng import Rng32
from damtutor.widgets.hopfield_retrieval import MOST, RULES, HopfieldRetrieval, stores


def test_stored_vectors_are_what_python_computes():
    assert vectors.TARGET.read_text(encoding="utf-8") == vectors.text(vectors.stored_vectors())


def test_vectors_cover_every_end():
    stored = json.loads(vectors.TARGET.read_text(encoding="utf-8"))
    cases = [case for group in stored["groups"] for made in group["networks"] for case in made["cases"]]
    assert {case["ending"] for case in cases} == {"memory", "negative", "mixture", "other", "cycle"}
    assert {case["order"] for case in cases} == {"async", "sync"}


def test_javascript_repeats_the_stored_vectors(answers):
    made = answers("hopfield", json.loads(vectors.TARGET.read_text(encoding="utf-8")))
    assert made["count"] > 2000
    assert made["found"] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_node_never_disagrees_on_drawn_cases(seed):
    made = by_node("hopfield", vectors.random_groups(seed, 40))
    assert made["count"] > 0
    assert made["found"] == []


@pytest.mark.parametrize("key", ["units", "scale"])
def test_a_wrong_vector_is_noticed(key):
    wrong = json.loads(vectors.TARGET.read_text(encoding="utf-8"))
    wrong["groups"][0]["networks"][2][key] += 1
    assert len(by_node("hopfield", wrong)["found"]) == 1


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("store", stores())
def test_couplings_are_those_of_the_rules(store, keep):
    makers = {"hebb": hebb, "storkey": storkey, "projection": projection}
    for count in range(1, MOST + 1):
        rows = stores()[store][:count]
        for rule, make in makers.items():
            units, scale = hopfield_couplings(rows, rule, keep)
            difference = np.abs(units / scale - make(rows, keep_diagonal=keep)).max()
            assert difference <= (1e-12 if rule == "hebb" else 1e-5), (store, count, rule)


def test_the_grid_of_the_instrument_changes_no_recall():
    """What it shows is what `Hopfield(patterns, rule)` does, where no field is a matter of rounding."""
    for store, rows in stores().items():
        for rule in RULES:
            for count in (3, 5, 10):
                ours, theirs = hopfield_network(rows[:count], rule), Hopfield(rows[:count], rule)
                for seed in range(10):
                    rng = Rng32(seed)
                    start = rng.signs(64)
                    ends = [model.retrieve(start, rng=Rng32(seed + 50)).state for model in (ours, theirs)]
                    assert np.array_equal(*ends), (store, rule, count, seed)


def test_settings_are_checked_and_described():
    widget = HopfieldRetrieval()
    assert "5 digits, Hebb's rule" in repr(widget)
    widget.settings = {"rule": "projection", "diagonal": True}
    assert "projection rule, diagonal kept" in repr(widget)
    for wrong, words in (
        ({"target": 7}, "expected a whole number from 0 to 4"),
        ({"rule": "oja"}, "rule is 'oja'"),
        ({"count": 11}, "count is 11"),
        ({"damage": 60}, "damage is 60"),
        ({"state": "xyz"}, "hexadecimal"),
        ({"n": 2}, "unknown setting"),
    ):
        with pytest.raises(ValueError, match=words):
            widget.settings = wrong


def test_the_module_parses_and_stays_small(tmp_path):
    module = tmp_path / "widget.mjs"
    module.write_text(str(HopfieldRetrieval._esm), encoding="utf-8")
    node("--check", str(module))
    assert module.stat().st_size < 60_000
    assert len(json.dumps(HopfieldRetrieval().config)) < 20_000


def test_answers_of_the_exercises_agree_with_the_package():
    from damtutor.checks import find
    from damtutor.experiments.end_states import classify, mixture

    class Natural:
        def permutation(self, count):
            return np.arange(count)

    energy, recall, couplings, ending, stuck_bit = (find(f"hopfield.{k}").reference for k in range(1, 6))
    codes = {"memory": 1, "negative": -1, "mixture": 3, "other": 0}
    for seed in range(20):
        rng = np.random.default_rng([91, seed])
        x = rng.choice(np.array([-1, 1], dtype=np.int8), (5, 64))
        s = rng.choice(np.array([-1, 1], dtype=np.int8), 64)
        model = Hopfield(x)
        assert energy(x, s) == pytest.approx(model.energy(s), abs=1e-9)
        whole = np.rint(64 * model.weights).astype(int)
        end = model.retrieve(s, max_sweeps=3, rng=Natural()).state
        assert np.array_equal(recall(whole, s, 3), end)
        dependent = np.concatenate([x, -x[:2]]) if seed % 2 else x
        np.testing.assert_allclose(couplings(dependent), projection(dependent), atol=1e-9)
        for state in (x[0], -x[1], end, mixture(x, [0, 2, 4], [1, -1, 1])):
            assert ending(x, state) == codes[classify(x, state).kind]
    assert stuck_bit(projection(x, keep_diagonal=True), x) == ()


def test_the_lecture_says_what_the_package_does():
    """Claims in the lecture's prose that no cell prints."""
    from damtutor.experiments.end_states import random_starts

    x = stores()["digits"][:5]
    model = Hopfield(x)
    assert len({model.retrieve(row, rng=1).state.tobytes() for row in x}) == 1, "all five digits end in one blur"
    halves = [sum(Hopfield(x[:1]).retrieve(s, rng=r).overlaps[0] < 0 for s, r in random_starts(64, 200, 3))]
    assert 70 < halves[0] < 130, "half of the starts end at the negative of a single pattern"
