// SPDX-License-Identifier: Apache-2.0
// The platform's JSON, to change by hand: what the schema says of the member under the caret, errors at their place.
import { button, h } from "../base/dom";
import type { Refusal } from "./api";
import { pathAt, placeOf, placeOfWords, placesOf } from "./places";
import { helpFor } from "./schema_help";

const PAUSE_MS = 250;

export class Editor {
  private readonly text = h("textarea", { spellcheck: "false", wrap: "off", "aria-describedby": "editor-error editor-help" });
  private readonly error = h("p", { id: "editor-error", class: "editor-error", role: "status" });
  private readonly help = h("div", { id: "editor-help", class: "editor-help" });
  private timer = 0;
  private shownPath: string | null = null;

  constructor(
    into: HTMLElement,
    private readonly schema: unknown,
    private readonly changed: (text: string) => void,
  ) {
    this.text.setAttribute("aria-label", "Platform as JSON");
    this.text.addEventListener("input", () => this.later());
    for (const event of ["keyup", "click", "focus"]) this.text.addEventListener(event, () => this.showHelp());
    into.append(h("div", { class: "editor" }, h("div", {}, this.text, this.error), this.help));
  }

  get value(): string {
    return this.text.value;
  }

  /** What was typed last counts no more. */
  wait(): void {
    clearTimeout(this.timer);
  }

  show(text: string): void {
    this.wait();
    this.text.value = text;
    this.accept();
    this.showHelp();
  }

  accept(): void {
    this.error.replaceChildren();
    this.text.removeAttribute("aria-invalid");
  }

  refuse(refusal: Refusal): void {
    const place =
      placeOfWords(this.value, refusal.message) ?? placeOf(placesOf(this.value), refusal.path);
    this.error.replaceChildren(refusal.message);
    this.text.setAttribute("aria-invalid", "true");
    if (place === null) return;
    const line = this.value.slice(0, place.from).split("\n").length;
    this.error.append(
      " ",
      button(`line ${line}`, `go to line ${line}`, () => {
        this.text.focus();
        this.text.setSelectionRange(place.from, place.to);
        this.text.scrollTop = (this.text.scrollHeight * Math.max(line - 4, 0)) / this.value.split("\n").length;
        this.showHelp();
      }),
    );
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.changed(this.value), PAUSE_MS);
    this.showHelp();
  }

  private showHelp(): void {
    const path = pathAt(placesOf(this.value), this.text.selectionStart);
    if (path === this.shownPath) return;
    this.shownPath = path;
    const found = helpFor(this.schema, path, parsed(this.value));
    this.help.replaceChildren(h("h3", {}, path === "" ? "Platform" : path));
    if (found === null) {
      this.help.append(h("p", {}, path === "" ? "Put the caret on a member to read what it means." : "The schema does not know it."));
      return;
    }
    this.help.append(h("p", {}, found.description));
    const facts = h("dl");
    for (const [title, words] of found.facts) facts.append(h("dt", {}, title), h("dd", {}, words));
    if (found.members.length > 0) facts.append(h("dt", {}, "members"), h("dd", {}, found.members.join(", ")));
    this.help.append(facts);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
