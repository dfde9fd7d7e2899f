"""The lint stage where the tools for JavaScript are missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "failed")])
def test_without_node_a_sentence_says_that_the_javascript_was_skipped(monkeypatch, capsys, ci, outcome):
    spec = importlib.util.spec_from_file_location("stages", Path(__file__).with_name("run.py"))
    stages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stages)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    assert stages.javascript() == {outcome: 1}
    assert "The JavaScript was not linted: Node and npm are not installed" in capsys.readouterr().out
