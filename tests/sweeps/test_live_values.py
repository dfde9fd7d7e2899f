"""What a trial reads beside its parameters belongs to it: with another value it is another trial, wherever it runs."""

import functools
import importlib
import linecache
import math
import os
import random
import sys
import threading
import types

import numpy as np
import pytest
import trials

from damtutor.experiments import attacks, recall
from damtutor.models.hopfield import Hopfield
from damtutor.patterns import random_patterns
from damtutor.sweeps import code_version, live_values, workers
from damtutor.sweeps.sweep import sweep
from damtutor.sweeps.workers import WorkerError

REFUSED = (ValueError, WorkerError)

# Every trial answers 2, and after the change 15. {0} is a module beside it, {1} a package in another folder.
READERS = {
    "a global": ("FLIPS = 2\ndef trial(seed): return {'m': FLIPS}", "trial_module.FLIPS = 15"),
    "attribute of a module": ("import {0}\ndef trial(seed): return {'m': {0}.FLIPS}", "beside.FLIPS = 15"),
    "module by another name": ("import {0} as c\ndef trial(seed): return {'m': c.FLIPS}", "beside.FLIPS = 15"),
    "imported constant": ("from {0} import FLIPS\ndef trial(seed): return {'m': FLIPS}", "trial_module.FLIPS = 15"),
    "global of a function elsewhere": (
        "from {1}.inner import value\ndef trial(seed): return {'m': value()}",
        "elsewhere.FLIPS = 15",
    ),
    "attribute of a submodule": (
        "import {1}.inner\ndef trial(seed): return {'m': {1}.inner.FLIPS}",
        "elsewhere.FLIPS = 15",
    ),
    "computed name": ("import {0}\ndef trial(seed): return {'m': getattr({0}, 'FLI' + 'PS')}", "beside.FLIPS = 15"),
    "through globals()": ("FLIPS = 2\ndef trial(seed): return {'m': globals()['FLIPS']}", "trial_module.FLIPS = 15"),
    "function put in place": (
        "def helper(): return 2\ndef other(): return 15\ndef trial(seed): return {'m': helper()}",
        "trial_module.helper = trial_module.other",
    ),
    "function of another module": (
        "import {0}\ndef trial(seed): return {'m': {0}.value()}",
        "beside.value = lambda: 15",
    ),
    "default": (
        "def helper(n=2): return n\ndef trial(seed): return {'m': helper()}",
        "trial_module.helper.__defaults__ = (15,)",
    ),
    "default of the trial": (
        "def trial(seed, *, n=2): return {'m': n}",
        "trial_module.trial.__kwdefaults__ = {'n': 15}",
    ),
    "attribute of a function": ("def trial(seed): return {'m': trial.n}\ntrial.n = 2", "trial_module.trial.n = 15"),
    "closure": (
        "def make(n):\n    def inner(): return n\n    return inner\nf = make(2)\ndef trial(seed): return {'m': f()}",
        "trial_module.f = trial_module.make(15)",
    ),
    "decorator": (
        "import functools\nbox = [2]\ndef add(f):\n    @functools.wraps(f)\n"
        "    def inner(seed): return f(seed) | {'m': box[0]}\n"
        "    return inner\n@add\ndef trial(seed): return {}",
        "trial_module.box[0] = 15",
    ),
    "lambda": (
        "f, g = lambda: 2, lambda: 15\ndef trial(seed): return {'m': f()}",
        "trial_module.f = trial_module.g",
    ),
    "partial": (
        "from functools import partial\ndef helper(n): return n\nf = partial(helper, n=2)\n"
        "def trial(seed): return {'m': f()}",
        "trial_module.f = functools.partial(trial_module.helper, n=15)",
    ),
    "attribute of a class": (
        "class C:\n    n = 2\ndef trial(seed): return {'m': C.n}",
        "trial_module.C.n = 15",
    ),
    "attribute of a base": (
        "class B:\n    n = 2\nclass C(B):\n    def get(self): return self.n\ndef trial(seed): return {'m': C().get()}",
        "trial_module.B.n = 15",
    ),
    "callable object": (
        "class C:\n    def __init__(self, n): self.n = n\n    def __call__(self): return self.n\nf = C(2)\n"
        "def trial(seed): return {'m': f()}",
        "trial_module.f.n = 15",
    ),
    "bound method": (
        "class C:\n    n = 2\n    def get(self): return self.n\nc = C()\nf = c.get\ndef trial(seed): return {'m': f()}",
        "trial_module.c.n = 15",
    ),
    "namespace": (
        "from types import SimpleNamespace as S\nc = S(a=S(n=2))\ndef trial(seed): return {'m': c.a.n}",
        "trial_module.c.a.n = 15",
    ),
    "dict": ("D = {'n': [2]}\ndef trial(seed): return {'m': D['n'][0]}", "trial_module.D['n'][0] = 15"),
    "array": (
        "import numpy as np\nA = np.array([1.0, 2.0])\ndef trial(seed): return {'m': int(A[1])}",
        "trial_module.A[1] = 15",
    ),
    "generator expression": (
        "FLIPS = 2\ndef trial(seed): return {'m': sum(FLIPS for _ in range(1))}",
        "trial_module.FLIPS = 15",
    ),
    "function that is kept": (
        "import functools\nFLIPS = 2\n@functools.cache\ndef kept(): return FLIPS\n"
        "def trial(seed): return {'m': kept()}",
        "trial_module.FLIPS = 15",
    ),
    "function chosen by type": (
        "import functools\n@functools.singledispatch\ndef f(x): return 0\n@f.register\ndef _(x: int): return 2\n"
        "def trial(seed): return {'m': f(1)}",
        "trial_module.f.register(int, lambda x: 15)",
    ),
    "class of a class": (
        "class Meta(type): n = 2\nclass C(metaclass=Meta): pass\ndef trial(seed): return {'m': C.n}",
        "trial_module.Meta.n = 15",
    ),
    "object with slots": (
        "class C:\n    __slots__ = ('n',)\nc = C()\nc.n = 2\ndef trial(seed): return {'m': c.n}",
        "trial_module.c.n = 15",
    ),
    "state that is not pickled": (
        "class C:\n    def __reduce__(self): return C, ()\nc = C()\nc.n = 2\ndef trial(seed): return {'m': c.n}",
        "trial_module.c.n = 15",
    ),
    "module by import_module": (
        "import importlib\ndef trial(seed): return {'m': importlib.import_module('{0}').FLIPS}",
        "beside.FLIPS = 15",
    ),
    "module by sys.modules": (
        "import sys, {0}\ndef trial(seed): return {'m': sys.modules['{0}'].FLIPS}",
        "beside.FLIPS = 15",
    ),
    "environment, imported inside": (
        "def trial(seed):\n    import os\n    return {'m': int(os.getenv('SWEEP_TEST_FLIPS', '2'))}",
        "os.environ['SWEEP_TEST_FLIPS'] = '15'",
    ),
    "import inside": ("def trial(seed):\n    from {0} import FLIPS\n    return {'m': FLIPS}", "beside.FLIPS = 15"),
    "module imported inside": ("def trial(seed):\n    import {0}\n    return {'m': {0}.FLIPS}", "beside.FLIPS = 15"),
    "environment": (
        "import os\ndef trial(seed): return {'m': int(os.environ.get('SWEEP_TEST_FLIPS', '2'))}",
        "os.environ['SWEEP_TEST_FLIPS'] = '15'",
    ),
    "number of a library": ("import math\ndef trial(seed): return {'m': int(math.tau) - 4}", "math.tau = 19.5"),
    "function of a library": (
        "import math\ndef trial(seed): return {'m': math.isqrt(4)}",
        "math.isqrt = lambda n: 15",
    ),
}
NOT_SENT = (
    "function chosen by type",
    "state that is not pickled",
    "module by import_module",
    "module by sys.modules",
    "environment, imported inside",
    "through globals()",
    "import inside",
    "module imported inside",
    "environment",
    "number of a library",
    "function of a library",
)


@pytest.fixture
def forget(monkeypatch):
    """Modules, environment and libraries are afterwards what they were."""
    monkeypatch.setattr(math, "tau", math.tau)
    monkeypatch.setattr(math, "isqrt", math.isqrt)
    monkeypatch.setenv("SWEEP_TEST_FLIPS", "2")
    monkeypatch.delenv("SWEEP_TEST_FLIPS")
    yield
    for name in [name for name in sys.modules if name.startswith("reads_")]:
        del sys.modules[name]


@pytest.fixture
def written(tmp_path, monkeypatch, forget):
    """A function that writes a trial and what it imports, in names that no worker has seen."""
    number = iter(range(10))

    def write(text):
        name = f"reads_{tmp_path.name}_{next(number)}".replace("-", "_")
        beside, elsewhere = f"{name}_conf", f"{name}_pkg"
        (tmp_path / "there" / elsewhere).mkdir(parents=True)
        (tmp_path / f"{name}.py").write_text(text.replace("{0}", beside).replace("{1}", elsewhere))
        (tmp_path / f"{beside}.py").write_text("FLIPS = 2\ndef value(): return FLIPS\n")
        (tmp_path / "there" / elsewhere / "__init__.py").write_text("")
        (tmp_path / "there" / elsewhere / "inner.py").write_text("FLIPS = 2\ndef value(): return FLIPS\n")
        for path in (tmp_path, tmp_path / "there"):
            monkeypatch.syspath_prepend(path)
        names = {"trial_module": name, "beside": beside, "elsewhere": f"{elsewhere}.inner"}
        return {key: importlib.import_module(module) for key, module in names.items()}

    return write


def answers(trial, **options):
    return {row["m"] for row in sweep(trial, [{}], 3, **options)[0]}


@pytest.mark.parametrize("kind", READERS)
def test_another_value_is_another_trial_wherever_it_runs(kind, written, tmp_path):
    text, change = READERS[kind]
    modules = written(text)
    module, store = modules["trial_module"], tmp_path / "s.db"
    assert answers(module.trial, store=store) == {2}
    if kind.startswith("environment"):  # of workers that are there already
        assert answers(module.trial, jobs=2) == {2}
    exec(change, modules | {"functools": functools, "os": os, "math": math})
    assert answers(module.trial, store=store) == {15}
    assert answers(module.trial) == {15}
    assert answers(module.trial, jobs=2, threads=True) == {15}
    if kind in NOT_SENT:
        with pytest.raises(REFUSED, match=r"a worker (has another .*; restart the workers|cannot import what the tr)"):
            answers(module.trial, jobs=2)
    else:
        assert answers(module.trial, jobs=2) == {15}


def test_the_value_that_was_there_before_finds_its_trials_again(written, tmp_path, capsys):
    module, store = written(READERS["a global"][0])["trial_module"], tmp_path / "s.db"
    assert answers(module.trial, store=store) == {2}
    module.FLIPS = 15
    assert answers(module.trial, store=store) == {15}
    assert "kept but not used, because their code, a value that they read, or" in capsys.readouterr().err
    module.FLIPS = 2
    assert answers(module.trial, store=store) == {2}
    assert capsys.readouterr().err == ""


def test_what_a_module_holds_beside_what_is_read_does_not_matter(written):
    """A lock cannot travel, and need not: only what is read goes along."""
    modules = written("import {0}\ndef trial(seed): return {'m': {0}.FLIPS}")
    modules["beside"].LOCK, modules["trial_module"].LOCK = threading.Lock(), threading.Lock()
    modules["beside"].FLIPS = 15
    before = code_version.look(modules["trial_module"].trial).version
    modules["trial_module"].UNREAD = 3
    assert code_version.look(modules["trial_module"].trial).version == before
    assert answers(modules["trial_module"].trial, jobs=2) == {15}


def test_values_set_inside_damtutor(monkeypatch):
    """They are another trial here, and other processes, which import damtutor, refuse."""
    point = {"size": 12, "count": 2}
    before = code_version.look(attacks.attack_trial)
    monkeypatch.setattr(attacks, "ORDERS", 33)
    assert code_version.look(attacks.attack_trial).version == before.version  # it is not read after the import
    monkeypatch.setattr(recall, "Estimate", tuple)
    monkeypatch.setattr(attacks, "SWEEPS", 7)
    now = code_version.look(attacks.attack_trial)
    assert code_version.changed(before.values, now.values) == "damtutor.experiments.attacks.SWEEPS"
    parcel = workers.pack(workers.Task(attacks.attack_trial, 0, now))
    monkeypatch.undo()
    with pytest.raises(WorkerError, match=r"a worker has another damtutor\.experiments\.attacks\.SWEEPS than this"):
        workers._checked(parcel, workers.Batch(point, "", [0]))


# Refused -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import numpy as np\nR = np.random.default_rng(0)\ndef trial(seed): return {'m': R.random()}", r"\.R, a Gen"),
        (
            "import numpy as np\ndef trial(seed): return {'m': np.random.rand()}",
            r"numpy\.random\.rand, a RandomState, ",
        ),
        ("import random\ndef trial(seed): return {'m': random.random()}", r"random\.random, a Random, whose numbers"),
        ("from random import shuffle\ndef trial(seed): shuffle([1])", r"\.shuffle, a Random, whose numbers depend on"),
        ("import itertools\nI = itertools.count()\ndef trial(seed): return {'m': next(I)}", r"\.I, a count, of which"),
        ("import threading\nL = [threading.Lock()]\ndef trial(seed): return {'m': L}", r"\.L, a lock, of which"),
        (
            "F = open(__file__)\ndef trial(seed): return {'m': F.read()}",
            r"\.F, a TextIOWrapper, of which there is no v",
        ),
        ("import os\ndef trial(seed): return {'m': len(os.environ)}", "reads os.environ at a name that is not written"),
        (
            "import os\nK = 'A'\ndef trial(seed): return {'m': os.getenv(K)}",
            r"expected os\.environ\['NAME'\], or a par",
        ),
        (
            "import sys\ndef trial(seed): return {'m': sys.argv[1]}",
            "reads sys.argv as a whole; expected a parameter of",
        ),
    ],
)
@pytest.mark.parametrize("options", [{}, {"jobs": 2}])
def test_what_has_no_version_is_refused_everywhere(written, text, said, options):
    module = written(text)["trial_module"]
    with pytest.raises(ValueError, match=said):
        sweep(module.trial, [{}], 1, **options)
    if hasattr(module, "F"):
        module.F.close()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("N = 0\ndef trial(seed):\n    global N\n    N += 1\n    return {'m': N}", "N"),
        ("D = []\ndef trial(seed):\n    D.append(1)\n    return {'m': len(D)}", "D"),
        ("class C:\n    n = 0\ndef trial(seed):\n    C.n += 1\n    return {'m': C.n}", "C.n"),
        ("def trial(seed):\n    trial.n = getattr(trial, 'n', 0) + 1\n    return {'m': trial.n}", "trial"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"jobs": 2}, {"jobs": 2, "threads": True}])
def test_a_trial_that_changes_what_it_reads_is_refused(written, tmp_path, text, place, options):
    module = written(text)["trial_module"]
    with pytest.raises(ValueError, match=rf"trial changes {module.__name__}\.{place}, which it reads: its numbers wou"):
        sweep(module.trial, [{}], 3, store=tmp_path / "s.db", **options)


def test_what_is_kept_for_later_is_no_change(written, tmp_path):
    """functools.cache, a module that is loaded by the trial, a property that a network computes once."""
    text = (
        "import functools\nfrom damtutor import Hopfield\nfrom damtutor.patterns import random_patterns\n"
        "NET = Hopfield(random_patterns(2, 30, rng=0))\n@functools.cache\ndef slow(k): return k\n"
        "def trial(seed):\n    from {1}.inner import FLIPS\n    NET.weights\n"
        "    return {'m': FLIPS + slow(seed[1]) * 0 + 0 * NET.retrieve(NET.patterns[0]).sweeps}\n"
    )
    module = written(text)["trial_module"]
    for options in ({}, {"jobs": 2}, {}):
        assert answers(module.trial, store=tmp_path / "s.db", **options) == {2}
    before = code_version.look(module.trial).version
    module.NET = Hopfield(random_patterns(2, 30, rng=1))
    assert code_version.look(module.trial).version != before


@pytest.mark.parametrize("options", [{}, {"jobs": 2}])
def test_distributions_of_scipy_are_no_dice_until_they_draw(written, options):
    """They hold the global generator; a property that an empty object computes once is no change either."""
    text = (
        "import functools\nfrom scipy.stats import norm\nHALF = norm(0, 2)\nclass C:\n"
        "    @functools.cached_property\n    def n(self): return 2\nc = C()\n"
        "def trial(seed): return {'m': c.n + norm.cdf(0) - HALF.cdf(0)}\n"
        "def draws(seed): return {'m': norm.rvs()}\n"
    )
    module = written(text)["trial_module"]
    assert answers(module.trial, **options) == {2}
    with pytest.raises(ValueError, match=r"draws from the global generator of NumPy, whose numbers depend on the tria"):
        answers(module.draws, **options)


def test_a_function_without_a_module_is_refused():
    space = {}
    exec("def trial(seed): return {}", space)
    with pytest.raises(ValueError, match=r"trial is trial; expected a function defined at the top level of a module"):
        sweep(space["trial"], [{}], 1)


# Digests -------------------------------------------------------------------------------------------------------------


def test_equal_values_have_one_digest_and_others_have_others(written):
    module = written("X = None\ndef trial(seed): return {'m': X}")["trial_module"]

    def seen(value):
        module.X = value
        return code_version.look(module.trial, sources=False).values[f"{module.__name__}.X"]

    values = [
        *(None, True, 1, 1.0, -0.0, 0.0, math.nan, "1", b"1", 1j, range(2), (1,), [1], {1}, {1: 2}, {2: 1}, ...),
        *(np.zeros(2), np.zeros(2, np.float32), np.zeros((2, 1)), np.array([0, 1.0]), np.array(["a"]), np.float64(1)),
        *(
            np.array([1, "a"], object),
            np.array(2),
            math.sqrt,
            np.exp,
            np,
            dict,
            [1].append,
            functools.partial(int, "2"),
        ),
        *(random.Random.random, types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)),
    ]
    digests = [seen(value) for value in values]
    assert len(set(digests)) == len(values)
    assert seen({"b", "a", "c"}) == seen({"c", "a", "b"})
    assert seen(np.arange(6).reshape(2, 3).T) == seen(np.array([[0, 3], [1, 4], [2, 5]]))
    loop = [1]
    loop.append(loop)
    assert seen(loop) != seen([1, [1]])
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match=r"\.X, a list, of which there is no version; expected it to be made inside"):
        seen(deep)


def test_a_comment_above_changes_no_version(written):
    """Nor do places in the file: functions are known by their names where those are unique."""
    text = "FLIPS = 2\ndef trial(seed): return {'m': FLIPS}"
    digests = {tuple(sorted(code_version.look(trials.noise, sources=way).values.items())) for way in (True, False)}
    assert len(digests) == 1
    looks = [code_version.look(written(words + text)["trial_module"].trial) for words in ("", "# words\n\n")]
    assert list(looks[0].files.values()) == list(looks[1].files.values())
    assert list(looks[0].code) == list(looks[1].code) == []


CELL = """import numpy as np
RATES = np.zeros(3)
class Box:
    n = 2
    def get(self): return self.n
box = Box()
def trial(seed): return {"m": box.get() + int(RATES[0])}
"""


def test_arrays_and_classes_of_a_notebook(monkeypatch, tmp_path):
    """As a kernel runs a cell: without a file."""
    module = types.ModuleType("a_notebook_of_boxes")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(linecache.cache, "<boxes>", (len(CELL), None, CELL.splitlines(True), "<boxes>"))
    exec(compile(CELL, "<boxes>", "exec"), vars(module))
    for change, expected in (("pass", 2), ("box.n = 4", 4), ("RATES[0] = 3", 7), ("Box.get = lambda self: 1", 4)):
        exec(change, vars(module))
        for options in ({"store": tmp_path / "s.db"}, {"jobs": 2}, {"jobs": 2, "threads": True}):
            assert answers(module.trial, **options) == {expected}, change


def test_libraries_are_told_from_what_is_ours():
    assert all(map(live_values.in_library, ("numpy", "numpy.random", "math", "sys", "json", "xml.dom", "pytest")))
    assert not any(map(live_values.in_library, ("trials", "damtutor", "not_there_at_all")))
