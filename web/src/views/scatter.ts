// SPDX-License-Identifier: Apache-2.0
// Points of a sweep over two columns, with their front: on a canvas, since there may be many.
import { h } from "../base/dom";
import { axisText, isPrefixed, measured } from "../base/format";
import { linear, type Scale } from "../base/scale";
import { colour, onTheme } from "../base/theme";
import { hideTooltip, showTooltip } from "../base/tooltip";
import type { Placed } from "../data/sweep";

const [WIDTH, HEIGHT] = [1160, 420];
const FRAME = { left: 92, right: 24, top: 16, bottom: 44 };
const REACH = 14;

export interface ScatterScene {
  readonly x: Placed;
  readonly y: Placed;
  readonly front: readonly number[];
  /** Which points are shown. */
  readonly shown: (index: number) => boolean;
  readonly picked: number;
  readonly name: (index: number) => string;
}

function scaleOf(values: Placed, to: readonly [number, number]): Scale {
  const known = values.numbers.filter((value): value is number => value !== null);
  const [low, high] = [Math.min(...bounded(known)), Math.max(...bounded(known))];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return linear([low - margin, high + margin], to, 7);
}

/** The extremes alone: arguments of a call are limited. */
function bounded(values: readonly number[]): number[] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 1] : [low, high];
}

function markText(values: Placed, mark: number, largest: number): string {
  if (values.texts.length > 0) return values.texts[mark] ?? "";
  const { unit } = values.column;
  return isPrefixed(unit) ? axisText(mark, largest, unit) : measured(mark, unit);
}

export class Scatter {
  readonly element = h("div", { class: "scatter" });
  private readonly canvas = h("canvas", { role: "img" });
  private places: [number, number, number][] = [];
  private scene: ScatterScene | null = null;

  constructor(private readonly onPick: (index: number) => void) {
    this.element.append(this.canvas);
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", hideTooltip);
    this.canvas.addEventListener("click", (event) => {
      const found = this.nearest(event);
      if (found >= 0) this.onPick(found);
    });
    onTheme(() => this.scene !== null && this.draw(this.scene));
  }

  draw(scene: ScatterScene): void {
    this.scene = scene;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = WIDTH * ratio;
    this.canvas.height = HEIGHT * ratio;
    this.canvas.style.setProperty("max-width", "100%");
    this.canvas.setAttribute(
      "aria-label",
      `${scene.y.column.name} over ${scene.x.column.name}, ${scene.front.length} points on the front; the table has the numbers`,
    );
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    context.scale(ratio, ratio);
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const x = scaleOf(scene.x, [FRAME.left, WIDTH - FRAME.right]);
    const y = scaleOf(scene.y, [HEIGHT - FRAME.bottom, FRAME.top]);
    this.axes(context, scene, x, y);
    this.points(context, scene, x, y);
  }

  private axes(context: CanvasRenderingContext2D, scene: ScatterScene, x: Scale, y: Scale): void {
    context.strokeStyle = colour("--line");
    context.fillStyle = colour("--muted");
    context.textAlign = "center";
    const [lastX, lastY] = [x.marks[x.marks.length - 1] ?? 0, y.marks[y.marks.length - 1] ?? 0];
    for (const mark of x.marks) {
      line(context, x(mark), FRAME.top, x(mark), HEIGHT - FRAME.bottom);
      context.fillText(markText(scene.x, mark, lastX), x(mark), HEIGHT - FRAME.bottom + 16);
    }
    context.fillText(scene.x.column.name, (FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 6);
    context.textAlign = "right";
    for (const mark of y.marks) {
      line(context, FRAME.left, y(mark), WIDTH - FRAME.right, y(mark));
      context.fillText(markText(scene.y, mark, lastY), FRAME.left - 8, y(mark) + 4);
    }
    context.textAlign = "left";
    context.fillText(scene.y.column.name, FRAME.left, 11);
  }

  private points(context: CanvasRenderingContext2D, scene: ScatterScene, x: Scale, y: Scale): void {
    this.places = [];
    const best = new Set(scene.front);
    const [grey, blue, text] = [colour("--hue-7"), colour("--hue-0"), colour("--text")];
    context.strokeStyle = blue;
    context.beginPath();
    scene.front.forEach((i, n) => {
      const [px, py] = [x(scene.x.numbers[i] ?? 0), y(scene.y.numbers[i] ?? 0)];
      if (n === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    });
    context.stroke();
    scene.x.numbers.forEach((value, i) => {
      const other = scene.y.numbers[i] ?? null;
      if (value === null || other === null || !scene.shown(i)) return;
      const [px, py] = [x(value), y(other)];
      this.places.push([px, py, i]);
      context.globalAlpha = best.has(i) ? 1 : 0.55;
      context.fillStyle = best.has(i) ? blue : grey;
      context.beginPath();
      context.arc(px, py, best.has(i) ? 5 : 3.5, 0, 7);
      context.fill();
      context.globalAlpha = 1;
      if (i !== scene.picked) return;
      context.strokeStyle = text;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(px, py, 8, 0, 7);
      context.stroke();
      context.lineWidth = 1;
    });
  }

  /** The shown point under the pointer, -1 where there is none near. */
  private nearest(event: MouseEvent): number {
    const shrink = WIDTH / this.canvas.getBoundingClientRect().width;
    const [px, py] = [event.offsetX * shrink, event.offsetY * shrink];
    let found = -1;
    let least = REACH * REACH;
    for (const [x, y, i] of this.places) {
      const far = (x - px) ** 2 + (y - py) ** 2;
      if (far < least) [found, least] = [i, far];
    }
    return found;
  }

  private hover(event: MouseEvent): void {
    const [i, scene] = [this.nearest(event), this.scene];
    if (i < 0 || scene === null) {
      hideTooltip();
      return;
    }
    const value = (values: Placed): string => {
      const number = values.numbers[i] ?? 0;
      return markText(values, number, number);
    };
    showTooltip(event, scene.name(i), [
      [scene.x.column.name, value(scene.x)],
      [scene.y.column.name, value(scene.y)],
    ]);
  }
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
