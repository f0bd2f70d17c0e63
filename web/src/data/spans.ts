// SPDX-License-Identifier: Apache-2.0
// Unpacks the spans of a trace (chipcast/web/columns.py packs them).
import type { PackedTrace } from "./document";

export interface Track {
  readonly name: string;
  /** The device that an engine belongs to; empty where a track stands by itself. */
  readonly owner: string;
  readonly begin: Float64Array;
  readonly end: Float64Array;
  /** Index into the trace's names. */
  readonly label: Uint32Array;
}

export interface Trace {
  readonly names: readonly string[];
  /** Tracks that may hold spans, in the order of the trace: devices' engines, then memories. */
  readonly tracks: readonly Track[];
  readonly spanCount: number;
  readonly endS: number;
  readonly mergedS: number;
}

const PS = 1e-12;

async function inflate(base64: string): Promise<Uint8Array> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Reads variable-length integers one after the other. */
function reader(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error("the trace in this page is cut off");
      at += 1;
      value += (byte & 0x7f) * weight; // beyond 32 bits: no shifts
      if (byte < 0x80) return value;
      weight *= 128;
    }
  };
}

export async function unpackTrace(packed: PackedTrace): Promise<Trace> {
  const next = reader(await inflate(packed.spans));
  const parents = new Set(packed.tracks.map((track) => track.parent));
  const tracks: Track[] = [];
  let spanCount = 0;
  let endS = 0;
  packed.tracks.forEach((entry, index) => {
    const count = entry.spans;
    const track: Track = {
      name: entry.name,
      owner: entry.parent === null ? "" : (packed.tracks[entry.parent]?.name ?? ""),
      begin: new Float64Array(count),
      end: new Float64Array(count),
      label: new Uint32Array(count),
    };
    let now = 0;
    for (let i = 0; i < count; i += 1) {
      track.label[i] = next();
      const gap = next();
      now += gap % 2 === 0 ? gap / 2 : -(gap + 1) / 2;
      track.begin[i] = now * PS;
      now += next();
      track.end[i] = now * PS;
    }
    endS = Math.max(endS, now * PS);
    spanCount += count;
    if (!entry.counter && (count > 0 || !parents.has(index))) tracks.push(track);
  });
  return { names: packed.names, tracks, spanCount, endS, mergedS: packed.merged_s ?? 0 };
}
