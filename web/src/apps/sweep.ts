// SPDX-License-Identifier: Apache-2.0
// The page of a sweep: the front of two columns, parallel coordinates, every point, and how to run one again.
import { button, h } from "../base/dom";
import { isNumber, measured, NONE } from "../base/format";
import { missing, note, panel } from "../base/parts";
import { SortedTable, type Column } from "../base/table";
import { front, placed, varies, type Objective, type Placed, type SweepColumn, type SweepData } from "../data/sweep";
import { Parallel } from "../views/parallel";
import { Scatter } from "../views/scatter";
import { card } from "../views/summary";
import { show } from "./shell";

const MOST_AXES = 10;

function cellText(column: SweepColumn, index: number): string {
  const value = column.values[index] ?? null;
  if (value === null) return NONE;
  if (typeof value === "string") return value;
  return measured(value, column.unit);
}

class SweepPage {
  private readonly columns: SweepColumn[];
  private readonly numeric: Placed[];
  private readonly goals: Map<string, Objective>;
  private readonly scatter = new Scatter((index) => this.pick(index));
  private readonly parallel: Parallel;
  private readonly details = h("div", { class: "details", "aria-live": "polite" });
  private readonly count = note("");
  private readonly tableBox = h("div");
  private readonly frontOnly = h("input", { type: "checkbox", id: "front-only" });
  private x: Placed;
  private y: Placed;
  private best: number[] = [];
  private picked = -1;

  constructor(private readonly data: SweepData) {
    this.columns = [...data.axes, ...data.metrics];
    this.goals = new Map(data.objectives.map((each) => [each.name, each]));
    this.numeric = this.columns.map(placed).filter((each) => each.texts.length === 0 && varies(each.column));
    const wanted = data.objectives.map((each) => this.numeric.find((other) => other.column.name === each.name));
    const order = [...wanted.filter((each) => each !== undefined), ...this.numeric];
    const fallback = placed({ name: "point", unit: "", values: data.points });
    this.x = order[0] ?? fallback;
    this.y = order.find((each) => each !== this.x) ?? this.x;
    const shown = [
      ...data.axes.filter(varies),
      ...data.objectives.flatMap((each) => data.metrics.filter((column) => column.name === each.name)),
    ];
    this.parallel = new Parallel(
      (shown.length > 0 ? shown : this.columns.filter(varies)).slice(0, MOST_AXES).map(placed),
      () => this.update(),
    );
    this.frontOnly.addEventListener("change", () => this.update());
  }

  drawFirst(into: HTMLElement): void {
    const { states, objectives } = this.data;
    const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
    const cards = objectives.slice(0, 4).map((goal) => this.bestCard(goal));
    into.append(
      h("div", { class: "cards" }, card("How many?", String(this.data.points.length), counts.join(", ")), ...cards),
    );
    if (this.numeric.length < 2) {
      into.append(missing("Fewer than two columns of numbers vary: there is no front."));
      return;
    }
    const choose = (label: string, now: Placed, set: (to: Placed) => void): HTMLElement => {
      const select = h("select");
      this.numeric.forEach((each, i) =>
        select.append(h("option", { value: i, selected: each === now }, each.column.name)),
      );
      select.addEventListener("change", () => {
        set(this.numeric[Number(select.value)] ?? now);
        this.update();
      });
      return h("label", {}, `${label} `, select);
    };
    const controls = h(
      "div",
      { class: "controls" },
      choose("Across", this.x, (to) => (this.x = to)),
      choose("Up", this.y, (to) => (this.y = to)),
      h("label", { for: "front-only" }, this.frontOnly, " the front alone"),
    );
    into.append(controls, this.scatter.element, this.count, this.details);
  }

  private bestCard(goal: Objective): HTMLElement {
    const column = this.columns.find((each) => each.name === goal.name);
    const numbers = (column?.values ?? []).map((value, i) => [value, i] as const).filter(([value]) => isNumber(value));
    const sign = goal.goal === "min" ? 1 : -1;
    const first = numbers.sort((a, b) => sign * (Number(a[0]) - Number(b[0])))[0];
    const words = goal.goal === "min" ? "Least" : "Most";
    if (column === undefined || first === undefined) return card(`${words} ${goal.name}`, NONE);
    const again = button(`point ${this.data.points[first[1]] ?? ""}`, "Show this point", () => this.pick(first[1]));
    return card(`${words} ${goal.name}`, cellText(column, first[1]), again);
  }

  drawParallel(into: HTMLElement): void {
    into.append(
      note("A line is a point; blue ones are on the front. Sliders narrow what every view shows."),
      this.parallel.element,
    );
  }

  drawTable(into: HTMLElement): void {
    into.append(this.tableBox);
    this.update();
  }

  private shown(index: number): boolean {
    return this.parallel.admits(index) && (!this.frontOnly.checked || this.best.includes(index));
  }

  update(): void {
    const sign = (values: Placed): number => (this.goals.get(values.column.name)?.goal === "max" ? -1 : 1);
    this.best = front(this.x.numbers, this.y.numbers, [sign(this.x), sign(this.y)]);
    const best = new Set(this.best);
    const admitted = this.data.points.map(
      (_, i) => this.parallel.admits(i) && (!this.frontOnly.checked || best.has(i)),
    );
    const shown = (index: number): boolean => admitted[index] === true;
    const { x, y, picked } = this;
    const name = (index: number): string => `point ${this.data.points[index] ?? ""}`;
    this.scatter.draw({ x, y, picked, shown, name, front: this.best });
    this.parallel.draw({ picked, shown, front: this.best });
    this.count.textContent = `${admitted.filter(Boolean).length} of ${admitted.length} points; ${this.best.length} on the front of ${x.column.name} and ${y.column.name}.`;
    this.fillTable(shown);
  }

  private fillTable(shown: (index: number) => boolean): void {
    const rows = this.data.points.map((_, i) => i).filter(shown);
    const columns: Column<number>[] = [
      { title: "Point", text: (i) => String(this.data.points[i]) },
      { title: "Front", text: (i) => (this.best.includes(i) ? "yes" : "") },
      ...this.columns.map((column): Column<number> => {
        const text = (i: number): string => cellText(column, i);
        if (column.values.some((value) => typeof value === "string")) return { title: column.name, text };
        return {
          title: column.name,
          text,
          value: (i) => (isNumber(column.values[i]) ? Number(column.values[i]) : null),
        };
      }),
    ];
    const table = new SortedTable<number>({
      caption: "table of points",
      columns,
      rows,
      words: (i) => columns.map((column) => column.text(i)).join(" "),
      key: (i) => String(this.data.points[i]),
      onPick: (i) => this.pick(i),
    });
    this.tableBox.replaceChildren(table.element);
  }

  private pick(index: number): void {
    this.picked = index;
    const list = h("dl", { class: "facts" });
    for (const column of this.columns) list.append(h("dt", {}, column.name), h("dd", {}, cellText(column, index)));
    const command = this.data.commands[index] ?? null;
    const again =
      command === null
        ? note("No single command of `chipcast run` says this point.")
        : h("pre", { tabindex: "0" }, command);
    this.details.replaceChildren(
      panel(`Point ${this.data.points[index] ?? ""}`, h("p", { class: "note" }, "Its own page:"), again, list),
    );
    const { x, y } = this;
    const shown = (other: number): boolean => this.shown(other);
    this.scatter.draw({
      x,
      y,
      picked: index,
      shown,
      name: (i) => `point ${this.data.points[i] ?? ""}`,
      front: this.best,
    });
    this.parallel.draw({ picked: index, shown, front: this.best });
  }
}

export async function showSweep(label: string, data: SweepData): Promise<void> {
  const page = new SweepPage(data);
  await show({
    title: label,
    remark: `${data.points.length} points`,
    first: { id: "summary", title: "Front", draw: (into) => page.drawFirst(into) },
    sections: [
      { id: "parallel", title: "Parallel coordinates", draw: (into) => page.drawParallel(into) },
      { id: "points", title: "Points", draw: (into) => page.drawTable(into) },
    ],
  });
}
