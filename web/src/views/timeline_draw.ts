// SPDX-License-Identifier: Apache-2.0
// Draws rows of spans on a canvas. Work grows with what is in the window, and paint with what can be told apart: spans
// narrower than a pixel are gathered into one column whose strength says how much of it is busy.
import { bisectRight } from "d3-array";
import { axisText } from "../base/format";
import { linear } from "../base/scale";
import { colour } from "../base/theme";
import type { Colouring, Row, TimelineData } from "./timeline_rows";
import type { TimeWindow } from "./timeline_view";

export const GEOMETRY = { left: 132, top: 26, row: 20, gap: 8, right: 10, bottom: 6 } as const;
const HUES = ["--hue-0", "--hue-1", "--hue-2", "--hue-3", "--hue-4", "--hue-5", "--hue-6", "--hue-7"];
const FAINTEST = 0.25;
const NAME_WIDTH = 42;

/** Top of every row; rows of a group stand together. */
export function rowTops(rows: readonly Row[]): number[] {
  let y = GEOMETRY.top;
  return rows.map((row, i) => {
    if (i > 0 && rows[i - 1]?.group !== row.group) y += GEOMETRY.gap;
    const top = y;
    y += GEOMETRY.row;
    return top;
  });
}

export function heightOf(rows: readonly Row[]): number {
  const tops = rowTops(rows);
  return (tops[tops.length - 1] ?? GEOMETRY.top) + GEOMETRY.row + GEOMETRY.bottom;
}

export interface Scene {
  readonly data: TimelineData;
  readonly window: TimeWindow;
  readonly colouring: Colouring;
  readonly width: number;
  /** Label of the layer that is picked, -1 for none. */
  readonly picked: number;
  /** Row that the keyboard is on, -1 for none. */
  readonly row: number;
}

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { data, window, width } = scene;
  const height = heightOf(data.rows);
  context.clearRect(0, 0, width, height);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "middle";
  const hues = new Map(HUES.map((name) => [name, colour(name)]));
  axis(context, window, width, height);
  const tops = rowTops(data.rows);
  data.rows.forEach((row, i) => {
    rowName(context, scene, i, tops[i] ?? 0);
    spans(context, scene, row, tops[i] ?? 0, hues);
  });
}

function axis(context: CanvasRenderingContext2D, window: TimeWindow, width: number, height: number): void {
  const place = linear([window.begin, window.end], [GEOMETRY.left, width - GEOMETRY.right], Math.max(2, width / 130));
  context.strokeStyle = colour("--line");
  context.fillStyle = colour("--muted");
  context.textAlign = "center";
  const last = place.marks[place.marks.length - 1] ?? 0;
  for (const mark of place.marks) {
    const x = Math.round(place(mark)) + 0.5;
    context.beginPath();
    context.moveTo(x, GEOMETRY.top - 6);
    context.lineTo(x, height - GEOMETRY.bottom);
    context.stroke();
    const room = Math.min(Math.max(x, GEOMETRY.left + 12), width - 30);
    context.fillText(axisText(mark, last, "s"), room, 10);
  }
}

function rowName(context: CanvasRenderingContext2D, scene: Scene, index: number, top: number): void {
  const row = scene.data.rows[index];
  if (row === undefined) return;
  const first = index === 0 || scene.data.rows[index - 1]?.group !== row.group;
  const middle = top + GEOMETRY.row / 2;
  if (index === scene.row) {
    context.fillStyle = colour("--hover");
    context.fillRect(0, top, scene.width, GEOMETRY.row);
  }
  context.textAlign = "left";
  context.fillStyle = colour("--text");
  if (first) context.fillText(row.group, 2, middle, 74);
  context.textAlign = "right";
  context.fillStyle = colour("--muted");
  context.fillText(row.name, GEOMETRY.left - 8, middle, 54);
}

function spans(
  context: CanvasRenderingContext2D,
  scene: Scene,
  row: Row,
  top: number,
  hues: ReadonlyMap<string, string>,
): void {
  const { window, colouring, picked } = scene;
  const right = scene.width - GEOMETRY.right;
  const scale = (right - GEOMETRY.left) / window.length;
  const y = top + 2;
  const tall = GEOMETRY.row - 4;
  const covered = new Float32Array(Math.ceil(right - GEOMETRY.left) + 1);
  const hueAt: string[] = [];
  const inkText = colour("--ink");
  const markText = colour("--text");
  context.textAlign = "left";
  for (let i = Math.max(0, bisectRight(row.end, window.begin)); i < row.begin.length; i += 1) {
    const begin = row.begin[i] ?? 0;
    if (begin >= window.end) break;
    const x = GEOMETRY.left + Math.max(0, (begin - window.begin) * scale);
    const wide = Math.min(right, GEOMETRY.left + ((row.end[i] ?? 0) - window.begin) * scale) - x;
    const label = row.label[i] ?? 0;
    const hue = colouring.hueOf(label);
    if (wide < 1) {
      const column = Math.floor(x - GEOMETRY.left);
      covered[column] = (covered[column] ?? 0) + wide;
      hueAt[column] = label === picked ? "picked" : (hueAt[column] ?? hue);
      continue;
    }
    context.fillStyle = hues.get(hue) ?? "";
    context.fillRect(x, y, Math.max(1, wide - (wide > 4 ? 1 : 0)), tall);
    if (label === picked) outline(context, x, y, wide, tall, markText);
    if (wide > NAME_WIDTH) {
      context.save();
      context.beginPath();
      context.rect(x, y, wide - 4, tall);
      context.clip();
      context.fillStyle = inkText;
      context.fillText(scene.data.names[label] ?? "", x + 4, y + tall / 2 + 0.5);
      context.restore();
    }
  }
  columns(context, covered, hueAt, y, tall, hues, markText);
}

function outline(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  wide: number,
  tall: number,
  ink: string,
): void {
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.strokeRect(x, y - 1, Math.max(2, wide - 1), tall + 2);
  context.lineWidth = 1;
}

function columns(
  context: CanvasRenderingContext2D,
  covered: Float32Array,
  hueAt: readonly string[],
  y: number,
  tall: number,
  hues: ReadonlyMap<string, string>,
  pickedInk: string,
): void {
  for (let column = 0; column < covered.length; column += 1) {
    const share = covered[column] ?? 0;
    if (share === 0) continue;
    const hue = hueAt[column] ?? "";
    context.globalAlpha = Math.min(1, FAINTEST + (1 - FAINTEST) * share);
    context.fillStyle = hue === "picked" ? pickedInk : (hues.get(hue) ?? "");
    context.fillRect(GEOMETRY.left + column, y, 1, tall);
  }
  context.globalAlpha = 1;
}
