// SPDX-License-Identifier: Apache-2.0
// What a timeline shows: rows of spans that do not overlap, each span with a name and a colour.
import { boundHue, Hues } from "../base/palette";
import type { Report } from "../data/report";
import type { Trace } from "../data/spans";

export interface Row {
  readonly group: string;
  readonly name: string;
  readonly begin: Float64Array;
  readonly end: Float64Array;
  readonly label: Uint32Array;
}

export interface Colouring {
  readonly title: string;
  /** Hue of a label. */
  readonly hueOf: (label: number) => string;
  readonly legend: [string, string][];
}

export interface TimelineData {
  readonly names: readonly string[];
  readonly rows: readonly Row[];
  /** Names of rows without a span. */
  readonly idle: readonly string[];
  readonly endS: number;
  readonly spanCount: number;
  readonly colourings: readonly Colouring[];
  /** Spans closer than this were drawn as one; absent or 0 where all are as they were. */
  readonly mergedS?: number;
}

export function rowsOfTrace(trace: Trace, colourings: readonly Colouring[]): TimelineData {
  const rows: Row[] = [];
  const idle = new Set<string>();
  for (const track of trace.tracks) {
    const group = track.owner === "" ? track.name : track.owner;
    if (track.begin.length === 0) idle.add(group);
    else
      rows.push({
        group,
        name: track.owner === "" ? "" : track.name,
        begin: track.begin,
        end: track.end,
        label: track.label,
      });
  }
  for (const row of rows) idle.delete(row.group);
  const { names, endS, spanCount, mergedS } = trace;
  return { names, rows, idle: [...idle], endS, spanCount, mergedS, colourings };
}

export const MEMORY_WORK = "memory reads and writes";

/** Layers coloured by what they are, or by what limits them; what is no layer, the
 * reads and writes of a memory, grey. */
export function layerColourings(report: Report, names: readonly string[]): Colouring[] {
  const ops = new Map((report.ops ?? []).map((op) => [op.name, op]));
  const kinds = new Hues([], new Map([[MEMORY_WORK, "--hue-7"]]));
  const bounds = new Map<string, string>();
  const byKind: string[] = [];
  const byBound: string[] = [];
  for (const name of names) {
    const op = ops.get(name);
    byKind.push(kinds.of(op?.kind ?? MEMORY_WORK));
    const bound = op === undefined ? "" : (op.bound ?? "");
    const hue = boundHue(bound);
    if (bound !== "") bounds.set(bound, hue);
    byBound.push(op === undefined ? "--hue-7" : hue);
  }
  return [
    { title: "what it is", hueOf: (label) => byKind[label] ?? "--hue-7", legend: kinds.entries() },
    { title: "what limits it", hueOf: (label) => byBound[label] ?? "--hue-7", legend: [...bounds] },
  ];
}
