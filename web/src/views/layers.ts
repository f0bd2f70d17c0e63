// SPDX-License-Identifier: Apache-2.0
// Every layer: time and what it is made of, the bound that limits it, traffic, energy; opened, how it was cut and why.
import { h, size } from "../base/dom";
import { NONE, percent, quantity } from "../base/format";
import { boundHue, hueClass } from "../base/palette";
import { missing, note } from "../base/parts";
import { onSelect, select, selected } from "../base/selection";
import { SortedTable, type Column } from "../base/table";
import type { Run } from "../data/document";
import type { Op } from "../data/report";
import { timeOf } from "../data/derive";

function seconds(title: string, value: (op: Op) => number | undefined, hint: string): Column<Op> {
  return { title, hint, text: (op) => quantity(value(op), "s"), value: (op) => value(op) ?? null };
}

function knownTime(op: Op): number | undefined {
  return op.start_s === undefined || op.end_s === undefined ? undefined : timeOf(op);
}

function boundCell(op: Op): Node {
  if (op.bound === undefined || op.bound === "") return document.createTextNode(NONE);
  return h("span", {}, h("span", { class: `swatch ${hueClass(boundHue(op.bound))}`, "aria-hidden": "true" }), op.bound);
}

/** The largest share fills its bar. */
function shareCell(share: number, largest: number): Node {
  const bar = h("span", { class: "fill hue-0" });
  size(bar, "width", `${largest > 0 ? (100 * share) / largest : 0}%`);
  return h("span", { class: "share" }, percent(share), h("span", { class: "bars-track", "aria-hidden": "true" }, bar));
}

function columns(run: Run): Column<Op>[] {
  const latency = run.report.totals?.latency_s ?? 0;
  const share = (op: Op): number => (latency > 0 ? timeOf(op) / latency : 0);
  const largest = Math.max(...(run.report.ops ?? []).map(share), 0);
  const rank = new Map((run.report.ops ?? []).map((op, i) => [op, i + 1]));
  return [
    { title: "Layer", text: (op) => op.name },
    {
      title: "#",
      text: (op) => String(rank.get(op) ?? ""),
      value: (op) => rank.get(op) ?? 0,
      hint: "Position in the network",
    },
    { title: "Kind", text: (op) => op.kind ?? NONE },
    { title: "Device", text: (op) => (op.device ?? "") || NONE },
    seconds("Time", knownTime, "From its start to the end of its last command"),
    {
      title: "Share",
      text: (op) => percent(share(op)),
      value: share,
      cell: (op) => shareCell(share(op), largest),
      hint: "Of the latency",
    },
    {
      title: "Limited by",
      text: (op) => op.bound ?? "",
      cell: boundCell,
      hint: "The longest of what its time is made of",
    },
    seconds("Compute", (op) => op.compute_s, "Its compute engine was busy with it so long"),
    seconds("Transfer", (op) => op.transfer_s, "The busier of its load and store engines"),
    seconds("Launch", (op) => op.launch_s, "Starting it, taking data over"),
    seconds("Waited", (op) => op.waiting_s, "Its device had nothing to compute before"),
    { title: "MACs", text: (op) => quantity(op.macs, ""), value: (op) => op.macs ?? null },
    { title: "Traffic", text: (op) => quantity(op.traffic_bytes, "B"), value: (op) => op.traffic_bytes ?? null },
    {
      title: "Energy",
      text: (op) => quantity(op.energy_j, "J"),
      value: (op) => op.energy_j ?? null,
      hint: "That it caused; background is nobody's",
    },
  ];
}

function details(op: Op): Node {
  const list = h("dl");
  const lines: [string, string | undefined][] = [
    ["How it runs", op.mapping],
    ["Why there", op.reason],
    ["Runner-up", op.runner_up],
    ["Tiles", op.tile_search?.text],
    ["Arithmetic", op.arithmetic],
    ["Format", op.dtype],
    ["Cycles", op.compute_cycles === undefined ? undefined : quantity(op.compute_cycles, "")],
    ["From, to", `${quantity(op.start_s, "s")}, ${quantity(op.end_s, "s")}`],
  ];
  for (const [what, text] of lines) {
    if (text !== undefined && text !== "") list.append(h("dt", {}, what), h("dd", {}, text));
  }
  return list;
}

export function drawLayers(into: HTMLElement, run: Run): void {
  const ops = run.report.ops ?? [];
  if (ops.length === 0) {
    into.append(missing("This report holds no layers."));
    return;
  }
  const table = new SortedTable<Op>({
    caption: "table of layers",
    columns: columns(run),
    rows: ops,
    words: (op) => `${op.name} ${op.kind ?? ""} ${op.device ?? ""} ${op.bound ?? ""} ${op.dtype ?? ""}`,
    key: (op) => op.name,
    details,
    onPick: (op) => {
      if (selected() !== op.name) select(op.name);
    },
  });
  onSelect((name) => table.mark(name));
  into.append(
    note(
      "Click a layer to see how it was cut, and why; a heading sorts. Layers overlap, so shares need not add up to 100 %.",
    ),
    table.element,
  );
}
