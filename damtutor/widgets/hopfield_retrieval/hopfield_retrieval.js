// Recall: Hopfield's network with one state to paint or damage, three learning rules, and 100 starts from noise.

import { pack } from "../dynamics/dense.js";
import { decide, energy, flip, makeMemory, openField, overlaps, syncStep } from "../dynamics/hopfield.js";
import { Rng32 } from "../dynamics/rng.js";
import { h } from "../kit/dom.js";
import { MAX_SWEEPS } from "../kit/retrieval_run.js";
import { openRetrieval } from "../kit/retrieval_view.js";
import { noiseEnds } from "./end_states.js";

/** @type {[string, Record<string, any>][]} */
const PRESETS = [
	["1 random works", { store: "random", rule: "hebb" }],
	["2 digits fail", { store: "digits", rule: "hebb" }],
	["3 projection heals", { store: "digits", rule: "projection" }],
];

function render({ model, el }) {
	const { sets } = model.get("config");
	let network = null;
	let noises = 0;

	const retrieval = openRetrieval(
		{ el, model },
		{ decide, energy, flip, openField, overlaps, syncStep },
		{
			name: "Recall",
			tryThis: "press Play: where does this digit end? Then take the three buttons below, 1 to 3, and play each.",
			update,
			stored: ({ count }) => count,
			formula: () => "−½ s·W s, with W from",
		},
	);
	const { frame, store } = retrieval;
	const { settings } = frame;
	const { N } = store;

	const examples = PRESETS.map(([, values]) => ({ ...frame.defaults(), ...values }));
	const presets = PRESETS.map(([words], k) =>
		h("button", { type: "button", onclick: () => frame.change(examples[k]) }, words),
	);
	const steps = h(
		"div",
		{ class: "dt-choices", style: "margin-bottom:12px", role: "group", "aria-label": "Three examples" },
		...presets,
	);
	const noise = (b) => new Rng32(1000 * settings.seed + 100 + b);
	const ends = noiseEnds(frame, {
		setup: () => frame.change(examples[0]),
		network: () => ({ memory: network, order: settings.order, stream: noise, maxSweeps: MAX_SWEEPS }),
	});
	frame.gates.append(steps);

	function fromNoise() {
		frame.change({ state: pack(noise(noises).signs(N)) });
		noises = (noises + 1) % ends.starts;
	}
	function update(key) {
		frame.stop();
		settings.target = Math.min(settings.target, settings.count - 1);
		const { rule, diagonal, count: K } = settings;
		const inverse = sets.find((set) => set.name === settings.store).inverse[K - 1];
		network = makeMemory(store.rows(settings.store).slice(0, K), rule, diagonal, inverse);
		presets.forEach((button, k) => {
			const pressed = ["store", "rule", "count", "diagonal"].every((name) => settings[name] === examples[k][name]);
			button.setAttribute("aria-pressed", pressed);
		});
		// The state stays, its history starts anew.
		const keeps = ["rule", "diagonal", "order"].includes(key);
		if (["target", "damage", "seed"].includes(key)) settings.state = null;
		retrieval.use(network, keeps);
		if (key === null) {
			noises = 0;
			// Half a sweep in: something to see before anything is pressed.
			for (let k = 0; k < N / 2 && settings.order === "async" && !settings.state; k += 1) retrieval.advance();
			retrieval.draw();
		}
		if (!["target", "damage", "state"].includes(key)) ends.count();
	}

	for (const name of ["store", "rule", "count", "damage", "diagonal", "order"]) frame.control(name);
	frame.button("Step", frame.step, ".");
	frame.button("Sweep", retrieval.sweep);
	frame.button("Noise", fromNoise, "start from the next random picture");
	frame.finish();
	update(null);
	return () => {
		for (const part of [ends, retrieval]) part.dispose();
	};
}

export default { render };
