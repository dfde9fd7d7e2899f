// Hopfield's network in the browser: the decisions of damtutor.Hopfield, no DOM.
//
// Couplings are whole numbers of units, 1/scale each, so that every sum is exact in a double and in any order: a zero
// field is zero, and a decision here is a decision in Python (tests/support/vectors/instrument_models.py makes the same
// whole numbers).

/** @typedef {{ N: number, K: number, rows: Int8Array[], units: Float64Array, scale: number }} Network */
/** @typedef {{ state: Int8Array, h: Float64Array }} Field */

export const PROJECTION_SCALE = 2 ** 24;
export const STORKEY_SCALE = 2 ** 20;

/**
 * N times Hebb's couplings, the diagonal K included.
 * @param {Int8Array[]} rows
 * @returns {Float64Array}
 */
export function hebbUnits(rows) {
	const N = rows[0].length;
	const units = new Float64Array(N * N);
	for (const x of rows) for (let i = 0; i < N; i += 1) for (let j = 0; j < N; j += 1) units[i * N + j] += x[i] * x[j];
	return units;
}

/**
 * Xᵀ A X, with A the upper triangle of (X Xᵀ)⁺ in whole numbers, row by row, from Python.
 * @param {Int8Array[]} rows
 * @param {number[]} triangle
 * @returns {Float64Array}
 */
export function projectionUnits(rows, triangle) {
	const [K, N] = [rows.length, rows[0].length];
	const inverse = Array.from({ length: K }, () => new Float64Array(K));
	let at = 0;
	for (let a = 0; a < K; a += 1) for (let b = a; b < K; b += 1) inverse[a][b] = inverse[b][a] = triangle[at++];
	const units = new Float64Array(N * N);
	for (let a = 0; a < K; a += 1) {
		for (let j = 0; j < N; j += 1) {
			let pull = 0;
			for (let b = 0; b < K; b += 1) pull += inverse[a][b] * rows[b][j];
			for (let i = 0; i < N; i += 1) units[i * N + j] += rows[a][i] * pull;
		}
	}
	return units;
}

/**
 * Storkey's rule, one pattern after the other, each step rounded to whole units.
 * @param {Int8Array[]} rows
 * @returns {Float64Array}
 */
export function storkeyUnits(rows) {
	const N = rows[0].length;
	const units = new Float64Array(N * N);
	const diagonal = new Float64Array(N);
	const rounded = (value) => Math.floor(value / N + 0.5);
	for (const x of rows) {
		const u = new Float64Array(N);
		for (let i = 0; i < N; i += 1) {
			u[i] = (STORKEY_SCALE / 2) * x[i];
			for (let j = 0; j < N; j += 1) if (j !== i) u[i] -= units[i * N + j] * x[j];
		}
		for (let i = 0; i < N; i += 1) {
			diagonal[i] += rounded(2 * x[i] * u[i]);
			for (let j = 0; j < N; j += 1)
				if (j !== i) units[i * N + j] += rounded(2 * units[i * N + j] + x[i] * u[j] + u[i] * x[j]);
		}
	}
	for (let i = 0; i < N; i += 1) units[i * N + i] = diagonal[i];
	return units;
}

/**
 * The network of some patterns.
 * @param {Int8Array[]} rows
 * @param {string} rule - "hebb", "storkey" or "projection"
 * @param {boolean} keep - the diagonal
 * @param {number[] | null} [triangle] - as `projectionUnits` needs it
 * @returns {Network}
 */
export function makeMemory(rows, rule, keep, triangle = null) {
	const N = rows[0].length;
	const [units, scale] = {
		hebb: () => [hebbUnits(rows), N],
		storkey: () => [storkeyUnits(rows), STORKEY_SCALE],
		projection: () => [projectionUnits(rows, triangle), PROJECTION_SCALE],
	}[rule]();
	if (!keep) for (let i = 0; i < N; i += 1) units[i * N + i] = 0;
	return { N, K: rows.length, rows, units, scale };
}

/**
 * M = X s
 * @param {Network} memory
 * @param {Int8Array} state
 * @returns {Int32Array}
 */
export function overlaps(memory, state) {
	return Int32Array.from(memory.rows, (x) => x.reduce((sum, v, i) => sum + v * state[i], 0));
}

/**
 * A state with its local fields in units, kept up to date in O(N) a flip.
 * @param {Network} memory
 * @param {Int8Array} state
 * @returns {Field}
 */
export function openField(memory, state) {
	const { N, units } = memory;
	const h = new Float64Array(N);
	for (let i = 0; i < N; i += 1) for (let j = 0; j < N; j += 1) h[i] += units[i * N + j] * state[j];
	return { state: Int8Array.from(state), h };
}

/**
 * The value spin i takes; a tie keeps the spin. The field says it all: the network is named as in dense.js.
 * @param {Network} _
 * @param {Field} field
 * @param {number} i
 * @returns {number}
 */
export const decide = (_, field, i) => Math.sign(field.h[i]) || field.state[i];

/**
 * Flips one spin, in place.
 * @param {Network} memory
 * @param {Field} field
 * @param {number} i
 */
export function flip(memory, field, i) {
	const { N, units } = memory;
	field.state[i] = -field.state[i];
	for (let j = 0; j < N; j += 1) field.h[j] += 2 * field.state[i] * units[i * N + j];
}

/**
 * All spins decide from the same old state; returns the spins that flipped.
 * @param {Network} memory
 * @param {Field} field
 * @returns {number[]}
 */
export function syncStep(memory, field) {
	const flips = [...field.state.keys()].filter((i) => decide(memory, field, i) !== field.state[i]);
	for (const i of flips) flip(memory, field, i);
	return flips;
}

/**
 * -s·W s / 2
 * @param {Network} memory
 * @param {Field} field
 * @returns {number}
 */
export const energy = (memory, field) =>
	-field.state.reduce((sum, s, i) => sum + s * field.h[i], 0) / (2 * memory.scale);

/**
 * From a start to where it rests or swaps, or for `maxSweeps` sweeps.
 * @param {Network} memory
 * @param {Int8Array} start
 * @param {{ order?: string, maxSweeps?: number, rng?: import("./rng.js").Rng32 }} [options]
 * @returns {{ state: Int8Array, energies: number[], flips: number[][], sweeps: number, converged: boolean,
 *   cycle: boolean }}
 */
export function retrieve(memory, start, { order = "async", maxSweeps = 50, rng = null } = {}) {
	const field = openField(memory, start);
	const energies = [energy(memory, field)];
	const flips = [];
	let before = null;
	for (let sweep = 1; sweep <= maxSweeps; sweep += 1) {
		const old = field.state.slice();
		let now = [];
		if (order === "sync") now = syncStep(memory, field);
		else {
			for (const i of rng.permutation(memory.N)) {
				if (decide(memory, field, i) === field.state[i]) continue;
				flip(memory, field, i);
				now.push(i);
			}
		}
		flips.push(now);
		energies.push(energy(memory, field));
		const rests = now.length === 0;
		const swaps = !rests && order === "sync" && before?.every((s, i) => s === field.state[i]);
		if (rests || swaps) return { state: field.state, energies, flips, sweeps: sweep, converged: rests, cycle: swaps };
		before = old;
	}
	return { state: field.state, energies, flips, sweeps: maxSweeps, converged: false, cycle: false };
}

/**
 * What an end is: the definition of damtutor.experiments.end_states.classify, threshold 0.9; rows equal up to sign
 * count once.
 * @param {Network} memory
 * @param {{ state: Int8Array, cycle: boolean }} trace
 * @returns {string} one of END_STATES
 */
export function endStateOf(memory, { state, cycle }) {
	if (cycle) return "cycle";
	const { N, rows } = memory;
	const M = overlaps(memory, state);
	const ranked = [...M.keys()].sort((a, b) => Math.abs(M[b]) - Math.abs(M[a]) || a - b);
	const alike = (a, b) => Math.abs(rows[a].reduce((sum, v, i) => sum + v * rows[b][i], 0)) === N;
	const nearest = [];
	for (const mu of ranked) if (nearest.length < 3 && !nearest.some((nu) => alike(mu, nu))) nearest.push(mu);
	if (10 * Math.abs(M[nearest[0]]) >= 9 * N) return M[nearest[0]] < 0 ? "negative" : "memory";
	if (nearest.length < 3) return "other";
	let agree = 0;
	for (let i = 0; i < N; i += 1)
		agree += state[i] * Math.sign(nearest.reduce((sum, mu) => sum + (M[mu] < 0 ? -1 : 1) * rows[mu][i], 0));
	return 10 * agree >= 9 * N ? "mixture" : "other";
}

export const END_STATES = ["memory", "negative", "mixture", "other", "cycle"];

/**
 * Ends of random starts, counted; stream(b) draws start b, then the order of its sweeps.
 * @param {Network} memory
 * @param {{ starts: number, stream: (b: number) => import("./rng.js").Rng32, order: string, maxSweeps: number }}
 *   options
 * @returns {Record<string, number>}
 */
export function countEndStates(memory, { starts, stream, order, maxSweeps }) {
	const counts = Object.fromEntries(END_STATES.map((kind) => [kind, 0]));
	for (let b = 0; b < starts; b += 1) {
		const rng = stream(b);
		counts[endStateOf(memory, retrieve(memory, rng.signs(memory.N), { order, maxSweeps, rng }))] += 1;
	}
	return counts;
}
