// SPDX-License-Identifier: Apache-2.0
// What every page has: a bar with title, ways to its sections and the choice of theme; sections one below the other.
import { button, h, size } from "../base/dom";
import { missing, sectionElement, type Section } from "../base/parts";
import { toggleTheme } from "../base/theme";

export interface Page {
  readonly title: string;
  readonly remark: string;
  /** The first screen. */
  readonly first: Section;
  readonly sections: readonly Section[];
}

function bar(page: Page): HTMLElement {
  const ways = h("nav", { "aria-label": "sections" });
  for (const section of [page.first, ...page.sections]) ways.append(h("a", { href: `#${section.id}` }, section.title));
  return h(
    "header",
    { class: "bar" },
    h(
      "div",
      { class: "titles" },
      h("span", { class: "product" }, "Chipcast"),
      h("h1", {}, page.title),
      h("span", { class: "remark" }, page.remark),
    ),
    h(
      "div",
      { class: "actions" },
      button("Print", "Print this page", () => print()),
      button("Theme", "Switch between light and dark", toggleTheme),
    ),
    ways,
  );
}

/** The way to the section that is on screen is marked. */
function followScroll(elements: readonly HTMLElement[]): void {
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.getAttribute("href"), link]));
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((link, href) => {
          if (href === `#${entry.target.id}`) link.setAttribute("aria-current", "true");
          else link.removeAttribute("aria-current");
        });
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const element of elements) watch.observe(element);
}

/** A click on a way scrolls to below the bar, however many lines its title takes. */
function keepHeadingsBelow(top: HTMLElement): void {
  const tell = (): void => size(document.documentElement, "--bar", `${top.offsetHeight}px`);
  new ResizeObserver(tell).observe(top);
  tell();
}

function drawInto(element: HTMLElement, section: Section): void {
  try {
    section.draw(element);
  } catch (error) {
    console.error(error);
    element.append(missing(`This view could not be drawn: ${error instanceof Error ? error.message : String(error)}`));
  }
}

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** Shows the first section at once and the others after it, each in a task of its own, so that the page answers meanwhile.
 * When all stand, the root element says after how many milliseconds (data-ready-ms). */
export async function show(page: Page): Promise<void> {
  document.title = `${page.title} – Chipcast`;
  const main = h("main");
  const sections = [page.first, ...page.sections];
  const elements = sections.map(sectionElement);
  main.append(...elements);
  const top = bar(page);
  document.body.append(h("a", { class: "skip", href: `#${page.first.id}` }, "To the content"), top, main);
  keepHeadingsBelow(top);
  for (let i = 0; i < sections.length; i += 1) {
    const [element, section] = [elements[i], sections[i]];
    if (element !== undefined && section !== undefined) drawInto(element, section);
    await nextTask();
  }
  followScroll(elements);
  addEventListener("beforeprint", () => {
    for (const warnings of document.querySelectorAll<HTMLDetailsElement>("details.warnings")) warnings.open = true;
  });
  await nextFrame();
  document.documentElement.dataset["readyMs"] = performance.now().toFixed(0);
}
