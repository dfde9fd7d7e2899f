// A thousand pairs of random pictures and their overlaps: about ±1/√N, because a sum of N signs is about √N.

import { histogram, PAIRS, probability, randomPairs, spread } from "../dynamics/random_pairs.js";
import { chart } from "../kit/chart.js";
import { h, thumbnail } from "../kit/dom.js";
import { decimal } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";
import { predictGate } from "../kit/prediction.js";

const EDGE_M = 1.25; // the axis: at N = 4 the bars of m = ±1 are 0.5 wide
const CHOICES = [
	["2", "twice as wide"],
	["1", "as wide as before"],
	["0.5", "half as wide"],
	["0.25", "a quarter as wide"],
];

function render({ model, el }) {
	const frame = createFrame({
		el,
		model,
		name: "Overlap",
		layout: "side",
		update,
		tryThis: "guess, then drag N. Press next for other pictures: the ring jumps, the histogram stays.",
		keys: [["← →", "on the number of pairs: the bar beside"]],
	});
	const { settings } = frame;
	let base = 64; // the question is about this size and four times it
	let guess = null; // the factor, for a dotted line
	let opened = false;
	let shown = null; // what the histogram shows: N, seed, M and what follows from them
	let picked = 0; // a bar, counted from the middle one

	const pair = h("div", { class: "dt-pair" });
	const reads = () => h("div", { class: "dt-reads" });
	const [about, width, count] = [reads(), reads(), reads()];
	frame.picture.append(pair, about);
	const readout = frame.readout(about, "overlap per pixel m = M/N =");
	const plot = chart(frame.evidence, `m = M/N of ${PAIRS} random pairs`, 230);
	const axes = plot.element.querySelector("svg");
	axes.classList.add("dt-choose");
	frame.evidence.append(width, count);
	const readWidth = frame.readout(width, "standard deviation:");
	const theory = width.appendChild(h("span", { class: "dt-read" }));
	const readCount = frame.readout(count, "pairs in the marked bar:");
	const number = count.querySelector("button");

	const kept = new Map(); // a slider comes back
	function draw(N) {
		const key = `${N} ${settings.seed}`;
		if (kept.has(key)) return kept.get(key);
		if (kept.size >= 2 * frame.values("N").length) kept.clear();
		const { first, M } = randomPairs(N, settings.seed);
		kept.set(key, { N, seed: settings.seed, first, M, ...spread(M, N), ...histogram(M, N), sigma: 1 / Math.sqrt(N) });
		return kept.get(key);
	}
	const gate = predictGate(frame, {
		text: "four times as many pixels. The histogram becomes …",
		setup: null,
		choices: CHOICES,
		open(value) {
			guess = value && Number(value);
			opened = true;
			frame.change({ N: 4 * base });
		},
		answer() {
			const [before, after] = [draw(base), draw(4 * base)];
			const ratio = after.value / before.value;
			const error = ratio * Math.hypot(before.error / before.value, after.error / after.value);
			return (
				`From N = ${base} to ${4 * base} the standard deviation goes from ${before.value.toFixed(3)} to ` +
				`${after.value.toFixed(3)}, times ${ratio.toFixed(3)} ± ${error.toFixed(3)}. Theory: times 1/√4 = ` +
				"0.5, half as wide. Other seeds scatter around it."
			);
		},
	});
	frame.gates.append(gate.element);

	function update(key) {
		const { N, seed } = settings;
		if (key === null && !opened) base = Math.min(N, 1024);
		const { first, M, sigma } = draw(N);
		const across = 2 ** Math.ceil(Math.log2(N) / 2);
		pair.replaceChildren(
			...first.map((state) => {
				const picture = thumbnail(across, N / across, "stored");
				picture.draw(state);
				return picture.element;
			}),
		);
		readout(
			decimal(M[0] / N, 3),
			`M = a·b = ${decimal(M[0], 0)}, divided by N: ${(N + M[0]) / 2} of ${N} pixels agree; seed ${seed}, ` +
				`the first of its ${PAIRS} pairs. Theory: 0 ± ${sigma.toFixed(3)}.`,
		);
		shown = draw(opened ? N : base); // before the guess, another N would give the answer away
		picked = Math.round(shown.M[0] / 2 / shown.values);
		drawHistogram();
		gate.refresh();
	}
	function drawHistogram() {
		const { N, M, seed, value, error, values, half, counts, sigma } = shown;
		const wide = (2 * values) / N;
		const bell = (z) => (PAIRS * wide * Math.exp((-z * z) / 2)) / (sigma * Math.sqrt(2 * Math.PI));
		const line = (role, s) => ({
			role,
			points: Array.from({ length: 241 }, (_, k) => k / 20 - 6)
				.filter((z) => Math.abs(z * s) <= EDGE_M)
				.map((z) => [z * s, bell(z)]),
		});
		const bar = (k) =>
			[
				[-0.5, 0],
				[-0.5, 1],
				[0.5, 1],
				[0.5, 0],
			].map(([x, y]) => [(k + x) * wide, y * counts[k + half]]);
		const bars = counts.flatMap((n, k) => (n ? bar(k - half) : []));
		const dotted = guess && N === 4 * base ? [line("guessed", 2 * guess * sigma)] : [];
		const top = 1.15 * Math.max(...counts, bell(0));
		const step = [20, 50, 100, 200].find((s) => top / s < 6);
		const sizes = `standard deviation ${value.toFixed(3)}, theory ${sigma.toFixed(3)}`;
		plot.draw({
			x: {
				min: -EDGE_M,
				max: EDGE_M,
				at: [-1, -0.5, 0, 0.5, 1],
				text: (m) => decimal(m, m % 1 ? 1 : 0),
				title: "overlap per pixel m = M/N",
			},
			y: { min: 0, max: top, at: Array.from({ length: Math.floor(top / step) + 1 }, (_, k) => k * step) },
			lines: [
				{ role: "counts", points: bars },
				{ role: "picked", points: bar(picked) },
				line("theory", sigma),
				...dotted,
			],
			marks: [{ role: "state", x: M[0] / N, y: 0 }],
			alt:
				`Histogram of m of ${PAIRS} random pairs at N = ${N}, on an axis from −1 to 1: ${sizes}. All lie ` +
				`between ${decimal(Math.min(...M) / N, 3)} and ${decimal(Math.max(...M) / N, 3)}. Ring: the pair ` +
				`beside, m = ${decimal(M[0] / N, 3)}.`,
		});
		const follows = settings.N === N ? "" : `It stays at N = ${N} until you have guessed. `;
		plot.key(
			`N = ${N}. ${follows}Bars: pairs counted. Line: theory, Gaussian of width 1/\u2060√N. Ring: this ` +
				`pair.${dotted.length ? " Dotted: the width you guessed." : ""}`,
		);
		readWidth(
			value.toFixed(3),
			`√(Σ(m − mean)²/${PAIRS - 1}) over ${PAIRS} pairs of ${N} pixels, seed ${seed}. Chance moves it by ` +
				`± ${error.toFixed(3)}, its standard error. Theory: 1/√N.`,
		);
		theory.textContent = `theory 1/√${N} = ${sigma.toFixed(3)}`;
		const [low, high] = [-1, 1].map((end) =>
			Math.max(-N / 2, Math.min(N / 2, picked * values + (end * (values - 1)) / 2)),
		);
		const range =
			low === high
				? `m = ${decimal((2 * low) / N, 3)}`
				: `m from ${decimal((2 * low) / N, 3)} to ${decimal((2 * high) / N, 3)}`;
		const exact = PAIRS * probability(N, low, high);
		readCount(
			`${counts[picked + half]} of ${PAIRS}`,
			`${range}; seed ${seed}. Expected: ${exact.toFixed(1)} ± ` +
				`${Math.sqrt(exact * (1 - exact / PAIRS)).toFixed(1)} (binomial, exact); ` +
				`${bell((picked * wide) / sigma).toFixed(1)} by the line. ← → or a click on the histogram choose ` +
				"another bar.",
		);
		number.setAttribute("aria-label", `${counts[picked + half]} of ${PAIRS} pairs, ${range}`);
	}
	function pick(bar) {
		picked = Math.max(-shown.half, Math.min(shown.half, bar));
		drawHistogram();
		frame.say(number.getAttribute("aria-label"));
	}
	number.addEventListener("keydown", (event) => {
		const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
		event.preventDefault();
		pick(picked + move);
	});
	axes.addEventListener("click", (event) => {
		const rule = axes.querySelector(".dt-rule").getBoundingClientRect(); // as long as the axis
		const m = EDGE_M * ((2 * (event.clientX - rule.left)) / rule.width - 1);
		pick(Math.round((m * shown.N) / 2 / shown.values));
	});

	frame.control("N");
	frame.finish();
	update(null);
	return () => {
		plot.dispose();
		frame.dispose();
	};
}

export default { render };
