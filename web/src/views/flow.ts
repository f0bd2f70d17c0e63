// SPDX-License-Identifier: Apache-2.0
// A Sankey diagram of two columns: who spends, and on what. Widths are in proportion to values.
import { picture, svg } from "../base/dom";
import { percent, quantity, shortened } from "../base/format";
import { hueClass, type Hues } from "../base/palette";
import { withTooltip } from "../base/tooltip";

export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly value: number;
}

const NODE = 12;
const GAP = 10;
const SIDE = 190;
const LEAST = 17;

interface Placed {
  readonly top: number;
  readonly tall: number;
  used: number;
}

/** Nodes from top to bottom, largest first, in a column of the given height. */
function column(sums: Map<string, number>, total: number, height: number): Map<string, Placed> {
  const entries = [...sums].sort((a, b) => b[1] - a[1]);
  const room = height - GAP * (entries.length - 1);
  const placed = new Map<string, Placed>();
  let top = 0;
  for (const [name, value] of entries) {
    const tall = (value / total) * room;
    placed.set(name, { top, tall, used: 0 });
    top += Math.max(tall + GAP, LEAST);
  }
  return placed;
}

function totals(flows: readonly Flow[], end: "from" | "to"): Map<string, number> {
  const sums = new Map<string, number>();
  for (const flow of flows) sums.set(flow[end], (sums.get(flow[end]) ?? 0) + flow.value);
  return sums;
}

/** `hues` colours by the right column. */
export function drawFlow(
  flows: readonly Flow[],
  hues: Hues,
  unit: string,
  label: string,
  width: number,
): SVGSVGElement {
  const total = flows.reduce((sum, flow) => sum + flow.value, 0) || 1;
  const left = totals(flows, "from");
  const right = totals(flows, "to");
  const height = Math.max(240, 24 * Math.max(left.size, right.size));
  const [sources, targets] = [column(left, total, height), column(right, total, height)];
  const lowest = Math.max(
    ...[...sources.values(), ...targets.values()].map((node) => node.top + Math.max(node.tall, LEAST)),
  );
  const drawing = picture(width, Math.ceil(lowest) + 2, label);
  const [x0, x1] = [SIDE + NODE, width - SIDE - NODE];
  const order = [...targets.keys()];
  const sorted = [...flows].sort((a, b) => order.indexOf(a.to) - order.indexOf(b.to) || b.value - a.value);
  for (const flow of sorted) {
    const [from, to] = [sources.get(flow.from), targets.get(flow.to)];
    if (from === undefined || to === undefined || flow.value <= 0) continue;
    const wide = (share: Placed, sum: number): number => (share.tall * flow.value) / sum;
    const [w0, w1] = [wide(from, left.get(flow.from) ?? 1), wide(to, right.get(flow.to) ?? 1)];
    const [y0, y1] = [from.top + from.used, to.top + to.used];
    from.used += w0;
    to.used += w1;
    const middle = (x0 + x1) / 2;
    const path =
      `M${x0},${y0} C${middle},${y0} ${middle},${y1} ${x1},${y1} L${x1},${y1 + w1} ` +
      `C${middle},${y1 + w1} ${middle},${y0 + w0} ${x0},${y0 + w0} Z`;
    const ribbon = svg("path", {
      d: path,
      class: `ribbon ${hueClass(hues.of(flow.to))}`,
      "data-from": flow.from,
      "data-to": flow.to,
      "data-value": flow.value,
    });
    withTooltip(ribbon, `${flow.from}: ${flow.to}`, () => [
      ["energy", quantity(flow.value, unit)],
      ["share", percent(flow.value / total)],
    ]);
    drawing.append(ribbon);
  }
  nodes(drawing, sources, left, SIDE, "end", unit, () => "node");
  nodes(drawing, targets, right, x1, "start", unit, (name) => `area ${hueClass(hues.of(name))}`);
  return drawing;
}

function nodes(
  drawing: SVGSVGElement,
  placed: Map<string, Placed>,
  sums: Map<string, number>,
  x: number,
  anchor: "start" | "end",
  unit: string,
  look: (name: string) => string,
): void {
  const textX = anchor === "end" ? x - 6 : x + NODE + 6;
  for (const [name, node] of placed) {
    const words = `${shortened(name, 17)}  ${quantity(sums.get(name), unit)}`;
    drawing.append(
      svg("rect", { x, y: node.top, width: NODE, height: Math.max(1, node.tall), class: look(name) }),
      svg(
        "text",
        { x: textX, y: Math.max(node.top + node.tall / 2, node.top + 6), "text-anchor": anchor, class: "middle" },
        words,
      ),
    );
  }
}
