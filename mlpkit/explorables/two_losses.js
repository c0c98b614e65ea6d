// One neuron that is confidently wrong: squared loss hardly moves it, cross-entropy does.
import { clamp, mount, plot, range, short, table, widget } from "./kit.js";

export const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** Loss and its derivative with respect to the score z, for a label y of 0 or 1. */
export const LOSSES = {
  squared(z, y) {
    const yhat = sigmoid(z);
    return [0.5 * (yhat - y) ** 2, (yhat - y) * yhat * sigmoid(-z)];
  },
  crossEntropy: (z, y) => [softplus(y ? -z : z), y ? -sigmoid(-z) : sigmoid(z)],
};

/** Both descents from z, with the same step size: {squared: {z, loss, gradient, yhat}, crossEntropy: ...}. */
export function compute({ z, y, step, steps }) {
  const out = {};
  for (const [name, loss] of Object.entries(LOSSES)) {
    const rows = [];
    for (let r = 0, at = z; r <= steps; r++) {
      const [value, gradient] = loss(at, +y);
      rows.push({ z: at, loss: value, gradient, yhat: sigmoid(at) });
      at -= step * gradient;
    }
    out[name] = Object.fromEntries(["z", "loss", "gradient", "yhat"].map((k) => [k, rows.map((row) => row[k])]));
  }
  return out;
}

const NAMES = { squared: ["squared loss", "red", ""], crossEntropy: ["cross-entropy", "blue", "7 3"] };
const AXES = { x: [-10, 10], y: [0, 10], height: 240 };

function losses(state, c) {
  const p = plot({ ...AXES, xlabel: "score z", ylabel: "loss" });
  for (const [key, [, colour, dash]] of Object.entries(NAMES)) {
    const { z, loss, gradient } = c[key], last = z.length - 1;
    p.line(range(121, (i) => -10 + i / 6).map((v) => [v, LOSSES[key](v, +state.y)[0]]), colour, 2, dash);
    const tangent = [-2, 2].map((d) => [z[0] + d, loss[0] + d * gradient[0]]);
    p.line(tangent, "ink", 1.2).dot(z[last], loss[last], colour, 5);
    p.dot(z[0], loss[0], colour, 8, 'class="drag" data-drag="start"');
  }
  p.legend(Object.values(NAMES), state.y === "1" ? 215 : 64, 22);
  return p.svg(`Losses over the score. At z = ${short(state.z)} squared loss has slope ${short(c.squared.gradient[0])}, cross-entropy ${short(c.crossEntropy.gradient[0])}`);
}

function slopes(state) {
  const p = plot({ x: [-10, 10], y: [0, 1], xlabel: "score z", ylabel: "push |dL/dz|", height: 240 });
  for (const [key, [, colour, dash]] of Object.entries(NAMES)) {
    p.line(range(121, (i) => -10 + i / 6).map((v) => [v, Math.abs(LOSSES[key](v, +state.y)[1])]), colour, 2, dash);
    p.dot(state.z, Math.abs(LOSSES[key](state.z, +state.y)[1]), colour, 6);
  }
  return p.svg("Size of each gradient over the score: cross-entropy pushes hardest where the neuron is most wrong, squared loss does not");
}

function learned(state, c) {
  const p = plot({ x: [0, state.steps], y: [0, 1], xlabel: "step", ylabel: "ŷ", height: 240 });
  for (const [key, [, colour, dash]] of Object.entries(NAMES)) p.line(c[key].yhat.map((v, i) => [i, v]), colour, 2.5, dash);
  return p.line([[0, +state.y], [state.steps, +state.y]], "soft", 1, "3 3").svg(
    `Prediction at each step; at the end squared loss has ${short(c.squared.yhat.at(-1))}, cross-entropy ${short(c.crossEntropy.yhat.at(-1))}`);
}

const numbers = (c) => table(["loss", "value", "dL/dz", "ŷ at the end"],
  Object.entries(NAMES).map(([key, [name]]) => [name, c[key].loss[0], c[key].gradient[0], c[key].yhat.at(-1)]), "Both losses at the start");

export const spec = {
  title: "Two losses, one confident mistake",
  about: "Drag the start along the curves. The thin lines are tangents: how hard each loss pushes there.",
  defaults: { z: -6, y: "1", step: 1, steps: 60 },
  controls: [
    { key: "z", label: "start z", min: -10, max: 10, step: 0.1 },
    { key: "step", label: "step size", min: -1, max: 1, step: 0.02, log: true },
    { key: "steps", label: "steps", min: 10, max: 400, step: 10 },
    { key: "y", label: "label y", options: [["1", "y = 1"], ["0", "y = 0"]] },
  ],
  drag: (state, key, x) => ({ z: clamp(plot(AXES).ux(x), -10, 10) }),
  draw(state) {
    const c = compute(state), pushes = [c.crossEntropy, c.squared].map((l) => Math.abs(l.gradient[0]));
    const ratio = pushes[0] / pushes[1];
    return {
      panels: [
        { title: "The losses, and both descents", html: losses(state, c) },
        { title: "How hard each one pushes", html: slopes(state) },
        { title: "What the neuron says", html: learned(state, c) },
        { title: "At the start", html: numbers(c) },
      ],
      says: `At z = ${short(state.z)} the neuron says ${short(c.squared.yhat[0])} and the label is ${state.y}. ` +
        `Cross-entropy pushes ${short(ratio)} times as hard as squared loss: its gradient is ŷ − y, without the factor ŷ(1 − ŷ).`,
    };
  },
};
export const show = (el, state) => mount(el, spec, state);
export default widget(spec);
