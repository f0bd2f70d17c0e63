// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates: a line for each point across columns. Two sliders under each column narrow what is shown.
import { h, size } from "../base/dom";
import { measured, shortened } from "../base/format";
import { linear } from "../base/scale";
import { colour, onTheme } from "../base/theme";
import type { Placed } from "../data/sweep";

const [WIDTH, HEIGHT] = [1160, 300];
const EDGE = { top: 14, bottom: 10, side: 70 };
const STEPS = 200;

interface Axis {
  readonly values: Placed;
  readonly low: number;
  readonly high: number;
  from: number;
  to: number;
}

export interface ParallelScene {
  readonly shown: (index: number) => boolean;
  readonly front: readonly number[];
  readonly picked: number;
}

function axisOf(values: Placed): Axis {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values.numbers) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { values, low, high, from: low, to: high };
}

function valueText(axis: Axis, value: number): string {
  const { texts, column } = axis.values;
  if (texts.length > 0) return shortened(texts[Math.round(value)] ?? "", 16);
  return measured(Number(value.toPrecision(4)), column.unit);
}

export class Parallel {
  readonly element = h("div", { class: "parallel" });
  private readonly canvas = h("canvas", {
    role: "img",
    "aria-label": "a line for each point across columns; the table has the numbers",
  });
  private readonly axes: Axis[];
  private scene: ParallelScene | null = null;

  constructor(
    columns: readonly Placed[],
    private readonly onNarrow: () => void,
  ) {
    this.axes = columns.map(axisOf);
    const controls = h("div", { class: "parallel-controls" });
    size(controls, "grid-template-columns", `repeat(${this.axes.length}, minmax(0, 1fr))`);
    for (const axis of this.axes) controls.append(this.sliders(axis));
    this.element.append(this.canvas, controls);
    onTheme(() => this.scene !== null && this.draw(this.scene));
  }

  /** Whether a point lies between all sliders. */
  admits(index: number): boolean {
    return this.axes.every((axis) => {
      if (axis.from <= axis.low && axis.to >= axis.high) return true;
      const value = axis.values.numbers[index] ?? null;
      return value !== null && value >= axis.from && value <= axis.to;
    });
  }

  draw(scene: ParallelScene): void {
    this.scene = scene;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = WIDTH * ratio;
    this.canvas.height = HEIGHT * ratio;
    this.canvas.style.setProperty("max-width", "100%");
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    context.scale(ratio, ratio);
    const gap = WIDTH / this.axes.length;
    const places = this.axes.map((axis, i) => {
      const y = linear([axis.low, axis.high], [HEIGHT - EDGE.bottom, EDGE.top]);
      return { x: gap * (i + 0.5), y };
    });
    context.strokeStyle = colour("--strong-line");
    for (const { x } of places) {
      context.beginPath();
      context.moveTo(x, EDGE.top);
      context.lineTo(x, HEIGHT - EDGE.bottom);
      context.stroke();
    }
    const best = new Set(scene.front);
    const count = this.axes[0]?.values.numbers.length ?? 0;
    const trace = (i: number): void => {
      context.beginPath();
      this.axes.forEach((axis, a) => {
        const [value, place] = [axis.values.numbers[i], places[a]];
        if (value === null || value === undefined || place === undefined) return;
        if (a === 0) context.moveTo(place.x, place.y(value));
        else context.lineTo(place.x, place.y(value));
      });
      context.stroke();
    };
    const many = Math.max(0.08, Math.min(0.6, 60 / Math.max(1, count)));
    for (const [hue, alpha, wide, wanted] of [
      [colour("--hue-7"), many, 1, (i: number) => !best.has(i)],
      [colour("--hue-0"), 0.9, 1.5, (i: number) => best.has(i)],
      [colour("--text"), 1, 2.5, (i: number) => i === scene.picked],
    ] as const) {
      context.strokeStyle = hue;
      context.globalAlpha = alpha;
      context.lineWidth = wide;
      for (let i = 0; i < count; i += 1) if (wanted(i) && scene.shown(i)) trace(i);
    }
    context.globalAlpha = 1;
    context.lineWidth = 1;
  }

  private sliders(axis: Axis): HTMLElement {
    const name = axis.values.column.name;
    const words = h("span", { class: "parallel-range" });
    const slider = (end: "from" | "to", start: number): HTMLInputElement => {
      const input = h("input", { type: "range", min: 0, max: STEPS, value: start, "aria-label": `${name}: ${end}` });
      input.addEventListener("input", () => {
        const at = axis.low + (Number(input.value) / STEPS) * (axis.high - axis.low);
        axis[end] = Number(input.value) === (end === "from" ? 0 : STEPS) ? (end === "from" ? axis.low : axis.high) : at;
        say();
        this.onNarrow();
      });
      return input;
    };
    const say = (): void => {
      words.textContent = `${valueText(axis, axis.from)} to ${valueText(axis, axis.to)}`;
    };
    say();
    return h(
      "div",
      {},
      h("strong", { title: name }, shortened(name, 18)),
      words,
      slider("from", 0),
      slider("to", STEPS),
    );
  }
}
