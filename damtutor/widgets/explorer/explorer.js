// Explorer: one picture for every combination of a few sliders, made beforehand; no kernel needed.
import { h } from "../kit/dom.js";
import { createFrame } from "../kit/frame.js";

function render({ model, el }) {
	const {
		alts,
		strips,
		per,
		size: [width, height],
		title,
	} = model.get("config");
	const picture = h("img", { class: "dt-frame", style: `width: ${width}px; aspect-ratio: ${width} / ${height}` });
	let open = -1; // the strip that is loaded
	const frame = createFrame({
		el,
		model,
		name: title,
		layout: "single",
		tryThis: "move a slider; the picture follows.",
		update,
		arrow: (dx) => turn(dx),
		step: () => turn(1),
		keys: [["← →", "turn the first slider, on the picture"]],
	});
	const { settings } = frame;
	const axes = Object.keys(settings);
	const holder = h(
		"div",
		{ tabindex: 0, role: "group", "aria-label": "Picture; left and right turn the first slider" },
		picture,
	);
	frame.picture.append(holder);

	function turn(by) {
		const [name, values] = [axes[0], frame.values(axes[0])];
		const k = values.indexOf(settings[name]) + by;
		if (k >= 0 && k < values.length) frame.change({ [name]: values[k] });
	}
	function update() {
		const place = axes.reduce(
			(at, name) => at * frame.values(name).length + frame.values(name).indexOf(settings[name]),
			0,
		);
		const strip = Math.floor(place / per);
		if (strip !== open) picture.src = `data:image/webp;base64,${strips[strip]}`;
		open = strip;
		const last = Math.min(per, alts.length - strip * per) - 1;
		picture.style.objectPosition = `0 ${last ? (100 * (place % per)) / last : 0}%`;
		picture.alt = alts[place];
		frame.say(alts[place]);
	}
	for (const name of axes) frame.control(name);
	frame.finish();
	update();
	return frame.dispose;
}

export default { render };
