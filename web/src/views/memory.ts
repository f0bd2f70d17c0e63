// SPDX-License-Identifier: Apache-2.0
// Which tensors are in memory when, and where: occupancy over time, and the map of addresses.
import { ascending } from "d3-array";
import { h, picture, svg } from "../base/dom";
import { quantity } from "../base/format";
import { hueClass, Hues } from "../base/palette";
import { legend, missing, note, panel, plainTable } from "../base/parts";
import { linear } from "../base/scale";
import { withTooltip } from "../base/tooltip";
import type { Run, Tensors } from "../data/document";
import { axisX, axisY, type Frame } from "./axes";

const FRAME: Frame = { width: 1160, height: 260, left: 72, right: 16, top: 28, bottom: 44 };
const KINDS = ["parameter", "input", "activation", "output"];
const MOST_BOXES = 4000;

export interface Occupancy {
  /** Times at which something comes or goes, ascending; bytes hold from each to the next. */
  readonly at: number[];
  readonly bytes: Map<string, number[]>;
  readonly peak: number;
  readonly peakAt: number;
}

/** Bytes of tensors that are needed, by kind. */
export function occupancy(tensors: Tensors, endS: number): Occupancy {
  const changes: [number, string, number][] = [];
  tensors.name.forEach((_, i) => {
    const bytes = tensors.bytes[i] ?? 0;
    const kind = tensors.kind[i] ?? "";
    changes.push([tensors.begin_s[i] ?? 0, kind, bytes], [tensors.end_s[i] ?? 0, kind, -bytes]);
  });
  const at = [...new Set([0, ...changes.map((each) => each[0]), endS])].sort(ascending);
  const place = new Map(at.map((time, i) => [time, i]));
  const bytes = new Map(KINDS.map((kind) => [kind, new Array<number>(at.length).fill(0)]));
  for (const [time, kind, by] of changes) {
    const series = bytes.get(kind);
    const i = place.get(time) ?? 0;
    if (series !== undefined) series[i] = (series[i] ?? 0) + by;
  }
  let peak = 0;
  let peakAt = 0;
  const sums = new Map(KINDS.map((kind) => [kind, 0]));
  at.forEach((time, i) => {
    let all = 0;
    for (const [kind, series] of bytes) {
      const sum = (sums.get(kind) ?? 0) + (series[i] ?? 0);
      sums.set(kind, sum);
      series[i] = sum;
      all += sum;
    }
    if (all > peak) [peak, peakAt] = [all, time];
  });
  return { at, bytes, peak, peakAt };
}

function chart(held: Occupancy, endS: number, hues: Hues): SVGSVGElement {
  const x = linear([0, endS], [FRAME.left, FRAME.width - FRAME.right], 8);
  const y = linear([0, held.peak * 1.08 || 1], [FRAME.height - FRAME.bottom, FRAME.top], 5);
  const drawing = picture(
    FRAME.width,
    FRAME.height,
    `memory that tensors need over time, at most ${quantity(held.peak, "B")}`,
  );
  axisX(drawing, FRAME, x, "s", "time");
  axisY(drawing, FRAME, y, "B", "needed");
  const edge = (i: number): number => x(held.at[i] ?? endS);
  let lower = held.at.map(() => 0);
  for (const kind of KINDS) {
    const series = held.bytes.get(kind) ?? [];
    const upper = lower.map((value, i) => value + (series[i] ?? 0));
    const over = upper.slice(0, -1).map((value, i) => `L${edge(i)},${y(value)} L${edge(i + 1)},${y(value)}`);
    const under = lower
      .slice(0, -1)
      .map((value, i) => `L${edge(i + 1)},${y(value)} L${edge(i)},${y(value)}`)
      .reverse();
    const d = `M${edge(0)},${y(lower[0] ?? 0)} ${over.join(" ")} ${under.join(" ")} Z`;
    drawing.append(svg("path", { d, class: `area ${hueClass(hues.of(kind))}`, "data-name": kind }));
    lower = upper;
  }
  const [px, py] = [x(held.peakAt), y(held.peak)];
  const anchor = px > FRAME.width * 0.8 ? "end" : "start";
  drawing.append(
    svg("circle", { cx: px, cy: py, r: 3.5, class: "point" }),
    svg(
      "text",
      { x: px + (anchor === "end" ? -7 : 7), y: py - 6, "text-anchor": anchor, class: "halo", "data-value": held.peak },
      `at most ${quantity(held.peak, "B")}`,
    ),
  );
  return drawing;
}

/** Every tensor as a box: from when to when, and at which addresses. */
function addressMap(tensors: Tensors, endS: number, hues: Hues): SVGSVGElement {
  const order = tensors.name.map((_, i) => i).sort((a, b) => (tensors.bytes[b] ?? 0) - (tensors.bytes[a] ?? 0));
  const top = Math.max(...tensors.address.map((address, i) => address + (tensors.bytes[i] ?? 0)), 1);
  const frame = { ...FRAME, height: 340 };
  const x = linear([0, endS], [frame.left, frame.width - frame.right], 8);
  const y = linear([0, top], [frame.height - frame.bottom, frame.top], 5);
  const drawing = picture(frame.width, frame.height, `map of addresses over time, up to ${quantity(top, "B")}`);
  axisX(drawing, frame, x, "s", "time");
  axisY(drawing, frame, y, "B", "address");
  for (const i of order.slice(0, MOST_BOXES)) {
    const [address, bytes] = [tensors.address[i] ?? 0, tensors.bytes[i] ?? 0];
    const [begin, end] = [tensors.begin_s[i] ?? 0, tensors.end_s[i] ?? 0];
    const name = tensors.name[i] ?? "";
    const box = svg("rect", {
      x: x(begin),
      y: y(address + bytes),
      width: Math.max(1, x(end) - x(begin)),
      height: Math.max(0.75, y(address) - y(address + bytes)),
      class: `area edged ${hueClass(hues.of(tensors.kind[i] ?? ""))}`,
      "data-name": name,
      "data-value": bytes,
    });
    withTooltip(box, name, () => [
      ["kind", tensors.kind[i] ?? ""],
      ["takes", quantity(bytes, "B")],
      ["at", address.toString()],
      ["from", quantity(begin, "s")],
      ["to", quantity(end, "s")],
    ]);
    drawing.append(box);
  }
  return drawing;
}

function largest(tensors: Tensors): HTMLElement {
  const order = tensors.name.map((_, i) => i).sort((a, b) => (tensors.bytes[b] ?? 0) - (tensors.bytes[a] ?? 0));
  const rows = order
    .slice(0, 30)
    .map((i) => [
      tensors.name[i] ?? "",
      tensors.kind[i] ?? "",
      quantity(tensors.bytes[i], "B"),
      quantity(tensors.begin_s[i], "s"),
      quantity(tensors.end_s[i], "s"),
    ]);
  const table = plainTable(["Tensor", "Kind", "#Size", "#From", "#To"], rows, "largest tensors");
  return h("details", {}, h("summary", {}, `The ${rows.length} largest tensors`), table);
}

export function drawMemory(into: HTMLElement, run: Run): void {
  const totals = run.report.totals ?? {};
  const memories = (run.report.memories ?? []).map((memory) => [
    memory.name,
    quantity(memory.read_bytes, "B"),
    quantity(memory.written_bytes, "B"),
    quantity(memory.energy_j, "J"),
  ]);
  if (memories.length > 0) into.append(plainTable(["Memory", "#Read", "#Written", "#Energy"], memories, "memories"));
  const tensors = run.tensors;
  const endS = totals.latency_s ?? 0;
  if (tensors === undefined || tensors.name.length === 0 || endS <= 0) {
    into.append(missing("This page was made from a report alone, which does not say what lies in memory when."));
    return;
  }
  const hues = new Hues(KINDS);
  const held = occupancy(tensors, endS);
  into.append(
    note(
      `The address space that tensors take is ${quantity(totals.memory_footprint_bytes, "B")}; at once, in the order of issue, ` +
        `${quantity(totals.memory_live_bytes, "B")} are needed at most. Drawn is the time of the run: a tensor is needed from the ` +
        `start of the layer that writes it to the end of the last that reads it, parameters all the time.`,
    ),
    panel("Needed over time", chart(held, endS, hues), legend(hues.entries())),
    panel("Where it lies", addressMap(tensors, endS, hues), largest(tensors)),
  );
}
