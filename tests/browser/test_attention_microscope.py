"""The attention microscope in Chromium: words, steps, gates, and the panel that says there is no energy."""

from __future__ import annotations

import re

import numpy as np
import pytest
from instrument_models import microscope_scene
from preview import shown

from damtutor.models.attention import retrieval_energy
from damtutor.models.transformer import iterate
from damtutor.widgets import AttentionMicroscope

BYTES = 300_000


def solved(**changes):
    """What Python makes of these settings: the scene and twelve steps of it."""
    settings = AttentionMicroscope(**changes).settings
    s = microscope_scene(settings)
    values = None if settings["values"] == "tied" else s.values
    return s, iterate(s.query, s.keys, values, beta=s.beta, steps=12, mask=s.mask)


def settings(page):
    return page.evaluate("first.model.get('settings')")


def weight(page):
    return float(page.locator(".dt-reads .dt-num").first.inner_text())


def set_to(range_input, place):
    range_input.evaluate(
        "(e, v) => { e.value = v; for (const t of ['input', 'change']) e.dispatchEvent(new Event(t)); }", place
    )


def test_settings_are_checked_and_described():
    assert "'heart' goes in step 1" in AttentionMicroscope().describe()
    for wrong in ({"token": 11}, {"step": 0}, {"factor": 110}, {"mask": "soft"}, {"head": 5}, {"extra": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            AttentionMicroscope(**wrong)
    widget = AttentionMicroscope()
    assert len(widget._esm) + len(widget._css) + len(str(widget.config)) < BYTES / 3


@pytest.mark.browser
def test_it_shows_what_python_computes(browser, tmp_path):
    for changes in ({}, {"token": 10, "extra": 200}, {"mask": "padding", "token": 1}, {"head": 2, "values": "free"}):
        s, run = solved(**changes)
        with shown(browser, AttentionMicroscope(**changes), tmp_path) as (page, _):
            for step in (1, 4, 12):
                set_to(page.get_by_role("slider", name="Step"), step - 1)
                assert weight(page) == pytest.approx(run.weights[step - 1, s.right], abs=6e-4)
                p = run.weights[step - 1][run.weights[step - 1] > 0]
                effective = np.exp(-np.sum(p * np.log(p)))
                assert float(page.locator(".dt-reads .dt-num").nth(1).inner_text()) == pytest.approx(
                    effective, abs=0.06
                )


@pytest.mark.browser
def test_gates_answer_for_their_own_settings(browser, tmp_path):
    few, many = solved()[1].weights, solved(extra=200)
    right = many[0].right
    with shown(browser, AttentionMicroscope(), tmp_path) as (page, _):
        assert page.locator(".dt-evidence .dt-dot").count() == 0
        assert page.locator(".dt-crowd").is_hidden()
        page.get_by_label("grown", exact=True).check()
        page.get_by_role("button", name="Commit").click()
        verdict = page.locator(".dt-verdict:visible")
        words = f"{few[0, 5]:.2f} in step 1, {few[9, 5]:.2f} in step 10: about the same."
        assert verdict.inner_text() == f'Your guess: grown. "heart": {words}'
        assert page.locator(".dt-evidence .dt-dot").count() == 12
        page.get_by_role("button", name="Next question").click()
        assert page.locator(".dt-evidence .dt-dot").count() == 0, "withheld again"
        page.get_by_role("button", name="Show me").click()
        words = f"{many[1].weights[0, right]:.2f} in step 1, {many[1].weights[9, right]:.2f} in step 10: shrunk."
        assert words in verdict.inner_text()
        assert settings(page)["extra"] == 200
        set_to(page.get_by_role("slider", name="Random keys"), 0)
        assert words in verdict.inner_text(), "the answer belongs to the question, not to the sliders"
        page.get_by_role("button", name="Question before").click()
        assert page.locator(".dt-evidence .dt-dot").count() == 12


@pytest.mark.browser
def test_words_by_pointer_and_key(browser, tmp_path):
    with shown(browser, AttentionMicroscope(), tmp_path) as (page, _):
        page.locator(".dt-word").nth(2).click()
        assert settings(page)["token"] == 2
        page.keyboard.press("ArrowRight")
        assert settings(page)["token"] == 3
        assert page.evaluate("document.activeElement.textContent").startswith("pure")
        page.keyboard.press(".")
        assert settings(page)["step"] == 2
        page.keyboard.press("u")
        page.keyboard.press("u")
        assert (settings(page)["token"], settings(page)["step"]) == (2, 1)
        page.keyboard.press("r")
        assert settings(page)["token"] == 5
        page.get_by_role("button", name="β × 1.25").click()
        assert page.get_by_role("slider", name="Sharpness").get_attribute("aria-valuetext") == "β = 1.25/√d"
        page.wait_for_function("document.querySelector('.dt-live').textContent.startsWith('Step 1: weight')")


@pytest.mark.browser
def test_energy_falls_or_is_hatched(browser, tmp_path):
    s, run = solved(extra=200)
    energies = retrieval_energy(run.states, s.keys, beta=s.beta)
    with shown(browser, AttentionMicroscope(extra=200, step=12), tmp_path) as (page, _):
        label = page.locator(".dt-below svg").get_attribute("aria-label")
        shown_energy = float(re.match(r"Energy (\S+) after 11", label)[1])
        assert shown_energy == pytest.approx(energies[11], abs=6e-3)
        assert "Every update lowers the energy" in page.locator(".dt-below").inner_text()
        page.get_by_label("Next query", exact=True).select_option("plain")
        assert "nothing keeps the energy from rising" in page.locator(".dt-below").inner_text()
        page.get_by_label("Values", exact=True).select_option("free")
        assert "No energy exists whose gradient is x − f" in page.locator(".dt-none").inner_text()
        assert page.locator(".dt-below .dt-figure").is_hidden()
