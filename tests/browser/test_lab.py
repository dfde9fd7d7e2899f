"""A learner's first minutes in a real JupyterLab: open the chapter, run it, move the instrument."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser import jupyterlab, latency, moves, opened

from publish.stored_notebooks import stored

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = stored(ROOT, "notebooks")
WHOLE = "03-capacity"  # runs from top to bottom; of the others what their first instrument needs
PLACE = "Run this cell to start the instrument"
DONE = """() => {
  const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((p) => p.textContent);
  return prompts.length > 0 && !prompts.some((p) => p.includes('*')) && /\\[\\d+\\]/.test(prompts.at(-1));
}"""


def opening(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook up to its first instrument that has a slider; a sketch has none, its own tests drag it."""
    for k, cell in enumerate(nb.cells):
        shown = str([out.get("data", {}).get("text/html") for out in cell.get("outputs", [])])
        if PLACE in shown and "Sketch" not in str(cell.source):
            nb.cells = nb.cells[: k + 1]
            return nb
    raise ValueError("no instrument")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab with all lectures, each shortened but one."""
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    for path in NOTEBOOKS:
        nb = nbformat.read(path, 4)
        nbformat.write(nb if path.stem == WHOLE else opening(nb), folder / path.name)
    with jupyterlab(folder, home) as base:
        yield base


@pytest.mark.browser
@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_open_run_all_and_move(browser, lab: str, name: str):
    with opened(browser, lab) as (page, log):
        page.goto(f"{lab}/lab/tree/{name}.ipynb?reset", wait_until="domcontentloaded")
        # The panel says "idle" before the kernel is ready; the status bar does not.
        page.locator(".jp-StatusBar-Middle, .jp-StatusBar-Left").get_by_text("| Idle").first.wait_for(timeout=90_000)
        page.get_by_text(PLACE).first.scroll_into_view_if_needed(timeout=20_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(DONE, timeout=120_000)
        assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        instrument = page.locator(".jp-OutputArea-output .dt:has(input[type=range])").first
        instrument.wait_for(timeout=30_000)
        moves(page, instrument)
        print(f"\nJupyterLab, {name}: {latency(instrument)}")
        assert log.errors == []
