// SPDX-License-Identifier: Apache-2.0
// Light or dark: what the system says, until the reader says otherwise.

type Theme = "light" | "dark";
const KEY = "chipcast-theme";
const listeners: (() => void)[] = [];
const systemDark = matchMedia("(prefers-color-scheme: dark)");

/** Storage may be closed to a file opened from disk. */
function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null;
  }
}

let chosen: Theme | null = stored();

export function theme(): Theme {
  return chosen ?? (systemDark.matches ? "dark" : "light");
}

function apply(): void {
  document.documentElement.dataset["theme"] = theme();
  for (const tell of listeners) tell();
}

export function toggleTheme(): void {
  chosen = theme() === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // The choice lasts as long as the page.
  }
  apply();
}

/** Canvases draw anew: they hold colours, not names of colours. */
export function onTheme(tell: () => void): void {
  listeners.push(tell);
}

/** A colour of the style sheet, for a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function startTheme(): void {
  systemDark.addEventListener("change", apply);
  const forPaper = (): void => {
    document.documentElement.dataset["theme"] = "light";
    for (const tell of listeners) tell();
  };
  addEventListener("beforeprint", forPaper);
  addEventListener("afterprint", apply);
  apply();
}
