"""The headline instrument: Python's numbers repeated by Node, and what a visitor of the start page does with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from browser import latency, opened, served
from instrument_models import repeated_attention_scene
from nodejs import node
from preview import shown

from damtutor.models.attention import retrieval_energy
from damtutor.models.transformer import iterate
from damtutor.statistics.intervals import wilson
from damtutor.widgets import RepeatedAttention
from damtutor.widgets.kit.bundle import bundle, starter
from damtutor.widgets.repeated_attention import COUNTS, QUERIES

SCRIPT = """
import { crowd, repeat } from "./damtutor/widgets/dynamics/attention.js";
import { readFileSync } from "node:fs";
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(({ settings, query }) => {
  const run = repeat({ ...crowd(settings, query), steps: 10 });
  return { weights: run.weights.map((w) => w[query]), energies: run.energies.slice(0, 10) };
})));
"""
TOLERANCE = 1e-9  # as for the microscope: ten updates amplify the last digit of exp


def by_python(settings, query=0):
    s = repeated_attention_scene(settings, query)
    run = iterate(s.query, s.keys, beta=s.beta, steps=10, between=settings["between"])
    return run.weights[:, query], retrieval_energy(run.states[:10], s.keys, beta=s.beta)


def settings_of(**changes):
    return dict(RepeatedAttention(**changes).settings)


def test_node_repeats_python():
    cases = [
        {"settings": settings_of(count=count, factor=factor, between=between, seed=seed), "query": query}
        for count, factor, between, seed, query in [
            (200, 100, "nothing", 0, 0), (100, 100, "nothing", 0, 19), (200, 125, "nothing", 3, 5),
            (300, 100, "layernorm", 999_999, 7), (20, 125, "layernorm", 12, 1), (140, 100, "nothing", 0, 2),
        ]
    ]  # fmt: skip
    answers = json.loads(node("--input-type=module", "-e", SCRIPT, stdin=json.dumps(cases)))
    for case, answer in zip(cases, answers, strict=True):
        weights, energies = by_python(**case)
        assert answer["weights"] == pytest.approx(weights, rel=TOLERANCE, abs=TOLERANCE)
        assert answer["energies"] == pytest.approx(energies, rel=TOLERANCE, abs=TOLERANCE)


def test_fewer_keys_are_the_first_of_more():
    assert np.array_equal(
        repeated_attention_scene(settings_of(count=100)).keys,
        repeated_attention_scene(settings_of(count=200)).keys[:100],
    )


def test_what_the_start_page_says_holds_at_many_seeds():
    """Ten steps forget; each cure keeps: in at least nine of ten seeds, 95 % sure (30 seeds, one query each)."""
    ends = {"plain": {}, "beta": {"factor": 125}, "norm": {"between": "layernorm"}, "few": {"count": 100}}
    kept = {
        name: sum(by_python(settings_of(seed=seed, **changes))[0][9] > 0.5 for seed in range(100, 130))
        for name, changes in ends.items()
    }
    assert wilson(kept["plain"], 30).high < 0.2, kept
    for cure in ("beta", "norm", "few"):
        assert wilson(kept[cure], 30).low > 0.8, kept


def test_settings_are_checked_and_described():
    assert repr(RepeatedAttention(step=3)).startswith(
        "RepeatedAttention: the attention of one noisy query among 200 random keys in step 3 of 10"
    )
    for wrong in ({"step": 0}, {"step": 11}, {"count": 30}, {"factor": 200}, {"between": "batchnorm"}, {"seed": -1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            RepeatedAttention(**wrong)
    assert min(COUNTS) >= QUERIES, "every query has its key among the fewest"


# --- in Chromium


def set_to(page, name, place):
    page.get_by_role("slider", name=name, exact=True).evaluate(
        "(e, v) => { e.value = v; for (const t of ['input', 'change']) e.dispatchEvent(new Event(t)); }", place
    )


def weight(page):
    return float(page.locator(".dt-big .dt-num").first.inner_text())


@pytest.mark.browser
def test_guess_pull_and_cure(browser, tmp_path):
    with shown(browser, RepeatedAttention(), tmp_path) as (page, _):
        for step in (1, 5, 10):
            set_to(page, "Step", step - 1)
            assert weight(page) == pytest.approx(by_python(settings_of())[0][step - 1], abs=6e-4)
        assert page.locator(".dt-dot").count() == 0, "nothing is given away before the guess"
        page.get_by_label("grown").check()
        page.get_by_role("button", name="Commit").click()
        assert (
            page.locator(".dt-verdict").inner_text().startswith("Your guess: grown. 0.945 in step 1, 0.005 in step 10.")
        )
        page.wait_for_function("document.querySelectorAll('.dt-dot').length === 10")
        for cure, changes in (
            ("β × 1.25", {"factor": 125}),
            ("LayerNorm", {"between": "layernorm"}),
            ("100 keys", {"count": 100}),
        ):
            button = page.get_by_role("button", name=cure, exact=True)
            button.click()
            assert button.get_attribute("aria-pressed") == "true"
            assert weight(page) == pytest.approx(by_python(settings_of(**changes))[0][9], abs=6e-4)
            assert weight(page) > 0.5
            button.click()
            assert weight(page) < 0.01, "pressed again, the cure is taken away"


@pytest.mark.browser
def test_a_guess_after_a_cure_is_held_against_what_its_sentence_speaks_of(browser, tmp_path):
    with shown(browser, RepeatedAttention(), tmp_path) as (page, _):
        set_to(page, "Step", 9)
        page.get_by_role("button", name="LayerNorm", exact=True).click()
        cured = weight(page)
        assert cured > 0.8
        page.get_by_label("shrunk").check()
        page.get_by_role("button", name="Commit").click()
        assert weight(page) == 0.005
        words = page.locator(".dt-verdict").inner_text()
        assert words.startswith("Your guess: shrunk. 0.945 in step 1, 0.005 in step 10.")
        assert "changed" not in words
        page.get_by_role("button", name="Undo").click()
        assert weight(page) == cured
        assert page.locator(".dt-verdict").inner_text() == f"{words} The settings have changed since."
        page.get_by_role("button", name="Reset").click()
        assert (weight(page), page.locator(".dt-verdict").inner_text()) == (0.945, words)


@pytest.mark.browser
def test_the_edge_is_counted_and_the_estimate_drawn_after_the_guess(browser, tmp_path):
    with shown(browser, RepeatedAttention(), tmp_path) as (page, _):
        page.get_by_role("button", name="Next question").click()
        assert page.locator(".dt-line-theory").count() == 0
        page.get_by_label("200", exact=True).check()
        page.get_by_role("button", name="Commit").click()
        page.wait_for_function("document.querySelector('.dt-verdict').textContent.includes('Half is gone')")
        means = [np.mean([by_python(settings_of(count=k), q)[0][9] for q in range(QUERIES)]) for k in COUNTS]
        half = np.interp(-0.5, -np.array(means), COUNTS)
        assert f"about {half:.0f} keys" in page.locator(".dt-verdict").inner_text()
        assert page.locator(".dt-line-theory").count() == 1
        assert page.locator(".dt-guess").count() == 1
        page.get_by_role("button", name="LayerNorm", exact=True).click()
        page.wait_for_function(
            "document.querySelector('.dt-verdict').textContent.includes('every number of keys tried')"
        )
        assert page.locator(".dt-line-theory").count() == 0, "the estimate is about the plain case"


@pytest.mark.browser
def test_keys_step_and_undo(browser, tmp_path):
    with shown(browser, RepeatedAttention(step=4), tmp_path) as (page, _):
        picture = page.locator(".dt-picture > div")
        picture.focus()
        for key, step in (
            ("ArrowRight", 5),
            (".", 6),
            ("ArrowLeft", 5),
            ("u", 6),
            ("r", 1),
            ("ArrowLeft", 1),
            ("u", 6),
        ):
            page.keyboard.press(key)
            assert page.evaluate("first.model.get('settings').step") == step, key


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "key"), [("repeated_attention", "repeated_attention"), ("Again", "ask-attention-again")]
)
def test_the_script_alone_starts_it(browser, tmp_path, name, key):
    """In a page of its own, with no widget library and no kernel; by its present name and by its former one."""
    (tmp_path / "again.js").write_text(bundle([RepeatedAttention]) + starter(RepeatedAttention()), encoding="utf-8")
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><title>x</title><link rel="icon" href="data:,">'
        f'<main><h1>x</h1><div data-instrument="{name}">Waiting.</div></main>'
        '<script async src="again.js"></script></html>',
        encoding="utf-8",
    )
    with served(tmp_path) as base, opened(browser, base, width=390) as (page, log):
        page.goto(f"{base}/index.html#{key}=1&step=10&seed=3")
        page.locator(".dt").wait_for()
        assert page.get_by_role("slider", name="Step").get_attribute("aria-valuetext") == "10 of 10"
        assert weight(page) == pytest.approx(by_python(settings_of(seed=3))[0][9], abs=6e-4)
        assert page.get_by_text("Waiting.").count() == 0
        print(f"\nheadline: {latency(page.locator('.dt'))}")
        assert (log.outside, log.missing, log.errors) == ([], [], [])


@pytest.mark.browser
def test_reset_draws_the_keys_that_the_slider_says(browser, tmp_path):
    """Reset changes several settings at once, the step first, which alone would need no new run."""
    with shown(browser, RepeatedAttention(count=60, factor=125), tmp_path) as (page, _):
        page.get_by_role("button", name="Reset").click()
        assert "the other 199" in page.locator(".dt-picture .dt-key").inner_text()
