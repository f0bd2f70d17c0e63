// SPDX-License-Identifier: Apache-2.0
// The server's questions and answers (python/chipcast/serve).
import type { Report, Validation } from "../data/report";

export type { Report };

export interface Catalog {
  version: string;
  models: { name: string; description?: string }[];
  platforms: string[];
  mappers: { name: string; description: string }[];
  upload_bytes: number;
}

type Setting = string | number;

export interface Stop {
  text: string;
  amount: number;
  /** Values by path; none where it is the platform's own. */
  set: Record<string, Setting>;
  /** The same for a forecast of power, where that has a word for it. */
  power: { clocks?: Record<string, string>; cores?: Record<string, number> } | null;
}

export interface Knob {
  id: string;
  group: string;
  label: string;
  unit: string;
  at: number;
  stops: Stop[];
}

export interface PowerReport {
  average_power_w: number;
  peak_power_w: number;
  energy_per_inference_j: number;
  battery?: { life_h?: number | null };
  streams: { rate?: { asked_hz?: number; achieved_hz?: number; met?: boolean } }[];
  validation?: Validation;
  warnings?: string[];
}

export type ModelChoice = string | { upload: string };
export type PlatformChoice = string | { text: string };

/** What a forecast is asked for; the server checks every member. */
export interface Question {
  model: ModelChoice;
  platform: PlatformChoice;
  overrides: Record<string, Setting>;
  options: Record<string, string>;
}

export interface PowerKnobs {
  rate: number;
  battery?: string;
  clocks: Record<string, string>;
  cores: Record<string, number>;
}

/** What the server says is wrong; `path` is the member of the platform, where it is one. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly path: string,
    readonly status: number,
  ) {
    super(message);
  }

  /** A newer question of this page took its place. */
  get superseded(): boolean {
    return this.status === 409;
  }
}

const page_id = crypto.getRandomValues(new Uint32Array(2)).join("-");

async function answered<T>(request: Promise<Response>): Promise<T> {
  let response: Response;
  try {
    response = await request;
  } catch {
    throw new Refusal("the server does not answer; is `chipcast serve` still running?", "", 0);
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  const error = (body as { error?: { message?: string; path?: string } } | null)?.error;
  throw new Refusal(error?.message ?? `the server answered ${response.status}`, error?.path ?? "", response.status);
}

/** Of each `purpose` only the newest question is answered. */
function ask<T>(kind: string, purpose: string, members: object): Promise<T> {
  const body = JSON.stringify({ kind, caller: `${page_id} ${purpose}`, ...members });
  return answered(fetch("/api/ask", { method: "POST", headers: { "content-type": "application/json" }, body }));
}

export const readCatalog = (): Promise<Catalog> => answered(fetch("/api/catalog"));
export const readSchema = (): Promise<unknown> => answered(fetch("/api/schema"));

export interface Described {
  platform: { name: string; description?: string; memories: object; devices: object };
  knobs: Knob[];
}

export const describe = (platform: PlatformChoice, purpose: string): Promise<Described> =>
  ask("describe", purpose, { platform });

export const analytic = (question: Question, purpose: string): Promise<{ analytic_latency_s: number }> =>
  ask("analytic", purpose, question);

export const run = (question: Question): Promise<{ report: Report }> => ask("run", "figures", question);

export const power = (question: Question, knobs: PowerKnobs): Promise<{ report: PowerReport }> =>
  ask("power", "figures", { ...question, knobs });

export const powerMode = (question: Question, knobs: PowerKnobs): Promise<{ text: string }> =>
  ask("power", "power mode", { ...question, knobs, nvpmodel: true });

export const page = (question: Question): Promise<{ html: string }> => ask("page", "report", question);

export function upload(file: File, most: number): Promise<{ upload: string; name: string }> {
  if (file.size > most) {
    const words = `${file.name}: ${Math.round(file.size / 2 ** 20)} MiB; models of at most ${most / 2 ** 20} MiB`;
    return Promise.reject(new Refusal(`${words}; \`chipcast serve --upload-limit\` allows more`, "", 413));
  }
  const headers = { "content-type": "application/octet-stream" };
  const address = `/api/models?name=${encodeURIComponent(file.name)}`;
  return answered(fetch(address, { method: "POST", headers, body: file }));
}
