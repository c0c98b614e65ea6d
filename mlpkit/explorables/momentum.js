// Descent with momentum on a bowl: the path, its rate, and the plane of all gamma and alpha.
import { clamp, mount, plot, range, short, table, top, widget } from "./kit.js";

/** Domke's step on (theta - minimiser, phi) along one direction of curvature lambda. */
export function stepMatrix(lambda, gamma, alpha) {
  return [[1 - gamma * alpha * lambda, -gamma * (1 - alpha)], [alpha * lambda, 1 - alpha]];
}

/** Its eigenvalues as [re, im], and the spectral radius. */
export function eigenvalues(lambda, gamma, alpha) {
  const trace = 2 - alpha - gamma * alpha * lambda, determinant = 1 - alpha;
  const discriminant = trace ** 2 - 4 * determinant;
  if (discriminant < 0) {
    const im = Math.sqrt(-discriminant) / 2;
    return { values: [[trace / 2, im], [trace / 2, -im]], radius: Math.sqrt(determinant), kind: "complex" };
  }
  const large = (Math.abs(trace) + Math.sqrt(discriminant)) / 2;
  const first = trace < 0 ? -large : large; // the other by the product of the roots: no cancellation
  return { values: [[first, 0], [large ? determinant / first : 0, 0]], radius: large, kind: trace < 0 ? "negative" : "real" };
}

// One step of each convention: state (w, m, previous w), gradient g, its step size and momentum.
const STEPS = {
  Domke: ({ w, m }, g, step, keep) => { const n = keep * m + (1 - keep) * g; return { w: w - step * n, m: n }; },
  "heavy ball": ({ w, m }, g, step, keep) => { const n = keep * m + g; return { w: w - step * n, m: n }; },
  CS231n: ({ w, m }, g, step, keep) => { const n = keep * m - step * g; return { w: w + n, m: n }; },
  Polyak: ({ w, m }, g, step, keep) => ({ w: w - step * g + keep * (w - m), m: w }), // m is the iterate before
};

export function descend(name, lambdas, start, step, keep, steps) {
  let at = start.map((w) => ({ w, m: name === "Polyak" ? w : 0 }));
  const path = [start.slice()];
  for (let r = 0; r < steps; r++) {
    at = at.map((s, j) => STEPS[name](s, lambdas[j] * s.w, step, keep));
    path.push(at.map((s) => s.w));
  }
  return path;
}

/** Everything on the page, from {gamma, alpha, lambda, theta1, theta2, steps, translate}. */
export function compute({ gamma, alpha, lambda, theta1, theta2, steps, translate }) {
  const lambdas = [lambda, 1], start = [theta1, theta2];
  const risk = (w) => 0.5 * (lambdas[0] * w[0] ** 2 + lambdas[1] * w[1] ** 2);
  const eta = translate === "yes" ? gamma * alpha : gamma;
  const paths = {};
  for (const name of Object.keys(STEPS))
    paths[name] = descend(name, lambdas, start, name === "Domke" ? gamma : eta, 1 - alpha, steps);
  const risks = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, path.map(risk)]));
  const eigen = lambdas.map((l) => eigenvalues(l, gamma, alpha));
  const low = Math.sqrt(lambda), best = (1 - low) / (1 + low), bestAlpha = 1 - best ** 2;
  return {
    eta, paths, risks, eigen, matrices: lambdas.map((l) => stepMatrix(l, gamma, alpha)),
    rate: Math.max(...eigen.map((e) => e.radius)),
    best: { rate: best, alpha: bestAlpha, gamma: 4 / (1 + low) ** 2 / bestAlpha },
  };
}

const PLANE = { x: [0.01, 100], y: [0.02, 1] };
let picture;
function plane() { // the radius over (gamma lambda, alpha) depends on nothing that is dragged: painted once
  if (picture !== undefined) return picture;
  const [w, h] = [152, 96], canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [w, h];
  const pen = canvas.getContext("2d"), image = pen.createImageData(w, h);
  for (let i = 0; i < w * h; i++) {
    const gl = 10 ** (-2 + (4 * ((i % w) + 0.5)) / w), alpha = 1 - (0.98 * (Math.floor(i / w) + 0.5)) / h;
    const r = eigenvalues(1, gl, alpha).radius;
    const t = clamp(r, 0, 1) ** 4; // most of what matters is close to 1
    image.data.set(r < 1 ? [40 + 190 * t, 110 + 125 * t, 170 + 75 * t, 255] : [225, 150, 90, 255], 4 * i);
  }
  pen.putImageData(image, 0, 0);
  return (picture = canvas.toDataURL());
}

const COLOURS = { // dashes that leave room for each other: where all four are the same, all four are seen
  Domke: ["blue", ""], "heavy ball": ["red", "5 13"], CS231n: ["green", '5 13" stroke-dashoffset="-6'], Polyak: ["pink", '5 13" stroke-dashoffset="-12'],
};

function bowl(state, c) {
  const p = plot({ x: [-2.4, 2.4], y: [-1.8, 1.8], xlabel: "θ₁", ylabel: "θ₂", ticks: 5, height: 270 });
  for (const level of range(7, (i) => 0.02 + 0.045 * i * i))
    p.line(range(61, (i) => { const a = (i * Math.PI) / 30; return [Math.sqrt((2 * level) / state.lambda) * Math.cos(a), Math.sqrt(2 * level) * Math.sin(a)]; }), "line", 1);
  p.line(c.paths.Domke, "blue", 1.5);
  c.paths.Domke.forEach(([a, b], i) => i && Math.abs(a) < 2.4 && Math.abs(b) < 1.8 && p.dot(a, b, "blue", 2.5));
  p.text(0, 0, "★", "middle", 'dy="5"').dot(state.theta1, state.theta2, "red", 8, 'class="drag" data-drag="start"');
  return p.text(state.theta1, state.theta2, "start", "middle", 'dy="-12"').svg(
    `Path of ${state.steps} steps over the bowl from (${short(state.theta1)}, ${short(state.theta2)}); it ends at risk ${short(c.risks.Domke.at(-1))}`);
}

function map(state, c) {
  const p = plot({ ...PLANE, logx: true, xlabel: "γλ, step size times curvature", ylabel: "α", height: 270 });
  const { left, right, top: above, bottom } = p.box;
  p.add(`<image href="${plane()}" x="${left}" y="${above}" width="${right - left}" height="${bottom - above}" preserveAspectRatio="none"/>`);
  p.cover("plane");
  const alphas = range(60, (i) => 0.02 + (0.98 * i) / 59), dark = 'style="fill:#111;stroke:none;pointer-events:none"';
  const border = (f) => p.line(alphas.map((a) => [f(a), a]).filter(([x]) => x < 100), "paper", 1.5).line(alphas.map((a) => [f(a), a]).filter(([x]) => x < 100), "ink", 1, "4 3");
  border((a) => (1 - Math.sqrt(1 - a)) ** 2 / a);
  border((a) => (1 + Math.sqrt(1 - a)) ** 2 / a);
  border((a) => (2 * (2 - a)) / a);
  p.text(0.02, 0.55, "converges", "start", dark).text(0.42, 0.2, "oscillates", "start", dark).text(9, 0.75, "diverges", "start", dark);
  [state.lambda, 1].forEach((l, j) => {
    p.dot(state.gamma * l, state.alpha, j ? "red" : "blue", 7, 'style="pointer-events:none"');
    p.text(state.gamma * l, state.alpha, j ? "λ₂" : "λ₁", "middle", 'dy="-10" style="pointer-events:none"');
  });
  return p.svg(`Plane of spectral radii. ${c.eigen.map((e, j) => `Curvature ${j + 1}: radius ${short(e.radius)}, ${e.kind} eigenvalues`).join(". ")}`);
}

function race(state, c) {
  const all = Object.values(c.risks).flat();
  const p = plot({ x: [0, state.steps], y: [1e-10, Math.min(1e6, 2 * top(all, 1))], logy: true, xlabel: "step r", ylabel: "risk", height: 270 });
  for (const [name, risks] of Object.entries(c.risks)) p.line(risks.map((v, i) => [i, Math.max(v, 1e-300)]), COLOURS[name][0], name === "Domke" ? 6 : 3, COLOURS[name][1]);
  p.legend(Object.entries(COLOURS).map(([name, look]) => [name, ...look]), 230, 24);
  return p.svg(`Risk at each step under four conventions; at the end ${Object.entries(c.risks).map(([n, r]) => `${n} ${short(r.at(-1))}`).join(", ")}`);
}

function matrices(c) {
  const pair = ([[a, im], [b]]) => (im ? `${short(a)} ± ${short(im)}i` : `${short(a)}, ${short(b)}`);
  return table(["λ", "matrix of a step", "eigenvalues", "radius"], c.matrices.map((m, j) => [
    j ? "λ₂" : "λ₁", m.map((r) => `[${r.map(short).join(", ")}]`).join(" "), pair(c.eigen[j].values), c.eigen[j].radius,
  ]), "The step as a matrix along each direction");
}

function conventions(state, c) {
  return table(["convention", "step", "step size", "momentum"], [
    ["Domke", "φ ← (1−α)φ + αg; θ ← θ − γφ", `γ = ${short(state.gamma)}`, `1−α = ${short(1 - state.alpha)}`],
    ["heavy ball", "v ← βv + g; w ← w − ηv", `η = ${short(c.eta)}`, `β = ${short(1 - state.alpha)}`],
    ["CS231n", "v ← μv − ηg; w ← w + v", `η = ${short(c.eta)}`, `μ = ${short(1 - state.alpha)}`],
    ["Polyak", "w ← w − ηg + β(w − w before)", `η = ${short(c.eta)}`, `β = ${short(1 - state.alpha)}`],
  ], "Four conventions of momentum and their two numbers");
}

export const spec = {
  title: "Momentum on a bowl",
  about: "Drag the start, or a point of the plane. The slower of the two directions decides the rate.",
  defaults: { gamma: 2, alpha: 0.5, lambda: 0.1, theta1: -2, theta2: 1, steps: 40, translate: "yes" },
  controls: [
    { key: "gamma", label: "step size γ", min: -1, max: 2, step: 0.01, log: true },
    { key: "alpha", label: "α (1: none)", min: 0.02, max: 1, step: 0.01 },
    { key: "lambda", label: "curvature λ₁", min: -2, max: 0, step: 0.02, log: true },
    { key: "steps", label: "steps", min: 5, max: 150, step: 1 },
    { key: "theta1", label: "start θ₁", min: -2.4, max: 2.4, step: 0.05 },
    { key: "theta2", label: "start θ₂", min: -1.8, max: 1.8, step: 0.05 },
    { key: "translate", label: "the others get", options: [["yes", "η = γα: the same path"], ["no", "η = γ: the same number"]] },
  ],
  buttons: [
    { label: "Best γ and α", press: (s) => { const { best } = compute(s); return { gamma: best.gamma, alpha: best.alpha }; }, off: (s) => s.lambda >= 1 },
    { label: "No momentum", press: (s) => ({ alpha: 1, gamma: 2 / (s.lambda + 1) }) },
  ],
  drag(state, key, x, y) {
    if (key === "start") {
      const p = plot({ x: [-2.4, 2.4], y: [-1.8, 1.8], height: 270 });
      return { theta1: clamp(p.ux(x), -2.4, 2.4), theta2: clamp(p.uy(y), -1.8, 1.8) };
    }
    const p = plot({ ...PLANE, logx: true, height: 270 });
    return { gamma: clamp(p.ux(x), 0.1, 100), alpha: clamp(p.uy(y), 0.02, 1) };
  },
  draw(state) {
    const c = compute(state), gone = c.rate >= 1;
    const times = gone || c.rate <= 0 ? NaN : Math.log(0.1) / Math.log(c.rate);
    return {
      panels: [
        { title: "The path (Domke's step)", html: bowl(state, c) },
        { title: "Spectral radius: darker is faster", html: map(state, c) },
        { title: "Four conventions", html: race(state, c) },
        { title: "The step as a matrix", html: matrices(c) },
        { title: "Which number is which", html: conventions(state, c) },
      ],
      says: `Rate ${short(c.rate)} per step: ${gone ? "it does not converge." : `a tenth of the distance is left after about ${short(Math.ceil(times))} steps.`} ` +
        `The best rate for these curvatures is ${short(c.best.rate)}.`,
    };
  },
};
export const show = (el, state) => mount(el, spec, state);
export default widget(spec);
