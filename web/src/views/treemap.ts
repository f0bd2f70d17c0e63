// SPDX-License-Identifier: Apache-2.0
// Areas in proportion to values, gathered by owner.
import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import { picture, svg } from "../base/dom";
import { percent, quantity, shortened } from "../base/format";
import { hueClass, type Hues } from "../base/palette";
import { withTooltip } from "../base/tooltip";
import type { Named } from "../data/derive";

interface Node {
  name: string;
  value?: number;
  children?: Node[];
}

const CHARACTER = 6.6;

export interface TreemapOptions {
  readonly parts: readonly Named[];
  readonly owner: (name: string) => string;
  readonly hues: Hues;
  readonly unit: string;
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

/** The part of "npu0.buffer", of "vdd_npu.regulator", that its neighbours do not share, where not all of it fits. */
function fitting(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const [owner = "", part = owner] = name.split(".");
  return shortened(part === "regulator" ? owner : part, letters);
}

export function drawTreemap(options: TreemapOptions): SVGSVGElement {
  const { parts, owner, hues, unit, label, width, height } = options;
  const groups = new Map<string, Node[]>();
  for (const part of parts) {
    if (part.value <= 0) continue;
    const name = owner(part.name);
    groups.set(name, [...(groups.get(name) ?? []), { name: part.name, value: part.value }]);
  }
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const tree = hierarchy<Node>({ name: "", children: [...groups].map(([name, children]) => ({ name, children })) })
    .sum((node) => node.value ?? 0)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const laid = treemap<Node>().tile(treemapSquarify).size([width, height]).paddingInner(1).paddingOuter(1)(tree);
  const drawing = picture(width, height, label);
  for (const leaf of laid.leaves()) {
    const wide = leaf.x1 - leaf.x0;
    const tall = leaf.y1 - leaf.y0;
    const value = leaf.value ?? 0;
    if (leaf.depth === 0) continue;
    const name = leaf.data.name;
    const group = svg("g", { transform: `translate(${leaf.x0},${leaf.y0})`, "data-name": name, "data-value": value });
    group.append(
      svg("rect", {
        width: Math.max(0, wide),
        height: Math.max(0, tall),
        class: `area ${hueClass(hues.of(owner(name)))}`,
      }),
    );
    const letters = Math.floor((wide - 10) / CHARACTER);
    if (letters >= 5 && tall >= 20)
      group.append(svg("text", { x: 5, y: 14, class: "on-fill" }, fitting(name, letters)));
    if (letters >= 7 && tall >= 34) {
      group.append(svg("text", { x: 5, y: 29, class: "on-fill small" }, quantity(value, unit)));
    }
    withTooltip(group, name, () => [
      ["energy", quantity(value, unit)],
      ["share", percent(value / total)],
    ]);
    drawing.append(group);
  }
  return drawing;
}
