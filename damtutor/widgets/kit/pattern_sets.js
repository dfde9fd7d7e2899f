// Pattern sets and tables of F as Python packed them (packing.py), opened once and kept.
import { makeMemory, makeTable, unpack, withTable } from "../dynamics/dense.js";
import { Rng32 } from "../dynamics/rng.js";

/**
 * @typedef {object} PatternSets
 * @property {number} N
 * @property {(name: string) => Int8Array[]} rows
 * @property {(name: string, mu: number) => string} label
 * @property {string[][]} options - [name, title]
 * @property {(n: number | "exp", rectified: boolean) => import("../dynamics/dense.js").Table} table
 * @property {(name: string, K: number, n: number | "exp", rectified: boolean) =>
 *   import("../dynamics/dense.js").Memory} memory
 * @property {(seed: number, query: number) => Rng32} stream
 * @property {(damage: number) => number} flips
 */

/**
 * Orders n of F that instruments offer.
 * @type {(number | "exp")[]}
 */
export const INTERACTIONS = [2, 3, 4, 5, 6, 7, 8, 9, 10, "exp"];
/**
 * An order in words.
 * @param {number | "exp"} n
 * @returns {string}
 */
export const interactionText = (n) => (n === "exp" ? "exp" : `n = ${n}`);
/**
 * Damage in words.
 * @param {number} size - pixels
 * @returns {(d: number) => string}
 */
export const percentText = (size) => (d) => `${d} % (${Math.round((d * size) / 100)} of ${size})`;

/**
 * The sets that Python packed into `config`.
 * @param {Record<string, any>} config
 * @returns {PatternSets}
 */
export function openPatternSets(config) {
	const N = config.width * config.height;
	const tables = {};
	const memories = {};
	const sets = {};
	const find = (name) => config.sets.find((set) => set.name === name);
	const rows = (name) => (sets[name] ??= find(name).rows.map((hex) => unpack(hex, N)));
	return {
		N,
		rows,
		label: (name, mu) => find(name).labels[mu] ?? `pattern ${mu}`,
		options: config.sets.map((set) => [set.name, set.title]),
		table(n, rectified) {
			const key = n !== "exp" && rectified ? `${n}+` : `${n}`;
			tables[key] ??= makeTable(config.tables[key], N);
			return tables[key];
		},
		memory(name, K, n, rectified) {
			const key = `${name} ${K}`;
			memories[key] ??= makeMemory(rows(name).slice(0, K), this.table(2, false));
			return withTable(memories[key], this.table(n, rectified));
		},
		// One stream a query: first what is damaged, then the order of every sweep.
		stream: (seed, query) => new Rng32(1000 * seed + query),
		flips: (damage) => Math.round((damage * N) / 100),
	};
}
