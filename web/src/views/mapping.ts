// SPDX-License-Identifier: Apache-2.0
// The mapping on the graph: a lane for each device, a row for each layer in order of the network, lines for tensors that
// go from layer to layer. Rows outside the window are not drawn, so that thousands of layers cost no more than tens.
import { bisectLeft } from "d3-array";
import { h, size, svg } from "../base/dom";
import { quantity, shortened } from "../base/format";
import { boundHue, hueClass } from "../base/palette";
import { missing, note } from "../base/parts";
import { onSelect, select, selected } from "../base/selection";
import { withTooltip } from "../base/tooltip";
import type { Run } from "../data/document";
import { crosses, devicesOf, placesOf, timeOf } from "../data/derive";

const ROW = 26;
const HEAD = 30;
const NAME = 300;
const WIDTH = 1150;
const LANE_LEAST = 110;
const LANE_MOST = 260;
const FEW = 6;
const TALL = 560;
const MARGIN = 12;

interface Node {
  readonly lanes: readonly number[];
  readonly x: number;
}

export function drawMapping(into: HTMLElement, run: Run): void {
  const ops = run.report.ops ?? [];
  if (ops.length === 0) {
    into.append(missing("This report holds no layers."));
    return;
  }
  const lanes = [...new Set((run.report.devices ?? []).map((device) => device.name))];
  ops.forEach((_, i) => devicesOf(run, i).forEach((device) => lanes.includes(device) || lanes.push(device)));
  const used = lanes.filter((lane) => ops.some((_, i) => devicesOf(run, i).includes(lane)));
  into.append(words(run, used, lanes), new Lanes(run, lanes.length <= FEW ? lanes : used).element);
}

function words(run: Run, used: readonly string[], lanes: readonly string[]): HTMLElement {
  const ops = run.report.ops ?? [];
  const counts = used.map((lane) => `${lane} ${ops.filter((_, i) => devicesOf(run, i).includes(lane)).length}`);
  const places = placesOf(run);
  const crossing = (run.edges ?? []).filter((edge) => crosses(places, edge)).length;
  const idle = lanes.filter((lane) => !used.includes(lane));
  const handed =
    run.edges === undefined
      ? ""
      : ` ${crossing} ${crossing === 1 ? "tensor goes" : "tensors go"} from one device to another (thick lines).`;
  const unused = idle.length > 0 ? ` Not used: ${idle.join(", ")}.` : "";
  return note(
    `Layers on each device: ${counts.join(", ")}.${handed}${unused} Colours say what limits a layer; bars, how long it takes.`,
  );
}

class Lanes {
  readonly element: HTMLElement;
  private readonly drawing = svg("svg", { class: "lanes", role: "img" });
  private readonly box: HTMLElement;
  private readonly nodes: Node[];
  private readonly places: string[][];
  private readonly longest: number;
  private readonly edges: [number, number][];
  private readonly lane: number;

  constructor(
    private readonly run: Run,
    private readonly lanes: readonly string[],
  ) {
    const ops = run.report.ops ?? [];
    this.lane = Math.min(LANE_MOST, Math.max(LANE_LEAST, (WIDTH - NAME) / Math.max(1, lanes.length)));
    this.places = placesOf(run);
    this.nodes = ops.map((_, i) => this.node(i));
    this.longest = Math.max(...ops.map(timeOf), 1e-12);
    this.edges = [...(run.edges ?? [])].sort((a, b) => a[1] - b[1]);
    const width = NAME + this.lane * Math.max(1, lanes.length);
    this.drawing.setAttribute("width", String(width));
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${ops.length * ROW + MARGIN}`);
    this.drawing.setAttribute("height", String(ops.length * ROW + MARGIN));
    this.drawing.setAttribute(
      "aria-label",
      `${ops.length} layers on ${lanes.join(", ")}; the table of layers has the devices`,
    );
    const head = h("div", { class: "lane-heads" });
    size(head, "padding-left", `${NAME}px`);
    for (const lane of lanes) {
      const title = h("span", {}, lane);
      size(title, "width", `${this.lane}px`);
      head.append(title);
    }
    this.box = h(
      "div",
      { class: "scroll lanes-box", tabindex: "0", role: "region", "aria-label": "mapping of layers to devices" },
      head,
      this.drawing,
    );
    size(this.box, "max-height", `${TALL}px`);
    this.element = this.box;
    this.box.addEventListener("scroll", () => requestAnimationFrame(() => this.paint()));
    onSelect((name) => {
      const index = ops.findIndex((op) => op.name === name);
      if (index >= 0 && !this.visible(index)) this.box.scrollTop = Math.max(0, index * ROW - TALL / 2);
      this.paint();
    });
    addEventListener("beforeprint", () => this.paint(true));
    this.paint();
  }

  private node(index: number): Node {
    const known = (devices: readonly string[]): number[] =>
      devices.map((device) => this.lanes.indexOf(device)).filter((lane) => lane >= 0);
    const lanes = known(devicesOf(this.run, index));
    const first = Math.min(...known(this.places[index] ?? []), this.lanes.length);
    return { lanes, x: NAME + (first < this.lanes.length ? first : 0) * this.lane + 14 };
  }

  private visible(index: number): boolean {
    const y = index * ROW;
    return y >= this.box.scrollTop && y < this.box.scrollTop + TALL - HEAD - ROW;
  }

  private paint(whole = false): void {
    const ops = this.run.report.ops ?? [];
    const first = whole ? 0 : Math.max(0, Math.floor(this.box.scrollTop / ROW) - 8);
    const last = whole ? ops.length : Math.min(ops.length, first + Math.ceil(TALL / ROW) + 16);
    const parts: SVGElement[] = this.lanes.map((_, lane) => {
      const x = NAME + lane * this.lane;
      return svg("line", { x1: x, x2: x, y1: 0, y2: ops.length * ROW + MARGIN, class: "grid" });
    });
    for (const [from, to] of this.edgesBetween(first, last)) parts.push(this.edge(from, to));
    for (let i = first; i < last; i += 1) parts.push(...this.layer(i));
    this.drawing.replaceChildren(...parts);
  }

  /** Edges that end at or below `first` and begin above `last`. */
  private edgesBetween(first: number, last: number): [number, number][] {
    const from = bisectLeft(
      this.edges.map((edge) => edge[1]),
      first,
    );
    return this.edges.slice(from).filter((edge) => edge[0] < last);
  }

  private edge(from: number, to: number): SVGElement {
    const [a, b] = [this.nodes[from], this.nodes[to]];
    const [x0, x1] = [a?.x ?? NAME, b?.x ?? NAME];
    const [y0, y1] = [from * ROW + ROW / 2 + MARGIN / 2, to * ROW + ROW / 2 + MARGIN / 2];
    const crossing = crosses(this.places, [from, to]);
    const bow = to - from > 1 ? Math.min(70, 10 + 4 * (to - from)) : 0;
    const path = `M${x0},${y0} C${x0 - bow},${y0 + ROW} ${x1 - bow},${y1 - ROW} ${x1},${y1}`;
    return svg("path", { d: path, class: crossing ? "edge crossing" : "edge" });
  }

  private layer(index: number): SVGElement[] {
    const op = this.run.report.ops?.[index];
    const node = this.nodes[index];
    if (op === undefined || node === undefined) return [];
    const y = index * ROW + MARGIN / 2;
    const group = svg("g", {
      transform: `translate(0,${y})`,
      class: op.name === selected() ? "layer picked" : "layer",
      "data-name": op.name,
    });
    group.append(
      svg("text", { x: 4, y: ROW / 2, class: "middle" }, shortened(op.name, 30)),
      svg(
        "text",
        { x: NAME - 20, y: ROW / 2, "text-anchor": "end", class: "middle small muted" },
        shortened(op.kind ?? "", 16),
      ),
    );
    for (const lane of node.lanes) {
      const x = NAME + lane * this.lane + 8;
      const wide = 8 + (this.lane - 30) * (timeOf(op) / this.longest);
      group.append(
        svg("rect", {
          x,
          y: 5,
          width: wide,
          height: ROW - 10,
          rx: 2,
          class: `area ${hueClass(boundHue(op.bound ?? ""))}`,
          "data-lane": this.lanes[lane],
        }),
      );
    }
    if (node.lanes.length === 0) group.append(svg("circle", { cx: node.x, cy: ROW / 2, r: 3, class: "view" }));
    withTooltip(group, op.name, () => [
      ["kind", op.kind ?? ""],
      ["device", op.device || "none: a view"],
      ["takes", quantity(timeOf(op), "s")],
      ["limited by", op.bound ?? ""],
      ["how", op.mapping ?? ""],
    ]);
    group.addEventListener("click", () => select(op.name));
    return [group];
  }
}
