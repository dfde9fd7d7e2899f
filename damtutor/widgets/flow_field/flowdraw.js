// Pictures of the flow field: the plane with its arrows, and fixed points over β.
import { h, holdPointer, letters, polyline } from "../kit/dom.js";
import { openPlane } from "../kit/plane_view.js";

const SIDE = 400;
const CELLS = 15;
const INK = "fill: none; stroke: var(--fg); stroke-width: ";

// One shape for each kind of fixed point: a disc for one memory, a triangle for a few, a square for all.
function mark(kind, x, y, r) {
	if (kind === "unstable") return `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`;
	if (kind === "one") return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
	if (kind === "few") return `M${x} ${y - 1.3 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}z`;
	return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
}

/**
 * What kind of fixed point it is.
 * @param {{ stable: boolean, nEff: number }} point
 * @param {number} count - of memories
 * @returns {"unstable" | "one" | "all" | "few"}
 */
export function kindOf({ stable, nEff }, count) {
	if (!stable) return "unstable";
	return nEff < 1.5 ? "one" : nEff > 0.8 * count ? "all" : "few";
}

/**
 * The plane with its arrows, memories, fixed points and the state.
 * @param {import("../kit/frame.js").Frame} frame
 * @param {import("../kit/plane_view.js").Hand} hand
 * @returns {{ element: HTMLElement, arrow: (dx: number, dy: number) => void,
 *   draw: (data: Record<string, any>) => void }}
 */
export function fieldView(frame, hand) {
	let view = { left: -1, top: 1, size: 2 };
	const { element, box, arrow } = openPlane(frame, {
		label: "State on the plane. Arrows move it, Space plays, full stop steps.",
		element: { class: "dt-grid dt-plane", style: "padding: 0; overflow: hidden" },
		box: { viewBox: `0 0 ${SIDE} ${SIDE}`, class: "dt-chart" },
		view: () => view,
		hand,
	});
	const px = (x) => ((x - view.left) / view.size) * SIDE;
	const py = (y) => ((view.top - y) / view.size) * SIDE;
	function arrows(step) {
		let d = "";
		const cell = SIDE / CELLS;
		for (let i = 0; i < CELLS; i += 1) {
			for (let j = 0; j < CELLS; j += 1) {
				const [u, v] = [(i + 0.5) * cell, (j + 0.5) * cell];
				const at = [view.left + (u / SIDE) * view.size, view.top - (v / SIDE) * view.size];
				const f = step(at);
				const [dx, dy] = [px(f[0]) - u, py(f[1]) - v];
				const length = Math.hypot(dx, dy) || 1e-9;
				const shown = 0.85 * cell * Math.tanh(length / (1.2 * cell));
				const [a, b] = [(dx / length) * shown, (dy / length) * shown];
				const tip = Math.min(5, 0.4 * shown);
				const [c, s] = [(dx / length) * tip, (dy / length) * tip];
				d += `M${(u - a / 2).toFixed(1)} ${(v - b / 2).toFixed(1)}l${a.toFixed(1)} ${b.toFixed(1)}`;
				d +=
					`m${(-c - 0.6 * s).toFixed(1)} ${(-s + 0.6 * c).toFixed(1)}l${(c + 0.6 * s).toFixed(1)} ` +
					`${(s - 0.6 * c).toFixed(1)}l${(-c + 0.6 * s).toFixed(1)} ${(-s - 0.6 * c).toFixed(1)}`;
			}
		}
		return d;
	}
	function draw({ rows, step, points, path, at }) {
		const spans = [0, 1].map((k) => [Math.min(...rows.map((r) => r[k])), Math.max(...rows.map((r) => r[k]))]);
		const size = 1.35 * Math.max(...spans.map(([low, high]) => high - low));
		view = { left: (spans[0][0] + spans[0][1] - size) / 2, top: (spans[1][0] + spans[1][1] + size) / 2, size };
		const parts = [h("path", { d: arrows(step), style: "fill: none; stroke: var(--edge); stroke-width: 1.2" })];
		for (const [x, y] of rows)
			parts.push(
				h("rect", {
					x: px(x) - 9,
					y: py(y) - 9,
					width: 18,
					height: 18,
					style: "fill: none; stroke: var(--stored); stroke-width: 3",
				}),
			);
		for (const point of points) {
			const kind = kindOf(point, rows.length);
			const [x, y] = [px(point.at[0]), py(point.at[1])];
			parts.push(
				h("path", {
					d: mark(kind, x, y, kind === "unstable" ? 4 : 5.5),
					style: kind === "unstable" ? `${INK}2` : "fill: var(--fg)",
				}),
			);
			if (kind !== "unstable")
				parts.push(
					h(
						"text",
						{
							x: x + (x > SIDE - 50 ? -11 : 11),
							y: y - 10,
							class: "dt-tick",
							style: "fill: var(--fg); font-weight: 700; paint-order: stroke; stroke: var(--bg); stroke-width: 3px",
							"text-anchor": x > SIDE - 50 ? "end" : "start",
						},
						point.nEff.toFixed(1),
					),
				);
		}
		parts.push(h("path", { d: polyline(path, px, py), class: "dt-line dt-line-state" }));
		parts.push(
			h("circle", { cx: px(at[0]), cy: py(at[1]), r: 9, style: "fill: none; stroke: var(--state); stroke-width: 4" }),
		);
		box.replaceChildren(...parts);
	}
	return { element, arrow, draw };
}

const EDGE = { left: 34, right: 12, top: 14, bottom: 34 };
const TICKS = [0.3, 0.5, 1, 1.5, 2, 3, 4, 6, 10, 20, 60];

/**
 * n_eff of the fixed points over β. `choose` is called while the line is pulled, `begin` before, `end` after.
 * @param {{ begin: () => void, choose: (beta: number) => void, end: () => void }} hand
 * @returns {{ element: HTMLElement, draw: (data: Record<string, any>) => void, dispose: () => void }}
 */
export function branchView({ begin, choose, end }) {
	const box = h("svg", { class: "dt-chart", role: "img", style: "touch-action: none; cursor: ew-resize" });
	const key = h(
		"p",
		{ class: "dt-key" },
		"dots: stable · small grey dots: unstable · trail of the state: solid while β rises, dashed while it falls",
	);
	const element = h(
		"figure",
		{ class: "dt-figure" },
		h("figcaption", {}, "Memories that take part (n_eff) at the fixed points, over β. Pull the line."),
		box,
		key,
	);
	let last = null;
	const width = () => Math.max(220, element.clientWidth || 340);
	const sides = () => [EDGE.left * letters(width()), width() - EDGE.right];
	const watch = new ResizeObserver(() => last && draw(last));
	watch.observe(element);
	const pick = (event) => {
		const r = box.getBoundingClientRect();
		const [left, right] = sides();
		const part = ((event.clientX - r.left) * (width() / r.width) - left) / (right - left);
		const [low, high] = last.window;
		choose(low * (high / low) ** Math.min(1, Math.max(0, part)));
	};
	holdPointer(box, {
		begin(event) {
			begin();
			pick(event);
		},
		move: pick,
		end,
	});
	function draw(data) {
		last = data;
		const {
			window: [low, high],
			count,
			branches,
			beta,
			nEff,
			up,
			down,
			alt,
		} = data;
		const [size, [left, right]] = [letters(width()), sides()];
		const height = 300 * size;
		const [w, foot] = [width(), height - EDGE.bottom * size];
		const px = (b) => left + (Math.log(Math.min(high, Math.max(low, b)) / low) / Math.log(high / low)) * (right - left);
		const py = (n) => foot - (n / count) * (foot - EDGE.top);
		const dots = (stable) =>
			branches
				.filter((p) => p.stable === stable)
				.map((p) => `M${px(p.beta).toFixed(1)} ${py(p.nEff).toFixed(1)}h0.01`)
				.join("");
		const text = (x, y, words, anchor, cls = "dt-tick") =>
			h("text", { x, y, class: cls, "text-anchor": anchor }, words);
		const parts = [h("title", {}, alt)];
		for (const n of count > 6 ? [1, 2, 4, 8, 12] : [1, 2, 3]) {
			parts.push(
				h("line", { x1: left, x2: right, y1: py(n), y2: py(n), class: "dt-rule" }),
				text(left - 6, py(n) + 4 * size, `${n}`, "end"),
			);
		}
		for (const b of TICKS.filter((t) => t >= low && t <= high))
			parts.push(text(px(b), foot + 15 * size, `${b}`, "middle"));
		parts.push(text((left + w) / 2, height - 4 * size, "inverse temperature β, logarithmic", "middle", "dt-axis"));
		parts.push(
			h("path", { d: dots(false), style: "fill: none; stroke: var(--edge); stroke-width: 3; stroke-linecap: round" }),
		);
		parts.push(
			h("path", { d: dots(true), style: "fill: none; stroke: var(--fg); stroke-width: 6; stroke-linecap: round" }),
		);
		parts.push(h("path", { d: polyline(up, px, py), class: "dt-line dt-line-state", style: "stroke-width: 3" }));
		parts.push(
			h("path", {
				d: polyline(down, px, py),
				class: "dt-line dt-line-state",
				style: "stroke-width: 3; stroke-dasharray: 6 4",
			}),
		);
		parts.push(h("line", { x1: px(beta), x2: px(beta), y1: EDGE.top - 8, y2: foot, class: "dt-guess" }));
		parts.push(
			h("circle", { cx: px(beta), cy: py(nEff), r: 7, style: "fill: none; stroke: var(--state); stroke-width: 4" }),
		);
		box.style.fontSize = `${12 * size}px`;
		box.setAttribute("height", height);
		box.setAttribute("viewBox", `0 0 ${w} ${height}`);
		box.setAttribute("aria-label", alt);
		box.replaceChildren(...parts);
	}
	return { element, draw, dispose: () => watch.disconnect() };
}
