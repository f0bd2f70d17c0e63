// SPDX-License-Identifier: Apache-2.0
// What the choices come to: the closed form while a knob moves, the simulation once it rests, each held against the same
// platform with no knob turned. Figures of earlier choices stay, and say so, until there are new ones.
import { h } from "../base/dom";
import { change, isNumber, percent, quantity } from "../base/format";
import { timeByBound } from "../data/derive";
import type { Report } from "../data/report";
import { errorWords } from "../views/summary";
import type { PowerReport } from "./api";

export interface Figures {
  analytic_s?: number;
  report?: Report;
  power?: PowerReport;
}

export interface Shown {
  readonly now: Figures;
  readonly before: Figures;
  /** Whether a knob is turned. */
  readonly turned: boolean;
  /** Whether the platform's JSON was edited. */
  readonly edited: boolean;
  /** The simulation is of earlier choices. */
  readonly stale: boolean;
}

export function drawFigures(into: HTMLElement, shown: Shown): void {
  const { now, before } = shown;
  const totals = now.report?.totals;
  const was = before.report?.totals;
  const { power } = now;
  const against = (value: number | undefined, base: number | undefined, unit: string): string =>
    comparison(value, base, unit, shown.turned);
  into.classList.toggle("stale", shown.stale);
  into.replaceChildren(
    figure("latency", "Latency", quantity(totals?.latency_s, "s"), against(totals?.latency_s, was?.latency_s, "s")),
    figure(
      "analytic",
      "At least",
      quantity(now.analytic_s, "s"),
      "without contention",
      against(now.analytic_s, before.analytic_s, "s"),
    ),
    figure("energy", "Energy", quantity(totals?.energy_j, "J"), against(totals?.energy_j, was?.energy_j, "J")),
    figure(
      "power",
      "Power at this rate",
      quantity(power?.average_power_w, "W"),
      kept(power),
      against(power?.average_power_w, before.power?.average_power_w, "W"),
    ),
    battery(shown),
    limits(now.report),
    certainty(shown),
  );
}

function figure(id: string, title: string, value: string, ...words: string[]): HTMLElement {
  const lines = words.filter((each) => each !== "").map((each) => h("p", {}, each));
  return h("div", { class: "card", "data-figure": id }, h("h3", {}, title), h("p", { class: "value" }, value), ...lines);
}

function comparison(value: number | undefined, base: number | undefined, unit: string, turned: boolean): string {
  if (!turned || !isNumber(value)) return "";
  return isNumber(base) ? `${change(value, base)}; was ${quantity(base, unit)}` : "";
}

function kept(power: PowerReport | undefined): string {
  const rate = power?.streams[0]?.rate;
  return rate?.met === false ? `RATE NOT KEPT: ${quantity(rate.achieved_hz, "Hz")}` : "";
}

function battery(shown: Shown): HTMLElement {
  const life = shown.now.power?.battery?.life_h;
  if (!isNumber(life)) return figure("battery", "Battery", "–", "none is chosen");
  const was = shown.before.power?.battery?.life_h;
  const words = shown.turned && isNumber(was) ? `${change(life, was)}; was ${hours(was)}` : "";
  return figure("battery", "Battery", hours(life), words);
}

function hours(value: number): string {
  return value >= 72 ? `${(value / 24).toPrecision(3)} days` : `${value.toPrecision(3)} h`;
}

function limits(report: Report | undefined): HTMLElement {
  const bounds = report === undefined ? [] : timeByBound(report);
  const total = bounds.reduce((sum, each) => sum + each.value, 0);
  const [first, second] = bounds;
  if (first === undefined || total <= 0) return figure("limit", "What limits it", "–");
  const share = (each: { name: string; value: number }): string => `${each.name} ${percent(each.value / total)}`;
  return figure("limit", "What limits it", first.name, `${percent(first.value / total)} of the time`, second ? share(second) : "");
}

/** Of the family; a chip's own rows say nothing of what was changed. */
function certainty(shown: Shown): HTMLElement {
  const [share, words] = errorWords(shown.now.report?.validation?.latency);
  const of = shown.turned || shown.edited ? "before the change" : "";
  const card = figure("certainty", "How sure", share, words.split(",")[0] ?? "", of);
  card.title = words;
  return card;
}
