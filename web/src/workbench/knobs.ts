// SPDX-License-Identifier: Apache-2.0
// Sliders over sensible stops of clocks, cores, buffers and memories, by device.
import { button, freshId, h } from "../base/dom";
import { quantity } from "../base/format";
import type { Knob } from "./api";

export interface Turned {
  /** While it is dragged; `text`: of the stop, null where it is the platform's own. */
  moved: (knob: Knob, text: string | null) => void;
  /** Once it is let go. */
  settled: () => void;
}

export function shownStop(knob: Knob, place: number): string {
  const amount = knob.stops[place]?.amount;
  if (amount === undefined) return "";
  if (knob.unit === "") return String(amount);
  if (knob.unit === "B") return amount >= 2 ** 20 ? `${amount / 2 ** 20} MiB` : `${amount / 1024} KiB`;
  return quantity(amount, knob.unit);
}

export function drawKnobs(
  into: HTMLElement,
  knobs: readonly Knob[],
  chosen: ReadonlyMap<string, string>,
  turned: Turned,
): void {
  const groups = new Map<string, HTMLElement>();
  for (const knob of knobs) {
    const group = groups.get(knob.group) ?? h("fieldset", { class: "knob-group" }, h("legend", {}, knob.group));
    groups.set(knob.group, group);
    group.append(knobRow(knob, chosen.get(knob.id), turned));
  }
  into.replaceChildren(...groups.values());
}

function knobRow(knob: Knob, chosen: string | undefined, turned: Turned): HTMLElement {
  const id = freshId("knob");
  const place = knob.stops.findIndex((stop) => stop.text === chosen);
  const slider = h("input", {
    id,
    type: "range",
    min: 0,
    max: knob.stops.length - 1,
    step: 1,
    value: place < 0 ? knob.at : place,
    "data-knob": knob.id,
  });
  const value = h("output", { for: id });
  const move = (): void => {
    const stop = Number(slider.value);
    show();
    turned.moved(knob, stop === knob.at ? null : (knob.stops[stop]?.text ?? null));
  };
  const back = button("↺", `${knob.group} ${knob.label}: back to ${shownStop(knob, knob.at)}`, () => {
    slider.value = String(knob.at);
    slider.focus();
    move();
    turned.settled();
  });
  back.classList.add("knob-back");
  const row = h("div", { class: "knob" }, h("label", { for: id }, knob.label), slider, value, back);
  const show = (): void => {
    const stop = Number(slider.value);
    value.textContent = shownStop(knob, stop);
    slider.setAttribute("aria-valuetext", value.textContent);
    row.classList.toggle("turned", stop !== knob.at);
    back.hidden = stop === knob.at;
  };
  slider.addEventListener("input", move);
  slider.addEventListener("change", () => turned.settled());
  show();
  return row;
}
