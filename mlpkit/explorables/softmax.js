// Scores, probabilities, the Jacobian of softmax, and the gradient yhat - y.
import { clamp, mount, range, short, widget } from "./kit.js";

/** Everything from {scores (K), y (0 ... K-1)}: probabilities, Jacobian, loss, its gradient, and the gradient by the chain rule. */
export function compute({ scores, y }) {
  const largest = Math.max(...scores), e = scores.map((s) => Math.exp(s - largest));
  const sum = e.reduce((a, b) => a + b);
  const yhat = e.map((v) => v / sum);
  const jacobian = yhat.map((a, k) => yhat.map((b, j) => a * ((k === j ? 1 : 0) - b)));
  const loss = largest - scores[y] + Math.log(sum);
  return { yhat, jacobian, loss, gradient: yhat.map((p, k) => p - (k === +y ? 1 : 0)) };
}

const SPAN = 6, AXIS = { left: 36, right: 350, middle: 120, unit: 100 / SPAN };
const column = (K, k) => AXIS.left + ((AXIS.right - AXIS.left) * (k + 0.5)) / K;

/** One bar for each class; `value` in [low, high] is drawn from 0. */
function bars(values, { low, high, colour, label, drag }) {
  const top = 16, bottom = 222, K = values.length, y = (v) => bottom - ((clamp(v, low, high) - low) / (high - low)) * (bottom - top);
  const width = (0.56 * (AXIS.right - AXIS.left)) / K;
  const lines = [low, 0, high].map((v) => `<line x1="${AXIS.left}" x2="${AXIS.right}" y1="${y(v)}" y2="${y(v)}" stroke="var(--line)"/><text class="soft" x="${AXIS.left - 5}" y="${y(v) + 4}" text-anchor="end">${short(v)}</text>`);
  const drawn = values.map((v, k) => {
    const x = column(K, k), inside = Math.min(y(0), y(v)), up = v >= 0;
    return `<rect x="${x - width / 2}" y="${inside}" width="${width}" height="${Math.abs(y(v) - y(0))}" fill="var(--${colour(k, v)})"/>` +
      `<text class="halo" x="${x}" y="${clamp(y(v) + (up ? -1 : 1) * (drag ? 12 : 5) + (up ? 0 : 10), 12, 248)}" text-anchor="middle">${short(v)}</text>` +
      (drag ? `<circle cx="${x}" cy="${y(v)}" r="8" fill="var(--red)" stroke="var(--paper)"/><rect class="drag" data-drag="${k}" x="${x - width}" y="${top - 10}" width="${2 * width}" height="${bottom - top + 20}" fill="transparent"/>` : "") +
      `<text x="${x}" y="264" text-anchor="middle">class ${k}</text>`;
  });
  return `<svg viewBox="0 0 360 272" role="img" aria-label="${label}: ${values.map((v, k) => `class ${k} ${short(v)}`).join(", ")}">${lines.join("")}${drawn.join("")}</svg>`;
}

function matrix(J, yhat) {
  const K = J.length, size = 216 / K, cells = [];
  J.forEach((row, k) => row.forEach((v, j) => {
    const [x, y] = [96 + j * size, 30 + k * size];
    cells.push(`<rect x="${x}" y="${y}" width="${size - 2}" height="${size - 2}" fill="var(--${v >= 0 ? "blue" : "red"})" fill-opacity="${Math.min(1, 3.2 * Math.abs(v)).toFixed(3)}" stroke="var(--line)"/>` +
      `<text class="halo" x="${x + size / 2 - 1}" y="${y + size / 2 + 4}" text-anchor="middle">${short(+v.toPrecision(2))}</text>`);
  }));
  const heads = range(K, (k) => `<text x="${96 + (k + 0.5) * size}" y="22" text-anchor="middle">∂z${sub(k)}</text><text x="86" y="${34 + (k + 0.5) * size}" text-anchor="end">∂ŷ${sub(k)}</text>`);
  return `<svg viewBox="0 0 360 256" role="img" aria-label="Jacobian: ${J.map((r, k) => `row ${k}: ${r.map(short).join(", ")}`).join("; ")}">${heads.join("")}${cells.join("")}</svg>`;
}
const sub = (k) => "₀₁₂₃₄₅₆₇₈₉"[k];

export const spec = {
  title: "Softmax: four scores and what follows from them",
  about: "Drag a bar of the first picture. Push all the scores up together: nothing else moves.",
  defaults: { scores: [2, 0.5, -1, -2], y: "0" },
  controls: [
    ...range(4, (k) => ({
      key: `score${k}`, label: `score z${sub(k)}`, min: -SPAN, max: SPAN, step: 0.05,
      get: (s) => s.scores[k], set: (s, v) => ({ scores: s.scores.with(k, v) }),
    })),
    { key: "y", label: "label y", options: range(4, (k) => [String(k), `class ${k}`]) },
  ],
  buttons: [
    { label: "All scores + 1", press: (s) => ({ scores: s.scores.map((v) => v + 1) }), off: (s) => Math.max(...s.scores) > SPAN - 1 },
    { label: "All scores − 1", press: (s) => ({ scores: s.scores.map((v) => v - 1) }), off: (s) => Math.min(...s.scores) < 1 - SPAN },
  ],
  drag(state, key, x, y) {
    const value = clamp(SPAN - ((y - 16) / (222 - 16)) * 2 * SPAN, -SPAN, SPAN);
    return { scores: state.scores.with(+key, value) };
  },
  draw(state) {
    const c = compute(state);
    return {
      panels: [
        { title: "Scores z", html: bars(state.scores, { low: -SPAN, high: SPAN, colour: () => "soft", label: "Scores", drag: true }) },
        { title: "Probabilities ŷ = softmax(z)", html: bars(c.yhat, { low: 0, high: 1, colour: (k) => (k === +state.y ? "green" : "blue"), label: "Probabilities" }) },
        { title: "Jacobian ∂ŷ/∂z = ŷₖ(1{k=j} − ŷⱼ)", html: matrix(c.jacobian, c.yhat) },
        { title: "Gradient dL/dz = ŷ − y", html: bars(c.gradient, { low: -1, high: 1, colour: (k, v) => (v < 0 ? "red" : "blue"), label: "Gradient" }) },
      ],
      says: `Loss −log ŷ${sub(+state.y)} = ${short(c.loss)}. Each row and column of the Jacobian sums to 0, and so does the gradient: ` +
        `what class ${state.y} gains in a step of descent, the others lose.`,
    };
  },
};
export const show = (el, state) => mount(el, spec, state);
export default widget(spec);
