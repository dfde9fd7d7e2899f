"""Chromium for the tests: one way to start it, to serve a folder to it, and to say what it saw."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """Chromium's path: $CHROMIUM, or the first of the usual names that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def chromium() -> Iterator:
    """A headless Chromium (a playwright Browser); skips where there is none, and fails instead when CI=true."""
    program = executable()
    if not program:
        sentence = (
            "Chromium is not installed, so nothing was looked at in a browser (on Debian: apt-get install chromium)"
        )
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)
    from playwright.sync_api import sync_playwright

    # The sandbox does not start for root, and containers have a small /dev/shm.
    args = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if getattr(os, "geteuid", int)() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=args)
        try:
            yield browser
        finally:
            browser.close()


# Whether all instruments of a page of the site are there: those of the stored state and those the page itself starts.
MOUNTED = """() => {
  const states = [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-state+json"]')];
  const held = states.map((script) => script.textContent).join('').match(/"_anywidget_id"/g)?.length ?? 0;
  return document.querySelectorAll('.dt').length >= held + document.querySelectorAll('[data-instrument]').length;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that writes no log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Address of a static file server for one folder, on this machine only."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class Log:
    """What a page asked for and complained about: `outside` requests (all blocked), `missing` files, `errors`.

    `said` are the errors that stand in its console.
    """

    def __init__(self, page: object, base: str) -> None:
        self.outside: list[str] = []
        self.missing: list[str] = []
        self.errors: list[str] = []
        self.said: list[str] = []
        host = urlsplit(base).netloc

        def decide(route: object) -> None:
            url = urlsplit(route.request.url)
            if url.scheme in ("http", "https", "ws", "wss") and url.netloc != host:
                self.outside.append(route.request.url)
                route.abort()
            else:
                route.continue_()

        page.route("**/*", decide)
        page.on("response", lambda r: self.missing.append(r.url) if r.status >= 400 else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)


@contextlib.contextmanager
def opened(browser: object, base: str, *, dark: bool = False, width: int = 1280, **options: object) -> Iterator:
    """A new page with its Log, in one colour scheme and width (CSS pixels); outside hosts are blocked."""
    context = browser.new_context(
        color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}, **options
    )
    page = context.new_page()
    try:
        yield page, Log(page, base)
    finally:
        context.close()


def pixels(locator: object) -> str:
    """Fingerprint of what an element looks like right now."""
    return hashlib.sha256(locator.screenshot(animations="disabled")).hexdigest()


def changed(locator: object, before: str, seconds: float = 10) -> bool:
    """Whether an element comes to look different within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pixels(locator) != before:
            return True
        time.sleep(0.05)
    return False


def moves(page: object, instrument: object) -> None:
    """Assert that the picture of an instrument follows its first slider, by keyboard and by pointer.

    The slider is taken to its lowest value first, so that each key and each pull has somewhere to go.
    """
    instrument.scroll_into_view_if_needed(timeout=60_000)
    show = instrument.get_by_role("button", name="Show me").first
    if show.is_visible():
        show.click()
    picture = instrument.locator(".dt-picture")
    slider = instrument.locator("input[type=range]:visible:not([disabled])").last
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(500)
    before = pixels(picture)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert changed(picture, before), "the picture does not follow the keyboard"
    page.wait_for_timeout(500)
    before = pixels(picture)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.45, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 3, middle, steps=5)
    page.mouse.up()
    assert changed(picture, before), "the picture does not follow the pointer"


NONSENSE = re.compile(r"\b(NaN|undefined|null|Infinity)\b|\[object")
# What is to be read after each change: [what was changed, text, accessible names], all within the page, frame by frame.
ENDS = """async (root) => {
  const found = [];
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const usable = (e) => !e.disabled && e.getClientRects().length > 0;
  const all = (kind) => [...root.querySelectorAll(kind)].filter(usable);
  const look = async (where) => {
    await frame();
    const names = [...root.querySelectorAll('[aria-label]')].map((e) => e.getAttribute('aria-label'));
    found.push([where, root.innerText + names.join(' ')]);
  };
  const set = async (control, value, where) => {
    if (!usable(control)) return;
    control.value = value;
    for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }));
    await look(where ?? `${control.getAttribute('aria-valuetext')}, at ${value}`);
  };
  for (const slider of all('input[type=range]')) for (const end of ['min', 'max']) await set(slider, slider[end]);
  for (const menu of all('select')) for (const { value } of [...menu.options]) await set(menu, value, value);
  for (const box of all('input[type=checkbox]')) {
    for (const _ of 'two') if (usable(box)) { box.click(); await look('checkbox'); }
  }
  for (const button of all('.dt-go button')) if (usable(button)) {
    const words = button.innerText;
    button.click();
    await new Promise((done) => setTimeout(done, 50));
    await look(words);
  }
  return found;
}"""


def ends(instrument: object) -> list[str]:
    """What an instrument says that makes no sense, with every control at both ends and every button pressed once."""
    seen = instrument.evaluate(ENDS)
    assert seen, "the instrument has no control"
    return [
        f"{where}: {text[max(0, bad.start() - 40) : bad.end() + 20]!r}"
        for where, text in seen
        for bad in NONSENSE.finditer(text)
    ]


LATENCY = """([slider, picture, k]) => new Promise((done) => {
  const parts = [...picture.querySelectorAll('.dt-picture, .dt-evidence, .dt-below')];
  const drawn = (part) => [...part.querySelectorAll('canvas')].map((c) => c.toDataURL()).join() + part.innerHTML;
  const seen = () => parts.map(drawn).join();
  const start = performance.now();
  const before = seen(), span = slider.max - slider.min, place = k % (2 * span);
  slider.value = Number(slider.min) + (place <= span ? place : 2 * span - place);
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  const look = () => seen() !== before ? done(performance.now() - start)
    : performance.now() - start > 300 ? done(null) : requestAnimationFrame(look);
  requestAnimationFrame(look);
})"""


def latency(instrument: object, count: int = 30) -> str:
    """How long pictures and plots take to follow the slider, to the next frame: median and p90 in words.

    The slider goes up and down one step at a time; steps that leave all of them as they are do not count.
    """
    slider = instrument.locator("input[type=range]:visible:not([disabled])").last.element_handle()
    picture = instrument.element_handle()
    times = [slider.evaluate(f"(s, [p, k]) => ({LATENCY})([s, p, k])", [picture, k]) for k in range(count)]
    done = sorted(t for t in times if t is not None)
    if not done:
        return "slider to picture: no step changed the picture"
    p90 = done[min(len(done) - 1, int(0.9 * len(done)))]
    return f"slider to picture: median {done[len(done) // 2]:.0f} ms, p90 {p90:.0f} ms ({len(done)} steps)"


def serious(page: object) -> list[str]:
    """axe's serious and critical findings on a page, one line each."""
    import axe_playwright_python

    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=Path(axe_playwright_python.__file__).parent / "axe.min.js")
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['impact']} {found['id']}: {found['help']} | {node['html'][:200]} | "
        + " ".join((node.get("failureSummary") or "").split())[:300]
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path) -> Iterator[str]:
    """Address of a JupyterLab that serves one folder, with settings and kernels in `home` and no password."""
    with contextlib.closing(__import__("socket").socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    env = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "DAMTUTOR_RECORD": str(home / "record.json"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--LabApp.news_url=None", f"--ServerApp.root_dir={folder}"]
    with open(home / "lab.log", "w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"{base}/api", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    pytest.fail("JupyterLab did not start:\n" + (home / "lab.log").read_text()[-2000:])
                time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait(20)
