// One retrieval that can be stopped after every decision: the state, its place in the sweep, and what happened. No DOM.
import { pack, unpack } from "../dynamics/dense.js";
import { Rng32 } from "../dynamics/rng.js";

// As in hopfield_retrieval/__init__.py.
export const MAX_SWEEPS = 50;

/** @typedef {{ N: number, K: number, rows: Int8Array[] }} Memory - and what its model needs beside */
/**
 * @typedef {object} Dynamics - a model's functions, such as those of dynamics/dense.js; a field is a state with what
 *   its decisions need to know
 * @property {(memory: any, state: Int8Array) => any} openField - the field of a copy of the state
 * @property {(memory: any, field: any, i: number) => number} decide - the value spin i takes
 * @property {(memory: any, field: any, i: number) => void} flip
 * @property {(memory: any, field: any) => number[]} syncStep - all spins decide from the same state; those that flipped
 * @property {(memory: any, field: any) => number} energy
 * @property {(memory: any, state: Int8Array) => Int32Array} overlaps
 */
/**
 * @typedef {object} Run
 * @property {any} field
 * @property {Rng32} rng
 * @property {number[]} order - of the present sweep
 * @property {number} at - the place in it
 * @property {number} updates - decisions so far
 * @property {number} sweeps - whole ones
 * @property {number} flips - so far
 * @property {number} flipsBefore - flips before the present sweep
 * @property {number} seen - the spin that decided last, or -1
 * @property {number[][]} trace - [updates, energy]
 * @property {number[]} ticks - updates that changed the state
 * @property {string} before - packed: the state before the last update of all spins
 * @property {string} how - how it ended; empty while it goes on
 */
/**
 * @typedef {object} Runs
 * @property {(memory: Memory, state: Int8Array, rng: Rng32) => Run} open - a run at its start; rng draws the order of
 *   every sweep
 * @property {(memory: Memory, run: Run, sync: boolean) => boolean} advance - one decision, or one of all spins
 *   together, in place; says whether there is more
 * @property {(run: Run) => Record<string, any>} keep - what undo needs: plain numbers and texts
 * @property {(memory: Memory, kept: any) => Run} restore
 */

/**
 * Runs of one model.
 * @param {Dynamics} dynamics
 * @returns {Runs}
 */
export function runsOf({ openField, decide, flip, syncStep, energy }) {
	function one(memory, run) {
		if (run.at === 0) [run.order, run.flipsBefore] = [run.rng.permutation(memory.N), run.flips];
		const { field, order, at } = run;
		const i = order[at];
		run.seen = i;
		run.updates += 1;
		if (decide(memory, field, i) !== field.state[i]) {
			flip(memory, field, i);
			record(memory, run, 1);
		}
		run.at = (at + 1) % memory.N;
		if (run.at > 0) return;
		run.sweeps += 1;
		if (run.flips === run.flipsBefore) run.how = "settled";
	}
	function together(memory, run) {
		const old = pack(run.field.state);
		const { length } = syncStep(memory, run.field);
		run.updates += memory.N;
		run.sweeps += 1;
		if (length) record(memory, run, length);
		else run.how = "settled";
		if (length && run.before === pack(run.field.state)) run.how = "swaps for ever between two states";
		run.before = old;
	}
	function record(memory, run, flips) {
		run.flips += flips;
		run.trace.push([run.updates, run.trace.at(-1)[1]], [run.updates, energy(memory, run.field)]);
		run.ticks.push(run.updates);
	}
	return {
		open(memory, state, rng) {
			const field = openField(memory, state);
			const trace = [[0, energy(memory, field)]];
			const counts = { at: 0, updates: 0, sweeps: 0, flips: 0, flipsBefore: 0, seen: -1 };
			return { field, rng, order: [], ...counts, trace, ticks: [], before: "", how: "" };
		},
		advance(memory, run, sync) {
			if (run.how) return false;
			if (sync) together(memory, run);
			else one(memory, run);
			if (!run.how && run.sweeps >= MAX_SWEEPS) run.how = `stopped after ${MAX_SWEEPS} sweeps`;
			return !run.how;
		},
		keep: (run) => ({ ...run, field: pack(run.field.state), rng: run.rng.x }),
		restore(memory, kept) {
			const rng = new Rng32();
			rng.x = kept.rng;
			return { ...kept, rng, field: openField(memory, unpack(kept.field, memory.N)) };
		},
	};
}
