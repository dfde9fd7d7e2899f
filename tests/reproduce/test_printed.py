"""Printed values as data: each says whose it is, stands in one place, and is used; a broken file is refused."""

import ast
import math
from pathlib import Path

import pytest

from damtutor import reproduce
from damtutor.reproduce.items import ITEMS
from damtutor.reproduce.printed import CERTAINTY, Printed, parse, table
from damtutor.reproduce.report import Run

ROOM = Path(reproduce.__file__).parent
FILES = sorted(ROOM.glob("*/printed/*.toml"))
GROUPS = {  # (paper, table, name of the group): group
    (path.parts[-3], path.stem, name): group
    for path in FILES
    for name, group in table(path.parts[-3], path.stem).items()
}
MIDDLE = {0.1: 0.4, 0.2: 0.59}  # start of half success by reduced load, near the printed ones


def found(point, k):
    """What trial k of any kind may find: everything it could be asked for, in the right shape, without computing."""
    steps, targets, number = point.get("steps", 1) + 1, point.get("targets", 1), 0.5 + 0.1 * k
    odds = math.exp((point.get("overlap", 0.4) - MIDDLE.get(point.get("reduced_load"), 0.4)) / 0.05)
    success = float(k / 8 < odds / (1 + odds))
    if "corruptions" in point:
        success = [k / 8 < 1 / (1 + math.exp((c - 0.39) / 0.02)) for c in point["corruptions"]]
    names = ("boundary", "time", "wrong", "after", "typical", "exact", "beta")
    record = dict.fromkeys(names, number) | {f"radius_{tier}": number for tier in (*"ABCD", "true")}
    record |= {"overlap": [number] * steps, "noise": [1.0] * steps, "overlaps": [[0.9] * targets] * steps}
    flips = round(point["size"] * (1 - point["overlap"]) / 2) if "targets" in point else 10 + k
    return record | {
        "success": success,
        "fixed": [0] * targets if "targets" in point else 1.0,
        "flips": flips,
        "sweeps": 2 + k,
    }


@pytest.fixture(scope="module")
def used():
    """Where the values stand that rows of full runs are compared with."""
    run = Run(True, lambda trial, points, trials: [[found(point, k) for k in range(8)] for point in points])
    rows = [row for item in ITEMS.values() for row in item.make(run).rows]
    return {row.printed.where for row in rows if row.printed}


@pytest.mark.parametrize("key", GROUPS, ids="-".join)
def test_every_value_says_whose_it_is_and_how_sure(key):
    for value in GROUPS[key].values():
        assert value.source
        assert value.place
        assert value.certainty in CERTAINTY


def test_every_value_is_used_by_an_item(used):
    everything = {value.where for group in GROUPS.values() for value in group.values()}
    assert len(everything) > 600
    assert everything - used == set()


def test_no_value_stands_twice():
    """Of one paper, no two values are of one quantity, under one name, at the same place."""
    seen = {}
    for (paper, file, name), group in GROUPS.items():
        for key, value in group.items():
            at = group.at | dict(zip(group.axes, key if isinstance(key, tuple) else (key,), strict=True))
            what = (paper, name, tuple(sorted(at.items(), key=str)))
            assert what not in seen, (file, key, seen[what])
            seen[what] = (file, key, value.value)


@pytest.mark.parametrize("path", sorted(ROOM.glob("*/*.py")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_no_printed_value_stands_in_an_item(path):
    """A number of three digits or more that is printed is asked for, not typed again; so is whose it is."""
    values = {v.value for (paper, *_), group in GROUPS.items() if paper == path.parent.name for v in group.values()}
    settings = {
        part
        for group in GROUPS.values()
        for key in group
        for part in (*(key if isinstance(key, tuple) else (key,)), *group.at.values())
    }
    tree = ast.parse(path.read_text())
    typed = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)}
    digits = {value for value in typed if len(f"{value:.9g}".replace(".", "").strip("0")) >= 3}
    assert digits & values - settings == set()
    assert "(source: " not in path.read_text()


def test_what_a_value_carries():
    group = table("gaikwad2026", "table_5")["success"]
    assert group[0.005, 33] == Printed(
        99,
        1.0,
        0.0,
        80,
        "Gaikwad (2026)",
        "Table 5",
        "fragment",
        "",
        ("gaikwad2026", "table_5", "success", (0.005, 33)),
    )
    assert group[0.005, 33].as_share().value == 0.99
    assert group.nested()[0.01][33].value == 98
    program = table("gaikwad2026", "table_5")["half_point_by_size"][0.01, 500]
    assert (program.unit, program.certainty) == (0.1, "not printed")
    assert program.note == " (source: independent program)"
    path = table("mimura2026", "trajectories")["overlap"]
    assert path[0.1, 0.5, 512, 1, "networks"].error == 0.0021
    edge = table("mimura2026", "basin_map")["edge"][4, 20, "power", 0.7, 0.05]
    assert (edge.value, edge.unit) == (0.52, 0.001)  # written 0.520


HEAD = 'source = "A"\nplace = "Table 1"\ncertainty = "read"\n'
KEYS = "[a]\nkeys = ['x']\nrows = "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (KEYS + "[[1, 2]]", "says no source for 1"),
        (HEAD.replace("read", "maybe") + KEYS + "[[1, 2]]", "certainty 'maybe'; expected one of read,"),
        (HEAD + "[a]\nrows = [[1, 2]]", "no keys or no rows; expected both, for example"),
        (HEAD + KEYS + "[[1, 2, 3]]", "a row 1, 2, 3; expected 1 keys and 1 more"),
        (HEAD + KEYS + "[[1, 2], [1, 3]]", "two values for 1"),
        (HEAD + KEYS + "[[1, 'two']]", "the value 'two'; expected a number"),
        (HEAD + KEYS + "[[1, true]]", "the value True; expected a number"),
        (HEAD + KEYS + "[[1, 2]]\nunits = 3", "has units; expected some of"),
        (HEAD + KEYS + "[[1, 2]]\ndiffers = [{ key = [2] }]", "differs at 2, where there is no value"),
        (HEAD + "year = 2026", "year = 2026; expected source, place, certainty, and groups"),
    ],
)
def test_a_broken_file_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        parse(text, "paper", "table")


def test_a_missing_file_is_named():
    with pytest.raises(ValueError, match=r"no printed values mimura2026/printed/table_1\.toml; expected a file"):
        table("damtutor.reproduce.mimura2026", "table_1")
