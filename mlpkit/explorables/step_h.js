// How wrong a numerical derivative is for each step h: rounding on one side, truncation on the other.
import { clamp, mount, plot, range, short, table, widget } from "./kit.js";

const EPS = 2 ** -52;
// f, its derivative, bounds |f''| and |f'''| at x for the lines of truncation, and f(x + ih) as [re, im].
export const FUNCTIONS = {
  cube: {
    name: "x³", f: (x) => x * x * x, d: (x) => 3 * x * x, d2: (x) => 6 * x, d3: () => 6,
    complex: (x, h) => [x * x * x - 3 * x * h * h, 3 * x * x * h - h * h * h],
  },
  root: {
    name: "√(1 + x²)", f: (x) => Math.sqrt(1 + x * x), d: (x) => x / Math.sqrt(1 + x * x),
    d2: (x) => (1 + x * x) ** -1.5, d3: (x) => -3 * x * (1 + x * x) ** -2.5,
    complex(x, h) {
      const [re, im] = [1 + x * x - h * h, 2 * x * h], size = Math.hypot(re, im);
      const a = Math.sqrt((size + Math.abs(re)) / 2), b = Math.abs(im) / (2 * a);
      return re >= 0 ? [a, im < 0 ? -b : b] : [b, im < 0 ? -a : a];
    },
  },
  softplus: {
    name: "log(1 + eˣ)", f: (x) => Math.log1p(Math.exp(x)), d: sigmoid, d2: (x) => sigmoid(x) * sigmoid(-x),
    d3: (x) => sigmoid(x) * sigmoid(-x) * (1 - 2 * sigmoid(x)),
    complex(x, h) {
      const [re, im] = [1 + Math.exp(x) * Math.cos(h), Math.exp(x) * Math.sin(h)];
      return [Math.log(Math.hypot(re, im)), Math.atan2(im, re)];
    },
  },
  relu: {
    name: "ReLU(x), a kink at 0", f: (x) => Math.max(x, 0), d: (x) => (x > 0 ? 1 : x < 0 ? 0 : NaN), d2: () => 0, d3: () => 0,
    complex: (x, h) => (x > 0 ? [x, h] : [0, 0]),
  },
};
function sigmoid(x) { return 1 / (1 + Math.exp(-x)); }

/** The steps of the picture, from 1e-20 to 1: decimal text, so that every language reads the same numbers. */
export const STEPS = range(20, (k) => [1, 1.8, 3.2, 5.6].map((m) => Number(`${m}e${k - 20}`))).flat().concat(1);

/** The three quotients for one step h. */
export function estimates(name, x, h) {
  const { f, complex } = FUNCTIONS[name];
  return { forward: (f(x + h) - f(x)) / h, central: (f(x + h) - f(x - h)) / (2 * h), complex: complex(x, h)[1] / h };
}

/** {exact, at: estimates at h, all: {forward: (81), ...}, truncation, rounding at h} from {name, x, h}. */
export function compute({ name, x, h }) {
  const F = FUNCTIONS[name], list = STEPS.map((s) => estimates(name, x, s));
  return {
    exact: F.d(x), at: estimates(name, x, h),
    all: Object.fromEntries(["forward", "central", "complex"].map((k) => [k, list.map((e) => e[k])])),
    truncation: { forward: (Math.abs(F.d2(x)) * h) / 2, central: (Math.abs(F.d3(x)) * h * h) / 6 },
    rounding: (EPS * Math.abs(F.f(x))) / h,
  };
}

const AXES = { x: [1e-20, 1], y: [1e-17, 10], logx: true, logy: true, height: 300 };
const LOOK = { forward: ["red", "", "forward"], central: ["blue", "7 3", "central"], complex: ["green", "2 3", "complex step"] };

function errors(state, c) {
  const p = plot({ ...AXES, xlabel: "step h", ylabel: "error of dL/dx" });
  const F = FUNCTIONS[state.name], { x } = state, guide = (f) => p.line(STEPS.map((h) => [h, f(h)]), "soft", 1, "3 3");
  const e = (v) => Math.max(Math.abs(v - c.exact), 1e-17);
  if (state.name !== "relu") {
    guide((h) => (Math.abs(F.d2(x)) * h) / 2);
    guide((h) => (Math.abs(F.d3(x)) * h * h) / 6);
  }
  guide((h) => (EPS * Math.abs(F.f(x))) / h);
  for (const [key, [colour, dash]] of Object.entries(LOOK)) p.line(STEPS.map((h, i) => [h, e(c.all[key][i])]), colour, 2, dash);
  p.line([[state.h, 1e-17], [state.h, 10]], "ink", 1);
  for (const [key, [colour]] of Object.entries(LOOK)) p.dot(state.h, e(c.at[key]), colour, 6);
  p.legend(Object.values(LOOK).map(([colour, dash, name]) => [name, colour, dash]), 64, 196);
  p.cover("h");
  return p.svg(`Error over the step. At h = ${short(state.h)}: ${Object.keys(LOOK).map((k) => `${LOOK[k][2]} ${short(e(c.at[k]))}`).join(", ")}`);
}

function secant(state, c) {
  const F = FUNCTIONS[state.name], { x, h } = state, half = 1.5;
  const grid = range(81, (i) => x - half + (2 * half * i) / 80), values = grid.map(F.f);
  const [low, high] = [Math.min(...values), Math.max(...values)], room = 0.15 * (high - low) + 0.05;
  const p = plot({ x: [x - half, x + half], y: [low - room, high + room], xlabel: "x", ylabel: F.name.split(",")[0], height: 300 });
  p.line(grid.map((v, i) => [v, values[i]]), "soft", 3);
  const through = (a, slope, colour, dash) => p.line([-half, half].map((d) => [a + d, F.f(a) + d * slope]).filter(([, v]) => Number.isFinite(v)), colour, 1.6, dash);
  through(x, c.at.forward, "red", "");
  p.line([-half, half].map((d) => [x + d, (F.f(x + h) + F.f(x - h)) / 2 + d * c.at.central]), "blue", 1.6, "7 3");
  p.dot(x + h, F.f(x + h), "red", 4).dot(x - h, F.f(x - h), "blue", 4).dot(x, F.f(x), "ink", 5);
  return p.svg(`The function near x = ${short(x)} with the lines whose slopes the forward and the central quotient take`);
}

const numbers = (c) => table(["quotient", "value", "error", "truncation", "rounding"], [
  ["forward", c.at.forward, c.at.forward - c.exact, c.truncation.forward, c.rounding],
  ["central", c.at.central, c.at.central - c.exact, c.truncation.central, c.rounding],
  ["complex", c.at.complex, c.at.complex - c.exact, c.truncation.central, "none"],
], "The three quotients at this step");

export const spec = {
  title: "The step h of a numerical derivative",
  about: "Drag across the first picture to choose h. Rounding falls to the right, truncation rises; the dotted lines say how fast.",
  defaults: { name: "softplus", x: 0.7, h: 1e-5 },
  controls: [
    { key: "h", label: "step h", min: -20, max: 0, step: 0.05, log: true },
    { key: "x", label: "at x", min: -2, max: 2, step: 0.001 },
    { key: "name", label: "function", options: Object.entries(FUNCTIONS).map(([k, F]) => [k, F.name]) },
  ],
  buttons: [{ label: "A kink within reach of h", press: () => ({ name: "relu", x: 0.0004, h: 1e-3 }) }],
  drag: (state, key, x) => ({ h: clamp(plot(AXES).ux(x), 1e-20, 1) }),
  draw(state) {
    const c = compute(state), kink = state.name === "relu" && Math.abs(state.x) < state.h;
    const best = STEPS.map((h, i) => [Math.abs(c.all.central[i] - c.exact), h]).filter(([e]) => !Number.isNaN(e)).sort((a, b) => a[0] - b[0])[0];
    return {
      panels: [
        { title: "Error against h", html: errors(state, c) },
        { title: "What is divided by what", html: secant(state, c) },
        { title: "At this h", html: numbers(c) },
      ],
      says: kink
        ? `The kink at 0 is within h of x = ${short(state.x)}: the central quotient mixes both sides and says ${short(c.at.central)}, where the derivative is ${short(c.exact)}. A smaller h helps; so does a point further from the kink.`
        : `Exact ${short(c.exact)}. Central differences are at their best near h = ${best ? short(best[1]) : "none"}; the complex step subtracts nothing, so no h is too small for it.`,
    };
  },
};
export const show = (el, state) => mount(el, spec, state);
export default widget(spec);
