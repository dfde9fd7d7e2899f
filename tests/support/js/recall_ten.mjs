// What the filmstrip would show: reads { config, runs: [settings] } from standard input, writes the ten ends of each.
import { readFileSync } from "node:fs";
import { pack } from "../../../damtutor/widgets/dynamics/dense.js";
import { recallTen } from "../../../damtutor/widgets/dynamics/recall_ten.js";
import { openPatternSets } from "../../../damtutor/widgets/kit/pattern_sets.js";

const { config, runs, queries, maxSweeps } = JSON.parse(readFileSync(0, "utf8"));
const store = openPatternSets(config);
const ends = runs.map(({ store: name, count, damage, n, rectified, seed }) =>
	recallTen(store.memory(name, count, n, rectified), {
		queries,
		maxSweeps,
		flips: store.flips(damage),
		stream: (q) => store.stream(seed, q),
	}).map(({ start, state, outcome }) => [pack(start), pack(state), outcome]),
);
console.log(JSON.stringify(ends));
