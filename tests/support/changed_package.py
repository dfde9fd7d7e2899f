"""A temporary copy of the package with some files changed: how many files does a change take?"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "damtutor"


def copy_package(folder: Path) -> Path:
    """The package copied into `folder`, without what Python and numba compiled; returns the copy."""
    return shutil.copytree(PACKAGE, folder / "damtutor", ignore=shutil.ignore_patterns("__pycache__"))


def changed_files(copy: Path) -> list[str]:
    """The files that are new in the copy or differ from ours, as paths inside the package."""
    names = sorted(path.relative_to(copy) for path in copy.rglob("*") if path.is_file())
    names = [name for name in names if "__pycache__" not in name.parts]
    return [str(n) for n in names if not (PACKAGE / n).is_file() or not filecmp.cmp(copy / n, PACKAGE / n, False)]


def python_of(copy: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """A Python that imports the copy (by its NumPy twins: nothing is compiled) and has come to its end."""
    environment = {"PYTHONPATH": str(copy.parent), "DAMTUTOR_NUMBA": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    command, env = [sys.executable, *arguments], os.environ | environment | variables
    return subprocess.run(command, env=env, cwd=copy.parent, capture_output=True, text=True, check=False)


def run_with(copy: Path, code: str, **variables: str) -> str:
    """What `code` prints in a Python that imports the copy."""
    done = python_of(copy, "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout
