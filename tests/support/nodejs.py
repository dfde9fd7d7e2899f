"""Node for the tests: one way to run it, and to say that it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def node(*arguments: str, stdin: str | None = None) -> str:
    """Standard output of Node; skips where Node is missing, fails instead when CI=true."""
    if not shutil.which("node"):
        sentence = "Node is not installed, so the browser's arithmetic was not run (on Debian: apt-get install nodejs)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)
    done = subprocess.run(["node", *arguments], input=stdin, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
