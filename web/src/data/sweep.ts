// SPDX-License-Identifier: Apache-2.0
// A sweep's table by column (chipcast/web/sweeps.py), and what is best in it.

export type Cell = number | string | null;

export interface SweepColumn {
  name: string;
  unit: string;
  values: Cell[];
}

export interface Objective {
  name: string;
  goal: "min" | "max";
}

export interface SweepData {
  states: Record<string, number>;
  points: number[];
  axes: SweepColumn[];
  metrics: SweepColumn[];
  objectives: Objective[];
  commands: (string | null)[];
}

/** Numbers to place a column's values by: themselves, or the position among its texts. */
export interface Placed {
  readonly column: SweepColumn;
  readonly numbers: readonly (number | null)[];
  /** Texts by position, where the values are texts. */
  readonly texts: readonly string[];
}

export function placed(column: SweepColumn): Placed {
  if (column.values.every((value) => typeof value !== "string")) {
    return { column, numbers: column.values as (number | null)[], texts: [] };
  }
  const texts = [...new Set(column.values.map(String))];
  const place = new Map(texts.map((text, i) => [text, i]));
  return { column, numbers: column.values.map((value) => place.get(String(value)) ?? null), texts };
}

export function varies(column: SweepColumn): boolean {
  return new Set(column.values).size > 1;
}

/** Points that no other beats in both: sorted by the first, each is better in the second than all before. */
export function front(
  x: readonly (number | null)[],
  y: readonly (number | null)[],
  signs: readonly [number, number],
): number[] {
  const known = x.map((_, i) => i).filter((i) => x[i] !== null && y[i] !== null);
  const at = (values: readonly (number | null)[], i: number, sign: number): number => sign * (values[i] ?? 0);
  known.sort((a, b) => at(x, a, signs[0]) - at(x, b, signs[0]) || at(y, a, signs[1]) - at(y, b, signs[1]));
  const out: number[] = [];
  let best = Infinity;
  let bestX = Infinity;
  for (const i of known) {
    const [here, hereX] = [at(y, i, signs[1]), at(x, i, signs[0])];
    if (here < best || (here === best && hereX === bestX)) {
      out.push(i);
      [best, bestX] = [here, hereX];
    }
  }
  return out;
}
