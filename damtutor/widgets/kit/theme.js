// Light or dark, as the surroundings are.

/**
 * JupyterLab and the book say which theme they show; elsewhere the system does.
 * @param {HTMLElement} root
 * @returns {() => void} stops it
 */
export function followTheme(root) {
	const system = matchMedia("(prefers-color-scheme: dark)");
	const apply = () => {
		const lab = document.body.dataset.jpThemeLight;
		const page = document.documentElement.dataset.theme;
		const known = lab ? (lab === "false" ? "dark" : "light") : page;
		root.dataset.dtTheme = known === "dark" || known === "light" ? known : system.matches ? "dark" : "light";
	};
	const watch = new MutationObserver(apply);
	watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
	watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
	system.addEventListener("change", apply);
	apply();
	return () => {
		watch.disconnect();
		system.removeEventListener("change", apply);
	};
}
