// Recall: Hopfield's network with one state to paint or damage, three learning rules, and 100 starts from noise.

import { damage, pack, unpack } from "../dynamics/dense.js";
import { decide, energy, flip, makeMemory, openField, overlaps, syncStep } from "../dynamics/hopfield.js";
import { Rng32 } from "../dynamics/rng.js";
import { roundTicks } from "../kit/chart.js";
import { h } from "../kit/dom.js";
import { decimal } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";
import { openPatternSets } from "../kit/pattern_sets.js";
import { retrievalView } from "../kit/retrieval_view.js";
import { noiseEnds } from "./end_states.js";

const MAX_SWEEPS = 50; // as in __init__.py
/** @type {[string, Record<string, any>][]} */
const PRESETS = [
	["1 random works", { store: "random", rule: "hebb" }],
	["2 digits fail", { store: "digits", rule: "hebb" }],
	["3 projection heals", { store: "digits", rule: "projection" }],
];

function render({ model, el }) {
	const config = model.get("config");
	const [{ width, height }, store] = [config, openPatternSets(config)];
	const { N } = store;
	let [memory, run] = [null, null];
	let noises = 0;

	const frame = createFrame({
		el,
		model,
		name: "Recall",
		layout: "side",
		tryThis: "press Play: where does this digit end? Then take the three buttons below, 1 to 3, and play each.",
		update,
		reset: () => frame.change({ state: null }),
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
			["R", "the damaged picture again"],
		],
	});
	const { settings } = frame;

	// --- what is on screen
	const examples = PRESETS.map(([, values]) => ({ ...frame.defaults(), ...values }));
	const presets = PRESETS.map(([words], k) =>
		h("button", { type: "button", onclick: () => frame.change(examples[k]) }, words),
	);
	const steps = h(
		"div",
		{ class: "dt-choices", style: "margin-bottom:12px", role: "group", "aria-label": "Three examples" },
		...presets,
	);
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
	const ends = noiseEnds(frame, {
		setup: () => frame.change(examples[0]),
		network: () => ({ memory, order: settings.order, stream: noise, maxSweeps: MAX_SWEEPS }),
	});
	frame.gates.append(steps);

	// --- the run: a state with its fields, a place in the sweep, and what happened
	function stream() {
		const rng = store.stream(settings.seed, settings.target);
		return { rng, damaged: damage(memory.rows[settings.target], store.flips(settings.damage), rng) };
	}
	const noise = (b) => new Rng32(1000 * settings.seed + 100 + b);
	const start = () => begin(settings.state ? unpack(settings.state, N) : stream().damaged);
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
			trace: [[0, energy(memory, field)]],
			ticks: [],
			before: "",
			how: "",
		};
		draw();
	}
	function record(flips) {
		run.flipped += flips;
		run.flips += flips;
		run.trace.push([run.updates, run.trace.at(-1)[1]], [run.updates, energy(memory, run.field)]);
		run.ticks.push(run.updates);
	}
	function advance() {
		if (run.how) return false;
		if (run.at === 0) run.flipped = 0;
		if (settings.order === "sync") together();
		else one();
		if (!run.how && run.sweeps >= MAX_SWEEPS) run.how = `stopped after ${MAX_SWEEPS} sweeps`;
		if (run.how) frame.say(sentence());
		return !run.how;
	}
	function one() {
		if (run.at === 0) run.order = run.rng.permutation(N);
		run.seen = run.order[run.at];
		run.updates += 1;
		if (decide(run.field, run.seen) !== run.field.state[run.seen]) {
			flip(memory, run.field, run.seen);
			record(1);
		}
		run.at = (run.at + 1) % N;
		if (run.at > 0) return;
		run.sweeps += 1;
		if (run.flipped === 0) run.how = "settled";
	}
	function together() {
		const old = pack(run.field.state);
		run.updates += N;
		run.sweeps += 1;
		const { length } = syncStep(memory, run.field);
		if (length) record(length);
		run.how =
			length === 0 ? "settled" : run.before === pack(run.field.state) ? "swaps for ever between two states" : "";
		run.before = old;
	}
	function sweep() {
		frame.stop();
		frame.mark();
		while (advance() && run.at !== 0);
		draw();
	}
	function fromNoise() {
		frame.change({ state: pack(noise(noises).signs(N)) });
		noises = (noises + 1) % ends.starts;
	}
	function take() {
		return run && { ...run, field: pack(run.field.state), rng: run.rng.x };
	}
	function put(old) {
		if (!old) return;
		const { rng } = stream();
		rng.x = old.rng;
		run = { ...old, rng, field: openField(memory, unpack(old.field, N)) };
		draw();
	}
	function sentence() {
		const M = overlaps(memory, run.field.state);
		const best = M.reduce((a, m, mu) => (Math.abs(m) > Math.abs(M[a]) ? mu : a), 0);
		const near = M[best] === N ? "" : M[best] === -N ? "the negative of " : "nearest ";
		return `energy ${decimal(run.trace.at(-1)[1], 1)}, ${near}${label(best)}, ${run.how || "not settled"}`;
	}

	function draw() {
		const { field, trace, updates, ticks } = run;
		const M = overlaps(memory, field.state);
		grid.draw(field.state, settings.order === "async" && !run.how ? run.seen : -1);
		bars.draw(memory, M, settings.target);
		const target = label(settings.target);
		readWrong(
			`${(N - M[settings.target]) / 2} of ${N}`,
			`Pixels in which the state differs from ${target}: (N − M)/2 with the overlap M = X·s = ` +
				`${decimal(M[settings.target], 0)}.`,
		);
		const here = trace.at(-1)[1];
		const goal = energy(memory, openField(memory, memory.rows[settings.target]));
		readEnergy(
			decimal(here, 1),
			`E = −½ s·W s, with W from ${memory.K} stored pictures, N = ${N}. At ${target}: ${decimal(goal, 1)}.`,
		);
		readFlips(
			`${run.flips} in ${updates} update${updates === 1 ? "" : "s"}`,
			`Accepted flips among the decisions made; seed ${settings.seed}, ${run.sweeps} whole sweeps.`,
		);
		end.textContent = run.how || (updates ? `sweep ${run.sweeps + 1}` : "not started");
		const [low, high] = [Math.min(goal, ...trace.map(([, e]) => e)), Math.max(goal, ...trace.map(([, e]) => e))];
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
		settings.target = Math.min(settings.target, settings.count - 1);
		const { rule, diagonal, count: K } = settings;
		const inverse = config.sets.find((set) => set.name === settings.store).inverse[K - 1];
		memory = makeMemory(store.rows(settings.store).slice(0, K), rule, diagonal, inverse);
		presets.forEach((button, k) => {
			const pressed = ["store", "rule", "count", "diagonal"].every((name) => settings[name] === examples[k][name]);
			button.setAttribute("aria-pressed", pressed);
		});
		const keeps = ["rule", "diagonal", "order"].includes(key); // the state stays, its history starts anew
		if (["target", "damage", "seed"].includes(key)) settings.state = null;
		if (keeps && run) begin(run.field.state);
		else start();
		if (!["target", "damage", "state"].includes(key)) ends.count();
	}

	for (const name of ["store", "rule", "count", "damage", "diagonal", "order"]) frame.control(name);
	frame.button("Step", frame.step, ".");
	frame.button("Sweep", sweep);
	frame.button("Noise", fromNoise, "start from the next random picture");
	frame.finish();
	update(null);
	if (settings.order === "async" && !settings.state) {
		for (let k = 0; k < N / 2; k += 1) advance(); // half a sweep in: something to see before anything is pressed
		draw();
	}
	return () => {
		for (const part of [plot, ends, frame]) part.dispose();
	};
}

export default { render };
