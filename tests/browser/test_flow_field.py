"""The flow field: settings in Python, size and syntax of its module; in Chromium keys, pointer, sweeps, the gate."""

from __future__ import annotations

import numpy as np
import pytest
from browser import changed, pixels
from preview import shown

from damtutor.models.modern import ModernHopfield
from damtutor.widgets.flow_field import BETAS, PRESETS, FlowField


def settings(page):
    return page.evaluate("first.model.get('settings')")


def open_gate(page, guess="jumps"):
    page.get_by_label(guess).check()
    page.get_by_role("button", name="Commit").click()
    page.wait_for_function("document.querySelector('.dt-verdict').textContent.includes('It jumps')", timeout=30_000)


def test_settings_are_checked():
    assert "β = 1.9, step size 1" in repr(FlowField())
    assert repr(FlowField()) == repr(FlowField())
    assert 1.9 in BETAS
    assert BETAS[0] == 0.3
    assert BETAS[-1] == 60.0
    assert FlowField(memories="short", beta=BETAS[40], x=-400, seed=7).settings["x"] == -400
    for name, value in {"memories": "square", "beta": 1.23456, "a": 2.6, "x": 0.5, "y": 5000, "seed": -1}.items():
        with pytest.raises(ValueError, match=rf"{name} is .*; expected"):
            FlowField(**{name: value})


def test_presets_are_what_the_chapter_says():
    """Four places on the triangle at 1.9; three cluster averages, then twelve; the short key never."""

    def stable(name, beta):
        return int(ModernHopfield(PRESETS[name][1], beta).fixed_points(np.zeros((1, 2))).stable.sum())

    assert [stable("triangle", b) for b in (1.7, 1.9, 2.1)] == [1, 4, 3]
    assert [stable("clusters", b) for b in (1, 10, 60)] == [1, 3, 12]
    assert [stable("short", b) for b in (0.5, 5, 60)] == [1, 2, 2]
    radius = np.linalg.norm(ModernHopfield(PRESETS["triangle"][1], 2.0).retrieve([0.0, 0.1]).state)
    assert radius == pytest.approx(0.716, abs=5e-4)


@pytest.mark.browser
def test_the_sweeps_make_a_loop(browser, tmp_path):
    with shown(browser, FlowField(), tmp_path) as (page, _):
        open_gate(page, "glides out to a memory")
        said = page.locator(".dt-verdict").inner_text()
        assert said.startswith("Your guess: glides out to a memory. It jumps: n_eff goes from")
        page.get_by_role("button", name="Sweep down").click()
        page.wait_for_function("document.querySelector('.dt-verdict').textContent.includes('way down')", timeout=30_000)
        up, down = (
            float(part.split()[0].rstrip(".")) for part in page.locator(".dt-verdict").inner_text().split("β = ")[1:]
        )
        assert 1.95 < up < 2.3
        assert 1.7 < down < 1.9
        assert settings(page)["beta"] < 1.1
        assert page.evaluate("document.querySelector('input[type=range]').ariaValueText").startswith("β = 1.0")


@pytest.mark.browser
def test_keys_pointer_undo_and_play(browser, tmp_path):
    with shown(browser, FlowField(x=300, y=200), tmp_path) as (page, _):
        plane = page.locator(".dt-plane")
        before = pixels(plane)
        plane.focus()
        page.keyboard.press("ArrowRight")
        assert changed(plane, before)
        assert settings(page)["x"] == 350
        page.keyboard.press("u")
        assert settings(page)["x"] == 300
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('.dt-reads').textContent.includes('at rest')")
        end = ModernHopfield(PRESETS["triangle"][1], 1.9).retrieve([0.3, 0.2])
        assert (
            f"{ModernHopfield(PRESETS['triangle'][1], 1.9).n_eff(end.state):.2f} of 3"
            in page.locator(".dt-reads").inner_text()
        )
        box = plane.bounding_box()
        page.mouse.move(box["x"] + 60, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 90, box["y"] + 90, steps=4)
        page.mouse.up()
        assert settings(page)["x"] < -200
        assert settings(page)["y"] > 300


@pytest.mark.browser
def test_the_line_of_the_diagram_can_be_pulled(browser, tmp_path):
    with shown(browser, FlowField(), tmp_path, reduced_motion="reduce") as (page, _):
        open_gate(page)
        chart = page.locator("svg.dt-chart[role=img]")
        box = chart.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 100)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 100, steps=4)
        page.mouse.up()
        assert 1.8 < settings(page)["beta"] < 2.3
        assert f"β = {settings(page)['beta']:.2f}" in page.locator("input[type=range]").first.get_attribute(
            "aria-valuetext"
        )


@pytest.mark.browser
def test_a_large_step_finds_no_rest_and_says_so(browser, tmp_path):
    with shown(browser, FlowField(a=2.5, x=300, beta=BETAS[200]), tmp_path, reduced_motion="reduce") as (page, _):
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("/ran away|still moving/.test(document.querySelector('.dt-reads').textContent)")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 700, 390])
def test_the_list_of_memories_stays_in_its_panel(browser, tmp_path, width):
    with shown(browser, FlowField(), tmp_path, width=width) as (page, _):
        box, panel = (page.locator(f".dt-controls{part}").bounding_box() for part in (" select", ""))
        assert box["x"] + box["width"] <= panel["x"] + panel["width"] - 8, "the panel's own padding"
        assert box["width"] > 100
