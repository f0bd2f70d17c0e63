// SPDX-License-Identifier: Apache-2.0
// Power over time: a step for each window, stacked by domain; what the domains do not draw is lost on the way.
import { h, picture, svg } from "../base/dom";
import { isNumber, quantity } from "../base/format";
import { componentHues, hueClass } from "../base/palette";
import { highest, legend, missing, note } from "../base/parts";
import { linear, type Scale } from "../base/scale";
import { hideTooltip, showTooltip } from "../base/tooltip";
import type { Power as Reported } from "../data/report";
import { axisX, axisY, type Frame } from "./axes";

export const FRAME: Frame = { width: 1160, height: 320, left: 64, right: 16, top: 28, bottom: 44 };

/** Power over time of a report that holds all of it. */
export interface Power {
  readonly window_s: number;
  readonly samples_w: readonly number[];
  readonly domains: readonly { name: string; samples_w: readonly number[]; energy_j: number }[];
}

/** None where a report lacks windows or samples. */
export function powerOf(reported: Reported | null | undefined): Power | undefined {
  const { window_s: window, samples_w: samples, domains } = reported ?? {};
  if (!isNumber(window) || window <= 0 || samples === undefined || samples.length === 0) return undefined;
  const whole = (domains ?? []).map(({ name, samples_w, energy_j }) => {
    return { name, samples_w: samples_w ?? [], energy_j: energy_j ?? 0 };
  });
  return { window_s: window, samples_w: samples, domains: whole };
}

export interface Layer {
  readonly name: string;
  readonly samples: readonly number[];
}

/** Domains that draw anything, largest first, and the rest up to the total. */
export function layersOf(power: Power): Layer[] {
  const domains = power.domains.filter((domain) => domain.samples_w.some((sample) => sample > 0));
  const layers: Layer[] = [...domains]
    .sort((a, b) => b.energy_j - a.energy_j)
    .map((domain) => ({ name: domain.name, samples: domain.samples_w }));
  if (layers.length === 0) return [{ name: "total", samples: power.samples_w }];
  const rest = power.samples_w.map((total, i) => {
    return Math.max(0, total - layers.reduce((sum, layer) => sum + (layer.samples[i] ?? 0), 0));
  });
  const peak = highest(power.samples_w);
  if (rest.some((sample) => sample > 1e-6 * peak)) layers.push({ name: "losses of rails", samples: rest });
  return layers;
}

/** The outline of an area of steps between two lines. */
export function steps(
  upper: readonly number[],
  lower: readonly number[],
  edge: (i: number) => number,
  y: Scale,
): string {
  const over = upper.map((value, i) => `L${edge(i)},${y(value)} L${edge(i + 1)},${y(value)}`);
  const under = lower.map((value, i) => `L${edge(i + 1)},${y(value)} L${edge(i)},${y(value)}`).reverse();
  return `M${edge(0)},${y(lower[0] ?? 0)} ${over.join(" ")} ${under.join(" ")} Z`;
}

export interface PowerRun {
  readonly power: Power | undefined;
  readonly endS: number;
  readonly averageW: number | undefined;
}

/** Ends of the axes where several charts share them. */
export interface Scales {
  readonly endS: number;
  readonly peakW: number;
}

export function powerChart(run: PowerRun, frame: Frame, scales?: Scales): HTMLElement | null {
  const { power, endS } = run;
  if (power === undefined || endS <= 0) return null;
  const layers = layersOf(power);
  const hues = componentHues(
    layers.map((layer) => layer.name),
    [],
  );
  const peak = scales?.peakW ?? highest(power.samples_w);
  const whole = scales?.endS ?? endS;
  const x = linear([0, whole], [frame.left, frame.width - frame.right], 8);
  const y = linear([0, peak * 1.05 || 1], [frame.height - frame.bottom, frame.top], 5);
  const edge = (i: number): number => x(Math.min(endS, i * power.window_s));
  const peakText = quantity(highest(power.samples_w), "W");
  const label = `power over time: ${quantity(run.averageW, "W")} on average, ${peakText} at the peak`;
  const drawing = picture(frame.width, frame.height, label);
  axisX(drawing, frame, x, "s", "time");
  axisY(drawing, frame, y, "W", "power");
  let lower: number[] = power.samples_w.map(() => 0);
  for (const layer of layers) {
    const upper = lower.map((value, i) => value + (layer.samples[i] ?? 0));
    drawing.append(
      svg("path", {
        d: steps(upper, lower, edge, y),
        class: `area ${hueClass(hues.of(layer.name))}`,
        "data-name": layer.name,
      }),
    );
    lower = upper;
  }
  if (run.averageW !== undefined) {
    const at = y(run.averageW);
    drawing.append(
      svg("line", { x1: frame.left, x2: x(endS), y1: at, y2: at, class: "average" }),
      svg(
        "text",
        { x: x(endS) - 4, y: at - 5, "text-anchor": "end", class: "halo" },
        `average ${quantity(run.averageW, "W")}`,
      ),
    );
  }
  const cursor = svg("line", { x1: -9, x2: -9, y1: frame.top, y2: frame.height - frame.bottom, class: "cursor" });
  drawing.append(cursor);
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * frame.width;
    const share = (at - frame.left) / (frame.width - frame.left - frame.right);
    const i = Math.floor((share * whole) / power.window_s);
    const total = power.samples_w[i];
    if (share < 0 || share > 1 || total === undefined) return;
    cursor.setAttribute("x1", String(at));
    cursor.setAttribute("x2", String(at));
    const lines = layers.map((layer): [string, string] => [layer.name, quantity(layer.samples[i], "W")]);
    showTooltip(
      event,
      `${quantity(i * power.window_s, "s")}: ${quantity(total, "W")}`,
      layers.length > 1 ? lines.reverse() : [],
    );
  });
  drawing.addEventListener("pointerleave", hideTooltip);
  return h("div", {}, drawing, legend(hues.entries()));
}

export function drawPower(into: HTMLElement, run: PowerRun): void {
  const chart = powerChart(run, FRAME);
  if (chart === null || run.power === undefined) {
    into.append(missing("This report holds no power over time."));
    return;
  }
  const peak = highest(run.power.samples_w);
  into.append(
    note(
      `Averages over windows of ${quantity(run.power.window_s, "s")}; the highest is ${quantity(peak, "W")}. A longer run has longer windows and a flatter peak.`,
    ),
    chart,
  );
}
