// The error sent back through time: plain recurrence against the constant error carousel.
import { mount, plot, range, short, table, top, widget } from "./kit.js";

// Spectral radius 1, and not normal: the first steps may grow although the radius is below 1.
export const PATTERN = [[0.8, -0.6, 0.5, 0], [0.6, 0.8, 0, 0.5], [0, 0, 0.3, -0.4], [0, 0, 0.4, 0.3]];
const START = [1, 0, 0.5, 0];

/** The inputs: a fixed sequence in [-1, 1) that every language can repeat exactly. */
export function inputs(T) {
  let seed = 12345;
  return range(T, () => ((seed = (16807 * seed) % 2147483647) / 2147483647) * 2 - 1); // Park and Miller's generator
}

/**
 * Norms of dL/dh at each step back, (T + 1) each, from {rho, forget, T, scale, linear}.
 * plain: h_t = g(rho P h_{t-1} + scale x_t) with g = tanh, or the identity when linear is "yes".
 * carousel: c_t = forget c_{t-1} + ..., so each step back multiplies by the forget gate alone.
 */
export function compute({ rho, forget, T, scale, linear }) {
  const straight = linear === "yes", n = PATTERN.length, slopes = [];
  let h = PATTERN.map(() => 0);
  for (const x of inputs(T)) {
    const a = PATTERN.map((row) => rho * row.reduce((sum, w, j) => sum + w * h[j], 0) + scale * x);
    h = straight ? a : a.map(Math.tanh);
    slopes.push(h.map((v) => (straight ? 1 : 1 - v * v)));
  }
  let d = START;
  const norm = (v) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0));
  const plain = [1], carousel = [1];
  for (let k = 1; k <= T; k++) {
    const s = slopes[T - k].map((v, i) => v * d[i]);
    d = range(n, (j) => rho * s.reduce((sum, v, i) => sum + PATTERN[i][j] * v, 0));
    plain.push(norm(d) / norm(START));
    carousel.push(carousel[k - 1] * forget);
  }
  return { plain, carousel, rate: (plain[T] / plain[T >> 1]) ** (1 / (T - (T >> 1))), meanSlope: slopes.flat().reduce((a, b) => a + b) / (n * T) };
}

/** The first step back at which less than a thousandth is left; T + 1 when there is none. */
export const reach = (norms) => { const k = norms.findIndex((v) => v < 1e-3); return k < 0 ? norms.length : k; };

const AXES = (state) => ({ x: [0, state.T], y: [1e-8, 1e6], logy: true, height: 270 });

function decay(state, c) {
  const p = plot({ ...AXES(state), xlabel: "steps back in time", ylabel: "norm of the error" });
  p.line([[0, 1e-3], [state.T, 1e-3]], "soft", 1, "3 3");
  p.line(range(state.T + 1, (k) => [k, Math.max(1e-300, state.rho ** k)]), "soft", 1.2, "2 4");
  p.line(c.plain.map((v, k) => [k, Math.max(v, 1e-300)]), "red", 2.5);
  p.line(c.carousel.map((v, k) => [k, Math.max(v, 1e-300)]), "blue", 2.5, "7 3");
  p.legend([["plain recurrence", "red", ""], ["carousel", "blue", "7 3"], ["ρ to the power k", "soft", "2 4"]], 64, 24);
  const drawn = Math.min(state.T, 20), grip = c.plain[drawn];
  p.dot(drawn, Math.min(1e6, Math.max(1e-8, grip)), "red", 8, 'class="drag" data-drag="rho"');
  return p.svg(`Norm of the error against steps back. After ${state.T} steps plain recurrence has ${short(c.plain[state.T])}, the carousel ${short(c.carousel[state.T])}`);
}

function unrolled(state, c) {
  const shown = Math.min(state.T, 12), cell = 25.5;
  const row = (norms, y, colour, name) => range(shown + 1, (k) => {
    const at = Math.round((k * state.T) / shown), x = 340 - k * cell, v = norms[at];
    const opacity = Math.min(1, Math.max(0.04, 1 + Math.log10(Math.max(v, 1e-9)) / 6));
    return `<circle cx="${x}" cy="${y}" r="${v > 1 ? Math.min(13, 9 + Math.log10(v)) : 9}" fill="var(--${colour})" fill-opacity="${opacity.toFixed(3)}" stroke="var(--${colour})"/>` +
      (k < shown ? `<line x1="${x - 10}" x2="${x - 17}" y1="${y}" y2="${y}" stroke="var(--soft)"/>` : "") +
      (k % 4 ? "" : `<text class="soft" x="${x}" y="${y + 28}" text-anchor="middle">${at ? `t − ${at}` : "t"}</text>`);
  }).join("") + `<text x="10" y="${y - 24}">${name}</text>`;
  return `<svg viewBox="0 0 360 270" role="img" aria-label="The unrolled network, each unit as dark as the error that reaches it">` +
    `${row(c.plain, 80, "red", "plain: at each step times ρPᵀ and the slope")}${row(c.carousel, 200, "blue", "carousel: at each step times the forget gate")}</svg>`;
}

export const spec = {
  title: "The error, sent back through time",
  about: "Drag the red point up and down, or the spectral radius. Only the carousel's error does not depend on how long ago it was.",
  defaults: { rho: 1.05, forget: 1, T: 50, scale: 0.5, linear: "no" },
  controls: [
    { key: "rho", label: "radius ρ", min: 0.3, max: 1.6, step: 0.01 },
    { key: "forget", label: "forget gate", min: 0.5, max: 1, step: 0.01 },
    { key: "T", label: "steps T", min: 10, max: 60, step: 1 },
    { key: "scale", label: "input size", min: 0, max: 2, step: 0.05 },
    { key: "linear", label: "units", options: [["no", "tanh"], ["yes", "linear: slope 1"]] },
  ],
  drag(state, key, x, y) { // the radius that would put a linear unit's curve at this height
    const k = Math.min(state.T, 20);
    return { rho: Math.min(1.6, Math.max(0.3, plot(AXES(state)).uy(y) ** (1 / k))) };
  },
  draw(state) {
    const c = compute(state), far = (norms) => (reach(norms) > state.T ? `> ${state.T}` : reach(norms));
    return {
      panels: [
        { title: "Error against steps back", html: decay(state, c) },
        { title: "The same, unrolled", html: unrolled(state, c) },
        { title: "In numbers", html: table(["", "after T steps", "per step", "1/1000 at"], [
          ["plain", c.plain[state.T], c.rate, far(c.plain)], ["carousel", c.carousel[state.T], state.forget, far(c.carousel)]], "Both errors in numbers") },
      ],
      says: `ρ = ${short(state.rho)}, mean slope of the units ${short(c.meanSlope)}: after ${state.T} steps back the plain error is ${short(c.plain[state.T])} ` +
        `of what it was, ${top(c.plain, 0) > 100 ? "after it grew beyond 100" : c.plain[state.T] < 1e-3 ? "too little to learn from" : "still of use"}. The carousel keeps ${short(c.carousel[state.T])}.`,
    };
  },
};
export const show = (el, state) => mount(el, spec, state);
export default widget(spec);
