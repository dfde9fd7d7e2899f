"""Instruments without a browser: one module from many, settings, words, and the dynamics in Node and in Firefox."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import make as vectors
import numpy as np
import pytest
from engines import by_node
from nodejs import node
from PIL import Image
from samples import curve, instruments

from damtutor import widgets
from damtutor.models.dense import DenseAM
from damtutor.rng import Rng32
from damtutor.widgets import (
    AttentionMicroscope,
    DenseRetrieval,
    Explorer,
    Filmstrip,
    FlowField,
    Landscape,
    Overlap,
    Sketch,
    explorer,
    named,
)
from damtutor.widgets.filmstrip import MAX_SWEEPS, QUERIES, stores
from damtutor.widgets.kit.bundle import HERE, bundle, entry, module, starter, style
from damtutor.widgets.kit.former_names import FORMER
from damtutor.widgets.kit.packing import ORDERS, interaction, pack_rows, pack_table

ROOT = Path(__file__).parents[2]


# --- the same dynamics in both languages


def test_stored_vectors_are_what_python_computes_now():
    stored = json.loads(vectors.TARGET.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(vectors.make()))
    for old, new in zip(stored["groups"], made["groups"], strict=True):
        for a, b in zip(old["cases"], new["cases"], strict=True):
            assert a.pop("energies") == pytest.approx(b.pop("energies"), rel=1e-12, abs=1e-12)
    assert stored == made, "run python tests/support/vectors/make.py"


def test_vectors_contain_ties_that_a_float_would_miss():
    """Otherwise agreement on them would prove little: a state at rest because all fields are exactly zero."""
    ties = 0
    for patterns in vectors.pattern_sets().values():
        for n, rectified in vectors.NAMES:
            model = DenseAM(patterns, interaction(n, rectified))
            state = np.ones(patterns.shape[1], dtype=np.int8)
            overlap = model.overlaps(state).astype(np.int32)
            ties += sum(model._ladder.exact_sign(overlap, i, 1) == 0 for i in range(model.size))
    assert ties > 100


def test_javascript_repeats_the_stored_vectors(answers):
    made = answers("dense", json.loads(vectors.TARGET.read_text(encoding="utf-8")))
    assert made["count"] > 2000
    assert made["found"] == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_node_never_disagrees_on_drawn_cases(seed):
    made = by_node("dense", vectors.random_groups(seed, 150))
    assert made["count"] > 0
    assert made["found"] == []


def test_a_wrong_vector_is_noticed():
    wrong = json.loads(vectors.TARGET.read_text(encoding="utf-8"))
    wrong["groups"][0]["cases"][0]["overlaps"][0] += 2
    assert len(by_node("dense", wrong)["found"]) == 2


def ends_by_python(store, count, damage, n, rectified, seed):
    """The ten ends as `DenseAM` finds them, and what became of each."""
    model = DenseAM(stores()[store][:count], interaction(n, rectified))
    ends = []
    for q in range(QUERIES):
        rng = Rng32(1000 * seed + q)
        start = model.patterns[q].copy()
        start[rng.choose(64, int(damage * 64 / 100 + 0.5))] *= -1
        trace = model.retrieve(start, max_sweeps=MAX_SWEEPS, rng=rng)
        m = trace.overlaps
        outcome = "back" if m[q] == 64 else "negative" if -64 in m else "other" if 64 in m else "mix"
        ends.append([pack_rows(start[None])[0], pack_rows(trace.state[None])[0], outcome])
    return ends


def test_filmstrip_shows_what_python_finds(answers):
    rng = np.random.default_rng(5)
    runs = [dict(store="digits", count=10, damage=10, n=n, rectified=False, seed=0) for n in ORDERS]
    for _ in range(25):
        n = ORDERS[rng.integers(len(ORDERS))]
        runs.append(
            dict(
                store=["digits", "random"][rng.integers(2)],
                count=[10, 30, 100][rng.integers(3)],
                damage=int(rng.integers(0, 91)),
                n=n,
                rectified=bool(rng.integers(2)) and n != "exp",
                seed=int(rng.integers(1000)),
            )
        )
    asked = {"config": Filmstrip().config, "runs": runs, "queries": QUERIES, "maxSweeps": MAX_SWEEPS}
    shown = answers("recall_ten", asked)
    assert shown == [ends_by_python(**run) for run in runs]
    assert {end[2] for ends in shown for end in ends} == {"back", "negative", "other", "mix"}


@pytest.mark.parametrize("n", [2, 3, "exp"])
@pytest.mark.parametrize("size", [1, 4, 5])
def test_a_packed_table_holds_the_exact_integers(n, size):
    function = interaction(n)
    packed = pack_table(function, size)
    words = [int(word, 16) for word in packed["words"]]
    exact = function.table(size).exact
    assert tuple(words) == exact[len(exact) - len(words) :]
    assert packed["fold"] == {2: "even", 3: "odd", "exp": "none"}[n]
    assert pack_table(interaction(3, True), size)["fold"] == "zero"


# --- one module from many


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)


def test_a_module_holds_all_that_its_entry_imports_each_file_in_a_function(tmp_path):
    write(
        tmp_path,
        a="// said once\nconst hidden = 1;\n/**\n * Said twice.\n * @type {number}\n */\nexport const one = hidden;\n",
        b='import {\n  one,\n} from "./a.js";\nconst hidden = `two\n  lines`;\nexport function two() {\n'
        "  return one + hidden.length; // stays\n}\nexport default { render: two };\n",
    )
    made = module("b.js", tmp_path)
    assert "Said twice" not in made
    assert "said once" not in made
    assert "\n  lines`" in made
    (tmp_path / "made.mjs").write_text(made)
    (tmp_path / "run.mjs").write_text('import made from "./made.mjs";\nconsole.log(made.render());\n')
    assert node(str(tmp_path / "run.mjs")) == "12\n"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ('import { two } from "./a.js";\nexport default { render };\n', "does not export"),
        ('import { hidden } from "./a.js";\nexport default { render };\n', "does not export"),
        ('import { one as uno } from "./a.js";\nexport default { render };\n', "does not export"),
        ('import { one } from "./c.js";\nexport default { render };\n', "imports ./c.js; expected a file"),
        ('import { x } from "./d.js";\nexport default { render };\n', "b.js imports d.js imports b.js; expected"),
        ('import three from "three";\nexport default { render };\n', "expected `import"),
        ('import * as a from "./a.js";\nexport default { render };\n', "expected `import"),
        ("export const { a, b } = {};\nexport default { render };\n", "an exported function, class or name"),
        ("export const x = 1;\n", "no default export"),
        ("export default 1;\n", "no default export"),
    ],
)
def test_what_would_break_in_the_browser_is_refused(tmp_path, last, said):
    circle = 'import { y } from "./b.js";\nexport const x = 1;\n'
    write(tmp_path, a="export const one = 1;\nfunction hidden() {}\n", b=last, d=circle)
    with pytest.raises(ValueError, match=said):
        module("b.js", tmp_path)


@pytest.mark.parametrize("kind", [FlowField, Landscape, AttentionMicroscope, Overlap, Sketch])
def test_a_style_sheet_of_its_own_reaches_the_notebook_and_the_page(kind):
    own = style(kind.slug)
    assert own.startswith(".dt ")
    assert "/*" not in own
    assert own in str(kind._css)
    assert json.dumps(own, ensure_ascii=False)[1:-1] in bundle([kind])


def code_of(path):
    """Lines of a file without the comments that no page carries."""
    text = re.sub(r"^\s*/\*\*.*?\*/\n|^\s*//[^\n]*\n", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return text.count("\n")


def test_javascript_files_are_short():
    """At most 300 lines as the formatter breaks them: an entry of a list or an object often has one for itself."""
    lengths = {path.name: code_of(path) for path in HERE.rglob("*.js")}
    assert len(lengths) > 30
    assert min(lengths.values()) > 0
    assert max(lengths.values()) < 300, lengths


def test_javascript_lines_have_120_columns_at_most():
    """The formatter breaks code, but neither texts nor comments."""
    for path in [*HERE.rglob("*.js"), *(ROOT / "tests/support/js").glob("*.mjs")]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert len(line.replace("\t", "  ")) <= 120, f"{path}:{number}"


def test_exported_functions_say_their_types():
    functions = re.compile(r"^export (?:(?:async )?function\*? (\w+)|const (\w+) = (?:async )?(?:\(|\w+ =>))", re.M)
    for path in HERE.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        for found in functions.finditer(text):
            before = text[: found.start()]
            assert before.endswith(" */\n"), f"{path.name}: {found[1] or found[2]}"
            assert re.search("@(returns|param)", before[before.rindex("/**") :]), f"{path.name}: {found[1] or found[2]}"


# --- names


FORMER_CLASSES = {
    "Again": "RepeatedAttention",
    "Flow": "FlowField",
    "Frames": "Explorer",
    "Microscope": "AttentionMicroscope",
    "Recall": "HopfieldRetrieval",
    "Retrieval": "DenseRetrieval",
}


@pytest.mark.parametrize(("former", "now"), FORMER_CLASSES.items())
def test_a_former_class_name_still_gives_the_class(former, now):
    assert getattr(widgets, former) is getattr(widgets, now)
    assert named(former) is getattr(widgets, now)
    assert former not in widgets.__all__
    assert f", [data-instrument={former}]" in starter_of(named(former))


def starter_of(kind):
    return next(starter(widget) for widget in instruments() if isinstance(widget, kind))


def test_every_former_name_is_of_an_instrument():
    assert {former.class_name for former in FORMER.values()} == set(FORMER_CLASSES)
    assert {named(slug).__name__ for slug in FORMER} == set(FORMER_CLASSES.values())


def test_one_slug_names_class_folder_and_file():
    kinds = [getattr(widgets, name) for name in widgets.__all__ if name != "Instrument"]
    for kind in kinds:
        assert named(kind.slug) is kind
        assert named(kind.__name__) is kind
        assert kind.__module__ == f"damtutor.widgets.{kind.slug}"
        assert (HERE / entry(kind.slug)).is_file()
    with pytest.raises(ValueError, match="no instrument 'Film'; expected one of attention_microscope, "):
        named("Film")
    for wrong in (None, 3, np.eye(2)):  # an instrument that never had another name is not called None
        with pytest.raises(ValueError, match=r"(?s)no instrument .*expected one of attention_microscope, "):
            named(wrong)
    with pytest.raises(AttributeError, match="has no attribute 'Film'"):
        widgets.Film  # noqa: B018


# --- words and settings


def test_repr_and_bundle_are_words_and_the_same_each_time():
    for first, second in zip(instruments(), instruments(), strict=True):
        assert repr(first) == repr(second)
        assert "0x" not in repr(first)
        data, _ = first._repr_mimebundle_()
        again, _ = second._repr_mimebundle_()
        view = "application/vnd.jupyter.widget-view+json"
        assert data.pop(view) != again.pop(view)  # the model's id is new each time; nothing else is
        assert data == again
        assert data["text/html"].startswith("<p><em>Run this cell to start the instrument: ")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n", 1, "one of 2, 3"),
        ("n", 2.0, "one of 2, 3"),
        ("n", "EXP", "'exp'"),
        ("damage", 91, "from 0 to 90"),
        ("damage", 10.5, "from 0 to 90"),
        ("damage", True, "from 0 to 90"),
        ("count", 20, "10, 30, 100, 300"),
        ("rectified", 1, "False, True"),
        ("store", "letters", "'digits', 'random'"),
        ("seed", -1, "from 0 to 999999"),
    ],
)
def test_a_bad_setting_is_named(name, value, said):
    with pytest.raises(ValueError, match=rf"{name} is .*; expected .*{said}"):
        Filmstrip(**{name: value})
    film = Filmstrip(n=4)
    with pytest.raises(ValueError, match=rf"{name} is .*; expected .*{said}"):
        film.settings = {name: value}
    assert film.settings["n"] == 4


def test_a_whole_number_from_the_browser_is_the_float_of_the_list():
    """JSON writes 1.0 as 1; without this, a kernel would refuse every state with a step size of 1."""
    flow, frames = FlowField(), Explorer(curve, n=[2], load=[0.5, 1.0])
    flow.settings = json.loads(json.dumps(flow.settings).replace("1.0", "1"))
    frames.settings = {"load": 1}
    for value in (flow.settings["a"], frames.settings["load"]):
        assert (type(value), value) == (float, 1.0)
    for value in (3, True):
        with pytest.raises(ValueError, match=f"a is {value}; expected one of 0.0, 0.1"):
            flow.settings = {"a": value}


def test_settings_merge_and_unknown_names_are_refused():
    film = Filmstrip()
    film.settings = {"n": "exp"}
    assert film.settings == Filmstrip(n="exp").settings
    assert "the exponential" in repr(film)
    with pytest.raises(ValueError, match="unknown setting 'colour'; expected one of store"):
        film.settings = {"colour": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"patterns": np.zeros((2, 4))}, "-1 or \\+1"),
        ({"patterns": {}}, "at least one"),
        ({"patterns": {"a": np.ones((1, 4)), "b": np.ones((1, 9))}}, "one size"),
        ({"patterns": np.ones((1, 289))}, "at most 256"),
        ({"patterns": np.ones((1, 6))}, "no square"),
        ({"patterns": np.ones((1, 6)), "shape": (2, 2)}, "height \\* width = 6"),
        ({"patterns": np.ones((1, 6)), "shape": (2, 3), "target": 1}, "target is 1"),
        ({"patterns": np.ones((1, 4)), "state": "ff"}, "1 hexadecimal"),
        ({"patterns": np.ones((1, 4)), "store": "digits"}, "one of 'patterns'"),
        ({"patterns": np.ones((1, 64)), "shape": 8}, "shape is 8; expected \\(height, width\\)"),
        ({"patterns": np.ones((1, 64)), "shape": (2, 4, 8)}, "expected \\(height, width\\)"),
        ({"patterns": np.ones((1, 64)), "shape": (8, "8")}, "whole number"),
        ({"patterns": np.ones((1, 4)), "names": 5}, "names is 5; expected a list of strings"),
        ({"patterns": np.ones((1, 4)), "names": "one"}, "expected a list of strings"),
        ({"patterns": np.ones((1, 4)), "names": [1]}, "expected a list of strings"),
    ],
)
def test_retrieval_refuses_what_it_cannot_show(arguments, said):
    with pytest.raises(ValueError, match=said):
        DenseRetrieval(**arguments)


def test_the_target_is_a_picture_of_the_chosen_store():
    both = {"few": np.ones((2, 4)), "many": np.ones((5, 4))}
    with pytest.raises(ValueError, match="target is 2; expected a whole number from 0 to 1, a picture of store 'few'"):
        DenseRetrieval(both, target=2)
    view = DenseRetrieval(both, store="many", target=4)
    with pytest.raises(ValueError, match="from 0 to 1"):
        view.settings = {"store": "few"}
    assert view.settings["store"] == "many"
    view.settings = {"store": "few", "target": 1}
    assert "picture 1 " in repr(view)


def opened_strips(frames):
    """The pictures of an explorer as arrays, cut as the browser cuts them."""
    strips = [Image.open(io.BytesIO(base64.b64decode(strip))) for strip in frames.config["strips"]]
    assert all(strip.format == "WEBP" for strip in strips)
    tall = frames.config["size"][1]
    return [np.asarray(s.convert("RGB"))[k : k + tall] for s in strips for k in range(0, s.height, tall)]


def test_frames_are_small_pictures_with_words():
    frames = Explorer(curve, n=[2, 3], load=np.array([0.5, 1.0]))
    assert frames.settings == {"n": 2, "load": 0.5}
    assert frames.config["alts"] == [f"A line that rises to {v}." for v in (1.0, 2.0, 1.5, 3.0)]
    pictures = opened_strips(frames)
    assert [picture.shape for picture in pictures] == [(180, 360, 3)] * 4
    assert sum(map(len, frames.config["strips"])) < 20_000
    with pytest.raises(ValueError, match=r"load is 0\.7"):
        frames.settings = {"load": 0.7}


def test_a_strip_is_no_taller_than_webp_allows(monkeypatch):
    assert explorer.TALLEST <= 16_383
    monkeypatch.setattr(explorer, "TALLEST", 450)
    frames = Explorer(curve, dpi=100, n=range(5))
    assert frames.config["per"] == 2  # 200 pixels each
    assert len(frames.config["strips"]) == 3
    assert len(opened_strips(frames)) == 5


def test_frames_of_different_sizes_are_refused():
    from matplotlib.figure import Figure

    for high in ([2, 3], [2, 2, 3]):
        with pytest.raises(ValueError, match=r"\(200, 100\), \(200, 150\).*expected one size"):
            Explorer(lambda k, high=high: (Figure(figsize=(4, high[k])), "empty"), dpi=50, k=list(range(len(high))))


@pytest.mark.parametrize(
    ("function", "axes", "said"),
    [
        (curve, {}, "no axis"),
        (curve, {"n": []}, "n is empty"),
        (curve, {"n": 5}, "n is 5; expected a list"),
        (curve, {"n": "abc"}, "expected a list"),
        (curve, {"n": np.array(5)}, "expected a list"),
        (curve, {"seed": [1, 2]}, "an axis named seed; expected another name.*instrument's own"),
        (curve, {"n": [None], "load": [1]}, "numbers or strings"),
        (curve, {"n": range(30), "load": range(10)}, "300 combinations"),
        (lambda n: curve(n, 1)[0], {"n": [2]}, "expected \\(Figure, text"),
        (lambda n: (curve(n, 1)[0], ""), {"n": [2]}, "expected \\(Figure, text"),
    ],
)
def test_frames_refuse_what_they_cannot_show(function, axes, said):
    with pytest.raises(ValueError, match=said):
        Explorer(function, **axes)


def test_importing_the_package_loads_no_widgets():
    code = "import sys, damtutor; print([m for m in ('anywidget', 'ipywidgets', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_instrument_is_imported_when_it_is_asked_for():
    code = (
        "import sys\nfrom damtutor import widgets\nprint('anywidget' in sys.modules)\nwidgets.Overlap\n"
        "print([slug for slug in widgets.SLUGS if f'damtutor.widgets.{slug}' in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["False", "['overlap']"]
    assert {"Overlap", "Instrument", "named"} <= set(dir(widgets))
