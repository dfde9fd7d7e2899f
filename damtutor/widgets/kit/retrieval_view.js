// What the two retrieval instruments show: the state to paint, its numbers, the energy, the overlap bars.
import { overlapBars } from "./bars.js";
import { chart } from "./chart.js";
import { h, paintGrid } from "./dom.js";

/**
 * Adds to the frame what both show.
 * @param {import("./frame.js").Frame} frame
 * @param {{ width: number, height: number, label: (mu: number) => string, paint: (i: number, value: number) => void
 *   }} options - paint is called for each pixel that is painted, label names a stored picture
 * @returns {Record<string, any>}
 */
export function retrievalView(frame, { width, height, label, paint }) {
	const grid = paintGrid(width, height, {
		begin() {
			frame.stop();
			frame.mark();
		},
		paint,
		end: () => frame.publish(),
		describe: frame.say,
	});
	const reads = h("div", { class: "dt-reads" });
	frame.picture.append(grid.element, reads);
	const readWrong = frame.readout(reads, "wrong pixels");
	const bars = overlapBars({ width, height, label, choose: (mu) => frame.change({ target: mu }) });
	const plot = chart(frame.evidence, "Energy against updates", 150); // first, so that narrow screens show it under Play
	plot.key("○ the state · dashed: energy of the stored picture · short ticks: accepted flips");
	const figures = h("div", { class: "dt-reads" });
	frame.evidence.append(
		figures,
		h(
			"p",
			{ class: "dt-caption" },
			h("strong", {}, "Overlap m = M/N"),
			" with each stored picture, −1 to 1. Press one to damage it.",
		),
		bars.element,
	);
	const [readEnergy, readFlips] = [frame.readout(figures, "energy"), frame.readout(figures, "flips")];
	const end = h("span", {});
	figures.append(end);
	return { grid, bars, plot, readWrong, readEnergy, readFlips, end };
}
