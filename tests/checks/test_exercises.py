"""The exercises: right answers pass, wrong ones are told why, every spoilt reference is caught, and the text agrees."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import damtutor.checks as checks
from damtutor.checks.dense.one_spin import spin_two_energies
from damtutor.checks.dense.sweep import sweep_python, sweep_recomputed
from damtutor.checks.engine.catalogue import topics
from damtutor.checks.engine.runner import judge

ROOT = Path(__file__).parents[2]
IDS = tuple(checks.exercises())
each_topic = pytest.mark.parametrize("topic", topics())


# The exercises ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_exercise_is_complete(id):
    exercise = checks.find(id)
    assert re.fullmatch(r"[a-z]+\.\d", id)
    assert exercise.level in ("◆◇◇", "◆◆◇", "◆◆◆")
    assert exercise.points > 0
    assert exercise.minutes > 0
    assert len(exercise.right_answers) >= 2
    assert len(exercise.wrong_answers) >= 5
    assert [case.size for case in exercise.ordered] == sorted(case.size for case in exercise.ordered)


@pytest.mark.parametrize("id", IDS)
def test_reference_is_correct(id):
    exercise = checks.find(id)
    verdict = judge(exercise, exercise.reference)
    assert verdict.correct, verdict
    assert verdict.points == exercise.points
    assert not verdict.notes


@pytest.mark.parametrize(("id", "answer"), [(id, answer) for id in IDS for answer in checks.find(id).right_answers])
def test_other_right_answers_are_correct(id, answer):
    verdict = judge(checks.find(id), answer)
    assert verdict.correct, verdict


@pytest.mark.parametrize(
    ("id", "answer", "words"), [(id, *pair) for id in IDS for pair in checks.find(id).wrong_answers]
)
def test_wrong_answers_are_told_why(id, answer, words):
    verdict = judge(checks.find(id), answer)
    assert verdict.kind in ("wrong", "almost"), verdict
    assert words in " ".join(repr(verdict).split()), verdict
    assert verdict.points == (checks.points(id) / 2 if verdict.kind == "almost" else 0)


@pytest.mark.parametrize("id", IDS)
def test_every_named_mistake_is_named(id):
    for mistake in checks.find(id).mistakes:
        verdict = judge(checks.find(id), mistake.wrong_answer)
        assert (verdict.kind, verdict.reason) == (mistake.kind, mistake.words)


@pytest.mark.parametrize("id", IDS)
def test_stub_is_not_started(id):
    names = ", ".join(checks.find(id).arguments)
    scope = {}
    exec(f"def stub({names}):\n    raise NotImplementedError()\ndef dots({names}):\n    ...", scope)
    for answer in (scope["stub"], scope["dots"], None, ...):
        verdict = judge(checks.find(id), answer)
        assert verdict.kind == "not started"
        assert verdict.points == 0
    assert "`return`" in judge(checks.find(id), scope["dots"]).reason


def test_costly_sweep_is_correct_with_a_kind_word():
    costly = judge(checks.find("dense.2"), sweep_recomputed)
    assert "computes all overlaps again" in costly.notes[0]
    assert "If it reads one column" in costly.reason, "no praise for what the code does not do"
    assert not judge(checks.find("dense.2"), sweep_python).notes


def test_one_spin_is_brute_force_in_whole_numbers():
    one_spin, ties = checks.find("dense.1").reference, 0
    for k in range(500):
        rng = np.random.default_rng([8, k])
        X, s = rng.choice(np.array([-1, 1], dtype=np.int8), (1 + k % 7, 12)), rng.choice(np.array([-1, 1]), 12)
        i, n = int(rng.integers(12)), 2 + k % 6
        wanted = spin_two_energies(X, s, i, n)
        assert one_spin(X, s, i, n) == wanted
        other = s.copy()
        other[i] *= -1
        ties += wanted == s[i] and spin_two_energies(X, other, i, n) == other[i]
    assert ties > 20


def test_references_agree_with_the_package():
    from damtutor.models.dense import DenseAM
    from damtutor.models.interactions import Power
    from damtutor.theory.capacity import error_tolerant_capacity

    one_spin, sweep, kmax, recall = (checks.find(f"dense.{k}").reference for k in (1, 2, 3, 4))
    for N, n, p in product((50, 1000), (2, 3, 4, 5), (0.001, 0.01, 0.2)):
        assert kmax(N, n, p) == pytest.approx(error_tolerant_capacity(N, n, p), rel=1e-12)
    for seed in range(12):
        rng = np.random.default_rng([7, seed])
        X, s = rng.choice(np.array([-1, 1], dtype=np.int8), (9, 14)), rng.choice(np.array([-1, 1]), 14)
        n = 2 + seed % 5
        model = DenseAM(X, Power(n))
        field = model.fields(s)
        for i in range(14):
            assert one_spin(X, s, i, n) == (np.sign(field[i]) or s[i])
        orders = [np.random.default_rng(seed).permutation(14), np.arange(14)]
        np.testing.assert_array_equal(sweep(X, s, orders[0], n), model.step(s, rng=seed))

        class Natural:
            def permutation(self, count):
                return np.arange(count)

        np.testing.assert_array_equal(recall(X, s, n, 3), model.retrieve(s, max_sweeps=3, rng=Natural()).state)


# The manuscript -----------------------------------------------------------------------------------------------------


def _ids(topic):
    return [id for id in IDS if id.split(".")[0] == topic]


def _path(topic):
    (path,) = (ROOT / "book" / "exercises").glob(f"[0-9][0-9]-{topic}.md")
    return path


def _manuscript(topic):
    import jupytext

    return jupytext.read(_path(topic))


def _solutions(notebook):
    """Functions that contain a solution, by name, as syntax trees."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "### BEGIN SOLUTION" in cell.source:
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef):
                    found[node.name] = node
    return found


def test_every_manuscript_is_of_a_listed_topic():
    listed = {_path(topic) for topic in topics()}
    assert listed == set((ROOT / "book" / "exercises").glob("*.md")), "each has a folder in damtutor/checks"
    assert all(map(_ids, topics())), "the ids of a topic's exercises are topic.1, topic.2, ..."


@each_topic
def test_manuscript_and_package_have_the_same_answers(topic):
    found = _solutions(_manuscript(topic))
    for id in _ids(topic):
        reference = checks.find(id).reference
        ours = ast.parse(textwrap.dedent(inspect.getsource(reference))).body[0]
        assert ast.dump(found[reference.__name__]) == ast.dump(ours), id


@each_topic
def test_manuscript_states_what_the_exercise_says(topic):
    text = _path(topic).read_text(encoding="utf-8")
    for number, id in enumerate(_ids(topic), start=1):
        exercise = checks.find(id)
        part = text.split(f"## {number}. ")[1].split(f"## {number + 1}. ")[0]
        kind = "core" if exercise.core else "stretch"
        assert part.startswith(exercise.title)
        assert f"{exercise.level} · {exercise.points:g} points · about {exercise.minutes} minutes · {kind}" in part
        assert f'check("{id}", {exercise.name})' in part
        assert 1 <= part.count("<details>") == part.count("</details>") <= 3
        assert f"def {exercise.name}({', '.join(exercise.arguments)}):" in part


@each_topic
def test_cell_ids_are_unique_and_allowed(topic):
    ids = re.findall(r"^:id: (.*)$", _path(topic).read_text(encoding="utf-8"), flags=re.M)
    assert len(ids) == len(set(ids)) == sum(cell.cell_type == "code" for cell in _manuscript(topic).cells)
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", id) for id in ids)
