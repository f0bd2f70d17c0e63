# SPDX-License-Identifier: Apache-2.0
"""A page in the browser, with network off, and what it complained about."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Opened:
    """A page in the browser, and what it complained about."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        found = self.page.eval_on_selector_all(selector, "all => all.map(e => e.innerText ?? e.textContent)")
        return [" ".join(text.split()) for text in found]

    def text(self, selector: str) -> str:
        return self.texts(selector)[0]

    def values(self, selector: str, value: str = "value") -> dict[str, float]:
        """data-value by data-name of what is drawn."""
        found = self.page.eval_on_selector_all(
            selector, f"all => all.map(e => [e.dataset.name, Number(e.dataset.{value})])"
        )
        return dict(found)

    def window(self, nth: int = 0) -> tuple[float, float]:
        """What a timeline shows, in seconds."""
        canvas = self.page.locator(".timeline canvas").nth(nth)
        return float(canvas.get_attribute("data-begin")), float(canvas.get_attribute("data-end"))

    def frame(self) -> None:
        """Waits until what was asked for is drawn."""
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")

    @property
    def ready_ms(self) -> float:
        return float(self.page.evaluate("document.documentElement.dataset.readyMs"))


Open = Callable[..., Opened]


def local_only(url: str, complaints: list[str]) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        complaints.append(f"asked for {url}")
