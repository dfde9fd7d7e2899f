// Dense associative memory in the browser: the decisions of damtutor.DenseAM (exact rule), no DOM.
//
// Overlaps M = X s have the parity of N. A table holds F(M) for M = -N-2, -N, ..., N+2 as exact integers times
// 2^-shift. Engines differ in Math.exp and **, so the tables come from Python and only + - * touch them here.

/**
 * @typedef {{ n: number, exact: bigint[], value: Float64Array, gain: Float64Array, bend: Float64Array,
 *   uncertainty: number, energy: string, worth: number, offset: number, unit: number }} Table
 */
/** @typedef {{ N: number, K: number, rows: Int8Array[], columns: Int8Array, table: Table }} Memory */
/** @typedef {{ state: Int8Array, M: Int32Array, gain: Float64Array, bend?: number, bound?: number }} Field */

/**
 * Row-major bits, most significant first, as in numpy.packbits.
 * @param {string} hex
 * @param {number} n
 * @returns {Int8Array}
 */
export function unpack(hex, n) {
	return Int8Array.from({ length: n }, (_, i) => ((parseInt(hex[i >> 2], 16) >> (3 - (i & 3))) & 1 ? 1 : -1));
}

/**
 * The reverse of `unpack`.
 * @param {Int8Array} state
 * @returns {string}
 */
export function pack(state) {
	let hex = "";
	for (let i = 0; i < state.length; i += 4) {
		let digit = 0;
		for (let k = 0; k < 4; k += 1) digit = 2 * digit + (state[i + k] > 0 ? 1 : 0);
		hex += digit.toString(16);
	}
	return hex;
}

// exact * 2^-shift, correctly rounded: 64 leading bits and a sticky bit decide the rounding.
function toFloat(exact, shift) {
	const size = exact < 0n ? -exact : exact;
	const drop = Math.max(0, size.toString(2).length - 64);
	const lead = size >> BigInt(drop);
	let value = Number(lead << BigInt(drop) === size ? lead : lead | 1n);
	for (let power = drop - shift; power !== 0; ) {
		const part = Math.max(-1000, Math.min(1000, power));
		value *= 2 ** part;
		power -= part;
	}
	return exact < 0n ? -value : value;
}

/**
 * A table of F. fold says how F(-M) follows from F(M), so that half a table travels: "even", "odd", "zero" (rectified);
 * "none" carries all N+3 words. worth, a table unit as energy, and offset: see energy() below.
 * @param {{ fold: string, words: string[], shift: number, uncertainty: number, energy: string, worth: number,
 *   offset: number }} packed
 * @param {number} n - pixels
 * @returns {Table}
 */
export function makeTable(packed, n) {
	const words = packed.words.map((word) => (word[0] === "-" ? -BigInt(`0x${word.slice(1)}`) : BigInt(`0x${word}`)));
	const missing = n + 3 - words.length;
	const left = words.slice(words.length - missing).reverse();
	/** @type {(f: bigint) => bigint} */
	const mirror = { even: (f) => f, odd: (f) => -f, zero: () => 0n, none: (f) => f }[packed.fold];
	const exact = [...left.map(mirror), ...words];
	const { shift, uncertainty, worth, offset } = packed;
	const value = Float64Array.from(exact, (f) => toFloat(f, shift));
	const gain = new Float64Array(n + 1);
	const bend = new Float64Array(n + 1);
	for (let t = 0; t <= n; t += 1) {
		gain[t] = toFloat(exact[t + 2] - exact[t], shift);
		bend[t] = toFloat(exact[t + 2] - 2n * exact[t + 1] + exact[t], shift);
	}
	const unit = uncertainty * toFloat(1n, shift);
	return { n, exact, value, gain, bend, uncertainty, energy: packed.energy, worth, offset, unit };
}

/**
 * K patterns of N values ±1. columns is (N, K): one spin meets all patterns in one run of memory.
 * @param {Int8Array[]} rows
 * @param {Table} table
 * @returns {Memory}
 */
export function makeMemory(rows, table) {
	const [K, N] = [rows.length, table.n];
	const columns = new Int8Array(N * K);
	for (let i = 0; i < N; i += 1) for (let mu = 0; mu < K; mu += 1) columns[i * K + mu] = rows[mu][i];
	return { N, K, rows, columns, table };
}

/**
 * The same patterns under another F.
 * @param {Memory} memory
 * @param {Table} table
 * @returns {Memory}
 */
export function withTable(memory, table) {
	return { ...memory, table };
}

/**
 * M = X s
 * @param {Memory} memory
 * @param {Int8Array} state
 * @returns {Int32Array}
 */
export function overlaps(memory, state) {
	const { N, K, columns } = memory;
	const M = new Int32Array(K);
	for (let i = 0; i < N; i += 1) for (let mu = 0; mu < K; mu += 1) M[mu] += columns[i * K + mu] * state[i];
	return M;
}

/**
 * What decisions need to know about a state, kept up to date in O(K) per flip.
 * @param {Memory} memory
 * @param {Int8Array} state
 * @returns {Field}
 */
export function openField(memory, state) {
	const field = { state: Int8Array.from(state), M: overlaps(memory, state), gain: new Float64Array(memory.K) };
	return refresh(memory, field);
}

// The filter's bound. Each tabled number is within u = 2^-53 (relative) and 4 units (exponential) of the truth;
// a sum of K terms adds at most K u Σ|term|, so the doubled D is off by less than (K + 3) u Σ(|gain| + |bend|)
// + 6 K units. Twice the first part covers second-order terms, the last one numbers below the normal range.
function refresh(memory, field) {
	const { N, K, table } = memory;
	let bend = 0;
	let size = 0;
	for (let mu = 0; mu < K; mu += 1) {
		const t = (field.M[mu] + N) / 2;
		field.gain[mu] = table.gain[t];
		bend += table.bend[t];
		size += Math.abs(table.gain[t]) + Math.abs(table.bend[t]);
	}
	field.bend = bend;
	field.bound = 2 * (K + 4) * 2 ** -53 * size + 8 * K * table.unit + K * 1e-320;
	return field;
}

/**
 * The value spin i takes: the one with the lower energy; a tie keeps the spin.
 * @param {Memory} memory
 * @param {Field} field
 * @param {number} i
 * @returns {number}
 */
export function decide(memory, field, i) {
	const { K, columns } = memory;
	const { gain } = field;
	const start = i * K;
	let sum = 0;
	for (let mu = 0; mu < K; mu += 1) sum += columns[start + mu] * gain[mu];
	const twice = sum - field.state[i] * field.bend;
	if (twice > field.bound) return 1;
	if (twice < -field.bound) return -1;
	return decideExactly(memory, field, i);
}

/**
 * Count patterns by cavity overlap S = M - x s: D = Σ_S a_S [F(S+1) - F(S-1)] in whole numbers.
 * @param {Memory} memory
 * @param {Field} field
 * @param {number} i
 * @returns {number}
 */
function decideExactly(memory, field, i) {
	const { N, K, columns, table } = memory;
	const spin = field.state[i];
	const counts = new Int32Array(N + 3);
	for (let mu = 0; mu < K; mu += 1) {
		const x = columns[i * K + mu];
		// Place of F(S+1) in the table.
		counts[(field.M[mu] - x * spin + 1 + N) / 2 + 1] += x;
	}
	let total = 0n;
	let weight = 0;
	for (let u = 1; u < N + 3; u += 1) {
		if (counts[u] === 0) continue;
		total += BigInt(counts[u]) * (table.exact[u] - table.exact[u - 1]);
		weight += Math.abs(counts[u]);
	}
	const doubt = BigInt(2 * table.uncertainty * weight);
	if (total > doubt) return 1;
	if (total < -doubt) return -1;
	if (doubt > 0n) throw new Error("table of F too coarse to decide this spin");
	return spin;
}

/**
 * Flips one spin, in place.
 * @param {Memory} memory
 * @param {Field} field
 * @param {number} i
 */
export function flip(memory, field, i) {
	const { K, columns } = memory;
	field.state[i] = -field.state[i];
	const change = 2 * field.state[i];
	for (let mu = 0; mu < K; mu += 1) field.M[mu] += change * columns[i * K + mu];
	refresh(memory, field);
}

/**
 * Visits the spins in the given order, each seeing the flips before it; returns the spins that flipped.
 * @param {Memory} memory
 * @param {Field} field
 * @param {number[]} order
 * @returns {number[]}
 */
export function asyncSweep(memory, field, order) {
	const flips = [];
	for (const i of order) {
		if (decide(memory, field, i) === field.state[i]) continue;
		flip(memory, field, i);
		flips.push(i);
	}
	return flips;
}

/**
 * All spins decide from the same old state.
 * @param {Memory} memory
 * @param {Field} field
 * @returns {number[]} the spins that flipped
 */
export function syncStep(memory, field) {
	const flips = [];
	for (let i = 0; i < memory.N; i += 1) if (decide(memory, field, i) !== field.state[i]) flips.push(i);
	for (const i of flips) field.state[i] = -field.state[i];
	field.M = overlaps(memory, field.state);
	refresh(memory, field);
	return flips;
}

/**
 * As the packed table says: "scaled" is -Σ F(M) in the table times its worth, "log" is -log Σ F(M), F being the table
 * times exp(offset).
 * @param {Memory} memory
 * @param {{ M: Int32Array }} field
 * @returns {number}
 */
export function energy(memory, { M }) {
	const { N, table } = memory;
	const total = M.reduce((sum, m) => sum + table.value[(m + N) / 2 + 1], 0);
	return table.energy === "log" ? -(table.offset + Math.log(total)) : -table.worth * total;
}

/**
 * From a start to where it rests or swaps, or for `maxSweeps` sweeps.
 * @param {Memory} memory
 * @param {Int8Array} start
 * @param {{ order?: string, maxSweeps?: number, rng?: import("./rng.js").Rng32 }} [options]
 * @returns {{ state: Int8Array, M: Int32Array, energies: number[], flips: number[][], sweeps: number,
 *   converged: boolean }}
 */
export function retrieve(memory, start, { order = "async", maxSweeps = 50, rng = null } = {}) {
	const field = openField(memory, start);
	const energies = [energy(memory, field)];
	const flips = [];
	let before = null;
	for (let sweep = 1; sweep <= maxSweeps; sweep += 1) {
		const old = field.state.slice();
		const now = order === "sync" ? syncStep(memory, field) : asyncSweep(memory, field, rng.permutation(memory.N));
		flips.push(now);
		energies.push(energy(memory, field));
		const swaps = before?.every((s, i) => s === field.state[i]);
		if (now.length === 0 || (order === "sync" && swaps)) {
			return { state: field.state, M: field.M, energies, flips, sweeps: sweep, converged: now.length === 0 };
		}
		before = old;
	}
	return { state: field.state, M: field.M, energies, flips, sweeps: maxSweeps, converged: false };
}

/**
 * A copy with exactly k spins flipped, the first k of one permutation: more damage keeps the old damage.
 * @param {Int8Array} state
 * @param {number} k
 * @param {import("./rng.js").Rng32} rng
 * @returns {Int8Array}
 */
export function damage(state, k, rng) {
	const copy = Int8Array.from(state);
	for (const i of rng.choose(copy.length, k)) copy[i] = -copy[i];
	return copy;
}
