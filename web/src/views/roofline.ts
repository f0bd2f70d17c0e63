// SPDX-License-Identifier: Apache-2.0
// The roofline (Williams, Waterman, Patterson 2009): what a layer reaches over how much it computes for each byte moved.
import { picture, svg } from "../base/dom";
import { quantity } from "../base/format";
import { boundHue, hueClass } from "../base/palette";
import { legend, missing, note } from "../base/parts";
import { logarithmic, type Scale } from "../base/scale";
import { onSelect, select } from "../base/selection";
import { withTooltip } from "../base/tooltip";
import type { Peak, Run } from "../data/document";
import type { Op } from "../data/report";
import { computeFormat, devicesOf, memoryPeak, ranOps, timeOf } from "../data/derive";
import { axisX, axisY, type Frame } from "./axes";

const FRAME: Frame = { width: 1160, height: 420, left: 84, right: 24, top: 28, bottom: 48 };

/** Where layers stand that move nothing to or from memory. */
const EDGE = 84;

interface Point {
  readonly op: Op;
  /** Infinite where no byte was moved. */
  readonly intensity: number;
  readonly rate: number;
}

interface Slope {
  readonly name: string;
  readonly bytesPerS: number;
}

function pointsOf(run: Run): Point[] {
  const points: Point[] = [];
  for (const op of ranOps(run.report)) {
    const [macs, bytes] = [op.macs ?? 0, op.traffic_bytes ?? NaN];
    if (macs > 0 && bytes >= 0 && timeOf(op) > 0)
      points.push({ op, intensity: macs / bytes, rate: macs / timeOf(op) });
  }
  return points;
}

/** Peaks of devices in the formats in which layers ran there; those of equal height share a line. */
function roofs(run: Run): { name: string; rate: number }[] {
  const used = new Set<string>();
  (run.report.ops ?? []).forEach((op, i) => {
    if ((op.macs ?? 0) === 0) return;
    for (const device of devicesOf(run, i)) used.add(`${device} ${computeFormat(op)}`);
  });
  const byRate = new Map<number, string[]>();
  const given: readonly Peak[] = run.peaks ?? [];
  for (const peak of given.filter((each) => used.has(`${each.device} ${each.dtype}`))) {
    byRate.set(peak.macs_per_s, [...(byRate.get(peak.macs_per_s) ?? []), `${peak.device} ${peak.dtype}`]);
  }
  return [...byRate].map(([rate, names]) => ({ name: names.join(", "), rate }));
}

function slopes(run: Run): Slope[] {
  return (run.report.memories ?? []).flatMap((memory) => {
    const peak = memoryPeak(memory, run.report.totals?.latency_s);
    return peak === null ? [] : [{ name: memory.name, bytesPerS: peak }];
  });
}

/** A little more than the values take. */
function bounds(values: readonly number[]): [number, number] {
  if (values.length === 0) return [1, 100];
  return [Math.min(...values) / 1.8, Math.max(...values) * 1.8];
}

/** `ends`: of the axis of intensities; `floor`: where the other axis begins. */
function drawRoofs(
  drawing: SVGSVGElement,
  run: Run,
  x: Scale,
  y: Scale,
  ends: readonly [number, number],
  floor: number,
): void {
  const flat = roofs(run);
  const highest = Math.max(...flat.map((roof) => roof.rate), 0);
  for (const roof of flat) {
    const at = y(roof.rate);
    drawing.append(
      svg("line", { x1: FRAME.left, x2: FRAME.width - FRAME.right, y1: at, y2: at, class: "roof" }),
      svg(
        "text",
        {
          x: FRAME.width - FRAME.right - 8,
          y: at - 6,
          "text-anchor": "end",
          class: "halo",
          "data-roof": roof.name,
          "data-value": roof.rate,
        },
        `${roof.name}  ${quantity(roof.rate, "MAC/s")}`,
      ),
    );
  }
  for (const slope of slopes(run)) {
    const least = Math.max(ends[0], floor / slope.bytesPerS);
    const most = highest > 0 ? Math.min(ends[1], highest / slope.bytesPerS) : ends[1];
    if (most <= least) continue;
    const [x1, y1, x2, y2] = [x(least), y(least * slope.bytesPerS), x(most), y(most * slope.bytesPerS)];
    const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
    const [cx, cy] = [x1 + (x2 - x1) * 0.45, y1 + (y2 - y1) * 0.45];
    drawing.append(
      svg("line", { x1, y1, x2, y2, class: "roof" }),
      svg(
        "text",
        {
          x: cx,
          y: cy - 6,
          "text-anchor": "middle",
          class: "halo",
          transform: `rotate(${angle} ${cx} ${cy})`,
          "data-roof": slope.name,
          "data-value": slope.bytesPerS,
        },
        `${slope.name}  ${quantity(slope.bytesPerS, "B/s")}`,
      ),
    );
  }
}

/** Which layers are left out or set apart, and why; what lines there are, and what may lie above them. */
function words(run: Run, points: readonly Point[]): string {
  const ran = ranOps(run.report);
  const layers = (count: number): string => (count === 1 ? "1 layer" : `${count} layers`);
  const without = ran.filter((op) => (op.macs ?? 0) === 0).length;
  const unknown = ran.length - without - points.length;
  const still = points.filter((point) => point.intensity === Infinity).length;
  const cached = (run.report.caches ?? []).length > 0 ? "what a cache holds, and " : "";
  const parts = [
    "Dots are layers, larger where they take longer. Lines are what memory pins and compute units could do; Winograd may exceed the latter.",
    `Bytes are those that a layer's device asked for: ${cached}loads that ran ahead of the layer lift dots above the slope.`,
  ];
  if (still > 0) parts.push(`At the right edge: ${layers(still)} without memory traffic.`);
  if (without > 0) parts.push(`Not drawn: ${layers(without)} without multiply-accumulates.`);
  if (unknown > 0) parts.push(`Not drawn: ${layers(unknown)} without a time or traffic in this report.`);
  if (run.peaks === undefined) parts.push("A report alone does not hold the platform's peaks: units have no line.");
  else if (roofs(run).length === 0)
    parts.push("The description of these devices states no peak in the formats used: units have no line.");
  return parts.join(" ");
}

function dotOf(point: Point, cx: number, cy: number, longest: number): SVGElement {
  const { op, intensity, rate } = point;
  const dot = svg("circle", {
    cx,
    cy,
    r: 3 + 9 * Math.sqrt(timeOf(op) / longest),
    class: `dot ${hueClass(boundHue(op.bound ?? ""))}`,
    "data-name": op.name,
    "data-intensity": intensity,
    "data-rate": rate,
  });
  withTooltip(dot, op.name, () => [
    ["reached", quantity(rate, "MAC/s")],
    ["MACs for each byte", intensity === Infinity ? "no memory traffic" : intensity.toPrecision(3)],
    ["computed in", computeFormat(op) || "unknown"],
    ["takes", quantity(timeOf(op), "s")],
    ["limited by", op.bound ?? "unknown"],
    ["on", op.device ?? ""],
  ]);
  dot.addEventListener("click", () => select(op.name));
  return dot;
}

export function drawRoofline(into: HTMLElement, run: Run): void {
  const points = pointsOf(run);
  if (points.length === 0) {
    into.append(missing("No layer of this report computes: there is nothing to draw."));
    return;
  }
  const moving = points.filter((point) => point.intensity < Infinity);
  const edge = moving.length < points.length ? EDGE : 0;
  const frame = { ...FRAME, right: FRAME.right + edge };
  const xEnds = bounds(moving.map((point) => point.intensity));
  const yEnds = bounds([...points.map((point) => point.rate), ...roofs(run).map((roof) => roof.rate)]);
  const x = logarithmic(xEnds, [frame.left, frame.width - frame.right]);
  const y = logarithmic(yEnds, [frame.height - frame.bottom, frame.top]);
  const drawing = picture(
    frame.width,
    frame.height,
    `roofline with ${points.length} layers; the table of layers has the numbers`,
  );
  axisX(drawing, frame, x, "", "multiply-accumulates for each byte its device moved", true);
  axisY(drawing, FRAME, y, "MAC/s", "reached", true);
  const clip = svg("svg", { x: 0, y: 0, width: FRAME.width, height: FRAME.height - FRAME.bottom });
  drawing.append(clip);
  drawRoofs(clip, run, x, y, xEnds, yEnds[0]);
  const still = FRAME.width - FRAME.right - EDGE / 2;
  if (edge > 0) {
    const at = { x: still, y: FRAME.height - FRAME.bottom + 16, "text-anchor": "middle", class: "mark" };
    drawing.append(svg("text", at, "no traffic"));
  }
  const longest = Math.max(...points.map((point) => timeOf(point.op)));
  const dots = new Map<string, SVGElement>();
  for (const point of [...points].sort((a, b) => timeOf(b.op) - timeOf(a.op))) {
    const dot = dotOf(point, point.intensity < Infinity ? x(point.intensity) : still, y(point.rate), longest);
    dots.set(point.op.name, dot);
    drawing.append(dot);
  }
  onSelect((name) => dots.forEach((dot, key) => dot.classList.toggle("picked", key === name)));
  const entries = new Map(points.map((point) => [point.op.bound ?? "unknown", boundHue(point.op.bound ?? "")]));
  into.append(note(words(run, points)), drawing, legend(entries));
}
