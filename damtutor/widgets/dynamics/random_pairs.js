// Overlaps of random pairs, no DOM; tests/support/vectors/instrument_models.py has the same in Python.
import { Rng32 } from "./rng.js";

export const PAIRS = 1000;

function bitCount(word) {
	let x = word - ((word >>> 1) & 0x55555555);
	x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
	return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * A number of the stream is 32 pixels, highest bit first, or the first N of them. Pair after pair, first a, then b.
 * Returns the first pair as ±1, and M of all pairs: N minus twice the pixels in which a and b differ.
 * @param {number} N
 * @param {number} seed
 * @returns {{ first: Int8Array[], M: Int32Array }}
 */
export function randomPairs(N, seed) {
	const rng = new Rng32(seed);
	const words = Math.ceil(N / 32);
	const spare = 32 * words - N;
	const a = new Uint32Array(words);
	const pixels = (bits) => Int8Array.from({ length: N }, (_, i) => ((bits[i >>> 5] >>> (31 - (i & 31))) & 1 ? 1 : -1));
	const M = new Int32Array(PAIRS);
	let first = null;
	for (let k = 0; k < PAIRS; k += 1) {
		for (let w = 0; w < words; w += 1) a[w] = rng.next();
		const b = first ? null : new Uint32Array(words);
		let differ = 0;
		for (let w = 0; w < words; w += 1) {
			const word = rng.next();
			if (b) b[w] = word;
			differ += bitCount((a[w] ^ word) >>> spare);
		}
		if (b) first = [pixels(a), pixels(b)];
		M[k] = N - 2 * differ;
	}
	return { first, M };
}

/**
 * Standard deviation of m = M/N from sums of whole numbers, and its own standard error: a sum of N signs has an excess
 * of -2/N.
 * @param {Int32Array} M
 * @param {number} N
 * @returns {{ value: number, error: number }}
 */
export function spread(M, N) {
	let [sum, squares] = [0, 0];
	for (const v of M) [sum, squares] = [sum + v, squares + v * v];
	const value = Math.sqrt((squares - (sum * sum) / M.length) / (M.length - 1)) / N;
	return { value, error: (value * Math.sqrt((2 - 2 / N) / M.length)) / 2 };
}

/**
 * Bars of `values` neighbouring values of M, an odd number, so that one bar has M = 0 in its middle; about half a
 * standard deviation each. counts[k] belongs to M/2 from (k - half)·values - rest to (k - half)·values + rest.
 * @param {Int32Array} M
 * @param {number} N
 * @returns {{ values: number, half: number, counts: number[] }}
 */
export function histogram(M, N) {
	const values = 2 * Math.floor(Math.sqrt(N) / 8) + 1;
	const half = Math.ceil((N / 2 - (values - 1) / 2) / values);
	const counts = new Array(2 * half + 1).fill(0);
	for (const v of M) counts[Math.round(v / 2 / values) + half] += 1;
	return { values, half, counts };
}

/**
 * Probability that M/2 lies between two whole numbers, exactly: binomial.
 * @param {number} N
 * @param {number} low
 * @param {number} high
 * @returns {number}
 */
export function probability(N, low, high) {
	let log = -N * Math.LN2; // log of C(N, k) / 2^N
	let sum = 0;
	for (let k = 0; k <= N; k += 1) {
		if (k - N / 2 >= low && k - N / 2 <= high) sum += Math.exp(log);
		log += Math.log((N - k) / (k + 1));
	}
	return sum;
}
