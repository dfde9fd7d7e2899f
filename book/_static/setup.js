// Runs between the module loader and the widget manager.
(function () {
	"use strict";
	// The manager asks for "anywidget" by name; without a path it would ask a public server.
	const here = new URL(".", document.currentScript.src).href;
	// Its own path tells its style where the icon fonts are.
	const paths = { anywidget: here + "vendor/anywidget", "@jupyter-widgets/html-manager/dist": here + "vendor" };
	window.requirejs.config({ paths });

	// Widget descriptions are typeset through MathJax 2's queue; MathJax 3 has none, and the call would throw.
	function addQueue() {
		const mathjax = window.MathJax;
		if (!mathjax || mathjax.Hub) return;
		mathjax.Hub = {
			Queue: function (job) {
				const element = Array.isArray(job) ? job[2] : undefined;
				if (element && mathjax.typesetPromise) mathjax.typesetPromise([element]).catch(function () {});
			},
		};
	}
	addQueue();
	document.addEventListener("DOMContentLoaded", addQueue);
	window.addEventListener("load", addQueue, { capture: true });
})();
