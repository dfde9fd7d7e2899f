"""Times and sizes of the course beside their budgets. What a part needs that is not here is said, not guessed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from tables import Missing, clock

ROOT = Path(__file__).resolve().parents[1]
CI_TIME = ROOT / "_build" / "test-seconds"  # written by tests/run.py
SITE = ROOT / "_build" / "html"
START = SITE / "book" / "index.html"


def python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def import_time() -> str:
    """`import damtutor` in a new process, files in the cache; alone, and with a model and its kernels' module."""
    start, stop = "import time; a = time.perf_counter(); ", "; print(time.perf_counter() - a)"
    found = []
    for what in ("import damtutor", "from damtutor import DenseAM"):
        command = [sys.executable, "-c", start + what + stop]
        runs = [float(subprocess.run(command, check=True, cwd=ROOT, capture_output=True).stdout) for _ in range(6)]
        found.append(median(runs[1:]))
    return f"{found[0]:.3f} s; with a model {found[1]:.2f} s"


def first_kernel() -> str:
    """The first compiled sweep of a machine, and of a later process."""
    code = "import numpy as np; from damtutor import DenseAM; DenseAM(np.ones((3, 70))).retrieve(np.ones(70), rng=0)"
    with tempfile.TemporaryDirectory() as folder:
        run = f"import os; os.environ['NUMBA_CACHE_DIR'] = {folder!r}; {code}"
        cold, warm = (clock(lambda: python(run)) for _ in range(2))
    return f"{cold:.1f} s cold, {warm:.1f} s warm"


def notebook_time(path: Path) -> str:
    """A notebook from top to bottom in a new kernel."""
    if not path.exists():
        raise Missing(f"{path.relative_to(ROOT)} is not there yet: make editions")
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
    return f"{clock(client.execute):.0f} s"


def page_weight(page: Path) -> str:
    """The page's own file, its stored copies of the instruments included, and its pictures; not the shared files."""
    if not page.exists():
        raise Missing("the site is not built: make book")
    text = page.read_text("utf-8")
    scripts = sum((page.parent / n).stat().st_size for n in set(re.findall(r'src="([^"]*/instruments/[^"?]+)', text)))
    pictures = sum((page.parent / n).stat().st_size for n in set(re.findall(r'src="([^"]*_images/[^"]+)"', text)))
    words = f"{(page.stat().st_size + scripts) / 1000:.0f} kB"
    return words + (f", and {pictures / 1000:.0f} kB of pictures" if pictures else "")


def check_time() -> str:
    """The slowest verdict on our own answers."""
    from damtutor.checks import exercises
    from damtutor.checks.engine.runner import judge

    times = {id: clock(lambda e=exercise: judge(e, e.reference)) for id, exercise in exercises().items()}
    slowest = max(times, key=times.get)
    return f"{times[slowest]:.2f} s ({slowest})"


def slider(page_file: Path) -> str:
    """Slider to pixels of every instrument of a built page in Chromium, no network."""
    if not page_file.exists():
        raise Missing("the site is not built: make book")
    helper = importlib.util.spec_from_file_location("browser", ROOT / "tests" / "support" / "browser.py")
    tools = importlib.util.module_from_spec(helper)
    try:
        helper.loader.exec_module(tools)
    except ImportError as error:
        raise Missing(f"the browser's helpers do not load: {error}") from error
    if not tools.executable():
        raise Missing("Chromium is not installed")
    found = []
    with tools.chromium() as browser, tools.served(SITE) as address, tools.opened(browser, address) as (page, _):
        page.goto(f"{address}/{page_file.relative_to(SITE)}", wait_until="networkidle")
        for instrument in page.locator(".dt").all():
            instrument.scroll_into_view_if_needed(timeout=60_000)
            show = instrument.get_by_role("button", name="Show me").first
            if show.is_visible():
                show.click()
            name = instrument.get_attribute("aria-label")
            found.append(f"{name} {tools.latency(instrument).removeprefix('slider to picture: ')}")
    return "; ".join(found)


def ci_time() -> str:
    """The last whole test run of this folder, which CI adds its installs to: running it here would be the benchmark."""
    if not CI_TIME.exists():
        raise Missing("no whole `make test` was run in this folder yet")
    return f"{float(CI_TIME.read_text()) / 60:.0f} min, the last whole make test"


def lines() -> list[tuple[str, str, Callable[[], str]]]:
    """What is measured, its budget, and how; the chapters each for itself."""
    found = [
        ("import damtutor", "0.5 s", import_time),
        ("first compiled sweep", "1.5 s", first_kernel),
        ("check()", "1 s", check_time),
        ("start page", "300 kB", lambda: page_weight(START)),
        ("start page, slider", "p90 50 ms", lambda: slider(START)),
    ]
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb")):
        (source,) = (ROOT / "book").glob(f"[cr]*/{path.stem}.md")  # a chapter, or a route through them
        page, solved = SITE / source.relative_to(ROOT).with_suffix(".html"), ROOT / "solutions" / path.name
        found.append((f"{path.stem} runs", "60 s", partial(notebook_time, path)))
        if solved.exists():
            found.append((f"{path.stem} exercises", "30 s", partial(notebook_time, solved)))
        found.append((f"{path.stem} page", "300 kB", partial(page_weight, page)))
        found.append((f"{path.stem} slider", "p90 50 ms", partial(slider, page)))
    return [*found, ("CI", "22 min", ci_time)]


def report() -> None:
    """Print each measurement beside its budget; one that fails says so and does not stop the others."""
    print(f"{'what':<36} {'budget':<10} measured")
    for what, budget, measure in lines():
        try:
            found = measure()
        except Missing as reason:
            found = f"not measured here: {reason}"
        except Exception as error:
            found = f"failed: {type(error).__name__}: {str(error).strip().splitlines()[0][:120]}"
        print(f"{what:<36} {budget:<10} {found}", flush=True)
