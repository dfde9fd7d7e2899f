// Attention microscope: a sentence, the word that asks, and where its attention goes when the answer asks again.

import { asymmetryAt, dot, effective, mix, repeat, retrieve, scene } from "../dynamics/attention.js";
import { chart, roundTicks } from "../kit/chart.js";
import { h } from "../kit/dom.js";
import { decimal } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";
import { predictGate, takeTurns } from "../kit/prediction.js";

const GHOST = 10;
/** @type {[string, string, number | string][]} */
const CURES = [
	["β × 1.25", "factor", 125],
	["LayerNorm", "between", "layernorm"],
];

function render({ model, el }) {
	const { words, vectors } = model.get("config");
	let withheld = true;
	const answered = new Set();
	let run = null;
	let now = null;

	const frame = createFrame({
		el,
		model,
		name: "Attention microscope",
		layout: "stack",
		update,
		step: () => settings.step < MOST && frame.change({ step: settings.step + 1 }),
		arrow: (dx) => dx && ask(settings.token + dx, true),
		tryThis: "guess, then drag the step. Click other words, add random keys.",
		keys: [
			["← →", "the word before or after"],
			[".", "next attention step"],
		],
	});
	const { settings } = frame;
	const MOST = frame.values("step").at(-1);
	const { token: _, ...plain } = frame.defaults(); // a question and a cure are about any word
	const solve = (s) => repeat({ ...scene(vectors, s), steps: MOST });
	const rightWeight = (s) => {
		const { right } = scene(vectors, s);
		return solve(s).weights.map((w) => w[right]);
	};

	// --- the sentence
	function pole() {
		const [fill, ghost] = ["dt-fill-stored", "dt-pole-ghost"].map((cls) => h("path", { class: cls }));
		const box = { class: "dt-pole", viewBox: "0 0 26 100", preserveAspectRatio: "none", "aria-hidden": "true" };
		return { fill, ghost, value: h("span"), element: h("svg", box, fill, ghost) };
	}
	function drawPole(bar, weight, later) {
		const without = withheld || settings.step === GHOST || later < 0.02;
		bar.fill.setAttribute("d", `M0 100V${100 - 100 * weight}h26V100z`);
		bar.ghost.setAttribute("d", without ? "" : `M-5 100V${100 - 100 * later}h36V100`);
		bar.value.textContent = decimal(weight);
	}
	const tokens = words.map((word, t) => {
		const bar = pole();
		const button = h(
			"button",
			{ type: "button", class: "dt-word", onclick: () => ask(t) },
			bar.element,
			h("span", {}, word),
			bar.value,
		);
		return { word, bar, button };
	});
	const crowd = pole();
	const crowdName = h("span");
	const crowdBox = h("div", { class: "dt-word dt-crowd" }, crowd.element, crowdName, crowd.value);
	const reads = h("div", { class: "dt-reads" });
	const key = h("p", { class: "dt-key" });
	frame.picture.append(h("div", { class: "dt-words" }, ...tokens.map((token) => token.button), crowdBox), key);
	const readWeight = frame.readout(reads, "weight on the right key");
	const readCount = frame.readout(reads, "keys that have a say");
	const readGap = frame.readout(reads, "|attention − retrieval|");
	function ask(t, focus = false) {
		if (!tokens[t]) return;
		frame.change({ token: t });
		if (focus) tokens[t].button.focus();
	}
	function drawSentence() {
		const { step, extra, token } = settings;
		const [p, later] = [run.weights[step - 1], run.weights[GHOST - 1]];
		tokens.forEach(({ word, bar, button }, t) => {
			const hidden = !now.seen[extra + t];
			drawPole(bar, p[extra + t], later[extra + t]);
			button.classList.toggle("dt-masked", hidden);
			button.setAttribute("aria-pressed", t === token);
			button.tabIndex = t === token ? 0 : -1;
			if (hidden) bar.value.textContent = "hidden";
			button.setAttribute(
				"aria-label",
				`${word}: ${hidden ? "hidden by the mask" : `weight ${decimal(p[extra + t])}`}. Ask with it.`,
			);
		});
		crowdBox.hidden = !extra;
		const sum = (list) => list.slice(0, extra).reduce((a, b) => a + b, 0);
		drawPole(crowd, sum(p), sum(later));
		crowdName.textContent = `${extra} random`;
		key.textContent =
			`Blue bar: weight in step ${step}${withheld ? "" : ` · dashed: in step ${GHOST}`}. ` +
			`${extra ? `Grey bar: all ${extra} random keys together; they are synthetic. ` : ""}The query is ` +
			`"${words[token]}" plus noise.`;
		const why =
			`softmax(β x·k), β = ${decimal(settings.factor / 100)}/√${now.query.length} = ` +
			`${decimal(now.beta, 3)}; ${now.seen.filter(Boolean).length} keys seen, noise 0.5, seed ` +
			`${settings.seed}.`;
		readWeight(decimal(p[now.right], 3), why);
		readCount(
			decimal(effective(p), 1),
			`exp of the entropy of the weights: 1 if one key takes all, ${now.seen.filter(Boolean).length} if ` +
				"all share alike.",
		);
		const x = run.states[step - 1];
		const other = retrieve(x, now.keys, now.beta, now.seen).map((v, i) => v - mix(p, now.values)[i]);
		const gap = Math.sqrt(dot(other, other));
		readGap(
			gap < 1e-12 ? "below 1e−12" : decimal(gap),
			settings.values === "tied"
				? "One step computed twice, as softmax of scores and as a walk down the memory's energy: the same up " +
						"to rounding."
				: "With free values the result is no retrieval step: it is another vector.",
		);
		frame.say(
			`Step ${step}: weight ${decimal(p[now.right])} on ${words[token]}, ${decimal(effective(p), 1)} keys have a say.`,
		);
	}

	// --- evidence: the weight against the step, and the energy
	const path = chart(frame.evidence, "Weight on the right key", 170);
	frame.evidence.append(reads);
	function drawPath() {
		const points = run.weights.map((w, t) => ({ x: t + 1, y: w[now.right] }));
		const here = points[settings.step - 1];
		path.draw({
			x: { min: 0.6, max: MOST + 0.4, at: [1, 4, 7, 10], title: "attention step" },
			y: { min: -0.03, max: 1.03, at: [0, 0.5, 1] },
			lines: withheld ? [] : [{ role: "ghost", points: points.map(({ x, y }) => [x, y]) }],
			marks: [...(withheld ? [] : points.map((p) => ({ role: "measured", ...p }))), { role: "state", ...here }],
			alt:
				`Weight on the right key: ${decimal(here.y)} in step ` +
				`${here.x}${withheld ? "" : `, ${decimal(points[GHOST - 1].y)} in step ${GHOST}`}.`,
		});
		path.key(
			withheld
				? "ring: the step on the slider. The others appear when you have guessed."
				: "ring: the step on the slider · ● every step of this one query",
		);
	}
	const fall = chart(frame.below, "Energy of the memory", 170);
	const none = h("div", { class: "dt-none" });
	frame.below.append(none);
	function drawEnergy() {
		const free = settings.values === "free";
		fall.element.hidden = free;
		none.hidden = !free;
		if (free) {
			const found = asymmetryAt(run.states[settings.step - 1], now.keys, now.values, now.beta, now.seen);
			none.textContent =
				`No energy exists whose gradient is x − f: the derivative of f has asymmetry ${decimal(found)} here ` +
				"(0 with V = K, about 1.4 if all is random). The values lead elsewhere than their keys.";
			return;
		}
		const shown = run.energies.slice(0, withheld ? settings.step : undefined);
		const [low, high] = [Math.min(...run.energies), Math.max(...run.energies)];
		const ticks = roundTicks(low, high, 3);
		const at = Math.min(settings.step - 1, shown.length - 1);
		fall.draw({
			x: { min: -0.4, max: MOST + 0.4, at: [0, 3, 6, 9, 12], title: "updates so far" },
			y: { min: low - 0.05 * (high - low || 1), max: high + 0.05 * (high - low || 1), at: ticks },
			lines: [{ role: "state", points: shown.map((e, t) => [t, e]) }],
			marks: [{ role: "state", x: at, y: shown[at] }],
			alt: `Energy ${decimal(shown[at])} after ${at} updates; at the start ${decimal(shown[0])}.`,
		});
		fall.key(
			settings.residual === "plain"
				? "x + f is not a step along f − x: nothing keeps the energy from rising."
				: settings.between === "layernorm"
					? "LayerNorm moves the state after every step: the energy need not fall."
					: "ring: the query of this step. Every update lowers the energy, or leaves it.",
		);
	}

	// --- predictions: each is answered for its own settings, whatever the sliders say by then
	const question = (extra, text) =>
		predictGate(frame, {
			text,
			setup: { text: "Set this up", run: () => frame.change({ ...plain, extra }) },
			about: () => ({ ...plain, step: settings.step, extra }),
			choices: [
				["grown", "grown"],
				["same", "about the same"],
				["shrunk", "shrunk"],
			],
			open() {
				answered.add(extra);
				withheld = false;
				frame.change({ ...plain, extra });
			},
			answer() {
				const found = rightWeight({ ...settings, ...plain, extra });
				const [one, ten] = [found[0], found[GHOST - 1]];
				const how = Math.abs(ten - one) < 0.03 ? "about the same" : ten > one ? "grown" : "shrunk";
				return `"${words[settings.token]}": ${decimal(one)} in step 1, ${decimal(ten)} in step ${GHOST}: ${how}.`;
			},
		});
	const alone = question(0, "eleven words, ten steps instead of one. The weight on the word that asks has ...");
	const crowded = question(200, "the same with 200 random keys added. After ten steps the weight has ...");

	function update() {
		now = scene(vectors, settings);
		run = repeat({ ...now, steps: MOST });
		drawSentence();
		drawPath();
		drawEnergy();
		for (const [button, key, on] of cures) button.setAttribute("aria-pressed", settings[key] === on);
		alone.refresh();
		crowded.refresh();
	}
	for (const name of ["step", "extra", "factor", "head", "mask", "values", "residual", "between"]) frame.control(name);
	const cures = CURES.map(([name, key, on]) => [
		frame.button(name, () => frame.change({ [key]: settings[key] === on ? plain[key] : on }), "on, and off again"),
		key,
		on,
	]);
	frame.finish();
	takeTurns(frame, alone, crowded, (gate) => {
		withheld = !answered.has(gate === crowded ? 200 : 0);
		update();
	});
	return () => {
		path.dispose();
		fall.dispose();
		frame.dispose();
	};
}

export default { render };
