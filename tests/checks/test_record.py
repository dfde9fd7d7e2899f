"""The record of progress among processes, and where it cannot be written: a verdict is shown all the same."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checking import toy
from children import child

import damtutor.checks as checks
from damtutor import cli
from damtutor.checks.engine import progress as record
from damtutor.checks.engine.verdict import Verdict

TEN_WRITERS = """
import sys
from damtutor.checks.engine import progress as record
from damtutor.checks.engine.verdict import Verdict
print("ready", flush=True)
sys.stdin.readline()
for k in range(40):
    print(record.write(Verdict("almost", f"toy.{sys.argv[1]}" if k % 2 else "toy.0", "", 0.0, "")) or "written")
"""
NOBODY = """
import os, sys
import platformdirs
from damtutor.checks import check, exercises, progress
from damtutor import cli
exercises(), platformdirs.user_data_dir("x")  # loaded while the files may be read
os.environ.pop("HOME", None), os.environ.pop("DAMTUTOR_RECORD", None), os.environ.pop("XDG_DATA_HOME", None)
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setgid(54321), os.setuid(54321)
check("dense.1", None)
print(progress("dense"))
print(cli._recorded())
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Where the record is."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("DAMTUTOR_RECORD", str(path))
    return path


def verdict(id="toy.1", kind="correct"):
    return Verdict(kind, id, "Multiply", 1.0, "It scales.")


def tries(path):
    entries = json.loads(path.read_text(encoding="utf-8"))["exercises"]
    return {id: entry["tries"] for id, entry in entries.items()}


# Several processes --------------------------------------------------------------------------------------------------


def test_ten_processes_lose_no_verdict(path):
    """They find an unreadable record, which is put aside once, and none of them may put aside what others wrote."""
    path.write_bytes(b"{")
    writers = [child(TEN_WRITERS, k, stdin=subprocess.PIPE) for k in range(1, 11)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    said = [writer.communicate("go\n") for writer in writers]
    assert said == [("written\n" * 40, "")] * 10
    assert tries(path) == {"toy.0": 200} | {f"toy.{k}": 20 for k in range(1, 11)}
    assert sorted(os.listdir(path.parent)) == ["progress.json", "progress.json.lock", "progress.json.unreadable-1"]


def test_a_lock_that_a_dead_process_left_is_no_lock(path):
    Path(f"{path}.lock").touch()
    assert record.write(verdict()) == ""
    assert tries(path) == {"toy.1": 1}


def test_a_record_that_another_process_holds_is_said(path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(record, "WAIT", 0.05)
    with FileLock(f"{path}.lock"):
        assert f"another notebook holds {path}.lock" in record.write(verdict())
    assert not path.exists()
    assert record.write(verdict()) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the locks of Unix")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_folder_without_locks_is_written_under_a_file(path, monkeypatch, recwarn, number):
    import fcntl

    def none_here(*_):
        raise OSError(number, "no locks here")

    monkeypatch.setattr(fcntl, "flock", none_here)
    assert [record.write(verdict()), record.write(verdict())] == ["", ""]
    assert tries(path) == {"toy.1": 2}
    assert not recwarn.list


def test_a_link_to_a_record_stays_a_link(path, tmp_path, monkeypatch):
    (tmp_path / "link.json").symlink_to(path)
    record.write(verdict())
    monkeypatch.setenv("DAMTUTOR_RECORD", str(tmp_path / "link.json"))
    assert record.write(verdict()) == ""
    assert (tmp_path / "link.json").is_symlink()
    assert tries(path) == {"toy.1": 2}


def test_a_record_with_half_a_character_is_written_again(path):
    text = '{"version": 1, "exercises": {"\\ud800": {"best": "wrong", "tries": 1}}, "aside": []}'
    path.write_text(text, encoding="utf-8")
    assert record.write(verdict()) == ""
    assert tries(path) == {"\ud800": 1, "toy.1": 1}


# Where nothing can be written ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("~nosuchuser/x.json", "no home folder is known in '~nosuchuser/x.json', which DAMTUTOR_RECORD says"),
        (".", "to .: it is no file; expected one, for example DAMTUTOR_RECORD="),
        ("/", "to /: it is no file"),
        ("{tmp}", "to {tmp}: it is no file"),
        ("/dev/null", "to /dev/null: it is no file"),
        ("{tmp}/pipe", "to {tmp}/pipe: it is no file"),
        ("{tmp}/file/x.json", "to {tmp}/file/x.json ("),
        ("{tmp}/loop/x.json", "to {tmp}/loop/x.json ("),
        ("/proc/no/such/place", "to /proc/no/such/place ("),
        ("{tmp}/" + 300 * "x", " ("),
    ],
)
def test_a_verdict_is_shown_and_what_was_not_recorded_is_said(named, words, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    named, words = (text.replace("{tmp}", str(tmp_path)) for text in (named, words))
    monkeypatch.setenv("DAMTUTOR_RECORD", named)
    monkeypatch.setattr(checks, "find", lambda id: toy())
    checks.check("toy.1", lambda X, k: X * k)
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("✓ correct · toy.1 · Multiply It scales. Note: Your progress could not be written")
    assert words in shown
    assert "0 of 5 exercises done" in repr(checks.progress("dense"))
    assert checks.progress("dense").note.startswith("What you do is not recorded: it could not be written")
    assert words in checks.progress("dense").note
    assert cli._recorded()[0] == "bad"
    assert words in cli._recorded()[1]
    assert sorted(os.listdir(tmp_path)) == ["file", "loop", "pipe"]


@pytest.mark.parametrize("named", ["{tmp}/a/b/x.json", "~/x.json", "x.json", "", "  "])
def test_where_a_record_is_made(named, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAMTUTOR_RECORD", named.replace("{tmp}", str(tmp_path)))
    assert cli._recorded() == ("ok", f"progress is kept in {record.place()}")
    assert record.write(verdict()) == ""
    assert tries(record.place()) == {"toy.1": 1}
    assert not checks.progress("dense").note


@pytest.mark.skipif(sys.platform == "win32", reason="users of Unix")
def test_a_user_without_a_home_gets_a_verdict(tmp_path):
    out, error = child(NOBODY, tmp_path).communicate()
    assert error == ""
    said = " ".join(out.split())
    assert "not started · dense.1" in said
    assert said.count("written: no home folder is known; expected a file where you may write") == 3
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="root may become somebody who may not write")
def test_a_folder_that_may_not_be_written(path):
    record.write(verdict())
    before = path.read_bytes()
    for mode in (0o755, 0o700):  # its files may be read; nothing may
        path.parent.chmod(mode)
        try:
            os.seteuid(54321)
            said = record.write(verdict()), record.trouble(), cli._recorded()
        finally:
            os.seteuid(0)
        assert said[0].startswith(f" to {path} (")
        assert said[1] == said[0]
        assert said[2] == ("bad", "checks work, but progress cannot be written" + said[0])
    assert path.read_bytes() == before


@pytest.mark.parametrize(("package", "kept"), [("filelock", True), ("platformdirs", False)])
def test_a_package_that_came_later_holds_no_verdict_back(package, kept, path, monkeypatch):
    """After `git pull` the packages may be those of an older course."""
    monkeypatch.setitem(sys.modules, package, None)
    if not kept:
        monkeypatch.delenv("DAMTUTOR_RECORD")
    said = record.write(Verdict("almost", "toy.1", "", 0.0, ""))
    assert package in said
    assert said.rstrip(")").endswith("; `damtutor doctor` says what to install")
    assert cli._recorded() == ("bad", f"checks work, but progress cannot be written{said}")
    assert record.read() == record.empty()
