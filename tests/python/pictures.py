# SPDX-License-Identifier: Apache-2.0
"""Whether a picture shows something."""

from __future__ import annotations

import io
from typing import Any

import matplotlib.image
import numpy as np


def check_picture(png: bytes) -> None:
    """It decodes, has more than one colour, and its middle, where data stand, is not blank."""
    pixels = pixels_of(png)
    height, width = pixels.shape[:2]
    middle = pixels[height // 5 : -height // 4, width // 6 : -width // 6].reshape(-1, 3)
    assert min(height, width) > 100
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 2
    inked = (middle < 0.8).any(axis=1).mean()
    assert inked > 0.0005, f"{inked:.2%} of the middle is inked"


def pixels_of(png: bytes) -> Any:
    """[height, width, 3] between 0 and 1, on white."""
    pixels = matplotlib.image.imread(io.BytesIO(png), format="png")
    colours, opaque = pixels[..., :3], pixels[..., 3:] if pixels.shape[-1] == 4 else 1.0
    return colours * opaque + (1.0 - opaque)


def check_axes(figure: Any) -> None:
    """Every axes that is drawn has data, and all of them are inside its limits."""
    drawn = [axes for axes in figure.axes if axes.axison]
    assert drawn
    for axes in drawn:
        assert axes.has_data(), axes.get_title()
        (left, right), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        for collection in axes.collections:
            offsets = np.ma.filled(np.ma.masked_invalid(collection.get_offsets()), np.nan)
            if len(offsets) > 1:
                assert np.nanmin(offsets[:, 0]) >= left
                assert np.nanmax(offsets[:, 0]) <= right
                assert np.nanmin(offsets[:, 1]) >= bottom
                assert np.nanmax(offsets[:, 1]) <= top
