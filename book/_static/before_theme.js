// The theme's icon script replaces every <i class="fa ..."> by an <svg>. The widgets keep a hand on their <i>
// and stop when it is gone; "nest" leaves the <i> in place and puts the picture inside.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };
// Where the theme finds no mode, or one that it does not know, it writes an error into the console and takes this one.
if (!["light", "dark"].includes(document.documentElement.dataset.mode)) document.documentElement.dataset.mode = "auto";
