// What the flow field computes for each memory and each state: steps, energies, slopes, ends and fixed points.
import {
	effective,
	fixedPoints,
	looks,
	makePlane,
	planeEnergy,
	planeStep,
	radius,
	settlePlane,
	slope,
} from "../../../damtutor/widgets/dynamics/flow.js";

export const answers = (data) =>
	data.groups.map(({ rows, cases }) =>
		cases.map(({ beta, states }) => {
			const memory = makePlane(rows, beta);
			return {
				steps: states.map((x) => data.rates.map((a) => planeStep(memory, x, a))),
				energies: states.map((x) => planeEnergy(memory, x)),
				n_eff: states.map((x) => effective(memory, x)),
				slopes: states.map((x) => slope(memory, x)),
				radii: states.map((x) => radius(slope(memory, x))),
				ends: states.map((x) => settlePlane(memory, x, 20000, 1e-14).at),
				fixed: fixedPoints(memory, looks(rows)),
			};
		}),
	);
