// SPDX-License-Identifier: Apache-2.0
// The first screen: how fast, how much energy, how many watts, what limits it, how sure.
import { h } from "../base/dom";
import { isNumber, percent, quantity } from "../base/format";
import { boundHue, componentHues, hueClass, Hues } from "../base/palette";
import { barList, panel, stackedBar, type Share } from "../base/parts";
import { select } from "../base/selection";
import type { Run } from "../data/document";
import type { ErrorBar, Report, Validation } from "../data/report";
import { energyByClass, energyByOwner, ENERGY_CLASSES, ranOps, timeByBound, timeOf } from "../data/derive";

export const CLASS_HUES = new Hues(ENERGY_CLASSES);

export function card(question: string, value: string, ...lines: (Node | string)[]): HTMLElement {
  const rest = lines.map((line) => (typeof line === "string" ? h("p", {}, line) : line));
  return h("div", { class: "card" }, h("h3", {}, question), h("p", { class: "value" }, value), ...rest);
}

function speed(report: Report): HTMLElement {
  const latency = report.totals?.latency_s;
  const rate = isNumber(latency) && latency > 0 ? quantity(1 / latency, "") : null;
  const least = report.analytic?.latency_s;
  return card(
    "How fast?",
    quantity(latency, "s"),
    rate === null ? "no time was taken" : `${rate} runs a second, one after the other`,
    ...(isNumber(least) ? [`at least ${quantity(least, "s")} without contention`] : []),
  );
}

function energy(report: Report): HTMLElement {
  const { energy_j: joules, macs } = report.totals ?? {};
  if (!isNumber(joules)) return card("How much energy?", "unknown", "this report holds no energy");
  const moving = energyByClass(report).find((each) => each.name === "moving data");
  return card(
    "How much energy?",
    quantity(joules, "J"),
    isNumber(macs) && macs > 0 ? `${quantity(joules / macs, "J")} per multiply-accumulate` : "for the run",
    ...(moving !== undefined && joules > 0 ? [`${percent(moving.value / joules)} of it moves data`] : []),
  );
}

function watts(report: Report): HTMLElement {
  const { average_power_w: average, peak_power_w: peak } = report.totals ?? {};
  if (!isNumber(average)) return card("How many watts?", "unknown", "this report holds no power");
  const window = report.power?.window_s;
  const over = isNumber(window) && window > 0 ? `, over ${quantity(window, "s")}` : "";
  return card("How many watts?", quantity(average, "W"), "on average", `peak ${quantity(peak, "W")}${over}`);
}

/** Which limit holds most of the layers' time. */
function limits(report: Report): HTMLElement {
  const bounds = timeByBound(report);
  const total = bounds.reduce((sum, each) => sum + each.value, 0);
  const first = bounds[0];
  if (first === undefined || total <= 0) return card("What limits it?", "unknown", "this report does not say");
  const shares = bounds.map((each): Share => ({
    ...each,
    text: percent(each.value / total),
    hue: boundHue(each.name),
  }));
  const words = shares.map((share) => `${share.name} ${share.text}`);
  return card(
    "What limits it?",
    first.name,
    stackedBar(shares, `share of the layers' time by what limits them: ${words.join(", ")}`),
    limitList(shares.slice(0, 4)),
  );
}

/** Shares of the layers' time. */
function limitList(shares: readonly Share[]): HTMLElement {
  const list = h("ul", { class: "limits" });
  for (const share of shares) {
    const swatch = h("span", { class: `swatch ${hueClass(share.hue)}`, "aria-hidden": "true" });
    list.append(h("li", {}, h("span", {}, swatch, share.name), h("span", {}, share.text)));
  }
  return list;
}

/** ["±5 %", "npu int8: half of 50 rows ..."] of "±5 % (npu int8: ...)". */
export function errorWords(bar: ErrorBar | undefined): [string, string] {
  if (bar?.words === undefined) return ["unknown", "this report has no error bar"];
  const open = bar.words.indexOf(" (");
  return open < 0 ? [bar.words, ""] : [bar.words.slice(0, open), bar.words.slice(open + 2).replace(/\)$/, "")];
}

export function certainty(validation: Validation | null | undefined): HTMLElement {
  const [latency, why] = errorWords(validation?.latency);
  const [joules] = errorWords(validation?.energy);
  return card("How sure?", latency, `latency: ${why || "against silicon"}`, `energy: ${joules}`);
}

function longest(report: Report): HTMLElement {
  const latency = report.totals?.latency_s ?? 0;
  const ops = [...ranOps(report)].sort((a, b) => timeOf(b) - timeOf(a)).slice(0, 6);
  const list = barList(
    ops.map((op) => ({
      name: op.name,
      value: timeOf(op),
      text: quantity(timeOf(op), "s"),
      hue: boundHue(op.bound ?? ""),
    })),
  );
  list.querySelectorAll("li").forEach((row, i) => row.addEventListener("click", () => select(ops[i]?.name ?? null)));
  const all = ops.reduce((sum, op) => sum + timeOf(op), 0);
  const words = latency > 0 ? `${ops.length} layers, ${percent(all / latency)} of the latency` : `${ops.length} layers`;
  return panel("Where time goes", h("p", { class: "note" }, words), list);
}

function joules(report: Report): HTMLElement {
  const total = report.totals?.energy_j ?? 0;
  const owners = energyByOwner(report);
  if (owners.length === 0) return panel("Where energy goes", h("p", { class: "missing" }, "not in this report"));
  const most = owners.slice(0, 6);
  const shares = energyByClass(report).map((each): Share => ({
    ...each,
    text: percent(each.value / total),
    hue: CLASS_HUES.of(each.name),
  }));
  const words = shares.map((share) => `${share.name} ${share.text}`).join(", ");
  const hues = componentHues(
    owners.map((each) => each.name),
    (report.memories ?? []).map((memory) => memory.name),
  );
  const list = barList(most.map((each) => ({ ...each, text: quantity(each.value, "J"), hue: hues.of(each.name) })));
  return panel("Where energy goes", h("p", { class: "note" }, words), list);
}

function devices(report: Report): HTMLElement {
  const shares: Share[] = (report.devices ?? []).map((device) => ({
    name: device.name,
    value: device.utilisation ?? 0,
    text: percent(device.utilisation),
    hue: "--hue-0",
  }));
  for (const memory of report.memories ?? []) {
    const value = memory.bandwidth_utilisation ?? 0;
    shares.push({
      name: `${memory.name} bandwidth`,
      value,
      text: percent(memory.bandwidth_utilisation),
      hue: "--hue-1",
    });
  }
  if (shares.length === 0) return panel("Who is busy", h("p", { class: "missing" }, "not in this report"));
  const shown = shares.length <= 7 ? shares : [...shares].sort((a, b) => b.value - a.value).slice(0, 7);
  return panel(
    "Who is busy",
    h("p", { class: "note" }, "share of the latency; of memory, of its pins"),
    barList(shown, 1),
  );
}

export function warningList(warnings: readonly string[]): HTMLElement | null {
  if (warnings.length === 0) return null;
  const list = h("ul");
  for (const warning of warnings) list.append(h("li", {}, warning));
  const title = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  return h(
    "details",
    { class: "warnings" },
    h("summary", {}, `${title}: what to know before trusting the numbers`),
    list,
  );
}

export function drawSummary(into: HTMLElement, run: Run): void {
  const report = run.report;
  into.append(
    h(
      "div",
      { class: "cards" },
      speed(report),
      energy(report),
      watts(report),
      limits(report),
      certainty(report.validation),
    ),
    h("div", { class: "panels three" }, longest(report), joules(report), devices(report)),
  );
  const warnings = warningList(report.warnings ?? []);
  if (warnings !== null) into.append(warnings);
}
