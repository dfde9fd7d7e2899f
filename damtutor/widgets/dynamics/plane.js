// A memory on the plane, no DOM: the energy, the step and the resting places of damtutor.CompactMemory and of
// ModernHopfield(similarity="distance") with sigma² = 1/beta. A point is [x, y].
//
// kernel: { kind: "compact", width: R } or { kind: "gaussian", width: sigma }.

/** @typedef {number[]} Point - [x, y] */
/** @typedef {{ kind: string, width: number }} Kernel */
/** @typedef {{ point: Point, members: number[] }} Place */

const MOST_STEPS = 400;
export const STILL = 1e-7; // a Gaussian step shorter than this many widths is rest
export const SAME = 0.02; // Gaussian ends closer than this on the plane [-2, 2]² are drawn as one place

const square = (a, b) => {
	const dx = a[0] - b[0];
	const dy = a[1] - b[1];
	return dx * dx + dy * dy;
};

/**
 * Which points are strictly closer than R.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Point} x
 * @returns {boolean[]}
 */
export const near = (points, { width }, x) => points.map((p) => square(x, p) < width * width);

/**
 * Infinity where a compact memory has no force.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Point} x
 * @returns {number}
 */
export function energy(points, kernel, x) {
	const { kind, width } = kernel;
	if (kind === "compact") {
		const phi = points.reduce((sum, p) => sum + Math.max(0, 1 - square(x, p) / (width * width)), 0);
		return phi > 0 ? -Math.log(phi) : Infinity;
	}
	const costs = points.map((p) => square(x, p) / 2);
	const least = Math.min(...costs);
	const s2 = width * width;
	return least - s2 * Math.log(costs.reduce((sum, c) => sum + Math.exp((least - c) / s2), 0) / points.length);
}

/**
 * The mean of the points within reach, or the weighted mean; the state itself where there is no force.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Point} x
 * @returns {Point}
 */
export function step(points, { kind, width }, x) {
	let least = Infinity;
	for (const p of points) least = Math.min(least, square(x, p));
	let [total, sx, sy] = [0, 0, 0];
	for (const p of points) {
		const q = square(x, p);
		const w = kind === "compact" ? (q < width * width ? 1 : 0) : Math.exp((least - q) / (2 * width * width));
		total += w;
		sx += w * p[0];
		sy += w * p[1];
	}
	return total > 0 ? [sx / total, sy / total] : x;
}

/**
 * Whether the step from x to y was no step: the same members, or a distance too short to see.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Point} x
 * @param {Point} y
 * @returns {boolean}
 */
export function rests(points, kernel, x, y) {
	if (kernel.kind === "gaussian") return Math.sqrt(square(x, y)) <= STILL * kernel.width;
	const before = near(points, kernel, x);
	return !before.includes(true) || (near(points, kernel, y).every((n, k) => n === before[k]) && square(x, y) < 1e-24);
}

/**
 * Steps until nothing moves.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Point} start
 * @returns {{ state: Point, steps: number, settled: boolean }}
 */
export function settle(points, kernel, start) {
	let x = start;
	for (let k = 0; k < MOST_STEPS; k += 1) {
		const y = step(points, kernel, x);
		if (rests(points, kernel, x, y)) return { state: y, steps: k, settled: true };
		x = y;
	}
	return { state: x, steps: MOST_STEPS, settled: false };
}

const mean = (points) => [0, 1].map((c) => points.reduce((sum, p) => sum + p[c], 0) / points.length);

/**
 * Compact: every subset whose mean reaches just its members. Gaussian: where the memories and `starts` end.
 * Each place: { point, members }, members the numbers of the points whose mean it is; none for a Gaussian blend.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Point[]} [starts]
 * @returns {Place[]}
 */
export function restingPlaces(points, kernel, starts = []) {
	const found = [];
	if (kernel.kind === "compact") {
		for (let bits = 1; bits < 2 ** points.length; bits += 1) {
			const members = points.map((_, k) => k).filter((k) => (bits >> k) & 1);
			const point = mean(members.map((k) => points[k]));
			if (near(points, kernel, point).every((n, k) => n === ((bits >> k) & 1) > 0)) found.push({ point, members });
		}
		return found;
	}
	const keep = (point, members) => {
		const same = found.find((place) => square(place.point, point) < SAME * SAME);
		if (same) same.members.push(...members);
		else found.push({ point, members: [...members] });
	};
	for (const [k, p] of points.entries()) keep(settle(points, kernel, p).state, [k]);
	for (const x of starts) keep(settle(points, kernel, x).state, []);
	return found;
}

/**
 * Number of the place where x ends; -1 where there is no force. A Gaussian ball that creeps beside a place is there.
 * @param {Point[]} points
 * @param {Kernel} kernel
 * @param {Place[]} places
 * @param {Point} x
 * @returns {number}
 */
export function ending(points, kernel, places, x) {
	if (kernel.kind === "compact" && !near(points, kernel, x).includes(true)) return -1;
	let state = x;
	for (let k = 0; k < MOST_STEPS; k += 1) {
		const next = step(points, kernel, state);
		if (rests(points, kernel, state, next)) break;
		if (kernel.kind === "gaussian" && square(state, next) < 1e-6 * kernel.width * kernel.width) {
			const found = places.findIndex((place) => 4 * square(place.point, next) < SAME * SAME);
			if (found >= 0) return found;
		}
		state = next;
	}
	const gaps = places.map((place) => square(place.point, state));
	return gaps.indexOf(Math.min(...gaps));
}

/**
 * Middles of n × n cells of the square [-half, half]², row by row from the top.
 * @param {number} n
 * @param {number} half
 * @returns {Point[]}
 */
export function cells(n, half) {
	const at = (k) => ((k + 0.5) / n) * 2 * half - half;
	return Array.from({ length: n * n }, (_, k) => [at(k % n), -at(Math.floor(k / n))]);
}

/**
 * Segments of the line f = level on the same cells: marching squares over values given at the cells' middles.
 * @param {number[]} values
 * @param {number} n
 * @param {number} half
 * @param {number} level
 * @returns {Point[][]}
 */
export function contour(values, n, half, level) {
	const at = (k) => ((k + 0.5) / n) * 2 * half - half;
	const segments = [];
	for (let row = 0; row + 1 < n; row += 1) {
		for (let column = 0; column + 1 < n; column += 1) {
			const corners = [
				[0, 0],
				[1, 0],
				[1, 1],
				[0, 1],
			].map(([c, r]) => [column + c, row + r]);
			const f = corners.map(([c, r]) => values[r * n + c] - level);
			if (!f.every(Number.isFinite)) continue;
			const cuts = [];
			for (let k = 0; k < 4; k += 1) {
				const m = (k + 1) % 4;
				if (f[k] < 0 === f[m] < 0) continue;
				const t = f[k] / (f[k] - f[m]);
				const [[c, r], [d, q]] = [corners[k], corners[m]];
				cuts.push([at(c + t * (d - c)), -at(r + t * (q - r))]);
			}
			for (let k = 0; k + 1 < cuts.length; k += 2) segments.push([cuts[k], cuts[k + 1]]);
		}
	}
	return segments;
}

/**
 * Wilson's 95 % score interval of hits among trials, as damtutor.statistics.intervals.wilson has it.
 * @param {number} hits
 * @param {number} trials
 * @returns {[number, number]}
 */
export function wilson(hits, trials) {
	const [p, weight] = [hits / trials, (1.96 * 1.96) / trials];
	const centre = (p + weight / 2) / (1 + weight);
	const half = (1.96 / (1 + weight)) * Math.sqrt((p * (1 - p)) / trials + weight / (4 * trials));
	return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
