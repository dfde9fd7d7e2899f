// Sketch: draw a curve by its points, commit, and see theory and measurement come up over it.
import { chart, roundTicks } from "../kit/chart.js";
import { h, holdPointer } from "../kit/dom.js";
import { decimal } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";

const NUDGE = 0.05;
const MARKS = [
	["measured", "●"],
	["second", "◆"],
	["third", "▼"],
];
const tidy = (v) => Math.round(100 * Math.max(0, Math.min(1, v))) / 100;

// The height of a line at x, or null beyond its ends; at a jump, the side that comes later.
function heightAt(x, xs, ys) {
	const k = xs.findLastIndex((v) => v <= x);
	if (k < 0 || x > xs.at(-1)) return null;
	return k === xs.length - 1 ? ys[k] : ys[k] + ((x - xs[k]) / (xs[k + 1] - xs[k])) * (ys[k + 1] - ys[k]);
}

function render({ model, el }) {
	const {
		places,
		measured,
		theory,
		title,
		labels: [across, up],
		margin,
	} = model.get("config");
	let [picked, shown, touched] = [0, false, false];
	let [held, scale] = [null, null];

	const frame = createFrame({
		el,
		model,
		name: `Sketch: ${title}`,
		layout: "single",
		update,
		tryThis:
			`draw your curve: drag the ${places.length} points, or choose one with ← → and move it with ↑ ↓. ` +
			"Then commit.",
		take: () => ({ shown, touched, picked }),
		put(old) {
			({ shown, touched } = old);
			start(old.picked);
		},
		arrow: (dx, dy) => (dx ? choose(picked + dx) : nudge(-dy * NUDGE)),
		keys: [
			["← →", "choose a point"],
			["↑ ↓", `move it by ${NUDGE}`],
		],
	});
	const { settings } = frame;
	const usual = frame.defaults().guess;

	// --- the chart, with a slider to hold on every point
	const plot = chart(frame.picture, `${title}: ${up} over ${across}`, 270);
	const holds = places.map((place, k) =>
		h("div", {
			class: "dt-hold",
			role: "slider",
			"aria-orientation": "vertical",
			"aria-label": `${across} ${place}`,
			"aria-valuemin": 0,
			"aria-valuemax": 1,
			onfocus: () => pick(k),
		}),
	);
	for (const hold of holds) holdPointer(hold, { begin: grab, move: drag, end: frame.publish });
	const sheet = h("div", { class: "dt-sketch" });
	plot.box.replaceWith(sheet);
	sheet.append(plot.box, ...holds);
	plot.box.addEventListener("animationend", () => plot.box.classList.remove("dt-fade"));
	const now = h("p");
	// A div, so that the keys work from here too; up and down scroll on, there is nothing left to move.
	const still = (event) => ["ArrowUp", "ArrowDown"].includes(event.key) && event.stopPropagation();
	const verdict = h("div", { class: "dt-verdict", hidden: true, tabindex: -1, onkeydown: still });
	frame.picture.append(now, verdict);

	function put(k, value) {
		settings.guess = settings.guess.map((v, at) => (at === k ? tidy(value) : v));
		touched = true;
		draw();
	}
	function nudge(by) {
		if (shown) return frame.say("The guess is committed. Undo or Reset opens it again.");
		frame.mark();
		put(picked, settings.guess[picked] + by);
		return frame.publish();
	}
	function pick(k) {
		picked = k;
		draw();
	}
	function choose(k) {
		holds[Math.max(0, Math.min(places.length - 1, k))].focus();
	}
	// Points may stand closer than a finger is wide: the nearest one is meant, whichever lies on top.
	function grab(event) {
		if (shown) return false;
		const box = sheet.getBoundingClientRect();
		const gap = (k) =>
			Math.hypot(scale.px(places[k]) - event.clientX + box.left, scale.py(settings.guess[k]) - event.clientY + box.top);
		const near = [...places.keys()].reduce((best, k) => (gap(k) < gap(best) ? k : best));
		event.preventDefault();
		frame.mark();
		held = { k: near, off: scale.py(settings.guess[near]) - event.clientY };
		return holds[near].focus({ preventScroll: true });
	}
	function drag(event) {
		put(held.k, (scale.py(0) - event.clientY - held.off) / (scale.py(0) - scale.py(1)));
	}

	// --- what is shown, and what is withheld
	const guessWords = () => places.map((place, k) => `${decimal(settings.guess[k])} at ${place}`).join(", ");
	function widest() {
		const gaps = measured.flatMap(({ name, x, y, error }) =>
			x.map((at, k) => ({ name, at, y: y[k], error: error[k], line: heightAt(at, places, settings.guess) })),
		);
		return gaps
			.filter(({ line }) => line !== null)
			.reduce((a, b) => (Math.abs(b.line - b.y) > Math.abs(a.line - a.y) ? b : a));
	}
	function answer() {
		if (!touched) return "Shown without a guess. Reset hides it again.";
		const { name, at, y, error, line } = widest();
		const digits = error < 0.0095 ? 3 : 2; // of a value and its error alike
		return (
			`Your line and the measurement differ most at ${across} ${at}: you drew ${decimal(line)}, measured: ` +
			`${decimal(y, digits)} ± ${error.toFixed(digits)} (${name}).`
		);
	}
	function describe() {
		const guess = touched || !shown ? `Your guess of ${up} over ${across}: ${guessWords()}.` : "No guess.";
		if (!shown) return `${guess} Theory and measurement are hidden until you commit or press Show me.`;
		const line = places.map((place) => [place, heightAt(place, ...theory)]).filter(([, v]) => v !== null);
		const points = measured.map(
			({ name, x, y }) => `Measured, ${name}: ${x.map((at, k) => `${decimal(y[k])} at ${at}`).join(", ")}.`,
		);
		return [guess, `Theory: ${line.map(([at, v]) => `${decimal(v)} at ${at}`).join(", ")}.`, ...points].join(" ");
	}
	function draw() {
		const xs = [...places, ...theory[0], ...measured.flatMap(({ x }) => x)];
		const [low, high] = [Math.min(...xs), Math.max(...xs)];
		const pad = 0.03 * (high - low);
		const pair = ([x, y]) => x.map((v, k) => [v, y[k]]);
		const rails = places.map((place) => ({
			role: "ghost",
			points: [
				[place, 0],
				[place, 1],
			],
		}));
		const mine = touched || !shown ? [{ role: "guess", points: pair([places, settings.guess]) }] : [];
		const marks = measured.flatMap(({ x, y, error }, s) =>
			x.map((v, k) => ({ role: MARKS[s][0], x: v, y: y[k], error: error[k] })),
		);
		plot.draw({
			x: { min: low - pad, max: high + pad, at: roundTicks(low - pad, high + pad, 6), title: across },
			y: { min: -margin, max: 1 + margin, at: [0, 0.2, 0.4, 0.6, 0.8, 1], text: (v) => v.toFixed(1) },
			lines: [...(shown ? [{ role: "theory", points: pair(theory) }] : rails), ...mine],
			marks: shown ? marks : [],
			placed,
			alt: describe(),
		});
		plot.key(
			[
				"○ and dashes: your guess",
				...(shown
					? [
							"line: theory",
							...measured.map(({ name }, s) => `${MARKS[s][1]} measured, ${name}`),
							"bars: ± 1 standard error",
						]
					: []),
			].join(" · "),
		);
		now.textContent = `${across} ${places[picked]}, your guess ${decimal(settings.guess[picked])}`;
		now.hidden = shown;
		verdict.hidden = !shown;
		verdict.textContent = shown ? answer() : "";
		commit.hidden = show.hidden = shown;
		commit.disabled = !touched;
	}
	function placed(px, py) {
		scale = { px, py };
		holds.forEach((hold, k) => {
			const value = settings.guess[k];
			hold.hidden = shown && !touched;
			hold.style.left = `${px(places[k])}px`;
			hold.style.top = `${py(value)}px`;
			hold.tabIndex = k === picked ? 0 : -1;
			for (const [word, is] of [
				["valuenow", value],
				["valuetext", `your guess ${decimal(value)}`],
				["disabled", shown],
			])
				hold.setAttribute(`aria-${word}`, is);
		});
	}
	function update() {
		shown = false;
		touched = settings.guess.some((v, k) => v !== usual[k]);
		start(0);
	}
	// The keyboard goes with the chosen point.
	function start(k) {
		picked = k;
		plot.box.classList.remove("dt-fade");
		if (holds.includes(document.activeElement)) holds[k].focus();
		draw();
	}
	function reveal() {
		frame.mark();
		frame.whenShown(() => {
			shown = true;
			plot.box.classList.add("dt-fade");
			draw();
			verdict.focus();
		});
		if (!shown) frame.root.focus(); // on the projector
	}
	const commit = frame.button("Commit", reveal, "Then theory and measurement come up, and your line stays");
	const show = frame.button("Show me", reveal);
	frame.finish();
	update();
	return () => {
		plot.dispose();
		frame.dispose();
	};
}

export default { render };
