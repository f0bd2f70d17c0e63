// SPDX-License-Identifier: Apache-2.0
// What the choices come to: the closed form while a knob moves, the simulation once it rests, each beside the same
// platform with no knob turned.
import { h } from "../base/dom";
import { change, isNumber, quantity } from "../base/format";
import type { Report } from "../data/report";
import { errorWords } from "../views/summary";
import type { PowerReport } from "./api";

export interface Figures {
  analytic_s?: number;
  report?: Report;
  power?: PowerReport;
}

/** `stale`: the simulation of these choices is not there yet. */
export function drawFigures(into: HTMLElement, now: Figures, before: Figures, turned: boolean, stale: boolean): void {
  const totals = stale ? undefined : now.report?.totals;
  const was = before.report?.totals;
  const power = stale ? undefined : now.power;
  into.replaceChildren(
    figure(
      "latency",
      "Latency",
      isNumber(totals?.latency_s) ? quantity(totals.latency_s, "s") : atLeast(now.analytic_s),
      isNumber(totals?.latency_s) ? against(totals.latency_s, was?.latency_s, turned) : "simulated once you let go",
    ),
    figure(
      "analytic",
      "At least",
      quantity(now.analytic_s, "s"),
      `without contention; ${against(now.analytic_s, before.analytic_s, turned)}`,
    ),
    figure(
      "energy",
      "Energy",
      quantity(totals?.energy_j, "J"),
      totals === undefined ? "" : against(totals.energy_j, was?.energy_j, turned),
    ),
    figure(
      "power",
      "Power at this rate",
      quantity(power?.average_power_w, "W"),
      power === undefined ? "" : powerWords(power, before.power, turned),
    ),
    figure("battery", "Battery", hours(power?.battery?.life_h), power === undefined ? "" : batteryWords(power, before.power, turned)),
    certainty(now.report),
  );
}

function figure(id: string, title: string, value: string, words: string): HTMLElement {
  return h(
    "div",
    { class: "card", "data-figure": id },
    h("h3", {}, title),
    h("p", { class: "value" }, value),
    h("p", {}, words),
  );
}

/** The error of the family; all of its words are there to be pointed at. */
function certainty(report: Report | undefined): HTMLElement {
  const [share, words] = errorWords(report?.validation?.latency);
  const card = figure("certainty", "How sure", share, words.split(",")[0] ?? "");
  card.title = words;
  return card;
}

const atLeast = (seconds: number | undefined): string => (isNumber(seconds) ? `≥ ${quantity(seconds, "s")}` : "–");

function against(value: number | undefined, base: number | undefined, turned: boolean): string {
  if (!turned || !isNumber(value) || !isNumber(base)) return "no knob turned";
  return `${change(value, base)} by the knobs`;
}

function powerWords(power: PowerReport, before: PowerReport | undefined, turned: boolean): string {
  const rate = power.streams[0]?.rate;
  const kept = rate?.met === false ? `RATE NOT KEPT: ${quantity(rate.achieved_hz, "Hz")}; ` : "";
  return kept + against(power.average_power_w, before?.average_power_w, turned);
}

function batteryWords(power: PowerReport, before: PowerReport | undefined, turned: boolean): string {
  const life = power.battery?.life_h;
  if (!isNumber(life)) return "no battery is chosen";
  return against(life, before?.battery?.life_h ?? undefined, turned);
}

function hours(value: number | null | undefined): string {
  if (!isNumber(value)) return "–";
  return value >= 72 ? `${(value / 24).toPrecision(3)} days` : `${value.toPrecision(3)} h`;
}
