// SPDX-License-Identifier: Apache-2.0
// What is chosen on the workbench.
import type { Catalog, Knob, ModelChoice, PlatformChoice, Question } from "./api";

export interface Choices {
  model: ModelChoice;
  /** Name of the bundled platform that was begun with. */
  platform: string;
  /** Its JSON as edited, once it is. */
  text: string | null;
  /** By path; only what differs from the platform. */
  overrides: Record<string, string>;
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
    text: null,
    overrides: {},
    options: { dtype: "int8" },
    rate: 15,
    battery: "",
  };
}

export function platformOf(choices: Choices): PlatformChoice {
  return choices.text === null ? choices.platform : { text: choices.text };
}

/** `untouched`: of the platform with no knob turned. */
export function questionOf(choices: Choices, untouched = false): Question {
  return {
    model: choices.model,
    platform: platformOf(choices),
    overrides: untouched ? {} : { ...choices.overrides },
    options: { ...choices.options },
  };
}

export function turn(choices: Choices, knob: Knob, stop: number): void {
  const text = knob.stops[stop];
  if (text === undefined) return;
  if (stop === knob.at) delete choices.overrides[knob.path];
  else choices.overrides[knob.path] = text;
}

/** The platform file of what is chosen: the edited one, or an extension of the bundled one; knobs are put in by path. */
export function platformFile(choices: Choices): string {
  const file: Record<string, unknown> =
    choices.text === null
      ? { name: `${choices.platform}-changed`, extends: `platforms/${choices.platform}.json` }
      : (JSON.parse(choices.text) as Record<string, unknown>);
  for (const [path, value] of Object.entries(choices.overrides)) setAt(file, sectioned(file, path), value);
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Knobs name a device or a memory without its section. */
function sectioned(file: Record<string, unknown>, path: string): string[] {
  const steps = path.split(".");
  if (steps[0] === "interconnect") return steps;
  const memories = file["memories"];
  const isMemory = typeof memories === "object" && memories !== null && (steps[0] ?? "") in memories;
  return [isMemory || memoryPaths.has(path) ? "memories" : "devices", ...steps];
}

/** Of the platform that is chosen; an extension does not list its memories itself. */
const memoryPaths = new Set<string>();
export function rememberMemories(knobs: readonly Knob[]): void {
  memoryPaths.clear();
  for (const knob of knobs) if (knob.kind === "memory") memoryPaths.add(knob.path);
}

function setAt(file: Record<string, unknown>, steps: readonly string[], value: string): void {
  let inside = file;
  for (const step of steps.slice(0, -1)) {
    const next = inside[step];
    const object = typeof next === "object" && next !== null ? (next as Record<string, unknown>) : {};
    inside[step] = object;
    inside = object;
  }
  const whole = /^\d+$/.test(value) ? Number(value) : value;
  inside[steps[steps.length - 1] ?? ""] = whole;
}
