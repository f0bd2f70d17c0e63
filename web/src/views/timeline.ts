// SPDX-License-Identifier: Apache-2.0
// The timeline: what every engine did when. Zoom and pan with mouse, touch pad, keyboard or buttons.
import { bisectRight } from "d3-array";
import { button, freshId, h } from "../base/dom";
import { percent, quantity } from "../base/format";
import { legend } from "../base/parts";
import { onSelect, select, selected } from "../base/selection";
import { onTheme } from "../base/theme";
import { hideTooltip, showTooltip } from "../base/tooltip";
import { draw, GEOMETRY, heightOf, rowTops } from "./timeline_draw";
import type { Colouring, TimelineData } from "./timeline_rows";
import { TimeWindow } from "./timeline_view";

const ZOOM = 1.5;
const PAN = 0.2;

export class Timeline {
  readonly element = h("div", { class: "timeline" });
  private readonly canvas = h("canvas", { tabindex: "0", role: "application" });
  private readonly readout = h("p", { class: "readout", "aria-live": "polite" });
  private readonly legendBox = h("div");
  private readonly window: TimeWindow;
  private colouring: Colouring;
  private row = -1;
  private span = -1;
  private width = 0;
  private queued = false;

  constructor(private readonly data: TimelineData) {
    this.window = new TimeWindow(data.endS);
    const [first] = data.colourings;
    if (first === undefined) throw new Error("a timeline needs a colouring");
    this.colouring = first;
    const help = freshId("timeline-help");
    this.canvas.setAttribute("aria-label", "timeline of engines");
    this.canvas.setAttribute("aria-describedby", help);
    this.element.append(this.controls(), this.canvas, this.readout, this.legendBox, this.words(help));
    this.listen();
    this.showLegend();
  }

  /** Draws at the width that the element has now. */
  paint(): void {
    const width = Math.floor(this.element.clientWidth);
    if (width === 0) return;
    this.width = width;
    const height = heightOf(this.data.rows);
    const ratio = devicePixelRatio || 1;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.setProperty("width", `${width}px`);
    this.canvas.style.setProperty("height", `${height}px`);
    const context = this.canvas.getContext("2d");
    if (context === null) return;
    context.scale(ratio, ratio);
    const { data, window, colouring, row } = this;
    draw(context, { data, window, colouring, width, row, picked: this.pickedLabel() });
    this.canvas.dataset["begin"] = String(window.begin);
    this.canvas.dataset["end"] = String(window.end);
  }

  private pickedLabel(): number {
    const name = selected();
    return name === null ? -1 : this.data.names.indexOf(name);
  }

  private soon(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.paint();
      this.say();
    });
  }

  private controls(): HTMLElement {
    const middle = (): number => this.window.begin + this.window.length / 2;
    const act = (change: () => void) => (): void => {
      change();
      this.soon();
    };
    const bar = h(
      "div",
      { class: "controls" },
      button(
        "+",
        "Zoom in",
        act(() => this.window.zoom(ZOOM * ZOOM, middle())),
      ),
      button(
        "−",
        "Zoom out",
        act(() => this.window.zoom(1 / (ZOOM * ZOOM), middle())),
      ),
      button(
        "◀",
        "Earlier",
        act(() => this.window.pan(-2 * PAN)),
      ),
      button(
        "▶",
        "Later",
        act(() => this.window.pan(2 * PAN)),
      ),
      button(
        "Fit",
        "Show the whole run",
        act(() => this.window.fit()),
      ),
    );
    if (this.data.colourings.length > 1) bar.append(this.chooser());
    return bar;
  }

  private chooser(): HTMLElement {
    const choice = h("select");
    this.data.colourings.forEach((each, i) => choice.append(h("option", { value: i }, each.title)));
    choice.addEventListener("change", () => {
      this.colouring = this.data.colourings[Number(choice.value)] ?? this.colouring;
      this.showLegend();
      this.soon();
    });
    return h("label", {}, "Colour by ", choice);
  }

  private words(id: string): HTMLElement {
    const { mergedS = 0 } = this.data;
    const merged = mergedS > 0 ? ` Spans of one name that were less than ${quantity(mergedS, "s")} apart are one.` : "";
    const idle = this.data.idle.length > 0 ? ` Nothing ran on ${this.data.idle.join(", ")}.` : "";
    return h(
      "p",
      { class: "note", id },
      `${this.data.spanCount} spans.${merged} Drag to pan; Ctrl and wheel, or the wheel after a click, to zoom; double-click to come ` +
        `nearer. Keys: + − zoom, ← → pan, ↑ ↓ row, comma and full stop for spans, Enter picks a layer, 0 shows all.${idle}`,
    );
  }

  private showLegend(): void {
    this.legendBox.replaceChildren(legend(this.colouring.legend));
  }

  private say(): void {
    const { window } = this;
    const share = `${quantity(window.begin, "s")} to ${quantity(window.end, "s")}, ${percent(1 / window.factor)} of the run`;
    this.readout.textContent = this.span >= 0 ? `${this.spanText()} · ${share}` : share;
  }

  private spanText(): string {
    const row = this.data.rows[this.row];
    if (row === undefined) return "";
    const begin = row.begin[this.span] ?? 0;
    const name = this.data.names[row.label[this.span] ?? 0] ?? "";
    return `${row.group} ${row.name}: ${name}, from ${quantity(begin, "s")}, ${quantity((row.end[this.span] ?? 0) - begin, "s")} long`;
  }

  private timeAt(x: number): number {
    const room = this.width - GEOMETRY.left - GEOMETRY.right;
    return this.window.begin + ((x - GEOMETRY.left) / room) * this.window.length;
  }

  /** Row and span under a point of the canvas; -1 where there is none. */
  private at(x: number, y: number): [number, number] {
    const tops = rowTops(this.data.rows);
    const index = tops.findIndex((top) => y >= top && y < top + GEOMETRY.row);
    const row = this.data.rows[index];
    if (row === undefined || x < GEOMETRY.left) return [-1, -1];
    const time = this.timeAt(x);
    const reach = (2 * this.window.length) / Math.max(1, this.width);
    const i = bisectRight(row.begin, time + reach) - 1;
    return i >= 0 && (row.end[i] ?? 0) >= time - reach ? [index, i] : [index, -1];
  }

  private listen(): void {
    this.canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    this.canvas.addEventListener("pointermove", (event) => this.onHover(event));
    this.canvas.addEventListener("pointerleave", hideTooltip);
    this.canvas.addEventListener("dblclick", (event) => {
      this.window.zoom(ZOOM * ZOOM, this.timeAt(event.offsetX));
      this.soon();
    });
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.soon()).observe(this.element);
    onTheme(() => this.paint());
    onSelect(() => this.soon());
  }

  private onWheel(event: WheelEvent): void {
    const active = event.ctrlKey || event.metaKey || document.activeElement === this.canvas;
    if (!active && !event.shiftKey) return;
    event.preventDefault();
    if (event.shiftKey) this.window.pan(Math.sign(event.deltaY + event.deltaX) * PAN);
    else this.window.zoom(2 ** (-event.deltaY / 240), this.timeAt(event.offsetX));
    this.soon();
  }

  private onDown(event: PointerEvent): void {
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const from = event.offsetX;
    const { begin, length } = this.window;
    let moved = false;
    const move = (next: PointerEvent): void => {
      const by = ((next.offsetX - from) / (this.width - GEOMETRY.left - GEOMETRY.right)) * length;
      moved ||= Math.abs(next.offsetX - from) > 3;
      if (!moved) return;
      this.window.set(begin - by, begin - by + length);
      this.soon();
    };
    const up = (): void => {
      this.canvas.removeEventListener("pointermove", move);
      this.canvas.removeEventListener("pointerup", up);
      this.canvas.removeEventListener("pointercancel", up);
      if (!moved) this.pick(...this.at(event.offsetX, event.offsetY));
    };
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", up);
    this.canvas.addEventListener("pointercancel", up);
  }

  private pick(row: number, span: number): void {
    [this.row, this.span] = [row, span];
    const track = this.data.rows[row];
    if (track !== undefined && span >= 0) select(this.data.names[track.label[span] ?? 0] ?? null);
    this.soon();
  }

  private onHover(event: PointerEvent): void {
    const [row, span] = this.at(event.offsetX, event.offsetY);
    const track = this.data.rows[row];
    if (event.buttons !== 0 || track === undefined || span < 0) {
      hideTooltip();
      return;
    }
    const [begin, end] = [track.begin[span] ?? 0, track.end[span] ?? 0];
    showTooltip(event, this.data.names[track.label[span] ?? 0] ?? "", [
      ["engine", `${track.group} ${track.name}`],
      ["from", quantity(begin, "s")],
      ["to", quantity(end, "s")],
      ["takes", quantity(end - begin, "s")],
    ]);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const middle = this.window.begin + this.window.length / 2;
    const keys: Record<string, () => void> = {
      "+": () => this.window.zoom(ZOOM, middle),
      "=": () => this.window.zoom(ZOOM, middle),
      "-": () => this.window.zoom(1 / ZOOM, middle),
      ArrowLeft: () => this.window.pan(-PAN),
      ArrowRight: () => this.window.pan(PAN),
      ArrowUp: () => this.moveRow(-1),
      ArrowDown: () => this.moveRow(1),
      ",": () => this.moveSpan(-1),
      ".": () => this.moveSpan(1),
      Enter: () => this.pick(this.row, this.span),
      "0": () => this.window.fit(),
      Home: () => this.window.fit(),
    };
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
    this.soon();
  }

  private moveRow(by: number): void {
    const last = this.data.rows.length - 1;
    this.row = this.row < 0 ? (by > 0 ? 0 : last) : Math.min(last, Math.max(0, this.row + by));
    this.span = -1;
    this.moveSpan(1);
  }

  /** The next span; the window follows. */
  private moveSpan(by: number): void {
    if (this.row < 0) this.row = 0;
    const row = this.data.rows[this.row];
    if (row === undefined) return;
    const next = this.span < 0 ? Math.max(0, bisectRight(row.end, this.window.begin)) : this.span + by;
    this.span = Math.min(row.begin.length - 1, Math.max(0, next));
    const [begin, end] = [row.begin[this.span] ?? 0, row.end[this.span] ?? 0];
    if (begin >= this.window.end || end <= this.window.begin) {
      const { length } = this.window;
      this.window.set((begin + end) / 2 - length / 2, (begin + end) / 2 + length / 2);
    }
  }
}
