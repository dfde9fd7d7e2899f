"""Pages of the built site in Firefox: a second engine starts the instruments and moves their pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import served

pytestmark = pytest.mark.browser

PAGES = ("book/index", "book/chapters/02-hopfield", "book/chapters/06-attention")
FAULTY = """<!doctype html><title>Faults</title>
<img src="http://elsewhere.invalid/picture.png" alt=""><img src="missing.png" alt="">
<div class="dt"><input type="range"><svg class="dt-picture" width="20" height="20"></svg></div>
<script>console.error("said"); setTimeout(() => { throw new Error("thrown"); });</script>
"""


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    """Address of the built site on a static file server."""
    folder = root / "_build/html"
    if not (folder / "index.html").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("the site is not built: run `make book`")
    with served(folder) as base:
        yield base


@pytest.mark.parametrize("name", PAGES)
def test_instruments_start_and_a_slider_moves_its_picture(firefox, address, name):
    seen = firefox.look(f"{address}/{name}.html")
    assert seen.pop("instruments") > 0
    assert seen == {"outside": [], "missing": [], "errors": [], "moved": True}


def test_faults_of_a_page_are_seen(firefox, tmp_path):
    (tmp_path / "faulty.html").write_text(FAULTY, encoding="utf-8")
    with served(tmp_path) as base:
        seen = firefox.look(f"{base}/faulty.html", patience=1)
    assert seen["outside"] == ["http://elsewhere.invalid/picture.png"]
    assert f"{base}/missing.png" in seen["missing"]
    assert "said" in seen["errors"]
    assert any("thrown" in error for error in seen["errors"])
    assert (seen["instruments"], seen["moved"]) == (1, False)
