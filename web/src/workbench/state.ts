// SPDX-License-Identifier: Apache-2.0
// What is chosen on the workbench, and what it asks for.
import type { Catalog, Described, Knob, ModelChoice, PlatformChoice, PowerKnobs, Question, Stop } from "./api";

/** What was done to one platform; it is kept while another one is looked at. */
export interface Changes {
  /** Its JSON as edited, once it is. */
  text: string | null;
  /** Text of the stop by knob, of those that are turned. */
  turned: Map<string, string>;
}

export interface Choices {
  model: ModelChoice;
  /** Name of the bundled platform that was begun with. */
  platform: string;
  options: Record<string, string>;
  rate: number;
  battery: string;
}

export const FORMATS = ["int8", "int16", "fp16", "bf16", "fp32", "int4"] as const;

export function firstChoices(catalog: Catalog): Choices {
  const has = (names: readonly string[], name: string): string => (names.includes(name) ? name : (names[0] ?? ""));
  return {
    model: has(catalog.models.map((each) => each.name), "mobilenet_v2"),
    platform: has(catalog.platforms, "rk3588"),
    options: { dtype: "int8" },
    rate: 15,
    battery: "",
  };
}

/** Everything that one forecast is of, apart from what is chosen next. */
export interface Plan {
  readonly choices: Choices;
  readonly platform: PlatformChoice;
  /** Stops of the knobs that are turned. */
  readonly stops: readonly Stop[];
}

export function planOf(choices: Choices, changes: Changes, knobs: readonly Knob[]): Plan {
  const stops = knobs.flatMap((knob) => knob.stops.filter((stop) => stop.text === changes.turned.get(knob.id)));
  const copy = { ...choices, options: { ...choices.options } };
  return { choices: copy, platform: changes.text === null ? choices.platform : { text: changes.text }, stops };
}

export const untouched = (plan: Plan): Plan => ({ ...plan, stops: [] });

export function questionOf(plan: Plan): Question {
  return asked(plan, Object.assign({}, ...plan.stops.map((stop) => stop.set)));
}

/** Clocks and cores go to a forecast of power in its own words: voltage follows the clock, cores are switched off. */
export function powerOf(plan: Plan): [Question, PowerKnobs] {
  const { rate, battery } = plan.choices;
  const rest = plan.stops.filter((stop) => stop.power === null);
  const knobs: PowerKnobs = {
    rate,
    ...(battery === "" ? {} : { battery }),
    clocks: Object.assign({}, ...plan.stops.map((stop) => stop.power?.clocks ?? {})),
    cores: Object.assign({}, ...plan.stops.map((stop) => stop.power?.cores ?? {})),
  };
  return [asked(plan, Object.assign({}, ...rest.map((stop) => stop.set))), knobs];
}

function asked(plan: Plan, overrides: Question["overrides"]): Question {
  return { model: plan.choices.model, platform: plan.platform, overrides, options: plan.choices.options };
}

/** What can be set to the same effect by hand: the edited platform, or an extension of the bundled one. */
export function platformFile(plan: Plan, described: Described["platform"]): string {
  const { platform } = plan;
  const file: Record<string, unknown> =
    typeof platform === "string"
      ? { name: `${platform}-changed`, extends: `platforms/${platform}.json` }
      : (JSON.parse(platform.text) as Record<string, unknown>);
  for (const [path, value] of Object.entries(questionOf(plan).overrides)) {
    const steps = path.split(".");
    const first = steps[0] ?? "";
    // --set names a device or a memory without its section.
    if (first in described.memories) steps.unshift("memories");
    else if (first in described.devices) steps.unshift("devices");
    setAt(file, steps, value);
  }
  return `${JSON.stringify(file, null, 2)}\n`;
}

function setAt(file: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  let inside = file;
  for (const step of steps.slice(0, -1)) {
    const next = inside[step];
    const object = typeof next === "object" && next !== null ? (next as Record<string, unknown>) : {};
    inside[step] = object;
    inside = object;
  }
  inside[steps[steps.length - 1] ?? ""] = value;
}
