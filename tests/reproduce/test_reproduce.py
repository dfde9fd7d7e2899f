"""`damtutor reproduce`: the files it writes, what it says, how it goes on after a stop, and what it refuses."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from damtutor import cli
from damtutor.reproduce import run as reproduce
from damtutor.reproduce.report import Dots, Item, Line, Panel, Report, column, limit_row, mean_row, value_row

ROOT = Path(__file__).parents[2]


def coin_trial(seed, *, bias):
    return {"heads": bool(np.random.default_rng(seed).random() < bias)}


def coins(run):
    """Two coins, one of them as printed."""
    trials = run.pick(8, 40)
    found = run.sweep(coin_trial, [{"bias": 0.5}, {"bias": 1.0}], trials)
    heads = [column(results, "heads") for results in found]
    rows = [
        mean_row("fair coin", heads[0], 0.5),
        mean_row("coin | with two heads", heads[1], 0.9, why="it is no coin"),
        value_row("trials", float(trials), None),
        limit_row("heads, at most", float(heads[1].mean()), at_most=1.0),
    ]
    panel = Panel(
        "coins",
        "bias",
        "share of heads",
        lines=[Line("theory, coins", [0, 1], [0, 1])],
        dots=[Dots("measured, coins", [0.5, 1], [0.5, 1], [0.3, 1], [0.7, 1])],
    )
    return Report(rows, [panel], "Two dots on a line.", notes=["Coins have no memory."])


@pytest.fixture
def toy(monkeypatch):
    items = {"coins": Item("coins", "Two coins", "Bernoulli (1713)", 1, 200, coins)}
    monkeypatch.setattr(reproduce, "ITEMS", items)
    return items


def test_an_item_writes_its_three_files(toy, tmp_path):
    said = []
    report = reproduce.reproduce("coins", out=tmp_path, say=said.append)
    assert {path.name for path in tmp_path.iterdir()} == {"coins.csv", "coins.md", "coins.png", "trials.sqlite"}
    assert (tmp_path / "coins.csv").read_bytes().startswith(b"\xef\xbb\xbfquantity,")  # by which Excel knows UTF-8
    with open(tmp_path / "coins.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["quantity"] for row in rows] == [row.quantity for row in report.rows]
    assert [float(row["ours"]) for row in rows] == [row.value for row in report.rows]  # every digit
    assert rows[2]["source"] == ""
    text = (tmp_path / "coins.md").read_text(encoding="utf-8")
    assert "| coin &#124; with two heads | 0.9 | 1 | no scatter | differs: it is no coin |" in text
    assert "| trials |  | 8 | no scatter | no value in the source |" in text
    assert "| heads, at most | 1 | 1 |  | agrees |" in text
    assert (rows[3]["low"], rows[3]["high"]) == ("", "")
    assert "Source: Bernoulli (1713)." in text
    assert "2 of 3 rows agree, 1 differ, 1 without a value in the source." in text
    assert "Coins have no memory." in text
    assert re.search(r"!\[Two dots on a line\. coins: share of heads against bias\..*\]\(coins\.png\)", text)
    assert (tmp_path / "coins.png").read_bytes().startswith(b"\x89PNG")
    assert said[1].startswith("coins: 2 of 3 rows agree")
    assert "coin | with two heads: source 0.9, ours 1, differs: it is no coin" in said[2]


def test_a_folder_and_a_store_under_the_home(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    reproduce.reproduce("coins", out="~/made", store="~/s.db", say=str)
    assert {path.name for path in (tmp_path / "home" / "made").iterdir()} == {"coins.csv", "coins.md", "coins.png"}
    assert (tmp_path / "home" / "s.db").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
    for out in ("~no-such-user-here/x", "", None, 3):
        with pytest.raises(ValueError, match=r"out is .*; expected the name of a file or folder, for example 'reprod"):
            reproduce.reproduce("coins", out=out, say=str)


def test_full_is_more_trials_and_the_store_is_used_again(toy, tmp_path):
    quick = reproduce.reproduce("coins", out=tmp_path, say=str)
    full = reproduce.reproduce("coins", full=True, out=tmp_path, say=str)
    assert (quick.rows[2].value, full.rows[2].value) == (8, 40)
    size = (tmp_path / "trials.sqlite").stat().st_size
    again = reproduce.reproduce("coins", full=True, out=tmp_path, say=str)
    assert again == full
    assert (tmp_path / "trials.sqlite").stat().st_size == size
    elsewhere = reproduce.reproduce("coins", full=True, out=tmp_path / "b", store=tmp_path / "own", jobs=2, say=str)
    assert elsewhere == full
    assert (tmp_path / "own").exists()


def test_the_command_says_what_there_is(toy, capsys):
    assert cli.main(["reproduce", "--list"]) == 0
    out = capsys.readouterr().out
    assert "From Bernoulli (1713):" in out
    assert re.search(r"^coins +1 s +3 min +Two coins$", out, re.M)


def test_all_runs_every_item_once(toy, tmp_path, capsys):
    assert cli.main(["reproduce", "coins", "all", "--out", str(tmp_path), "--jobs", "1"]) == 0
    assert capsys.readouterr().out.count("rows agree") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "no item 'nothing'"),
        (["coins", "--store", "."], "cannot be opened; expected a file"),
        (["coins", "--dask", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(toy, tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["reproduce", *arguments, "--jobs", "1"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_a_file_in_place_of_the_folder(toy, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert cli.main(["reproduce", "coins", "--out", str(tmp_path / "out")]) == 2
    assert "out'; expected a folder with room where you may write, for example" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize(
    "arguments", [[], ["coins", "--jobs", "0"], ["coins", "--jobs", "x"], ["coins", "--quick", "--full"]]
)
def test_the_parser_refuses(toy, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(["reproduce", *arguments])
    assert stop.value.code == 2
    assert "damtutor reproduce" in capsys.readouterr().err


def test_a_failure_in_writing_leaves_the_old_file(toy, tmp_path, monkeypatch):
    reproduce.reproduce("coins", out=tmp_path, say=str)
    before = (tmp_path / "coins.csv").read_bytes()

    def full_disk(self, data):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        reproduce.reproduce("coins", full=True, out=tmp_path, say=str)
    assert (tmp_path / "coins.csv").read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_ctrl_c_is_answered_with_what_to_do(toy, monkeypatch, tmp_path, capsys):
    def stopped(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "sweep", stopped)
    assert cli.main(["reproduce", "coins", "--out", str(tmp_path)]) == 130
    assert "goes on from there" in capsys.readouterr().err


def test_ctrl_c_while_modules_are_loaded(toy, monkeypatch, capsys):
    def stopped(given):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_reproduce", stopped)
    assert cli.main(["reproduce", "coins"]) == 130
    assert "stopped before" in capsys.readouterr().err


def test_without_dask_the_command_says_what_to_install(toy, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)  # as if it were not installed
    assert cli.main(["reproduce", "coins", "--out", str(tmp_path), "--dask", "tcp://127.0.0.1:1"]) == 2
    assert 'pip install "damtutor[cluster]"' in capsys.readouterr().err


def test_the_real_command_from_the_shell(tmp_path):
    """A deterministic item: equal text from run to run, but for its time."""
    texts = []
    for name in ("a", "b"):
        done = subprocess.run(
            [sys.executable, "-m", "damtutor.cli", "reproduce", "saddle-nodes", "--out", tmp_path / name],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ,
        )
        assert done.returncode == 0, done.stderr
        assert "15 of 16 rows agree, 1 differ" in done.stdout
        texts.append(re.sub(r"Run: .*", "", (tmp_path / name / "saddle-nodes.md").read_text()))
    assert texts[0] == texts[1]


def test_what_is_no_item_or_no_bool_is_refused_before_anything_runs(tmp_path):
    def made(name, **options):
        return reproduce.reproduce(name, out=tmp_path / "out", **options)

    for name in (None, ["ladder"], 3):
        with pytest.raises(ValueError, match=r"name: no item .*; expected one of basin"):
            made(name)
    with pytest.raises(ValueError, match="full is 'no'; expected True or False"):
        made("ladder", full="no")
    with pytest.raises(ValueError, match="progress is 1; expected True or False"):
        made("ladder", progress=1)
    for names in ("all", "small", None):  # a word with "all" in it ran everything
        with pytest.raises(ValueError, match=r"names is .*; expected a list of strings"):
            reproduce.run_all(names)
    assert not (tmp_path / "out").exists()
