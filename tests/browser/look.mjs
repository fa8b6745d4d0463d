// Looks at the dashboard in a real browser.
//   node look.mjs pages BASE SHOTS PATH,PATH,...   each page: two themes, two widths, and one between
//   node look.mjs live BASE                        what is new comes by itself; told line by line
//   node look.mjs chart BASE PATH                  a line that answers
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";

const needs = createRequire(`${process.env.DAYBOOK_BROWSER}/package.json`);
const { chromium } = needs("playwright-core");
const axe = readFileSync(needs.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const [deed, base, ...more] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const faults = [];
const fault = (...words) => { faults.push(words.join(" ")); console.log("FAULT", ...words); };

// A page whose noise, shifts and breaches of policy are faults.
async function opened(options, noise = []) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (said) => { if (["error", "warning"].includes(said.type())) noise.push(said.text()); });
  page.on("pageerror", (error) => noise.push(String(error)));
  await page.addInitScript(() => {
    window.shift = 0;
    window.moved = [];
    const named = (node) => `${node?.nodeName ?? "nothing"}.${node?.className?.baseVal ?? node?.className ?? ""}`;
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) {
        window.shift += one.value;
        window.moved.push(...one.sources.map((source) => named(source.node)));
      }
    }).observe({ type: "layout-shift", buffered: true });
    document.addEventListener("securitypolicyviolation", (one) => console.error(`policy ${one.violatedDirective} ${one.sourceFile}`));
  });
  return [context, page];
}

// The faces of a page arrive after it was drawn, as over a slow line.
async function slowFaces(page) {
  await page.route("**/*.woff2", async (route) => {
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    await route.continue();
  });
}

async function violations(context, page) {
  // The policy forbids foreign scripts: axe comes through the debugger.
  const session = await context.newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const expression = `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then((r) => [r.passes.length, r.violations.map((v) => v.id + " " + v.nodes.slice(0, 2).map((n) => n.target))])`;
  const found = await session.send("Runtime.evaluate", { awaitPromise: true, returnByValue: true, expression });
  return found.result.value ?? [0, ["axe did not run"]];
}

// Parts of drawings that are not cut where they should be, and what lies over the head of a page.
function spills() {
  const refers = [...document.querySelectorAll("[clip-path]")].map((one) => one.getAttribute("clip-path"));
  const lost = refers.filter((to) => !document.getElementById(to.slice(5, -1)));
  const hidden = [...document.querySelectorAll(".top a, h1")].filter((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    const [left, top] = [x + width / 2, y + height / 2];
    if (left < 0 || left >= innerWidth || top < 0 || top >= innerHeight) return false;
    const found = document.elementFromPoint(left, top);
    return found !== one && !one.contains(found) && !found?.contains(one);
  });
  return [...lost, ...hidden.map((one) => `over ${one.textContent}`)];
}

async function pages([shots, list]) {
  if (shots) mkdirSync(shots, { recursive: true });
  // Between a phone and a wide screen a page is laid out like one of both: in one theme.
  const looks = [["light", 360], ["light", 820], ["light", 1440], ["dark", 360], ["dark", 1440]];
  for (const path of list.split(",")) for (const [colorScheme, width] of looks) {
    const what = `${path} ${colorScheme} ${width}`;
    const noise = [];
    const [context, page] = await opened({ colorScheme, viewport: { width, height: 900 } }, noise);
    if (width < 1000) await slowFaces(page);
    const answer = await page.goto(`${base}${path}`, { waitUntil: "load" });
    await page.evaluate(() => document.fonts.ready);
    if (answer.status() !== 200) fault(what, answer.status());
    const [passed, found] = await violations(context, page);
    if (found.length || passed < 20) fault(what, "axe", passed, found.join("; "));
    const [shift, moved, wide] = await page.evaluate(() => [window.shift, window.moved, document.documentElement.scrollWidth - innerWidth]);
    if (shift > 0.01) fault(what, "moves by", shift, moved.join(", "));
    if (wide > 0) fault(what, "is wider than the screen by", wide);
    if (noise.length) fault(what, noise.join("; "));
    const spilt = await page.evaluate(spills);
    if (spilt.length) fault(what, "spills", spilt.join("; "));
    // To be looked at by people.
    if (shots) await page.screenshot({ path: `${shots}/${path.replace(/[^a-z0-9]+/g, "-")}-${colorScheme}-${width}.png`, fullPage: true });
    await context.close();
  }
  // Without a script a page is whole.
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}${list.split(",")[0]}`);
  if (await page.locator("main h1").count() !== 1) fault("no headline without a script");
  if (await page.locator(".fig svg:visible").count() < 1) fault("no figure without a script");
  if (await page.locator(".tools-row:visible").count() > 0) fault("tools that do nothing without a script");
}

async function live() {
  const noise = [];
  const [context, page] = await opened({}, noise);
  const other = await context.newPage();
  for (const one of [page, other]) await one.goto(`${base}/en/`, { waitUntil: "load" });
  const value = (one) => one.locator(".num").first().textContent();
  let loads = 0;
  page.on("framenavigated", () => { loads += 1; });
  const tell = async (word, was) => {
    for (const one of [page, other]) {
      await one.waitForFunction((text) => document.querySelector(".num").textContent !== text, was, { timeout: 60000, polling: 50 });
    }
    console.log(word, await value(page));
  };
  await page.waitForFunction(() => document.querySelector(".state").classList.contains("live"));
  let was = await value(page);
  const begun = Date.now();
  console.log("ready", was);
  await tell("changed", was);
  console.log("after", Date.now() - begun);
  if (noise.length) fault("the console", noise.join("; "));
  // A tab that sleeps knows what is new once it wakes.
  const session = await context.newCDPSession(other);
  await session.send("Page.setWebLifecycleState", { state: "frozen" });
  was = await value(page);
  console.log("asleep", was);
  await page.waitForFunction((text) => document.querySelector(".num").textContent !== text, was, { timeout: 60000, polling: 50 });
  await session.send("Page.setWebLifecycleState", { state: "active" });
  await tell("awake", was);
  // The program ends, and begins again.
  was = await value(page);
  console.log("end", was);
  await page.waitForFunction(() => !document.querySelector(".state").classList.contains("live"), null, { timeout: 60000 });
  console.log("alone", await page.locator("#status").textContent());
  await tell("recovered", was);
  await page.waitForFunction(() => document.querySelector(".state").classList.contains("live"), null, { timeout: 60000 });
  if (loads > 0) fault("the page was loaded again");
  // While nobody answers the browser itself says so.
  const odd = noise.filter((text) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|503/.test(text));
  if (odd.length) fault("the console", odd.join("; "));
}

// The share of a canvas's width over which its line is drawn, and where it ends; nothing while
// there is none.
function inked() {
  const canvas = document.querySelector(".fig.on canvas:not([data-old])");
  if (!canvas) return null;
  const probe = document.querySelector("span.sr[aria-hidden]");
  probe.style.color = "var(--blue)";
  const blue = getComputedStyle(probe).color.match(/\d+/g).map(Number);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [first, last] = [canvas.width, -1];
  for (let k = 0; k < data.length; k += 4) {
    if (data[k + 3] < 200 || blue.some((part, place) => Math.abs(part - data[k + place]) > 8)) continue;
    const x = (k / 4) % canvas.width;
    [first, last] = [Math.min(first, x), Math.max(last, x)];
  }
  return last < first ? null : [last - first, last].map((x) => x / canvas.width);
}

async function chart([path]) {
  const noise = [];
  const [context, page] = await opened({ viewport: { width: 1200, height: 900 } }, noise);
  await page.goto(`${base}${path}`, { waitUntil: "load" });
  const figure = page.locator(".fig[data-chart]").first();
  const before = await figure.boundingBox();
  await figure.hover();
  // The figure of paper stays, and is pointed at: the dot of the pointer lies on its line.
  await page.waitForSelector(".fig.over");
  const after = await figure.boundingBox();
  await page.mouse.move(after.x + after.width * 0.4, after.y + after.height / 2);
  const away = await figure.evaluate((holder) => {
    const dot = holder.querySelector(".u-cursor-pt").getBoundingClientRect();
    const [x, y] = [dot.x + dot.width / 2, dot.y + dot.height / 2];
    const svg = [...holder.querySelectorAll(":scope > svg")].find((one) => one.getBoundingClientRect().width > 0);
    const lines = [...svg.querySelectorAll("path.s-blue")];
    const spots = lines.flatMap((line) => {
      const [length, ctm] = [line.getTotalLength(), line.getScreenCTM()];
      return Array.from({ length: 2001 }, (_, k) => line.getPointAtLength((length * k) / 2000).matrixTransform(ctm));
    });
    return Math.min(...spots.map((spot) => Math.hypot(spot.x - x, spot.y - y)));
  });
  // A part that is dragged over is drawn in its place, and a double click brings the whole back.
  const [left, right, middle] = [0.3, 0.6, 0.5].map((part) => after.x + after.width * part);
  await page.mouse.move(left, after.y + after.height / 2);
  await page.mouse.down();
  await page.mouse.move(right, after.y + after.height / 2, { steps: 5 });
  await page.mouse.up();
  await page.waitForSelector(".fig.on");
  await page.mouse.dblclick(middle, after.y + after.height / 2);
  await page.waitForSelector(".fig.over:not(.on)");
  await page.mouse.move(middle, after.y + after.height / 3);
  if (!(away < 2.5)) fault("the pointer's dot lies", away, "off the line of paper");
  if (Math.abs(before.height - after.height) > 1) fault("the figure grew from", before.height, "to", after.height);
  await page.mouse.move(after.x + after.width * 0.6, after.y + after.height / 2);
  const read = await page.locator(".readout").first().textContent();
  if (!/\d/.test(read)) fault("nothing is read:", read);
  console.log("read", read);
  await page.locator(".canvas").first().focus();
  await page.keyboard.press("ArrowLeft");
  const spoken = await page.locator(".fig [aria-live]").first().textContent();
  if (!/\d/.test(spoken)) fault("nothing is spoken:", spoken);
  // Keys reach a line that no pointer has touched.
  await page.locator(".fig[data-chart] .canvas").nth(1).focus();
  await page.waitForFunction(() => document.querySelectorAll(".fig[data-chart]")[1].classList.contains("over"));
  const subtitle = () => page.locator("section:has(.fig[data-chart]) .sub").first().textContent();
  const [usual, MEANS] = [await subtitle(), /(?:hourly |daily )?means.*/];
  for (const range of ["1h", "6h", "7d", "30d", "1y"]) {
    const told = page.waitForResponse((answer) => answer.url().includes("chart.json") && answer.url().includes(`range=${range}`));
    await page.evaluate(() => { document.querySelector(".fig[data-chart] canvas").dataset.old = "yes"; });
    await page.locator(`input[value="${range}"]`).first().check({ force: true });
    if ((await told).status() !== 200) fault(range, (await told).status());
    // The one day that there is takes its share of the range, however short.
    const days = { "7d": 7, "30d": 30, "1y": 365 }[range];
    if (!days) continue;
    const [wide, end] = await page.waitForFunction(inked).then((found) => found.jsonValue());
    if (wide > 1.5 / days + 0.02) fault(range, "is drawn over", wide);
    if (end < 0.9) fault(range, "ends at", end);
    // What its values are means of is told anew, the unit as before.
    const words = await subtitle();
    if (words === usual || words.split(MEANS)[0] !== usual.split(MEANS)[0] || !MEANS.test(words)) fault(range, "is called", words, "after", usual);
  }
  await page.locator('input[value="week"]').first().check({ force: true });
  await page.reload({ waitUntil: "load" });
  await page.waitForSelector(".fig.on");
  if (!await page.locator('input[value="1y"]').first().isChecked()) fault("the range is not kept by the address");
  if (!await page.locator('input[value="week"]').first().isChecked()) fault("the comparison is not kept");
  await page.locator("#theme").click();
  await page.reload({ waitUntil: "load" });
  if (await page.evaluate(() => document.documentElement.dataset.theme) !== "dark") fault("the theme is not kept");
  const [passed, found] = await violations(context, page);
  if (found.length || passed < 20) fault("axe", passed, found.join("; "));
  if (noise.length) fault("the console", noise.join("; "));
}

// A reader elsewhere may have all times on the own clock.
async function clock([path]) {
  const noise = [];
  const [context, page] = await opened({ timezoneId: "Australia/Sydney" }, noise);
  const told = () => page.evaluate(() => ["#zone", ".zone", "#clock", "time.at"].map((one) => document.querySelector(one).textContent));
  await page.goto(`${base}${path}`, { waitUntil: "load" });
  const there = await told();
  await page.locator("#zones").click();
  await page.waitForFunction(() => document.querySelector("#zone").textContent === "Australia/Sydney");
  const here = await told();
  if (here[1] !== "Australia/Sydney") fault("the head is of", here[1]);
  const hour = (text) => Number(/(\d\d):\d\d$/.exec(text)[1]);
  for (const place of [2, 3]) {
    if ((hour(here[place]) - hour(there[place]) + 24) % 24 !== 11) fault(there[place], "became", here[place]);
  }
  const [passed, found] = await violations(context, page);
  if (found.length || passed < 20) fault("axe", passed, found.join("; "));
  await page.locator("#zones").click();
  await page.waitForFunction((was) => document.querySelector("#clock").textContent === was, there[2]);
  if (noise.length) fault("the console", noise.join("; "));
}

await { pages, live, chart, clock }[deed](more);
await browser.close();
console.log(faults.length ? "FAULTS" : "FINE");
process.exit(faults.length ? 1 : 0);
