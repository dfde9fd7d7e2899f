// Landscape: memories to drag, a ball that steps downhill, and every place where it could come to rest.

import { ending, energy, restingPlaces, rests, step, wilson } from "../dynamics/plane.js";
import { Rng32 } from "../dynamics/rng.js";
import { chart, roundTicks } from "../kit/chart.js";
import { h } from "../kit/dom.js";
import { decimal, plural } from "../kit/format.js";
import { createFrame } from "../kit/frame.js";
import { predictGate } from "../kit/prediction.js";
import { basinsView, GRID, HALF } from "./basins.js";

const DROPS = 200;
const MOST_ROLLS = 400;
// Where a new memory may go.
const SPOTS = GRID.filter(([x, y], k) => k % 3 === 0 && Math.max(Math.abs(x), Math.abs(y)) < 1.7);
const gap = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const round = (v) => Math.round(100 * Math.max(-HALF, Math.min(HALF, v))) / 100;
const signed = (v, digits = 3) => (Number.isFinite(v) ? decimal(Math.round(v * 1000) / 1000 || 0, digits) : "infinite");
const range = (hits) =>
	`${wilson(hits, DROPS)
		.map((p) => Math.round(100 * p))
		.join(" to ")} %`;

function render({ model, el }) {
	const config = model.get("config");
	let [places, run, withheld, picked] = [[], null, true, -1]; // picked: a memory, or -1 for the ball

	const frame = createFrame({
		el,
		model,
		name: "Landscape",
		layout: "side",
		update,
		step() {
			advance();
			draw();
		},
		play: { advance, draw },
		tryThis:
			"commit to a guess, then put the ball somewhere and press Play. Drag the numbered memories, and " +
			"change the reach.",
		restart: () => begin(run.dropped),
		take: () => ({ ...run, picked }),
		put(old) {
			({ picked, ...run } = old);
			if (run.dropped) drawDrops();
			draw();
		},
		arrow: (dx, dy) => plane.arrow(dx, dy),
		enter: pickNext,
		keys: [
			["Enter", "choose the ball or the next memory"],
			["Arrows", "move what is chosen"],
			["Space", "roll"],
		],
	});
	const { settings } = frame;
	const kernel = () => ({
		kind: settings.kernel,
		width: settings.kernel === "compact" ? settings.reach : settings.sigma,
	});
	const here = () => run.path.at(-1);

	// --- the plane
	const chosen = () => (picked < 0 ? here() : settings.memories[picked]);
	const plane = basinsView(frame, {
		take(at) {
			const gaps = settings.memories.map((p) => gap(p, at));
			picked = gap(here(), at) > 0.16 && Math.min(...gaps) < 0.2 ? gaps.indexOf(Math.min(...gaps)) : -1;
			return picked < 0 ? at : chosen();
		},
		where: chosen,
		put(point) {
			const at = point.map(round);
			if (picked < 0) settings.ball = [at];
			else settings.memories = settings.memories.map((p, k) => (k === picked ? at : p));
			update("memories");
		},
		describe() {
			const at = chosen().map((v) => v.toFixed(2));
			return `${picked < 0 ? "ball" : `memory ${picked + 1}`} at ${at.join(", ")}`;
		},
	});
	const reads = h("div", { class: "dt-reads" });
	frame.picture.append(plane.element, reads);
	const readPlaces = frame.readout(reads, "resting places");
	const plot = chart(frame.evidence, "Energy along the ball's path", 150);
	plot.key(
		"■ stored · △ rests, never stored · ○ the ball · dashed circle: R or σ · tint: basin · thin lines: equal energy",
	);
	const figures = h("div", { class: "dt-reads" });
	const caption = h("p", { class: "dt-caption" });
	const ends = h("ul", { class: "dt-ends" });
	frame.evidence.append(figures, caption, ends);
	const readEnergy = frame.readout(figures, "energy");
	const readChange = frame.readout(figures, "last step");
	const where = h("span", {});
	figures.append(where);

	function pickNext() {
		picked = picked + 1 < settings.memories.length ? picked + 1 : -1;
		draw();
		frame.say(picked < 0 ? "the ball is chosen" : `memory ${picked + 1} is chosen`);
	}

	// --- what rests where
	function name({ members, point }) {
		const numbers = members.map((k) => k + 1).join("+");
		if (members.length === 1) return `memory ${numbers}`;
		return members.length
			? `△ ${settings.kernel === "compact" ? "mean" : "blend"} of ${numbers}`
			: `△ at ${point.map((v) => signed(v, 2)).join(", ")}`;
	}
	function drawPlane() {
		const { memories } = settings;
		const mean = (c) => memories.reduce((sum, p) => sum + p[c], 0) / memories.length;
		const centre = [0, 1].map((c) => mean(c) + 0.011 - 0.004 * c); // off balance
		places = restingPlaces(memories, kernel(), [...GRID.filter((_, k) => k % 29 === 3), centre]).sort(
			(a, b) => (a.members.length || 9) - (b.members.length || 9),
		);
		plane.draw(memories, kernel(), withheld ? null : places);
		const stored = places.filter((p) => p.members.length === 1).length;
		readPlaces(
			withheld ? "?" : `${places.length}`,
			withheld
				? "Commit to a guess first, or press Show me."
				: settings.kernel === "compact"
					? `All ${2 ** memories.length - 1} subsets tried: a place rests if it is the mean of just the ` +
						`memories within its reach. ${stored} of ${memories.length} memories rest.`
					: "Distinct ends of balls from every memory and from a grid; a counted list, not a proof that there " +
						"is no other.",
		);
		caption.textContent = "";
		ends.replaceChildren();
		if (run.dropped) drawDrops();
	}
	function drawDrops() {
		const rng = new Rng32(settings.seed);
		const fall = Array.from({ length: DROPS }, () => [rng.below(4001) / 1000 - HALF, rng.below(4001) / 1000 - HALF]);
		const hits = fall.map((x) => ending(settings.memories, kernel(), places, x));
		const count = (k) => hits.filter((hit) => hit === k).length;
		const rows = [...places.keys()].map((k) => [name(places[k]), count(k)]);
		if (count(-1)) rows.push(["no force", count(-1)]);
		caption.textContent =
			`${DROPS} balls, where they end (95 % interval). ` +
			`${plural(rows.filter(([, n], k) => n && k < places.length).length, "place")} found.`;
		ends.replaceChildren(...rows.map(([words, n]) => h("li", {}, `${words}: ${n} (${range(n)})`)));
		plane.drops(fall);
		frame.say(caption.textContent);
	}
	function drop() {
		frame.mark();
		if (withheld) gate.element.querySelectorAll("button")[1].click();
		run.dropped = true;
		drawDrops();
	}

	// --- the ball
	function advance() {
		const x = here();
		const y = step(settings.memories, kernel(), x);
		run.done = run.path.length > MOST_ROLLS || rests(settings.memories, kernel(), x, y);
		if (!run.done) run.path.push(y);
		else frame.say(`energy ${signed(energy(settings.memories, kernel(), x))}, ${ended()}`);
		return !run.done;
	}
	function ended() {
		if (!run.done) return run.path.length > 1 ? "rolling" : "not started";
		if (energy(settings.memories, kernel(), here()) === Infinity) return "no force here: beyond every reach";
		const near = places.reduce((best, p) => (gap(p.point, here()) < gap(best.point, here()) ? p : best));
		return gap(near.point, here()) < 0.02 ? `at rest: ${name(near)}` : "at rest where only a perfect balance holds it";
	}
	function draw() {
		const heights = run.path.map((p) => energy(settings.memories, kernel(), p));
		const [x, y] = here();
		plane.ball(run.path);
		plane.choose(chosen());
		const e = heights.at(-1);
		const formula =
			settings.kernel === "compact"
				? `E = −log Σ max(0, 1 − |x − X|²/R²), R = ${settings.reach}`
				: `E = −σ² log mean exp(−|x − X|²/2σ²), σ = ${settings.sigma}`;
		readEnergy(signed(e), `${formula}, at x = (${x.toFixed(3)}, ${y.toFixed(3)}).`);
		const change = heights.length > 1 ? e - heights.at(-2) : 0;
		readChange(
			heights.length > 1 ? `ΔE ${signed(change)}` : "none yet",
			`Energy after minus energy before, over ${plural(heights.length - 1, "step")}. It is never positive.`,
		);
		where.textContent = ended();
		const finite = heights.filter(Number.isFinite);
		const [low, high] = finite.length ? [Math.min(0, ...finite), Math.max(0.5, ...finite)] : [0, 1];
		const last = Math.max(4, heights.length - 1);
		plot.draw({
			x: { min: 0, max: last, at: roundTicks(0, last, 6).filter(Number.isInteger), title: "steps" },
			y: { min: low - 0.05, max: high + 0.05, at: roundTicks(low, high, 4), text: (v) => signed(v, 1) },
			lines: finite.length > 1 ? [{ role: "state", points: heights.map((v, k) => [k, v]) }] : [],
			marks: finite.length ? [{ role: "state", x: heights.length - 1, y: e }] : [],
			alt: `Energy from ${signed(heights[0])} to ${signed(e)} in ${plural(heights.length - 1, "step")}; ${ended()}.`,
		});
	}
	function begin(dropped) {
		run = { path: [settings.ball[0]], done: false, dropped };
		draw();
	}
	function update(key) {
		frame.stop();
		picked = key === null ? -1 : Math.min(picked, settings.memories.length - 1);
		run = { ...run, dropped: key !== null && run.dropped };
		for (const name of ["reach", "sigma"]) frame.enable(name, (name === "reach") === (settings.kernel === "compact"));
		drawPlane();
		gate.refresh();
		begin(run.dropped);
	}
	function add() {
		const { memories } = settings;
		const room = (p) => Math.min(...memories.map((m) => gap(m, p)));
		const best = SPOTS.reduce((a, b) => (room(b) > room(a) ? b : a));
		if (memories.length < config.most) frame.change({ memories: [...memories, best.map(round)] });
		else frame.say(`No more than ${config.most} memories.`);
	}
	function remove() {
		const gone = picked < 0 ? settings.memories.length - 1 : picked;
		if (settings.memories.length > 1) frame.change({ memories: settings.memories.filter((_, k) => k !== gone) });
		else frame.say("One memory has to stay.");
	}

	const gate = predictGate(frame, {
		text: "how many resting places do three memories make?",
		setup: null,
		choices: ["1", "3", "4", "7"].map((n) => [n, n]),
		open() {
			withheld = false;
			drawPlane();
			draw();
		},
		answer() {
			const stored = places.filter((p) => p.members.length === 1).length;
			return (
				`With these settings ${plural(settings.memories.length, "memory").replace("memorys", "memories")} ` +
				`make ${plural(places.length, "resting place")}: ${stored} of a single memory, ` +
				`${places.length - stored} that nobody stored.`
			);
		},
	});
	frame.gates.append(gate.element);
	for (const name of ["kernel", "reach", "sigma"]) frame.control(name);
	frame.button("Step", frame.step, ".");
	frame.button("Drop 200", drop);
	frame.button("Add", add, "One more memory");
	frame.button("Remove", remove, "The chosen memory, or the last");
	frame.finish();
	update(null);
	return () => {
		plot.dispose();
		frame.dispose();
	};
}

export default { render };
