# SPDX-License-Identifier: Apache-2.0
"""How accuracy is estimated."""

from __future__ import annotations

from dataclasses import dataclass

from chipcast._core import InputError
from chipcast.text import plain

SCALES = ("least_error", "min_max")
_MOST_IMAGES = 256


@dataclass(frozen=True)
class Accuracy:
    """SQNR of the network's outputs over `images` random images, parameters in their own values or random. Ranges come
    from 32 others, or from as many where those are more.

    scales: "least_error" clips where the squared error is least, "min_max" nowhere. predict: sums up what each layer's
    format costs alone (a run per layer and format, for the whole search) instead of running each combination;
    combinations on the front are run in either case.
    """

    images: int = 4
    seed: int = 0
    scales: str = "least_error"
    predict: bool = True

    def __post_init__(self) -> None:
        for name, least, most in (("images", 1, _MOST_IMAGES), ("seed", 0, 2**31)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InputError(
                    f"accuracy.{name}: {plain(value)} is not a whole number in [{least}, {most}]"
                )
        if self.scales not in SCALES:
            raise InputError(
                f'accuracy.scales: "{plain(self.scales)}" is not known (known: {", ".join(SCALES)})'
            )
        if not isinstance(self.predict, bool):
            raise InputError(f"accuracy.predict: {plain(self.predict)} is neither true nor false")
