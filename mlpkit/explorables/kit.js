// What all explorables use: theme, controls, a plot. `mlpkit.explorables.module` puts this text in
// place of their import of it, so that what a notebook gets is one module by itself.

const STYLE = `
.mlx{--ink:#1a1a1a;--soft:#565656;--paper:#fff;--line:#c9c9c9;--blue:#0072B2;--red:#C24E00;--green:#007A5A;
--pink:#A8467F;--wrong:#C00018;--fill:#eef3f7;color:var(--ink);background:var(--paper);font:14px/1.45 system-ui,sans-serif;
padding:12px;border:1px solid var(--line);border-radius:6px;max-width:1100px;margin:8px 0;
&[data-dark]{--ink:#f0f0f0;--soft:#b9b9b9;--paper:#16191d;--line:#4a4f57;--blue:#56B4E9;--red:#F08A3C;--green:#2CC79B;
--pink:#E29BC4;--wrong:#FF6B6B;--fill:#232a31}
&,& *{box-sizing:border-box}h3{margin:0 0 4px;padding:0;font-size:16px;font-weight:600;color:inherit}p{margin:4px 0 8px}
.panels{display:flex;flex-wrap:wrap;gap:12px}
figure{flex:1 1 300px;min-width:0;margin:0;&:not(.wide):has(>svg){max-width:460px}&.wide{flex-basis:100%}}
figcaption{font-weight:600;font-size:13px;margin-bottom:2px}
svg{overflow:hidden;font:12px system-ui,sans-serif}figure>svg{display:block;width:100%;height:auto;touch-action:pan-y}
svg text{fill:var(--ink);&.soft{fill:var(--soft)}}.halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.drag{cursor:grab;touch-action:none}.pick{cursor:pointer}
.controls{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(260px,100%),1fr));gap:4px 20px;margin:8px 0}
label{display:grid;grid-template-columns:minmax(6.5em,auto) minmax(80px,1fr) 5.2em;gap:8px;align-items:center;min-height:28px;
select{grid-column:2/4}}
input{width:100%;min-width:0;accent-color:var(--blue);margin:0}output{text-align:right;font-variant-numeric:tabular-nums}
select,button{font:inherit;color:inherit;background:var(--fill);border:1px solid var(--soft);border-radius:4px;
padding:4px 10px;min-height:30px;max-width:100%}
button{cursor:pointer;margin:0 6px 4px 0;&[disabled]{color:var(--soft);cursor:default}}
:focus-visible{outline:3px solid var(--blue);outline-offset:1px}
.scroll{overflow-x:auto}table{border-collapse:collapse;font:inherit;font-variant-numeric:tabular-nums;margin:4px 0}
th,td{padding:2px 10px 2px 0;white-space:nowrap;border:0;text-align:right;font-weight:400;background:none;color:var(--ink);
&:first-child{text-align:left}}thead th{font-weight:600;border-bottom:1px solid var(--line)}.says{min-height:2.9em}
@media print{.controls,button{display:none}}}`;

/** Shorten a number for a label: three significant digits, a true minus sign. */
export function short(v) {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "undefined" : v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? v.toExponential(1) : String(+v.toPrecision(3));
  return text.replace(/-/g, "−");
}

export const escape = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

export const range = (n, f = (i) => i) => Array.from({ length: n }, (_, i) => f(i));
export const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

/** A table of numbers as HTML; the first column heads its row. */
export function table(head, rows, caption) {
  const cell = (v) => (typeof v === "number" ? short(v) : v);
  const row = ([first, ...rest]) =>
    `<tr><th scope="row">${cell(first)}</th>${rest.map((v) => `<td>${cell(v)}</td>`).join("")}</tr>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escape(caption)}"><table><thead><tr>` +
    `${head.map((h) => `<th scope="col">${h}</th>`).join("")}</tr></thead><tbody>${rows.map(row).join("")}</tbody></table></div>`;
}

/** Axes on a 360-wide picture. Lines are cut at the frame, dots stay on it. */
export function plot({ x, y, xlabel, ylabel, logx, logy, height = 240, ticks = 5 }) {
  const box = { left: 54, right: 350, top: 10, bottom: height - 38 };
  const [w, h] = [box.right - box.left, box.bottom - box.top];
  const scale = ([low, high], log, from, to) => {
    const f = log ? Math.log10 : (v) => v;
    const [a, b] = [f(low), f(high)];
    const to_picture = (v, beyond = 0) => from + clamp((f(v) - a) / (b - a), -beyond, 1 + beyond) * (to - from);
    const back = (p) => { const t = a + ((p - from) / (to - from)) * (b - a); return log ? 10 ** t : t; };
    return [to_picture, back];
  };
  const [sx, ux] = scale(x, logx, box.left, box.right);
  const [sy, uy] = scale(y, logy, box.bottom, box.top);
  const parts = [];
  const add = (text) => (parts.push(text), api);
  const points = (list) => list.filter(([a, b]) => !Number.isNaN(a) && !Number.isNaN(b))
    .map(([a, b]) => `${sx(a, 2).toFixed(1)},${sy(b, 2).toFixed(1)}`).join(" ");
  const api = {
    sx, sy, ux, uy, box, add,
    line: (list, colour, width = 2, dash = "") => add(`<svg x="${box.left}" y="${box.top}" width="${w}" height="${h}" viewBox="${box.left} ${box.top} ${w} ${h}">` +
      `<polyline points="${points(list)}" fill="none" stroke="var(--${colour})" stroke-width="${width}" stroke-dasharray="${dash}"/></svg>`),
    legend: (entries, x, y) => entries.forEach(([name, colour, dash], i) => add(
      `<line x1="${x}" x2="${x + 30}" y1="${y + 15 * i}" y2="${y + 15 * i}" stroke="var(--${colour})" stroke-width="3" stroke-dasharray="${dash}"/>` +
      `<text class="halo" x="${x + 36}" y="${y + 4 + 15 * i}">${name}</text>`)),
    dot: (a, b, colour, r = 4, more = "") => add(`<circle cx="${sx(a)}" cy="${sy(b)}" r="${r}" fill="var(--${colour})" stroke="var(--paper)" ${more}/>`),
    text: (a, b, words, anchor = "start", more = "") => add(`<text x="${sx(a)}" y="${sy(b)}" text-anchor="${anchor}" class="halo" ${more}>${words}</text>`),
    cover: (key) => add(`<rect x="${box.left}" y="${box.top}" width="${w}" height="${h}" fill="transparent" class="drag" data-drag="${key}"/>`),
    svg: (label) => `<svg viewBox="0 0 360 ${height}" role="img" aria-label="${escape(label)}">${frame()}${parts.join("")}</svg>`,
  };
  const frame = () => {
    const at = ([low, high], log) => {
      if (!log) return range(ticks, (i) => low + ((high - low) * i) / (ticks - 1));
      const [a, b] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
      const every = Math.max(1, Math.ceil((b - a) / 5));
      return range(Math.floor((b - a) / every) + 1, (i) => 10 ** (a + i * every));
    };
    const name = (v, log) => (log ? power(Math.round(Math.log10(v))) : short(+v.toPrecision(2)));
    const across = at(x, logx).map((v) => `<line x1="${sx(v)}" x2="${sx(v)}" y1="${box.top}" y2="${box.bottom}" stroke="var(--line)" stroke-width=".6"/>` +
      `<text class="soft" x="${sx(v)}" y="${box.bottom + 15}" text-anchor="middle">${name(v, logx)}</text>`);
    const up = at(y, logy).map((v) => `<line y1="${sy(v)}" y2="${sy(v)}" x1="${box.left}" x2="${box.right}" stroke="var(--line)" stroke-width=".6"/>` +
      `<text class="soft" x="${box.left - 5}" y="${sy(v) + 4}" text-anchor="end">${name(v, logy)}</text>`);
    const middle = box.top + h / 2;
    return across.join("") + up.join("") +
      `<text x="${(box.left + box.right) / 2}" y="${height - 5}" text-anchor="middle">${xlabel}</text>` +
      `<text transform="translate(11 ${middle}) rotate(-90)" text-anchor="middle">${ylabel}</text>`;
  };
  return api;
}

const power = (n) => (n === 0 ? "1" : n === 1 ? "10" : `10<tspan dy="-4" font-size="9">${String(n).replace("-", "−")}</tspan>`);

/** The largest finite number of a list, and at least `floor`. */
export const top = (list, floor) => list.reduce((m, v) => (Number.isFinite(v) && v > m ? v : m), floor);

const scheme = matchMedia("(prefers-color-scheme: dark)");

// A page says whether it is dark by what is behind the element, whichever program made it; marimo puts
// it into a shadow root, and in VS Code nothing behind it has a colour, only a name.
function isDark(el) {
  for (let at = el; (at = at.parentElement || at.getRootNode().host); ) {
    const [r, g, b, a = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) || []).map(Number);
    if (a > 0.5 && b !== undefined) return 0.3 * r + 0.59 * g + 0.11 * b < 128;
  }
  return /dark|contrast$/.test(document.body.dataset.vscodeThemeKind) ||
    (scheme.matches && getComputedStyle(document.documentElement).colorScheme.includes("dark"));
}

function control(spec, state, change) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  name.textContent = spec.label;
  if (spec.options) {
    const select = document.createElement("select");
    select.dataset.key = spec.key;
    select.onchange = () => change({ [spec.key]: select.value }, true);
    label.append(name, select);
    const update = (s) => {
      const options = typeof spec.options === "function" ? spec.options(s) : spec.options;
      const html = options.map(([v, text]) => `<option value="${escape(v)}">${escape(text)}</option>`).join("");
      if (select.dataset.html !== html) select.innerHTML = select.dataset.html = html;
      select.value = String(s[spec.key]);
    };
    update(state);
    return [label, update];
  }
  const input = document.createElement("input");
  const output = document.createElement("output");
  input.type = "range";
  input.dataset.key = spec.key;
  const get = spec.get || ((s) => s[spec.key]);
  const set = spec.set || ((s, v) => ({ [spec.key]: v }));
  const value = () => (spec.log ? 10 ** +input.value : +input.value);
  label.append(name, input, output);
  let latest = state;
  input.oninput = () => change(set(latest, value()), false);
  input.onchange = () => change(set(latest, value()), true);
  const update = (s) => {
    latest = s;
    const of = (v) => (typeof v === "function" ? v(s) : v);
    const v = get(s);
    [input.min, input.max, input.step] = [of(spec.min), of(spec.max), of(spec.step)];
    input.value = spec.log ? Math.log10(v) : v;
    output.textContent = (spec.format || short)(v);
    input.setAttribute("aria-valuetext", output.textContent);
    if (spec.name) name.textContent = spec.name(s);
  };
  update(state);
  return [label, update];
}

/**
 * Show an explorable in `el`; return {set, get, stop}.
 *
 * spec: title, about, defaults, controls, buttons?, and draw(state, narrow) -> {panels: [{title, html, wide?}], says}.
 * A pointer that goes down on an element with data-drag="key" or data-pick calls spec.drag(state, key, x, y) or
 * spec.pick(state, key) and what these return is merged into the state. save(state) is called after each gesture.
 */
export function mount(el, spec, given = {}, save = () => {}) {
  let state = { ...structuredClone(spec.defaults), ...structuredClone(given) };
  const root = document.createElement("section");
  root.className = "mlx";
  root.setAttribute("aria-label", spec.title);
  root.onkeydown = (event) => /^(Arrow|Page|Home|End)/.test(event.key) && event.stopPropagation(); // JupyterLab takes them
  root.innerHTML = `<style>${STYLE}</style><h3>${spec.title}</h3><p>${spec.about}</p><div class="buttons"></div>` +
    `<div class="controls"></div><p class="says" role="status"></p><div class="panels"></div>`;
  el.append(root);
  const panels = root.querySelector(".panels");
  const says = root.querySelector(".says");
  let speak;
  const narrow = () => root.clientWidth > 0 && root.clientWidth < 620;
  const draw = () => {
    const drawn = spec.draw(state, narrow());
    while (panels.children.length > drawn.panels.length) panels.lastChild.remove();
    drawn.panels.forEach(({ title, html, wide }, i) => {
      const figure = panels.children[i] || panels.appendChild(document.createElement("figure"));
      figure.className = wide ? "wide" : "";
      figure.innerHTML = `<figcaption>${title}</figcaption>${html}`;
    });
    updates.forEach((update) => update(state));
    clearTimeout(speak); // a screen reader hears where a drag ended, not every state on the way
    speak = setTimeout(() => { says.innerHTML = drawn.says; }, says.innerHTML ? 150 : 0);
  };
  const change = (more, done) => {
    state = { ...state, ...more };
    draw();
    if (done) save(state);
  };
  const updates = spec.controls.map((c) => {
    const [label, update] = control(c, state, change);
    root.querySelector(".controls").append(label);
    return update;
  });
  for (const b of spec.buttons || []) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = b.label;
    button.onclick = () => change(b.press(state, change) || {}, true);
    root.querySelector(".buttons").append(button);
    updates.push((s) => { button.disabled = b.off ? b.off(s) : false; });
  }
  let held = null;
  const move = (event, done) => {
    const svg = panels.children[held.panel].querySelector("svg");
    const box = svg.getBoundingClientRect();
    const unit = svg.viewBox.baseVal.width / box.width;
    change(spec.drag(state, held.key, (event.clientX - box.left) * unit, (event.clientY - box.top) * unit), done);
  };
  panels.addEventListener("pointerdown", (event) => {
    const target = event.target.closest("[data-drag],[data-pick]");
    if (!target) return;
    if (target.dataset.pick !== undefined) return change(spec.pick(state, target.dataset.pick), true);
    held = { key: target.dataset.drag, panel: [...panels.children].indexOf(target.closest("figure")) };
    panels.setPointerCapture(event.pointerId); // the figure is drawn anew while it is dragged
    event.preventDefault();
    move(event, false);
  });
  panels.addEventListener("pointermove", (event) => held && move(event, false));
  for (const end of ["pointerup", "pointercancel"])
    panels.addEventListener(end, () => { if (held) save(state); held = null; });
  const theme = () => root.toggleAttribute("data-dark", isDark(root));
  const watch = new MutationObserver(theme);
  for (const node of [document.documentElement, document.body])
    watch.observe(node, { attributes: true });
  scheme.addEventListener("change", theme);
  let width = narrow();
  const size = new ResizeObserver(() => { theme(); if (narrow() !== width) { width = narrow(); draw(); } });
  size.observe(root);
  theme();
  draw();
  return {
    get: () => state,
    set: (more) => change(more, false),
    stop: () => { watch.disconnect(); size.disconnect(); scheme.removeEventListener("change", theme); clearTimeout(speak); root.remove(); },
  };
}

/** The face that anywidget calls: the state is a traitlet, in Python and here. */
export function widget(spec) {
  return {
    render({ model, el }) {
      const view = mount(el, spec, model.get("state"), (state) => {
        model.set("state", state);
        model.save_changes();
      });
      const follow = () => view.set(model.get("state"));
      model.on("change:state", follow);
      return () => { model.off("change:state", follow); view.stop(); };
    },
  };
}
