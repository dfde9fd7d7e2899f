// Small line charts in SVG. Colours are classes, so that the theme changes without a redraw.
import { h, letters, polyline } from "./dom.js";

/** @typedef {{ min: number, max: number, at: number[], text?: (v: number) => string, title?: string }} Axis */
/** @typedef {{ role: string, points: number[][] }} Line */
/** @typedef {{ role: string, x: number, y: number, error?: number }} Mark - role is one of SHAPES; ± error as a bar */
/**
 * @typedef {object} Drawing
 * @property {Axis} x
 * @property {Axis} y
 * @property {Line[]} [lines]
 * @property {Mark[]} [marks]
 * @property {number[]} [ticks] - events on the horizontal axis
 * @property {{ x: number, text: string }} [guide] - an upright line
 * @property {string} [alt] - the chart in words
 * @property {(px: (v: number) => number, py: (v: number) => number) => void} [placed] - hears at every drawing where on
 *   screen a value lies
 */

const EDGE = { left: 46, right: 12, top: 10, bottom: 34 };

const SHAPES = {
	stored: (x, y) => h("rect", { x: x - 4, y: y - 4, width: 8, height: 8, class: "dt-fill-stored" }),
	state: (x, y) => h("circle", { cx: x, cy: y, r: 5, class: "dt-ring-state" }),
	measured: (x, y) => h("circle", { cx: x, cy: y, r: 4.5, class: "dt-dot" }),
	past: (x, y) => h("circle", { cx: x, cy: y, r: 3, class: "dt-past" }),
	second: (x, y) => h("path", { d: `M${x - 6} ${y}l6 -6l6 6l-6 6z`, class: "dt-dot" }),
	third: (x, y) => h("path", { d: `M${x - 6} ${y - 5}h12l-6 10z`, class: "dt-dot" }),
	negative: (x, y) => h("circle", { cx: x, cy: y, r: 6, class: "dt-hollow" }),
};

/**
 * A chart at the end of `parent`, empty until `draw`.
 * @param {HTMLElement} parent
 * @param {string} name - what stands above it
 * @param {number} [pixels] - its height, in letters of the usual size
 * @returns {{ element: HTMLElement, box: any, draw: (data: Drawing) => void,
 *   key: (...words: (string | Node)[]) => void, dispose: () => void }}
 */
export function chart(parent, name, pixels = 150) {
	const box = h("svg", { class: "dt-chart", role: "img" });
	const key = h("p", { class: "dt-key" });
	const element = h("figure", { class: "dt-figure" }, h("figcaption", {}, name), box, key);
	parent.append(element);
	let last = null;
	const redraw = () => last && draw(last);
	const watch = new ResizeObserver(redraw);
	watch.observe(element);

	function draw(data) {
		last = data;
		const width = Math.max(220, element.clientWidth || 340);
		const size = letters(width);
		const height = pixels * size;
		const { x, y, lines = [], marks = [], ticks = [], guide = null, alt = "", placed = null } = data;
		const [left, right] = [EDGE.left * size, width - EDGE.right * size];
		const foot = height - EDGE.bottom * size;
		// Room for its words.
		const ceiling = EDGE.top + (guide ? 14 * size : 0);
		const px = (v) => left + ((v - x.min) / (x.max - x.min || 1)) * (right - left);
		const py = (v) => foot - ((v - y.min) / (y.max - y.min || 1)) * (foot - ceiling);
		const parts = [h("title", {}, alt)];
		const text = (u, v, words, cls, anchor) => h("text", { x: u, y: v, class: cls, "text-anchor": anchor }, words);
		for (const v of y.at) {
			parts.push(h("line", { x1: left, x2: right, y1: py(v), y2: py(v), class: "dt-rule" }));
			parts.push(text(left - 6, py(v) + 4 * size, y.text ? y.text(v) : `${v}`, "dt-tick", "end"));
		}
		for (const v of x.at) parts.push(text(px(v), foot + 15 * size, x.text ? x.text(v) : `${v}`, "dt-tick", "middle"));
		parts.push(text((left + width) / 2, height - 4 * size, x.title, "dt-axis", "middle"));
		for (const v of ticks) parts.push(h("line", { x1: px(v), x2: px(v), y1: foot, y2: foot - 7, class: "dt-event" }));
		if (guide) {
			parts.push(h("line", { x1: px(guide.x), x2: px(guide.x), y1: EDGE.top - 6, y2: foot, class: "dt-guess" }));
			const late = px(guide.x) > width - 90 * size;
			parts.push(text(px(guide.x) + (late ? -5 : 5), 14 * size, guide.text, "dt-tick", late ? "end" : "start"));
		}
		for (const line of lines) {
			parts.push(h("path", { d: polyline(line.points, px, py), class: `dt-line dt-line-${line.role}` }));
		}
		for (const mark of marks) {
			const bar = (at) => `M${px(mark.x) - 4} ${py(at)}h8`;
			const [high, low] = [mark.y + mark.error, mark.y - mark.error];
			if (mark.error)
				parts.push(
					h("path", { d: `${bar(high)}${bar(low)}M${px(mark.x)} ${py(high)}V${py(low)}`, class: "dt-whisker" }),
				);
			parts.push(SHAPES[mark.role](px(mark.x), py(mark.y)));
		}
		box.style.cssText = `font-size:${12 * size}px;height:${height}px`;
		box.setAttribute("viewBox", `0 0 ${width} ${height}`);
		box.setAttribute("aria-label", alt);
		box.replaceChildren(...parts);
		if (placed) placed(px, py);
	}

	return { element, box, draw, key: (...words) => key.replaceChildren(...words), dispose: () => watch.disconnect() };
}

/**
 * Round numbers for an axis from low to high, at most about `count` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} [count]
 * @returns {number[]}
 */
export function roundTicks(low, high, count = 4) {
	const raw = (high - low || 1) / count;
	const power = 10 ** Math.floor(Math.log10(raw));
	const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw);
	const ticks = [];
	for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k += 1)
		ticks.push(Number((k * step).toPrecision(12)));
	return ticks;
}
