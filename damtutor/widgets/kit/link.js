// The state of an instrument as the fragment of an address, and back: #overlap=1&N=64&seed=0.
// What each setting may be comes from Python (`allowed` in instrument.py), so that a link can say nothing
// that a call could not.

const LINK_VERSION = 1;

const within = (v, { low, high, digits }) =>
	Number.isFinite(v) && v >= low && v <= high && (digits == null || v === Number(v.toFixed(digits)));

// What a text of a link means under one shape, or undefined. Shapes: a list of values; { from, to }, whole numbers;
// { bits }, hexadecimal digits or nothing; { low, high, digits }, a number; the same with numbers, up to so many of
// them, in groups of `each`.
function meaning(shape, text) {
	if (Array.isArray(shape)) return shape.find((v) => String(v) === text);
	if ("from" in shape)
		return /^\d+$|^-\d+$/.test(text) && Number(text) >= shape.from && Number(text) <= shape.to
			? Number(text)
			: undefined;
	if ("bits" in shape)
		return text === "" ? null : new RegExp(`^[0-9a-f]{${shape.bits}}$`).test(text) ? text : undefined;
	const numbers = text.split("_").map((part) => (part.trim() === "" ? NaN : Number(part)));
	if (!numbers.every((v) => within(v, shape))) return undefined;
	if (!("least" in shape)) return numbers.length === 1 ? numbers[0] : undefined;
	if (
		numbers.length % shape.each ||
		numbers.length < shape.least * shape.each ||
		numbers.length > shape.most * shape.each
	)
		return undefined;
	if (shape.each === 1) return numbers;
	return Array.from({ length: numbers.length / shape.each }, (_, k) =>
		numbers.slice(k * shape.each, (k + 1) * shape.each),
	);
}

/**
 * The fragment of an address that says these settings.
 * @param {string} key
 * @param {Record<string, any>} settings
 * @returns {string}
 */
export function writeLink(key, settings) {
	const text = (v) => (v === null ? "" : Array.isArray(v) ? v.flat().join("_") : String(v));
	const pairs = Object.entries(settings).map(([name, v]) => `${name}=${encodeURIComponent(text(v))}`);
	return `#${[`${key}=${LINK_VERSION}`, ...pairs].join("&")}`;
}

// What mailers, search engines and chat programs hang on to an address.
const TRACKING =
	/^(utm|mtm|pk|mc|hsa|gad?|at|fb)_|^(_(ga|gl|hs\w+)|igshi?d?|\w*clk?id|[gw]braid|mkt_tok|srsltid|si|ref\w*)$/i;

const decode = (text) =>
	text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => {
		try {
			return decodeURIComponent(codes);
		} catch {
			return codes;
		}
	});

// The same of a text that went through the post: with spaces, a "+" for one, the "3D" of a quoted "=", and what stood
// behind the address, such as a bracket or a full stop. A space between two digits may hide a third: no guess.
function mended(shape, text) {
	const plain = text
		.replace(/^3D|\p{Cf}/giu, "")
		.replace(/[\s+]+/g, " ")
		.trim();
	const closed = "bits" in shape || !/\d \d/.test(plain) ? plain.replaceAll(" ", "") : plain;
	return [text, plain, closed]
		.flatMap((words) => {
			const { index } = /[^\p{L}\p{N}]*$/u.exec(words);
			return Array.from({ length: words.length - index + 1 }, (_, k) => words.slice(0, words.length - k));
		})
		.map((words) => meaning(shape, words))
		.find((value) => value !== undefined);
}

// The settings that a fragment says, if it is read in one way.
function readAs(keys, allowed, fragment, mend) {
	const read = mend ? mended : meaning;
	const [[key, version, ...more] = [], ...pairs] = fragment
		.split(mend ? /[&?;]/ : "&")
		.map((part) => part.split("=").map(decode))
		.map(([name, ...texts]) => [name.replace(/[\s\p{Cf}]/gu, ""), ...texts])
		.filter(([name]) => Object.hasOwn(allowed, name) || !TRACKING.test(name))
		.filter(([name, text]) => !mend || text !== undefined || /[\p{L}\p{N}]/u.test(name));
	if (!keys.includes(key?.toLowerCase()) || version === undefined) return null;
	if (more.length || !read([LINK_VERSION], version)) return { fault: `it is of version ${version}` };
	const settings = {};
	for (const [name, text, ...rest] of pairs) {
		if (Object.hasOwn(settings, name)) return { fault: `it says ${name} twice` };
		const known = Object.hasOwn(allowed, name) && text !== undefined && !rest.length;
		const found = known ? read(allowed[name], text) : undefined;
		if (found === undefined) return { fault: `it says ${name} = ${text}` };
		settings[name] = found;
	}
	return { settings };
}

/**
 * The settings that a fragment says, or what is wrong with it in words; null if it has none of the keys. It is read as
 * we write it, and if that says nothing as mailers and chat programs send it on.
 * @param {string[]} keys - by which a link may name the instrument
 * @param {Record<string, any>} allowed - setting -> shape
 * @param {string} fragment
 * @returns {{ settings?: Record<string, any>, fault?: string } | null}
 */
export function readLink(keys, allowed, fragment) {
	let text = fragment.replace(/^#/, "");
	let found = readAs(keys, allowed, text, false);
	for (let round = 0; round < 4 && !found?.settings; round += 1) {
		if (round) text = decode(text);
		text = text.replace(/&(?:amp;|#0*38;|#x0*26;)+/gi, "&").replace(/[−–]/g, "-");
		text = text.replace(/^[^\p{L}\p{N}%]+|:~:.*$/gu, "");
		found = readAs(keys, allowed, text, true) ?? found;
	}
	return found;
}
