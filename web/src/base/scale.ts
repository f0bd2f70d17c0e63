// SPDX-License-Identifier: Apache-2.0
import { ticks } from "d3-array";

export interface Scale {
  (value: number): number;
  readonly marks: readonly number[];
}

export function linear(from: readonly [number, number], to: readonly [number, number], count = 6): Scale {
  const [low, high] = from;
  const span = high - low || 1;
  const place = (value: number): number => to[0] + ((value - low) / span) * (to[1] - to[0]);
  return Object.assign(place, { marks: ticks(low, high, count) });
}

/** Marks stand at powers of ten, and at twice and five times them where there would be few. Both ends are above zero. */
export function logarithmic(from: readonly [number, number], to: readonly [number, number]): Scale {
  const low = Math.log10(from[0]);
  const span = Math.log10(from[1]) - low || 1;
  const place = (value: number): number => to[0] + ((Math.log10(value) - low) / span) * (to[1] - to[0]);
  const factors = span < 2.5 ? [1, 2, 5] : [1];
  const marks: number[] = [];
  for (let power = Math.floor(low); power <= low + span; power += 1) {
    marks.push(...factors.map((factor) => factor * 10 ** power).filter((mark) => mark >= from[0] && mark <= from[1]));
  }
  return Object.assign(place, { marks });
}
