"""Our models against other packages on the same work: an environment of their own in _build/peers, made on demand.

Every line of peers.txt is installed by itself, so that one that cannot be had here does not take the others with it;
versions that peers and course share are those of constraints.txt. The course itself is read from this folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import venv
from pathlib import Path

from packaging.requirements import Requirement
from topics import ROOT, launch

FOLDER = ROOT / "_build" / "peers"
LIST = ROOT / "benchmarks" / "peers.txt"
PINS = ROOT / "constraints.txt"
OURS = ("numpy", "numba")  # what our models import


def wanted(text: str) -> list[str]:
    """The requirements of a list, one a line, without remarks."""
    return [line for row in text.splitlines() if (line := row.partition("#")[0].strip())]


def python() -> Path:
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def installed() -> set[str]:
    """Names and versions that the environment holds, as pip writes them."""
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "freeze", "--all"]
    found = subprocess.run(pip, capture_output=True, text=True, check=False).stdout
    return {
        re.sub(r"\+.*", "", row).lower() for row in found.split()
    }  # a build's own mark, as in 2.1+cpu, is no version


def install(requirement: str) -> str:
    """Add one requirement to the environment; "" or the last thing that pip said."""
    pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    done = subprocess.run([*pip, requirement, "-c", str(PINS)], capture_output=True, text=True, check=False)
    said = [row for row in done.stderr.splitlines() if row.startswith("ERROR")] or ["pip failed"]
    return said[-1].removeprefix("ERROR: ") if done.returncode else ""


def environment() -> None:
    """Make the environment, or add to it what it lacks; says beforehand what comes, and afterwards what did not."""
    peers = wanted(LIST.read_text("utf-8"))
    rows = [Requirement(row) for row in wanted(PINS.read_text("utf-8"))]
    pins = {row.name: f"{row.name}{row.specifier}" for row in rows if not row.marker or row.marker.evaluate()}
    if not python().exists():
        print(f"peers: makes {FOLDER.relative_to(ROOT)}, about 2 GB on disk, several more where", flush=True)
        print("the PyTorch of your index brings libraries for GPUs; `make clean` removes it.", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
    have = installed()
    for requirement in [*peers[:1], *(pins[name] for name in OURS), *peers[1:]]:
        if requirement.lower() in have:
            continue
        print(f"peers: installs {requirement}", flush=True)
        if trouble := install(requirement):
            print(f"peers: {requirement} is not measured here: {trouble}", flush=True)


def report() -> None:
    """Make the environment and print the tables of one core and of two."""
    try:
        environment()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"peers: not measured here: no environment could be made: {error}", flush=True)
        return
    for threads in (1, 2):
        launch(python(), threads, "peers")
