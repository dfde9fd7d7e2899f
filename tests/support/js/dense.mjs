// What Python computed with the dense memory and the generator, repeated: how many comparisons, and every disagreement.
import {
	damage,
	energy,
	makeMemory,
	makeTable,
	openField,
	overlaps,
	pack,
	retrieve,
	syncStep,
	unpack,
	withTable,
} from "../../../damtutor/widgets/dynamics/dense.js";
import { Rng32 } from "../../../damtutor/widgets/dynamics/rng.js";

const MAX_SWEEPS = 20;
const TOLERANCE = 1e-12;

export function answers(vectors) {
	const found = [];
	let count = 0;
	const same = (where, got, expected) => {
		count += 1;
		const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
		if (a !== b) found.push(`${where}: got ${a.slice(0, 120)}, expected ${b.slice(0, 120)}`);
	};
	for (const { seed, next, below, permutation, choose, signs } of vectors.generator) {
		const rng = new Rng32(seed);
		same(
			`next, seed ${seed}`,
			next.map(() => rng.next()),
			next,
		);
		same(
			`below, seed ${seed}`,
			[1, 2, 7, 64, 2 ** 21 - 1].map((n) => rng.below(n)),
			below,
		);
		same(`permutation, seed ${seed}`, rng.permutation(13), permutation);
		same(`choose, seed ${seed}`, rng.choose(64, 6), choose);
		same(`signs, seed ${seed}`, [...rng.signs(9)], signs);
	}
	for (const { name, size, rows, cases } of vectors.groups) {
		const patterns = rows.map((hex) => unpack(hex, size));
		const tables = Object.fromEntries(Object.entries(vectors.tables[size]).map(([k, t]) => [k, makeTable(t, size)]));
		const plain = makeMemory(patterns, tables[2]);
		same(`${name}: bits`, patterns.map(pack), rows);
		for (const c of cases) {
			const where = `${name}, n=${c.n}${c.rectified ? "+" : ""}, ${c.order}`;
			const memory = withTable(plain, tables[c.rectified ? `${c.n}+` : `${c.n}`]);
			const start = unpack(c.start, size);
			const trace = retrieve(memory, start, { order: c.order, maxSweeps: MAX_SWEEPS, rng: new Rng32(c.seed) });
			same(`${where}: start untouched`, pack(start), c.start);
			same(`${where}: state`, pack(trace.state), c.state);
			same(`${where}: sweeps`, [trace.sweeps, trace.converged], [c.sweeps, c.converged]);
			same(`${where}: overlaps`, [...trace.M], c.overlaps);
			same(`${where}: overlaps anew`, [...overlaps(memory, trace.state)], c.overlaps);
			same(`${where}: states`, replay(start, trace.flips), c.states);
			if (c.flips) same(`${where}: flips`, trace.flips.flat(), c.flips);
			else same(`${where}: one step`, together(memory, start), c.states[1]);
			// Odd powers of opposite patterns cancel: the energy is as exact as its largest term.
			const terms = overlaps(memory, start).reduce(
				(sum, m) => sum + Math.abs(memory.table.value[(m + size) / 2 + 1]),
				0,
			);
			const scale = Math.max(...c.energies.map(Math.abs), c.n === "exp" ? 0 : memory.table.worth * terms);
			const close = trace.energies.every((e, k) => Math.abs(e - c.energies[k]) <= TOLERANCE * scale);
			same(`${where}: energies ${trace.energies} for ${c.energies}`, close && trace.energies.length, c.energies.length);
			same(`${where}: last energy`, energy(memory, trace), trace.energies.at(-1));
		}
		const hurt = damage(patterns[0], Math.floor(size / 2), new Rng32(5));
		same(`${name}: damage`, patterns[0].filter((s, i) => s !== hurt[i]).length, Math.floor(size / 2));
	}
	return { count, found };
}

function replay(start, flips) {
	const state = Int8Array.from(start);
	return [
		pack(state),
		...flips.map((sweep) => {
			for (const i of sweep) state[i] = -state[i];
			return pack(state);
		}),
	];
}

function together(memory, start) {
	const field = openField(memory, start);
	syncStep(memory, field);
	return pack(field.state);
}
