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

/**
 * The settings that a fragment says, or what is wrong with it in words; null if it has none of the keys.
 * @param {string[]} keys - by which a link may name the instrument
 * @param {Record<string, any>} allowed - setting -> shape
 * @param {string} fragment
 * @returns {{ settings?: Record<string, any>, fault?: string } | null}
 */
export function readLink(keys, allowed, fragment) {
	let pairs = [];
	try {
		pairs = fragment
			.replace(/^#/, "")
			.split("&")
			.map((part) => part.split("=").map(decodeURIComponent));
	} catch {
		// No address that we wrote.
		return null;
	}
	if (!keys.includes(pairs[0][0]) || pairs[0].length !== 2) return null;
	if (pairs[0][1] !== String(LINK_VERSION)) return { fault: `it is of version ${pairs[0][1]}` };
	const settings = {};
	for (const [key, text] of pairs.slice(1)) {
		const value = Object.hasOwn(allowed, key) && text !== undefined ? meaning(allowed[key], text) : undefined;
		if (value === undefined) return { fault: `it says ${key} = ${text}` };
		settings[key] = value;
	}
	return { settings };
}
