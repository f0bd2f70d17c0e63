// SPDX-License-Identifier: Apache-2.0
// Sums and shares that views show: all of them follow from the report's own numbers.
import type { Run } from "./document";
import type { Memory, Op, Report } from "./report";

/** Zero where the report does not say. */
export function timeOf(op: Op): number {
  const time = (op.end_s ?? NaN) - (op.start_s ?? NaN);
  return Number.isFinite(time) ? time : 0;
}

/** Operators that ran somewhere; views moved nothing. */
export function ranOps(report: Report): Op[] {
  return (report.ops ?? []).filter((op) => (op.device ?? "") !== "");
}

/** The format of the operands that a layer is computed with: a core may hold fp32 and multiply in fp16. */
export function computeFormat(op: Op): string {
  return /^\w+/.exec(op.arithmetic ?? "")?.[0] ?? op.dtype ?? "";
}

export interface Named {
  readonly name: string;
  readonly value: number;
}

function sorted(sums: Map<string, number>): Named[] {
  return [...sums].map(([name, value]) => ({ name, value })).sort((a, b) => b.value - a.value);
}

function summed<T>(items: Iterable<T>, name: (item: T) => string, value: (item: T) => number): Named[] {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(name(item), (sums.get(name(item)) ?? 0) + value(item));
  return sorted(sums);
}

/** Time of layers by what limits them; layers overlap, so the sum may be more than the latency. */
export function timeByBound(report: Report): Named[] {
  return summed(
    ranOps(report).filter((op) => op.bound !== undefined),
    (op) => op.bound ?? "",
    timeOf,
  );
}

/** "npu0" of "npu0.array", "lpddr4x" of "lpddr4x.phy"; losses of all regulators are one. */
export function owner(component: string): string {
  if (component.endsWith(".regulator")) return "regulators";
  return component.split(".")[0] ?? component;
}

export function energyByComponent(report: Report): Named[] {
  return sorted(new Map(Object.entries(report.energy?.by_component ?? {})));
}

export function energyByOwner(report: Report): Named[] {
  return summed(
    energyByComponent(report),
    (part) => owner(part.name),
    (part) => part.value,
  );
}

export const ENERGY_CLASSES = ["computing", "moving data", "keeping ready", "conversion losses"] as const;
export type EnergyClass = (typeof ENERGY_CLASSES)[number];

const KEEPING = new Set(["leakage", "background", "power", "refresh", "wake", "self_refresh", "power_down"]);
const MOVING = /byte|burst|word|activate|lookup|^read$|^write$|flit|hop|exchange|transfer/;

/** What an action of the ledger is for. Clocks count with computing: they run while a device works. */
export function energyClass(action: string): EnergyClass {
  if (action === "loss") return "conversion losses";
  if (KEEPING.has(action)) return "keeping ready";
  return MOVING.test(action) ? "moving data" : "computing";
}

export function energyByClass(report: Report): Named[] {
  return summed(
    Object.entries(report.energy?.by_action ?? {}),
    ([name]) => energyClass(name),
    ([, value]) => value,
  );
}

/** Bytes a second at the pins, as the report's utilisation implies it; none where nothing was moved. */
export function memoryPeak(memory: Memory, latency: number | undefined): number | null {
  const moved = (memory.read_bytes ?? 0) + (memory.written_bytes ?? 0);
  const share = memory.bandwidth_utilisation ?? 0;
  return moved > 0 && share > 0 && latency !== undefined && latency > 0 ? moved / share / latency : null;
}

/** Devices of an operator: several where it was split. */
export function devicesOf(run: Run, index: number): string[] {
  const parts = run.parts?.[index] ?? [];
  if (parts.length > 0) return [...new Set(parts)];
  const device = run.report.ops?.[index]?.device ?? "";
  return device === "" ? [] : device.split("+");
}

/** Devices that hold what an operator gives out: its own, or of a view, which moves nothing, those of its producer. */
export function placesOf(run: Run): string[][] {
  const producers = new Map<number, number>();
  for (const [from, to] of run.edges ?? []) if (!producers.has(to)) producers.set(to, from);
  const places: string[][] = [];
  (run.report.ops ?? []).forEach((_, i) => {
    const own = devicesOf(run, i);
    places.push(own.length > 0 ? own : (places[producers.get(i) ?? -1] ?? []));
  });
  return places;
}

/** Does a tensor go from one device to another? What nobody holds yet (a view of an input) does not. */
export function crosses(places: readonly string[][], [from, to]: readonly [number, number]): boolean {
  const [a, b] = [places[from] ?? [], places[to] ?? []];
  return a.length > 0 && b.length > 0 && a.join() !== b.join();
}

/** Energy of every operator by owner of the component; background power is not in it. */
export function energyOfOps(run: Run): Map<number, Map<string, number>> {
  const out = new Map<number, Map<string, number>>();
  for (const [op, component, , joules] of run.flows?.rows ?? []) {
    if (op < 0) continue;
    const sums = out.get(op) ?? new Map<string, number>();
    const name = owner(run.flows?.components[component] ?? "?");
    sums.set(name, (sums.get(name) ?? 0) + joules);
    out.set(op, sums);
  }
  return out;
}
