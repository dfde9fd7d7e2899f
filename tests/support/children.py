"""Runs in other Pythons, which find the modules of the tests."""

import os
import subprocess
import sys
from pathlib import Path


def child(code, *arguments, stdin=None):
    """An open process that runs `code`, both its outputs in pipes, in a session of its own."""
    here = Path(__file__).parent
    paths = [str(here.parents[1]), str(here), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        start_new_session=True,
    )
