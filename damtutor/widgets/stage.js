// Projector mode: one instrument on the whole screen, large, its answer hidden until it is asked for.
import { h } from "./dom.js";

export function openStage(root, { say }) {
  const answer = h("button", { type: "button", onclick: () => stage.answer() }, "Show the answer (A)");
  const leave = h("button", { type: "button", onclick: () => stage.toggle() }, "Leave (P)");
  const bar = h("div", { class: "dt-stage", hidden: true }, answer, leave);
  root.append(bar);
  const on = () => root.classList.contains("dt-projector");
  function set(now) {
    root.classList.toggle("dt-projector", now);
    bar.hidden = !now;
    show(false);
    root.focus();
  }
  function show(now) {
    root.classList.toggle("dt-answer", now);
    answer.textContent = now ? "Hide the answer (A)" : "Show the answer (A)";
  }
  // Escape leaves the full screen without asking us.
  const left = () => on() && !document.fullscreenElement && set(false);
  document.addEventListener("fullscreenchange", left);
  const stage = {
    toggle() {
      if (!on()) root.requestFullscreen?.().catch(() => {}); // refused, the instrument still covers the page
      else if (document.fullscreenElement === root) document.exitFullscreen();
      set(!on());
      say(on() ? "Projector. A shows the answer, P leaves." : "Back on the page.");
    },
    answer() {
      if (!on()) return;
      show(!root.classList.contains("dt-answer"));
      say(root.classList.contains("dt-answer") ? "The answer is shown." : "The answer is hidden.");
    },
    dispose() {
      document.removeEventListener("fullscreenchange", left);
    },
  };
  return stage;
}
