"""The script that a page carries for all its instruments: whole, each module once, and the same instruments."""

from __future__ import annotations

import re

import pytest
from browser import opened, served
from nodejs import node
from samples import instruments

from damtutor import widgets
from damtutor.widgets.kit.bundle import HERE, bundle, entry, module, stub

KINDS = [widgets.named(slug) for slug in widgets.SLUGS]
FILE = r'^file\["([\w./]+)"\] = '


def test_every_module_stands_in_it_once_and_it_parses(tmp_path):
    script = bundle(KINDS)
    files = re.findall(FILE, script, re.M)
    assert len(set(files)) == len(files)
    assert set(files) == {name for kind in KINDS for name in re.findall(FILE, module(entry(kind.slug)), re.M)}
    assert {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.js")} == set(files), "a file that nothing uses"
    path = tmp_path / "page.js"
    path.write_text(script, encoding="utf-8")
    node("--check", str(path))
    assert not re.search(r"^(import|export)\b", script, re.M)


def test_it_is_smaller_than_its_parts():
    assert len(bundle(KINDS)) < 0.5 * sum(len(str(kind._esm)) + len(str(kind._css)) for kind in KINDS)


def test_nothing_makes_no_script():
    with pytest.raises(ValueError, match="no instrument; expected at least one class"):
        bundle([])


@pytest.mark.browser
def test_from_the_bundle_each_instrument_is_what_it_is_alone(browser, tmp_path):
    """The same elements, whether a widget brings its own module or waits for the script of the page."""
    page_text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">'
        '<script type="module">window.start = (code, view) => import(URL.createObjectURL(new Blob([code], '
        "{ type: 'text/javascript' }))).then((made) => made.default.render(view));</script></html>"
    )
    (tmp_path / "index.html").write_text(page_text, encoding="utf-8")
    (tmp_path / "page.js").write_text(bundle(KINDS), encoding="utf-8")
    run = """async ([code, values, css, script]) => {
      document.querySelectorAll('style').forEach((style) => style.remove());
      document.head.append(Object.assign(document.createElement('style'), { textContent: css }));
      const late = Object.assign(document.createElement('script'), { src: script });
      if (script) setTimeout(() => document.head.append(late), 50);
      const el = document.body.appendChild(document.createElement('div'));
      const model = { get: (k) => structuredClone(values[k]), set() {}, save_changes() {}, on() {}, off() {} };
      await window.start(code, { el, model });
      el.querySelector('.dt-live').remove(); // filled a quarter of a second later
      let [seen, before] = ['', null];
      while (seen !== before) { // charts are drawn once more when their width is known, late on a busy machine
        before = seen;
        await new Promise((go) => setTimeout(go, 200));
        seen = el.innerHTML.replace(/dt-([A-Za-z]+)-[a-z0-9]+-(\\d+)/g, 'dt-$1-$2');
      }
      el.remove();
      return seen;
    }"""
    with served(tmp_path) as base, opened(browser, base) as (page, log):
        page.goto(f"{base}/index.html")
        page.wait_for_function("!!window.start")
        for widget in instruments():
            values = {"config": widget.config, "settings": widget.settings}
            alone = page.evaluate(run, [str(widget._esm), values, str(widget._css), ""])
            bundled = page.evaluate(run, [stub(widget.slug), values, "", "page.js"])
            where = next((k for k, (a, b) in enumerate(zip(alone, bundled, strict=False)) if a != b), 0)
            assert bundled == alone, (
                f"{widget!r}: {bundled[where - 60 : where + 60]!r} is {alone[where - 60 : where + 60]!r}"
            )
            assert len(alone) > 500
            page.evaluate("delete window.damtutor")
        assert log.errors == []
