// Filmstrip: ten damaged pictures above, where each ends below, recomputed while n moves.

import { mountRetrieval } from "../dense_retrieval/dense_retrieval.js";
import { recallTen, tally, walk } from "../dynamics/recall_ten.js";
import { chart } from "../kit/chart.js";
import { h, thumbnail } from "../kit/dom.js";
import { createFrame, localModel } from "../kit/frame.js";
import { openPatternSets } from "../kit/pattern_sets.js";
import { filmstripGates } from "./questions.js";

const QUERIES = 10;
const MAX_SWEEPS = 20;
const OUTCOMES = {
	back: ["✓", "back", "the stored picture"],
	negative: ["⊖", "neg.", "the negative of a stored picture"],
	other: ["■", "other", "another stored picture"],
	mix: ["▲", "mix", "no stored picture"],
};

function render({ model, el }) {
	const config = model.get("config");
	const { width, height } = config;
	const store = openPatternSets(config);
	const { N } = store;
	let results = [];
	// Outcomes for every n, under the present settings.
	let curve = {};
	let curveOf = "";
	let withheld = true;
	let guess = null;
	let ticket = 0;
	let inner = null;

	const frame = createFrame({
		el,
		model,
		name: "Filmstrip",
		layout: "stack",
		update,
		step: nextN,
		tryThis: "drag n from 2 upwards and watch the lower row.",
		arrow: (dx) => focusFilm((focused + dx + QUERIES) % QUERIES),
		keys: [
			["← →", "move along the strip"],
			["Enter", "open one picture"],
			[".", "next n"],
		],
	});
	const { settings } = frame;
	const orders = frame.values("n");

	// --- the strip
	let focused = 0;
	const films = Array.from({ length: QUERIES }, (_, q) => {
		const query = thumbnail(width, height, "state");
		const end = thumbnail(width, height, "state");
		const mark = h("span", { class: "dt-mark" });
		const button = h(
			"button",
			{ type: "button", class: "dt-film", tabindex: q ? -1 : 0, onclick: () => open(q), onfocus: () => rove(q) },
			query.element,
			h("span", { class: "dt-arrow", "aria-hidden": "true" }, "↓"),
			end.element,
			mark,
		);
		return { query, end, mark, button };
	});
	const names = h(
		"div",
		{ class: "dt-rows", "aria-hidden": "true" },
		h("span", {}, "ten damaged pictures"),
		h("span"),
		h("span", {}, "where each one ends"),
		h("span"),
	);
	const big = h("p", { class: "dt-big" });
	frame.picture.append(h("div", { class: "dt-strip" }, names, ...films.map((film) => film.button)), big);
	const count = frame.readout(big, "");
	const rest = h("span");
	big.append(rest);
	function rove(q) {
		films[focused].button.tabIndex = -1;
		films[q].button.tabIndex = 0;
		focused = q;
	}
	function focusFilm(q) {
		films[q].button.focus();
	}

	// --- one n: ten queries, ten ends
	const memoryAt = (n) => store.memory(settings.store, settings.count, n, settings.rectified);
	const solve = (n) =>
		recallTen(memoryAt(n), {
			queries: QUERIES,
			flips: store.flips(settings.damage),
			stream: (q) => store.stream(settings.seed, q),
			maxSweeps: MAX_SWEEPS,
		});
	function drawStrip() {
		results = solve(settings.n);
		results.forEach(({ start, state, outcome: how }, q) => {
			const { query, end, mark, button } = films[q];
			query.draw(start);
			end.draw(state);
			end.element.classList.toggle("dt-hollow-box", how === "negative");
			mark.replaceChildren(h("span", {}, OUTCOMES[how][0]), " ", h("span", {}, OUTCOMES[how][1]));
			button.setAttribute("aria-label", `${store.label(settings.store, q)}: ends on ${OUTCOMES[how][2]}. Open it.`);
		});
		const back = tally(results, "back");
		count(
			`${back} of ${QUERIES} recovered`,
			`Counted: all ${N} pixels right after at most ${MAX_SWEEPS} sweeps, one spin at a time. ` +
				`${store.flips(settings.damage)} pixels flipped in each, K = ${settings.count} stored, seed ${settings.seed}.`,
		);
		const parts = ["negative", "other", "mix"].filter((how) => tally(results, how));
		rest.textContent = parts
			.map((how) => `${OUTCOMES[how][0]} ${tally(results, how)} on ${OUTCOMES[how][2]}`)
			.join(" · ");
		frame.say(`${frame.text("n")}: ${back} of ${QUERIES} recovered. ${rest.textContent}`);
	}

	// --- all n, one a frame, once the learner has guessed
	const against = chart(frame.evidence, "Where the ten end", 170);
	const counted = (list) => ({ back: tally(list, "back"), negative: tally(list, "negative") });
	function drawCurve() {
		const of = JSON.stringify({ ...settings, n: null });
		if (of !== curveOf) {
			[curve, curveOf] = [{}, of];
			gates.refresh();
		}
		curve[settings.n] = counted(results);
		cancelAnimationFrame(ticket);
		if (!withheld) ticket = requestAnimationFrame(fill);
		showCurve();
	}
	function fill() {
		const n = orders.find((m) => !curve[m]);
		if (n === undefined) return gates.refresh();
		curve[n] = counted(solve(n));
		showCurve();
		ticket = requestAnimationFrame(fill);
		return undefined;
	}
	function showCurve() {
		const shown = orders.map((n, k) => ({ n, k, ...curve[n] })).filter((p) => !withheld && p.back !== undefined);
		const here = curve[settings.n];
		const k = orders.indexOf(settings.n);
		const hollow = shown.some((p) => p.negative) || here?.negative;
		against.draw({
			x: { min: -0.3, max: orders.length - 0.7, at: orders.map((_, j) => j), text: (j) => `${orders[j]}`, title: "n" },
			y: { min: -0.8, max: 10.8, at: [0, 5, 10] },
			lines: [],
			guide: guess === null ? null : { x: orders.indexOf(guess), text: "your guess" },
			marks: [
				...shown.filter((p) => p.negative).map((p) => ({ role: "negative", x: p.k, y: p.negative })),
				...shown.map((p) => ({ role: "measured", x: p.k, y: p.back })),
				{ role: "state", x: k, y: here.back },
			],
			alt:
				`At ${frame.text("n")} ${here.back} of ten come back.` +
				shown.map((p) => ` ${frame.text("n", p.n)}: ${p.back} back, ${p.negative} negatives.`).join(""),
		});
		against.key(
			withheld
				? "ring: the n on the slider. The other n appear when you have guessed."
				: `ring: the n on the slider · ● recovered${hollow ? " · ○ ended on a negative" : ""} · 10 pictures, ` +
						`seed ${settings.seed}`,
		);
	}

	// --- energy along the way from one stored picture to the next
	const path = chart(frame.below, "Energy between two stored pictures", 170);
	function drawPath() {
		const [now, two] = [settings.n, 2].map((n) => {
			const memory = memoryAt(n);
			return walk(memory, memory.rows[0], memory.rows[1], store.stream(settings.seed, 0)).map((e, k) => [k, e]);
		});
		const pair = [0, 1].map((mu) => store.label(settings.store, mu));
		const last = now.length - 1;
		const { sum: drawn } = store.packed(settings.n, settings.rectified);
		path.draw({
			x: { min: 0, max: last, at: [0, Math.round(last / 2), last], title: "pixels changed" },
			y: { min: -1.1, max: 0.05, at: [-1, 0], text: (v) => (v ? "lowest" : "highest") },
			lines: [...(settings.n === 2 ? [] : [{ role: "ghost", points: two }]), { role: "state", points: now }],
			marks: [
				{ role: "stored", x: 0, y: now[0][1] },
				{ role: "stored", x: last, y: now[last][1] },
			],
			alt: `${drawn}, drawn between its lowest and highest value, from ${pair.join(" to ")}.`,
		});
		path.key(
			`■ ${pair.join(", ")} · line: ${drawn}${settings.n === 2 ? "" : " · dotted: n = 2"}. ` +
				"Each curve is drawn between its own lowest and highest value.",
		);
	}

	// --- predictions
	const gates = filmstripGates(frame, {
		opened(value) {
			withheld = false;
			guess = orders.find((n) => `${n}` === value) ?? null;
			drawCurve();
		},
		curve: () => orders.every((n) => curve[n]) && curve,
	});
	// --- one picture, opened in the retrieval view
	function open(q) {
		const { store: name, damage, n, rectified, seed } = settings;
		const sets = config.sets.filter((set) => set.name === name);
		const call =
			"from damtutor.widgets import DenseRetrieval\nfrom damtutor.widgets.filmstrip import stores\n" +
			`DenseRetrieval({"${name}": stores()["${name}"][:${settings.count}]}, names=${JSON.stringify(sets[0].labels)}, `;
		const start = { store: name, target: q, damage, n, rectified, order: "async", seed, state: null };
		const { allowed, controls } = config.inside;
		const declared = { allowed: { ...config.allowed, ...allowed }, controls: { ...config.controls, ...controls } };
		frame.root.hidden = true;
		inner = mountRetrieval({
			el,
			model: localModel({ ...config, ...declared, call, sets, defaults: start }, start),
			count: settings.count,
			back: close,
		});
		el.lastChild.querySelector(".dt-back").focus();
	}
	function close() {
		const held = el.contains(document.activeElement);
		inner();
		inner = null;
		frame.root.hidden = false;
		if (held) focusFilm(focused);
	}
	function nextN() {
		const n = orders[orders.indexOf(settings.n) + 1];
		if (n) frame.change({ n });
	}
	function update(key) {
		if (key === null && inner) close();
		frame.enable("rectified", store.rectifies(settings.n));
		drawStrip();
		drawCurve();
		drawPath();
	}

	for (const name of ["store", "count", "damage", "n", "rectified"]) frame.control(name);
	frame.finish();
	update(null);
	return () => {
		cancelAnimationFrame(ticket);
		if (inner) inner();
		for (const part of [against, path, frame]) part.dispose();
	};
}

export default { render };
