// Retrieval: one state that you can paint, the stored pictures that pull at it, the energy that falls.

import { damage, decide, energy, flip, openField, overlaps, pack, syncStep, unpack } from "../dynamics/dense.js";
import { roundTicks } from "../kit/chart.js";
import { h } from "../kit/dom.js";
import { decimal } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";
import { openPatternSets } from "../kit/pattern_sets.js";
import { retrievalView } from "../kit/retrieval_view.js";

const MAX_SWEEPS = 50;

/**
 * The instrument in an element.
 * @param {import("../kit/frame.js").View & { count?: number, back?: () => void }} view - count limits the stored
 *   pictures; back leads to the instrument that opened this one
 * @returns {() => void} takes it away
 */
export function mountRetrieval({ el, model, count = null, back = null }) {
	const config = model.get("config");
	const { width, height } = config;
	const store = openPatternSets(config);
	const { N } = store;
	let memory = null;
	let run = null;

	const frame = createFrame({
		el,
		model,
		name: "Retrieval",
		layout: "side",
		share: !back,
		tryThis: "press Play and watch the energy. Then raise n, press Reset, and play again from the same damage.",
		update,
		reset: () => start(),
		take,
		put,
		step() {
			advance();
			draw();
		},
		play: { advance, draw },
		arrow: (dx, dy) => grid.move(dx, dy),
		enter: () => grid.flip(),
		keys: [
			["Arrows", "move in the picture"],
			["Enter", "flip the pixel"],
		],
	});
	const { settings } = frame;
	if (back) frame.root.prepend(h("button", { type: "button", class: "dt-back", onclick: back }, "← Back to the ten"));

	// --- what is on screen
	const label = (mu) => store.label(settings.store, mu);
	const { grid, bars, plot, readWrong, readEnergy, readFlips, end } = retrievalView(frame, {
		width,
		height,
		label,
		paint(i, value) {
			run.field.state[i] = value;
			settings.state = pack(run.field.state); // what was painted is the new start
			begin(run.field.state);
		},
	});

	// --- the run: a field, a place in the sweep, and what happened
	function stream() {
		const rng = store.stream(settings.seed, settings.target);
		return { rng, damaged: damage(memory.rows[settings.target], store.flips(settings.damage), rng) };
	}
	function start() {
		begin(settings.state ? unpack(settings.state, N) : stream().damaged);
	}
	function begin(state) {
		const field = openField(memory, state);
		run = {
			field,
			rng: stream().rng,
			order: [],
			at: 0,
			updates: 0,
			sweeps: 0,
			flipped: 0,
			flips: 0,
			seen: -1,
			trace: [[0, energy(memory, field.M)]],
			ticks: [],
			before: [],
			how: "",
		};
		draw();
	}
	function record() {
		run.trace.push([run.updates, run.trace.at(-1)[1]], [run.updates, energy(memory, run.field.M)]);
		run.ticks.push(run.updates);
	}
	function advance() {
		if (run.how) return false;
		if (settings.order === "sync") advanceTogether();
		else advanceOne();
		if (!run.how && run.sweeps >= MAX_SWEEPS) run.how = `stopped after ${MAX_SWEEPS} sweeps`;
		if (run.how) frame.say(sentence());
		return !run.how;
	}
	function advanceOne() {
		if (run.at === 0) [run.order, run.flipped] = [run.rng.permutation(N), 0];
		const i = run.order[run.at];
		run.seen = i;
		run.updates += 1;
		if (decide(memory, run.field, i) !== run.field.state[i]) {
			flip(memory, run.field, i);
			run.flipped += 1;
			run.flips += 1;
			record();
		}
		run.at = (run.at + 1) % N;
		if (run.at > 0) return;
		run.sweeps += 1;
		if (run.flipped === 0) run.how = "settled";
	}
	function advanceTogether() {
		const old = pack(run.field.state);
		const flips = syncStep(memory, run.field);
		run.updates += N;
		run.sweeps += 1;
		run.flips += flips.length;
		if (flips.length) record();
		const now = pack(run.field.state);
		run.how = flips.length === 0 ? "settled" : run.before[0] === now ? "swaps for ever between two states" : "";
		run.before = [old];
	}
	function sweep() {
		frame.stop();
		frame.mark();
		while (advance() && run.at !== 0);
		draw();
	}
	function take() {
		return run && { ...run, field: pack(run.field.state), rng: run.rng.x };
	}
	function put(old) {
		if (!old) return;
		const rng = stream().rng;
		rng.x = old.rng;
		run = { ...old, rng, field: openField(memory, unpack(old.field, N)) };
		draw();
	}
	function sentence() {
		const { M } = run.field;
		const best = M.reduce((a, m, mu) => (Math.abs(m) > Math.abs(M[a]) ? mu : a), 0);
		const near = M[best] === N ? "" : M[best] === -N ? "the negative of " : "nearest ";
		return `energy ${decimal(run.trace.at(-1)[1], 1)}, ${near}${label(best)}, ${run.how || "not settled"}`;
	}

	function draw() {
		const { field, trace, updates, ticks } = run;
		grid.draw(field.state, settings.order === "async" && !run.how ? run.seen : -1);
		bars.draw(memory, field.M, settings.target);
		const wrong = (N - field.M[settings.target]) / 2;
		const target = label(settings.target);
		readWrong(
			`${wrong} of ${N}`,
			`Pixels in which the state differs from ${target}: (N − M)/2 with the overlap M = X·s = ` +
				`${field.M[settings.target]}.`,
		);
		const here = trace.at(-1)[1];
		const goal = energy(memory, overlaps(memory, memory.rows[settings.target]));
		const { formula } = store.packed(settings.n, settings.rectified);
		readEnergy(
			decimal(here, 1),
			`E = ${formula}, over ${memory.K} stored pictures, N = ${N}. At ${target}: ${decimal(goal, 1)}.`,
		);
		readFlips(
			`${run.flips} in ${updates} update${updates === 1 ? "" : "s"}`,
			`Accepted flips among the decisions made; seed ${settings.seed}, ${run.sweeps} whole sweeps.`,
		);
		end.textContent = run.how || (updates ? `sweep ${run.sweeps + 1}` : "not started");
		const low = Math.min(goal, ...trace.map(([, e]) => e));
		const high = Math.max(goal, ...trace.map(([, e]) => e));
		const pad = 0.08 * (high - low) || 1;
		const last = Math.max(2 * N, updates);
		plot.draw({
			x: {
				min: 0,
				max: last,
				at: roundTicks(0, last / N, 5)
					.filter(Number.isInteger)
					.map((k) => k * N),
				title: `updates: neurons asked, one sweep is ${N}`,
			},
			y: { min: low - pad, max: high + pad, at: roundTicks(low, high, 6), text: (v) => decimal(v, 0) },
			lines: [
				{
					role: "stored",
					points: [
						[0, goal],
						[last, goal],
					],
				},
				{ role: "state", points: [...trace, [updates, here]] },
			],
			marks: [{ role: "state", x: updates, y: here }],
			ticks,
			alt:
				`Energy from ${decimal(trace[0][1], 1)} to ${decimal(here, 1)} in ${updates} updates; stored ` +
				`picture at ${decimal(goal, 1)}.`,
		});
	}

	function update(key) {
		frame.stop();
		settings.target = Math.min(settings.target, store.rows(settings.store).length - 1);
		memory = store.memory(settings.store, count ?? store.rows(settings.store).length, settings.n, settings.rectified);
		frame.enable("rectified", store.rectifies(settings.n));
		const keeps = ["n", "rectified", "order"].includes(key); // the state stays, its history starts anew
		if (key && !keeps) settings.state = null;
		if (keeps && run) begin(run.field.state);
		else start();
	}

	if (config.sets.length > 1) frame.control("store");
	for (const name of ["damage", "n", "rectified", "order"]) frame.control(name);
	frame.button("Step", frame.step, ".");
	frame.button("Sweep", sweep);
	frame.finish();
	update(null);
	return () => {
		plot.dispose();
		frame.dispose();
	};
}

export default { render: mountRetrieval };
