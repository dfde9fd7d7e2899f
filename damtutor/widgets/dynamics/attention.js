// Attention repeated on one query: pure functions, the same numbers as damtutor/models/attention.py and transformer.py.
import { Rng32 } from "./rng.js";

/**
 * @typedef {{ query: number[], keys: number[][], values: number[][], right: number, beta: number, seen: boolean[],
 *   residual: string, between: string }} Scene
 */

/**
 * Nearly Gaussian: twelve uniform numbers added, mean 0, variance 1. Exact, hence the same in every engine.
 * @param {import("./rng.js").Rng32} rng
 * @returns {number}
 */
export function normal(rng) {
	let sum = 0;
	for (let k = 0; k < 12; k += 1) sum += rng.next();
	return sum / 4294967296 - 6;
}

/**
 * a·b
 * @param {number[]} a
 * @param {number[]} b
 * @returns {number}
 */
export const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
const rows = (count, width, fill) => Array.from({ length: count }, () => Array.from({ length: width }, fill));

/**
 * The noise of all words; the extra keys and the free values have a stream of their own each.
 * @param {number} seed
 * @param {number} count
 * @param {number} d
 * @returns {number[][]}
 */
export const noiseOf = (seed, count, d) => {
	const rng = new Rng32(3 * seed);
	return rows(count, d, () => normal(rng));
};

/**
 * Random directions of norm √d.
 * @param {number} seed
 * @param {number} count
 * @param {number} d
 * @returns {number[][]}
 */
export function directions(seed, count, d) {
	const rng = new Rng32(seed);
	return rows(count, d, () => normal(rng)).map((row) => {
		const scale = Math.sqrt(d / dot(row, row));
		return row.map((v) => v * scale);
	});
}

/**
 * (x - mean) / √(variance + 1e-5)
 * @param {number[]} x
 * @returns {number[]}
 */
export function layerNorm(x) {
	const mean = x.reduce((a, b) => a + b, 0) / x.length;
	const centred = x.map((v) => v - mean);
	const scale = 1 / Math.sqrt(dot(centred, centred) / x.length + 1e-5);
	return centred.map((v) => v * scale);
}

/**
 * softmax(β x Kᵀ) over the keys that may be seen; the others have weight 0.
 * @param {number[]} x
 * @param {number[][]} keys
 * @param {number} beta
 * @param {boolean[]} seen
 * @returns {number[]}
 */
export function weigh(x, keys, beta, seen) {
	const scores = keys.map((key, k) => (seen[k] ? beta * dot(x, key) : -Infinity));
	const top = Math.max(...scores);
	const raw = scores.map((s) => Math.exp(s - top));
	const sum = raw.reduce((a, b) => a + b, 0);
	return raw.map((w) => w / sum);
}

/**
 * The weighted sum of the values.
 * @param {number[]} weights
 * @param {number[][]} values
 * @returns {number[]}
 */
export function mix(weights, values) {
	const out = values[0].map(() => 0);
	values.forEach((value, k) => {
		if (weights[k]) for (let i = 0; i < out.length; i += 1) out[i] += weights[k] * value[i];
	});
	return out;
}

/**
 * -lse(β K x)/β + |x|²/2 + log(T)/β + M²/2 over the keys that may be seen, as `retrieval_energy`.
 * @param {number[]} x
 * @param {number[][]} keys
 * @param {number} beta
 * @param {boolean[]} seen
 * @returns {number}
 */
export function energyOf(x, keys, beta, seen) {
	const stored = keys.filter((_, k) => seen[k]);
	const squares = stored.map((key) => dot(key, key));
	const most = Math.max(...squares);
	const costs = stored.map(
		(key, k) => key.reduce((sum, v, i) => sum + (x[i] - v) ** 2, 0) / 2 + (most - squares[k]) / 2,
	);
	const least = Math.min(...costs);
	const mean = costs.reduce((sum, cost) => sum + Math.exp(-beta * (cost - least)), 0) / costs.length;
	return least - Math.log(mean) / beta;
}

/**
 * The memory's own step, written as the way downhill: the mean of the visible keys, weighted by exp(-β cost).
 * @param {number[]} x
 * @param {number[][]} keys
 * @param {number} beta
 * @param {boolean[]} seen
 * @returns {number[]}
 */
export function retrieve(x, keys, beta, seen) {
	const stored = keys.filter((_, k) => seen[k]);
	const costs = stored.map((key) => dot(key, key) / 2 - dot(x, key) - dot(key, key) / 2);
	const least = Math.min(...costs);
	const raw = costs.map((cost) => Math.exp(-beta * (cost - least)));
	const sum = raw.reduce((a, b) => a + b, 0);
	return mix(raw, stored).map((v) => v / sum);
}

/**
 * The query and what becomes of it in so many steps.
 * @param {Scene & { steps: number }} scene
 * @returns {{ states: number[][], weights: number[][], energies: number[] }}
 */
export function repeat({ query, keys, values, beta, seen, steps, residual, between }) {
	const states = [query];
	const weights = [];
	for (let t = 0; t < steps; t += 1) {
		const x = states.at(-1);
		weights.push(weigh(x, keys, beta, seen));
		const f = mix(weights.at(-1), values);
		const next = residual === "plain" ? x.map((v, i) => v + f[i]) : f;
		states.push(between === "layernorm" ? layerNorm(next) : next);
	}
	const energies = states.map((x) => energyOf(x, keys, beta, seen));
	return { states, weights, energies };
}

/**
 * exp of the entropy: how many keys have a say.
 * @param {number[]} weights
 * @returns {number}
 */
export const effective = (weights) => Math.exp(-weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0));

/**
 * |J - Jᵀ| / |J| of J = β Vᵀ (diag p - p pᵀ) K at x.
 * @param {number[]} x
 * @param {number[][]} keys
 * @param {number[][]} values
 * @param {number} beta
 * @param {boolean[]} seen
 * @returns {number}
 */
export function asymmetryAt(x, keys, values, beta, seen) {
	const p = weigh(x, keys, beta, seen);
	const [k0, v0] = [mix(p, keys), mix(p, values)];
	const d = x.length;
	const J = new Float64Array(d * d);
	keys.forEach((key, k) => {
		if (!p[k]) return;
		const right = key.map((v, i) => v - k0[i]);
		for (let i = 0; i < d; i += 1) {
			const left = p[k] * (values[k][i] - v0[i]);
			for (let j = 0; j < d; j += 1) J[i * d + j] += left * right[j];
		}
	});
	let [odd, all] = [0, 0];
	for (let i = 0; i < d; i += 1) {
		for (let j = 0; j < d; j += 1) {
			odd += (J[i * d + j] - J[j * d + i]) ** 2;
			all += J[i * d + j] ** 2;
		}
	}
	return all ? Math.sqrt(odd / all) : 0;
}

/**
 * Everything the settings mean. Keys: the extra ones first, then the sentence, so that a causal mask hides only words.
 * @param {number[][]} vectors
 * @param {Record<string, any>} s - settings
 * @returns {Scene}
 */
export function scene(vectors, s) {
	const [count, d] = [vectors.length, vectors[0].length];
	const cut = (row) => (s.head ? row.slice((s.head - 1) * 16, s.head * 16) : row);
	const noise = noiseOf(s.seed, count, d)[s.token];
	const query = cut(vectors[s.token].map((v, i) => v + 0.5 * noise[i]));
	const keys = [...directions(3 * s.seed + 1, s.extra, d), ...vectors].map(cut);
	const values = s.values === "tied" ? keys : directions(3 * s.seed + 2, keys.length, d).map(cut);
	const norm = s.between === "layernorm" ? layerNorm : (row) => row;
	const visible = { none: count, causal: s.token + 1, padding: count - 4 }[s.mask];
	const stored = keys.map(norm);
	return {
		query: norm(query),
		keys: stored,
		values: s.values === "tied" ? stored : values,
		right: s.extra + s.token,
		beta: s.factor / 100 / Math.sqrt(s.head ? 16 : d),
		seen: keys.map((_, k) => k < s.extra + visible),
		residual: s.residual,
		between: s.between,
	};
}

const crowds = {}; // of the last seed

/**
 * Many random keys, and a noisy copy of key q as the query. Streams as in `scene`: fewer keys are the first of them.
 * @param {Record<string, any>} settings
 * @param {number} q
 * @param {number} [size]
 * @param {number} [queries]
 * @returns {Scene}
 */
export function crowd({ seed, count, factor, between }, q, size = 64, queries = 20) {
	if (crowds.seed !== seed)
		Object.assign(crowds, { seed, all: directions(3 * seed + 1, 300, size), noise: noiseOf(seed, queries, size) });
	const norm = between === "layernorm" ? layerNorm : (row) => row;
	const keys = crowds.all.slice(0, count).map(norm);
	const query = norm(crowds.all[q].map((v, i) => v + 0.5 * crowds.noise[q][i]));
	return {
		query,
		keys,
		values: keys,
		right: q,
		beta: factor / 100 / Math.sqrt(size),
		seen: keys.map(() => true),
		residual: "leak",
		between,
	};
}
