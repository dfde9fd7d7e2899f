"""A learner's first minutes in a real JupyterLab: open the chapter, run all, move the instrument."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browser import jupyterlab, latency, moves, opened

ROOT = Path(__file__).resolve().parents[2]
DONE = """() => {
  const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((p) => p.textContent);
  return prompts.length > 0 && !prompts.some((p) => p.includes('*')) && /\\[\\d+\\]/.test(prompts.at(-1));
}"""


@pytest.mark.browser
@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")))
def test_open_run_all_and_move(browser, root: Path, tmp_path: Path, name: str):
    stored = root / f"notebooks/{name}.ipynb"
    folder, home = tmp_path / "notebooks", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    shutil.copy(stored, folder)
    with jupyterlab(folder, home) as base, opened(browser, base) as (page, log):
        page.goto(f"{base}/lab/tree/{name}.ipynb?reset", wait_until="domcontentloaded")
        # The panel says "idle" before the kernel is ready; the status bar does not.
        page.locator(".jp-StatusBar-Middle, .jp-StatusBar-Left").get_by_text("| Idle").first.wait_for(timeout=90_000)
        stored_view = page.get_by_text("Run this cell to start the instrument").first
        stored_view.scroll_into_view_if_needed(timeout=20_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(DONE, timeout=120_000)
        assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        # A sketch has no slider; its own tests drag it.
        instrument = page.locator(".jp-OutputArea-output .dt:has(input[type=range])").first
        instrument.wait_for(timeout=30_000)
        moves(page, instrument)
        print(f"\nJupyterLab, {name}: {latency(instrument)}")
        assert log.errors == []
