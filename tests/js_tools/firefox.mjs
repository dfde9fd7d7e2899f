// Firefox for the tests, over WebDriver BiDi: node firefox.mjs /usr/bin/firefox-esr. Each line of standard input is a
// task in JSON, each line of standard output its result or { error }; the end of the input ends Firefox.
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";

const LONGEST = 120_000; // milliseconds: ends what would never end, on a busy machine too
const PREFERENCES = {
	// No picture for the tab, which a browser asks for unasked.
	"browser.chrome.site_icons": false,
	// What a page, or Firefox itself, wants from another host goes to a port where nobody listens.
	"network.proxy.type": 1,
	"network.proxy.http": "127.0.0.1",
	"network.proxy.http_port": 9,
	"network.proxy.ssl": "127.0.0.1",
	"network.proxy.ssl_port": 9,
};

const browser = await puppeteer.launch({
	browser: "firefox",
	executablePath: process.argv[2],
	extraPrefsFirefox: PREFERENCES,
	timeout: LONGEST,
	protocolTimeout: LONGEST,
	defaultViewport: { width: 1280, height: 900 },
});

// What the `answers` of a module make of data. They travel as text: a protocol of values would be slow, and round.
async function compute(page, { base, module, data }) {
	// A page of the same host, so that the import is allowed; a file of JSON opens Firefox's own viewer.
	await page.goto(`${base}/tests/support/js/`);
	const text = await page.evaluate(
		async (url, data) => {
			const { answers } = await import(url);
			return JSON.stringify(answers(JSON.parse(data)));
		},
		`${base}/tests/support/js/${module}.mjs`,
		data,
	);
	return { text };
}

// What a page asked for and complained about, how many instruments it has, and whether the first one's picture follows.
async function look(page, { url, mounted, patience }) {
	const seen = { outside: [], missing: [], errors: [] };
	const { host } = new URL(url);
	page.on("request", (r) => {
		const asked = new URL(r.url());
		if (/^(http|ws)s?:$/.test(asked.protocol) && asked.host !== host) seen.outside.push(asked.href);
	});
	page.on("response", (r) => r.status() >= 400 && seen.missing.push(r.url()));
	page.on("console", (said) => said.type() === "error" && seen.errors.push(said.text()));
	page.on("pageerror", (error) => seen.errors.push(String(error)));
	await page.goto(url, { waitUntil: "load", timeout: LONGEST });
	await page.waitForFunction(`(${mounted})()`, { timeout: LONGEST });
	const instruments = await page.$$(".dt");
	const moved = instruments.length > 0 && (await follows(page, instruments, patience));
	await page.waitForNetworkIdle({ timeout: LONGEST });
	return { ...seen, instruments: instruments.length, moved };
}

// Whether the picture of the first instrument that has a slider rests, and then follows its last one.
async function follows(page, instruments, patience) {
	for (const instrument of instruments) {
		await instrument.evaluate((e) => e.scrollIntoView({ block: "center" }));
		for (const button of await instrument.$$("button"))
			if (await button.evaluate((e) => e.checkVisibility() && e.textContent.includes("Show me"))) await button.click();
		const sliders = [];
		for (const e of await instrument.$$("input[type=range]:not([disabled])")) if (await e.isVisible()) sliders.push(e);
		const picture = await instrument.$(".dt-picture");
		if (!(sliders.length && picture)) continue; // a sketch has no slider
		const pixels = () => picture.screenshot({ encoding: "base64" });
		const until = async (done) => {
			const end = performance.now() + patience;
			while (performance.now() < end) {
				if (await done()) return true;
				await pause(50);
			}
			return false;
		};
		await sliders.at(-1).focus();
		await page.keyboard.press("Home");
		let before = "";
		const still = await until(async () => before === (before = await pixels()));
		for (let k = 0; k < 4; k += 1) await page.keyboard.press("ArrowRight");
		return still && (await until(async () => (await pixels()) !== before));
	}
	return false;
}

try {
	for await (const line of createInterface({ input: process.stdin })) {
		const task = JSON.parse(line);
		const page = await browser.newPage();
		let result;
		try {
			result = task.module ? await compute(page, task) : await look(page, task);
		} catch (error) {
			result = { error: String(error?.stack ?? error) };
		}
		await page.close();
		console.log(JSON.stringify(result));
	}
} finally {
	await browser.close();
}
