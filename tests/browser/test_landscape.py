"""The landscape: settings and words without a browser; keys, pointer, gate, drops and themes in Chromium."""

from __future__ import annotations

import re

import numpy as np
import pytest
from instrument_models import landscape_memory
from preview import shown

from damtutor.models.compact import CompactMemory
from damtutor.models.modern import ModernHopfield
from damtutor.rng import Rng32
from damtutor.widgets.landscape import Landscape

# --- without a browser


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"memories": []}, "a list of 1 to 8 points"),
        ({"memories": [[0, 0]] * 9}, "a list of 1 to 8 points"),
        ({"memories": [[0, 3]]}, "each number from -2 to 2"),
        ({"memories": [[0, float("nan")]]}, "each number from -2 to 2"),
        ({"memories": [[0, True]]}, "each number from -2 to 2"),
        ({"memories": 5}, "a list of 1 to 8 points"),
        ({"ball": [[0, 0], [1, 1]]}, "a list of 1 to 1 points"),
        ({"kernel": "box"}, "'compact', 'gaussian'"),
        ({"reach": 0.2}, "a number from 0.3 to 2"),
        ({"reach": 0.333}, "at most 2 decimals"),
        ({"sigma": "wide"}, "a number from 0.15 to 1.2"),
        ({"seed": -1}, "a whole number from 0"),
    ],
)
def test_bad_settings_are_refused_in_words(bad, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Landscape(**bad)


def test_settings_describe_a_memory_of_the_package():
    view = Landscape(memories=np.array([[0.5, 0.5], [1, -1]]), reach=1.5)
    assert isinstance(landscape_memory(view.settings), CompactMemory)
    assert landscape_memory(view.settings).reach == 1.5
    assert view.settings["memories"] == [[0.5, 0.5], [1.0, -1.0]]
    view.settings = {"kernel": "gaussian", "sigma": 0.5}
    assert isinstance(landscape_memory(view.settings), ModernHopfield)
    assert landscape_memory(view.settings).beta == pytest.approx(4)
    assert "2 memories on a plane and a ball, gaussian kernel, width 0.5, seed 0" in repr(view)


def test_the_page_stays_small():
    view = Landscape()
    assert 3 * len(view._esm) + len(view._css) < 200_000


# --- in Chromium

browser_only = pytest.mark.browser


def settings(page):
    return page.evaluate("first.model.get('settings')")


def reveal(page):
    page.get_by_role("button", name="Show me").click()


def reading(page, number):
    return page.locator(".dt-num").nth(number).inner_text()


def spot(page, x, y):
    """Screen coordinates of a point of the plane."""
    box = page.locator(".dt-plane svg").bounding_box()
    return box["x"] + (x + 2) / 4 * box["width"], box["y"] + (2 - y) / 4 * box["height"]


def drag(page, start, end):
    page.mouse.move(*spot(page, *start))
    page.mouse.down()
    page.mouse.move(*spot(page, *end), steps=6)
    page.mouse.up()


@browser_only
def test_nothing_is_given_away_before_the_guess(browser, tmp_path):
    with shown(browser, Landscape(), tmp_path) as (page, _):
        assert reading(page, 0) == "?"
        assert page.locator(".dt-place").count() == 0
        assert not any(page.locator(".dt-tint").evaluate_all("all => all.map((e) => e.getAttribute('d'))"))
        page.get_by_label("3", exact=True).check()
        page.get_by_role("button", name="Commit").click()
        verdict = page.locator(".dt-verdict").inner_text()
        assert verdict.startswith("Your guess: 3. With these settings 3 memories make 7 resting places")
        assert reading(page, 0) == "7"
        assert page.locator(".dt-place").count() == 7


@browser_only
@pytest.mark.parametrize("reach", [0.8, 0.95, 1.2, 1.6, 1.9])
def test_the_counter_is_the_packages(browser, tmp_path, reach):
    view = Landscape(reach=reach)
    with shown(browser, view, tmp_path) as (page, _):
        reveal(page)
        assert reading(page, 0) == str(len(landscape_memory(view.settings).resting_places().points))


@browser_only
def test_the_ball_ends_where_python_ends(browser, tmp_path):
    for view in (Landscape(ball=[[0.05, 0.1]]), Landscape(ball=[[0.3, -1.2]], kernel="gaussian", sigma=0.6)):
        with shown(browser, view, tmp_path, reduced_motion="reduce") as (page, _):
            page.get_by_role("button", name="Play").click()
            at = [float(page.locator(".dt-ball").get_attribute(name)) for name in ("cx", "cy")]
            end = landscape_memory(view.settings).retrieve(np.array(view.settings["ball"][0])).state
            assert at == pytest.approx([end[0], -end[1]], abs=1e-4)
            page.get_by_role("button", name="Undo").click()
            assert float(page.locator(".dt-ball").get_attribute("cx")) == view.settings["ball"][0][0]


@browser_only
def test_a_ball_beyond_every_reach_stays(browser, tmp_path):
    with shown(browser, Landscape(ball=[[-1.9, 1.9]]), tmp_path) as (page, _):
        page.get_by_role("button", name="Step").click()
        assert "no force here" in page.locator(".dt-evidence").inner_text()
        assert reading(page, 1) == "infinite"


@browser_only
def test_drops_are_counted_as_python_counts_them(browser, tmp_path):
    view = Landscape(seed=7)
    with shown(browser, view, tmp_path) as (page, _):
        page.get_by_role("button", name="Drop 200").click()
        words = page.locator(".dt-ends li").all_inner_texts()
        rng = Rng32(7)
        starts = np.array([[rng.below(4001) / 1000 - 2 for _ in range(2)] for _ in range(200)])
        places, memory = landscape_memory(view.settings).resting_places(), landscape_memory(view.settings)
        ends, forced = memory.settle(starts).states, np.isfinite(memory.energy(starts))
        for place, members in zip(places.points, places.members, strict=True):
            hits = int((forced & (np.linalg.norm(ends - place, axis=1) < 1e-9)).sum())
            numbers = "+".join(str(k + 1) for k in np.flatnonzero(members))
            name = f"△ mean of {numbers}" if "+" in numbers else f"memory {numbers}"
            assert any(line.startswith(f"{name}: {hits} (") for line in words), (name, hits, words)
        assert any(line.startswith(f"no force: {int((~forced).sum())} (") for line in words)


@browser_only
def test_memories_and_ball_by_pointer_and_one_undo_a_drag(browser, tmp_path):
    with shown(browser, Landscape(), tmp_path) as (page, _):
        drag(page, (0, 1), (0.5, 1.4))
        assert settings(page)["memories"][0] == pytest.approx([0.5, 1.4], abs=0.03)
        drag(page, (0.25, 1.75), (-1, 1))
        assert settings(page)["ball"][0] == pytest.approx([-1, 1], abs=0.03)
        assert settings(page)["memories"][0] == pytest.approx([0.5, 1.4], abs=0.03)
        page.get_by_role("button", name="Undo").click()
        page.get_by_role("button", name="Undo").click()
        assert settings(page)["memories"][0] == [0, 1]


@browser_only
def test_everything_by_key(browser, tmp_path):
    with shown(browser, Landscape(), tmp_path) as (page, _):
        plane = page.locator(".dt-plane")
        plane.focus()
        page.keyboard.press("ArrowRight")
        assert settings(page)["ball"] == [[0.3, 1.75]]
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('.dt-live').textContent === 'memory 1 is chosen'")
        page.keyboard.press("ArrowUp")
        assert settings(page)["memories"][0] == [0, 1.05]
        page.keyboard.press(".")
        assert (
            "at rest" in page.locator(".dt-evidence").inner_text()
            or "rolling" in page.locator(".dt-evidence").inner_text()
        )
        page.keyboard.press("r")
        assert settings(page) == {**Landscape().settings}
        page.keyboard.press("u")
        assert settings(page)["memories"][0] == [0, 1.05]


@browser_only
def test_add_and_remove_within_bounds_and_copy(browser, tmp_path):
    with shown(browser, Landscape(), tmp_path) as (page, _):
        for _ in range(7):
            page.get_by_role("button", name="Add").click()
        assert len(settings(page)["memories"]) == 8
        page.get_by_role("button", name="copy").click()
        page.wait_for_selector(".dt-note")
        call = re.search(r"Landscape\(.*\)", page.locator(".dt-note").inner_text())[0]
        assert eval(call, {"Landscape": Landscape}).settings == settings(page)
        for _ in range(9):
            page.get_by_role("button", name="Remove").click()
        assert len(settings(page)["memories"]) == 1
