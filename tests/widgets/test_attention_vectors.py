"""The microscope's dynamics: Python's numbers, repeated by Node and by Firefox; and the stored vectors are Python's."""

from __future__ import annotations

import json

import make_attention
import numpy as np
import pytest
from instrument_models import microscope_scene

from damtutor.models.attention import attention_weights
from damtutor.widgets.attention_microscope import SENTENCE, AttentionMicroscope, vectors

TOLERANCE = 1e-9  # repeated updates near a fold amplify the last digit of exp, which engines round as they like


@pytest.fixture(scope="module")
def repeated(answers):
    """What JavaScript makes of the stored cases."""
    return answers("attention", json.loads(make_attention.TARGET.read_text(encoding="utf-8")))


def test_stored_vectors_are_those_of_python():
    stored = json.loads(make_attention.TARGET.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(make_attention.build()))
    assert stored["vectors"] == made["vectors"]
    for a, b in zip(stored["cases"], made["cases"], strict=True):
        assert {k: a[k] for k in ("settings", "right", "seen", "top")} == {
            k: b[k] for k in ("settings", "right", "seen", "top")
        }
        for name in ("beta", "query", "keys", "weights", "last", "energies", "asymmetry"):
            np.testing.assert_allclose(a[name], b[name], rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)


def test_javascript_repeats_python(repeated):
    stored = json.loads(make_attention.TARGET.read_text(encoding="utf-8"))["cases"]
    assert len(repeated) == len(stored) == len(make_attention.CHOICES)
    for ours, theirs in zip(stored, repeated, strict=True):
        where = str(ours["settings"])
        for name in ("settings", "right", "seen", "top"):
            assert ours[name] == theirs[name], f"{where}: {name}"
        for name in ("beta", "query", "keys", "weights", "last", "energies", "asymmetry"):
            np.testing.assert_allclose(
                theirs[name], ours[name], rtol=TOLERANCE, atol=TOLERANCE, err_msg=f"{where}: {name}"
            )
        assert theirs["gap"] < 1e-12, where


def test_the_scene_is_what_the_words_say():
    s = microscope_scene(AttentionMicroscope(token=3, extra=25, mask="causal").settings)
    assert s.keys.shape == (25 + len(SENTENCE), 64)
    assert s.mask.sum() == 25 + 4
    np.testing.assert_allclose(np.linalg.norm(s.keys[:25], axis=1), 8, rtol=1e-12)
    np.testing.assert_array_equal(s.keys[25:], vectors())
    assert attention_weights(s.query, s.keys, s.beta, s.mask).argmax() == s.right == 28
    assert microscope_scene(AttentionMicroscope(head=2).settings).beta == 0.25
    padded = microscope_scene(AttentionMicroscope(mask="padding").settings)
    assert padded.mask.tolist() == [True] * 7 + [False] * 4


def test_vectors_are_normalised_words():
    np.testing.assert_allclose(vectors().mean(axis=1), 0, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(vectors(), axis=1), 8, atol=5e-3)
    assert not vectors().flags.writeable
