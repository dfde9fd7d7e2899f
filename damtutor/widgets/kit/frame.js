// What every instrument shares: layout, controls, keys, undo, seed, theme, live region, play loop, settings in step
// with Python. An instrument gives createFrame a description and fills picture, evidence and below.
import { openControls } from "./controls.js";
import { h } from "./dom.js";
import { openProjector } from "./projector.js";
import { openShare } from "./share.js";
import { followTheme } from "./theme.js";

/**
 * @typedef {object} Model - what anywidget hands over
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, call: Function) => void} on
 * @property {(event: string, call: Function) => void} off
 */
/** @typedef {{ model: Model, el: HTMLElement }} View */
/**
 * @typedef {object} Spec
 * @property {HTMLElement} el
 * @property {Model} model
 * @property {string} name
 * @property {string} tryThis
 * @property {"side" | "stack" | "single"} layout
 * @property {(key: string | null) => void} update - the user has moved this setting; null: all is to be as in a new
 *   instrument with these settings, whatever was on show
 * @property {() => void} [restart] - takes a run back to its beginning
 * @property {(settings: Record<string, any>, named: Record<string, any>) => string | false} [refuse] - what does not go
 *   together in settings of which a link names some
 * @property {() => any} [take] - what undo must keep beside the settings
 * @property {(extra: any) => void} [put] - gives it back
 * @property {{ advance: () => boolean, draw: () => void }} [play] - advance says whether there is more
 * @property {() => void} [step]
 * @property {(dx: number, dy: number) => void} [arrow] - an arrow key in the picture
 * @property {() => void} [enter]
 * @property {string[][]} [keys] - [key, words]
 * @property {boolean} [share] - false for one inside another instrument
 */
/**
 * @typedef {object} Frame
 * @property {Record<string, any>} settings
 * @property {(word: string) => string} id - a new one, unique in the page
 * @property {HTMLElement} root
 * @property {HTMLElement} picture
 * @property {HTMLElement} evidence
 * @property {HTMLElement} below
 * @property {HTMLElement} gates - for questions, above the picture
 * @property {() => void} publish - tells Python the settings
 * @property {(values: Record<string, any>) => void} change
 * @property {() => void} mark - undo comes back to here
 * @property {() => void} undo
 * @property {() => void} play
 * @property {(sentence: string) => void} say - in the live region
 * @property {() => void} stop
 * @property {() => void} toggle - play, a step of undo, or pause
 * @property {() => void} step
 * @property {(act: () => void) => void} whenShown
 * @property {(key: string) => void} control - adds the control of a setting, as Python declares it
 * @property {(key: string) => any[]} values - all that a setting may be
 * @property {(key: string, value?: any) => string} text - a value as its control says it; if not given, the present one
 * @property {() => Record<string, any>} defaults - how the instrument opens, without the seed
 * @property {() => void} refresh - the controls show the settings again
 * @property {(words: string, act: () => void, title?: string) => any} button
 * @property {(key: string, on: boolean) => void} enable
 * @property {() => void} finish
 * @property {(parent: HTMLElement, label: string) => (text: string, reason: string) => void} readout
 * @property {() => void} dispose
 */

const UNDO_DEPTH = 50;

/**
 * A model with no kernel behind it, for an instrument inside another one.
 * @param {Record<string, any>} config
 * @param {Record<string, any>} settings
 * @returns {Model}
 */
export function localModel(config, settings) {
	const values = { config, settings };
	return {
		get: (name) => values[name],
		set(name, value) {
			values[name] = value;
		},
		save_changes() {},
		on() {},
		off() {},
	};
}

/**
 * The frame around an instrument, in the spec's element. The instrument adds controls, then calls `finish`.
 * @param {Spec} spec
 * @returns {Frame}
 */
export function createFrame(spec) {
	const { el, model } = spec;
	const settings = { ...model.get("settings") };
	// Ids must differ between instruments on a page.
	const mark0 = Math.random().toString(36).slice(2, 8);
	let count = 0;
	const id = (word) => {
		count += 1;
		return `dt-${word}-${mark0}-${count}`;
	};
	const history = [];
	let started = false;

	const area = (word) => h("div", { class: `dt-${word}` });
	const frame = /** @type {Frame} */ ({ settings, id });
	for (const word of ["picture", "evidence", "below", "gates"]) frame[word] = area(word);
	const controls = openControls(frame, model.get("config"), change);
	Object.assign(frame, controls.offered);
	const live = h("p", { class: "dt-live", role: "status" });
	const help = h("dl", { class: "dt-help", hidden: true });
	const intro = h("p", { class: "dt-try" }, h("strong", {}, "Try this: "), spec.tryThis);
	const body = h("div", { class: "dt-body" }, frame.picture, controls.element, frame.evidence, frame.below);
	const root = h(
		"div",
		{
			class: `dt dt-${spec.layout}`,
			role: "group",
			"aria-label": spec.name,
			dir: "ltr",
			lang: "en",
			tabindex: -1,
			onkeydown: onKey,
		},
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
	const opened = { ...settings };
	const refuse = (values) => spec.refuse?.({ ...opened, ...values }, values);
	const share = openShare({ root, links: spec.share !== false, model, settings, say, follow, refuse });
	help.before(share.note);
	frame.whenShown = projector.whenShown;

	// --- settings: one plain object, shown by controls, shared with Python when a gesture ends
	frame.publish = () => {
		model.set("settings", { ...settings });
		model.save_changes();
	};
	function change(values, final = true) {
		Object.assign(settings, values);
		controls.refresh();
		const changed = Object.keys(values);
		spec.update(changed.length === 1 ? changed[0] : null);
		if (final) frame.publish();
	}
	// As a new instrument with these settings: after reset, undo, a link, a change from Python.
	function renew(values) {
		frame.stop();
		Object.assign(settings, values);
		share.changed();
		spec.update(null);
		controls.refresh();
	}
	function fromPython() {
		const next = model.get("settings");
		if (Object.keys(next).every((key) => JSON.stringify(next[key]) === JSON.stringify(settings[key]))) return;
		frame.mark();
		renew(next);
	}
	model.on("change:settings", fromPython);
	frame.change = (values) => {
		frame.mark();
		change(values);
	};
	// What an address says, before the instrument has drawn anything or later: what it does not name is as it opens.
	function follow(values) {
		if (started) frame.mark();
		Object.assign(settings, opened, values);
		if (started) renew({});
		frame.publish();
	}

	// --- undo
	frame.mark = () => {
		share.changed();
		const now = JSON.stringify({ settings, extra: spec.take ? spec.take() : null });
		// Reset or a step marks, then the change it makes does: one undo.
		if (now === history.at(-1)) return;
		history.push(now);
		if (history.length > UNDO_DEPTH) history.shift();
	};
	frame.undo = () => {
		if (!history.length) return frame.say("Nothing to undo.");
		const old = JSON.parse(history.pop());
		renew(old.settings);
		if (spec.put) spec.put(old.extra);
		frame.publish();
		return frame.say("Undone.");
	};
	// One step of undo, after which nothing moves.
	const once = (act) => () => {
		frame.stop();
		frame.mark();
		act();
	};
	const reset = once(() => {
		renew(frame.defaults());
		frame.publish();
		frame.say("The usual settings.");
	});
	const restart = once(() => {
		spec.restart();
		frame.say("The start of the run.");
	});

	// --- live region: the last sentence of a burst, politely
	let timer = 0;
	frame.say = (sentence) => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			live.textContent = sentence;
		}, 250);
	};

	// --- play: one step a frame; with reduced motion, the end at once
	let ticket = 0;
	let playButton = null;
	const showPlay = () => {
		if (playButton) playButton.textContent = ticket ? "Pause" : "Play";
	};
	frame.stop = () => {
		cancelAnimationFrame(ticket);
		ticket = 0;
		showPlay();
	};
	frame.toggle = () => {
		if (ticket) {
			frame.stop();
			return frame.publish();
		}
		frame.mark();
		return frame.play();
	};
	frame.play = () => {
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
	frame.step = once(() => spec.step());

	share.start();

	// Play, undo, reset, seed and the key list, in this order; call it after the controls.
	frame.finish = () => {
		if (spec.play) playButton = frame.button("Play", frame.toggle, "Space");
		if (spec.restart) frame.button("Restart", restart, "B: the run from its start");
		frame.button("Undo", frame.undo, "U");
		frame.button("Reset", reset, `R: the usual settings${"seed" in settings ? "; the seed stays" : ""}`);
		if ("seed" in settings) controls.seed();
		share.buttons(frame.button);
		frame.button("? Keys", showHelp);
		started = true;
	};
	function showHelp() {
		const own = spec.keys || [];
		const shared = [
			spec.play && ["Space", "play or pause"],
			spec.step && [".", "one step"],
			spec.restart && ["B", "the run from its start"],
			["R", "the usual settings"],
			["U", "undo, 50 deep"],
			["P", "projector: fill the screen"],
			["A", "on the projector: show or hide the answer"],
			["?", "this list"],
		];
		/** @type {Map<string, string>} */
		// Each key once, in the instrument's own words if it has any.
		const keys = new Map(/** @type {any} */ ([...own, ...shared, ...own].filter(Boolean)));
		help.replaceChildren(...[...keys].flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]));
		help.hidden = !help.hidden;
	}

	// --- keys: only inside the instrument, and never what the focused control needs itself
	function onKey(event) {
		if (event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter")) return;
		// Plain keys are ours: JupyterLab and the book have other plans for arrows and letters.
		event.stopPropagation();
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
			b: spec.restart && restart,
			r: reset,
			u: frame.undo,
			p: projector.toggle,
			a: root.classList.contains("dt-projector") && projector.answer,
			"?": showHelp,
			Enter: free ? spec.enter : null,
		}[event.key.length === 1 ? event.key.toLowerCase() : event.key];
		const run =
			act || (arrow && spec.arrow && frame.picture.contains(target) ? () => spec.arrow(arrow[0], arrow[1]) : null);
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
