"""The browser's arithmetic and its pages in engines of JavaScript that differ: Node (V8) and Firefox (SpiderMonkey)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest
from browser import MOUNTED, served
from nodejs import node

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tests/js_tools"
NAMES = ("firefox-esr", "firefox")


def by_node(module: str, data: Any) -> Any:
    """What a module of tests/support/js answers under Node."""
    return json.loads(node(str(ROOT / "tests/support/js/run.mjs"), module, stdin=json.dumps(data)))


class Firefox:
    """A headless Firefox that does one task after another, each in a new tab.

    Parameters
    ----------
    process : subprocess.Popen
        Node with firefox.mjs, which reads tasks and writes results, a line each.
    said : TextIO
        File that takes the process's standard error.
    base : str
        Address of the project on a static file server.
    """

    def __init__(self, process: subprocess.Popen, said: TextIO, base: str) -> None:
        self.process = process
        self.said = said
        self.base = base

    def ask(self, **task: Any) -> Any:
        """The result of one task; fails with Firefox's words where there is none."""
        assert self.process.poll() is None, self.last_words()
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.last_words()
        result = json.loads(line)
        assert "error" not in result, result["error"]
        return result

    def last_words(self) -> str:
        """That Firefox has ended, and the end of what it said."""
        self.said.seek(0)
        return f"Firefox has ended: {self.said.read()[-3000:]}"

    def answers(self, module: str, data: Any) -> Any:
        """What a module of tests/support/js answers in a page."""
        return json.loads(self.ask(base=self.base, module=module, data=json.dumps(data))["text"])

    def look(self, url: str, *, patience: float = 10) -> dict[str, Any]:
        """What a page did: `outside`, `missing` and `errors` as in Log, its number of `instruments`, and `moved`.

        Parameters
        ----------
        url : str
            Address of the page.
        patience : float
            Seconds within which the picture must follow its slider.
        """
        return self.ask(url=url, mounted=MOUNTED, patience=1000 * patience)


def lacking() -> str:
    """What Firefox needs and is not here, in a sentence, or nothing."""
    if not (os.environ.get("FIREFOX") or any(map(shutil.which, NAMES))):
        return "Firefox is not installed (on Debian: apt-get install firefox-esr)"
    if not shutil.which("node"):
        return "Node is not installed (on Debian: apt-get install nodejs)"
    if not (TOOLS / "node_modules/puppeteer-core").exists():
        return "puppeteer-core is not installed (npm --prefix tests/js_tools ci)"
    return ""


@contextlib.contextmanager
def firefox() -> Iterator[Firefox]:
    """A headless Firefox; skips where something is missing that it needs, and fails instead when CI=true."""
    if missing := lacking():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{missing}, so nothing was run in Firefox")
    program = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, NAMES)))
    command = ["node", str(TOOLS / "firefox.mjs"), program]
    with served(ROOT) as base, tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=said, encoding="utf-8") as process:
            started = Firefox(process, said, base)
            try:
                yield started
            finally:
                process.stdin.close()  # the end of its tasks
        assert process.returncode == 0, started.last_words()
