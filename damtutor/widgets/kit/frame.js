// What every instrument shares: layout, controls, keys, undo, seed, theme, live region, play loop, settings in step
// with Python. An instrument gives createFrame a description and fills picture, evidence and below.
import { h } from "./dom.js";
import { openShare } from "./share.js";
import { openProjector } from "./projector.js";

const UNDO_DEPTH = 50;
const SEED_COUNT = 1_000_000; // SEEDS in settings.py

// A model with no kernel behind it, for an instrument inside another one.
export function localModel(config, settings) {
	const values = { config, settings };
	return {
		get: (name) => values[name],
		set: (name, value) => (values[name] = value),
		save_changes() {},
		on() {},
		off() {},
	};
}

// JupyterLab and the book say which theme they show; elsewhere the system does.
function followTheme(root) {
	const system = matchMedia("(prefers-color-scheme: dark)");
	const apply = () => {
		const lab = document.body.dataset.jpThemeLight;
		const page = document.documentElement.dataset.theme;
		const known = lab ? (lab === "false" ? "dark" : "light") : page;
		root.dataset.dtTheme = known === "dark" || known === "light" ? known : system.matches ? "dark" : "light";
	};
	const watch = new MutationObserver(apply);
	watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
	watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
	system.addEventListener("change", apply);
	apply();
	return () => {
		watch.disconnect();
		system.removeEventListener("change", apply);
	};
}

// spec: { el, model, name, tryThis, layout: "side" | "stack", update(key), reset(), take(), put(extra),
//   play: { advance() -> more?, draw() }, step(), arrow(dx, dy), enter(), keys: [[key, words]], share }; all but the first
// six are optional. update(null) means that anything may have changed. share: false for one inside another instrument.
export function createFrame(spec) {
	const { el, model } = spec;
	const settings = { ...model.get("settings") };
	const mark0 = Math.random().toString(36).slice(2, 8); // ids must differ between instruments on a page
	let count = 0;
	const id = (word) => `dt-${word}-${mark0}-${(count += 1)}`;
	const history = [];
	let started = false;
	const controls = {};

	const area = (word) => h("div", { class: `dt-${word}` });
	const frame = { settings, id, picture: area("picture"), evidence: area("evidence"), below: area("below") };
	frame.gates = area("gates");
	const panel = area("controls");
	const go = area("go");
	const live = h("p", { class: "dt-live", role: "status" });
	const help = h("dl", { class: "dt-help", hidden: true });
	const intro = h("p", { class: "dt-try" }, h("strong", {}, "Try this: "), spec.tryThis);
	const body = h("div", { class: "dt-body" }, frame.picture, panel, frame.evidence, frame.below);
	const root = h(
		"div",
		{ class: `dt dt-${spec.layout}`, role: "group", "aria-label": spec.name, tabindex: -1, onkeydown: onKey },
		intro,
		frame.gates,
		body,
		help,
		live,
	);
	const unfollow = followTheme(root);
	el.append(root);
	frame.root = root;
	const say = (sentence) => frame.say(sentence);
	const projector = openProjector(root, { say });
	const share = openShare({ root, links: spec.share !== false, model, settings, say, follow });
	help.before(share.note);
	frame.whenShown = projector.whenShown;

	// --- settings: one plain object, shown by controls, shared with Python when a gesture ends
	function refresh() {
		for (const control of Object.values(controls)) control.show();
	}
	frame.publish = () => {
		model.set("settings", { ...settings });
		model.save_changes();
	};
	function change(values, final = true) {
		Object.assign(settings, values);
		refresh();
		share.changed();
		spec.update(Object.keys(values)[0]);
		if (final) frame.publish();
	}
	function fromPython() {
		const next = model.get("settings");
		if (Object.keys(next).every((key) => JSON.stringify(next[key]) === JSON.stringify(settings[key]))) return;
		frame.mark();
		Object.assign(settings, next);
		refresh();
		spec.update(null);
	}
	model.on("change:settings", fromPython);
	frame.change = (values) => {
		frame.mark();
		change(values);
	};
	// What an address says: before the instrument has drawn anything, or later.
	function follow(values) {
		if (!started) return void Object.assign(settings, values);
		frame.stop();
		frame.mark();
		Object.assign(settings, values);
		refresh();
		spec.update(null);
	}

	// --- undo
	frame.mark = () => {
		const now = JSON.stringify({ settings, extra: spec.take ? spec.take() : null });
		if (now === history.at(-1)) return; // reset or a step marks, then the change it makes does: one undo
		history.push(now);
		if (history.length > UNDO_DEPTH) history.shift();
	};
	frame.undo = () => {
		frame.stop();
		if (!history.length) return frame.say("Nothing to undo.");
		const old = JSON.parse(history.pop());
		Object.assign(settings, old.settings);
		refresh();
		spec.update(null);
		if (spec.put) spec.put(old.extra);
		frame.publish();
		return frame.say("Undone.");
	};
	frame.reset = () => {
		frame.stop();
		frame.mark();
		spec.reset();
		frame.say("Back to the start.");
	};

	// --- live region: the last sentence of a burst, politely
	let timer = 0;
	frame.say = (sentence) => {
		clearTimeout(timer);
		timer = setTimeout(() => (live.textContent = sentence), 250);
	};

	// --- play: one step a frame; with reduced motion, the end at once
	let ticket = 0;
	let playButton = null;
	const showPlay = () => playButton && (playButton.textContent = ticket ? "Pause" : "Play");
	frame.stop = () => {
		cancelAnimationFrame(ticket);
		ticket = 0;
		showPlay();
	};
	frame.toggle = () => {
		if (!spec.play) return;
		if (ticket) return void frame.stop();
		frame.mark();
		if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
			while (spec.play.advance());
			return void spec.play.draw();
		}
		const tick = () => {
			const more = spec.play.advance();
			spec.play.draw();
			if (more) ticket = requestAnimationFrame(tick);
			else frame.stop();
		};
		ticket = requestAnimationFrame(tick);
		showPlay();
	};
	frame.step = () => {
		frame.stop();
		if (!spec.step) return;
		frame.mark();
		spec.step();
	};

	share.start();

	// --- controls
	const row = (cls, ...children) => panel.insertBefore(h("div", { class: `dt-ctl ${cls}` }, ...children), go);
	panel.append(go);
	frame.range = ({ key, label, values, text = String, main = false }) => {
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
		const show = () => {
			input.value = values.indexOf(settings[key]);
			output.textContent = text(settings[key]);
			input.setAttribute("aria-valuetext", output.textContent);
		};
		controls[key] = { show, input };
		row(main ? "dt-wide dt-main" : "dt-wide", h("label", { for: name }, label), input, output);
		show();
	};
	frame.select = ({ key, label, options }) => {
		const name = id(key);
		const input = h("select", { id: name }, ...options.map(([value, words]) => h("option", { value }, words)));
		input.addEventListener("change", () => frame.change({ [key]: options[input.selectedIndex][0] }));
		controls[key] = { show: () => (input.selectedIndex = options.findIndex(([v]) => v === settings[key])), input };
		row("", h("label", { for: name }, label), input);
		controls[key].show();
	};
	frame.toggleBox = ({ key, label, hint }) => {
		const input = h("input", { type: "checkbox" });
		input.addEventListener("change", () => frame.change({ [key]: input.checked }));
		controls[key] = { show: () => (input.checked = settings[key]), input };
		row("", h("label", { title: hint }, input, ` ${label}`));
		controls[key].show();
	};
	frame.button = (words, act, title = null) => {
		const button = h("button", { type: "button", title, onclick: act }, words);
		go.append(button);
		return button;
	};
	frame.enable = (key, on) => (controls[key].input.disabled = !on);
	// Play, undo, reset, seed and the key list, in this order; call it after the controls.
	frame.finish = () => {
		if (spec.play) playButton = frame.button("Play", frame.toggle, "Space");
		frame.button("Undo", frame.undo, "U");
		if (spec.reset) frame.button("Reset", frame.reset, "R");
		if ("seed" in settings) {
			const shown = h("output", { class: "dt-seed" });
			controls.seed = { show: () => (shown.textContent = settings.seed) };
			controls.seed.show();
			const next = h(
				"button",
				{ type: "button", onclick: () => frame.change({ seed: (settings.seed + 1) % SEED_COUNT }) },
				"next",
			);
			go.append(h("span", { class: "dt-seedbox", role: "group", "aria-label": "Seed" }, "seed ", shown, " ", next));
		}
		share.buttons(frame.button);
		frame.button("? Keys", showHelp);
		started = true;
	};
	function showHelp() {
		const own = spec.keys || [];
		const shared = [
			...(spec.play ? [["Space", "play or pause"]] : []),
			...(spec.step ? [[".", "one step"]] : []),
			...(spec.reset ? [["R", "reset"]] : []),
			["U", "undo, 50 deep"],
			["P", "projector: fill the screen"],
			["A", "on the projector: show or hide the answer"],
			["?", "this list"],
		];
		const keys = new Map([...own, ...shared, ...own]); // each key once, in the instrument's own words if it has any
		help.replaceChildren(...[...keys].flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]));
		help.hidden = !help.hidden;
	}

	// --- keys: only inside the instrument, and never what the focused control needs itself
	function onKey(event) {
		if (event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter")) return;
		event.stopPropagation(); // plain keys are ours: JupyterLab and the book have other plans for arrows and letters
		if (event.defaultPrevented) return;
		const target = event.target;
		const free =
			target === root ||
			target.classList.contains("dt-verdict") ||
			(frame.picture.contains(target) && target.tagName === "DIV");
		const button = target.tagName === "BUTTON" || target.type === "checkbox" || target.type === "radio";
		if (!free && !button && target.type !== "range") return;
		const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
		const act = {
			" ": button ? null : spec.play && frame.toggle,
			".": spec.step && frame.step,
			r: spec.reset && frame.reset,
			u: frame.undo,
			p: projector.toggle,
			a: root.classList.contains("dt-projector") && projector.answer,
			"?": showHelp,
			Enter: free ? spec.enter : null,
		}[event.key.length === 1 ? event.key.toLowerCase() : event.key];
		const run = act || (arrow && spec.arrow && frame.picture.contains(target) ? () => spec.arrow(...arrow) : null);
		if (!run) return;
		event.preventDefault();
		run();
	}

	// --- numbers that can be questioned: hover, focus or tap shows where they come from
	frame.readout = (parent, label) => {
		const name = id("why");
		const why = h("span", { class: "dt-why", id: name, role: "tooltip" });
		const number = h("button", { type: "button", class: "dt-num", "aria-describedby": name });
		number.addEventListener("click", () => number.classList.toggle("dt-open"));
		parent.append(h("span", { class: "dt-read" }, `${label} `, number, why));
		return (text, reason) => {
			number.textContent = text;
			why.textContent = reason;
		};
	};

	frame.dispose = () => {
		frame.stop();
		clearTimeout(timer);
		unfollow();
		projector.dispose();
		share.dispose();
		model.off("change:settings", fromPython);
		root.remove();
	};
	return frame;
}
