// The continuous memory on the plane: softmax step, energy, n_eff, fixed points by settling and by Newton's method.
// The same formulas as models/modern.py with dot similarity; Math.exp may differ in the last digit.

/** @typedef {number[]} Point - [x, y] */
/** @typedef {{ rows: Point[], beta: number, largest: number }} Plane */

/**
 * K memories at one β.
 * @param {Point[]} rows
 * @param {number} beta
 * @returns {Plane}
 */
export function makePlane(rows, beta) {
	const squares = rows.map(([x, y]) => x * x + y * y);
	return { rows, beta, largest: Math.max(...squares) };
}

/**
 * softmax(β X ξ), and the logarithm of its sum.
 * @param {Plane} memory
 * @param {Point} at
 * @returns {{ p: number[], lse: number }}
 */
export function weigh({ rows, beta }, [x, y]) {
	const scores = rows.map(([a, b]) => beta * (a * x + b * y));
	const top = Math.max(...scores);
	const terms = scores.map((s) => Math.exp(s - top));
	const sum = terms.reduce((total, t) => total + t, 0);
	return { p: terms.map((t) => t / sum), lse: top + Math.log(sum) };
}

/**
 * The average of the memories with weights p.
 * @param {{ rows: Point[] }} memory
 * @param {number[]} p
 * @returns {Point}
 */
export function blend({ rows }, p) {
	const f = [0, 0];
	for (let k = 0; k < rows.length; k += 1) {
		f[0] += p[k] * rows[k][0];
		f[1] += p[k] * rows[k][1];
	}
	return f;
}

/**
 * One step of the state.
 * @param {Plane} memory
 * @param {Point} at
 * @param {number} [rate]
 * @returns {Point}
 */
export function planeStep(memory, at, rate = 1) {
	const f = blend(memory, weigh(memory, at).p);
	return [at[0] + rate * (f[0] - at[0]), at[1] + rate * (f[1] - at[1])];
}

/**
 * The energy of the state.
 * @param {Plane} memory
 * @param {Point} at
 * @returns {number}
 */
export function planeEnergy(memory, at) {
	const { rows, beta, largest } = memory;
	return (Math.log(rows.length) - weigh(memory, at).lse) / beta + (at[0] ** 2 + at[1] ** 2 + largest) / 2;
}

/**
 * n_eff: exp of the entropy of the weights.
 * @param {Plane} memory
 * @param {Point} at
 * @returns {number}
 */
export function effective(memory, at) {
	return Math.exp(-weigh(memory, at).p.reduce((sum, q) => sum + (q > 0 ? q * Math.log(q) : 0), 0));
}

/**
 * [J11, J12, J22] of f: β times the covariance of the memories under the weights.
 * @param {Plane} memory
 * @param {Point} at
 * @returns {[number, number, number]}
 */
export function slope(memory, at) {
	const { p } = weigh(memory, at);
	const [fx, fy] = blend(memory, p);
	/** @type {[number, number, number]} */
	const J = [0, 0, 0];
	memory.rows.forEach(([x, y], k) => {
		const w = memory.beta * p[k];
		J[0] += w * (x - fx) * (x - fx);
		J[1] += w * (x - fx) * (y - fy);
		J[2] += w * (y - fy) * (y - fy);
	});
	return J;
}

/**
 * The largest eigenvalue of J: below 1 the fixed point is stable.
 * @param {[number, number, number]} slope
 * @returns {number}
 */
export function radius([a, b, c]) {
	return (a + c) / 2 + Math.hypot((a - c) / 2, b);
}

/**
 * Steps until the state moves by `tolerance` at most.
 * @param {Plane} memory
 * @param {Point} start
 * @param {number} [most]
 * @param {number} [tolerance]
 * @returns {{ at: Point, sweeps: number, converged: boolean }}
 */
export function settlePlane(memory, start, most = 2000, tolerance = 1e-12) {
	let at = start;
	for (let k = 0; k < most; k += 1) {
		const next = planeStep(memory, at);
		const moved = Math.hypot(next[0] - at[0], next[1] - at[1]);
		if (moved <= tolerance) return { at, sweeps: k, converged: true };
		at = next;
	}
	return { at, sweeps: most, converged: false };
}

/**
 * A fixed point near the start, stable or not; null where no step helps.
 * @param {Plane} memory
 * @param {Point} start
 * @param {number} [tolerance]
 * @param {number} [most]
 * @returns {Point | null}
 */
export function newtonPlane(memory, start, tolerance = 1e-13, most = 50) {
	const gapAt = (at) => {
		const f = planeStep(memory, at);
		return [f[0] - at[0], f[1] - at[1]];
	};
	let at = start;
	let gap = gapAt(at);
	for (let k = 0; k < most && Math.hypot(...gap) > tolerance; k += 1) {
		const [a, b, c] = slope(memory, at);
		const det = (1 - a) * (1 - c) - b * b;
		if (det === 0) return null;
		let move = [((1 - c) * gap[0] + b * gap[1]) / det, (b * gap[0] + (1 - a) * gap[1]) / det];
		let after = null;
		for (let half = 0; half < 12; half += 1) {
			const trial = [at[0] + move[0], at[1] + move[1]];
			after = gapAt(trial);
			if (Math.hypot(...after) < Math.hypot(...gap)) {
				at = trial;
				break;
			}
			move = [move[0] / 2, move[1] / 2];
			after = null;
		}
		if (!after) break; // rounding, or a split
		gap = after;
	}
	return Math.hypot(...gap) <= 1e-11 ? at : null;
}

/**
 * Where to look: the memories and their middles, their average, a few rings around it.
 * @param {Point[]} rows
 * @returns {Point[]}
 */
export function looks(rows) {
	const centre = blend(
		{ rows },
		rows.map(() => 1 / rows.length),
	);
	const middles = rows.flatMap((a, i) => rows.slice(i + 1).map((b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]));
	const near = (r) => rows.map(([x, y]) => [centre[0] + r * (x - centre[0]), centre[1] + r * (y - centre[1])]);
	const inner = [-0.3, -0.03, 0.03, 0.15, 0.4, 0.7].flatMap(near);
	return [centre, ...middles, ...inner];
}

/**
 * All fixed points that were found, lowest energy first.
 * @param {Plane} memory
 * @param {Point[]} starts
 * @returns {{ at: Point, energy: number, nEff: number, stable: boolean }[]}
 */
export function fixedPoints(memory, starts) {
	const found = [];
	const keep = (at) => {
		if (at && found.every((other) => Math.hypot(at[0] - other[0], at[1] - other[1]) > 1e-6)) found.push(at);
	};
	for (const row of memory.rows) keep(newtonPlane(memory, settlePlane(memory, row, 300, 1e-9).at));
	for (const start of starts) keep(newtonPlane(memory, start));
	const facts = (at) => ({
		at,
		energy: planeEnergy(memory, at),
		nEff: effective(memory, at),
		stable: radius(slope(memory, at)) < 1,
	});
	return found.map(facts).sort((a, b) => a.energy - b.energy);
}
