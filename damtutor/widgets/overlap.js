// Two random pictures and their overlap: about 1/√N, because a sum of N signs is about √N.
import { chart } from "./chart.js";
import { h, thumbnail } from "./dom.js";
import { Rng32 } from "./dynamics/rng.js";
import { createFrame } from "./frame.js";

const SIZES = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

function render({ model, el }) {
  const frame = createFrame({ el, model, name: "Overlap", layout: "side", update, reset: () => frame.change({ N: 64 }),
    tryThis: "drag N. The bigger two random pictures are, the less they have in common." });
  const { settings } = frame;
  const pair = h("div", { class: "dt-pair" });
  const reads = h("div", { class: "dt-reads" });
  frame.picture.append(pair, reads);
  const readout = frame.readout(reads, "overlap per neuron m = M/N =");
  const plot = chart(frame.evidence, "m = M/N of two random pictures", 190);
  plot.key("● measured m, one pair a size · lines: theory, ±1/√N");

  const draw = (N) => {
    const rng = new Rng32(settings.seed);
    const [a, b] = [rng.signs(N), rng.signs(N)];
    return { a, b, m: a.reduce((sum, s, i) => sum + s * b[i], 0) / N };
  };
  function update() {
    const { N } = settings;
    const { a, b, m } = draw(N);
    const width = 2 ** Math.ceil(Math.log2(N) / 2);
    pair.replaceChildren(...[a, b].map((state) => {
      const picture = thumbnail(width, N / width, "stored");
      picture.draw(state);
      return picture.element;
    }));
    readout(m.toFixed(3).replace("-", "−"), `M = a·b = ${String(m * N).replace("-", "−")}, divided by N: ${((1 + m) * N) / 2} of ${N} pixels agree; seed ${settings.seed}. Theory: 0 ± ${(N ** -0.5).toFixed(3)}.`);
    const line = (sign) => ({ role: "theory", points: SIZES.map((n, k) => [k, sign / Math.sqrt(n)]) });
    plot.draw({ x: { min: 0, max: 10, at: [0, 2, 4, 6, 8, 10], text: (k) => `${SIZES[k]}`, title: "number of pixels N" },
      y: { min: -1, max: 1, at: [-1, -0.5, 0, 0.5, 1] }, lines: [line(1), line(-1)],
      marks: [...SIZES.map((n, k) => ({ role: "past", x: k, y: draw(n).m })), { role: "measured", x: SIZES.indexOf(N), y: m }],
      alt: `Overlap per neuron m = M/N = ${m.toFixed(3)} at N = ${N}; theory plus or minus ${(N ** -0.5).toFixed(3)}.` });
  }
  frame.range({ key: "N", label: "Pixels", values: SIZES, text: (n) => `N = ${n}` });
  frame.finish();
  update();
  return () => (plot.dispose(), frame.dispose());
}

export default { render };
