// SPDX-License-Identifier: Apache-2.0
// What the numbers were made from, and how sure they are.
import { h } from "../base/dom";
import { percent } from "../base/format";
import { missing, panel } from "../base/parts";
import type { Validation } from "../data/report";
import { errorWords } from "./summary";

function pairs(entries: Iterable<readonly [string, unknown]>): HTMLElement {
  const list = h("dl", { class: "facts" });
  for (const [name, value] of entries) {
    if (value === null || value === undefined || value === "") continue;
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    list.append(h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, text));
  }
  return list;
}

export function drawTrust(into: HTMLElement, validation: Validation | undefined): void {
  if (validation === undefined) {
    into.append(missing("This report has no error bar: nothing is known about how far it is from silicon."));
    return;
  }
  const list = h("dl", { class: "facts" });
  for (const [name, bar] of [
    ["latency", validation.latency],
    ["energy", validation.energy],
  ] as const) {
    const [error, why] = errorWords(bar);
    const median = bar?.median_error_share === undefined ? "" : ` Median error ${percent(bar.median_error_share)}.`;
    list.append(h("dt", {}, name), h("dd", {}, `${error}${why === "" ? "" : `: ${why}`}.${median}`));
  }
  into.append(list);
}

export interface Origin {
  readonly validation: Validation | undefined;
  readonly provenance: Record<string, unknown>;
  readonly search: Record<string, unknown>;
}

export function drawProvenance(into: HTMLElement, origin: Origin): void {
  const trust = panel("How sure");
  drawTrust(trust, origin.validation);
  const { options, ...rest } = origin.provenance;
  const made = panel("Made from", pairs(Object.entries(rest)));
  const side = h("div", { class: "panels two" }, made);
  into.append(trust, side);
  if (typeof options === "object" && options !== null) side.append(panel("Options", pairs(Object.entries(options))));
  if (Object.keys(origin.search).length > 0) {
    const { tiles, ...search } = origin.search;
    const more =
      typeof tiles === "object" && tiles !== null
        ? Object.entries(tiles).map(([name, value]) => [`tiles: ${name}`, value] as const)
        : [];
    side.append(panel("Search for the mapping", pairs([...Object.entries(search), ...more])));
  }
}
