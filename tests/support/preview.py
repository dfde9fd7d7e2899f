"""An instrument in a plain page, with a stand-in for anywidget's model.

`python tests/support/preview.py Filmstrip out/` writes such a page for an instrument that needs no argument.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from browser import opened, served

from damtutor.widgets.kit.instrument import Instrument

TEMPLATE = Path(__file__).parent / "js" / "preview.html"


def parts(widget: Instrument) -> dict[str, Any]:
    """What a page needs of an instrument, as JSON has it."""
    return {"css": str(widget._css), "js": str(widget._esm), "config": widget.config, "settings": widget.settings}


def write_preview(made: dict[str, Any], folder: Path) -> None:
    """index.html, widget.js and model.json for the `parts` of an instrument; any static file server shows it."""
    page = TEMPLATE.read_text(encoding="utf-8").replace("/*CSS*/", made["css"])
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "widget.js").write_text(made["js"], encoding="utf-8")
    (folder / "model.json").write_text(json.dumps({"config": made["config"], "settings": made["settings"]}))


BOOK = """async () => {
  document.documentElement.dataset.theme = 'light';
  first.dispose();
  window.first = await mount(document.getElementById('here'));
}"""


def as_in_book(page: object) -> None:
    """The page as one of the published book, which says what theme it has; the instrument is mounted anew."""
    page.evaluate(BOOK)


@contextlib.contextmanager
def shown(browser: object, widget: Instrument | dict[str, Any], folder: Path, **options: object) -> Iterator:
    """(page, log) with the instrument, or its `parts`, mounted; `options` as for `browser.opened`."""
    write_preview(widget if isinstance(widget, dict) else parts(widget), folder)
    with served(folder) as base, opened(browser, base, **options) as (page, log):
        page.goto(f"{base}/index.html")
        page.wait_for_function("window.ready === true", timeout=20_000)
        yield page, log


if __name__ == "__main__":
    import damtutor.widgets

    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    write_preview(parts(getattr(damtutor.widgets, sys.argv[1])()), target)
    print(f"{target}/index.html: serve it with python -m http.server")
