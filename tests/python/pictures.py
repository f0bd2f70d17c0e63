# SPDX-License-Identifier: Apache-2.0
"""Whether a picture shows something."""

from __future__ import annotations

import io
from typing import Any

import matplotlib.image
import numpy as np


def check_view(view: Any) -> None:
    """Every axes of the view has data within its limits, and they are seen in its image."""
    drawn = [axes for axes in view.figure.axes if axes.axison]
    assert drawn
    png = view._repr_png_()
    check_picture(png)
    pixels = pixels_of(png)
    for axes in drawn:
        _check_limits(axes)
        assert inked(_inside(pixels, axes)) > 0.0002, axes.get_title()


def check_picture(png: bytes) -> None:
    """It decodes, has more than black and white, and is not blank inside."""
    pixels = pixels_of(png)
    height, width = pixels.shape[:2]
    assert min(height, width) > 100
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 2
    assert inked(pixels[height // 25 : -height // 4, width // 8 : -width // 8]) > 0.0005


def inked(pixels: Any) -> float:
    """Share that is darker than white, grey lines of the grid apart."""
    return float((pixels.reshape(-1, 3) < 0.8).any(axis=1).mean())


def pixels_of(png: bytes) -> Any:
    """[height, width, 3] between 0 and 1, on white."""
    pixels = matplotlib.image.imread(io.BytesIO(png), format="png")
    colours, opaque = pixels[..., :3], pixels[..., 3:] if pixels.shape[-1] == 4 else 1.0
    return colours * opaque + (1.0 - opaque)


def _inside(pixels: Any, axes: Any) -> Any:
    """Without the lines around it."""
    height, width = pixels.shape[:2]
    box = axes.get_position()
    edge = 4
    top, bottom = int((1.0 - box.y1) * height) + edge, int((1.0 - box.y0) * height) - edge
    return pixels[top:bottom, int(box.x0 * width) + edge : int(box.x1 * width) - edge]


def _check_limits(axes: Any) -> None:
    assert axes.has_data(), axes.get_title()
    (left, right), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    for collection in axes.collections:
        offsets = np.ma.filled(np.ma.masked_invalid(collection.get_offsets()), np.nan)
        if len(offsets) > 1:
            assert left <= np.nanmin(offsets[:, 0]) <= np.nanmax(offsets[:, 0]) <= right
            assert bottom <= np.nanmin(offsets[:, 1]) <= np.nanmax(offsets[:, 1]) <= top
