// SPDX-License-Identifier: Apache-2.0
// Builds elements. Text goes in as text nodes only, so that no name from a file can become markup.

const SVG = "http://www.w3.org/2000/svg";

type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined;
type Attributes = Record<string, Value>;

function fill(element: Element, attributes: Attributes, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "style") throw new Error("styles stand in the style sheet");
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

/** A picture that readers of the screen hear as one sentence. */
export function picture(width: number, height: number, label: string, ...children: Child[]): SVGSVGElement {
  const box = `0 0 ${width} ${height}`;
  return svg("svg", { viewBox: box, width, height, role: "img", "aria-label": label }, ...children);
}

export function button(text: string, label: string, act: () => void): HTMLButtonElement {
  const element = h("button", { type: "button", "aria-label": label, title: label }, text);
  element.addEventListener("click", act);
  return element;
}

/** Sets what the style sheet cannot know. */
export function size(element: HTMLElement | SVGElement, property: string, value: string): void {
  element.style.setProperty(property, value);
}

let serial = 0;
export function freshId(stem: string): string {
  serial += 1;
  return `${stem}-${serial}`;
}
