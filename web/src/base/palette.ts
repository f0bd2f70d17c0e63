// SPDX-License-Identifier: Apache-2.0
// Which colour means what. Colours are variables of the style sheet, one set for each theme; they follow Okabe and Ito
// ("Color Universal Design", 2008), darkened for light paper, so that they stay apart for colour-blind readers.

const ALL = ["--hue-0", "--hue-1", "--hue-2", "--hue-3", "--hue-4", "--hue-5", "--hue-6", "--hue-7"] as const;
const LAST = "--hue-7";
const MOST_NAMED = 4;

const BOUNDS: Readonly<Record<string, string>> = {
  compute: "--hue-0",
  launch: "--hue-4",
  dependency: "--hue-7",
};
/** Of what limits a layer: compute, launch, dependency, or a memory by its name. */
export function boundHue(bound: string): string {
  return bound === "" ? "--hue-7" : (BOUNDS[bound] ?? MEMORY);
}

export const MEMORY = "--hue-1";

/** Meanings that hold in every view: memories, losses, what is always on, links. */
export function componentHues(names: Iterable<string>, memories: Iterable<string>): Hues {
  const fixed = new Map([
    ["regulators", "--hue-3"],
    ["losses of rails", "--hue-3"],
    ["always_on", LAST],
  ]);
  for (const name of ["interconnect", "logic"]) fixed.set(name, "--hue-6");
  for (const name of ["dram", ...memories]) fixed.set(name, MEMORY);
  return new Hues(names, fixed);
}

function words(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return names.length > MOST_NAMED ? `${shown}, and ${names.length - MOST_NAMED} more` : shown;
}

/** Hands out hues in the order of asking; names beyond the hues share the last. */
export class Hues {
  private readonly given = new Map<string, string>();
  private readonly fixed: ReadonlyMap<string, string>;
  private readonly free: readonly string[];
  private handedOut = 0;

  /** `fixed`: names whose hue has a meaning everywhere; the others do without those hues. */
  constructor(names: Iterable<string> = [], fixed: ReadonlyMap<string, string> = new Map()) {
    const taken = new Set(fixed.values());
    this.free = ALL.filter((hue) => !taken.has(hue));
    this.fixed = fixed;
    for (const name of names) this.of(name);
  }

  of(name: string): string {
    const known = this.given.get(name);
    if (known !== undefined) return known;
    const hue = this.fixed.get(name) ?? this.free[Math.min(this.handedOut++, this.free.length - 1)] ?? LAST;
    this.given.set(name, hue);
    return hue;
  }

  /** Names and hues, for a legend; those that share a hue share an entry. */
  entries(): [string, string][] {
    const byHue = new Map<string, string[]>();
    for (const [name, hue] of this.given) byHue.set(hue, [...(byHue.get(hue) ?? []), name]);
    return [...byHue].map(([hue, names]) => [words(names), hue]);
  }
}

export function hueClass(hue: string): string {
  return hue.slice(2); // "--hue-3" is the variable, "hue-3" the class
}
