// SPDX-License-Identifier: Apache-2.0
import { h, size } from "./dom";

const box = h("div", { class: "tooltip", "aria-hidden": "true" });
box.hidden = true;

export type Lines = readonly (readonly [string, string])[];

/** Title and pairs of (what, value) beside the pointer. */
export function showTooltip(event: { clientX: number; clientY: number }, title: string, lines: Lines): void {
  if (!box.isConnected) document.body.append(box);
  const list = h("dl");
  for (const [what, value] of lines) list.append(h("dt", {}, what), h("dd", {}, value));
  box.replaceChildren(h("strong", {}, title), list);
  box.hidden = false;
  const margin = 14;
  const right = event.clientX + margin + box.offsetWidth > innerWidth;
  const low = event.clientY + margin + box.offsetHeight > innerHeight;
  size(box, "left", `${Math.max(4, right ? event.clientX - margin - box.offsetWidth : event.clientX + margin)}px`);
  size(box, "top", `${Math.max(4, low ? event.clientY - margin - box.offsetHeight : event.clientY + margin)}px`);
}

export function hideTooltip(): void {
  box.hidden = true;
}

export function withTooltip(element: Element, title: string, lines: () => Lines): void {
  element.addEventListener("pointermove", (event) => showTooltip(event as PointerEvent, title, lines()));
  element.addEventListener("pointerleave", hideTooltip);
}
