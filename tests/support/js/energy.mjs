// What Python computed on the plane, repeated: how many comparisons, and every disagreement.
import {
	cells,
	contour,
	ending,
	energy,
	near,
	restingPlaces,
	settle,
	step,
	wilson,
} from "../../../damtutor/widgets/dynamics/plane.js";

export function answers(data) {
	const found = [];
	let count = 0;
	const same = (where, got, expected) => {
		count += 1;
		const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
		if (a !== b) found.push(`${where}: ${a} for ${b}`);
	};
	// Sums of at most eight terms, each within some roundings of the truth; an end is as exact as the last step is short.
	const close = (where, got, expected, tolerance) => {
		count += 1;
		const off = [].concat(got).map((v, k) => Math.abs(v - [].concat(expected)[k]));
		if (!(Math.max(...off) <= tolerance)) found.push(`${where}: ${got} for ${expected}`);
	};
	data.cases.forEach((c, k) => {
		const kernel = { kind: c.kind, width: c.width };
		const where = `case ${k}, ${c.kind}`;
		const e = energy(c.points, kernel, c.start);
		if (c.energy === null) same(`${where}: energy`, e === Infinity, true);
		else close(`${where}: energy`, e, c.energy, 1e-12 * Math.max(1, Math.abs(c.energy)));
		close(`${where}: step`, step(c.points, kernel, c.start), c.step, 1e-12);
		const end = settle(c.points, kernel, c.start);
		if (end.settled) close(`${where}: end`, end.state, c.end, c.kind === "compact" ? 1e-12 : 2e-5);
		same(`${where}: settled`, end.settled || c.kind === "gaussian", true);
		if (c.kind === "gaussian") return;
		same(`${where}: near`, near(c.points, kernel, c.start), c.near);
		const places = restingPlaces(c.points, kernel);
		const order = (a, b) => {
			for (let i = 0; ; i += 1) if (a[i] !== b[i]) return (a[i] ?? -1) - (b[i] ?? -1);
		};
		same(`${where}: places`, places.map((p) => p.members).sort(order), c.places);
		const index = ending(c.points, kernel, places, c.start);
		if (c.energy === null) same(`${where}: no force`, index, -1);
		else close(`${where}: ending`, places[index].point, c.end, 1e-12);
	});
	for (const [k, n, low, high] of data.wilson) close("wilson", wilson(k, n), [low, high], 1e-12);
	const grid = cells(40, 2);
	const ring = contour(
		grid.map(([x, y]) => x * x + y * y),
		40,
		2,
		1,
	).flat();
	close("contour of a circle", Math.max(...ring.map(([x, y]) => Math.abs(Math.hypot(x, y) - 1))), 0, 0.01);
	same("contour closes", ring.length > 100, true);
	return { count, found };
}
