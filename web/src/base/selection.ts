// SPDX-License-Identifier: Apache-2.0
// The layer that the reader has picked: every view marks it.

type Tell = (name: string | null) => void;
const listeners: Tell[] = [];
let picked: string | null = null;

export function selected(): string | null {
  return picked;
}

/** Picks a layer by its name; picking it again lets it go. */
export function select(name: string | null): void {
  picked = name === picked ? null : name;
  for (const tell of listeners) tell(picked);
}

export function onSelect(tell: Tell): void {
  listeners.push(tell);
}
