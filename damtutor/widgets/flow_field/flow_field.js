// Flow field: where one step goes, everywhere on a plane, and which places to rest there are at every β.

import { effective, fixedPoints, looks, makePlane, planeEnergy, planeStep, weigh } from "../dynamics/flow.js";
import { Rng32 } from "../dynamics/rng.js";
import { h } from "../kit/dom.js";
import { createFrame } from "../kit/frame.js";
import { predictGate } from "../kit/prediction.js";
import { branchView, fieldView, kindOf } from "./flowdraw.js";

const DWELL = 60; // steps at each β of a sweep
const KICK = 1e-3; // standard deviation of a kick
const MOST_STEPS = 500;

/**
 * The instrument in an element.
 * @param {import("../kit/frame.js").View} view
 * @returns {() => void} takes it away
 */
export function mountFlow({ model, el }) {
	const { sets } = model.get("config");
	const branches = {};
	const swept = {}; // what the first sweep up of the triangle found, and the last one down
	let [set, memory, points, run] = [null, null, [], null];

	const frame = createFrame({
		el,
		model,
		name: "Flow field",
		layout: "side",
		tryThis: "guess first. Then drag the ring somewhere, press Play, and pull β.",
		update,
		restart: () => begin(start()),
		take: () => run,
		put,
		step() {
			advanceStep();
			draw();
		},
		play: { advance, draw },
		arrow: (dx, dy) => plane.arrow(dx, dy),
		keys: [
			["Arrows", "move the state, on the plane"],
			["B", "back to where the state was put"],
		],
	});
	const { settings } = frame;
	const betas = frame.values("beta");
	const plane = fieldView(frame, {
		take: (at) => at,
		where: () => run.at,
		put(at) {
			[settings.x, settings.y] = at.map((v) => Math.round(1000 * Math.min(4, Math.max(-4, v))));
			begin(start());
		},
		describe: () => `State at ${run.at.map((v) => v.toFixed(2)).join(", ")}`,
	});
	const reads = h("div", { class: "dt-reads" });
	const shapes = h(
		"p",
		{ class: "dt-key" },
		"□ memory · rests: ● one, ▲ a few, ■ all take part, with n_eff · × unstable · ring: the state",
	);
	frame.picture.append(plane.element, reads);
	const readMany = frame.readout(reads, "n_eff");
	const readEnergy = frame.readout(reads, "energy");
	const how = h("span", {});
	reads.append(how);
	const diagram = branchView({
		begin() {
			frame.stop();
			frame.mark();
		},
		choose: pull,
		end: frame.publish,
	});
	const hint = h(
		"p",
		{ class: "dt-caption" },
		"The diagram over β opens when you commit to a guess above, or press Show me.",
	);
	diagram.element.hidden = true;
	frame.evidence.append(hint, diagram.element, shapes);

	// --- the run
	const start = () => [settings.x / 1000, settings.y / 1000];
	function begin(at) {
		run = { at, path: [at], steps: 0, mode: "settle", how: "", up: [], down: [], jump: null };
		draw();
	}
	function advance() {
		return run.mode === "settle" ? advanceStep() : advanceSweep();
	}
	function advanceStep() {
		run.mode = "settle";
		const next = planeStep(memory, run.at, settings.a);
		const moved = Math.hypot(next[0] - run.at[0], next[1] - run.at[1]);
		run.how =
			moved < 1e-6 ? "at rest" : Math.hypot(...next) > 20 ? "ran away" : run.steps >= MOST_STEPS ? "still moving" : "";
		if (run.how) return say();
		run.at = next;
		run.path.push(next);
		run.steps += 1;
		return true;
	}
	function say() {
		frame.say(sentence());
		return false;
	}
	// One β of a sweep: sixty steps of size 1, a small kick before each; uniform kicks of the same spread.
	function advanceSweep() {
		const next = run.mode === "up" ? betas.find((b) => b > settings.beta) : betas.findLast((b) => b < settings.beta);
		const [low, high] = set.window;
		if (next === undefined || next > high || next < low) {
			if (set.name === "triangle" && (run.mode === "down" || !swept.up)) swept[run.mode] = run.jump;
			run.mode = "settle";
			frame.publish();
			gate.refresh();
			return say();
		}
		setBeta(next);
		const rng = new Rng32(settings.seed + 1000 * betas.indexOf(next));
		const kick = () => (rng.next() / 2147483648 - 1) * Math.sqrt(3) * KICK;
		const before = effective(memory, run.at);
		for (let k = 0; k < DWELL; k += 1) run.at = planeStep(memory, [run.at[0] + kick(), run.at[1] + kick()]);
		run.path = [run.at];
		const nEff = effective(memory, run.at);
		if (Math.abs(nEff - before) > (run.jump?.size ?? 0))
			run.jump = { size: Math.abs(nEff - before), beta: next, from: before, to: nEff };
		run[run.mode].push([next, nEff]);
		return true;
	}
	function sweep(mode) {
		frame.stop();
		frame.mark();
		const [low, high] = set.window;
		if (mode === "up" || !run.up.length) {
			setBeta(mode === "up" ? betas.find((b) => b >= low) : betas.findLast((b) => b <= high));
			begin(mode === "up" ? looks(set.rows)[0] : set.rows[0]); // the first look is at the average
		}
		Object.assign(run, { mode, how: "", jump: null, steps: 0, down: [] });
		frame.play();
	}
	function put(old) {
		run = old ?? run;
		draw();
	}
	function sentence() {
		if (run.jump && run.mode === "settle" && !run.how)
			return (
				`Sweep ended. Largest change at β = ${run.jump.beta.toFixed(2)}: n_eff from ` +
				`${run.jump.from.toFixed(1)} to ${run.jump.to.toFixed(1)}.`
			);
		return (
			`energy ${planeEnergy(memory, run.at).toFixed(3)}, n_eff ${effective(memory, run.at).toFixed(1)}, ` +
			`${run.how || "moving"}, ${run.steps} steps`
		);
	}

	// --- what is on screen
	function setBeta(beta) {
		settings.beta = beta;
		memory = makePlane(set.rows, beta);
		points = fixedPoints(memory, looks(set.rows));
		frame.refresh();
	}
	function pull(beta) {
		setBeta(betas.reduce((best, b) => (Math.abs(Math.log(b / beta)) < Math.abs(Math.log(best / beta)) ? b : best)));
		begin(run.at);
	}
	function allBranches() {
		if (branches[set.name]) return branches[set.name];
		const [low, high] = set.window;
		const shown = Array.from({ length: 121 }, (_, k) => low * (high / low) ** (k / 120));
		let before = [];
		branches[set.name] = shown.flatMap((beta) => {
			const found = fixedPoints(makePlane(set.rows, beta), [...looks(set.rows), ...before]);
			before = found.map((p) => p.at);
			return found.map(({ nEff, stable }) => ({ beta, nEff, stable }));
		});
		return branches[set.name];
	}
	function draw() {
		const count = set.rows.length;
		plane.draw({
			rows: set.rows,
			step: (at) => planeStep(memory, at, Math.max(settings.a, 0.1)),
			points,
			path: run.path,
			at: run.at,
		});
		const nEff = effective(memory, run.at);
		const top = Math.max(...weigh(memory, run.at).p);
		readMany(
			`${nEff.toFixed(2)} of ${count}`,
			`exp of the entropy of the weights p = softmax(βXξ): how many of the ${count} memories take part. ` +
				`The largest weight is ${top.toFixed(3)}.`,
		);
		readEnergy(
			planeEnergy(memory, run.at).toFixed(4),
			"E = −(1/β) log Σ exp(β X·ξ) + |ξ|²/2 + log(K)/β + M²/2 at " +
				`(${run.at.map((v) => v.toFixed(3)).join(", ")}), β = ${settings.beta}.`,
		);
		const stable = points.filter((p) => p.stable);
		const now = run.mode !== "settle" ? `sweep ${run.mode}, β = ${settings.beta.toFixed(2)}` : run.how;
		how.textContent = [
			now,
			run.steps && `${run.steps} steps`,
			`${stable.length} place${stable.length > 1 ? "s" : ""} to rest`,
		]
			.filter(Boolean)
			.join(" · ");
		if (diagram.element.hidden) return;
		const words = stable.map((p) => `${kindOf(p, count)} (${p.nEff.toFixed(1)})`).join(", ");
		diagram.draw({
			window: set.window,
			count,
			branches: allBranches(),
			beta: settings.beta,
			nEff,
			up: run.up,
			down: run.down,
			alt:
				`n_eff of the fixed points over β. At β = ${settings.beta.toFixed(2)} stable: ${words}. State at ` +
				`n_eff ${nEff.toFixed(2)}.`,
		});
	}
	function update(key) {
		frame.stop();
		if (key === "memories") [settings.x, settings.y] = [0, 0];
		if (key === null) swept.down = null;
		set = sets.find(({ name }) => name === settings.memories);
		setBeta(settings.beta);
		begin(run && ["beta", "a"].includes(key) ? run.at : start());
		gate.refresh();
	}

	for (const name of ["memories", "beta", "a"]) frame.control(name);
	frame.button("Step", frame.step, ".");
	frame.button("Sweep up", () => sweep("up"), "from the average at small β upwards, with small kicks");
	frame.button("Sweep down", () => sweep("down"), "from here, or from a memory at large β, downwards");
	frame.finish();
	const gate = predictGate(frame, {
		text: "the state sits at the centre of the triangle and β rises slowly. What does it do?",
		choices: [
			["glide", "glides out to a memory"],
			["jump", "jumps"],
			["stay", "stays for ever"],
		],
		open() {
			hint.hidden = true;
			diagram.element.hidden = false;
			if (settings.memories !== "triangle") frame.change({ memories: "triangle" });
			sweep("up");
		},
		answer() {
			const words = (jump) =>
				`n_eff goes from ${jump.from.toFixed(2)} to ${jump.to.toFixed(2)} at β = ${jump.beta.toFixed(2)}.`;
			if (!swept.up) return "Watch the sweep …";
			return (
				`It jumps: ${words(swept.up)} ` +
				`${swept.down ? `On the way down ${words(swept.down)}` : "Now press Sweep down."}`
			);
		},
	});
	frame.gates.append(gate.element);
	update(null);
	return () => {
		diagram.dispose();
		frame.dispose();
	};
}

export default { render: mountFlow };
