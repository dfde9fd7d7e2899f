// Projector mode: one instrument on the whole screen, large, its answer hidden until it is asked for.
import { h } from "./dom.js";

/**
 * The projector of an instrument.
 * @param {HTMLElement} root
 * @param {{ say: (sentence: string) => void }} voice
 * @returns {{ toggle: () => void, answer: () => void, whenShown: (act: () => void) => void, dispose: () => void }}
 *   whenShown acts at once, or when a hidden answer is shown
 */
export function openProjector(root, { say }) {
	const answer = h("button", { type: "button", onclick: () => projector.answer() }, "Show the answer (A)");
	const leave = h("button", { type: "button", onclick: () => projector.toggle() }, "Leave (P)");
	const bar = h("div", { class: "dt-stage", hidden: true }, answer, leave);
	root.append(bar);
	// Answers that were asked for while they are hidden.
	const waiting = [];
	const on = () => root.classList.contains("dt-projector");
	const hidden = () => on() && !root.classList.contains("dt-answer");
	function set(now) {
		root.classList.toggle("dt-projector", now);
		bar.hidden = !now;
		// An explorer hides nothing.
		answer.hidden = !root.querySelector(".dt-evidence > *, .dt-below > *, .dt-verdict");
		show(false);
	}
	function show(now) {
		root.classList.toggle("dt-answer", now);
		answer.textContent = now ? "Hide the answer (A)" : "Show the answer (A)";
		// What had the focus may be hidden now, and keys would go nowhere.
		if (!now) root.focus();
		while (waiting.length && !hidden()) waiting.shift()();
	}
	// Escape leaves the full screen without asking us.
	const left = () => on() && !document.fullscreenElement && set(false);
	document.addEventListener("fullscreenchange", left);
	const projector = {
		toggle() {
			if (!on())
				// Refused, the instrument still covers the page.
				root.requestFullscreen?.().catch(() => {});
			else if (document.fullscreenElement === root) document.exitFullscreen();
			set(!on());
			say(on() ? "Projector. A shows the answer, P leaves." : "Back on the page.");
		},
		answer() {
			if (!on()) return;
			show(hidden());
			say(hidden() ? "The answer is hidden." : "The answer is shown.");
		},
		whenShown: (act) => (hidden() ? waiting.push(act) : act()),
		dispose() {
			document.removeEventListener("fullscreenchange", left);
		},
	};
	return projector;
}
