// SPDX-License-Identifier: Apache-2.0
// The page of streams: which jobs met their deadlines, when they ran, what it cost.
import { h } from "../base/dom";
import { isNumber, NONE, percent, quantity } from "../base/format";
import { componentHues, Hues } from "../base/palette";
import { highest, missing, plainTable, type Section } from "../base/parts";
import type { Jobs, StreamsRun } from "../data/document";
import type { StreamsReport } from "../data/report";
import { unpackTrace, type Trace } from "../data/spans";
import { owner } from "../data/derive";
import { componentMap } from "../views/energy";
import { drawPlatform } from "../views/platform";
import { drawPower, powerOf } from "../views/power";
import { drawProvenance } from "../views/provenance";
import { card, certainty, warningList } from "../views/summary";
import { Timeline } from "../views/timeline";
import { MEMORY_WORK, rowsOfTrace, type Row, type TimelineData } from "../views/timeline_rows";
import { show } from "./shell";

const LATE = "--hue-3";

const NOT_HERE = "not in this report";

function known(value: number | undefined, unit: string): string {
  return isNumber(value) ? quantity(value, unit) : "unknown";
}

function watts(report: StreamsReport): HTMLElement {
  if (!isNumber(report.average_power_w)) return card("How many watts?", "unknown", NOT_HERE);
  const power = powerOf(report.power);
  const peak =
    power === undefined
      ? "its peak is not in this report"
      : `peak ${quantity(highest(power.samples_w), "W")}, over ${quantity(power.window_s, "s")}`;
  return card("How many watts?", quantity(report.average_power_w, "W"), "on average", peak);
}

function drawFirst(into: HTMLElement, report: StreamsReport): void {
  const completed = report.streams.reduce((sum, stream) => sum + (stream.completed ?? 0), 0);
  const missed = report.streams.reduce((sum, stream) => sum + (stream.missed ?? 0), 0);
  const worst = [...report.streams].sort((a, b) => (b.latency?.p99_s ?? 0) - (a.latency?.p99_s ?? 0))[0];
  const busiest = [...(report.devices ?? [])].sort((a, b) => (b.utilisation ?? 0) - (a.utilisation ?? 0))[0];
  const joules = report.energy_j;
  into.append(
    h(
      "div",
      { class: "cards" },
      card(
        "How fast?",
        known(worst?.latency?.p99_s, "s"),
        worst?.latency?.p99_s === undefined ? NOT_HERE : `p99 of latency of ${worst.name}, the slowest`,
        `${completed} jobs in ${known(report.duration_s, "s")}`,
      ),
      card(
        "How much energy?",
        known(joules, "J"),
        !isNumber(joules)
          ? NOT_HERE
          : completed > 0
            ? `${quantity(joules / completed, "J")} a job, waiting included`
            : "no job was completed",
      ),
      watts(report),
      card(
        "What limits it?",
        missed > 0 ? `${missed} late` : "nothing late",
        busiest?.utilisation === undefined
          ? "how busy devices were is not in this report"
          : `${busiest.name} is busiest: ${percent(busiest.utilisation)}`,
        `policy ${report.policy ?? "unknown"}, preemption ${report.preemption ?? "unknown"}`,
      ),
      certainty(report.validation),
    ),
    streamTable(report),
  );
  const warnings = warningList(report.warnings ?? []);
  if (warnings !== null) into.append(warnings);
}

function streamTable(report: StreamsReport): HTMLElement {
  const rows = report.streams.map((stream) => [
    stream.name,
    stream.network ?? NONE,
    String(stream.released ?? NONE),
    String(stream.completed ?? NONE),
    String(stream.missed ?? NONE),
    quantity(stream.latency?.p50_s, "s"),
    quantity(stream.latency?.p90_s, "s"),
    quantity(stream.latency?.p99_s, "s"),
    quantity(stream.latency?.max_s, "s"),
    quantity(stream.throughput_per_s, "/s"),
    quantity(stream.energy_j, "J"),
  ]);
  const titles = [
    "Stream",
    "Network",
    "#Released",
    "#Completed",
    "#Late",
    "#p50",
    "#p90",
    "#p99",
    "#Most",
    "#Throughput",
    "#Energy",
  ];
  return plainTable(titles, rows, "streams");
}

/** A row for each place (set of buffers): its jobs never overlap. */
function jobRows(jobs: Jobs): TimelineData | null {
  if (jobs.job.length === 0) return null;
  const hues = new Hues(jobs.streams, new Map([["late", LATE]]));
  const byRow = new Map<number, number[]>();
  jobs.job.forEach((_, i) => {
    const key = (jobs.stream[i] ?? 0) * jobs.places.length + (jobs.place[i] ?? 0);
    const row = byRow.get(key);
    if (row === undefined) byRow.set(key, [i]);
    else row.push(i);
  });
  const began = (i: number): number => jobs.began_s[i] ?? 0;
  const keys = [...byRow.keys()].sort((a, b) => a - b);
  const rows = keys.map((key): Row => {
    const list = Uint32Array.from(byRow.get(key) ?? []).sort((a, b) => began(a) - began(b));
    return {
      group: jobs.streams[Math.floor(key / jobs.places.length)] ?? "",
      name: jobs.places.length > 1 ? (jobs.places[key % jobs.places.length] ?? "") : "",
      begin: Float64Array.from(list, began),
      end: Float64Array.from(list, (i) => jobs.ended_s[i] ?? 0),
      label: list,
    };
  });
  const name = (i: number): string => jobs.streams[jobs.stream[i] ?? 0] ?? "";
  const colouring = {
    title: "stream",
    hueOf: (i: number): string => (jobs.late[i] === 1 ? LATE : hues.of(name(i))),
    legend: jobs.late.includes(1) ? [...hues.entries(), ["late", LATE] as [string, string]] : hues.entries(),
  };
  const names = jobs.job.map((job, i) => `${name(i)} ${job}${jobs.late[i] === 1 ? " (late)" : ""}`);
  const endS = jobs.ended_s.reduce((most, end) => Math.max(most, end), 0);
  return { names, rows, idle: [], endS, spanCount: jobs.job.length, colourings: [colouring] };
}

function timeline(id: string, title: string, data: TimelineData | null, without: string): Section {
  return {
    id,
    title,
    draw: (into) => {
      if (data === null || data.spanCount === 0) {
        into.append(missing(without));
        return;
      }
      const line = new Timeline(data);
      into.append(line.element);
      line.paint();
    },
  };
}

/** Work of a stream is called "stream/layer"; reads and writes of a memory belong to none. Streams have tracks of their
 * own, which say the same as the view of jobs: they are left out. */
function engines(trace: Trace | null, streams: readonly string[]): TimelineData | null {
  if (trace === null) return null;
  const hues = new Hues(streams, new Map([[MEMORY_WORK, "--hue-7"]]));
  const of = trace.names.map((name) => {
    return hues.of(
      streams.find((stream) => name === stream || name.startsWith(`${stream}/`) || name.startsWith(`${stream} `)) ??
        MEMORY_WORK,
    );
  });
  const own = (track: { name: string; owner: string }): boolean =>
    streams.includes(track.owner) && /^variant \d+ slot \d+$/.test(track.name);
  const tracks = trace.tracks.filter((track) => !own(track));
  const spanCount = tracks.reduce((sum, track) => sum + track.begin.length, 0);
  return rowsOfTrace({ ...trace, tracks, spanCount }, [{ title: "stream", hueOf: (label) => of[label] ?? "--hue-7", legend: hues.entries() }]);
}

export async function showStreams(run: StreamsRun): Promise<void> {
  const { report } = run;
  const trace = run.trace === undefined || run.trace === null ? null : await unpackTrace(run.trace);
  const memories = (report.memories ?? []).map((memory) => memory.name);
  const components = Object.entries(report.energy_by_component ?? {})
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value);
  const owners = components.map((each) => owner(each.name));
  const endS = report.duration_s ?? 0;
  const power = { power: powerOf(report.power), endS, averageW: report.average_power_w };
  const parts = {
    platform: run.platform,
    devices: report.devices ?? [],
    memories: report.memories ?? [],
    caches: [],
    moved: {},
    endS,
  };
  await show({
    title: run.label,
    remark: `${report.streams.length} streams`,
    first: { id: "summary", title: "Summary", draw: (into) => drawFirst(into, report) },
    sections: [
      timeline("timeline", "Jobs", jobRows(run.jobs), "This report holds no jobs."),
      timeline(
        "engines",
        "Engines",
        engines(
          trace,
          report.streams.map((stream) => stream.name),
        ),
        "This page was made without a trace: what engines did is not in it.",
      ),
      { id: "power", title: "Power", draw: (into) => drawPower(into, power) },
      {
        id: "energy",
        title: "Energy",
        draw: (into) => {
          if (components.length === 0) into.append(missing("This report holds no energy."));
          else into.append(componentMap(components, componentHues(owners, memories)));
        },
      },
      { id: "platform", title: "Platform", draw: (into) => drawPlatform(into, parts) },
      {
        id: "provenance",
        title: "Provenance",
        draw: (into) => drawProvenance(into, { validation: report.validation, provenance: facts(report), search: {} }),
      },
    ],
  });
}

function facts(report: StreamsReport): Record<string, unknown> {
  const keep = ["seed", "tool_version", "platform_sha256", "trace_fingerprint"];
  return Object.fromEntries(Object.entries(report).filter(([name]) => keep.includes(name)));
}
