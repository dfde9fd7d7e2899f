"""An instrument in a plain page, with a stand-in for anywidget's model.

`python tests/support/preview.py Filmstrip out/` writes such a page for an instrument that needs no argument.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from browser import opened, served

from damtutor.widgets.kit.instrument import Instrument

TEMPLATE = Path(__file__).parent / "js" / "preview.html"


def write_preview(widget: Instrument, folder: Path) -> None:
    """index.html, widget.js and model.json for one instrument; any static file server shows it."""
    page = TEMPLATE.read_text(encoding="utf-8").replace("/*CSS*/", str(widget._css))
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "widget.js").write_text(str(widget._esm), encoding="utf-8")
    (folder / "model.json").write_text(json.dumps({"config": widget.config, "settings": widget.settings}))


@contextlib.contextmanager
def shown(browser: object, widget: Instrument, folder: Path, **options: object) -> Iterator:
    """(page, log) with the instrument mounted; `options` as for `browser.opened`."""
    write_preview(widget, folder)
    with served(folder) as base, opened(browser, base, **options) as (page, log):
        page.goto(f"{base}/index.html")
        page.wait_for_function("window.ready === true", timeout=20_000)
        yield page, log


if __name__ == "__main__":
    import damtutor.widgets

    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    write_preview(getattr(damtutor.widgets, sys.argv[1])(), target)
    print(f"{target}/index.html: serve it with python -m http.server")
