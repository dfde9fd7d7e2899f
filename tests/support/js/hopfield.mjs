// What Python computed with Hopfield's network, repeated: how many comparisons, and every disagreement.
import { pack, unpack } from "../../../damtutor/widgets/dynamics/dense.js";
import {
	countEndStates,
	endStateOf,
	energy,
	makeMemory,
	openField,
	overlaps,
	retrieve,
} from "../../../damtutor/widgets/dynamics/hopfield.js";
import { Rng32 } from "../../../damtutor/widgets/dynamics/rng.js";

export function answers(vectors) {
	const found = [];
	let count = 0;
	const same = (where, got, expected) => {
		count += 1;
		const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
		if (a !== b) found.push(`${where}: got ${a.slice(0, 120)}, expected ${b.slice(0, 120)}`);
	};
	for (const { name, size, rows, inverse, networks } of vectors.groups) {
		const patterns = rows.map((hex) => unpack(hex, size));
		for (const { rule, keep, scale, units, cases, ends } of networks) {
			const memory = makeMemory(patterns, rule, keep, inverse);
			const here = `${name}, ${rule}, ${keep ? "diagonal kept" : "no diagonal"}`;
			same(`${here}: scale`, memory.scale, scale);
			same(
				`${here}: couplings`,
				memory.units.reduce((sum, u, k) => sum + (k + 1) * u, 0),
				units,
			);
			for (const c of cases) {
				const where = `${here}, ${c.order}, seed ${c.seed}`;
				const start = unpack(c.start, size);
				const trace = retrieve(memory, start, { order: c.order, maxSweeps: vectors.maxSweeps, rng: new Rng32(c.seed) });
				same(`${where}: start untouched`, pack(start), c.start);
				same(`${where}: state`, pack(trace.state), c.state);
				same(`${where}: sweeps`, [trace.sweeps, trace.converged, trace.cycle], [c.sweeps, c.converged, c.cycle]);
				same(`${where}: overlaps`, [...overlaps(memory, trace.state)], c.overlaps);
				if (c.flips) same(`${where}: flips`, trace.flips.flat(), c.flips);
				same(`${where}: ending`, endStateOf(memory, trace), c.ending);
				const close = trace.energies.every((e, k) => Math.abs(e - c.energies[k]) <= 1e-12 * (1 + Math.abs(e)));
				same(
					`${where}: energies ${trace.energies} for ${c.energies}`,
					close && trace.energies.length,
					c.energies.length,
				);
				same(`${where}: last energy`, energy(memory, openField(memory, trace.state)), trace.energies.at(-1));
			}
			const stream = (b) => new Rng32(100 + b);
			if (ends)
				same(
					`${here}: ends`,
					countEndStates(memory, { starts: 30, stream, order: "async", maxSweeps: vectors.maxSweeps }),
					ends,
				);
		}
	}
	return { count, found };
}
