// The controls of an instrument: each shows one setting, and changes it.
import { h } from "./dom.js";

const SEED_COUNT = 1_000_000; // SEEDS in settings.py

/**
 * An empty panel, and what adds to it: `offered` is what an instrument may add.
 * @param {import("./frame.js").Frame} frame
 * @param {(values: Record<string, any>, final?: boolean) => void} change - takes over what a control says; final is
 *   false while a slider moves
 * @returns {{ element: HTMLElement, seed: () => void, offered: Record<string, any>, enable: (key: string,
 *   on: boolean) => void, refresh: () => void }}
 */
export function openControls(frame, change) {
	const { settings, id } = frame;
	const controls = {};
	const go = h("div", { class: "dt-go" });
	const element = h("div", { class: "dt-controls" }, go);
	const row = (cls, ...children) => element.insertBefore(h("div", { class: `dt-ctl ${cls}` }, ...children), go);

	function add(key, input, show) {
		controls[key] = { show, input };
		show();
	}
	function range({ key, label, values, text = String, main = false }) {
		const name = id(key);
		const output = h("output", { for: name });
		const input = h("input", { type: "range", id: name, min: 0, max: values.length - 1, step: 1 });
		let moving = false;
		const take = (final) => {
			if (!moving) frame.mark();
			moving = !final;
			change({ [key]: values[Number(input.value)] }, final);
		};
		input.addEventListener("input", () => take(false));
		input.addEventListener("change", () => take(true));
		row(main ? "dt-wide dt-main" : "dt-wide", h("label", { for: name }, label), input, output);
		add(key, input, () => {
			input.value = values.indexOf(settings[key]);
			output.textContent = text(settings[key]);
			input.setAttribute("aria-valuetext", output.textContent);
		});
	}
	function select({ key, label, options }) {
		const name = id(key);
		const input = h("select", { id: name }, ...options.map(([value, words]) => h("option", { value }, words)));
		input.addEventListener("change", () => frame.change({ [key]: options[input.selectedIndex][0] }));
		row("", h("label", { for: name }, label), input);
		add(key, input, () => {
			input.selectedIndex = options.findIndex(([v]) => v === settings[key]);
		});
	}
	function toggleBox({ key, label, hint }) {
		const input = h("input", { type: "checkbox" });
		input.addEventListener("change", () => frame.change({ [key]: input.checked }));
		row("", h("label", { title: hint }, input, ` ${label}`));
		add(key, input, () => {
			input.checked = settings[key];
		});
	}
	function button(words, act, title = null) {
		const made = h("button", { type: "button", title, onclick: act }, words);
		go.append(made);
		return made;
	}
	function seed() {
		const shown = h("output", { class: "dt-seed" });
		const next = () => frame.change({ seed: (settings.seed + 1) % SEED_COUNT });
		const more = h("button", { type: "button", onclick: next }, "next");
		go.append(h("span", { class: "dt-seedbox", role: "group", "aria-label": "Seed" }, "seed ", shown, " ", more));
		add("seed", null, () => {
			shown.textContent = settings.seed;
		});
	}
	return {
		element,
		seed,
		offered: { range, select, toggleBox, button },
		enable(key, on) {
			controls[key].input.disabled = !on;
		},
		refresh() {
			for (const control of Object.values(controls)) control.show();
		},
	};
}
