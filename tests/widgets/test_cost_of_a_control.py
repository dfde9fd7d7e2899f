"""A new control of an instrument costs one line in Python and one in JavaScript: done here in a copy of the package."""

import json

import pytest
from changed_package import changed_files, copy_package, run_with
from preview import as_in_book, shown

PYTHON = '        Setting("seed", SEEDS, 0),\n'
SETTING = '        Setting("bins", (10, 20, 50), 20, "Bars", text="{} bars", doc="bars of the histogram, {}"),\n'
SCRIPT = '	frame.control("N");\n'
CONTROL = '	frame.control("bins");\n'

USE = """
import inspect
import json
import pydoc
from damtutor.widgets import Overlap

refused = []
for value in (51, 7, "20"):
    try:
        Overlap(bins=value)
    except ValueError as error:
        refused.append(str(error))
kept = Overlap(bins=50)
kept.settings = {"N": 16}
widget = Overlap()
print(json.dumps({
    "settings": kept.settings,
    "refused": refused,
    "signature": str(inspect.signature(Overlap)),
    "help": pydoc.render_doc(Overlap, renderer=pydoc.plaintext),
    "parts": {"css": str(widget._css), "js": str(widget._esm), "config": widget.config, "settings": widget.settings},
}))
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """The copy, and what Python says of the instrument in it."""
    copy = copy_package(tmp_path_factory.mktemp("copy"))
    for file, place, line in (("__init__.py", PYTHON, SETTING), ("overlap.js", SCRIPT, CONTROL)):
        path = copy / "widgets" / "overlap" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(place) == 1
        path.write_text(text.replace(place, line + place if file == "__init__.py" else place + line), encoding="utf-8")
    return copy, json.loads(run_with(copy, USE))


def test_python_knows_a_setting_from_one_line(changed):
    copy, found = changed
    assert found["settings"] == {"N": 16, "bins": 50, "seed": 0}
    assert found["refused"] == [f"bins is {value}; expected one of 10, 20, 50" for value in ("51", "7", "'20'")]
    assert found["signature"] == "(*, N: int = 64, bins: int = 20, seed: int = 0)"
    assert "Overlap(*, N: int = 64, bins: int = 20, seed: int = 0)" in found["help"]
    assert "bins : bars of the histogram, 10, 20 or 50." in found["help"]
    assert changed_files(copy) == ["widgets/overlap/__init__.py", "widgets/overlap/overlap.js"]


@pytest.mark.browser
def test_the_browser_shows_it_and_its_links_say_it(changed, browser, tmp_path):
    _, found = changed
    with shown(browser, found["parts"], tmp_path) as (page, log):
        as_in_book(page)
        bars = page.get_by_role("slider", name="Bars")
        assert bars.get_attribute("aria-valuetext") == "20 bars"
        bars.press("End")
        assert bars.get_attribute("aria-valuetext") == "50 bars"
        assert page.evaluate("first.model.get('settings')") == {"N": 64, "bins": 50, "seed": 0}
        page.get_by_role("button", name="link", exact=True).click()
        assert page.evaluate("location.hash") == "#overlap=1&N=64&bins=50&seed=0"
        page.evaluate("location.hash = '#overlap=1&bins=10'")
        page.wait_for_function("document.querySelectorAll('output')[1].textContent === '10 bars'")
        page.evaluate("location.hash = '#overlap=1&bins=11'")
        page.wait_for_function("document.querySelector('.dt-note').textContent.includes('it says bins = 11')")
        page.get_by_role("button", name="Undo").click()
        assert page.evaluate("first.model.get('settings')")["bins"] == 10
        assert log.errors == []
