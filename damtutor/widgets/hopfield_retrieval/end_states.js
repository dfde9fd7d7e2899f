// A hundred starts from noise: a prediction first, then where they end, recounted whenever the network changes.

import { countEndStates, END_STATES } from "../dynamics/hopfield.js";
import { chart } from "../kit/chart.js";
import { predictGate } from "../kit/prediction.js";

const STARTS = 100;

/**
 * The question stands before everything else, the chart in the evidence.
 * @param {import("../kit/frame.js").Frame} frame
 * @param {{ setup: () => void, network: () => Record<string, any> }} options - network gives { memory, order, stream,
 *   maxSweeps }
 * @returns {{ count: () => void, starts: number, dispose: () => void }}
 */
export function noiseEnds(frame, { setup, network }) {
	let counts = null; // once the learner has guessed
	const rest = () =>
		END_STATES.filter((kind) => kind !== "memory" && counts[kind])
			.map((kind) => `, ${counts[kind]} ${kind}`)
			.join("");
	const words = () => `${counts.memory} memory (a stored picture)${rest()}`;
	const gate = predictGate(frame, {
		text: "five random pictures, 100 starts from noise: how many end on one of them?",
		setup: { text: "Set this up", run: setup },
		choices: [
			["few", "0 to 10"],
			["some", "11 to 50"],
			["most", "51 to 90"],
			["all", "91 to 100"],
		],
		open() {
			counts = {};
			setup(); // the question is about these settings, whatever was on show; counts
		},
		answer: () => `With these settings: ${words()}.`,
	});
	frame.gates.append(gate.element);
	const plot = chart(frame.evidence, "Where 100 starts from noise end", 150);
	plot.element.hidden = true;
	plot.element.style.marginTop = "12px";

	function count() {
		if (!counts) return;
		const { memory, order, stream, maxSweeps } = network();
		counts = countEndStates(memory, { starts: STARTS, order, stream, maxSweeps });
		plot.element.hidden = false;
		const kinds = END_STATES.filter((kind) => kind !== "cycle" || counts.cycle);
		const role = { memory: "stored", negative: "negative" };
		plot.draw({
			x: {
				min: -0.5,
				max: kinds.length - 0.5,
				at: kinds.map((_, k) => k),
				text: (k) => `${kinds[k]} ${counts[kinds[k]]}`,
				title: "kind of end",
			},
			y: { min: 0, max: 108, at: [0, 50, 100] },
			lines: kinds.map((kind, k) => ({
				role: "theory",
				points: [
					[k, 0],
					[k, counts[kind]],
				],
			})),
			marks: kinds.map((kind, k) => ({ role: role[kind] ?? "measured", x: k, y: counts[kind] })),
			alt: `Of 100 random starts: ${words()}.`,
		});
		plot.key(
			`Counted, seed ${frame.settings.seed}. Overlap 0.9 or more with a stored picture: memory; with one ` +
				"whose pixels are all turned round: negative; with the majority of three: mixture. Other: the rest.",
		);
		gate.refresh();
	}
	return { count, starts: STARTS, dispose: plot.dispose };
}
