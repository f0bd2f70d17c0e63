// SPDX-License-Identifier: Apache-2.0
// Pieces that views share: sections, legends, bars, tables of a few rows.
import { h, size } from "./dom";
import { hueClass } from "./palette";

export interface Section {
  readonly id: string;
  readonly title: string;
  /** Draws into the section; a view without data says so instead. */
  readonly draw: (into: HTMLElement) => void;
}

export function sectionElement(section: Section): HTMLElement {
  const heading = h("h2", { id: `${section.id}-title` }, section.title);
  return h("section", { id: section.id, "aria-labelledby": `${section.id}-title` }, heading);
}

export function missing(text: string): HTMLElement {
  return h("p", { class: "missing" }, text);
}

export function note(text: string): HTMLElement {
  return h("p", { class: "note" }, text);
}

export function legend(entries: Iterable<readonly [string, string]>): HTMLElement {
  const list = h("ul", { class: "legend" });
  for (const [name, hue] of entries) {
    list.append(h("li", {}, h("span", { class: `swatch ${hueClass(hue)}`, "aria-hidden": "true" }), name));
  }
  return list;
}

export interface Share {
  readonly name: string;
  readonly value: number;
  readonly text: string;
  readonly hue: string;
  /** A second number beside the first. */
  readonly more?: string;
}

/** One bar that shares out a whole. */
export function stackedBar(shares: readonly Share[], label: string): HTMLElement {
  const total = shares.reduce((sum, share) => sum + share.value, 0) || 1;
  const bar = h("div", { class: "stacked", role: "img", "aria-label": label });
  for (const share of shares) {
    const part = h("span", {
      class: `fill ${hueClass(share.hue)}`,
      "data-name": share.name,
      "data-value": share.value,
      title: `${share.name}: ${share.text}`,
    });
    size(part, "width", `${(100 * share.value) / total}%`);
    bar.append(part);
  }
  return bar;
}

/** Rows of name, bar and value; the longest bar fills its cell. */
export function barList(shares: readonly Share[], most?: number): HTMLElement {
  const largest = most ?? Math.max(...shares.map((share) => share.value), 0);
  const list = h("ul", { class: "bars" });
  for (const share of shares) {
    const bar = h("span", { class: share.value > 0 ? `fill ${hueClass(share.hue)}` : null });
    size(bar, "width", `${largest > 0 ? (100 * share.value) / largest : 0}%`);
    list.append(
      h(
        "li",
        { "data-name": share.name, "data-value": share.value },
        h("span", { class: "bars-name", title: share.name }, share.name),
        h("span", { class: "bars-track", "aria-hidden": "true" }, bar),
        h("span", { class: "bars-value" }, share.text),
        share.more === undefined ? null : h("span", { class: "bars-change" }, share.more),
      ),
    );
  }
  return list;
}

/** A table of words and numbers: columns whose title starts with "#" are numbers. */
export function plainTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  caption: string,
): HTMLElement {
  const numeric = titles.map((title) => title.startsWith("#"));
  const head = h("tr");
  titles.forEach((title, i) => {
    head.append(h("th", { scope: "col", class: numeric[i] ? "number" : null }, title.replace(/^#/, "")));
  });
  const body = h("tbody");
  for (const row of rows) {
    const line = h("tr");
    row.forEach((cell, i) => {
      if (i === 0) line.append(h("th", { scope: "row" }, cell));
      else line.append(h("td", { class: numeric[i] ? "number" : null }, cell));
    });
    body.append(line);
  }
  const table = h("table", {}, h("caption", { class: "hidden" }, caption), h("thead", {}, head), body);
  return scrollable(table, caption);
}

/** The highest of many numbers; 0 of none. */
export function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Wide content scrolls by itself, with the keyboard too. */
export function scrollable(content: Element, label: string): HTMLElement {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${label}, to scroll` }, content);
}

export function panel(title: string, ...children: (Node | string)[]): HTMLElement {
  return h("div", { class: "panel" }, h("h3", {}, title), ...children);
}
