// Lines that answer: hover, zoom, ranges, the day or the week before. The figure of paper stays as
// it is and is pointed at; what it does not show is drawn by uPlot in its place, on its plane.
import { $, $$, french, make, root, say } from "./parts.js";
import { isOwn, zone } from "./zone.js";

// light-dark() stays unresolved in a custom property: ask a real one.
const probe = make("span", "sr");
probe.setAttribute("aria-hidden", "true");
document.body.append(probe);
function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

const formats = new Map();
function number(value, digits) {
  if (!formats.has(digits)) {
    formats.set(digits, new Intl.NumberFormat(french ? "fr-FR" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  }
  return formats.get(digits).format(value).replace("-", "\u2212").replace(/\u00a0/g, "\u202f");
}
// As many as the value has, where few digits hold it; else four digits, none of them lost to zeros.
function digitsOf(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return 0;
  const own = [1, 2, 3].find((digits) => Math.abs(Number(value.toFixed(digits)) - value) <= size * 1e-9);
  return own ?? Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(size))));
}
const dated = (options) => new Intl.DateTimeFormat(french ? "fr-FR" : "en-GB", { timeZone: zone, ...options });
const clock = dated({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = dated({ day: "numeric", month: "short" });
const moment = dated({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// A choice is part of the address, so that a link keeps it.
const address = () => new URL(location.href);
function keep(key, value, usual) {
  const now = address();
  if (value === usual) now.searchParams.delete(key);
  else now.searchParams.set(key, value);
  history.replaceState(null, "", now);
}

const RANGES = ["1h", "6h", "24h", "7d", "30d", "1y"];
const USUAL = { range: "24h", compare: "day" };
const live = new Set();
let serial = 0;

// Two lines on one axis of time. What has no value because the other one has is undefined, and
// passed over; where values are missing, null, the line breaks.
function joined(told) {
  const own = [told.times, told.values];
  const before = told.before ? [told.before.times, told.before.values] : [[], []];
  return uPlot.join([own, before]);
}

const beside = (all, k, step) => {
  let at = k + step;
  while (all[at] === undefined && at >= 0 && at < all.length) at += step;
  return all[at];
};

// A value without a neighbour makes no line: it is a dot.
function lone(ink, size) {
  const filter = (u, s) => {
    const all = u.data[s];
    return [...all.keys()].filter((k) => all[k] != null && beside(all, k, -1) == null && beside(all, k, 1) == null);
  };
  return { show: true, size, width: 0, stroke: ink, fill: ink, filter };
}

// Where a cursor finds a value of a line: at its place or next to it, a step away at most.
function nearest(u, s, k) {
  const [at, all] = [u.data[0], u.data[s]];
  if (k == null || all[k] !== undefined) return k;
  let [low, high] = [k - 1, k + 1];
  while (all[low] === undefined && low >= 0) low -= 1;
  while (all[high] === undefined && high < all.length) high += 1;
  const away = (place) => (place < 0 || place >= all.length ? Infinity : Math.abs(at[place] - at[k]));
  const best = away(low) <= away(high) ? low : high;
  return away(best) <= u.step ? best : null;
}

// How far two values of a line stand apart as a rule, in seconds.
function stepOf(times) {
  const apart = times.slice(1).map((time, k) => time - times[k]).sort((a, b) => a - b);
  return apart.length ? apart[apart.length >> 1] : 0;
}

// What values are means of, as paper says it: a step, an hour, a day.
const MEANS = french ? /moyennes (de [\d.,\u202f\u00a0]+\S+|horaires|journalières)/ : /means of [\d.,\u00a0]+\S+|(hourly|daily) means/;
function meansOf(step) {
  if (step === 86400) return say("daily means", "moyennes journalières");
  if (step === 3600) return say("hourly means", "moyennes horaires");
  const unit = [[3600, "h"], [60, "min"]].find(([one]) => step >= one && step % one === 0);
  if (!unit) return say("means", "moyennes");
  return say("means of ", "moyennes de ") + `${step / unit[0]}\u00a0${unit[1]}`;
}

// The plane of the figure of paper that is shown, in pixels.
function planeOf(figure) {
  const svg = $$(":scope > svg[data-plane]", figure).find((one) => one.getBoundingClientRect().width > 0);
  if (!svg) return null;
  const [x, y, w, h, low, high, top, bottom] = svg.dataset.plane.split(" ").map(Number);
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const [width, height] = [figure.clientWidth, svg.viewBox.baseVal.height * scale];
  const sides = [y * scale, width - (x + w) * scale, height - (y + h) * scale, x * scale];
  const outer = [top * scale, Math.max(16, sides[1]), height - bottom * scale, sides[3]];
  return { width, height, scale, sides, outer, low, high };
}

function line(figure) {
  const tools = figure.parentElement.querySelector(".tools-row");
  const name = figure.dataset.name ?? `c${serial += 1}`;
  const asked = address().searchParams;
  const state = { range: asked.get(`${name}.range`) ?? USUAL.range, compare: asked.get(`${name}.compare`) ?? USUAL.compare };
  let plot = null;
  let told = null;
  let zoomed = false;
  let box = null;
  let readout = null;
  const spoken = make("p", "sr");
  spoken.setAttribute("aria-live", "polite");
  const lacking = make("span", "versus", say("nothing in this range", "rien sur cette durée"));
  lacking.hidden = true;
  lacking.setAttribute("role", "status");
  tools?.append(lacking);

  async function load() {
    const query = new URLSearchParams({ range: state.range, compare: state.compare, lang: root.lang });
    const of = asked.get("day");
    if (of) query.set("day", of);
    const answer = await fetch(`${figure.dataset.chart}&${query}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  const isUsual = () => !zoomed && !isOwn && state.range === USUAL.range && state.compare === USUAL.compare;
  const cursor = { y: false, dataIdx: nearest, points: { size: 9, width: 2, stroke: () => colour("blue"), fill: () => colour("paper") } };

  // Over the figure of paper: nothing is drawn but where the pointer is.
  function over(plane) {
    const flat = { width: 0, stroke: "transparent", points: { show: false } };
    return {
      width: plane.width, height: plane.height, padding: plane.sides, legend: { show: false },
      cursor: { ...cursor, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: true, range: [told.from, told.to] }, y: { range: [plane.low, plane.high] } },
      axes: [{ show: false }, { show: false }],
      series: [{}, flat, flat],
      hooks: { setCursor: [read], setSelect: [zoom] },
    };
  }

  // The width of the widest label, in pixels of the page.
  function widest(u, labels, face) {
    u.ctx.save();
    u.ctx.font = face;
    const width = Math.max(0, ...labels.map((label) => u.ctx.measureText(label).width));
    u.ctx.restore();
    return width;
  }

  // In its place, with its gutters, its letters and its pens.
  function alone(plane) {
    const ink = Object.fromEntries(["blue", "before", "hair", "soft"].map((one) => [one, colour(one)]));
    const { scale, outer: sides } = plane;
    const { from, to } = told;
    const face = `${7.2 * scale}px 'Daybook Sans'`;
    const stamp = (all) => {
      const [first, last] = [all[0], all.at(-1)];
      return all.map((at) => (last - first <= 2 * 86400 ? clock : day).format(at * 1000));
    };
    // As many as tell one step from the next.
    const decimals = (all) => {
      if (all.length < 2) return digitsOf(all[0] ?? 0);
      let digits = 0;
      while (digits < 12 && Math.abs(Math.round((all[1] - all[0]) * 10 ** digits) / 10 ** digits / (all[1] - all[0]) - 1) > 1e-6) digits += 1;
      return digits;
    };
    return {
      width: plane.width, height: plane.height, padding: [sides[0], Math.max(sides[1], 14 * scale), 0, 0], legend: { show: false },
      cursor: { ...cursor, drag: { x: true, y: false } },
      scales: { x: { time: true, range: (u, low, high) => (told.times.length < 2 || (low === u.data[0][0] && high === u.data[0].at(-1)) ? [from, to] : [low, high]) } },
      axes: [
        { stroke: ink.soft, font: face, size: sides[2], gap: 3 * scale, grid: { show: false }, border: { show: true, stroke: ink.soft, width: 0.7 * scale }, ticks: { stroke: ink.soft, size: 2.6 * scale, width: 0.6 * scale }, space: 80, values: (u, splits) => stamp(splits) },
        { stroke: ink.soft, font: face, size: (u, labels) => Math.max(sides[3], 7 * scale + widest(u, labels ?? [], face)), gap: 5 * scale, ticks: { show: false }, grid: { stroke: ink.hair, width: 0.4 * scale }, values: (u, splits) => splits.map((v) => number(v, decimals(splits))) },
      ],
      series: [{}, { stroke: ink.blue, width: 1.35 * scale, points: lone(ink.blue, 4 * scale) }, { stroke: ink.before, width: 0.9 * scale, points: lone(ink.before, 3 * scale) }],
      hooks: { setCursor: [read] },
      tzDate: (at) => new Date(new Date(at * 1000).toLocaleString("en-US", { timeZone: zone })),
    };
  }

  function draw() {
    plot?.destroy();
    const plane = planeOf(figure);
    if (!plane) return;
    const isOver = isUsual();
    figure.classList.toggle("over", isOver);
    figure.classList.toggle("on", !isOver);
    plot = new uPlot(isOver ? over(plane) : alone(plane), joined(told), box);
    plot.step = Math.max(stepOf(told.times), stepOf(told.before?.times ?? [])) * 0.75;
  }

  // Once uPlot is done with the pointer: what is destroyed before keeps listening.
  function zoom(u) {
    if (u !== plot || u.select.width < 4) return;
    const [from, to] = [u.select.left, u.select.left + u.select.width].map((x) => u.posToVal(x, "x"));
    setTimeout(() => part(from, to));
  }

  // A part of the range, which the address keeps.
  function part(from, to) {
    zoomed = true;
    draw();
    plot.setScale("x", { min: from, max: to });
    zoomed = false;
    keep(`${name}.part`, `${Math.round(from)}-${Math.round(to)}`, "");
  }

  function read(u) {
    const [k, earlier] = [u.cursor.idxs?.[1], u.cursor.idxs?.[2]];
    const inside = k != null && u.cursor.left >= 0 && u.data[1][k] != null;
    readout.hidden = !inside;
    if (!inside) return "";
    const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
    const value = number(u.data[1][k], digitsOf(u.data[1][k])) + unit;
    const at = moment.format(u.data[0][k] * 1000);
    readout.replaceChildren(make("span", "", at), " ", make("b", "", value));
    let text = `${at}: ${value}`;
    if (earlier != null && u.data[2][earlier] != null) {
      const old = `${told.beforeName} ${number(u.data[2][earlier], digitsOf(u.data[2][earlier]))}`;
      readout.append(make("i", "", old));
      text += `, ${old}`;
    }
    const left = u.bbox.left / devicePixelRatio + u.valToPos(u.data[0][k], "x");
    const right = left + 12 + readout.offsetWidth > figure.clientWidth;
    const x = Math.max(0, right ? left - 12 - readout.offsetWidth : left + 12);
    readout.style.transform = `translate(${Math.round(x)}px, 2px)`;
    return text;
  }

  // Before anything is asked for, so that keys reach it.
  function stand() {
    box = make("div", "canvas");
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `${figure.closest("section")?.querySelector("h2")?.textContent ?? ""}. ${say("Arrow keys read values, plus and minus change the range.", "Flèches : valeurs ; plus et moins : durée.")}`);
    readout = make("div", "readout");
    readout.hidden = true;
    box.append(readout);
    box.addEventListener("keydown", keys);
    figure.append(box, spoken);
    box.addEventListener("focus", () => { if (!plot) begin().catch(() => {}); });
    live.add({ draw: () => plot && draw(), figure });
    const size = new ResizeObserver(() => { if (plot && plot.width !== figure.clientWidth) draw(); });
    size.observe(figure);
    figure.addEventListener("gone", () => { size.disconnect(); end(); });
  }

  // What the values of another range are means of stands where those of the day are told.
  function entitle() {
    const under = figure.closest("section")?.querySelector(".sub");
    if (!under) return;
    under.dataset.usual ??= under.textContent;
    const isUsualSpan = state.range === USUAL.range;
    under.textContent = isUsualSpan ? under.dataset.usual : under.dataset.usual.replace(MEANS, meansOf(stepOf(told.times)));
  }

  let turn = 0;
  async function begin() {
    turn += 1;
    const own = turn;
    const [answer] = await Promise.all([load(), document.fonts.load("13px 'Daybook Sans'")]);
    // One that was asked for later may have come before.
    if (own !== turn) return;
    told = answer;
    tools?.classList.toggle("lone", !told.before?.values.some((value) => value != null));
    const some = told.values.some((value) => value != null);
    lacking.hidden = some;
    entitle();
    const [from, to] = (address().searchParams.get(`${name}.part`) ?? "").split("-").map(Number);
    if (some && to > from) part(from, to);
    else if (some || state.range !== USUAL.range) draw();
    else end();
  }

  // What is drawn on paper stays until there is something to draw.
  function end() {
    plot?.destroy();
    plot = null;
    figure.classList.remove("on", "over");
  }

  function keys(event) {
    const own = plot ? [...plot.data[0].keys()].filter((k) => plot.data[1][k] != null) : [];
    if (!plot) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 6, PageDown: -6, Home: -1e9, End: 1e9 }[event.key];
    if (step && own.length) {
      const was = own.indexOf(plot.cursor.idxs?.[1]);
      const k = own[Math.max(0, Math.min(own.length - 1, (was < 0 ? own.length - 1 : was) + step))];
      plot.setCursor({ left: plot.valToPos(plot.data[0][k], "x"), top: 10 });
      spoken.textContent = read(plot);
    } else if (event.key === "+" || event.key === "-") {
      const place = RANGES.indexOf(state.range) + (event.key === "+" ? -1 : 1);
      choose("range", RANGES[Math.max(0, Math.min(RANGES.length - 1, place))]);
    } else if (event.key === "Escape") plot.setCursor({ left: -10, top: -10 });
    else return;
    event.preventDefault();
  }

  function choose(key, value) {
    state[key] = value;
    keep(`${name}.part`, "", "");
    keep(`${name}.${key}`, value, USUAL[key]);
    for (const input of $$(`[data-choice="${key}"]`, tools)) input.checked = input.value === value;
    begin().catch(() => {});
  }

  stand();
  for (const input of $$("[data-choice]", tools)) {
    input.checked = input.value === state[input.dataset.choice];
    input.addEventListener("change", () => choose(input.dataset.choice, input.value));
  }
  figure.addEventListener("renew", () => { if (plot && state.range !== "1y") begin().catch(() => {}); });
  figure.addEventListener("dblclick", () => {
    keep(`${name}.part`, "", "");
    if (plot && figure.classList.contains("on")) draw();
  });
  let isAsking = false;
  figure.addEventListener("pointermove", () => {
    if (plot || isAsking) return;
    isAsking = true;
    begin().catch(() => {}).finally(() => { isAsking = told !== null; });
  });
  const isAsked = state.range !== USUAL.range || state.compare !== USUAL.compare || asked.has(`${name}.part`);
  if (isAsked) begin().catch(() => {});
}

addEventListener("theme", () => { for (const one of live) one.draw(); });

/// Makes the lines of a page answer that do not yet.
export function charts(from) {
  if (!window.uPlot) return;
  for (const one of live) if (!one.figure.isConnected) live.delete(one);
  for (const figure of $$(".fig[data-chart]", from)) {
    if (figure.dataset.begun) continue;
    figure.dataset.begun = "yes";
    line(figure);
  }
}
