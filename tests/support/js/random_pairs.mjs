// What the overlap histogram shows of [[N, seed]]: for each the first pair, M of all pairs, their spread, the bars, and
// the probability of each bar.
import { histogram, probability, randomPairs, spread } from "../../../damtutor/widgets/dynamics/random_pairs.js";

export const answers = (runs) =>
	runs.map(([N, seed]) => {
		const { first, M } = randomPairs(N, seed);
		const bars = histogram(M, N);
		const reach = (bars.values - 1) / 2;
		const expected = bars.counts.map((_, k) => {
			const middle = (k - bars.half) * bars.values;
			return probability(N, middle - reach, middle + reach);
		});
		return { first: first.map((picture) => [...picture]), M: [...M], ...spread(M, N), ...bars, expected };
	});
