"""One palette for plots and instruments: a colour is written once, and no plot writes one of its own."""

import ast
import re
from pathlib import Path

import pytest
from matplotlib.colors import is_color_like

import damtutor
from damtutor import palette

ROOM = Path(damtutor.__file__).parent
PLOTS = sorted([*(ROOM / "figures").glob("*.py"), ROOM / "reproduce" / "figure.py"])


def test_a_colour_is_written_once():
    found = re.findall(r"^\w+ = \"(#[0-9a-f]{6})\"", (ROOM / "palette" / "palette.toml").read_text(), re.M)
    assert len(found) > 30
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: path.stem)
def test_plots_take_their_colours_from_the_palette(path):
    nodes = ast.walk(ast.parse(path.read_text()))
    words = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    # one letter is a marker or a format, "gray" the name of a map
    assert [word for word in words if word not in ("none", "gray") and len(word) > 1 and is_color_like(word)] == []


@pytest.mark.parametrize("path", sorted((ROOM / "widgets").rglob("*.css")), ids=lambda path: path.stem)
def test_style_sheets_take_their_colours_from_the_palette(path):
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", path.read_text()) == []


def test_the_instruments_have_every_role_in_both_themes():
    light, dark = palette.css().splitlines()
    assert light.startswith(".dt { --bg: #ffffff; ")
    assert dark.startswith('.dt[data-dt-theme="dark"] { --bg: #15191e; ')
    roles = {name for name in re.findall(r"--(\w+):", light) if not name.startswith("tint")}
    assert roles == {*re.findall(r"--(\w+):", dark), "paper"}


def test_words_in_an_instrument_stand_out():
    """4.5 : 1, as the accessibility guidelines ask, of every colour that writes words on every ground of its theme."""

    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    for rule in palette.css().splitlines():
        roles = dict(re.findall(r"--(\w+): (#\w+);", rule))
        for ground in ("bg", "panel"):
            for word in ("fg", "muted", "stored", "state", "ink"):
                pair = sorted((light(roles[ground]), light(roles[word])))
                assert pair[1] / pair[0] >= 4.5, (rule[:30], ground, word)


@pytest.mark.parametrize("path", sorted((ROOM / "widgets").rglob("*.[cj]s*")), ids=lambda path: path.name)
def test_instruments_take_their_colours_from_the_palette(path):
    text = path.read_text()
    assert re.findall(r"#[0-9a-fA-F]{6}\b|\brgba?\(|\bhsla?\(", text) == []
    assert set(re.findall(r"var\(--(tint\d|paper|bg)\)", text)) <= set(re.findall(r"--(\w+):", palette.css()))
