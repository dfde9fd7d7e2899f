// The theme's icon script replaces every <i class="fa ..."> by an <svg>. The widgets keep a hand on their <i>
// and stop when it is gone; "nest" leaves the <i> in place and puts the picture inside.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };
// On a first visit the theme finds no mode, writes an error into the console, and takes this one.
document.documentElement.dataset.mode ||= "auto";
