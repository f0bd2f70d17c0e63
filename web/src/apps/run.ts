// SPDX-License-Identifier: Apache-2.0
// The page of one run.
import { missing, type Section } from "../base/parts";
import { unpackTrace, type Trace } from "../data/spans";
import type { Run } from "../data/document";
import { computeFormat } from "../data/derive";
import { drawEnergy } from "../views/energy";
import { drawLayers } from "../views/layers";
import { drawMapping } from "../views/mapping";
import { drawMemory } from "../views/memory";
import { drawPlatform } from "../views/platform";
import { drawPower, powerOf } from "../views/power";
import { drawProvenance } from "../views/provenance";
import { drawRoofline } from "../views/roofline";
import { drawSummary } from "../views/summary";
import { Timeline } from "../views/timeline";
import { layerColourings, rowsOfTrace } from "../views/timeline_rows";
import { show } from "./shell";

export function timelineSection(trace: Trace | null, run: Run): Section {
  return {
    id: "timeline",
    title: "Timeline",
    draw: (into) => {
      if (trace === null || trace.spanCount === 0) {
        into.append(missing("This page was made without a trace: there is no timeline."));
        return;
      }
      const timeline = new Timeline(rowsOfTrace(trace, layerColourings(run.report, trace.names)));
      into.append(timeline.element);
      timeline.paint();
    },
  };
}

function remark(run: Run): string {
  const { network, ops } = run.report;
  const formats = [...new Set((ops ?? []).map((op) => op.dtype).filter((dtype) => dtype !== undefined))];
  const computing = (ops ?? []).filter((op) => (op.macs ?? 0) > 0).map(computeFormat);
  const others = [...new Set(computing)].filter((format) => format !== "" && !formats.includes(format));
  const computed = others.length > 0 ? `computed in ${others.join(", ")}` : "";
  return [formats.join(", "), computed, network?.operators === undefined ? "" : `${network.operators} layers`]
    .filter((word) => word !== "")
    .join(" · ");
}

export async function showRun(run: Run): Promise<void> {
  const { report } = run;
  const trace = run.trace === undefined || run.trace === null ? null : await unpackTrace(run.trace);
  const power = { power: powerOf(report.power), endS: report.totals?.latency_s ?? 0, averageW: report.totals?.average_power_w };
  const parts = {
    platform: run.platform,
    devices: report.devices ?? [],
    memories: report.memories ?? [],
    caches: report.caches ?? [],
    moved: run.moved ?? {},
    endS: report.totals?.latency_s ?? 0,
  };
  const origin = { validation: report.validation, provenance: report.provenance ?? {}, search: report.search ?? {} };
  await show({
    title: run.label,
    remark: remark(run),
    first: { id: "summary", title: "Summary", draw: (into) => drawSummary(into, run) },
    sections: [
      timelineSection(trace, run),
      { id: "layers", title: "Layers", draw: (into) => drawLayers(into, run) },
      { id: "energy", title: "Energy", draw: (into) => drawEnergy(into, run) },
      { id: "power", title: "Power", draw: (into) => drawPower(into, power) },
      { id: "roofline", title: "Roofline", draw: (into) => drawRoofline(into, run) },
      { id: "memory", title: "Memory", draw: (into) => drawMemory(into, run) },
      { id: "platform", title: "Platform", draw: (into) => drawPlatform(into, parts) },
      { id: "mapping", title: "Mapping", draw: (into) => drawMapping(into, run) },
      { id: "provenance", title: "Provenance", draw: (into) => drawProvenance(into, origin) },
    ],
  });
}
