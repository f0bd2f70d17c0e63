# SPDX-License-Identifier: Apache-2.0
"""Pictures: how they look, how they are written, and what goes with them. Needs matplotlib (the extra "search")."""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.text import plain

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".svg", ".png", ".pdf")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C00")
"""Told apart with any colour vision (Okabe, Ito 2008), their yellow darkened for white paper."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
PALE = "#8f8f8f"
INK = "#222222"
MOST_VECTORS = 2000
"""Beyond so many marks, files hold them as one image."""
_DPI = 110
_STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "text.parse_math": False,
    "svg.hashsalt": "chipcast",
    "svg.fonttype": "none",
}
"""Texts in SVG stay texts, for those who search them or have them read aloud."""
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": "Chipcast"},
    ".png": {"Software": "Chipcast"},
    ".pdf": {"CreationDate": None, "Creator": "Chipcast", "Producer": None},
}
_WORDS = {".svg": "Description", ".png": "Description", ".pdf": "Subject"}


def check_matplotlib() -> None:
    """Before a long run rather than after it."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise InputError("views: needs matplotlib; pip install 'chipcast[search]'") from None


@contextmanager
def drawing() -> Iterator[None]:
    """Our look, whatever the user's own settings are; they come back afterwards."""
    check_matplotlib()
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams
        parameters.update(_STYLE)
        yield


def new_figure(width: float, height: float) -> Any:
    """Inches. No window and no global state: it goes when nobody holds it."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def finish(figure: Any, title: str, caption: str) -> None:
    """Title above, caption below in lines that fit; then everything has its place for good, so that a picture comes out
    alike however often it is drawn."""
    if title:
        figure.suptitle(title)
    room = max(int(figure.get_figwidth() * 15.5), 30)
    figure.supxlabel("\n".join(textwrap.wrap(caption, room)), fontsize=8, x=0.01, ha="left", color=INK)
    figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")


@dataclass(frozen=True, eq=False)
class View:
    """A picture for a notebook or a file. `figure` is matplotlib's, `data` has the numbers that it shows, `caption`
    says what that is."""

    figure: Any
    data: pd.DataFrame
    caption: str

    def save(self, path: str | os.PathLike[str]) -> Path:
        """As .svg, .png or .pdf; the same view is the same file, byte for byte. Makes the folder."""
        target = check_picture(Path(path))
        raw = self._bytes(target.suffix)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(raw)
        except OSError as error:
            raise InputError(f'plot: cannot write "{plain(target)}": {error.strerror}') from None
        return target

    def _bytes(self, suffix: str) -> bytes:
        file = io.BytesIO()
        words = {**_METADATA[suffix], "Title": self.title, _WORDS[suffix]: self.caption}
        with drawing():
            self.figure.savefig(file, format=suffix[1:], dpi=_DPI, metadata=words)
        return file.getvalue()

    @property
    def title(self) -> str:
        """Of the picture; the beginning of the caption where it has none."""
        return self.figure.get_suptitle() or textwrap.shorten(self.caption, 80, placeholder="…")

    def _repr_png_(self) -> bytes:
        return self._bytes(".png")

    def __repr__(self) -> str:
        return f"<View: {self.caption}>"


def check_picture(path: Path) -> Path:
    if path.suffix not in SUFFIXES:
        raise InputError(f'plot: "{plain(path)}" is no picture (known: {", ".join(SUFFIXES)})')
    return path
