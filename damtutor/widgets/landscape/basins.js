// What lies on the plane: basins, lines of equal energy, memories, resting places, a ball and its trail.

import { cells, contour, ending, energy } from "../dynamics/plane.js";
import { h, polyline } from "../kit/dom.js";
import { openPlane } from "../kit/plane_view.js";

/** @typedef {import("../dynamics/plane.js").Point} Point */
/**
 * @typedef {object} BasinsView
 * @property {HTMLElement} element
 * @property {(dx: number, dy: number) => void} arrow
 * @property {(points: Point[], kernel: import("../dynamics/plane.js").Kernel,
 *   places: import("../dynamics/plane.js").Place[] | null) => void} draw
 * @property {(fallen: Point[]) => void} drops
 * @property {(states: Point[]) => void} ball
 * @property {(point: Point) => void} choose
 */

export const HALF = 2;
const CELLS = 40;
const TINTS = 7;
const SIDE = (2 * HALF) / CELLS;
export const GRID = cells(CELLS, HALF);

const at = (x, y) => `${x.toFixed(3)} ${(-y).toFixed(3)}`;
/** @type {(point: Point, side: number) => string} */
const dot = ([x, y], side) => `M${at(x - side / 2, y + side / 2)}h${side}v${side}h-${side}z`;

/**
 * An empty plane.
 * @param {import("../kit/frame.js").Frame} frame
 * @param {import("../kit/plane_view.js").Hand} hand
 * @returns {BasinsView}
 */
export function basinsView(frame, hand) {
	const { element, box, arrow } = openPlane(frame, {
		label: "Plane with memories and a ball. Enter chooses, arrows move.",
		element: { class: "dt-grid dt-state dt-plane" },
		box: { viewBox: "-2 -2 4 4", class: "dt-pixels" },
		view: () => ({ left: -HALF, top: HALF, size: 2 * HALF }),
		hand,
	});
	const path = (cls) => h("path", { class: cls });
	const tints = Array.from({ length: TINTS }, (_, k) => path(`dt-tint dt-tint${k}`));
	const [levels, drops, trail] = [path("dt-level"), path("dt-drop"), path("dt-trail")];
	const [reaches, marks, memos] = [h("g"), h("g"), h("g")];
	const ball = h("circle", { class: "dt-ball", r: 0.17 });
	const chosen = h("rect", { class: "dt-picked", width: 0.44, height: 0.44 });
	const back = h("rect", { x: -HALF, y: -HALF, width: 2 * HALF, height: 2 * HALF, class: "dt-back0" });
	box.append(back, ...tints, levels, reaches, drops, marks, memos, trail, ball, chosen);

	// Nothing that answers the question is drawn while it is withheld.
	function drawBasins(points, kernel, places) {
		const squares = tints.map(() => "");
		for (const x of GRID) {
			const end = ending(points, kernel, places, x);
			if (end >= 0) squares[end % TINTS] += dot(x, SIDE);
		}
		for (const [k, d] of squares.entries()) tints[k].setAttribute("d", d);
		const values = GRID.map((x) => energy(points, kernel, x));
		const low = Math.min(...values);
		const high = kernel.kind === "compact" ? low + 3 : Math.max(...values);
		const lines = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((k) =>
			contour(values, CELLS, HALF, low + (high - low) * (k / 8.5) ** 2),
		);
		levels.setAttribute("d", lines.map(([a, b]) => `M${at(...a)}L${at(...b)}`).join(""));
		marks.replaceChildren(
			...places.map(({ point: [x, y], members }) =>
				members.length === 1
					? h("rect", { class: "dt-place", x: x - 0.14, y: -y - 0.14, width: 0.28, height: 0.28 })
					: h("path", { class: "dt-place", d: `M${x} ${-y - 0.12}l0.12 0.2h-0.24z` }),
			),
		);
	}

	return {
		element,
		arrow,
		draw(points, kernel, places) {
			if (places) drawBasins(points, kernel, places);
			reaches.replaceChildren(
				...points.map(([x, y]) => h("circle", { class: "dt-reach", cx: x, cy: -y, r: kernel.width })),
			);
			memos.replaceChildren(
				...points.flatMap(([x, y], k) => [
					h("rect", { class: "dt-memo", x: x - 0.1, y: -y - 0.1, width: 0.2, height: 0.2 }),
					h("text", { class: "dt-memo-text", x, y: -y + 0.062 }, `${k + 1}`),
				]),
			);
			drops.setAttribute("d", "");
		},
		drops: (fallen) => drops.setAttribute("d", fallen.map((x) => dot(x, 0.034)).join("")),
		ball(states) {
			const [x, y] = states.at(-1);
			ball.setAttribute("cx", x);
			ball.setAttribute("cy", -y);
			const d = polyline(
				states,
				(u) => u,
				(v) => -v,
				3,
			);
			trail.setAttribute("d", d);
		},
		choose([x, y]) {
			chosen.setAttribute("x", x - 0.22);
			chosen.setAttribute("y", -y - 0.22);
		},
	};
}
