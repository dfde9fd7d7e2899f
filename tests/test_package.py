"""The package as a whole: what importing it costs, which way imports run, and what the doctor says."""

import ast
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from damtutor import cli

ROOT = Path(__file__).parents[1]
HEAVY = ("matplotlib", "numba", "scipy", "sklearn", "ipywidgets", "anywidget", "pandas")
GROUND = ["palette", "output", "validate", "numerics", "rng", "memory", "text", "patterns"]
ORDER = [*GROUND, "statistics", "sweeps", "kernels", "learning", "models", "theory", "experiments"]
ORDER += ["figures", "reproduce", "widgets"]
BESIDES_ITSELF = {"statistics": GROUND, "sweeps": GROUND, "figures": ["palette"]}  # rooms that may import these alone


def run(code, **env):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **env}, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_import_is_light():
    code = f"import sys, damtutor; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    assert run(code) == []


def test_models_load_no_plot_no_widget():
    code = f"import sys; from damtutor import DenseAM, Power, check; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    assert run(code) == []


def test_the_package_works_without_numba():
    code = (
        "from damtutor import DenseAM, Power; from damtutor.patterns import *; import sys;"
        "x = random_patterns(20, 50, rng=0);"
        "print(DenseAM(x, Power(3)).retrieve(flip(x[0], 9, rng=0), rng=1, record='flips').flips.tolist());"
        "print('numba' in sys.modules)"
    )
    with_numba, without = run(code), run(code, DAMTUTOR_NUMBA="0")
    assert without[-1] == "False"
    assert with_numba[:-1] == without[:-1]


def rooms_imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("damtutor"):
            parts = node.module.split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("damtutor."))


@pytest.mark.parametrize("path", sorted((ROOT / "damtutor").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path):
    room = path.relative_to(ROOT / "damtutor").parts[0].removesuffix(".py")
    if room not in ORDER:
        return  # the door (__init__), the checks and the command line stand above all rooms
    assert not any(isinstance(n, ast.ImportFrom) and n.level for n in ast.walk(ast.parse(path.read_text()))), path
    for other in rooms_imported(path):
        assert other not in ("checks", "cli"), f"{path.name} imports upwards: {other}"
        if other in ORDER:
            assert ORDER.index(other) <= ORDER.index(room), f"{path.name} imports upwards: {other}"
        if room in BESIDES_ITSELF:
            assert other in (room, *BESIDES_ITSELF[room]), f"{path.name} imports {other}"


def test_every_room_has_its_place():
    """A room that is not in the order, nor above it, would import and be imported as it likes."""
    rooms = {path.name.removesuffix(".py") for path in (ROOT / "damtutor").iterdir() if path.name[0] not in "_."}
    assert rooms == {*ORDER, "checks", "working_copy", "cli"}


def test_only_kernels_import_numba():
    for path in (ROOT / "damtutor").rglob("*.py"):
        if "kernels" not in path.parts:
            text = path.read_text()
            assert "import numba" not in text, path
            assert "from numba" not in text, path


def test_unknown_names_say_what_there_is():
    import damtutor

    with pytest.raises(AttributeError, match=r"damtutor has no 'DensAM'; it offers .*DenseAM"):
        damtutor.DensAM  # noqa: B018


def test_doctor_is_content_here(capsys):
    assert cli.main(["doctor"]) == 0
    assert "a test recall succeeds" in capsys.readouterr().out


def test_doctor_names_what_is_missing_or_old(monkeypatch, capsys):
    def installed(name):
        if name == "anywidget":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else importlib.metadata.version(name)

    seen = cli.findings(installed)
    assert ("bad", "anywidget is missing; pip install -r requirements.txt") in seen
    assert ("bad", "numpy 1.26.4 is too old; 2.0 or newer is needed") in seen
    monkeypatch.setattr(cli, "findings", lambda: seen)
    assert cli.main(["doctor"]) == 1
    assert "2 thing(s) to mend" in capsys.readouterr().out


def test_doctor_knows_the_bounds_of_the_requirements():
    assert set(cli.BESIDE) <= set((ROOT / "requirements.txt").read_text().splitlines())
    assert {"numpy", "jupyterlab", "nbval"} <= cli.wanted().keys()
    assert "pytest" not in cli.wanted()  # of an extra


def test_doctor_refuses_a_missing_lab_and_an_old_nbval():
    def installed(name):
        if name == "jupyterlab":
            raise importlib.metadata.PackageNotFoundError(name)
        return {"nbval": "0.9", "jupyter-book": "2.0.0"}.get(name) or importlib.metadata.version(name)

    levels = {sentence.split()[0]: level for level, sentence in cli.findings(installed)}
    assert (levels["jupyterlab"], levels["nbval"], levels["jupyter-book"]) == ("bad", "bad", "warn")


def test_the_readme_example_runs():
    text = (ROOT / "README.md").read_text()
    code = text.partition("```python\n")[2].partition("```")[0]
    assert "retrieve" in code
    assert run(code)[-1] == "True"


def test_the_readme_sweep_runs(tmp_path):
    """From a file, since a trial is a function of a module; few wrong bits are repaired, many are not."""
    text = (ROOT / "README.md").read_text()
    code = text.rpartition("```python\n")[2].partition("```")[0]
    (tmp_path / "own.py").write_text(code)
    done = subprocess.run(
        [sys.executable, tmp_path / "own.py"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    few, many = map(float, done.stdout.strip("[]\n ").split())
    assert few > 0.95 > many


def test_doctor_notes_a_missing_extra_and_an_untried_version():
    def installed(name):
        if name == "numba":
            raise importlib.metadata.PackageNotFoundError(name)
        return "3.0.0" if name == "numpy" else importlib.metadata.version(name)

    levels = {sentence.split()[0]: level for level, sentence in cli.findings(installed)}
    assert levels["numba"] == "warn"
    assert levels["numpy"] == "warn"
