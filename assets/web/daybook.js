// What a script adds to pages that work without one: the theme, ages that stay true, figures that
// come by themselves, dots that speak, lines that answer.
import { charts } from "./chart.js";
import { $, $$, make, root, say } from "./parts.js";
import { clocks, offerClock } from "./zone.js";

// Where this dashboard is, below whatever path.
const base = new URL("./", new URL(root.dataset.events, location.href));

// --- theme ---
const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
const theme = $("#theme");
function showTheme() {
  theme.textContent = isDark() ? say("Light", "Clair") : say("Dark", "Sombre");
  theme.setAttribute("aria-label", isDark() ? say("Light theme", "Clair : thème") : say("Dark theme", "Sombre : thème"));
  dispatchEvent(new Event("theme"));
}
theme.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=${base.pathname}; max-age=31536000; samesite=lax`;
  showTheme();
});
dark.addEventListener("change", showTheme);

// --- time ---
const opened = Date.now();
let looked = Date.parse(root.dataset.now);
let lookedAt = opened;
const now = () => looked + Date.now() - lookedAt;
function ages() {
  clocks();
  for (const time of $$("time.ago")) {
    const minutes = Math.floor((now() - Date.parse(time.dateTime)) / 60000);
    if (minutes > 48 * 60 || minutes < 0) continue;
    const text = minutes < 1 ? say("now", "à l’instant")
      : minutes < 60 ? say(`${minutes} min ago`, `il y a ${minutes} min`)
        : say(`${Math.floor(minutes / 60)} h ago`, `il y a ${Math.floor(minutes / 60)} h`);
    if (time.textContent !== text) time.textContent = text;
  }
}
setInterval(ages, 15000);

if ($("#address")) {
  for (const code of $$("pre code")) code.textContent = code.textContent.replaceAll("ADDRESS/", base.href);
  $("#address").hidden = true;
}

// --- what is new comes by itself ---
const state = $(".state");
const served = new Map();
const remember = (from) => { for (const part of $$("[data-live]", from)) served.set(part.dataset.live, part.outerHTML); };
let version = Number(root.dataset.version);

function connection(live) {
  if (state.classList.contains("live") === live && state.dataset.known) return;
  state.dataset.known = "yes";
  state.classList.toggle("live", live);
  $("#state").textContent = live ? (root.dataset.recorded ? say("Replay", "Rejeu") : say("Live", "En direct")) : say("As of", "À");
  $("#status").textContent = live ? "" : say("The connection is lost; figures stay as they were.", "Connexion perdue ; les chiffres restent en l’état.");
}

// A document by this way is parsed as one, never as script.
function fetched(address) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.responseXML ? done(request.responseXML) : failed(request.status));
    request.onerror = () => failed(0);
    request.send();
  });
}

function swap(old, part) {
  const open = $$("details", old).map((one) => one.open);
  const reached = "a, button, input, select, summary, [tabindex]:not(.canvas)";
  const held = document.activeElement?.closest(".canvas");
  const focus = $$(reached, old).indexOf(document.activeElement);
  const fresh = document.importNode(part, true);
  // A line that is pointed at, or of which somebody asked for more, stays with its tools; what is
  // drawn of it, and its data, are renewed.
  const [was, will] = [$$(".fig", old), $$(".fig", fresh)];
  was.forEach((figure, place) => {
    if (!will[place] || !(figure.classList.contains("on") || figure.classList.contains("over"))) {
      figure.dispatchEvent(new Event("gone"));
      return;
    }
    for (const svg of $$(":scope > svg", figure)) svg.remove();
    figure.prepend(...$$(":scope > svg", will[place]));
    const tools = [figure, will[place]].map((one) => $(".tools-row", one.parentElement));
    will[place].replaceWith(figure);
    if (tools[0] && tools[1]) tools[1].replaceWith(tools[0]);
    figure.dispatchEvent(new Event("renew"));
  });
  $$("details", fresh).forEach((one, place) => { one.open = open[place] ?? false; });
  old.replaceWith(fresh);
  if (held) held.focus({ preventScroll: true });
  if (focus >= 0) $$(reached, fresh)[focus]?.focus({ preventScroll: true });
  return fresh;
}

async function renew() {
  const page = await fetched(location.href);
  const next = Number(page.documentElement.dataset.version);
  // Another number, not a greater one: the program may have begun anew.
  if (!next || next === version) return;
  version = next;
  looked = Date.parse(page.documentElement.dataset.now);
  lookedAt = Date.now();
  root.dataset.now = page.documentElement.dataset.now;
  const [old, fresh] = [document, page].map((from) => $$("[data-live]", $("main", from)));
  const names = (parts) => parts.map((part) => part.dataset.live).join(" ");
  if (names(old) !== names(fresh)) {
    for (const figure of $$(".fig")) figure.dispatchEvent(new Event("gone"));
    $("main").replaceChildren(...document.importNode($("main", page), true).childNodes);
    served.clear();
  } else {
    fresh.forEach((part, place) => {
      if (served.get(part.dataset.live) === part.outerHTML) return;
      const swapped = swap(old[place], part);
      swapped.classList.add("changed");
    });
  }
  remember(page);
  const clock = $("#clock", page);
  if (clock) { $("#clock").replaceChildren(...document.importNode(clock, true).childNodes); $("#clock").dateTime = clock.dateTime; }
  ages();
  charts(document);
  document.dispatchEvent(new CustomEvent("renewed", { detail: version }));
}

let feed = null;
let asleep = 0;
function listen() {
  if (feed || root.dataset.live !== "yes") return;
  feed = new EventSource(root.dataset.events);
  feed.addEventListener("open", () => connection(true));
  feed.addEventListener("error", () => {
    connection(false);
    // What answers otherwise than with events is not asked again by the browser itself.
    if (feed?.readyState === EventSource.CLOSED) { feed = null; setTimeout(listen, 5000); }
  });
  feed.addEventListener("scene", (event) => {
    if (JSON.parse(event.data).version === version) return;
    // Many pages do not ask at once.
    setTimeout(() => renew().catch(() => connection(false)), Math.random() * 300);
  });
}
document.addEventListener("visibilitychange", () => {
  clearTimeout(asleep);
  if (document.hidden) asleep = setTimeout(() => { feed?.close(); feed = null; }, 60000);
  else listen();
});
addEventListener("pagehide", () => { feed?.close(); feed = null; });
addEventListener("pageshow", (event) => { if (event.persisted) { version = 0; listen(); } });

// --- dots: the nearest one speaks ---
function near(map, event) {
  let best = null;
  let least = 18;
  for (const dot of $$("svg .hit", map)) {
    const box = dot.getBoundingClientRect();
    if (!box.width) continue;
    const away = Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
    if (away < least) { least = away; best = { dot, box }; }
  }
  return best;
}
document.addEventListener("pointermove", (event) => {
  const map = event.target.closest?.(".fig");
  for (const tip of $$(".tip")) if (tip.parentElement !== map) tip.remove();
  if (!map || !$(".hit", map)) return;
  const found = near(map, event);
  let tip = $(".tip", map);
  if (!found) { tip?.remove(); return; }
  if (!tip) { tip = make("div", "tip"); map.append(tip); }
  tip.textContent = $("title", found.dot).textContent;
  const holder = map.getBoundingClientRect();
  const [x, y] = [found.box.x + found.box.width / 2 - holder.x, found.box.y - holder.y];
  const left = Math.max(0, Math.min(map.clientWidth - tip.offsetWidth, x - tip.offsetWidth / 2));
  const top = y > tip.offsetHeight + 8 ? y - tip.offsetHeight - 6 : y + found.box.height + 6;
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
});
document.addEventListener("click", (event) => {
  const map = event.target.closest?.(".fig");
  if (!map || event.target.closest("a") || !$(".hit", map)) return;
  const to = near(map, event)?.dot.closest("a");
  if (to) location.href = to.getAttribute("href");
});

remember(document);
showTheme();
offerClock();
ages();
listen();
charts(document);
// On a phone the entries of the head scroll: where one is comes into view.
const here = $(".top nav [aria-current]");
if (here) here.closest("ul").scrollLeft = here.offsetLeft - here.closest("ul").clientWidth / 2;
