// Lines that answer: hover, zoom, ranges, the day or the week before. Drawn by uPlot over the
// static figure, once somebody wants more of it.
import { zone } from "./zone.js";

const root = document.documentElement;
const french = root.lang === "fr";
const say = (en, fr) => (french ? fr : en);
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

function make(tag, cls, ...content) {
  const element = document.createElement(tag);
  if (cls) element.className = cls;
  element.append(...content);
  return element;
}

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
const digitsOf = (value) => { const size = Math.abs(value); return Number.isInteger(value) || size >= 1000 ? 0 : size >= 10 ? 1 : 2; };
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
const live = new Set();
let serial = 0;

// A value without a neighbour makes no line: it is a dot.
function lone(ink) {
  const filter = (u, s) => {
    const all = u.data[s];
    return [...all.keys()].filter((k) => all[k] != null && all[k - 1] == null && all[k + 1] == null);
  };
  return { show: true, size: 6, width: 0, stroke: ink, fill: ink, filter };
}

function line(figure) {
  const tools = figure.parentElement.querySelector(".tools-row");
  const name = figure.dataset.name ?? `c${serial += 1}`;
  const asked = address().searchParams;
  const state = { range: asked.get(`${name}.range`) ?? "24h", compare: asked.get(`${name}.compare`) ?? "day" };
  let plot = null;
  let told = null;
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
    told = await answer.json();
    tools?.classList.toggle("lone", !told.before?.some((value) => value != null));
  }

  function draw() {
    plot?.destroy();
    const ink = Object.fromEntries(["blue", "before", "before-text", "hair", "soft", "paper"].map((one) => [one, colour(one)]));
    const span = told.to - told.from;
    const stamp = (at) => (span <= 2 * 86400 ? clock : day).format(at * 1000);
    const most = Math.max(...[...told.values, ...(told.before ?? [])].filter((v) => v != null).map(Math.abs), 0);
    const places = most >= 1000 ? 0 : most >= 10 ? 1 : 2;
    const face = "13px 'Daybook Sans'";
    const options = {
      width: figure.clientWidth, height: figure.clientHeight, padding: [10, 14, 0, 0], legend: { show: false },
      cursor: { y: false, points: { size: 9, width: 2, stroke: () => ink.blue, fill: () => ink.paper }, drag: { x: true, y: false } },
      scales: { x: { time: true, range: (u, low, high) => (told.times.length < 2 || (low === told.times[0] && high === told.times.at(-1)) ? [told.from, told.to] : [low, high]) } },
      axes: [
        { stroke: ink.soft, font: face, size: 26, gap: 4, grid: { show: false }, ticks: { stroke: ink.soft, size: 5, width: 1 }, space: 80, values: (u, splits) => splits.map(stamp) },
        { stroke: ink.soft, font: face, size: 58, gap: 8, ticks: { show: false }, grid: { stroke: ink.hair, width: 1 }, values: (u, splits) => splits.map((v) => number(v, splits[1] - splits[0] < 1 ? Math.max(1, places) : 0)) },
      ],
      series: [{}, { stroke: ink.blue, width: 2, points: lone(ink.blue) }, { stroke: ink.before, width: 1.25, points: lone(ink.before) }],
      hooks: { setCursor: [read] },
      tzDate: (at) => new Date(new Date(at * 1000).toLocaleString("en-US", { timeZone: zone })),
    };
    plot = new uPlot(options, [told.times, told.values, told.before ?? told.times.map(() => null)], box);
    figure.classList.add("on");
  }

  function read(u) {
    const k = u.cursor.idx;
    const inside = k != null && u.cursor.left >= 0 && u.data[1][k] != null;
    readout.hidden = !inside;
    if (!inside) return "";
    const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
    const value = number(u.data[1][k], digitsOf(u.data[1][k])) + unit;
    const at = moment.format(u.data[0][k] * 1000);
    readout.replaceChildren(make("span", "", at), " ", make("b", "", value));
    let text = `${at}: ${value}`;
    if (u.data[2][k] != null) {
      const old = `${told.beforeName} ${number(u.data[2][k], digitsOf(u.data[2][k]))}`;
      readout.append(make("i", "", old));
      text += `, ${old}`;
    }
    const left = u.bbox.left / devicePixelRatio + u.valToPos(u.data[0][k], "x");
    const right = left + 12 + readout.offsetWidth > figure.clientWidth;
    readout.style.transform = `translate(${Math.round(right ? left - 12 - readout.offsetWidth : left + 12)}px, 2px)`;
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
    new ResizeObserver(() => { if (plot && plot.width !== figure.clientWidth) draw(); }).observe(figure);
  }

  async function begin() {
    await Promise.all([load(), document.fonts.load("13px 'Daybook Sans'")]);
    // What is drawn on paper stays until there is something to draw.
    const some = told.values.some((value) => value != null);
    lacking.hidden = some;
    if (some || state.range !== "24h") draw();
  }

  function keys(event) {
    const all = plot?.data[0];
    if (!all) return;
    let k = plot.cursor.idx ?? all.length - 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 6, PageDown: -6, Home: -1e9, End: 1e9 }[event.key];
    if (step && all.length) {
      k = Math.max(0, Math.min(all.length - 1, k + step));
      plot.setCursor({ left: plot.valToPos(all[k], "x"), top: 10 });
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
    keep(`${name}.${key}`, value, key === "range" ? "24h" : "day");
    for (const input of $$(`[data-choice="${key}"]`, tools)) input.checked = input.value === value;
    begin().catch(() => {});
  }

  stand();
  for (const input of $$("[data-choice]", tools)) {
    input.checked = input.value === state[input.dataset.choice];
    input.addEventListener("change", () => choose(input.dataset.choice, input.value));
  }
  figure.addEventListener("renew", () => { if (plot && state.range !== "1y") begin().catch(() => {}); });
  figure.addEventListener("pointerenter", () => { if (!plot) begin().catch(() => {}); }, { once: true });
  if (state.range !== "24h" || state.compare !== "day") begin().catch(() => {});
}

addEventListener("theme", () => { for (const one of live) one.draw(); });

/// Makes the lines of a page answer that do not yet.
export function charts(from) {
  if (!window.uPlot) return;
  for (const figure of $$(".fig[data-chart]", from)) {
    if (figure.dataset.begun) continue;
    figure.dataset.begun = "yes";
    line(figure);
  }
}
