// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them; the same words as chipcast/text.py.

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "µ"],
  [1e-9, "n"],
];

export const NONE = "–";

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Three digits and an SI prefix: quantity(0.00421, "s") is "4.21 ms". */
export function quantity(value: number | null | undefined, unit: string): string {
  if (!isNumber(value)) return NONE;
  if (value === 0) return `0 ${unit}`.trimEnd();
  const rounded = Number(value.toPrecision(3));
  const [scale, prefix] = PREFIXES.find(([least]) => Math.abs(rounded) >= least) ?? [1e-12, "p"];
  const scaled = rounded / scale;
  const number = Math.abs(scaled) >= 1000 ? scaled.toFixed(0) : scaled.toPrecision(3);
  return `${number} ${prefix}${unit}`.trimEnd();
}

const PREFIXED = new Set(["s", "J", "W", "Hz", "B", "B/s"]);

export function isPrefixed(unit: string): boolean {
  return PREFIXED.has(unit);
}

/** As quantity(), where the unit takes SI prefixes; mm², dB, °C and bare numbers stay as they are. */
export function measured(value: number | null | undefined, unit: string): string {
  if (!isNumber(value)) return NONE;
  return isPrefixed(unit) ? quantity(value, unit) : `${Number(value.toPrecision(6))} ${unit}`.trimEnd();
}

export function percent(fraction: number | null | undefined): string {
  return isNumber(fraction) ? `${(100 * fraction).toFixed(1)} %` : NONE;
}

/** "+3.2 %", "×12" beyond tenfold, "–" where there is nothing to compare with. */
export function change(value: number | null | undefined, base: number | null | undefined): string {
  if (!isNumber(value) || !isNumber(base) || base === 0) return NONE;
  const fraction = value / base - 1;
  if (Math.abs(fraction) >= 10) return `×${Number((fraction + 1).toPrecision(3))}`;
  if (Math.abs(fraction) < 0.0005) return "0 %";
  return `${fraction > 0 ? "+" : "−"}${Math.abs(100 * fraction).toFixed(1)} %`;
}

/** Marks of an axis: all of them with the prefix of the largest. */
export function axisText(value: number, largest: number, unit: string): string {
  if (value === 0) return "0";
  const [scale, prefix] = PREFIXES.find(([least]) => Math.abs(largest) >= least) ?? [1e-12, "p"];
  return `${Number((value / scale).toPrecision(6))} ${prefix}${unit}`.trimEnd();
}

/** A name cut in the middle, where both ends tell it from others. */
export function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const head = Math.ceil((most - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (most - 1 - head))}`;
}
