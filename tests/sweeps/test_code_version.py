"""The version of a trial: every change of the code that it is made of raises it, and nothing else does."""

import ast
import importlib
import linecache
import shutil
import sys
import types
from pathlib import Path

import pytest
import trials
from examples import without_example

from damtutor.experiments import recall
from damtutor.sweeps import code_version
from damtutor.sweeps.sweep import sweep

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Every test has its first look at every file."""
    monkeypatch.setattr(code_version, "_KNOWN", {})


def of(function):
    code_version._KNOWN.clear()
    return code_version.look(function).version


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place for modules, which are forgotten in the end."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if not name.startswith("damtutor"):
            del sys.modules[name]


TRIAL = '''"""A module."""
import helping_first
CONSTANT = 3

def trial(seed, *, size):
    """A trial."""
    from helping_package.inner import LIMIT  # found when it is needed

    return {"m": CONSTANT * size + helping_first.value() + LIMIT}
'''
FILES = {
    "made_trial.py": TRIAL,
    "helping_first.py": "from helping_second import START\n\n\ndef value():\n    return START\n",
    "helping_second.py": "START = 1\n",
    "helping_package/__init__.py": "",
    "helping_package/inner.py": "from .outer import LIMIT as LIMIT\n",
    "helping_package/outer.py": "LIMIT = 5\n",
    "unused.py": "NOTHING = 1\n",
}


@pytest.fixture
def made(folder):
    """A trial in a file, with others beside it."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return importlib.import_module("made_trial").trial


def test_all_that_is_imported_counts(made):
    assert set(code_version.look(made).files) == {
        "made_trial",
        "helping_first",
        "helping_second",
        "helping_package",
        "helping_package.inner",
        "helping_package.outer",
    }


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("made_trial.py", "CONSTANT = 3", "CONSTANT = 4"),
        ("made_trial.py", "CONSTANT = 3", "CONSTANT = 3.0"),
        ("made_trial.py", "CONSTANT * size", "CONSTANT + size"),
        ("helping_second.py", "START = 1", "START = 2"),
        ("helping_second.py", "START = 1", "START = True"),
        ("helping_package/outer.py", "LIMIT = 5", "LIMIT = 6"),
        ("helping_package/__init__.py", "", "import math"),
    ],
)
def test_a_change_of_code_is_a_new_version(folder, made, name, old, new):
    before = of(made)
    (folder / name).write_text(FILES[name].replace(old, new))
    assert of(made) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("made_trial.py", "A module.", "Another text."),
        ("made_trial.py", "A trial.", "Another text."),
        ("made_trial.py", "  # found when it is needed", ""),
        ("made_trial.py", "CONSTANT = 3", "\n\nCONSTANT=(3)"),
        ("helping_second.py", "START = 1", '"""A docstring."""\nSTART = 1  # and a comment'),
        ("unused.py", "1", "2"),
    ],
)
def test_a_change_of_words_is_none(folder, made, name, old, new):
    before = of(made)
    assert old in FILES[name]
    (folder / name).write_text(FILES[name].replace(old, new))
    assert of(made) == before


def test_a_module_that_is_loaded_is_what_it_was_when_loaded(folder, made):
    """A file that changes while Python runs is not what runs, until it is loaded again."""
    before = code_version.look(made)
    (folder / "helping_second.py").write_text("START = 2\n")
    assert code_version.look(made) == before
    importlib.reload(sys.modules["helping_second"])
    assert code_version.look(made) != before
    assert code_version.differs(before, made) == "helping_second"
    assert code_version.differs(code_version.look(made), made) is None


# The package itself --------------------------------------------------------------------------------------------------


def test_a_measurement_is_made_of_what_it_calls():
    look = code_version.look(recall.basin)
    pieces = look.files
    wanted = ("experiments.recall", "statistics.intervals", "models.dense", "patterns", "validate", "kernels")
    assert {f"damtutor.{name}" for name in wanted} <= pieces.keys()
    assert "damtutor.kernels.compiled" in pieces  # imported inside a function
    assert not any(name.startswith(("damtutor.figures", "damtutor.widgets", "damtutor.checks")) for name in pieces)
    assert "damtutor" not in pieces
    assert code_version.differs(look, recall.basin) is None
    for name in ("damtutor.patterns", "damtutor.gone"):
        assert code_version.differs(look._replace(files=pieces | {name: "0"}), recall.basin) == name


@pytest.mark.parametrize(
    ("name", "old", "new", "changes"),
    [
        ("experiments/recall.py", "max_sweeps: int = 50", "max_sweeps: int = 51", True),
        ("kernels/compiled/dense.py", "import numpy as np", "import numpy as np\nEXTRA = 1", True),
        ("validate.py", "if array.size == 0", "if array.size == 1", True),
        ("validate.py", "Checks of input", "Checks", False),
        ("patterns/damage.py", "\nimport numpy", "\n# a word\nimport numpy", False),
        ("figures/design.py", "import", "EXTRA = 1\nimport", False),
        ("__init__.py", '__version__ = "', '__version__ = "9', False),
    ],
)
def test_a_change_in_the_package(tmp_path, monkeypatch, name, old, new, changes):
    """In a copy of the package, as the digests see it."""
    before = of(recall.basin)
    shutil.copytree(ROOT / "damtutor", tmp_path / "damtutor", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "damtutor" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    monkeypatch.setattr(code_version, "_file", lambda name: code_version._Home("damtutor", None).path(name))
    monkeypatch.setattr(code_version, "_own_file", lambda function: code_version._file(function.__module__))
    assert (of(recall.basin) != before) == changes


def test_names_from_the_door_stand_for_their_modules(folder):
    (folder / "short.py").write_text("from damtutor import DenseAM\n\n\ndef trial(seed):\n    return {}\n")
    (folder / "long.py").write_text("import damtutor\n\n\ndef trial(seed):\n    return {}\n")
    short = code_version.look(importlib.import_module("short").trial).files
    assert {"damtutor.models.dense", "damtutor.kernels.compiled"} <= short.keys()
    assert "damtutor.models.transformer" not in short
    everything = code_version.look(importlib.import_module("long").trial).files
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "damtutor").rglob("*.py")}
    assert everything.keys() - {"long"} == {name.removesuffix(".__init__") for name in files} - {"damtutor"}


SAMPLE = """class A(int, k=1):
    "A docstring."
    def f(self, *, a, b=2, **c) -> str:
        return f"{a:{b}} {c!r:>{b}.2f}" "x" f"{a=}"
x = [*y, -1.5e300, 2j, b"z", "é\\U0001fae0", None, ...]
"""


def test_every_python_gives_the_same_digest():
    """What changed from 3.11 to 3.13: type parameters, empty fields, the end of a format in a format.

    The digest is 3.11's; 3.12 and 3.13 gave the same, here and for 1395 files of this project, of Python and of SciPy.
    """
    assert code_version.digest(ast.parse(SAMPLE)).startswith("450ebfbc2dae076a")


# Notebooks -----------------------------------------------------------------------------------------------------------

CELLS = """import numpy as np
from damtutor.patterns import flip
import damtutor.rng as rng
from math import sqrt
SIZES = (3, 4)
ARRAY = np.zeros(3)

def helper(x):
    return sqrt(x) * SIZES[0]

def trial(seed, *, size):
    '''A trial.'''
    from damtutor.memory import Trace
    flip, rng, np.exp
    return {"m": helper(size), "n": seed[1]}

def uses_array(seed):
    return {"m": ARRAY[0]}

def recursive(seed):
    return recursive(seed)
"""


@pytest.fixture
def notebook(monkeypatch):
    """Run a cell in a module without a file, as a kernel does."""

    def run(text):
        module = types.ModuleType("a_notebook")
        monkeypatch.setitem(sys.modules, "a_notebook", module)
        linecache.cache["<cell>"] = (len(text), None, text.splitlines(True), "<cell>")
        exec(compile(text, "<cell>", "exec"), vars(module))
        return module

    yield run
    linecache.cache.pop("<cell>", None)


def test_a_function_of_a_notebook(notebook, tmp_path):
    trial = notebook(CELLS).trial
    look = code_version.look(trial)
    assert {"a_notebook.trial", "a_notebook.helper", "a_notebook.SIZES"} <= look.values.keys()
    assert look.code.keys() == {"a_notebook.trial", "a_notebook.helper"}
    assert {"damtutor.patterns", "damtutor.rng", "damtutor.memory"} <= look.files.keys()
    assert not any(name.startswith("numpy") for name in look.files)
    assert sweep(trial, [{"size": 4}], 2, store=tmp_path / "s.db") == [[{"m": 6.0, "n": 0}, {"m": 6.0, "n": 1}]]
    assert sweep(trial, [{"size": 4}], 2, jobs=2, store=tmp_path / "s.db")[0][1] == {"m": 6.0, "n": 1}
    code_version.look(notebook(CELLS).recursive)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("(3, 4)", "(3, 5)", True),
        ("sqrt(x)", "sqrt(x + 1)", True),
        ("A trial.", "Words.", False),
        ("\n\n", "\n", False),
    ],
)
def test_changes_in_a_notebook(notebook, old, new, changes):
    before = of(notebook(CELLS).trial)
    assert (of(notebook(CELLS.replace(old, new)).trial) != before) == changes


def test_an_array_counts_and_so_does_code_without_its_text(notebook):
    before = of(notebook(CELLS).uses_array)
    assert of(notebook(CELLS.replace("np.zeros(3)", "np.ones(3)")).uses_array) != before
    module = notebook(CELLS)
    linecache.cache.pop("<cell>")
    before = of(module.trial)
    module.helper.__code__ = (lambda x: sqrt(x) * SIZES[1]).__code__  # noqa: F821
    assert of(module.trial) != before


def test_only_functions_at_the_top_are_trials():
    def inside(seed):
        return {}

    for trial in (inside, lambda seed: {}, print, 3, Path):
        with pytest.raises(ValueError, match="expected a function defined at the top level of a module or a notebook"):
            code_version.trial_name(trial)
    assert code_version.trial_name(trials.noise) == "trials.noise"


def test_examples():
    assert without_example(code_version) >= {"look", "changed"}
