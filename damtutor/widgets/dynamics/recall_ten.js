// What the filmstrip shows, without a screen: ten damaged pictures, where they end, and the way between two memories.
import { damage, overlaps, retrieve } from "./dense.js";

/** @typedef {{ start: Int8Array, state: Int8Array, outcome: string }} End */

/**
 * M: overlaps at the end. Its own picture, a negative, another stored picture, or none.
 * @param {Int32Array} M
 * @param {number} own
 * @param {number} size
 * @returns {"back" | "negative" | "other" | "mix"}
 */
export function outcome(M, own, size) {
	if (M[own] === size) return "back";
	if (M.includes(-size)) return "negative";
	return M.includes(size) ? "other" : "mix";
}

/**
 * stream(q) is the generator of query q: first its damage (`flips` spins of pattern q), then the order of its sweeps.
 * @param {import("./dense.js").Memory} memory
 * @param {{ queries: number, flips: number, stream: (q: number) => import("./rng.js").Rng32, maxSweeps: number }}
 *   options
 * @returns {End[]}
 */
export function recallTen(memory, { queries, flips, stream, maxSweeps }) {
	return Array.from({ length: queries }, (_, q) => {
		const rng = stream(q);
		const start = damage(memory.rows[q], flips, rng);
		const { state, M } = retrieve(memory, start, { maxSweeps, rng });
		return { start, state, outcome: outcome(M, q, memory.N) };
	});
}

/**
 * How many of the ends have this outcome.
 * @param {End[]} ends
 * @param {string} name
 * @returns {number}
 */
export const tally = (ends, name) => ends.filter((end) => end.outcome === name).length;

/**
 * -Σ F(M) while the pixels in which two patterns differ change one by one, drawn between -1 (lowest) and 0 (highest).
 * @param {import("./dense.js").Memory} memory
 * @param {Int8Array} from
 * @param {Int8Array} to
 * @param {import("./rng.js").Rng32} rng
 * @returns {number[]}
 */
export function walk(memory, from, to, rng) {
	const { N, table } = memory;
	const state = Int8Array.from(from);
	const height = () => -overlaps(memory, state).reduce((sum, m) => sum + table.value[(m + N) / 2 + 1], 0);
	const heights = [height()];
	for (const i of rng.permutation(N).filter((j) => from[j] !== to[j])) {
		state[i] = to[i];
		heights.push(height());
	}
	const [low, high] = [Math.min(...heights), Math.max(...heights)];
	return heights.map((e) => (e - high) / (high - low || 1));
}
