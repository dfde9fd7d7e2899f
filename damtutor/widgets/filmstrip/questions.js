// The two predictions of the filmstrip, one at a time.

import { predictGate, takeTurns } from "../kit/prediction.js";

const HARD = { store: "random", damage: 80, count: 10, rectified: false };

/**
 * Both questions, above the strip.
 * @param {import("../kit/frame.js").Frame} frame
 * @param {{ opened: (guess: string | null) => void, curve: () => Record<string, { back: number,
 *   negative: number }> | false }} options - opened shows what was withheld; curve gives the counts of every n, false
 *   before all are there
 * @returns {{ refresh: () => void }}
 */
export function filmstripGates(frame, { opened, curve }) {
	const { settings } = frame;
	const orders = frame.values("n");
	const hard = () => frame.change({ ...HARD, n: 4 });
	// Stays when the settings move on: it answers the question as it was asked.
	let measured = "";
	const smallest = predictGate(frame, {
		text: "what is the smallest n that saves at least nine of ten?",
		setup: null,
		choices: orders.map((n) => [`${n}`, `${n}`]),
		open: opened,
		answer() {
			const found = curve();
			if (!found) return "Counting …";
			const first = orders.find((n) => found[n].back >= 9);
			if (first === undefined) return "With these settings none of them does.";
			return `With these settings it is ${frame.text("n", first)}: ${found[first].back} of ten.`;
		},
	});
	const parity = predictGate(frame, {
		text: "ten random pictures, 80 % of their pixels flipped. Even or odd n: which returns the negative?",
		setup: { text: "Set this up", run: hard },
		about: () => HARD,
		choices: [
			["even", "even n"],
			["odd", "odd n"],
			["both", "both"],
			["neither", "neither"],
		],
		open(guess) {
			hard();
			opened(guess);
		},
		answer(moved) {
			if (moved) return measured;
			const found = curve();
			if (!found) return measured || "Counting …";
			const negatives = (rest) => {
				const half = orders.filter((n) => Number(n) % 2 === rest);
				return half.map((n) => found[n].negative).reduce((a, b) => a + b, 0);
			};
			measured =
				`Ended on a negative, seed ${settings.seed}: even n ${negatives(0)} of 50, odd n ${negatives(1)} of ` +
				`40, exp ${found.exp.negative} of 10.`;
			return measured;
		},
	});
	takeTurns(frame, smallest, parity);
	return {
		refresh() {
			smallest.refresh();
			parity.refresh();
		},
	};
}
