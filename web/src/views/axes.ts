// SPDX-License-Identifier: Apache-2.0
// Axes of drawings: marks, lines, titles.
import { svg } from "../base/dom";
import { axisText } from "../base/format";
import type { Scale } from "../base/scale";

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function axisX(
  drawing: SVGElement,
  frame: Frame,
  scale: Scale,
  unit: string,
  title: string,
  each = false,
): void {
  const y = frame.height - frame.bottom;
  const largest = Math.max(...scale.marks, 0);
  const words = (mark: number): string => {
    return unit === "" ? String(Number(mark.toPrecision(3))) : axisText(mark, each ? mark : largest, unit);
  };
  for (const mark of scale.marks) {
    const x = scale(mark);
    drawing.append(
      svg("line", { x1: x, x2: x, y1: frame.top, y2: y, class: "grid" }),
      svg("text", { x, y: y + 16, "text-anchor": "middle", class: "mark" }, words(mark)),
    );
  }
  const middle = (frame.left + frame.width - frame.right) / 2;
  drawing.append(svg("text", { x: middle, y: frame.height - 4, "text-anchor": "middle", class: "axis-title" }, title));
}

export function axisY(
  drawing: SVGElement,
  frame: Frame,
  scale: Scale,
  unit: string,
  title: string,
  each = false,
): void {
  const largest = Math.max(...scale.marks, 0);
  for (const mark of scale.marks) {
    const y = scale(mark);
    drawing.append(
      svg("line", { x1: frame.left, x2: frame.width - frame.right, y1: y, y2: y, class: "grid" }),
      svg(
        "text",
        { x: frame.left - 8, y, "text-anchor": "end", class: "mark middle" },
        axisText(mark, each ? mark : largest, unit),
      ),
    );
  }
  drawing.append(svg("text", { x: frame.left, y: frame.top - 8, "text-anchor": "start", class: "axis-title" }, title));
}
