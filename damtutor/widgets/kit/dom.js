// Elements, pictures of ±1 pixels, and the grid that can be painted.

/**
 * An element with its attributes and children.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] - a function under "onevent" listens; false and null are left out
 * @param {any} children - elements or texts; null is left out
 * @returns {any} an HTML or SVG element
 */
export function h(tag, attributes = {}, ...children) {
	const space = /^(svg|g|path|rect|circle|line|text|title)$/.test(tag) ? "http://www.w3.org/2000/svg" : null;
	const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (value === true) element.setAttribute(name, "");
		else if (value !== false && value != null) element.setAttribute(name, value);
	}
	element.append(...children.filter((child) => child != null));
	return element;
}

/**
 * By how much the letters of a chart are larger than usual: as the reader has told the browser, and there is room for.
 * @param {number} width - of the chart
 * @returns {number}
 */
export const letters = (width) =>
	Math.min(parseFloat(getComputedStyle(document.documentElement).fontSize) / 16, Math.max(1, width / 320));

/**
 * Follows a pointer from where it comes down on an element until it lets go, wherever it is meanwhile.
 * @param {any} element
 * @param {{ begin: (event: PointerEvent) => boolean | void, move: (event: PointerEvent) => void,
 *   end: () => void }} hand - begin answers false if there is nothing to hold
 */
export function holdPointer(element, { begin, move, end }) {
	let held = false;
	element.addEventListener("pointerdown", (event) => {
		if (event.button > 0 || begin(event) === false) return;
		element.setPointerCapture(event.pointerId);
		held = true;
	});
	element.addEventListener("pointermove", (event) => held && move(event));
	for (const name of ["pointerup", "pointercancel"]) {
		element.addEventListener(name, () => {
			if (held) end();
			held = false;
		});
	}
}

/**
 * One path for all pixels that are on: a strip of twenty pictures changes twenty attributes, not a thousand.
 * @param {ArrayLike<number>} state - one number a pixel, on if above 0
 * @param {number} width
 * @param {number} [gap] - free space around each pixel
 * @returns {string} the path
 */
export function ink(state, width, gap = 0) {
	let d = "";
	const side = 1 - 2 * gap;
	for (let i = 0; i < state.length; i += 1) {
		if (state[i] > 0) d += `M${(i % width) + gap} ${Math.floor(i / width) + gap}h${side}v${side}h-${side}z`;
	}
	return d;
}

/**
 * A line from point to point, as a path.
 * @param {number[][]} points
 * @param {(x: number) => number} px - where in the picture
 * @param {(y: number) => number} py
 * @param {number} [digits]
 * @returns {string} the path
 */
export const polyline = (points, px, py, digits = 1) =>
	points.map(([x, y], k) => `${k ? "L" : "M"}${px(x).toFixed(digits)} ${py(y).toFixed(digits)}`).join("");

/**
 * A picture; role is "stored" (blue, square corners) or "state" (orange, round corners).
 * @param {number} width
 * @param {number} height
 * @param {"stored" | "state"} role
 * @returns {{ element: HTMLElement, draw: (state: ArrayLike<number>) => void }}
 */
export function thumbnail(width, height, role) {
	const path = h("path", { class: "dt-ink" });
	const box = h("svg", { viewBox: `0 0 ${width} ${height}`, class: "dt-pixels", "aria-hidden": "true" }, path);
	const element = h("span", { class: `dt-thumb dt-${role}` }, box);
	return {
		element,
		draw(state) {
			path.setAttribute("d", ink(state, width));
		},
	};
}

/**
 * The state, large. `paint` is called for every pixel that pointer or Enter changes, `begin` before a stroke, `end`
 *   after.
 * @param {number} width
 * @param {number} height
 * @param {{ begin: () => void, paint: (i: number, value: number) => void, end: () => void,
 *   describe: (words: string) => void }} hand
 * @returns {{ element: HTMLElement, draw: (next: ArrayLike<number>, visited?: number) => void, move: (dx: number,
 *   dy: number) => void, flip: () => void }}
 */
export function paintGrid(width, height, { begin, paint, end, describe }) {
	const path = h("path", { class: "dt-ink" });
	const seen = h("rect", { class: "dt-seen", width: 1, height: 1, visibility: "hidden" });
	const cursor = h("rect", { class: "dt-cursor", width: 1, height: 1 });
	let lines = "";
	for (let x = 1; x < width; x += 1) lines += `M${x} 0v${height}`;
	for (let y = 1; y < height; y += 1) lines += `M0 ${y}h${width}`;
	const box = h(
		"svg",
		{ viewBox: `0 0 ${width} ${height}`, class: "dt-pixels", "aria-hidden": "true" },
		path,
		h("path", { class: "dt-mesh", d: lines }),
		seen,
		cursor,
	);
	const element = h(
		"div",
		{
			class: "dt-grid dt-state",
			tabindex: 0,
			role: "application",
			"aria-roledescription": "pixel grid",
			"aria-label": `State, ${width} by ${height} pixels. Arrows move, Enter flips a pixel.`,
		},
		box,
	);
	let state = null;
	let at = 0;
	let value = 0;
	const place = (rect, i) => {
		rect.setAttribute("x", i % width);
		rect.setAttribute("y", Math.floor(i / width));
	};
	const set = (i, v) => {
		at = i;
		place(cursor, i);
		if (state[i] !== v) paint(i, v);
	};
	const describeCursor = () =>
		describe(`row ${Math.floor(at / width) + 1}, column ${(at % width) + 1}, ${state[at] > 0 ? "on" : "off"}`);
	const under = (event) => {
		const r = box.getBoundingClientRect();
		const x = Math.floor(((event.clientX - r.left) / r.width) * width);
		const y = Math.floor(((event.clientY - r.top) / r.height) * height);
		return x < 0 || y < 0 || x >= width || y >= height ? -1 : y * width + x;
	};
	holdPointer(element, {
		begin(event) {
			const i = under(event);
			if (i < 0) return false;
			value = -state[i];
			begin();
			return set(i, value);
		},
		move(event) {
			const i = under(event);
			if (i >= 0) set(i, value);
		},
		end,
	});
	return {
		element,
		draw(next, visited = -1) {
			state = next;
			path.setAttribute("d", ink(state, width, 0.06));
			seen.setAttribute("visibility", visited < 0 ? "hidden" : "visible");
			if (visited >= 0) place(seen, visited);
		},
		move(dx, dy) {
			const x = Math.min(width - 1, Math.max(0, (at % width) + dx));
			const y = Math.min(height - 1, Math.max(0, Math.floor(at / width) + dy));
			at = y * width + x;
			place(cursor, at);
			describeCursor();
		},
		flip() {
			begin();
			set(at, -state[at]);
			end();
			describeCursor();
		},
	};
}
