"""What the package prints on streams that cannot hold its signs, that are closed, or that are not there."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import damtutor.checks as checks
from damtutor import cli
from damtutor.checks.engine.runner import judge
from damtutor.output import fitted, say
from damtutor.sweeps.progress_bar import ProgressBar

ROOT = Path(__file__).parents[1]
NARROW = ("cp1252", "cp437", "gbk", "cp932", "ascii", "latin-1", "iso2022_jp", "koi8-r", "utf-16")
SIGNS = "✓✗○⚠≈·◆◇ β Σ α'_c ≤ ½ N² √d − 中文 é \udce9 →"


class NoEncoding:
    """A stream as some programs put in the place of stdout: it can be written to, no more."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


class Lying(NoEncoding):
    """It says UTF-8 and holds ASCII."""

    encoding = "utf-8"

    def write(self, text):
        super().write(text.encode("ascii").decode())


def narrow(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")


def written(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


@pytest.mark.parametrize("to", ["stdout", "stderr"])
@pytest.mark.parametrize("encoding", NARROW)
def test_every_sign_is_written_on_every_stream(encoding, to, monkeypatch):
    stream = narrow(encoding)
    monkeypatch.setattr(sys, to, stream)
    say(SIGNS, to)
    line = written(stream)
    assert line == fitted(SIGNS, stream) + "\n"
    assert all(words in line for words in ("\\udce9", "alpha'_c" if encoding == "ascii" else "'_c"))


def test_signs_have_stand_ins_that_can_be_read():
    stream = narrow("cp1252")
    text = fitted("✓ correct · dense.1: β ≤ ½, N², Σ F, x → 3 √d, 中", stream)
    assert text == "v correct · dense.1: beta <= ½, N², Sigma F, x -> 3 sqrt d, \\u4e2d"
    assert fitted("é ½ ² ‘a’ … ﬁ ά", narrow("ascii")) == "e 1/2 ^2 'a' ... fi alpha"
    assert fitted(SIGNS[:-5], narrow("utf-8")) == SIGNS[:-5]


@pytest.mark.parametrize("stream", [NoEncoding(), Lying(), io.StringIO()])
def test_streams_that_do_not_say_what_they_hold(stream, monkeypatch):
    monkeypatch.setattr(sys, "stdout", stream)
    say("✓ correct")
    text = stream.getvalue() if isinstance(stream, io.StringIO) else stream.text
    assert text == ("v correct\n" if isinstance(stream, Lying) else "✓ correct\n")


class Named(NoEncoding):
    encoding = "nothing-like-it"


def closed():
    stream = narrow("utf-8")
    stream.close()
    return stream


def detached():
    stream = narrow("utf-8")
    stream.detach()
    return stream


class Gone(NoEncoding):
    """A pipe whose reader has left."""

    def write(self, text):
        raise BrokenPipeError


NOT_THERE = {"None": lambda: None, "closed": closed, "detached": detached, "gone": Gone, "unknown": Named}


@pytest.mark.parametrize("make", NOT_THERE.values(), ids=NOT_THERE)
def test_where_nobody_reads_all_goes_on(make, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdout", make())
    monkeypatch.setattr(sys, "stderr", make())
    monkeypatch.setenv("DAMTUTOR_RECORD", str(tmp_path / "progress.json"))
    checks.check("dense.1", checks.find("dense.1").right_answers[0])
    assert checks.or_ours("dense.1", None) is checks.find("dense.1").reference
    assert "✓ correct" in repr(checks.progress("dense"))
    assert "correct" in str(checks.progress("dense"))
    assert cli.main(["reproduce", "--list"]) == 0
    assert cli.main(["reproduce", "no such thing ☃"]) == 2
    for arguments in (["--help"], ["reproduce"], ["☃"]):
        with pytest.raises(SystemExit):
            cli.main(arguments)
    with ProgressBar(True, 2, 1) as bar:
        bar.update(1)


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "gbk", "cp932", "ascii"])
def test_verdicts_and_tables_on_a_narrow_stream(encoding, monkeypatch, tmp_path):
    stream = narrow(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("DAMTUTOR_RECORD", str(tmp_path / "中文.json"))
    for answer in (checks.find("energy.1").right_answers[0], checks.find("energy.1").wrong_answers[0][0], None):
        checks.check("energy.1", answer)
    print(checks.progress())
    cli.main(["reproduce", "--list"])
    cli.main(["reproduce", "☃"])
    monkeypatch.setattr(cli, "findings", lambda: [("ok", "progress is kept in /home/✓/β")])
    cli.main(["doctor"])
    text = written(stream)
    for words in (
        " correct ",
        " energy.1 ",
        " not started ",
        "exercises done",
        "From ",
        "no item",
        "is kept in",
    ):
        assert words in text


def test_a_verdict_holds_no_half_of_a_character():
    def answer(*_):
        raise ValueError("a file called \udce9")

    def other(*_):
        warnings.warn("a file called \udce9", stacklevel=1)
        return 7

    exercise = checks.find("dense.1")
    assert "ValueError: a file called \\udce9" in judge(exercise, answer)._repr_html_()
    assert "Python warned: a file called \\udce9" in judge(exercise, other)._repr_html_()


def test_a_terminal_of_ipython_that_cannot_hold_the_symbols(monkeypatch):
    interactiveshell = pytest.importorskip("IPython.core.interactiveshell")
    monkeypatch.setattr("IPython.get_ipython", interactiveshell.InteractiveShell.instance)
    stream = narrow("cp1252")
    monkeypatch.setattr(sys, "stdout", stream)
    try:
        checks.check("dense.1", None)
    finally:
        interactiveshell.InteractiveShell.clear_instance()
    assert written(stream).startswith("o not started · dense.1")


def test_a_script_with_a_narrow_stdout(tmp_path):
    """As reported: PYTHONIOENCODING=cp1252 python my.py > out.txt, with every setting against it."""
    script = (
        "import numpy as np, warnings; np.seterr(all='raise')\n"
        "from damtutor import check, progress\n"
        "from damtutor.checks import find\n"
        "check('modern.1', find('modern.1').right_answers[0]); print(progress('modern'))\n"
    )
    env = os.environ | {
        "PYTHONIOENCODING": "cp1252",
        "DAMTUTOR_RECORD": str(tmp_path / "p.json"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, env=env, cwd=tmp_path)
    assert done.stderr == b""
    text = done.stdout.decode("cp1252")
    assert text.startswith("v correct · modern.1")
    assert "1 of 5 exercises done" in text


@pytest.mark.parametrize("path", sorted((ROOT / "damtutor").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_package_prints_by_one_function(path):
    """And opens no text file in the encoding of the machine."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        assert getattr(node.func, "id", "") != "print", f"line {node.lineno}: expected damtutor.output.say"
        if getattr(node.func, "id", "") == "open" or getattr(node.func, "attr", "") == "fdopen":
            mode = next((a.value for a in node.args[1:2]), "r")
            assert "b" in mode or "encoding" in {keyword.arg for keyword in node.keywords}, f"line {node.lineno}"
        if getattr(node.func, "attr", "") in ("read_text", "write_text"):
            named = "encoding" in {keyword.arg for keyword in node.keywords}
            assert named or "utf-8" in {getattr(a, "value", "") for a in node.args}, f"line {node.lineno}"
