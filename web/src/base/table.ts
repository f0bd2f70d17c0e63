// SPDX-License-Identifier: Apache-2.0
// A table to search and sort. It draws the first rows only until the reader asks for all of them.
import { freshId, h } from "./dom";
import { scrollable } from "./parts";

export interface Column<T> {
  readonly title: string;
  readonly text: (row: T) => string;
  /** What sorts it; a column without one sorts by its text. */
  readonly value?: (row: T) => number | null;
  /** Replaces the text in the cell. */
  readonly cell?: (row: T) => Node;
  readonly hint?: string;
}

export interface TableOptions<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  /** What the search looks into. */
  readonly words: (row: T) => string;
  readonly key: (row: T) => string;
  /** Opens below a row that was clicked. */
  readonly details?: (row: T) => Node;
  readonly onPick?: (row: T) => void;
}

const FIRST = 200;

export class SortedTable<T> {
  readonly element = h("div", { class: "sorted" });
  private readonly body = h("tbody");
  private readonly count = h("p", { class: "note", "aria-live": "polite" });
  private readonly more: HTMLButtonElement;
  private readonly heads: HTMLTableCellElement[] = [];
  private readonly lines = new Map<string, HTMLTableRowElement>();
  private sortBy = -1;
  private downwards = true;
  private needle = "";
  private all = false;
  private onPaper = false;
  private open: string | null = null;
  private picked: string | null = null;

  constructor(private readonly options: TableOptions<T>) {
    this.more = h("button", { type: "button", class: "more" });
    this.more.addEventListener("click", () => {
      this.all = true;
      this.fill();
    });
    const table = h(
      "table",
      {},
      h("caption", { class: "hidden" }, options.caption),
      h("thead", {}, this.head()),
      this.body,
    );
    this.element.append(this.search(), scrollable(table, options.caption), this.more);
    this.fill();
    addEventListener("beforeprint", () => this.printing(true));
    addEventListener("afterprint", () => this.printing(false));
  }

  /** Paper has no button to show the rest. */
  private printing(on: boolean): void {
    if (this.all || this.options.rows.length <= FIRST) return;
    this.onPaper = on;
    this.fill();
  }

  /** Marks the row of that key. */
  mark(key: string | null): void {
    if (this.picked !== null) this.lines.get(this.picked)?.removeAttribute("aria-selected");
    this.picked = key;
    if (key !== null) this.lines.get(key)?.setAttribute("aria-selected", "true");
  }

  private search(): HTMLElement {
    const id = freshId("search");
    const input = h("input", { type: "search", id, placeholder: "name, kind, device, …", autocomplete: "off" });
    input.addEventListener("input", () => {
      this.needle = input.value.trim().toLowerCase();
      this.fill();
    });
    return h("div", { class: "controls" }, h("label", { for: id }, "Search "), input, this.count);
  }

  private head(): HTMLTableRowElement {
    const line = h("tr");
    this.options.columns.forEach((column, i) => {
      const numeric = column.value !== undefined;
      const sort = h("button", { type: "button", title: column.hint ?? null }, column.title);
      sort.addEventListener("click", () => this.sort(i));
      const cell = h("th", { scope: "col", class: numeric ? "number" : null, "aria-sort": "none" }, sort);
      this.heads.push(cell);
      line.append(cell);
    });
    return line;
  }

  private sort(column: number): void {
    const numeric = this.options.columns[column]?.value !== undefined;
    this.downwards = this.sortBy === column ? !this.downwards : numeric;
    this.sortBy = column;
    this.heads.forEach((head, i) => {
      head.setAttribute("aria-sort", i !== column ? "none" : this.downwards ? "descending" : "ascending");
    });
    this.fill();
  }

  private shown(): T[] {
    const { rows, words, columns } = this.options;
    const found = this.needle === "" ? [...rows] : rows.filter((row) => words(row).toLowerCase().includes(this.needle));
    const column = columns[this.sortBy];
    if (column === undefined) return found;
    const { text, value } = column;
    const sign = this.downwards ? -1 : 1;
    if (value === undefined) return found.sort((a, b) => sign * text(a).localeCompare(text(b)));
    // What has no value stands last either way.
    const rank = (row: T): number => value(row) ?? -sign * -Infinity;
    return found.sort((a, b) => {
      const [left, right] = [rank(a), rank(b)];
      return left === right ? 0 : sign * (left - right);
    });
  }

  private fill(): void {
    const found = this.shown();
    const rows = this.all || this.onPaper ? found : found.slice(0, FIRST);
    this.lines.clear();
    const lines: HTMLTableRowElement[] = [];
    for (const row of rows) {
      const line = this.line(row);
      lines.push(line);
      if (this.open === this.options.key(row)) lines.push(this.detailLine(row));
    }
    this.body.replaceChildren(...lines);
    this.count.textContent = `${found.length} of ${this.options.rows.length}`;
    this.more.hidden = rows.length === found.length;
    this.more.textContent = `Show all ${found.length}`;
  }

  private line(row: T): HTMLTableRowElement {
    const key = this.options.key(row);
    const line = h("tr", { "data-name": key, "aria-selected": key === this.picked ? "true" : null });
    this.options.columns.forEach((column, i) => {
      const numeric = column.value !== undefined;
      const content = i === 0 ? this.name(row, column) : (column.cell?.(row) ?? column.text(row));
      const cell = i === 0 ? h("th", { scope: "row" }) : h("td", { class: numeric ? "number" : null });
      cell.append(content);
      line.append(cell);
    });
    this.lines.set(key, line);
    return line;
  }

  private name(row: T, column: Column<T>): Node | string {
    const text = column.text(row);
    if (this.options.details === undefined && this.options.onPick === undefined) return text;
    const key = this.options.key(row);
    const opens = this.options.details !== undefined;
    const expanded = opens ? String(this.open === key) : null;
    const name = h("button", { type: "button", class: "name", "aria-expanded": expanded }, text);
    name.addEventListener("click", () => {
      if (opens) this.open = this.open === key ? null : key;
      this.options.onPick?.(row);
      this.fill();
      this.lines.get(key)?.querySelector("button")?.focus({ preventScroll: true });
    });
    return name;
  }

  private detailLine(row: T): HTMLTableRowElement {
    const cell = h("td", { colspan: this.options.columns.length, class: "details" });
    const content = this.options.details?.(row);
    if (content !== undefined) cell.append(content);
    return h("tr", {}, cell);
  }
}
