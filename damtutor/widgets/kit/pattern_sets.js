// Pattern sets and tables of F as Python packed them (packing.py), opened once and kept.
import { makeMemory, makeTable, unpack, withTable } from "../dynamics/dense.js";
import { Rng32 } from "../dynamics/rng.js";

/**
 * @typedef {object} PatternSets
 * @property {number} N
 * @property {(name: string) => Int8Array[]} rows
 * @property {(name: string, mu: number) => string} label
 * @property {(n: number | string) => boolean} rectifies - whether F has a form that is 0 for negative M
 * @property {(n: number | string, rectified: boolean) => Record<string, any>} packed - a table as Python packed it,
 *   with its words
 * @property {(n: number | string, rectified: boolean) => import("../dynamics/dense.js").Table} table
 * @property {(name: string, K: number, n: number | string, rectified: boolean) =>
 *   import("../dynamics/dense.js").Memory} memory
 * @property {(seed: number, query: number) => Rng32} stream
 * @property {(damage: number) => number} flips
 */

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
	const rectifies = (n) => `${n}+` in config.tables;
	const tableName = (n, rectified) => (rectified && rectifies(n) ? `${n}+` : `${n}`);
	return {
		N,
		rows,
		rectifies,
		packed: (n, rectified) => config.tables[tableName(n, rectified)],
		label: (name, mu) => find(name).labels[mu] ?? `pattern ${mu}`,
		table(n, rectified) {
			const name = tableName(n, rectified);
			tables[name] ??= makeTable(config.tables[name], N);
			return tables[name];
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
