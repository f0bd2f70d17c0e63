// SPDX-License-Identifier: Apache-2.0
// Sliders over sensible stops of clocks, cores, buffers and memories, by device.
import { button, freshId, h } from "../base/dom";
import { quantity } from "../base/format";
import type { Knob } from "./api";
import { turn, type Choices } from "./state";

export interface Turned {
  /** While it is dragged. */
  moved: () => void;
  /** Once it is let go. */
  settled: () => void;
}

export function shownStop(knob: Knob, stop: number): string {
  const amount = knob.amounts[stop];
  if (amount === undefined) return "";
  if (knob.unit === "") return String(amount);
  if (knob.unit === "B") return amount >= 2 ** 20 ? `${amount / 2 ** 20} MiB` : `${amount / 1024} KiB`;
  return quantity(amount, knob.unit);
}

export function drawKnobs(into: HTMLElement, knobs: readonly Knob[], choices: Choices, turned: Turned): void {
  into.replaceChildren();
  const groups = new Map<string, HTMLElement>();
  for (const knob of knobs) {
    let group = groups.get(knob.group);
    if (group === undefined) {
      group = h("fieldset", { class: "knob-group" }, h("legend", {}, knob.group));
      groups.set(knob.group, group);
      into.append(group);
    }
    group.append(knobRow(knob, choices, turned));
  }
}

function knobRow(knob: Knob, choices: Choices, turned: Turned): HTMLElement {
  const id = freshId("knob");
  const chosen = choices.overrides[knob.path];
  const start = chosen === undefined ? knob.at : Math.max(knob.stops.indexOf(chosen), 0);
  const slider = h("input", {
    id,
    type: "range",
    min: 0,
    max: knob.stops.length - 1,
    step: 1,
    value: start,
    "data-path": knob.path,
  });
  const value = h("output", { for: id });
  const back = button("↺", `${knob.group} ${knob.label}: back to ${shownStop(knob, knob.at)}`, () => {
    slider.value = String(knob.at);
    move();
    turned.settled();
  });
  back.classList.add("knob-back");
  const show = (): void => {
    const stop = Number(slider.value);
    value.textContent = shownStop(knob, stop);
    slider.setAttribute("aria-valuetext", value.textContent);
    row.classList.toggle("turned", stop !== knob.at);
    back.disabled = stop === knob.at;
  };
  const move = (): void => {
    turn(choices, knob, Number(slider.value));
    show();
    turned.moved();
  };
  const row = h("div", { class: "knob" }, h("label", { for: id }, knob.label), slider, value, back);
  slider.addEventListener("input", move);
  slider.addEventListener("change", () => turned.settled());
  show();
  return row;
}
