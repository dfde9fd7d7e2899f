// Predict gate: commit to a guess, then see. The guess stays in sight, nothing is scored, "Show me" is always there.
import { h } from "./dom.js";

/**
 * @typedef {object} Question
 * @property {string} text
 * @property {string[][]} choices - [value, words]
 * @property {{ text: string, run: () => void } | null} [setup]
 * @property {() => Record<string, any>} [about] - settings that the answer speaks of, whatever is on show by then
 * @property {(guess: string | null) => void} open - draws what was withheld
 * @property {(moved: boolean) => string} answer - the sentence, asked for again at every refresh; moved: it speaks of
 *   other settings than those on show
 */

/**
 * A question, with ways to answer it.
 * @param {import("./frame.js").Frame} frame
 * @param {Question} question
 * @returns {{ element: HTMLElement, refresh: () => void, link: (words: string, act: () => void) => void }} refresh
 *   asks for the answer again; link adds a way to another question
 */
export function predictGate(frame, question) {
	const name = frame.id("guess");
	const verdict = h("p", { class: "dt-verdict", hidden: true });
	const commit = h("button", { type: "button", disabled: true }, "Commit");
	const show = h("button", { type: "button" }, "Show me");
	const choices = question.choices.map(([value, words]) => {
		const input = h("input", { type: "radio", name, value, onchange: () => (commit.disabled = false) });
		return h("label", { class: "dt-choice" }, input, h("span", {}, words));
	});
	const setup =
		question.setup && h("button", { type: "button", onclick: () => question.setup.run() }, question.setup.text);
	const form = h("div", { class: "dt-choices" }, ...choices, setup, commit, show);
	const element = h("fieldset", { class: "dt-gate" }, h("legend", {}, `Predict: ${question.text}`), form, verdict);
	let guess = null;
	let opened = false;

	function refresh() {
		if (!opened) return;
		const before = verdict.textContent;
		const words = guess === null ? "" : `Your guess: ${question.choices.find(([value]) => value === guess)[1]}. `;
		const moved = Object.entries(question.about?.() ?? {}).some(([key, value]) => frame.settings[key] !== value);
		verdict.textContent = `${words}${question.answer(moved)}${moved ? " The settings have changed since." : ""}`;
		if (verdict.textContent !== before) frame.say(verdict.textContent);
	}
	function reveal(value) {
		guess = value;
		for (const label of choices) label.firstChild.disabled = true;
		commit.hidden = true;
		show.hidden = true;
		frame.whenShown(() => {
			opened = true;
			verdict.hidden = false;
			question.open(guess);
			refresh();
			verdict.tabIndex = -1;
			verdict.focus();
		});
		// On the projector the answer waits for its key.
		if (!opened) frame.root.focus();
	}
	commit.addEventListener("click", () => reveal(choices.map((c) => c.firstChild).find((input) => input.checked).value));
	show.addEventListener("click", () => reveal(null));
	const link = (words, act) => form.append(h("button", { type: "button", class: "dt-link", onclick: act }, words));
	return { element, refresh, link };
}

/**
 * Two questions, one at a time, each with a way to the other; the first one to begin with.
 * @template {{ element: HTMLElement, link: (words: string, act: () => void) => void }} Gate
 * @param {import("./frame.js").Frame} frame
 * @param {Gate} first
 * @param {Gate} second
 * @param {(gate: Gate) => void} [shown] - hears which one it is
 */
export function takeTurns(frame, first, second, shown = null) {
	const show = (gate) => {
		frame.gates.replaceChildren(gate.element);
		shown?.(gate);
	};
	first.link("Next question", () => show(second));
	second.link("Question before", () => show(first));
	show(first);
}
