"""The flow field's arithmetic in the browser's language repeats Python's, to 1e-12."""

from __future__ import annotations

import json

import make_modern as vectors
import numpy as np
import pytest


@pytest.fixture(scope="module")
def stored():
    return json.loads(vectors.TARGET.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pairs(stored, answers):
    """(name, what Python has, what JavaScript has) for every case."""
    return [
        (f"{group['name']}, β = {case['beta']}", case, theirs)
        for group, made in zip(stored["groups"], answers("modern", stored), strict=True)
        for case, theirs in zip(group["cases"], made, strict=True)
    ]


def test_stored_vectors_are_what_python_computes_now(stored):
    made = json.loads(json.dumps(vectors.make()))
    for old, new in zip(stored["groups"], made["groups"], strict=True):
        assert (old["name"], len(old["cases"])) == (new["name"], len(new["cases"]))
        np.testing.assert_allclose(old["rows"], new["rows"], rtol=0, atol=1e-15)
        for a, b in zip(old["cases"], new["cases"], strict=True):
            for key in ("beta", "states", "steps", "energies", "n_eff", "slopes"):
                np.testing.assert_allclose(a[key], b[key], rtol=1e-12, atol=1e-12)
            assert [p["stable"] for p in a["fixed"]].count(True) == [p["stable"] for p in b["fixed"]].count(True)


def test_javascript_repeats_steps_energies_and_slopes(pairs):
    for name, ours, theirs in pairs:
        for key in ("steps", "energies", "n_eff", "slopes"):
            scale = np.abs(np.array(ours[key])).max()
            np.testing.assert_allclose(theirs[key], ours[key], rtol=1e-12, atol=1e-12 * (1 + scale), err_msg=name + key)
        matrices = [np.linalg.eigvalsh([[a, b], [b, c]])[-1] for a, b, c in ours["slopes"]]
        np.testing.assert_allclose(theirs["radii"], matrices, rtol=1e-12, atol=1e-12, err_msg=name)


def test_javascript_settles_where_python_does(pairs):
    for name, ours, theirs in pairs:
        np.testing.assert_allclose(theirs["ends"], ours["ends"], rtol=0, atol=1e-9, err_msg=name)


def test_javascript_finds_the_same_fixed_points(pairs):
    total = 0
    for name, ours, theirs in pairs:
        assert len(theirs["fixed"]) == len(ours["fixed"]), name
        places = np.array([p["at"] for p in theirs["fixed"]])
        for point in ours["fixed"]:
            gaps = np.linalg.norm(places - point["at"], axis=1)
            other = theirs["fixed"][int(gaps.argmin())]
            assert gaps.min() < 1e-9, name
            assert other["stable"] == point["stable"], name
            assert other["energy"] == pytest.approx(point["energy"], abs=1e-12)
            assert other["nEff"] == pytest.approx(point["n_eff"], rel=1e-9)
            total += 1
    assert total > 80


def test_the_fixed_points_of_the_plane_are_complete(pairs):
    """Index theorem: minima - saddles + maxima = 1 on the plane, where E grows in all directions."""
    for name, _, theirs in pairs:
        index = sum(np.sign(np.linalg.det(np.eye(2) - _matrix(p, name))) for p in theirs["fixed"])
        assert index == 1, name


def _matrix(point, name):
    from damtutor.models.modern import ModernHopfield

    kind, beta = name.split(", β = ")
    return ModernHopfield(vectors.PRESETS[kind][1], float(beta)).jacobian(point["at"])
