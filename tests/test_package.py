"""The package as a whole: what importing it costs, which way imports run, and what the doctor says."""

import ast
import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from damtutor import cli

ROOT = Path(__file__).parents[1]
HEAVY = ("matplotlib", "numba", "scipy", "sklearn", "ipywidgets", "anywidget", "pandas")
GROUND = ["palette", "output", "validate", "numerics", "rng", "memory", "text", "patterns"]
ORDER = [*GROUND, "statistics", "sweeps", "kernels", "learning", "models", "theory", "experiments"]
ORDER += ["figures", "reproduce", "widgets"]
BESIDES_ITSELF = {  # rooms that may import these alone
    "statistics": GROUND,
    "sweeps": GROUND,
    "figures": ["palette", "validate"],
}


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
    assert rooms == {*ORDER, "checks", "working_copy", "cli", "py.typed"}


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


def test_type_checkers_see_every_exported_name_at_its_home():
    """They cannot see through `__getattr__`, so the names stand a second time, for them alone."""
    import damtutor

    tree = ast.parse((ROOT / "damtutor" / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name  # else a checker takes it for private
            seen[alias.name] = node.module
    assert seen == {**damtutor._HOME, **dict.fromkeys(damtutor._ROOMS, "damtutor")}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
    hidden = [n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "not TYPE_CHECKING"]
    assert [node.body for node in hidden] == [names]  # a list that is no literal would hide all names from `import *`
    assert damtutor.__all__ == damtutor.__dir__() == sorted(seen)
    assert (ROOT / "damtutor" / "py.typed").exists()
    assert '"py.typed"' in (ROOT / "pyproject.toml").read_text()


def test_doctor_is_content_here(capsys):
    assert cli.main(["doctor"]) == 0
    assert "a test recall succeeds" in capsys.readouterr().out


def test_doctor_names_what_is_missing_or_old(monkeypatch, capsys):
    def installed(name):
        if name == "anywidget":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else importlib.metadata.version(name)

    seen = cli.findings(installed)
    cure = cli.metadata.requires("damtutor")
    (wanted,) = {str(Requirement(line).specifier) for line in cure if line.startswith("anywidget")}
    assert ("bad", f'anywidget is missing; {sys.executable} -m pip install "anywidget{wanted}"') in seen
    assert ("bad", "numpy 1.26.4 is too old; 2.0 or newer is needed") in seen
    monkeypatch.setattr(cli, "findings", lambda: seen)
    assert cli.main(["doctor"]) == 1
    assert "2 thing(s) to mend" in capsys.readouterr().out


def test_doctor_knows_the_bounds_of_the_requirements():
    assert set(cli.BESIDE) <= set((ROOT / "requirements.txt").read_text().splitlines())
    assert {"numpy", "jupyterlab", "nbval"} <= cli.wanted().keys()
    assert "pytest" not in cli.wanted()  # of an extra


def without(*missing, **versions):
    """`importlib.metadata.version` of another environment."""

    def installed(name):
        if name in missing:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions.get(name.replace("-", "_")) or importlib.metadata.version(name)

    return installed


def test_doctor_is_content_where_notebooks_open_elsewhere(monkeypatch, capsys):
    """Colab, VS Code, the classic Notebook: no JupyterLab, no file of the repository, and all that is used is here."""
    seen = cli.findings(without("jupyterlab", "jupyter-book", "nbval"))
    monkeypatch.setattr(cli, "findings", lambda: seen)
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "note jupyterlab is missing: notebooks open in another editor (VS Code, Notebook, Colab); " in said
    assert "an instrument opens" in said
    assert "requirements.txt" not in said


def test_doctor_wants_something_that_runs_a_notebook():
    levels = {sentence.split()[0]: level for level, sentence in cli.findings(without("jupyterlab", "ipykernel"))}
    assert (levels["jupyterlab"], levels["ipykernel"]) == ("warn", "bad")


def test_doctor_notes_what_is_beside_the_course_and_not_of_the_tried_versions():
    installed = without(jupyterlab="3.6.8", nbval="0.9", jupyter_book="2.0.0")
    levels = {sentence.split()[0]: level for level, sentence in cli.findings(installed)}
    assert (levels["jupyterlab"], levels["nbval"], levels["jupyter-book"]) == ("warn", "warn", "warn")


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        ((3, 10, 20), ("bad", "Python 3.10.20 is too old; the course runs on 3.11 to 3.14")),
        ((3, 11, 0), ("ok", "Python 3.11.0")),
        ((3, 14, 9), ("ok", "Python 3.14.9")),
        ((3, 15, 0), ("bad", "Python 3.15.0 is too new; the course runs on 3.11 to 3.14")),
    ],
)
def test_doctor_knows_the_versions_of_python(version, outcome):
    assert cli.python_here(version) == outcome


def test_the_range_of_python_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    told = SpecifierSet(project["requires-python"])
    minors = [minor for minor in range(8, 20) if told.contains(f"3.{minor}.1")]
    assert (
        [(3, minor) for minor in (minors[0], minors[-1])] == [cli.LEAST_PYTHON, cli.LAST_PYTHON] == [(3, 11), (3, 14)]
    )
    assert ", ".join(f"3.{minor}" for minor in minors[:-1]) + f" or 3.{minors[-1]}" in (ROOT / "README.md").read_text()
    assert "(3, 11) <= v[:2] <= (3, 14)" in (ROOT / "Makefile").read_text()


INTEL = {"sys_platform": "darwin", "platform_machine": "x86_64"}
PLACES = [{"sys_platform": "linux", "platform_machine": "x86_64"}, {**INTEL, "platform_machine": "arm64"}, INTEL]


@pytest.mark.parametrize("place", PLACES, ids=["Linux", "Apple", "Intel Mac"])
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_pin_meets_what_the_course_wants_and_is_one_for_each_place(place, version):
    """Where no wheel of the newest Numba is built the last one is taken; it wants an older NumPy."""
    rows = [row for row in (ROOT / "constraints.txt").read_text().splitlines() if not row.startswith("#")]
    here = {"python_version": version, "extra": "", **place}
    pins = [pin for pin in map(Requirement, rows) if not pin.marker or pin.marker.evaluate(here)]
    versions = {pin.name: str(pin.specifier).removeprefix("==") for pin in pins}
    assert len(versions) == len(pins)
    assert versions["numba"] == ("0.62.1" if place == INTEL else "0.68.1")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    learner = [row.partition("#")[0].strip() for row in (ROOT / "requirements.txt").read_text().splitlines()]
    needed = [Requirement(row) for row in (*project["dependencies"], *filter(None, learner))]
    needed = [want for want in needed if not want.marker or want.marker.evaluate(here)]
    assert all(want.specifier.contains(versions[want.name]) for want in needed)
    assert ("numba" in {want.name for want in needed}) == (place != INTEL or version != "3.14")


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
