"""The plane in the browser does what `CompactMemory` and `ModernHopfield` do: shared vectors under Node."""

from __future__ import annotations

import json
from pathlib import Path

import make_energy as vectors
import pytest
from nodejs import node

ROOT = Path(__file__).parents[2]


PLANE = (ROOT / "damtutor" / "widgets" / "dynamics" / "plane.js").as_uri()
# Sums of at most eight terms, each within some roundings of the truth; an end is as exact as the last step is short.
SCRIPT = """
import { contour, cells, ending, energy, near, restingPlaces, settle, step, wilson } from "PLANE";
import { readFileSync } from "node:fs";
const data = JSON.parse(readFileSync(0, "utf8"));
const found = [];
let count = 0;
const same = (where, got, expected) => {
  count += 1;
  const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
  if (a !== b) found.push(`${where}: ${a} for ${b}`);
};
const close = (where, got, expected, tolerance) => {
  count += 1;
  const off = [].concat(got).map((v, k) => Math.abs(v - [].concat(expected)[k]));
  if (!(Math.max(...off) <= tolerance)) found.push(`${where}: ${got} for ${expected}`);
};
data.cases.forEach((c, k) => {
  const kernel = { kind: c.kind, width: c.width };
  const where = `case ${k}, ${c.kind}`;
  const e = energy(c.points, kernel, c.start);
  if (c.energy === null) same(`${where}: energy`, e === Infinity, true);
  else close(`${where}: energy`, e, c.energy, 1e-12 * Math.max(1, Math.abs(c.energy)));
  close(`${where}: step`, step(c.points, kernel, c.start), c.step, 1e-12);
  const end = settle(c.points, kernel, c.start);
  if (end.settled) close(`${where}: end`, end.state, c.end, c.kind === "compact" ? 1e-12 : 2e-5);
  same(`${where}: settled`, end.settled || c.kind === "gaussian", true);
  if (c.kind === "gaussian") return;
  same(`${where}: near`, near(c.points, kernel, c.start), c.near);
  const places = restingPlaces(c.points, kernel);
  const order = (a, b) => { for (let i = 0; ; i += 1) if (a[i] !== b[i]) return (a[i] ?? -1) - (b[i] ?? -1); };
  same(`${where}: places`, places.map((p) => p.members).sort(order), c.places);
  const index = ending(c.points, kernel, places, c.start);
  if (c.energy === null) same(`${where}: no force`, index, -1);
  else close(`${where}: ending`, places[index].point, c.end, 1e-12);
});
for (const [k, n, low, high] of data.wilson) close("wilson", wilson(k, n), [low, high], 1e-12);
const grid = cells(40, 2);
const ring = contour(grid.map(([x, y]) => x * x + y * y), 40, 2, 1).flat();
close("contour of a circle", Math.max(...ring.map(([x, y]) => Math.abs(Math.hypot(x, y) - 1))), 0, 0.01);
same("contour closes", ring.length > 100, true);
console.log(`${count} comparisons, ${found.length} disagreements`);
for (const line of found.slice(0, 20)) console.log(line);
process.exitCode = found.length ? 1 : 0;
"""


def repeated(data, tmp_path) -> str:
    script = tmp_path / "plane.mjs"
    script.write_text(SCRIPT.replace("PLANE", PLANE), encoding="utf-8")
    return node(str(script), stdin=json.dumps(data))


def test_stored_vectors_are_what_python_computes_now():
    stored = json.loads(vectors.TARGET.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(vectors.make()))
    assert len(stored["cases"]) == len(made["cases"]) > 100, "run python tests/support/vectors/make_energy.py"
    for old, new in zip(stored["cases"], made["cases"], strict=True):
        for key in ("energy", "step", "end"):
            a, b = old.pop(key), new.pop(key)
            assert a == (None if b is None else pytest.approx(b, rel=1e-9, abs=1e-9)), key
        assert old == new, "run python tests/support/vectors/make_energy.py"


def test_node_repeats_the_stored_vectors(tmp_path):
    said = repeated(json.loads(vectors.TARGET.read_text(encoding="utf-8")), tmp_path)
    assert int(said.split()[0]) > 400
    assert " 0 disagreements" in said


@pytest.mark.parametrize("seed", [1, 2])
def test_node_never_disagrees_on_drawn_cases(seed, tmp_path):
    assert " 0 disagreements" in repeated({"cases": vectors.drawn(seed, 150), "wilson": []}, tmp_path)


def test_a_wrong_vector_is_noticed(tmp_path):
    data = vectors.make()
    data["cases"][0]["step"][0] += 1e-9
    with pytest.raises(AssertionError, match="1 disagreements"):
        repeated(data, tmp_path)


def test_cases_reach_blends_and_places_without_force():
    cases = [case for case in vectors.make()["cases"] if case["kind"] == "compact"]
    assert sum(case["energy"] is None for case in cases) > 5
    assert sum(any(len(members) > 1 for members in case["places"]) for case in cases) > 20
