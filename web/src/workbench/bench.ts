// SPDX-License-Identifier: Apache-2.0
// The workbench: choices on the left, what they come to on the right. The last good result stays until a better one.
import { button, h } from "../base/dom";
import { toggleTheme } from "../base/theme";
import { drawSummary } from "../views/summary";
import * as api from "./api";
import { drawChoosers, type Choosers } from "./choosers";
import { save } from "./downloads";
import { Editor } from "./editor";
import { drawFigures, type Figures } from "./figures";
import { drawKnobs } from "./knobs";
import { Latest } from "./latest";
import { firstChoices, planOf, platformFile, powerOf, questionOf, untouched, type Changes, type Choices, type Plan } from "./state";

interface Asked {
  plan: Plan;
  /** Of what was asked later, an earlier answer is no news. */
  serial: number;
  /** Counts networks, platforms and edits: what is held against another one's figures would mislead. */
  epoch: number;
  at: number;
}

export class Workbench {
  private readonly figures = h("div", { class: "cards", id: "figures" });
  private readonly status = h("p", { class: "hidden", role: "status" });
  private readonly details = h("div", { id: "details" });
  private readonly knobs = h("div", { id: "knobs" });
  private readonly message = h("p", { id: "message", role: "alert" });
  private readonly editor: Editor;
  private readonly choosers: Choosers;
  private readonly choices: Choices;
  private readonly kept = new Map<string, Changes>();
  private known: api.Knob[] = [];
  private described: api.Described["platform"] = { name: "", memories: {}, devices: {} };
  private now: Figures = {};
  private before: Figures = {};
  /** Epoch, rate and battery that the figures of the untouched platform are of. */
  private beforeOf = "";
  private serial = 0;
  private settled = -1;
  private epoch = 0;
  private opened = 0;
  /** Whether somebody chose the number format. */
  private formatChosen = false;
  private readonly dragging = new Latest<Asked>(
    (asked) => this.forecastQuickly(asked),
    (error, asked) => this.refused(error, asked),
  );
  private readonly resting = new Latest<Asked>(
    (asked) => this.forecast(asked),
    (error, asked) => this.refused(error, asked),
  );
  /** From a knob's move to the figure on the page, in milliseconds. */
  private readonly answers: number[] = [];

  constructor(into: HTMLElement, catalog: api.Catalog, schema: unknown) {
    this.choices = firstChoices(catalog);
    const editing = h("details", { id: "editing" }, h("summary", {}, "Platform as JSON"));
    this.editor = new Editor(editing, schema, (text) => void this.edited(text));
    this.choosers = drawChoosers(catalog, this.choices, {
      network: () => this.begin(),
      format: () => {
        this.formatChosen = true;
        this.begin();
      },
      platform: () => void this.open(),
      use: () => this.rest(),
      refused: (error) => this.say(error),
    });
    const side = h("form", { class: "side", "aria-label": "Choices" }, this.choosers.element, h("h2", {}, "Knobs"), this.knobs);
    side.addEventListener("submit", (event) => event.preventDefault());
    const outcome = h("div", { class: "outcome" }, this.figures, this.status, this.details, editing);
    into.append(this.bar(catalog), this.message, h("main", { class: "bench" }, side, outcome));
  }

  private bar(catalog: api.Catalog): HTMLElement {
    const titles = [
      h("span", { class: "product" }, "Chipcast"),
      h("h1", {}, "Workbench"),
      h("span", { class: "remark" }, `version ${catalog.version}`),
    ];
    const actions = [
      button("Platform file", "download the platform file with these knobs", () => this.savePlatform()),
      button("Power mode", "download these clocks and cores as a power mode of nvpmodel", () => void this.saveMode()),
      button("Report", "download the report of these choices as a page", () => void this.saveReport()),
      button("Theme", "Switch between light and dark", toggleTheme),
    ];
    return h("header", { class: "bar" }, h("div", { class: "titles" }, ...titles), h("div", { class: "actions" }, ...actions));
  }

  private get changes(): Changes {
    const { platform } = this.choices;
    const found = this.kept.get(platform) ?? { text: null, turned: new Map<string, string>() };
    this.kept.set(platform, found);
    return found;
  }

  /** Shows the platform that is chosen, with what was done to it before. */
  async open(): Promise<void> {
    const opened = (this.opened += 1);
    this.editor.wait();
    const { platform } = this.choices;
    const { text } = this.changes;
    try {
      const found = await api.describe(text === null ? platform : { text }, "open");
      if (opened !== this.opened) return; // another one was chosen meanwhile
      this.editor.show(text ?? `${JSON.stringify(found.platform, null, 2)}\n`);
      this.take(found);
      this.say(null);
      this.begin();
    } catch (error) {
      this.say(error);
    }
  }

  /** An edit counts once the whole of it can be read; until then what was stays. */
  private async edited(text: string): Promise<void> {
    const opened = (this.opened += 1);
    try {
      const found = await api.describe({ text }, "edit");
      if (opened !== this.opened) return;
      this.changes.text = text;
      this.editor.accept();
      this.take(found);
      this.begin();
    } catch (error) {
      if (opened === this.opened && error instanceof api.Refusal && !error.superseded) this.editor.refuse(error);
    }
  }

  /** A knob that the platform has no more, or not at that stop, is not turned any more. */
  private take(found: api.Described): void {
    this.known = found.knobs;
    this.described = found.platform;
    const { turned } = this.changes;
    for (const [id, text] of turned) {
      const knob = found.knobs.find((each) => each.id === id);
      if (knob?.stops.some((stop) => stop.text === text) !== true) turned.delete(id);
    }
    drawKnobs(this.knobs, found.knobs, turned, {
      moved: (knob, text) => {
        if (text === null) turned.delete(knob.id);
        else turned.set(knob.id, text);
        this.move();
      },
      settled: () => this.rest(),
    });
  }

  /** Another network or platform: both what is and what would be without knobs. */
  private begin(): void {
    this.epoch += 1;
    this.move();
    this.rest();
  }

  private move(): void {
    this.serial += 1;
    this.draw();
    this.dragging.ask(this.asked());
  }

  private rest(): void {
    this.serial += 1;
    this.draw();
    this.resting.ask(this.asked());
  }

  private asked(): Asked {
    const plan = planOf(this.choices, this.changes, this.known);
    return { plan, serial: this.serial, epoch: this.epoch, at: performance.now() };
  }

  private async forecastQuickly({ plan, epoch, at }: Asked): Promise<void> {
    const found = await api.analytic(questionOf(plan), "drag");
    if (epoch !== this.epoch) return;
    this.now = { ...this.now, analytic_s: found.analytic_latency_s };
    this.draw();
    this.answers.push(performance.now() - at);
    document.documentElement.dataset["answerMs"] = this.answers.map((each) => each.toFixed(1)).join(" ");
  }

  private async forecast({ plan, serial, epoch }: Asked): Promise<void> {
    const { report } = await api.run(questionOf(plan));
    if (epoch !== this.epoch) return;
    const power = (await api.power(...powerOf(plan))).report;
    if (epoch !== this.epoch) return;
    const beforeOf = `${epoch} ${plan.choices.rate} ${plan.choices.battery}`;
    if (beforeOf !== this.beforeOf) {
      const before = await this.without(plan, report, power);
      if (epoch !== this.epoch) return;
      this.before = before;
      this.beforeOf = beforeOf;
    }
    this.now = { analytic_s: report.analytic?.latency_s ?? Number.NaN, report, power };
    this.settled = serial;
    this.say(null);
    this.editor.accept();
    this.draw();
    this.details.replaceChildren();
    drawSummary(this.details, { label: "now", report });
    this.status.textContent = [...this.figures.querySelectorAll(".card")].map((card) => card.textContent).join("; ");
  }

  /** The same with no knob turned. */
  private async without(plan: Plan, report: api.Report, power: api.PowerReport): Promise<Figures> {
    if (plan.stops.length > 0) {
      report = (await api.run(questionOf(untouched(plan)))).report;
      power = (await api.power(...powerOf(untouched(plan)))).report;
    }
    return { analytic_s: report.analytic?.latency_s ?? Number.NaN, report, power };
  }

  private draw(): void {
    const { text, turned } = this.changes;
    const stale = this.settled !== this.serial;
    const comparable = this.beforeOf.startsWith(`${this.epoch} `);
    const before = comparable ? this.before : {};
    drawFigures(this.figures, { now: this.now, before, turned: turned.size > 0, edited: text !== null, stale });
    this.details.classList.toggle("stale", stale);
  }

  /** Figures of earlier choices stay, marked; the message says why there are no newer ones. */
  private refused(error: unknown, asked: Asked): void {
    if (asked.epoch !== this.epoch || (error instanceof api.Refusal && error.superseded)) return;
    if (this.fallBack(error)) return;
    this.say(error);
    if (error instanceof api.Refusal && this.changes.text !== null) this.editor.refuse(error);
  }

  /** Nobody asked for int8: where a platform has none, the network's own format is as good. */
  private fallBack(error: unknown): boolean {
    const cannot = error instanceof api.Refusal && error.message.includes("no device runs it");
    if (!cannot || this.formatChosen || this.choices.options["dtype"] !== "int8") return false;
    delete this.choices.options["dtype"];
    this.choosers.showFormat("");
    this.begin();
    return true;
  }

  private say(error: unknown): void {
    if (error === null) this.message.replaceChildren();
    else if (error instanceof api.Refusal && error.superseded) return;
    else this.message.replaceChildren(error instanceof Error ? error.message : String(error));
  }

  private name(): string {
    const model = typeof this.choices.model === "string" ? this.choices.model : "network";
    return `${model}-${this.choices.platform}`;
  }

  private savePlatform(): void {
    const file = platformFile(this.asked().plan, this.described);
    save(`${this.choices.platform}-changed.json`, file, "application/json");
  }

  private async saveMode(): Promise<void> {
    try {
      save(`${this.name()}.conf`, (await api.powerMode(...powerOf(this.asked().plan))).text, "text/plain");
    } catch (error) {
      this.say(error);
    }
  }

  private async saveReport(): Promise<void> {
    try {
      save(`${this.name()}.html`, (await api.page(questionOf(this.asked().plan))).html, "text/html");
    } catch (error) {
      this.say(error);
    }
  }
}

export async function startWorkbench(into: HTMLElement): Promise<void> {
  try {
    const [catalog, schema] = await Promise.all([api.readCatalog(), api.readSchema()]);
    await new Workbench(into, catalog, schema).open();
  } catch (error) {
    into.append(h("p", { role: "alert" }, error instanceof Error ? error.message : String(error)));
  }
}
