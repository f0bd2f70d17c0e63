// SPDX-License-Identifier: Apache-2.0
// The workbench: choices on the left, what they come to on the right. The last good result stays until a better one.
import { button, h } from "../base/dom";
import { toggleTheme } from "../base/theme";
import { drawSummary } from "../views/summary";
import * as api from "./api";
import { drawChoosers } from "./choosers";
import { save } from "./downloads";
import { Editor } from "./editor";
import { drawFigures, type Figures } from "./figures";
import { drawKnobs } from "./knobs";
import { Latest } from "./latest";
import { firstChoices, platformFile, platformOf, questionOf, rememberMemories, type Choices } from "./state";

interface Asked {
  choices: Choices;
  serial: number;
  /** Of another network or platform than now, an answer is of no use. */
  epoch: number;
}

export class Workbench {
  private readonly figures = h("div", { class: "cards", id: "figures", "aria-live": "polite" });
  private readonly details = h("div", { id: "details" });
  private readonly knobs = h("div", { id: "knobs" });
  private readonly choosers = h("div", { id: "choosers" });
  private readonly message = h("p", { id: "message", role: "alert" });
  private readonly editor: Editor;
  private readonly choices: Choices;
  private now: Figures = {};
  private before: Figures = {};
  private serial = 0;
  private epoch = 0;
  private settled = -1;
  /** Rate and battery that the figures of the untouched platform are of. */
  private use = "";
  private readonly dragging = new Latest<Asked>((asked) => this.forecastQuickly(asked));
  private readonly resting = new Latest<Asked>((asked) => this.forecast(asked));
  /** From a knob's move to the figure on the page; the newest last. */
  readonly answer_ms: number[] = [];

  constructor(
    into: HTMLElement,
    catalog: api.Catalog,
    schema: unknown,
  ) {
    this.choices = firstChoices(catalog);
    const editing = h("details", { id: "editing" }, h("summary", {}, "Platform as JSON"));
    this.editor = new Editor(editing, schema, (text) => void this.edited(text));
    into.append(
      h(
        "header",
        { class: "bar" },
        h(
          "div",
          { class: "titles" },
          h("span", { class: "product" }, "Chipcast"),
          h("h1", {}, "Workbench"),
          h("span", { class: "remark" }, `version ${catalog.version}`),
        ),
        h("div", { class: "actions" }, ...this.buttons()),
      ),
      this.message,
      h(
        "main",
        { class: "bench" },
        h("form", { class: "side", "aria-label": "Choices" }, this.choosers, h("h2", {}, "Knobs"), this.knobs),
        h("div", { class: "outcome" }, this.figures, this.details, editing),
      ),
    );
    into.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault());
    drawChoosers(this.choosers, catalog, this.choices, {
      network: () => this.begin(),
      platform: () => void this.open(),
      use: () => this.rest(),
      refused: (error) => this.say(error),
    });
  }

  private buttons(): HTMLElement[] {
    return [
      button("Platform file", "download the platform file with these knobs", () => this.savePlatform()),
      button("Power mode", "download these clocks as a power mode of nvpmodel", () => void this.saveMode()),
      button("Report", "download the report of these choices as a page", () => void this.saveReport()),
      button("Theme", "Switch between light and dark", toggleTheme),
    ];
  }

  /** Reads the platform that is chosen anew: its text, its knobs, its figures. */
  async open(): Promise<void> {
    const { platform } = this.choices;
    try {
      const found = await api.describe(platformOf(this.choices));
      if (platform !== this.choices.platform) return; // another one was chosen meanwhile
      this.takeKnobs(found.knobs);
      if (this.choices.text === null) this.editor.show(`${JSON.stringify(found.platform, null, 2)}\n`);
      this.say(null);
      this.begin();
    } catch (error) {
      this.say(error);
    }
  }

  private takeKnobs(knobs: api.Knob[]): void {
    rememberMemories(knobs);
    const known = new Set(knobs.map((each) => each.path));
    for (const path of Object.keys(this.choices.overrides)) if (!known.has(path)) delete this.choices.overrides[path];
    drawKnobs(this.knobs, knobs, this.choices, { moved: () => this.move(), settled: () => this.rest() });
  }

  /** An edit counts once the whole of it can be read; until then what was stays. */
  private async edited(text: string): Promise<void> {
    try {
      const found = await api.describe({ text });
      if (text !== this.editor.value) return;
      this.choices.text = text;
      this.editor.accept();
      this.takeKnobs(found.knobs);
      this.begin();
    } catch (error) {
      if (error instanceof api.Refusal && !error.superseded && text === this.editor.value) this.editor.refuse(error);
    }
  }

  /** Another network or platform: both what is and what would be without knobs. */
  private begin(): void {
    this.epoch += 1;
    this.now = {};
    this.before = {};
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
    const { overrides, options } = this.choices;
    const choices = { ...this.choices, overrides: { ...overrides }, options: { ...options } };
    return { choices, serial: this.serial, epoch: this.epoch };
  }

  private async forecastQuickly({ choices, epoch }: Asked): Promise<void> {
    const start = performance.now();
    try {
      const found = await api.analytic(questionOf(choices));
      if (epoch !== this.epoch) return;
      this.now = { ...this.now, analytic_s: found.analytic_latency_s };
      this.draw();
      if (this.before.analytic_s === undefined) {
        const before = await api.analytic(questionOf(choices, true));
        if (epoch !== this.epoch) return;
        this.before.analytic_s = before.analytic_latency_s;
        this.draw();
      }
      this.answer_ms.push(performance.now() - start);
      document.documentElement.dataset["answerMs"] = this.answer_ms.map((each) => each.toFixed(1)).join(" ");
    } catch (error) {
      this.say(error);
    }
  }

  private async forecast({ choices, serial, epoch }: Asked): Promise<void> {
    try {
      const { report } = await api.run(questionOf(choices));
      const power = await this.powerOf(choices, false);
      const before = await this.untouched(choices, report, power);
      if (epoch !== this.epoch) return;
      this.before = { ...this.before, ...before };
      this.now = { ...this.now, report, power };
      this.settled = serial;
      this.say(null);
      this.draw();
      this.drawDetails(report);
    } catch (error) {
      this.say(error);
    }
  }

  /** The same with no knob turned: asked once for a network, a platform, a rate and a battery. */
  private async untouched(choices: Choices, report: api.Report, power: api.PowerReport): Promise<Figures> {
    const use = `${choices.rate} ${choices.battery}`;
    if (Object.keys(choices.overrides).length === 0) {
      this.use = use;
      return { report, power };
    }
    if (this.before.report !== undefined && this.use === use) return {};
    this.use = use;
    const found = await api.run(questionOf(choices, true));
    return { report: found.report, power: await this.powerOf(choices, true) };
  }

  private async powerOf(choices: Choices, untouched: boolean): Promise<api.PowerReport> {
    const knobs = { rate: choices.rate, ...(choices.battery === "" ? {} : { battery: choices.battery }) };
    return (await api.power(questionOf(choices, untouched), knobs)).report;
  }

  private draw(): void {
    const turned = Object.keys(this.choices.overrides).length > 0;
    drawFigures(this.figures, this.now, this.before, turned, this.settled !== this.serial);
  }

  private drawDetails(report: NonNullable<Figures["report"]>): void {
    this.details.replaceChildren();
    drawSummary(this.details, { label: "now", report });
  }

  /** The last good result stays beside the message. */
  private say(error: unknown): void {
    if (error === null) this.message.replaceChildren();
    else if (error instanceof api.Refusal) {
      if (!error.superseded) this.message.replaceChildren(error.message);
    } else throw error;
  }

  private name(): string {
    const model = typeof this.choices.model === "string" ? this.choices.model : "network";
    return `${model}-${this.choices.platform}`;
  }

  private savePlatform(): void {
    save(`${this.choices.platform}-changed.json`, platformFile(this.choices), "application/json");
  }

  private async saveMode(): Promise<void> {
    try {
      const found = await api.power(questionOf(this.choices), { rate: this.choices.rate }, true);
      save(`${this.name()}.conf`, found.text ?? "", "text/plain");
    } catch (error) {
      this.say(error);
    }
  }

  private async saveReport(): Promise<void> {
    try {
      save(`${this.name()}.html`, (await api.page(questionOf(this.choices))).html, "text/html");
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
