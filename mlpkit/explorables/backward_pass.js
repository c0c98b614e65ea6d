// A graph with values forward and gradients backward on its wires; any number can be dragged.
import { clamp, escape, mount, plot, range, short, table, widget } from "./kit.js";

const sigmoid = (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)));
const sum = (v) => v.reduce((a, b) => a + b, 0);
const softmax = (v) => { const m = Math.max(...v), e = v.map((a) => Math.exp(a - m)), s = sum(e); return e.map((a) => a / s); };
const unary = (sign, f, slope, rule) => ({ sign, f: ([a]) => f(a), d: ([a], n, out) => [slope(a, out)], rule });

// Each operation: its value, its derivative with respect to each input, and the rule in words.
export const OPS = {
  linear: { sign: "Σ", f: (v, n) => sum(v.map((a, j) => n.w[j] * a)) + n.b, d: (v, n) => n.w, rule: "to each input times its weight, to each weight times its input, to the bias as it is" },
  add: { sign: "+", f: sum, d: (v) => v.map(() => 1), rule: "to each input as it is" },
  multiply: { sign: "×", f: ([a, b]) => a * b, d: ([a, b]) => [b, a], rule: "to each input times the other input" },
  max: { sign: "max", f: (v) => Math.max(...v), d: (v) => { const at = v.indexOf(Math.max(...v)); return v.map((_, j) => (j === at ? 1 : 0)); }, rule: "all of it to the largest input, 0 to the others" },
  tanh: unary("tanh", Math.tanh, (a, h) => 1 - h * h, "times 1 − h²"),
  sigmoid: unary("σ", sigmoid, (a, h) => h * sigmoid(-a), "times h(1 − h)"),
  relu: unary("ReLU", (a) => Math.max(a, 0), (a) => (a > 0 ? 1 : 0), "where the input is positive, else 0"),
  exp: unary("exp", Math.exp, (a, e) => e, "times the output"),
  log: unary("log", Math.log, (a) => 1 / a, "divided by the input"),
  square: unary("²", (a) => a * a, (a) => 2 * a, "times twice the input"),
  softmax_loss: { sign: "loss", f: (v, n) => { const m = Math.max(...v); return m - v[n.y] + Math.log(sum(v.map((a) => Math.exp(a - m)))); }, d: (v, n) => softmax(v).map((p, k) => p - (k === n.y ? 1 : 0)), rule: "to each score its probability, minus 1 at the label" },
  logistic_loss: { sign: "loss", f: (v, n) => sum(v.map((a, k) => Math.max(a, 0) - n.y[k] * a + Math.log1p(Math.exp(-Math.abs(a))))), d: (v, n) => v.map((a, k) => sigmoid(a) - n.y[k]), rule: "to each score ŷ − y" },
};

/** Values of all nodes; `nodes` are in order, the last is the loss: [{name, op, from, w?, b?, y?} or {name, value}]. */
export function forward(nodes) {
  const values = {};
  for (const n of nodes) values[n.name] = n.op ? OPS[n.op].f(n.from.map((k) => values[k]), n) : n.value;
  return values;
}

/** {values, gradients by node, wires: [{to, j, from, gradient}], w: by node, b: by node}. */
export function compute({ nodes }) {
  const values = forward(nodes), gradients = Object.fromEntries(nodes.map((n) => [n.name, 0]));
  const out = { values, gradients, wires: [], w: {}, b: {} };
  gradients[nodes.at(-1).name] = 1;
  for (const n of nodes.slice().reverse()) {
    if (!n.op) continue;
    const inputs = n.from.map((k) => values[k]), g = gradients[n.name];
    OPS[n.op].d(inputs, n, values[n.name]).forEach((d, j) => {
      gradients[n.from[j]] += g * d;
      out.wires.push({ to: n.name, j, from: n.from[j], gradient: g * d });
    });
    if (n.op === "linear") { out.w[n.name] = inputs.map((a) => g * a); out.b[n.name] = g; }
  }
  return out;
}

/** What can be dragged, as addresses: "x1", "s1.w0" (weight of its first input), "s1.b". */
const addresses = (nodes) => nodes.flatMap((n) =>
  !n.op ? [n.name] : n.op === "linear" ? [...n.w.map((_, j) => `${n.name}.w${j}`), `${n.name}.b`] : []);
const part = (nodes, address) => { const [name, field] = address.split("."); return [nodes.find((n) => n.name === name), field]; };
function read(nodes, address) {
  const [n, field] = part(nodes, address);
  return !field ? n.value : field === "b" ? n.b : n.w[+field.slice(1)];
}
function write(nodes, address, value) {
  const [node, field] = part(nodes, address);
  return nodes.map((n) => n !== node ? n : !field ? { ...n, value } : field === "b" ? { ...n, b: value } : { ...n, w: n.w.with(+field.slice(1), value) });
}
function gradientAt(c, address) {
  const [name, field] = address.split(".");
  return !field ? c.gradients[name] : field === "b" ? c.b[name] : c.w[name][+field.slice(1)];
}
const called = (nodes, address) => {
  const [n, field] = part(nodes, address);
  return !field ? n.name : field === "b" ? n.bname || `bias of ${n.name}` : (n.wnames || [])[+field.slice(1)] || `weight ${n.from[+field.slice(1)]} → ${n.name}`;
};

/** Depth of each node; a leaf stands one before the first node that uses it. */
function layers(nodes) {
  const depth = {};
  for (const n of nodes) depth[n.name] = n.op ? 1 + Math.max(...n.from.map((k) => depth[k])) : 0;
  for (const n of nodes) if (!n.op) depth[n.name] = Math.max(0, Math.min(...nodes.filter((m) => m.op && m.from.includes(n.name)).map((m) => depth[m.name])) - 1);
  return depth;
}

function places(nodes, narrow) {
  const depth = layers(nodes), deepest = Math.max(...Object.values(depth));
  const rows = range(deepest + 1, (d) => nodes.filter((n) => depth[n.name] === d));
  const widest = Math.max(...rows.map((r) => r.length));
  const size = narrow ? [360, 104 * (deepest + 1)] : [760, Math.max(190, 96 * widest)];
  const at = {};
  rows.forEach((row, d) => row.forEach((n, i) => {
    const along = (d + 0.5) / (deepest + 1), across = (i + 0.5) / row.length;
    at[n.name] = narrow ? [across * size[0], along * size[1]] : [along * size[0], across * size[1]];
  }));
  return { at, size };
}

const text = (x, y, words, colour = "ink") => `<text class="halo" x="${x}" y="${y}" text-anchor="middle" style="fill:var(--${colour})">${words}</text>`;

/** The picture; what the step has not reached yet is left out. Steps 0 ... n forward, then n backward. */
function graph(s, c, narrow) {
  const { nodes } = s, n = nodes.length, { at, size } = places(nodes, narrow), wrong = s.wrong || {};
  const there = Object.fromEntries(nodes.map((m, i) => [m.name, s.step > i]));
  const back = Object.fromEntries(nodes.map((m, i) => [m.name, s.step >= n + (n - i)]));
  const largest = Math.max(1e-12, ...c.wires.map((w) => Math.abs(w.gradient)));
  const wires = c.wires.map(({ to, j, from, gradient }) => {
    const [a, b] = [at[from], at[to]], bad = `${to}.w${j}` in wrong;
    const near = s.node === to || s.node === from, shown = back[to];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]); // the label stands off the end that other wires do not share
    const t = bad ? 0.3 : !near ? 0.5 : s.node === from ? 1 - 52 / length : 52 / length, x = a[0] + t * (b[0] - a[0]), y = a[1] + t * (b[1] - a[1]);
    const colour = bad ? "wrong" : shown ? "red" : there[from] ? "green" : "line";
    const node = nodes.find((m) => m.name === to), words = bad ? "yours differs" : short(gradient);
    return `<g class="pick" data-pick="${escape(node.w ? `${to}.w${j}` : to)}"><line x1="${a[0]}" y1="${a[1]}" x2="${b[0]}" y2="${b[1]}" stroke="var(--${colour})" ` +
      `stroke-width="${bad ? 5 : shown ? (1 + (4 * Math.abs(gradient)) / largest).toFixed(2) : 1.5}" ${bad ? 'stroke-dasharray="9 4"' : ""}/>` +
      (shown && (near || bad || c.wires.length < 11) ? text(x, y - 4, words, colour) : "") + (node.w && near ? text(x, y + 10, `× ${short(node.w[j])}`) : "") + "</g>";
  });
  const circles = nodes.map(({ name, op }) => {
    const [x, y] = at[name], bad = name in wrong || `${name}.b` in wrong, chosen = s.node === name;
    return `<g class="pick" data-pick="${escape(name)}"><circle cx="${x}" cy="${y}" r="25" fill="var(--fill)" stroke="var(--${bad ? "wrong" : chosen ? "ink" : "soft"})" stroke-width="${bad || chosen ? 4 : 1.2}" ${bad ? 'stroke-dasharray="6 3"' : ""}/>` +
      text(x, y - 8, `<tspan font-weight="600">${escape(name)}</tspan>`) + (there[name] ? text(x, y + 5, short(c.values[name]), "green") : "") +
      (back[name] ? text(x, y + 18, short(c.gradients[name]), bad ? "wrong" : "red") : "") + (op ? text(x + 30, y - 21, OPS[op].sign, "soft") : "") + "</g>";
  });
  return `<svg viewBox="0 0 ${size.join(" ")}" role="img" aria-label="Graph of ${n} nodes; ${nodes.map((m) => `${m.name} ${short(c.values[m.name])}, gradient ${short(c.gradients[m.name])}`).join("; ")}">${wires.join("")}${circles.join("")}</svg>`;
}

function tangent(s, c) {
  const v = read(s.nodes, s.at), g = gradientAt(c, s.at), L = s.nodes.at(-1).name, center = s.centers?.[s.at] ?? v;
  const loss = (a) => forward(write(s.nodes, s.at, a))[L];
  const curve = range(61, (i) => center - 3 + i / 10).map((a) => [a, loss(a)]);
  const values = curve.map(([, l]) => l).filter(Number.isFinite), low = Math.min(...values), high = Math.max(...values), room = 0.1 * (high - low) + 1e-3;
  const p = plot({ x: [center - 3, center + 3], y: [low - room, high + room], xlabel: escape(called(s.nodes, s.at)), ylabel: `loss ${escape(L)}`, height: 230 });
  p.line(curve, "blue", 2.5);
  p.line([-1.5, 1.5].map((d) => [v + d, c.values[L] + d * g]), "red", 2, "7 3").dot(v, c.values[L], "red", 8, 'class="drag" data-drag="at"');
  return p.svg(`Loss against ${called(s.nodes, s.at)}: ${short(c.values[L])} at ${short(v)}, slope ${short(g)}`);
}

function details(s, c) {
  const n = s.nodes.find((m) => m.name === s.node), feeds = c.wires.filter((w) => w.from === n.name), rows = c.wires.filter((w) => w.to === n.name);
  const g = c.gradients[n.name], comes = feeds.length > 1 ? `${feeds.map((w) => short(w.gradient)).join(" + ")} = ` : "";
  const text = `<p><b>${escape(n.name)}</b> = ${short(c.values[n.name])}, dL/d${escape(n.name)} = ${comes}${short(g)}.` +
    `${feeds.length > 1 ? " What comes back from several nodes is summed." : ""} ${n.op ? `Local rule (${n.op.replace("_", " ")}): the gradient goes back ${OPS[n.op].rule}.` : "The gradient ends here."}</p>`;
  if (!n.op) return text;
  return text + table(["input", "value", ...(n.w ? ["weight", "dL/dweight"] : []), "sent back"],
    rows.map((w) => [escape(w.from), c.values[w.from], ...(n.w ? [n.w[w.j], c.w[n.name][w.j]] : []), w.gradient]), `What ${n.name} sends back`);
}

const moved = (nodes, address, value, s) => ({ nodes: write(nodes, address, value), at: address, centers: { ...s.centers, [address]: s.centers?.[address] ?? read(nodes, address) } });
const last = (s) => 2 * s.nodes.length;

export const spec = {
  title: "The backward pass",
  about: "Values run forward (green), gradients back (orange). Click a node for its rule, a wire for its weight; drag a number and watch every gradient move.",
  defaults: { nodes: [
    { name: "x", value: -2 }, { name: "y", value: 5 }, { name: "z", value: -4 },
    { name: "q", op: "add", from: ["x", "y"] }, { name: "m", op: "max", from: ["y", "z"] },
    { name: "p", op: "multiply", from: ["q", "z"] }, { name: "L", op: "add", from: ["p", "m"] }],
    node: "q", at: "x", step: 1000, wrong: {}, centers: {} },
  controls: [
    { key: "at", label: "number to drag", options: (s) => addresses(s.nodes).map((a) => [a, called(s.nodes, a)]) },
    { key: "value", label: "its value", name: (s) => called(s.nodes, s.at), step: 0.01,
      min: (s) => (s.centers?.[s.at] ?? read(s.nodes, s.at)) - 3, max: (s) => (s.centers?.[s.at] ?? read(s.nodes, s.at)) + 3,
      get: (s) => read(s.nodes, s.at), set: (s, v) => moved(s.nodes, s.at, v, s) },
    { key: "node", label: "node to explain", options: (s) => s.nodes.map((n) => [n.name, n.name]) },
    { key: "step", label: "step", min: 0, max: last, step: 1, get: (s) => Math.min(s.step, last(s)), format: (v) => String(v) },
  ],
  buttons: [
    { label: "From the start", press: () => ({ step: 0 }) },
    { label: "Step back", press: (s) => ({ step: Math.max(0, Math.min(s.step, last(s)) - 1) }), off: (s) => s.step <= 0 },
    { label: "Step", press: (s) => ({ step: Math.min(s.step, last(s)) + 1 }), off: (s) => s.step >= last(s) },
  ],
  pick: (s, key) => (key.includes(".") ? { at: key, node: key.split(".")[0] } : { node: key, ...(s.nodes.find((n) => n.name === key).op ? {} : { at: key }) }),
  drag(s, key, x) {
    const center = s.centers?.[s.at] ?? read(s.nodes, s.at);
    return moved(s.nodes, s.at, clamp(plot({ x: [center - 3, center + 3], y: [0, 1], height: 230 }).ux(x), center - 3, center + 3), s);
  },
  draw(s, narrow) {
    const c = compute(s), n = s.nodes.length, step = Math.min(s.step, 2 * n), wrong = Object.entries(s.wrong || {});
    const now = step === 0 ? "Nothing is computed." : step <= n ? `Forward: ${s.nodes[step - 1].name} is computed.` : `Backward: ${s.nodes[2 * n - step].name} has its gradient${step === 2 * n ? "; all are known" : ""}.`;
    return {
      panels: [
        { title: "Values and gradients", html: graph(s, c, narrow), wide: true },
        { title: `The loss against ${escape(called(s.nodes, s.at))}`, html: tangent(s, c) },
        { title: `At node ${escape(s.node)}`, html: details(s, c) },
      ],
      says: `${now} L = ${short(c.values[s.nodes.at(-1).name])}; dL/d(${escape(called(s.nodes, s.at))}) = ${short(gradientAt(c, s.at))}.` +
        (wrong.length ? ` Red and dashed, yours differs: ${wrong.map(([a, yours]) => `${escape(called(s.nodes, a))} ${short(yours)}, here ${short(gradientAt(c, a))}`).join("; ")}.` : ""),
    };
  },
};
export const show = (el, s) => mount(el, spec, s);
export default widget(spec);
