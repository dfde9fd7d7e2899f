// What the filmstrip would show with each of some settings: its ten ends.
import { pack } from "../../../damtutor/widgets/dynamics/dense.js";
import { recallTen } from "../../../damtutor/widgets/dynamics/recall_ten.js";
import { openPatternSets } from "../../../damtutor/widgets/kit/pattern_sets.js";

export function answers({ config, runs, queries, maxSweeps }) {
	const store = openPatternSets(config);
	return runs.map(({ store: name, count, damage, n, rectified, seed }) =>
		recallTen(store.memory(name, count, n, rectified), {
			queries,
			maxSweeps,
			flips: store.flips(damage),
			stream: (q) => store.stream(seed, q),
		}).map(({ start, state, outcome }) => [pack(start), pack(state), outcome]),
	);
}
