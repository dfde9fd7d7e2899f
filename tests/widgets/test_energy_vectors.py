"""The plane in the browser does what `CompactMemory` and `ModernHopfield` do: shared vectors in Node and in Firefox."""

from __future__ import annotations

import json

import make_energy as vectors
import pytest
from engines import by_node


def test_stored_vectors_are_what_python_computes_now():
    stored = json.loads(vectors.TARGET.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(vectors.make()))
    assert len(stored["cases"]) == len(made["cases"]) > 100, "run python tests/support/vectors/make_energy.py"
    for old, new in zip(stored["cases"], made["cases"], strict=True):
        for key in ("energy", "step", "end"):
            a, b = old.pop(key), new.pop(key)
            assert a == (None if b is None else pytest.approx(b, rel=1e-9, abs=1e-9)), key
        assert old == new, "run python tests/support/vectors/make_energy.py"


def test_javascript_repeats_the_stored_vectors(answers):
    made = answers("energy", json.loads(vectors.TARGET.read_text(encoding="utf-8")))
    assert made["count"] > 400
    assert made["found"] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_node_never_disagrees_on_drawn_cases(seed):
    made = by_node("energy", {"cases": vectors.drawn(seed, 150), "wilson": []})
    assert made["count"] > 0
    assert made["found"] == []


def test_a_wrong_vector_is_noticed():
    data = vectors.make()
    data["cases"][0]["step"][0] += 1e-9
    assert len(by_node("energy", data)["found"]) == 1


def test_cases_reach_blends_and_places_without_force():
    cases = [case for case in vectors.make()["cases"] if case["kind"] == "compact"]
    assert sum(case["energy"] is None for case in cases) > 5
    assert sum(any(len(members) > 1 for members in case["places"]) for case in cases) > 20
