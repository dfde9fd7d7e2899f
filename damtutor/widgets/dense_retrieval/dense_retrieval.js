// Retrieval: one state that you can paint, the stored pictures that pull at it, the energy that falls.

import { decide, energy, flip, openField, overlaps, syncStep } from "../dynamics/dense.js";
import { h } from "../kit/dom.js";
import { openRetrieval } from "../kit/retrieval_view.js";

/**
 * The instrument in an element.
 * @param {import("../kit/frame.js").View & { count?: number, back?: () => void }} view - count limits the stored
 *   pictures; back leads to the instrument that opened this one
 * @returns {() => void} takes it away
 */
export function mountRetrieval({ el, model, count = null, back = null }) {
	const stored = (all) => count ?? model.get("config").sets.find(({ name }) => name === all.store).rows.length;
	const retrieval = openRetrieval(
		{ el, model },
		{ decide, energy, flip, openField, overlaps, syncStep },
		{
			name: "Retrieval",
			share: !back,
			tryThis: "press Play and watch the energy. Then raise n, press Restart, and play again from the same damage.",
			update,
			stored,
			formula: () => `${store.packed(settings.n, settings.rectified).formula}, over`,
		},
	);
	const { frame, store } = retrieval;
	const { settings } = frame;
	if (back) frame.root.prepend(h("button", { type: "button", class: "dt-back", onclick: back }, "← Back to the ten"));

	function update(key) {
		frame.stop();
		settings.target = Math.min(settings.target, stored(settings) - 1);
		const { n, rectified } = settings;
		frame.enable("rectified", store.rectifies(n));
		// The state stays, its history starts anew.
		const keeps = ["n", "rectified", "order"].includes(key);
		if (key && !keeps) settings.state = null;
		retrieval.use(store.memory(settings.store, stored(settings), n, rectified), keeps);
	}

	if (model.get("config").sets.length > 1) frame.control("store");
	for (const name of ["damage", "n", "rectified", "order"]) frame.control(name);
	frame.button("Step", frame.step, ".");
	frame.button("Sweep", retrieval.sweep);
	frame.finish();
	update(null);
	return retrieval.dispose;
}

export default { render: mountRetrieval };
