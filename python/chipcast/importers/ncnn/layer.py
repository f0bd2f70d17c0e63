# SPDX-License-Identifier: Apache-2.0
"""One line of a `.param` file, and the handler tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chipcast.importers.builder import Builder
from chipcast.importers.errors import fail, quoted

ABSENT = -233  # ncnn's sentinel for "not given"
Scalar = int | float
Value = Scalar | str | list[Scalar]


@dataclass
class Layer:
    """A layer: its type, name, blobs and numbered parameters."""

    type: str
    name: str
    bottoms: list[str]
    tops: list[str]
    params: dict[int, Value]
    place: str
    hints: list[tuple[int, ...]] = field(default_factory=list)

    def fail(self, message: str) -> None:
        fail(self.place, message)

    def number(self, key: int, what: str, default: Scalar) -> Scalar:
        value = self.params.get(key, default)
        if isinstance(value, (list, str)):
            fail(self.place, f"{what} ({key}=) must be one number, got {value!r}; correct the layer")
        return value

    def int(self, key: int, what: str, default: int = 0, least: int = -(2**31), most: int = 2**31 - 1) -> int:
        value = self.number(key, what, default)
        if value != int(value) or not least <= value <= most:
            fail(self.place, f"{what} ({key}=) is {value}; a whole number in [{least}, {most}] is allowed")
        return int(value)

    def float(self, key: int, what: str, default: float) -> float:
        return float(self.number(key, what, default))

    def list(self, key: int) -> list[Scalar]:
        value = self.params.get(key, [])
        if isinstance(value, str):
            fail(
                self.place,
                f"parameter {key}= must be a list of numbers, got {quoted(value)}; correct the layer",
            )
        return list(value) if isinstance(value, list) else [value]

    def ints(self, key: int) -> list[int]:
        return [int(value) for value in self.list(key)]

    def need(self, bottoms: int, tops: int = 1) -> None:
        """Checks the least number of blobs."""
        for what, have, least in (("inputs", len(self.bottoms), bottoms), ("outputs", len(self.tops), tops)):
            if have < least:
                fail(
                    self.place, f"has {have} {what}, at least {least} needed; correct the counts of the layer"
                )


Handler = Callable[[Builder, Layer], None]
Variant = Callable[[Layer], str | None]

HANDLERS: dict[str, Handler] = {}
VARIANTS: dict[str, Variant] = {}


def handles(*types: str, variant: Variant | None = None) -> Callable[[Handler], Handler]:
    """Registers a handler; `variant` names the form of the layer that is not supported, if it is one."""

    def register(handler: Handler) -> Handler:
        for type_ in types:
            HANDLERS[type_] = handler
            if variant:
                VARIANTS[type_] = variant
        return handler

    return register


def unsupported(each: Layer) -> str | None:
    """What of a layer is not supported: its type, or the variant; None when it is."""
    if each.type not in HANDLERS:
        return each.type
    check = VARIANTS.get(each.type)
    return check(each) if check else None
