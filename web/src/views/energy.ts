// SPDX-License-Identifier: Apache-2.0
// Where the joules go: by component, by what they are spent on, by layer.
import { h, size } from "../base/dom";
import { percent, quantity } from "../base/format";
import { componentHues, hueClass, type Hues } from "../base/palette";
import { barList, legend, missing, note, panel, plainTable, type Share } from "../base/parts";
import { select } from "../base/selection";
import type { Run } from "../data/document";
import { energyByClass, energyByComponent, energyByOwner, energyClass, energyOfOps, owner } from "../data/derive";
import { drawFlow, type Flow } from "./flow";
import { CLASS_HUES } from "./summary";
import { drawTreemap } from "./treemap";

const WIDTH = 1160;
const LAYERS = 20;

export function componentMap(parts: readonly { name: string; value: number }[], hues: Hues): HTMLElement {
  const label = "energy by component, as areas; the table below has the numbers";
  const drawing = drawTreemap({ parts, owner, hues, unit: "J", label, width: WIDTH, height: 300 });
  const total = parts.reduce((sum, part) => sum + part.value, 0) || 1;
  const rows = parts.map((part) => [part.name, quantity(part.value, "J"), percent(part.value / total)]);
  return panel(
    "By component",
    drawing,
    legend(hues.entries()),
    h(
      "details",
      {},
      h("summary", {}, "As a table"),
      plainTable(["Component", "#Energy", "#Share"], rows, "energy by component"),
    ),
  );
}

/** Energy of a run by owner and class: from the ledger where the page has it. */
function flowsOf(run: Run): Flow[] {
  const sums = new Map<string, number>();
  const { components, actions, rows } = run.flows ?? { components: [], actions: [], rows: [] };
  for (const [, component, action, joules] of rows) {
    const key = `${owner(components[component] ?? "?")}\n${energyClass(actions[action] ?? "?")}`;
    sums.set(key, (sums.get(key) ?? 0) + joules);
  }
  return [...sums].map(([key, value]) => {
    const [from = "?", to = "?"] = key.split("\n");
    return { from, to, value };
  });
}

function spentOn(run: Run): HTMLElement {
  const total = run.report.totals?.energy_j ?? 0;
  const shares = energyByClass(run.report).map((each): Share => ({
    ...each,
    text: quantity(each.value, "J"),
    more: percent(each.value / total),
    hue: CLASS_HUES.of(each.name),
  }));
  const actions = Object.entries(run.report.energy?.by_action ?? {}).sort((a, b) => b[1] - a[1]);
  const rows = actions.map(([name, value]) => [name, energyClass(name), quantity(value, "J"), percent(value / total)]);
  const table = plainTable(["Action", "For", "#Energy", "#Share"], rows, "energy by action");
  const flows = flowsOf(run);
  const label = "energy from those who spend it to what it is spent on";
  return panel(
    "Who spends it, and on what",
    flows.length > 0 ? drawFlow(flows, CLASS_HUES, "J", label, WIDTH) : "",
    barList(shares),
    note("Keeping ready: leakage, refresh, clocks and rails of what only waits. Conversion losses: of the regulators."),
    h("details", {}, h("summary", {}, "By action"), table),
  );
}

/** A bar of parts for each of the layers that cause most, and one for what no layer causes. */
function byLayer(run: Run, hues: Hues): HTMLElement {
  const ops = run.report.ops ?? [];
  const caused = ops.reduce((sum, op) => sum + (op.energy_j ?? 0), 0);
  const total = run.report.totals?.energy_j ?? caused;
  const largest = ops
    .map((op, index) => ({ op, index, value: op.energy_j ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .slice(0, LAYERS)
    .filter((each) => each.value > 0);
  const most = largest[0]?.value ?? 1;
  const parts = energyOfOps(run);
  const list = h("ul", { class: "bars wide" });
  for (const { op, index, value } of largest) {
    const track = h("span", { class: "bars-track", "aria-hidden": "true" });
    const pieces = parts.get(index) ?? new Map([[owner(op.device ?? "?"), value]]);
    for (const [name, joules] of pieces) {
      const piece = h("span", { class: `fill ${hueClass(hues.of(name))}`, title: `${name}: ${quantity(joules, "J")}` });
      size(piece, "width", `${(100 * joules) / most}%`);
      track.append(piece);
    }
    const row = h(
      "li",
      { "data-name": op.name, "data-value": value },
      h("span", { class: "bars-name", title: op.name }, op.name),
      track,
      h("span", { class: "bars-value" }, quantity(value, "J")),
    );
    row.addEventListener("click", () => select(op.name));
    list.append(row);
  }
  const background = Math.max(0, total - caused);
  const words =
    `Layers cause ${quantity(caused, "J")} (${percent(caused / total)}). The other ${quantity(background, "J")} are ` +
    `background, refresh and losses: they belong to the run, not to a layer.`;
  return panel(`By layer: the ${largest.length} that cause most`, note(words), list, legend(hues.entries()));
}

export function drawEnergy(into: HTMLElement, run: Run): void {
  const parts = energyByComponent(run.report);
  if (parts.length === 0) {
    into.append(missing("This report holds no energy."));
    return;
  }
  const memories = (run.report.memories ?? []).map((memory) => memory.name);
  const hues = componentHues(
    energyByOwner(run.report).map((each) => each.name),
    memories,
  );
  into.append(componentMap(parts, hues), spentOn(run), byLayer(run, hues));
}
