"""The run of the retrieval instruments, decision by decision in Node: it ends where the model's `retrieve` ends."""

from __future__ import annotations

import json

import pytest
from nodejs import node

from damtutor.widgets import DenseRetrieval, HopfieldRetrieval
from damtutor.widgets.filmstrip import stores

SCRIPT = """
import * as dense from "./damtutor/widgets/dynamics/dense.js";
import * as hopfield from "./damtutor/widgets/dynamics/hopfield.js";
import { Rng32 } from "./damtutor/widgets/dynamics/rng.js";
import { openPatternSets } from "./damtutor/widgets/kit/pattern_sets.js";
import { MAX_SWEEPS, runsOf } from "./damtutor/widgets/kit/retrieval_run.js";
import { readFileSync } from "node:fs";
const { config, kind, order, seed } = JSON.parse(readFileSync(0, "utf8"));
const store = openPatternSets(config);
const rows = store.rows("digits").slice(0, 5);
const dynamics = { dense, hopfield }[kind];
const memory = kind === "dense" ? store.memory("digits", 5, 2, false) : hopfield.makeMemory(rows, "hebb", false);
const start = dense.damage(rows[seed % 5], 12, new Rng32(seed));
const trace = dynamics.retrieve(memory, start, { order, maxSweeps: MAX_SWEEPS, rng: new Rng32(seed) });
const runs = runsOf(dynamics);
let run = runs.open(memory, start, new Rng32(seed));
let more = true;
for (let k = 0; more; k += 1) {
  if (k % 7 === 3) run = runs.restore(memory, JSON.parse(JSON.stringify(runs.keep(run)))); // undo, now and then
  more = runs.advance(memory, run, order === "sync");
}
const say = (state, energies, flips, sweeps, settled) =>
  ({ state: dense.pack(state), last: energies.at(-1), flips, sweeps, settled });
console.log(JSON.stringify({
  run: say(run.field.state, run.trace.map(([, e]) => e), run.flips, run.sweeps, run.how === "settled"),
  retrieve: say(trace.state, trace.energies, trace.flips.flat().length, trace.sweeps, trace.converged),
  start: dense.pack(start),
  more: runs.advance(memory, run, order === "sync"),
}));
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("order", ["async", "sync"])
@pytest.mark.parametrize("kind", ["dense", "hopfield"])
def test_a_run_ends_where_retrieve_ends_also_after_undo(kind, order, seed):
    widget = DenseRetrieval(stores()) if kind == "dense" else HopfieldRetrieval()
    asked = {"config": widget.config, "kind": kind, "order": order, "seed": seed}
    found = json.loads(node("--input-type=module", "-e", SCRIPT, stdin=json.dumps(asked)))
    assert found["run"] == found["retrieve"]
    assert found["run"]["state"] != found["start"]
    assert found["more"] is False
