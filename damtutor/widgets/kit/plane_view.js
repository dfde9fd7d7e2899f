// A plane with points to take hold of: pointer, arrow keys, coordinates, its words for a screen reader. The instrument
// draws what lies on it, into the plane's box.
import { h, holdPointer } from "./dom.js";

/** @typedef {number[]} Point - [x, y] */
/**
 * @typedef {object} Hand - what can be moved
 * @property {(at: Point) => Point} take - the pointer has come down: chooses a point, and says where it is
 * @property {() => Point} where - the chosen point
 * @property {(at: Point) => void} put - moves it
 * @property {() => string} describe - it and its place, in words
 */

const NUDGE = 0.05;

/**
 * An empty plane. A drag, or an arrow key, is one step of undo.
 * @param {import("./frame.js").Frame} frame
 * @param {{ label: string, element: Record<string, any>, box: Record<string, any>,
 *   view: () => { left: number, top: number, size: number }, hand: Hand }} options - label says what the keys do;
 *   element and box: attributes of the plane and of its picture; view: the square on show
 * @returns {{ element: HTMLElement, box: any, arrow: (dx: number, dy: number) => void }}
 */
export function openPlane(frame, { label, element: attributes, box: picture, view, hand }) {
	const box = h("svg", { ...picture, "aria-hidden": "true" });
	const element = h(
		"div",
		{ ...attributes, tabindex: 0, role: "application", "aria-roledescription": "plane", "aria-label": label },
		box,
	);
	const under = (event) => {
		const r = box.getBoundingClientRect();
		const { left, top, size } = view();
		return [left + ((event.clientX - r.left) / r.width) * size, top - ((event.clientY - r.top) / r.height) * size];
	};
	// From the pointer to what it holds.
	let off = [0, 0];
	holdPointer(element, {
		begin(event) {
			frame.stop();
			frame.mark();
			const at = under(event);
			const from = hand.take(at);
			off = [from[0] - at[0], from[1] - at[1]];
			hand.put(from);
		},
		move(event) {
			const [x, y] = under(event);
			hand.put([x + off[0], y + off[1]]);
		},
		end: frame.publish,
	});
	return {
		element,
		box,
		arrow(dx, dy) {
			frame.stop();
			frame.mark();
			const [x, y] = hand.where();
			hand.put([x + dx * NUDGE, y - dy * NUDGE]);
			frame.publish();
			frame.say(hand.describe());
		},
	};
}
