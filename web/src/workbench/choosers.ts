// SPDX-License-Identifier: Apache-2.0
// Network, platform, number format, mapper, rate, battery.
import { freshId, h } from "../base/dom";
import { Refusal, upload, type Catalog } from "./api";
import { FORMATS, type Choices } from "./state";

export interface Chosen {
  /** Another network or mapper: the platform stays. */
  network: () => void;
  format: () => void;
  platform: () => void;
  /** Rate or battery. */
  use: () => void;
  refused: (error: Refusal) => void;
}

type Option = readonly [value: string, text: string];

function labelled(text: string, control: HTMLElement): HTMLElement {
  const id = freshId("choice");
  control.id = id;
  return h("div", { class: "choice" }, h("label", { for: id }, text), control);
}

function select(options: readonly Option[], chosen: string, change: (value: string) => void): HTMLSelectElement {
  const list = h("select");
  for (const [value, text] of options) list.append(h("option", { value, selected: value === chosen }, text));
  list.addEventListener("change", () => change(list.value));
  return list;
}

const same = (names: readonly string[]): Option[] => names.map((name) => [name, name]);

export interface Choosers {
  readonly element: HTMLElement;
  showFormat(dtype: string): void;
}

export function drawChoosers(catalog: Catalog, choices: Choices, chosen: Chosen): Choosers {
  const models = select(same(catalog.models.map((each) => each.name)), String(choices.model), (value) => {
    choices.model = value.startsWith("upload:") ? { upload: value.slice(7) } : value;
    chosen.network();
  });
  const platforms = select(same(catalog.platforms), choices.platform, (value) => {
    choices.platform = value;
    chosen.platform();
  });
  const formats: Option[] = [["", "the network's own"], ...same(FORMATS)];
  const format = select(formats, choices.options["dtype"] ?? "", (value) => {
    setOption(choices, "dtype", value);
    chosen.format();
  });
  const quick = catalog.mappers.filter((each) => each.name !== "exact" && each.name !== "fixed");
  const mapper = select(
    quick.map((each) => [each.name, each.name]),
    choices.options["mapper"] ?? "greedy",
    (value) => {
      setOption(choices, "mapper", value);
      chosen.network();
    },
  );
  for (const [place, each] of quick.entries()) mapper.options[place]?.setAttribute("title", each.description);
  for (const [place, each] of catalog.models.entries()) models.options[place]?.setAttribute("title", each.description ?? "");
  const element = h(
    "div",
    { id: "choosers" },
    labelled("Network", models),
    labelled("or a file of yours", fileInput(models, catalog, choices, chosen)),
    labelled("Platform", platforms),
    labelled("Format", format),
    labelled("Mapper", mapper),
    labelled("Inferences a second", rateInput(choices, chosen)),
    labelled("Battery, mAh", batteryInput(choices, chosen)),
  );
  return { element, showFormat: (dtype) => (format.value = dtype) };
}

function setOption(choices: Choices, name: string, value: string): void {
  if (value === "") delete choices.options[name];
  else choices.options[name] = value;
}

function rateInput(choices: Choices, chosen: Chosen): HTMLElement {
  const input = h("input", { type: "number", min: 0.001, max: 100000, step: "any", value: choices.rate });
  input.addEventListener("change", () => {
    const value = input.valueAsNumber;
    if (!(value > 0)) {
      input.value = String(choices.rate);
      return;
    }
    choices.rate = value;
    chosen.use();
  });
  return input;
}

function batteryInput(choices: Choices, chosen: Chosen): HTMLElement {
  const input = h("input", { type: "text", placeholder: "none; 5000, or 5000:3.7 with volts", value: choices.battery, autocomplete: "off" });
  input.addEventListener("change", () => {
    choices.battery = input.value.trim();
    chosen.use();
  });
  return input;
}

function fileInput(models: HTMLSelectElement, catalog: Catalog, choices: Choices, chosen: Chosen): HTMLElement {
  const input = h("input", { type: "file", accept: ".onnx,.tflite,.param,.csv,.json" });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file === undefined) return;
    if (input.hasAttribute("aria-busy")) return;
    input.setAttribute("aria-busy", "true");
    upload(file, catalog.upload_bytes)
      .then((kept) => {
        const value = `upload:${kept.upload}`;
        if (![...models.options].some((each) => each.value === value)) {
          models.prepend(h("option", { value }, `${kept.name} (uploaded)`));
        }
        models.value = value;
        choices.model = { upload: kept.upload };
        chosen.network();
      })
      .catch((error: unknown) => {
        if (error instanceof Refusal) chosen.refused(error);
        else throw error;
      })
      .finally(() => {
        input.removeAttribute("aria-busy");
        input.value = "";
      });
  });
  return input;
}
