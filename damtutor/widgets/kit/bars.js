// Stored pictures with signed overlap bars from the centre; beyond ten, one more row for the strongest of the rest.
import { h, thumbnail } from "./dom.js";
import { decimal } from "./format.js";

const SHOWN = 10;

/**
 * Bars of the overlaps M of a state with the stored pictures.
 * @param {{ width: number, height: number, choose: (mu: number) => void, label: (mu: number) => string }} options -
 *   choose is called with the number of the picture whose bar is pressed
 * @returns {{ element: HTMLElement, draw: (memory: { rows: Int8Array[], N: number, K: number }, M: ArrayLike<number>,
 *   target: number) => void }}
 */
export function overlapBars({ width, height, choose, label }) {
	const element = h("div", { class: "dt-bars" });
	let rows = [];
	let patterns = null;

	function makeRow(mu) {
		const picture = thumbnail(width, height, "stored");
		const fill = h("path", { class: "dt-fill" });
		const zero = h("path", { class: "dt-zero", d: "M-1 7.5h2M0 -4v23" });
		const track = { class: "dt-track", viewBox: "-1 0 2 15", preserveAspectRatio: "none" };
		const value = h("span", { class: "dt-value" });
		const name = h("span", { class: "dt-name" });
		const row = { mu, at: -1, picture, fill, value, name };
		row.element = h(
			"button",
			{ type: "button", class: "dt-bar", onclick: () => choose(row.at) },
			picture.element,
			name,
			h("svg", track, zero, fill),
			value,
		);
		return row;
	}
	return {
		element,
		draw(memory, M, target) {
			if (patterns !== memory.rows) {
				patterns = memory.rows;
				rows = patterns.slice(0, SHOWN).map((_, mu) => makeRow(mu));
				if (memory.K > SHOWN) rows.push(makeRow(-1));
				element.replaceChildren(...rows.map((row) => row.element));
			}
			// The strongest of those without a bar.
			let other = SHOWN;
			for (let mu = SHOWN; mu < memory.K; mu += 1) if (Math.abs(M[mu]) > Math.abs(M[other])) other = mu;
			for (const row of rows) {
				const mu = row.mu < 0 ? other : row.mu;
				if (row.at !== mu) row.picture.draw(patterns[mu]);
				row.at = mu;
				const m = M[mu] / memory.N;
				row.fill.setAttribute("d", `M0 3h${m}v9h${-m}z`);
				row.fill.classList.toggle("dt-minus", m < 0);
				row.value.textContent = decimal(m);
				row.name.textContent = label(mu);
				row.element.setAttribute("aria-label", `${label(mu)}, m = M/N = ${decimal(m)}`);
				row.element.setAttribute("aria-pressed", target === mu);
			}
		},
	};
}
