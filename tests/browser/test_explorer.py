"""The explorers of chapter `capacity` in Chromium: the very cells of the lecture, on narrow and dark screens too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import serious
from preview import shown

from damtutor.widgets import Explorer

pytestmark = pytest.mark.browser
LECTURE = Path(__file__).parents[2] / "book" / "chapters" / "03-capacity.md"
EXPLORERS = ("capacity-crosstalk", "capacity-correlation", "capacity-temperature")
PICTURES = 90_000  # characters of base64 that the three together may bring into the page


@pytest.fixture(scope="module")
def explorers():
    """The three explorers, made by the lecture's own cells."""
    text = LECTURE.read_text(encoding="utf-8")
    cells = dict(re.findall(r"```\{code-cell\} ipython3\n:id: (\S+)\n(.*?)```", text, flags=re.S))
    made, scope = {}, {}
    exec(cells["capacity-setup"], scope)
    for name in EXPLORERS:
        before, call = cells[name].rsplit("Explorer(", 1)
        exec(f"{before}made = Explorer({call}", scope)
        made[name] = scope["made"]
    return made


def test_three_explorers_fit_into_a_page(explorers):
    assert all(isinstance(made, Explorer) for made in explorers.values())
    assert sum(len(strip) for made in explorers.values() for strip in made.config["strips"]) < PICTURES
    assert all(len(alt) > 40 for made in explorers.values() for alt in made.config["alts"])


@pytest.mark.parametrize("name", EXPLORERS)
@pytest.mark.parametrize("options", [{}, {"width": 390, "dark": True}], ids=["wide", "narrow and dark"])
def test_an_explorer_works_with_keys_and_says_what_it_shows(browser, explorers, tmp_path, name, options):
    with shown(browser, explorers[name], tmp_path, **options) as (page, log):
        picture = page.locator("img.dt-frame")
        first = picture.get_attribute("alt")
        page.locator("[aria-label^='Picture']").focus()
        page.keyboard.press("ArrowRight")
        assert picture.get_attribute("alt") != first
        page.keyboard.press("ArrowLeft")
        assert picture.get_attribute("alt") == first
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert serious(page) == []
        assert (log.outside, log.missing, log.errors) == ([], [], [])
