// SPDX-License-Identifier: Apache-2.0
// The JSON that chipcast/web/document.py puts into a page.
import type { Report, StreamsReport } from "./report";
import type { SweepData } from "./sweep";

export interface PackedTrack {
  name: string;
  parent: number | null;
  counter: boolean;
  unit: string;
  spans: number;
}

export interface PackedTrace {
  tracks: PackedTrack[];
  names: string[];
  spans: string;
  /** Spans of one name that were closer than this are one; 0 where all are as they were. */
  merged_s?: number;
}

export interface Peak {
  device: string;
  dtype: string;
  macs_per_s: number;
}

export interface Tensors {
  name: string[];
  kind: string[];
  address: number[];
  bytes: number[];
  begin_s: number[];
  end_s: number[];
}

export interface Flows {
  components: string[];
  actions: string[];
  /** Operator or -1, component, action, joules. */
  rows: [number, number, number, number][];
}

export type PlatformPart = Record<string, unknown>;

export interface Platform {
  name: string;
  description?: string;
  interconnect?: PlatformPart;
  system_cache?: PlatformPart | null;
  memories?: Record<string, PlatformPart>;
  devices?: Record<string, PlatformPart>;
}

interface Details {
  label: string;
  platform?: Platform;
  trace?: PackedTrace | null;
}

export interface Run extends Details {
  report: Report;
  peaks?: Peak[];
  edges?: [number, number][];
  parts?: string[][];
  moved?: Record<string, { load_bytes: number; store_bytes: number }>;
  tensors?: Tensors;
  flows?: Flows;
}

/** Jobs by column; streams and places are indices into their names. */
export interface Jobs {
  streams: string[];
  places: string[];
  stream: number[];
  place: number[];
  job: number[];
  began_s: number[];
  ended_s: number[];
  late: number[];
}

export interface StreamsRun extends Details {
  report: StreamsReport;
  jobs: Jobs;
}

export type Values = (number | null)[];

export interface LayerRow {
  name: string;
  kind: (string | null)[];
  device: (string | null)[];
  bound: (string | null)[];
  time_s: Values;
  energy_j: Values;
  traffic_bytes: Values;
}

export interface Comparison {
  labels: string[];
  notes: string[];
  totals: { name: string; title: string; unit: string; values: Values; comparable: boolean }[];
  layers: LayerRow[];
  devices: { name: string; busy_s: Values; utilisation: Values; energy_j: Values }[];
  components: { name: string; energy_j: Values }[];
}

export type PageDocument =
  | { kind: "run"; runs: [Run] }
  | { kind: "streams"; runs: [StreamsRun] }
  | { kind: "compare"; runs: Run[]; comparison: Comparison }
  | { kind: "sweep"; runs: [{ label: string }]; sweep: SweepData }
  | { kind: "workbench" };

export function readDocument(): PageDocument {
  const text = document.getElementById("chipcast-data")?.textContent ?? "";
  if (text === "") throw new Error("this page holds no data; `chipcast run --html FILE` writes one that does");
  return JSON.parse(text) as PageDocument;
}
