// Ask attention again: one noisy query among many keys, the answer fed back as the next question, and what saves it.

import { crowd, effective, repeat } from "../dynamics/attention.js";
import { chart, roundTicks } from "../kit/chart.js";
import { h } from "../kit/dom.js";
import { decimal } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";
import { predictGate, takeTurns } from "../kit/prediction.js";

/** @type {[string, Record<string, any>][]} */
const CURES = [
	["β × 1.25", { factor: 125 }],
	["LayerNorm", { between: "layernorm" }],
	["100 keys", { count: 100 }],
];
const WIDE = 560;
const TALL = 120;

function render({ model, el }) {
	const { edge, queries } = model.get("config");
	let [run, mean, withheld, ticket, byCount, byOf] = [null, null, true, 0, [], ""];

	const frame = createFrame({
		el,
		model,
		name: "Ask attention again",
		layout: "stack",
		update,
		tryThis: "guess, then pull the step from 1 to 10. Then press one of the three cures.",
		step: () => settings.step < LAST && frame.change({ step: settings.step + 1 }),
		arrow: (dx) =>
			settings.step + dx >= 1 && settings.step + dx <= LAST && dx && frame.change({ step: settings.step + dx }),
		keys: [
			["← →", "one step back or on, on the picture"],
			[".", "one step on"],
		],
	});
	const { settings } = frame;
	const [start, counts, LAST] = [frame.defaults(), frame.values("count"), frame.values("step").at(-1)];
	const { step: _, ...plain } = start;
	const words = () =>
		`${settings.count} keys, β = ${decimal(settings.factor / 100)}/√64` +
		`${settings.between === "layernorm" ? ", LayerNorm between the steps" : ""}, seed ${settings.seed}`;

	// --- all keys as bars: the right one wide and blue, first; the rest in the order they were drawn
	const bars = h("svg", {
		viewBox: `0 0 ${WIDE} ${TALL}`,
		preserveAspectRatio: "none",
		class: "dt-chart",
		role: "img",
		height: TALL,
	});
	const big = h("p", { class: "dt-big" });
	const key = h("p", { class: "dt-key" });
	frame.picture.append(
		h("div", { tabindex: 0, role: "group", "aria-label": "Weights of all keys; left and right change the step" }, bars),
		key,
		big,
	);
	const readWeight = frame.readout(big, "right key");
	const readCount = frame.readout(big, "keys with a say");
	const readEnergy = frame.readout(big, "energy");
	function drawBars() {
		const weights = run.weights[settings.step - 1];
		const width = (WIDE - 40) / (weights.length - 1);
		const column = (x, w, wide) =>
			`M${x.toFixed(1)} ${TALL - 1}v${-((TALL - 3) * w).toFixed(1)}h${wide.toFixed(1)}V${TALL - 1}z`;
		const rest = weights
			.slice(1)
			.map((w, k) => column(40 + k * width, w, 0.75 * width))
			.join("");
		const rule = (y) => h("line", { x1: 0, x2: WIDE, y1: y, y2: y, class: "dt-rule" });
		bars.replaceChildren(
			rule(TALL - 1),
			rule(2),
			h("path", { d: column(3, weights[0], 28), class: "dt-fill-stored" }),
			h("path", { d: column(3, run.weights[0][0], 28), class: "dt-line dt-line-ghost" }),
			h("path", { d: rest, style: "fill: var(--edge)" }),
		);
		const most = Math.max(...weights.slice(1));
		key.textContent =
			`Blue: the right key; dotted: in step 1. Grey: the other ${weights.length - 1}. The upper line is ` +
			"all of the attention.";
		bars.setAttribute(
			"aria-label",
			`Step ${settings.step}: ${decimal(weights[0])} of the attention on the right key, at most ` +
				`${decimal(most)} on any other.`,
		);
		readWeight(
			decimal(weights[0], 3),
			`Weight of the right key in step ${settings.step}, softmax(β x·k): ${words()}; noise 0.5 on each ` +
				`number. All alike would be ${decimal(1 / weights.length, 3)}.`,
		);
		readCount(
			decimal(effective(weights), 1),
			`exp of the entropy of the weights: 1 if one key takes all, ${weights.length} if all share alike.`,
		);
		readEnergy(
			decimal(run.energies[settings.step - 1]),
			"E = −(1/β) log Σ exp(β x·k) + |x|²/2 + a constant, at the query of this step; it is never below 0.",
		);
	}

	// --- weight and energy against the step
	const path = chart(frame.evidence, "Weight on the right key", 160);
	const fall = chart(frame.below, "Energy of the query", 160);
	const axis = { min: 0.6, max: LAST + 0.4, at: [1, 4, 7, 10], title: "step" };
	function drawPath() {
		const points = run.weights.map((w, t) => [t + 1, w[0]]);
		const [x, y] = points[settings.step - 1];
		path.draw({
			x: axis,
			y: { min: -0.03, max: 1.03, at: [0, 0.5, 1] },
			lines: withheld ? [] : [{ role: "ghost", points }],
			marks: [
				...(withheld || !mean ? [] : mean.map((w, t) => ({ role: "measured", x: t + 1, y: w }))),
				{ role: "state", x, y },
			],
			alt:
				`Weight on the right key: ${decimal(y)} in step ` +
				`${x}${withheld ? "" : `, ${decimal(points[LAST - 1][1])} in step ${LAST}`}.`,
		});
		path.key(
			withheld
				? "ring: the step on the slider. The rest appears when you have guessed."
				: `ring, dotted: this query · ●: mean of ${queries} queries`,
		);
	}
	function drawFall() {
		const all = run.energies.slice(0, LAST);
		const shown = all.slice(0, withheld ? settings.step : LAST).map((e, t) => [t + 1, e]);
		const [low, high] = [Math.min(...all), Math.max(...all)];
		const pad = 0.06 * (high - low) || 1;
		fall.draw({
			x: axis,
			y: { min: low - pad, max: high + pad, at: roundTicks(low, high, 5) },
			lines: [{ role: "state", points: shown }],
			marks: [{ role: "state", x: settings.step, y: all[settings.step - 1] }],
			alt: `Energy ${decimal(all[settings.step - 1])} in step ${settings.step}, ${decimal(all[0])} in step 1.`,
		});
		fall.key(
			settings.between === "layernorm"
				? "LayerNorm moves the query after every step: the energy need not fall."
				: "Every step lowers it, or leaves it.",
		);
	}

	// --- how many keys are too many: counted over many queries, one number of keys a frame
	const crowds = chart(frame.evidence, `Weight after ${LAST} steps against the number of keys`, 170);
	crowds.element.hidden = true;
	const average = (count) => {
		const sums = Array(LAST).fill(0);
		for (let q = 0; q < queries; q += 1)
			for (const [t, w] of repeat({ ...crowd({ ...settings, count }, q), steps: LAST }).weights.entries())
				sums[t] += w[q] / queries;
		return sums;
	};
	function more() {
		mean ??= average(settings.count);
		drawPath();
		const next = crowds.element.hidden ? undefined : counts[byCount.length];
		if (next !== undefined) {
			byCount.push([next, average(next)[LAST - 1]]);
			drawCrowds();
			ticket = requestAnimationFrame(more);
		} else {
			ticket = 0;
			if (!crowds.element.hidden) drawCrowds();
			many.refresh();
		}
	}
	function drawCrowds() {
		const here = mean?.[LAST - 1];
		const plain = settings.between === "nothing" && settings.factor === 100;
		crowds.draw({
			x: { min: 10, max: 310, at: [50, 100, 150, 200, 250, 300], title: "keys" },
			y: { min: -0.03, max: 1.03, at: [0, 0.5, 1] },
			guide: guess && { x: guess, text: "your guess" },
			lines: plain
				? [
						{
							role: "theory",
							points: [
								[edge, 0],
								[edge, 1],
							],
						},
					]
				: [],
			marks: [
				...byCount.map(([x, y]) => ({ role: "measured", x, y })),
				...(here === undefined ? [] : [{ role: "state", x: settings.count, y: here }]),
			],
			alt:
				`Mean weight on the right key after ${LAST} steps: ` +
				`${byCount.map(([x, y]) => `${decimal(y)} with ${x} keys`).join(", ")}.`,
		});
		crowds.key(
			`●: mean of ${queries} queries, seed ${settings.seed} · ring: the number of keys on the ` +
				`slider${plain ? ` · line: an estimate, ${Math.round(edge)} keys, for a query that is asked for ever` : ""}`,
		);
	}
	let guess = null;
	const half = () => {
		const k = byCount.findIndex(([, w]) => w < 0.5);
		if (k < 1) return null;
		const [[x0, y0], [x1, y1]] = [byCount[k - 1], byCount[k]];
		return Math.round(x0 + ((y0 - 0.5) / (y0 - y1)) * (x1 - x0));
	};

	// --- predictions
	let told = {}; // the answer of the first, which only the seed can change
	const first = predictGate(frame, {
		text: "after ten steps instead of one, the weight on the right key has ...",
		setup: null,
		about: () => plain,
		choices: [
			["grown", "grown"],
			["same", "stayed"],
			["shrunk", "shrunk"],
		],
		open() {
			withheld = false;
			frame.change({ ...start, step: LAST });
		},
		answer() {
			const { seed } = settings;
			if (told.seed !== seed)
				told = { seed, list: repeat({ ...crowd({ seed, ...start }, 0), steps: LAST }).weights.map((w) => w[0]) };
			const { list } = told;
			return (
				`${decimal(list[0], 3)} in step 1, ${decimal(list[LAST - 1], 3)} in step ${LAST}. The energy fell ` +
				"all the way; its lowest place is the average of all keys."
			);
		},
	});
	const many = predictGate(frame, {
		text: "with how many keys is half of the weight gone after ten steps?",
		setup: null,
		choices: ["50", "100", "150", "200", "300"].map((n) => [n, n]),
		open(value) {
			[withheld, guess] = [false, value && Number(value)];
			crowds.element.hidden = false;
			frame.change(start);
		},
		answer: () =>
			byCount.length < counts.length
				? "Counting …"
				: half()
					? `Half is gone at about ${half()} keys (${queries} queries; ${words().replace(/^\d+ keys, /, "")}).`
					: `With these settings half of the weight is there for every number of keys tried.`,
	});

	function update(key) {
		if (key !== "step") [run, mean] = [repeat({ ...crowd(settings, 0), steps: LAST }), null];
		const of = JSON.stringify({ ...settings, step: 0, count: 0 });
		if (of !== byOf) [byCount, byOf] = [[], of];
		drawBars();
		drawPath();
		drawFall();
		if (!crowds.element.hidden) drawCrowds();
		for (const [button, values] of cures) {
			const on = Object.entries(values).every(([name, v]) => settings[name] === v);
			button.setAttribute("aria-pressed", on);
		}
		if (!withheld && !ticket) ticket = requestAnimationFrame(more);
		first.refresh();
		frame.say(
			`Step ${settings.step}: weight ${decimal(run.weights[settings.step - 1][0])} on the right key, ` +
				`energy ${decimal(run.energies[settings.step - 1])}.`,
		);
	}
	for (const name of ["step", "count"]) frame.control(name);
	const cures = CURES.map(([name, values]) => {
		const [[key, on]] = Object.entries(values);
		return [frame.button(name, () => frame.change({ [key]: settings[key] === on ? start[key] : on })), values];
	});
	frame.finish();
	takeTurns(frame, first, many);
	update(null);
	return () => {
		cancelAnimationFrame(ticket);
		for (const part of [path, fall, crowds, frame]) part.dispose();
	};
}

export default { render };
