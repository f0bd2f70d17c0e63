// SPDX-License-Identifier: Apache-2.0
// The page of two to five runs side by side. The first is what the others are held against.
import { h, size } from "../base/dom";
import { change, isNumber, NONE, percent, quantity, shortened } from "../base/format";
import { hueClass, Hues } from "../base/palette";
import { highest, legend, missing, note, panel, plainTable } from "../base/parts";
import { SortedTable, type Column } from "../base/table";
import type { Comparison, LayerRow, Run, Values } from "../data/document";
import { FRAME, powerChart, powerOf } from "../views/power";
import { errorWords } from "../views/summary";
import { show } from "./shell";

/** "[2]": what tells runs of much the same name apart. */
function mark(run: number): string {
  return `[${run + 1}]`;
}

function runLegend(labels: readonly string[], hues: Hues): HTMLElement {
  return legend(labels.map((label, i) => [`${mark(i)} ${label}`, hues.of(String(i))] as const));
}

/** One row: a bar for each run, its value, and how far it is from the first. */
function bars(total: Comparison["totals"][number], labels: readonly string[], hues: Hues): HTMLElement {
  const { title, values, unit } = total;
  const largest = Math.max(...values.map((value) => value ?? 0), 0);
  const list = h("ul", { class: "bars compared" });
  values.forEach((value, i) => {
    const label = labels[i] ?? "";
    const bar = h("span", { class: `fill ${hueClass(hues.of(String(i)))}` });
    size(bar, "width", `${largest > 0 && isNumber(value) ? (100 * value) / largest : 0}%`);
    list.append(
      h(
        "li",
        { "data-name": label, "data-value": value },
        h("span", { class: "bars-name", title: label }, `${mark(i)} ${shortened(label, 11)}`),
        h("span", { class: "bars-track", "aria-hidden": "true" }, bar),
        h("span", { class: "bars-value" }, quantity(value, unit)),
        h("span", { class: "bars-change" }, i === 0 ? "" : total.comparable ? change(value, values[0]) : NONE),
      ),
    );
  });
  return panel(title, list);
}

function drawTotals(into: HTMLElement, compared: Comparison, runs: readonly Run[], hues: Hues): void {
  const grid = h("div", { class: "panels three" });
  for (const total of compared.totals) {
    if (total.values.some(isNumber)) grid.append(bars(total, compared.labels, hues));
  }
  const sure = runs.map((run, i) => [
    `${mark(i)} ${run.label}`,
    errorWords(run.report.validation?.latency)[0],
    errorWords(run.report.validation?.energy)[0],
  ]);
  into.append(
    runLegend(compared.labels, hues),
    ...compared.notes.map(note),
    grid,
    panel("How sure", plainTable(["Run", "Latency", "Energy"], sure, "error bars")),
  );
}

/** A column for each run, and for each but the first how far it is from the first. */
function valueColumns<T>(labels: readonly string[], values: (row: T) => Values, unit: string): Column<T>[] {
  return labels.flatMap((label, i): Column<T>[] => {
    const value = (row: T): number | null => values(row)[i] ?? null;
    const own: Column<T> = { title: mark(i), hint: label, text: (row) => quantity(value(row), unit), value };
    if (i === 0) return [own];
    const difference = (row: T): number | null => {
      const [base, here] = [values(row)[0], value(row)];
      return isNumber(base) || isNumber(here) ? (here ?? 0) - (base ?? 0) : null;
    };
    return [
      own,
      {
        title: `± ${mark(i)}`,
        hint: `Difference of ${label} to the first; sorts by its size in seconds or joules`,
        text: (row) => change(value(row), values(row)[0]),
        value: difference,
      },
    ];
  });
}

function drawLayers(into: HTMLElement, compared: Comparison, hues: Hues): void {
  if (compared.layers.length === 0) {
    into.append(missing("These reports hold no layers."));
    return;
  }
  const all = compared.layers.filter((row) => row.time_s.every(isNumber)).length;
  const table = (caption: string, values: (row: LayerRow) => Values, unit: string): HTMLElement => {
    const where: Column<LayerRow>[] = [
      { title: "Layer", text: (row) => row.name },
      { title: "Device", text: (row) => [...new Set(row.device.map((device) => device ?? "–"))].join(" → ") },
      { title: "Limited by", text: (row) => [...new Set(row.bound.map((bound) => bound ?? "–"))].join(" → ") },
    ];
    return new SortedTable<LayerRow>({
      caption,
      columns: [...where, ...valueColumns(compared.labels, values, unit)],
      rows: compared.layers,
      words: (row) => `${row.name} ${row.kind.join(" ")} ${row.device.join(" ")} ${row.bound.join(" ")}`,
      key: (row) => row.name,
    }).element;
  };
  into.append(
    runLegend(compared.labels, hues),
    note(`${all} of ${compared.layers.length} layers are in every run; they are matched by name.`),
    panel(
      "Time",
      table("time of layers", (row) => row.time_s, "s"),
    ),
    panel(
      "Energy",
      table("energy of layers", (row) => row.energy_j, "J"),
    ),
  );
}

function drawComponents(into: HTMLElement, compared: Comparison, hues: Hues): void {
  if (compared.components.length === 0) {
    into.append(missing("These reports hold no energy."));
    return;
  }
  const table = new SortedTable({
    caption: "energy of components",
    columns: [
      { title: "Component", text: (row: Comparison["components"][number]) => row.name },
      ...valueColumns(compared.labels, (row: Comparison["components"][number]) => row.energy_j, "J"),
    ],
    rows: compared.components,
    words: (row) => row.name,
    key: (row) => row.name,
  });
  into.append(
    runLegend(compared.labels, hues),
    differences(compared, hues),
    table.element,
  );
}

/** The components that differ most from the first run: less to the left, more to the right. */
function differences(compared: Comparison, hues: Hues): HTMLElement {
  const rows = compared.components
    .map((row) => ({ name: row.name, by: row.energy_j.map((value) => (value ?? 0) - (row.energy_j[0] ?? 0)) }))
    .map((row) => ({ ...row, size: Math.max(...row.by.map(Math.abs)) }))
    .filter((row) => row.size > 0)
    .sort((a, b) => b.size - a.size)
    .slice(0, 12);
  const most = rows[0]?.size ?? 1;
  const list = h("ul", { class: "diverging" });
  for (const row of rows) {
    const tracks = h("span", { class: "diverging-tracks" });
    row.by.forEach((by, i) => {
      if (i === 0) return;
      const bar = h("span", {
        class: `fill ${hueClass(hues.of(String(i)))}`,
        title: `${mark(i)} ${compared.labels[i] ?? ""}: ${by > 0 ? "+" : "−"}${quantity(Math.abs(by), "J")}`,
      });
      size(bar, "width", `${(50 * Math.abs(by)) / most}%`);
      size(bar, by < 0 ? "right" : "left", "50%");
      tracks.append(h("span", { class: "diverging-track", "data-name": row.name, "data-value": by }, bar));
    });
    const largest = row.by.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    const words = `${largest > 0 ? "+" : "−"}${quantity(Math.abs(largest), "J")}`;
    list.append(
      h(
        "li",
        {},
        h("span", { class: "bars-name", title: row.name }, row.name),
        tracks,
        h("span", { class: "bars-value" }, words),
      ),
    );
  }
  return panel("What differs most from the first", rows.length > 0 ? list : missing("Nothing differs."));
}

function drawDevices(into: HTMLElement, compared: Comparison, hues: Hues): void {
  const titles = [
    "Device",
    ...compared.labels.flatMap((_, i) => ["busy", "utilisation", "energy"].map((what) => `#${mark(i)} ${what}`)),
  ];
  const rows = compared.devices.map((row) => [
    row.name,
    ...compared.labels.flatMap((_, i) => [
      quantity(row.busy_s[i], "s"),
      percent(row.utilisation[i]),
      quantity(row.energy_j[i], "J"),
    ]),
  ]);
  into.append(runLegend(compared.labels, hues), plainTable(titles, rows, "devices"));
}

function drawPowers(into: HTMLElement, runs: readonly Run[]): void {
  const peak = highest(runs.map((run) => highest(powerOf(run.report.power)?.samples_w ?? [])));
  const end = Math.max(...runs.map((run) => run.report.totals?.latency_s ?? 0));
  into.append(note("All drawn to the same scale of watts and of time."));
  runs.forEach((run, i) => {
    const { power, totals } = run.report;
    const chart = powerChart(
      { power: powerOf(power), endS: totals?.latency_s ?? 0, averageW: totals?.average_power_w },
      { ...FRAME, height: 220 },
      { endS: end, peakW: peak },
    );
    into.append(panel(`${mark(i)} ${run.label}`, chart ?? missing("No power over time.")));
  });
}

export async function showComparison(runs: readonly Run[], compared: Comparison): Promise<void> {
  const hues = new Hues(runs.map((_, i) => String(i)));
  await show({
    title: compared.labels.map((label, i) => `${mark(i)} ${label}`).join("  "),
    remark: `${runs.length} runs; the first is the base`,
    first: { id: "summary", title: "Totals", draw: (into) => drawTotals(into, compared, runs, hues) },
    sections: [
      { id: "layers", title: "Layers", draw: (into) => drawLayers(into, compared, hues) },
      { id: "components", title: "Components", draw: (into) => drawComponents(into, compared, hues) },
      { id: "devices", title: "Devices", draw: (into) => drawDevices(into, compared, hues) },
      { id: "power", title: "Power", draw: (into) => drawPowers(into, runs) },
    ],
  });
}
