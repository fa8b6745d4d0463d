// Times on the clock of the report, or on that of the reader. Days stay those of the report, and so
// do drawn figures: they are those of paper.
import { $, $$, french, make, root } from "./parts.js";

const report = root.dataset.zone || "UTC";
const own = Intl.DateTimeFormat().resolvedOptions().timeZone || report;

const kept = () => { try { return localStorage.getItem("clock"); } catch { return null; } };
export const isOwn = own !== report && kept() === "reader";
export const zone = isOwn ? own : report;

const format = new Intl.DateTimeFormat(french ? "fr-FR" : "en-GB", {
  timeZone: zone, day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

function told(iso, withYear) {
  const part = Object.fromEntries(format.formatToParts(Date.parse(iso)).map((one) => [one.type, one.value]));
  const clock = french ? `${Number(part.hour)}\u00a0h\u00a0${part.minute}` : `${part.hour}:${part.minute}`;
  const number = french && part.day === "1" ? "1er" : part.day;
  return [`${number}\u00a0${part.month}${withYear ? ` ${part.year}` : ""}`, clock];
}

// The times that the server wrote, on the reader's clock.
export function clocks() {
  if (!isOwn) return;
  for (const time of $$("time.at")) time.textContent = told(time.dateTime).join(" ");
  for (const time of $$("time.ago")) time.title = `${told(time.dateTime).join(" ")} ${zone}`;
  const now = $("#clock");
  now.textContent = told(now.dateTime, true).join(", ");
  for (const name of $$(".zone, #zone")) name.textContent = zone;
}

// The way to the other clock, where there are two.
export function offerClock() {
  if (own === report) return;
  const to = isOwn ? report : own;
  const button = make("button", "", french ? `afficher en ${to}` : `show in ${to}`);
  button.type = "button";
  button.id = "zones";
  button.addEventListener("click", () => {
    try { localStorage.setItem("clock", isOwn ? "report" : "reader"); } catch { return; }
    location.reload();
  });
  const rest = french ? ` ; jours et dessins en ${report}` : `; days and drawn figures in ${report}`;
  $("#zone").after(isOwn ? rest : "", " (", button, ")");
}
