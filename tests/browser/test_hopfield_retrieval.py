"""The instrument of chapter `hopfield` in Chromium: presets, gate, keys, pointer, themes, narrow screens."""

from __future__ import annotations

import numpy as np
import pytest
from instrument_models import hopfield_network
from preview import shown

from damtutor.experiments.end_states import classify
from damtutor.rng import Rng32
from damtutor.widgets.hopfield_retrieval import MAX_SWEEPS, HopfieldRetrieval, stores
from damtutor.widgets.kit.packing import pack_rows

pytestmark = pytest.mark.browser

INK = """(root) => [...(root.querySelector('path.dt-ink').getAttribute('d') || '').matchAll(/M([\\d.]+) ([\\d.]+)/g)]
  .map((m) => Math.floor(m[1]) + 8 * Math.floor(m[2]))"""


def settings(page):
    return page.evaluate("first.model.get('settings')")


def state(page) -> np.ndarray:
    """What the large grid shows, ±1."""
    on = page.locator(".dt-grid").evaluate(INK)
    spins = np.full(64, -1, dtype=np.int8)
    spins[on] = 1
    return spins


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def damaged(patterns, q=3, percent=10, seed=0):
    """Picture q as the instrument damages it, and the generator that then orders the sweeps."""
    rng, start = Rng32(1000 * seed + q), patterns[q].copy()
    start[rng.choose(64, int(percent * 64 / 100 + 0.5))] *= -1
    return start, rng


def play(page):
    press(page, "Play")
    page.wait_for_function("document.querySelector('.dt-evidence').innerText.match(/settled|swaps/)", timeout=20_000)


def test_it_opens_half_a_sweep_in_and_ends_where_python_does(browser, tmp_path):
    with shown(browser, HopfieldRetrieval(), tmp_path, reduced_motion="reduce") as (page, _):
        patterns = stores()["digits"][:5]
        start, rng = damaged(patterns)
        half = start.copy()
        model = hopfield_network(patterns, "hebb")
        for i in rng.permutation(64)[:32]:
            half[i] = np.sign(model.fields(half)[i]) or half[i]
        assert np.array_equal(state(page), half)
        assert "in 32 updates" in page.locator(".dt-evidence").inner_text()
        for name, store, rule in (
            ("2 digits fail", "digits", "hebb"),
            ("1 random works", "random", "hebb"),
            ("3 projection heals", "digits", "projection"),
        ):
            press(page, name)
            assert "in 32 updates" in page.locator(".dt-evidence").inner_text(), "as a fresh one with these settings"
            press(page, "Restart")
            assert "in 0 updates" in page.locator(".dt-evidence").inner_text()
            assert (settings(page)["store"], settings(page)["rule"]) == (store, rule)
            play(page)
            patterns = stores()[store][:5]
            start, rng = damaged(patterns)
            end = hopfield_network(patterns, rule).retrieve(start, rng=rng, max_sweeps=MAX_SWEEPS).state
            assert np.array_equal(state(page), end), name
            assert np.array_equal(end, patterns[3]) == (name != "2 digits fail")


def test_the_gate_counts_what_python_counts(browser, tmp_path):
    with shown(browser, HopfieldRetrieval(), tmp_path) as (page, _):
        assert page.get_by_role("button", name="Commit").is_disabled()
        page.get_by_label("11 to 50", exact=True).check()
        press(page, "Commit")
        counts = {}
        model = hopfield_network(stores()["random"][:5], "hebb")
        for b in range(100):
            rng = Rng32(100 + b)
            end = model.retrieve(rng.signs(64), rng=rng, max_sweeps=MAX_SWEEPS)
            kind = classify(model.patterns, end).kind
            counts[kind] = counts.get(kind, 0) + 1
        assert settings(page)["store"] == "random", "the question is about random pictures: an answer sets them up"
        verdict = page.locator(".dt-verdict").inner_text()
        assert verdict.startswith("Your guess: 11 to 50. With these settings:")
        for kind, count in counts.items():
            assert f"{count} {kind}" in verdict
        press(page, "2 digits fail")
        assert f"{counts['memory']} memory" not in page.locator(".dt-verdict").inner_text()


def test_painting_noise_undo_and_keys(browser, tmp_path):
    with shown(browser, HopfieldRetrieval(), tmp_path) as (page, _):
        press(page, "Reset")
        before = state(page)
        box = page.locator(".dt-grid svg").bounding_box()
        page.mouse.click(box["x"] + box["width"] * 4.5 / 8, box["y"] + box["height"] * 2.5 / 8)
        painted = state(page)
        assert np.flatnonzero(painted != before).tolist() == [20]
        assert settings(page)["state"] == pack_rows(painted[None])[0]
        press(page, "Undo")
        assert np.array_equal(state(page), before)
        press(page, "Noise")
        assert np.array_equal(state(page), Rng32(100).signs(64))
        press(page, "Noise")
        assert np.array_equal(state(page), Rng32(101).signs(64))
        page.keyboard.press("r")
        assert np.array_equal(state(page), before)
        page.locator(".dt-grid").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert np.flatnonzero(state(page) != before).size == 1


def test_all_together_swaps_and_python_sets_it(browser, tmp_path):
    with shown(browser, HopfieldRetrieval(), tmp_path, reduced_motion="reduce") as (page, _):
        page.evaluate("first.model.set('settings', {...first.model.get('settings'), order: 'sync', rule: 'storkey'})")
        assert page.get_by_label("Update", exact=True).input_value() == "sync"
        assert page.evaluate("first.model.saved") == 0, "what Python said is not sent back"
        patterns = stores()["digits"][:5]
        start, _ = damaged(patterns)
        play(page)
        trace = hopfield_network(patterns, "storkey").retrieve(start, order="sync", max_sweeps=MAX_SWEEPS)
        assert np.array_equal(state(page), trace.state)
