// A state that travels: as a Python call in the lab, as an address in the book.
import { h } from "./dom.js";
import { readLink, writeLink } from "./link.js";

// The published book, where an address can carry a state; a notebook has its own addresses.
const inBook = () => "theme" in document.documentElement.dataset && !("jpThemeLight" in document.body.dataset);

const python = (v) => (v === true ? "True" : v === false ? "False" : v === null ? "None" : JSON.stringify(v));

/**
 * Links and calls of an instrument.
 * @param {{ root: HTMLElement, links: boolean, model: import("./frame.js").Model, settings: Record<string, any>,
 *   say: (words: string) => void, follow: (settings: Record<string, any>) => void,
 *   refuse: (settings: Record<string, any>) => string | false }} options - follow takes over what an address says;
 *   refuse says what in it does not go together
 * @returns {{ note: HTMLElement, start: () => void, changed: () => void, buttons: (button: Function) => void,
 *   dispose: () => void }} note is where what was copied is shown
 */
export function openShare({ root, links, model, settings, say, follow, refuse }) {
	const note = h("p", { class: "dt-note", hidden: true });
	const on = links && inBook();
	function show(words) {
		note.textContent = words;
		note.hidden = !words;
		if (words) say(words);
	}
	function open() {
		const found = readLink(model.get("config").links, model.get("config").allowed, location.hash);
		if (!found) return;
		const fault = found.fault || refuse(found.settings);
		const values = fault ? {} : found.settings;
		const [named, all] = [values, settings].map((those) => Object.keys(those).length);
		follow(values);
		const said = fault ? `was not understood: ${fault}. All` : `names ${named} of ${all} settings. All else`;
		show(named < all ? `This link ${said} is as the instrument opens on this page.` : "");
		bring(50);
	}
	// A widget manager puts an instrument into the page some time after it was made.
	let timer = 0;
	function bring(tries) {
		clearTimeout(timer);
		if (root.isConnected && root.offsetHeight) root.scrollIntoView();
		else if (tries) timer = setTimeout(bring, 100, tries - 1);
	}
	async function copy(text) {
		const done = await Promise.resolve(navigator.clipboard?.writeText(text).then(() => true)).catch(() => false);
		show(done ? `Copied: ${text}` : text);
	}
	function copyLink() {
		// Where no clipboard is, the address bar has it.
		history.replaceState(history.state, "", writeLink(model.get("config").links[0], settings));
		return copy(location.href);
	}
	const copyCall = () =>
		copy(
			`${model.get("config").call}${Object.entries(settings)
				.map(([key, v]) => `${key}=${python(v)}`)
				.join(", ")})`,
		);
	if (on) window.addEventListener("hashchange", open);
	return {
		note,
		start: () => on && open(),
		// What was copied is not what is shown any more.
		changed: () => (note.hidden = true),
		buttons(button) {
			if (model.get("config").call) button("copy", copyCall, "Copy a Python call that rebuilds this");
			if (on) button("link", copyLink, "Copy an address of this state");
		},
		dispose() {
			clearTimeout(timer);
			window.removeEventListener("hashchange", open);
		},
	};
}
