// SPDX-License-Identifier: Apache-2.0
// Where in a JSON text the member of a path stands, and which path stands at a place. Works on what is half typed:
// it reads as far as it can.

export interface Place {
  readonly path: string;
  readonly from: number;
  /** End of the value. */
  readonly to: number;
}

const SPACE = /\s/;

/** All members of objects and entries of lists, outer ones before what they hold. */
export function placesOf(text: string): Place[] {
  const places: Place[] = [];
  let at = 0;

  function skip(): void {
    while (at < text.length && SPACE.test(text.charAt(at))) at += 1;
  }

  function string(): string {
    const from = at;
    at += 1;
    while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
    at = Math.min(at + 1, text.length);
    return text.slice(from + 1, at - 1);
  }

  function keep(path: string, from: number, read: () => void): void {
    const index = places.push({ path, from, to: from }) - 1;
    read();
    places[index] = { path, from, to: at };
  }

  function members(path: string): void {
    at += 1;
    for (skip(); at < text.length && text.charAt(at) === '"'; skip()) {
      const from = at;
      const name = string();
      keep(path === "" ? name : `${path}.${name}`, from, () => {
        skip();
        if (text.charAt(at) !== ":") return;
        at += 1;
        value(path === "" ? name : `${path}.${name}`);
      });
      skip();
      if (text.charAt(at) !== ",") break;
      at += 1;
    }
    if (text.charAt(at) === "}") at += 1;
  }

  function entries(path: string): void {
    at += 1;
    skip();
    for (let index = 0; at < text.length && text.charAt(at) !== "]"; index += 1) {
      const before = at;
      keep(`${path}[${index}]`, at, () => value(`${path}[${index}]`));
      skip();
      if (text.charAt(at) === ",") at += 1;
      skip();
      if (at === before) break;
    }
    if (text.charAt(at) === "]") at += 1;
  }

  function value(path: string): void {
    skip();
    const first = text.charAt(at);
    if (first === "{") members(path);
    else if (first === "[") entries(path);
    else if (first === '"') string();
    else while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at += 1;
  }

  value("");
  return places;
}

/** The innermost member at `offset`; "" outside of all. */
export function pathAt(places: readonly Place[], offset: number): string {
  let found: Place | null = null;
  for (const place of places) {
    const inner = found === null || place.from >= found.from;
    if (place.from <= offset && offset <= place.to && inner) found = place;
  }
  return found?.path ?? "";
}

/** The member that a message names; where it stands in no text, the nearest one around it. */
export function placeOf(places: readonly Place[], path: string): Place | null {
  for (let rest = path; rest !== ""; rest = rest.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[\]]*)$/, "")) {
    const found = places.find((place) => place.path === rest);
    if (found !== undefined) return found;
  }
  return null;
}

/** First place of "line L, column C" in the words of a parser. */
export function placeOfWords(text: string, message: string): Place | null {
  const found = /line (\d+), column (\d+)/.exec(message);
  if (found === null) return null;
  const lines = text.split("\n").slice(0, Number(found[1]) - 1);
  const from = Math.min(lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(found[2]) - 1, text.length);
  return { path: "", from, to: from };
}
