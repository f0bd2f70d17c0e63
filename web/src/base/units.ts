// SPDX-License-Identifier: Apache-2.0
// Numbers of a platform's description: text with a unit, as its file has them.

const SCALES: Readonly<Record<string, number>> = {
  Hz: 1,
  kHz: 1e3,
  MHz: 1e6,
  GHz: 1e9,
  "B/s": 1,
  "kB/s": 1e3,
  "MB/s": 1e6,
  "GB/s": 1e9,
  "TB/s": 1e12,
  "KiB/s": 1024,
  "MiB/s": 1024 ** 2,
  "GiB/s": 1024 ** 3,
  "B/cycle": 1,
};

/** 1.17e10 of "11.7 GB/s"; null where the text is something else. */
export function parseQuantity(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const [number = "", unit = ""] = text.split(" ");
  const scale = SCALES[unit];
  const value = Number(number);
  return scale === undefined || !Number.isFinite(value) ? null : value * scale;
}
