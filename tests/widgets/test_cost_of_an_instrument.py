"""A new instrument costs one folder: done here in a copy of the package, and tried in Chromium."""

import json

import pytest
from browser import ends, serious
from changed_package import changed_files, copy_package, run_with
from preview import as_in_book, shown

PYTHON = '''"""A small instrument: the signs of a wave."""

from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Setting


class SignWave(Instrument):
    """The signs of a wave along a line of neurons."""

    declared = (
        Setting("waves", range(1, 9), 2, "Waves", text="{} waves", doc="{} waves"),
        Setting("seed", SEEDS, 0),
    )

    def fixed(self):
        return {"size": 64}

    def describe(self):
        return f"{self.settings['waves']} waves along a line, seed {self.settings['seed']}."
'''
SCRIPT = """// The signs of a wave along a line of neurons.
import { h, thumbnail } from "../kit/dom.js";
import { createFrame } from "../kit/frame.js";

function render({ model, el }) {
	const { size } = model.get("config");
	const frame = createFrame({
		el,
		model,
		name: "Sign wave",
		layout: "single",
		update,
		reset: () => frame.change(frame.defaults()),
		step: () => frame.change({ waves: (frame.settings.waves % 8) + 1 }),
		tryThis: "drag the slider.",
	});
	const line = thumbnail(size, 1, "state");
	const words = h("p");
	frame.picture.append(line.element, words);
	function update() {
		const { waves, seed } = frame.settings;
		const wave = (i) => Math.sin((2 * Math.PI * waves * i) / size + seed);
		line.draw(Array.from({ length: size }, (_, i) => (wave(i) < 0 ? -1 : 1)));
		words.textContent = frame.text("waves");
	}
	frame.control("waves");
	frame.finish();
	update();
	return frame.dispose;
}

export default { render };
"""

USE = """
import json
import pydoc
from damtutor import widgets
from damtutor.widgets import SignWave
from damtutor.widgets.kit.bundle import bundle, starter

widget = SignWave(waves=3)
print(json.dumps({
    "names": [name for name in widgets.__all__ if name != "Instrument"],
    "same": widgets.named("sign_wave") is SignWave,
    "repr": repr(widget),
    "help": pydoc.render_doc(SignWave, renderer=pydoc.plaintext),
    "page": bundle([SignWave]) + starter(widget),
    "parts": {"css": str(widget._css), "js": str(widget._esm), "config": widget.config, "settings": widget.settings},
}))
"""


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """The copy with one folder more, and what Python says of the instrument in it."""
    copy = copy_package(tmp_path_factory.mktemp("copy"))
    folder = copy / "widgets" / "sign_wave"
    folder.mkdir()
    (folder / "__init__.py").write_text(PYTHON, encoding="utf-8")
    (folder / "sign_wave.js").write_text(SCRIPT, encoding="utf-8")
    return copy, json.loads(run_with(copy, USE))


def test_a_folder_is_all_that_python_needs(added):
    copy, found = added
    assert found["names"][-2:] == ["SignWave", "Sketch"]
    assert found["same"]
    assert found["repr"] == "SignWave: 3 waves along a line, seed 0."
    assert "waves : 1 to 8 waves." in found["help"]
    assert found["parts"]["config"]["call"] == "SignWave("
    assert changed_files(copy) == ["widgets/sign_wave/__init__.py", "widgets/sign_wave/sign_wave.js"]


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_it_has_keys_undo_and_links(added, browser, tmp_path, dark):
    def settings():
        return page.evaluate("first.model.get('settings')")

    with shown(browser, added[1]["parts"], tmp_path, dark=dark, width=390) as (page, log):
        root, words = page.locator(".dt"), page.locator(".dt-picture p")
        assert words.inner_text() == "3 waves"
        root.focus()
        page.keyboard.press(".")
        assert settings() == {"waves": 4, "seed": 0}
        page.keyboard.press("r")
        assert words.inner_text() == "2 waves"
        for _ in range(2):
            page.keyboard.press("u")
        assert settings() == {"waves": 3, "seed": 0}
        page.keyboard.press("?")
        assert page.locator(".dt-help").is_visible()
        as_in_book(page)
        page.get_by_role("slider", name="Waves").press("End")
        page.get_by_role("button", name="next", exact=True).click()
        page.get_by_role("button", name="link", exact=True).click()
        assert page.evaluate("location.hash") == "#sign_wave=1&waves=8&seed=1"
        page.evaluate("location.hash = '#sign_wave=1&waves=5'")
        page.wait_for_function("document.querySelector('.dt-picture p').textContent === '5 waves'")
        assert ends(root) == []
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert (log.outside, log.missing, log.errors) == ([], [], [])


@pytest.mark.browser
def test_a_page_starts_it_from_its_own_script(added, browser, tmp_path):
    empty = {"css": "", "js": "export default { render() {} };", "config": {}, "settings": {}}
    with shown(browser, empty, tmp_path) as (page, log):
        page.locator("#here").evaluate("(el) => (el.dataset.instrument = 'sign_wave')")
        page.add_script_tag(content=added[1]["page"])
        assert page.locator("#here .dt-picture p").inner_text() == "3 waves"
        assert log.errors == []
