// What the microscope computes for each of some settings.
import { asymmetryAt, mix, repeat, retrieve, scene } from "../../../damtutor/widgets/dynamics/attention.js";

const sum = (rows, f) => rows.flat().reduce((a, v) => a + f(v), 0);
export const answers = ({ vectors, cases }) =>
	cases.map(({ settings }) => {
		const s = scene(vectors, settings);
		const run = repeat({ ...s, steps: 12 });
		const walk = retrieve(s.query, s.keys, s.beta, s.seen);
		return {
			settings,
			right: s.right,
			beta: s.beta,
			seen: s.seen,
			query: s.query,
			keys: [sum(s.keys, (v) => v), sum(s.keys, Math.abs), sum(s.values, Math.abs)],
			weights: run.weights.map((w) => w[s.right]),
			top: run.weights.map((w) => w.indexOf(Math.max(...w))),
			last: run.states.at(-1),
			energies: run.energies,
			asymmetry: asymmetryAt(s.query, s.keys, s.values, s.beta, s.seen),
			gap: Math.max(...mix(run.weights[0], s.keys).map((v, i) => Math.abs(v - walk[i]))),
		};
	});
