"""Every small way to spoil a reference is rejected by its check, but for those that are listed with a reason."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from pathlib import Path

import mutants as machine
import numpy as np
import pytest
from mutants import mutants, survivors

import damtutor.checks as checks

pytestmark = pytest.mark.untraced

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "_build" / "mutants"  # what was judged, by the hash of all that the verdicts depend on
IDS = tuple(checks.exercises())


def key(id: str) -> str:
    """Hash of an exercise with what its topic shares, the engine of the checks, the mutants and NumPy's version."""
    own = Path(inspect.getsourcefile(checks.find(id).reference))
    files = [own, own.with_name("common.py"), *sorted((own.parents[1] / "engine").glob("*.py")), machine.__file__]
    parts = [Path(file).read_bytes() for file in files if Path(file).exists()]
    return hashlib.sha256(b"\0".join([*parts, np.__version__.encode()])).hexdigest()[:16]


def judged(id: str) -> tuple[int, list[str], float]:
    """`survivors(id)`, from the last run while nothing has changed."""
    kept = KEPT / f"{id}-{key(id)}.json"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(survivors(id)), "utf-8")
        os.replace(beside, kept)
        for old in KEPT.glob(f"{id}-*.json"):
            if old != kept:
                old.unlink(missing_ok=True)
    return json.loads(kept.read_text("utf-8"))


@pytest.mark.parametrize("id", IDS)
def test_every_mutant_is_rejected(id, capsys):
    count, alive, seconds = judged(id)
    allowed = dict(checks.find(id).mutants.equivalent)
    with capsys.disabled():
        print(f"\n{id}: {count - len(alive)} of {count} mutants rejected, {len(allowed)} equivalent, {seconds:.1f} s")
    assert count > 20
    assert sorted(set(alive) - set(allowed)) == []
    assert sorted(set(allowed) - set(alive)) == [], "no longer survives: take it off the list"
    assert all(allowed.values())


def test_mutants_are_single_changes():
    changes = [mutant.change for mutant in mutants(_sample)]
    for change in (
        "a + 2 * b -> a - 2 * b",
        "a + 2 * b -> a",
        "2 * b -> 3 * b",
        "a < b -> a <= b",
        "int(a) -> a",
        "not a -> a",
        "a and b -> a or b",
        "c += 1 -> pass",
        "a.copy() -> a",
    ):
        assert change in changes, (change, changes)
    assert len(changes) == len({mutant.source for mutant in mutants(_sample)})


def _sample(a, b):
    c = int(a) if a < b else a.copy()
    c += 1
    if (a and b) or not a:
        return a + 2 * b
    return c
