// What the two retrieval instruments share: the state to paint, its numbers, the energy, the overlap bars, and the run
// behind them. An instrument hands in its model's dynamics, and says which memory retrieves.
import { damage, pack, unpack } from "../dynamics/dense.js";
import { overlapBars } from "./bars.js";
import { chart, roundTicks } from "./chart.js";
import { h, paintGrid } from "./dom.js";
import { decimal, plural } from "./format.js";
import { createFrame } from "./frame.js";
import { openPatternSets } from "./pattern_sets.js";
import { runsOf } from "./retrieval_run.js";

/**
 * @typedef {object} Retrieval
 * @property {import("./frame.js").Frame} frame
 * @property {import("./pattern_sets.js").PatternSets} store
 * @property {(memory: import("./retrieval_run.js").Memory, keeps: boolean) => void} use - begins a run of this memory:
 *   from where the state is, if keeps, else from the start
 * @property {() => boolean} advance - says whether there is more
 * @property {() => void} sweep - to the end of the sweep
 * @property {() => void} draw
 * @property {() => void} dispose
 */

/**
 * A retrieval instrument in an element, without its controls. Its settings are store, target, damage, order, seed and
 * state beside its own.
 * @param {import("./frame.js").View} view
 * @param {import("./retrieval_run.js").Dynamics} dynamics
 * @param {{ name: string, tryThis: string, update: (key: string | null) => void, keys?: string[][], share?: boolean,
 *   formula: () => string, stored: (settings: Record<string, any>) => number }} own - formula is of the energy, up to
 *   the number of stored pictures; stored gives this number; the rest is for the frame
 * @returns {Retrieval}
 */
export function openRetrieval({ el, model }, dynamics, { formula, keys = [], ...own }) {
	const config = model.get("config");
	const { width, height } = config;
	const store = openPatternSets(config);
	const { N } = store;
	const { energy, openField, overlaps } = dynamics;
	const runs = runsOf(dynamics);
	let [memory, run] = [null, null];

	const frame = createFrame({
		el,
		model,
		layout: "side",
		restart: () => start(),
		...own,
		// Where no link says which picture, the last one is taken.
		refuse: (all, { target }) => target >= own.stored(all) && `${own.stored(all)} pictures have no target ${target}`,
		take: () => run && runs.keep(run),
		put(old) {
			if (!old) return;
			run = runs.restore(memory, old);
			draw();
		},
		step() {
			advance();
			draw();
		},
		play: { advance, draw },
		arrow: (dx, dy) => grid.move(dx, dy),
		enter: () => grid.flip(),
		keys: [["Arrows", "move in the picture"], ["Enter", "flip the pixel"], ...keys],
	});
	const { settings } = frame;
	const label = (mu) => store.label(settings.store, mu);

	// --- what is on screen
	const grid = paintGrid(width, height, {
		begin() {
			frame.stop();
			frame.mark();
		},
		paint(i, value) {
			run.field.state[i] = value;
			// What was painted is the new start.
			settings.state = pack(run.field.state);
			begin(run.field.state);
		},
		end: () => frame.publish(),
		describe: frame.say,
	});
	const reads = h("div", { class: "dt-reads" });
	frame.picture.append(grid.element, reads);
	const readWrong = frame.readout(reads, "wrong pixels");
	const bars = overlapBars({ width, height, label, choose: (mu) => frame.change({ target: mu }) });
	// First, so that narrow screens show it under Play.
	const plot = chart(frame.evidence, "Energy against updates", 150);
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
	const end = h("span");
	figures.append(end);

	// --- the run
	function stream() {
		const rng = store.stream(settings.seed, settings.target);
		return { rng, damaged: damage(memory.rows[settings.target], store.flips(settings.damage), rng) };
	}
	const start = () => begin(settings.state ? unpack(settings.state, N) : stream().damaged);
	function begin(state) {
		run = runs.open(memory, state, stream().rng);
		draw();
	}
	function advance() {
		if (run.how) return false;
		const more = runs.advance(memory, run, settings.order === "sync");
		if (!more) frame.say(sentence());
		return more;
	}
	function sweep() {
		frame.stop();
		frame.mark();
		while (advance() && run.at !== 0);
		draw();
	}
	function sentence() {
		const M = overlaps(memory, run.field.state);
		const best = M.reduce((a, m, mu) => (Math.abs(m) > Math.abs(M[a]) ? mu : a), 0);
		const near = M[best] === N ? "" : M[best] === -N ? "the negative of " : "nearest ";
		return `energy ${decimal(run.trace.at(-1)[1], 1)}, ${near}${label(best)}, ${run.how}`;
	}

	function draw() {
		const { state } = run.field;
		const { target } = settings;
		const M = overlaps(memory, state);
		const goal = energy(memory, openField(memory, memory.rows[target]));
		grid.draw(state, settings.order === "async" && !run.how ? run.seen : -1);
		bars.draw(memory, M, target);
		readWrong(
			`${(N - M[target]) / 2} of ${N}`,
			`Pixels in which the state differs from ${label(target)}: (N − M)/2 with the overlap M = X·s = ` +
				`${decimal(M[target], 0)}.`,
		);
		readEnergy(
			decimal(run.trace.at(-1)[1], 1),
			`E = ${formula()} ${memory.K} stored pictures, N = ${N}. At ${label(target)}: ${decimal(goal, 1)}.`,
		);
		readFlips(
			`${run.flips} in ${plural(run.updates, "update")}`,
			`Accepted flips among the decisions made; seed ${settings.seed}, ${run.sweeps} whole sweeps.`,
		);
		end.textContent = run.how || (run.updates ? `sweep ${run.sweeps + 1}` : "not started");
		drawTrace(goal);
	}
	function drawTrace(goal) {
		const { trace, updates, ticks } = run;
		const heights = trace.map(([, e]) => e);
		const here = heights.at(-1);
		const [low, high] = [Math.min(goal, ...heights), Math.max(goal, ...heights)];
		const pad = 0.08 * (high - low) || 1;
		const last = Math.max(2 * N, updates);
		const whole = roundTicks(0, last / N, 5).filter(Number.isInteger);
		const stored = [0, last].map((x) => [x, goal]);
		plot.draw({
			x: { min: 0, max: last, at: whole.map((k) => k * N), title: `updates: neurons asked, one sweep is ${N}` },
			y: { min: low - pad, max: high + pad, at: roundTicks(low, high, 6), text: (v) => decimal(v, 0) },
			lines: [
				{ role: "stored", points: stored },
				{ role: "state", points: [...trace, [updates, here]] },
			],
			marks: [{ role: "state", x: updates, y: here }],
			ticks,
			alt:
				`Energy from ${decimal(heights[0], 1)} to ${decimal(here, 1)} in ${updates} updates; stored ` +
				`picture at ${decimal(goal, 1)}.`,
		});
	}

	return {
		frame,
		store,
		use(next, keeps) {
			memory = next;
			if (keeps && run) begin(run.field.state);
			else start();
		},
		advance,
		sweep,
		draw,
		dispose() {
			plot.dispose();
			frame.dispose();
		},
	};
}
