"""The sketch: data and settings without a browser; pointer, touch, keys, the gate, undo and themes in Chromium."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from preview import shown

from damtutor.widgets import Sketch

PLACES = [0.1, 0.2, 0.22, 0.4]
MEASURED = {
    "small": ([0.1, 0.2, 0.3, 0.4], [0.97, 0.81, 0.53, 0.37], [0.001, 0.02, 0.03, 0.04]),
    "large": ([0.1, 0.4], [0.99, 0.13], [0.0, 0.01]),
}
THEORY = ([0.0, 0.21, 0.21, 0.4], [1.0, 0.93, 0.0, 0.0])
LABELS = ("load", "overlap m")
SECRETS = ("0.97", "0.81", "0.53", "0.37", "0.99", "0.13", "0.93", "small", "large")


def make(**options):
    return Sketch(PLACES, MEASURED, THEORY, title="Rest", labels=LABELS, **options)


# --- without a browser


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ([0.5] * 3, "expected a list of 4 numbers, each from 0 to 1"),
        ([0.5] * 3 + [1.01], "a list of 4 numbers"),
        ([0.5] * 3 + [float("nan")], "a list of 4 numbers"),
        ([0.5] * 3 + [True], "a list of 4 numbers"),
        ([0.5] * 3 + ["1"], "a list of 4 numbers"),
        (0.5, "a list of 4 numbers"),
        ("0.5, 1", "a list of 4 numbers"),
    ],
)
def test_a_guess_that_does_not_fit_is_refused(bad, said):
    with pytest.raises(ValueError, match=f"guess is .*{said}"):
        make(guess=bad)
    view = make()
    with pytest.raises(ValueError, match=f"guess is .*{said}"):
        view.settings = {"guess": bad}
    assert view.settings["guess"] == [0.9] * 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"places": [0.1]}, "expected 2 to 12 rising numbers"),
        ({"places": [0.2, 0.1]}, "rising"),
        ({"places": [0.1, 0.1]}, "rising"),
        ({"places": range(13)}, "2 to 12"),
        ({"places": ["a", "b"]}, "real numbers"),
        ({"measured": {}}, "a dict of 1 to 3 series"),
        ({"measured": [1]}, "a dict of 1 to 3 series"),
        ({"measured": {k: MEASURED["small"] for k in "abcd"}}, "a dict of 1 to 3 series"),
        ({"measured": {"a": ([0.2], [0.5])}}, "(places, means, errors)"),
        ({"measured": {"a": ([0.2, 0.3], [0.5], [0.1])}}, "lengths 2, 1, 1"),
        ({"measured": {"a": ([0.2], [1.2], [0.1])}}, "expected 0 to 1"),
        ({"measured": {"a": ([0.2], [0.2], [-0.1])}}, "an error of -0.1"),
        ({"measured": {"a": ([0.5], [0.2], [0.1])}}, "nothing from 0.1 to 0.4"),
        ({"measured": {"a": ([0.2], [np.inf], [0.1])}}, "finite"),
        ({"theory": [0.1, 0.2]}, "places of theory"),
        ({"theory": ([0.1, 0.2], [0.5, -0.2])}, "theory: values from -0.2"),
        ({"labels": "load"}, "expected two texts"),
        ({"labels": ("load", 3)}, "expected two texts"),
    ],
)
def test_data_that_cannot_be_shown_are_refused(change, said):
    arguments = {"places": PLACES, "measured": MEASURED, "theory": THEORY} | change
    with pytest.raises(ValueError, match=re.escape(said)):
        Sketch(**arguments)


def test_arrays_are_taken_and_never_changed():
    guess, theory = np.array([1.0, 0.5, 0.25, 0.0]), np.array(THEORY)
    view = Sketch(np.array(PLACES), MEASURED, tuple(theory), guess=guess)
    assert view.settings["guess"] == [1.0, 0.5, 0.25, 0.0]
    assert json.loads(json.dumps(view.config))["theory"] == [list(row) for row in THEORY]
    assert (guess == [1.0, 0.5, 0.25, 0.0]).all()
    assert (theory == THEORY).all()


def test_its_words_keep_the_secret():
    view = make(guess=[1.0, 0.5, 0.25, 0.0])
    words = repr(view) + str({k: v for k, v in view._repr_mimebundle_()[0].items() if k.startswith("text/")})
    assert "your guess: 1.00 at 0.1, 0.50 at 0.2, 0.25 at 0.22, 0.00 at 0.4" in words
    assert not [secret for secret in SECRETS if secret in words]


# --- in Chromium

browser_only = pytest.mark.browser
FACE = """() => [...document.querySelectorAll('.dt, .dt *')].flatMap((e) => [
  e.childElementCount ? '' : e.textContent,
  ...e.getAttributeNames().filter((name) => /aria|title|alt/.test(name)).map((name) => e.getAttribute(name)),
]).join(' ')"""


def guess(page):
    return page.evaluate("first.model.get('settings').guess")


def button(page, name):
    return page.get_by_role("button", name=name)


def points(page):
    return page.get_by_role("slider")


def height(page, value):
    """Pixels from the top of the chart, which shows -0.05 to 1.05 between its margins of 10 and 34."""
    tall = page.locator(".dt-chart").bounding_box()["height"] - 44
    return 10 + (1.05 - value) / 1.1 * tall


def middle(page, k):
    box = points(page).nth(k).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, k, value, *, aside=0):
    """Pull point k to a height, by mouse, from `aside` pixels beside its middle."""
    x, y = middle(page, k)
    page.mouse.move(x + aside, y)
    page.mouse.down()
    page.mouse.move(x + aside + 30, page.locator(".dt-chart").bounding_box()["y"] + height(page, value), steps=5)
    page.mouse.up()


@browser_only
def test_points_follow_the_pointer(browser, tmp_path):
    with shown(browser, make(), tmp_path, width=390) as (page, _):
        drag(page, 0, 0.3)
        drag(page, 3, -2)
        drag(page, 2, 0.6, aside=-2)  # point 1 and 2 are 15 pixels apart: the nearer one is meant
        wanted = [0.3, 0.9, 0.6, 0.0]
        assert guess(page) == pytest.approx(wanted, abs=0.011)  # hundredths, and half a pixel
        places = [middle(page, k)[1] - page.locator(".dt-chart").bounding_box()["y"] for k in range(4)]
        assert places == pytest.approx([height(page, v) for v in guess(page)], abs=0.6)
        for left in (2, 1, 0):
            button(page, "Undo").click()
            assert sum(v != 0.9 for v in guess(page)) == left, "one drag is one step of undo"
        assert page.evaluate("first.model.saved") == 6


@browser_only
def test_a_finger_moves_a_point(browser, tmp_path):
    with shown(browser, make(), tmp_path, width=390, has_touch=True) as (page, _):
        x, y = middle(page, 1)
        hand = page.context.new_cdp_session(page)
        for kind, dy in (("touchStart", 0), ("touchMove", 30), ("touchMove", 90), ("touchEnd", None)):
            at = [] if dy is None else [{"x": x, "y": y + dy}]
            hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
        assert guess(page)[1] == pytest.approx(0.9 - 90 * 1.1 / 226, abs=0.011)
        assert page.evaluate("scrollY") == 0


@browser_only
def test_keys_choose_and_move_and_are_heard(browser, tmp_path):
    with shown(browser, make(), tmp_path) as (page, _):
        page.get_by_role("button", name="Undo").focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "load 0.1"
        for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp"):
            page.keyboard.press(key)
        assert guess(page) == [0.9, 0.8, 0.95, 0.9]
        second = points(page).nth(1)
        heard = [second.get_attribute(f"aria-{word}") for word in ("label", "valuetext", "valuenow")]
        assert heard == ["load 0.2", "your guess 0.80", "0.8"]
        assert page.get_by_text("load 0.22, your guess 0.95", exact=True).is_visible()
        for _ in range(3):
            page.keyboard.press("ArrowUp")
        assert guess(page)[2] == 1
        page.keyboard.press("u")
        page.keyboard.press("u")
        assert guess(page)[2] == 0.95, "a key that moves nothing is no step of undo"
        page.keyboard.press("r")
        assert guess(page) == [0.9] * 4
        assert button(page, "Commit").is_disabled(), "the opening line is nobody's guess"


@browser_only
def test_nothing_is_given_away_before_the_commit(browser, tmp_path):
    with shown(browser, make(guess=[1, 0.5, 0.25, 0]), tmp_path) as (page, _):
        button(page, "? Keys").click()
        before = page.evaluate(FACE)
        assert "your guess" in before
        assert not [secret for secret in SECRETS if secret in before]
        assert page.locator(".dt-dot, .dt-whisker, .dt-line-theory").count() == 0
        alt = page.get_by_role("img").get_attribute("aria-label")
        assert alt.endswith("hidden until you commit or press Show me.")

        button(page, "Commit").click()
        # at 0.3, between two points, the line is at 0.25 (1 - 0.08 / 0.18) = 0.139; all other gaps are smaller
        words = "differ most at load 0.3: you drew 0.14, measured: 0.53 ± 0.03 (small)."
        assert words in page.locator(".dt-verdict").inner_text()
        assert page.evaluate("document.activeElement.className") == "dt-verdict"
        assert page.locator(".dt-dot").count() == 6
        assert page.locator(".dt-whisker").count() == 5, "an error of 0 has no bar"
        assert page.locator(".dt-line-theory").count() == 1
        dashes = "e => getComputedStyle(e).strokeDasharray"
        assert page.locator(".dt-line-guess").evaluate(dashes) == "6px, 4px"
        alt = page.get_by_role("img").get_attribute("aria-label")
        assert "Theory: 0.97 at 0.1, 0.93 at 0.2, 0.00 at 0.22, 0.00 at 0.4." in alt
        assert "Measured, large: 0.99 at 0.1, 0.13 at 0.4." in alt
        assert all(secret in page.evaluate(FACE) for secret in SECRETS), "the words that were looked for above"

        x = guess(page)
        drag(page, 0, 0.1)
        points(page).nth(1).press("ArrowUp")
        assert guess(page) == x, "a guess that is committed stays"


@browser_only
def test_undo_and_reset_hide_the_answer_again(browser, tmp_path):
    with shown(browser, make(guess=[1, 0.5, 0.25, 0]), tmp_path) as (page, _):
        dots = page.locator(".dt-dot")
        button(page, "Commit").click()
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.className") == "dt-verdict"
        page.keyboard.press("u")  # the answer has the focus now
        assert (dots.count(), guess(page)) == (0, [1, 0.5, 0.25, 0])
        button(page, "Commit").click()
        button(page, "Undo").click()
        assert (dots.count(), guess(page)) == (0, [1, 0.5, 0.25, 0])
        button(page, "Commit").click()
        button(page, "Reset").click()
        assert (dots.count(), guess(page)) == (0, [0.9] * 4)
        button(page, "Undo").click()
        assert (dots.count(), guess(page)) == (6, [1, 0.5, 0.25, 0]), "a reset is one step of undo"


@browser_only
def test_show_me_needs_no_guess(browser, tmp_path):
    with shown(browser, make(), tmp_path) as (page, _):
        button(page, "Show me").click()
        assert page.locator(".dt-verdict").inner_text() == "Shown without a guess. Reset hides it again."
        assert page.locator(".dt-line-guess").count() == 0
        assert page.locator(".dt-hold:visible").count() == 0
        assert page.locator(".dt-dot").count() == 6


@browser_only
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_it_fades_in_unless_motion_is_reduced(browser, tmp_path, motion):
    with shown(browser, make(), tmp_path, reduced_motion=motion) as (page, _):
        button(page, "Show me").click()
        name = page.locator(".dt-dot").first.evaluate("e => getComputedStyle(e).animationName")
        assert name == ("none" if motion == "reduce" else "dt-appear")
        if motion != "reduce":
            page.wait_for_function("!document.querySelector('.dt-fade')")


@browser_only
def test_the_copied_call_runs(browser, tmp_path):
    with shown(browser, make(guess=[1, 0.5, 0.25, 0]), tmp_path) as (page, _):
        button(page, "copy").click()
        page.wait_for_selector(".dt-note:visible")
        call = re.search(r"Sketch\(.*\)$", page.locator(".dt-note").inner_text())[0]
        names = {"Sketch": Sketch, "places": PLACES, "measured": MEASURED, "theory": THEORY}
        again = eval(call, names)
        assert again.settings == make(guess=[1, 0.5, 0.25, 0]).settings
        assert again.config == make().config
