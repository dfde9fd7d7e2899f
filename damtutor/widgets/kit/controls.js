// The controls of an instrument: each shows one setting, and changes it. Python declares them (`Setting` in
// settings.py): what a setting may be, how it is said, and by which control.
import { h } from "./dom.js";

/** @typedef {{ kind: string, label: string, text: string | string[], hint?: string }} Declared */

// All values under one shape of `allowed` (see link.js) that a control can show.
function listed(shape) {
	if (Array.isArray(shape)) return shape;
	if ("from" in shape) return Array.from({ length: shape.to - shape.from + 1 }, (_, k) => shape.from + k);
	const unit = 10 ** shape.digits;
	const first = Math.round(unit * shape.low);
	return Array.from({ length: Math.round(unit * shape.high) - first + 1 }, (_, k) => (first + k) / unit);
}

/**
 * An empty panel, and what adds to it: `offered` is what an instrument may use.
 * @param {import("./frame.js").Frame} frame
 * @param {Record<string, any>} config - with what Python declared
 * @param {(values: Record<string, any>, final?: boolean) => void} change - takes over what a control says; final is
 *   false while a slider moves
 * @returns {{ element: HTMLElement, seed: () => void, offered: Record<string, any>, refresh: () => void }}
 */
export function openControls(frame, config, change) {
	const { settings, id } = frame;
	const controls = {};
	const lists = {};
	const go = h("div", { class: "dt-go" });
	const element = h("div", { class: "dt-controls" }, go);
	const row = (cls, ...children) => element.insertBefore(h("div", { class: `dt-ctl ${cls}` }, ...children), go);
	const values = (key) => (lists[key] ??= listed(config.allowed[key]));
	function text(key, value = settings[key]) {
		const said = /** @type {Declared} */ (config.controls[key]).text;
		if (Array.isArray(said)) return said[values(key).indexOf(value)];
		return said.replace(/\{(?::\.(\d)f)?\}/, (_, digits) => (digits ? value.toFixed(digits) : `${value}`));
	}
	function add(key, input, show) {
		controls[key] = { show, input };
		show();
	}
	function slider(key, label, main) {
		const name = id(key);
		const output = h("output", { for: name });
		const input = h("input", { type: "range", id: name, min: 0, max: values(key).length - 1, step: 1 });
		let moving = false;
		const take = (final) => {
			if (!moving) frame.mark();
			moving = !final;
			change({ [key]: values(key)[Number(input.value)] }, final);
		};
		input.addEventListener("input", () => take(false));
		input.addEventListener("change", () => take(true));
		row(main ? "dt-wide dt-main" : "dt-wide", h("label", { for: name }, label), input, output);
		add(key, input, () => {
			input.value = values(key).indexOf(settings[key]);
			output.textContent = text(key);
			input.setAttribute("aria-valuetext", output.textContent);
		});
	}
	function select(key, label) {
		const name = id(key);
		const options = values(key).map((value) => h("option", { value }, text(key, value)));
		const input = h("select", { id: name }, ...options);
		input.addEventListener("change", () => frame.change({ [key]: values(key)[input.selectedIndex] }));
		row("", h("label", { for: name }, label), input);
		add(key, input, () => {
			input.selectedIndex = values(key).indexOf(settings[key]);
		});
	}
	function checkbox(key, label, hint) {
		const input = h("input", { type: "checkbox" });
		input.addEventListener("change", () => frame.change({ [key]: input.checked }));
		row("", h("label", { title: hint }, input, ` ${label}`));
		add(key, input, () => {
			input.checked = settings[key];
		});
	}
	function control(key) {
		const { kind, label, hint } = /** @type {Declared} */ (config.controls[key]);
		if (kind === "select") select(key, label);
		else if (kind === "checkbox") checkbox(key, label, hint);
		else slider(key, label, kind === "main");
	}
	function button(words, act, title = null) {
		const made = h("button", { type: "button", title, onclick: act }, words);
		go.append(made);
		return made;
	}
	function seed() {
		const shown = h("output", { class: "dt-seed" });
		const next = () => frame.change({ seed: (settings.seed + 1) % (config.allowed.seed.to + 1) });
		const more = h("button", { type: "button", onclick: next }, "next");
		go.append(h("span", { class: "dt-seedbox", role: "group", "aria-label": "Seed" }, "seed ", shown, " ", more));
		add("seed", null, () => {
			shown.textContent = settings.seed;
		});
	}
	function enable(key, on) {
		controls[key].input.disabled = !on;
	}
	function defaults() {
		const { seed: _, ...start } = structuredClone(config.defaults);
		return start;
	}
	function refresh() {
		for (const { show } of Object.values(controls)) show();
	}
	return { element, seed, offered: { control, values, text, defaults, button, enable, refresh }, refresh };
}
