# SPDX-License-Identifier: Apache-2.0
"""Where a platform runs each operator, and in which formats."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

INTEGERS = ("int4", "uint4", "int7", "int8", "uint8", "int16")
FLOATS = ("fp16", "bf16", "fp32", "fp64")


@dataclass(frozen=True)
class Placed:
    device: str
    arithmetic: str
    dtype: str = ""
    """Of the network's data there."""
    fuses: bool = False
    """A multiply-add in fp16 rounds once: vector units of CPUs."""

    @property
    def data(self) -> str:
        """Format of the data operands: the text's first word."""
        return self.arithmetic.partition(",")[0].partition(" ")[0]

    @property
    def weights(self) -> str:
        """Format of the other factor; empty without products."""
        _, by, rest = self.arithmetic.partition(" x ")
        return rest.partition(" ")[0] if by else ""

    @property
    def sums(self) -> str:
        _, to, rest = self.arithmetic.partition(" -> ")
        return rest.partition(",")[0] if to else ""

    @property
    def rounding(self) -> str:
        """The text's last words."""
        return self.arithmetic.rpartition(", ")[2]


NOWHERE = Placed("", "")


class Placement:
    """Of the operators that ran, by name; those that were fused before have their host's."""

    def __init__(
        self, rows: list[dict[str, Any]], graph: Mapping[str, Any], cpus: Collection[str] = ()
    ) -> None:
        """`rows`: operators of a result; `cpus`: names of the devices that are CPUs."""
        self._rows = {
            row["name"]: Placed(row["device"], row.get("arithmetic", ""), row["dtype"], row["device"] in cpus)
            for row in rows
        }
        self._host = {fused["name"]: op["name"] for op in graph["ops"] for fused in op.get("fused") or []}

    def __getitem__(self, op: str) -> Placed:
        return self._rows.get(op) or self._rows.get(self._host.get(op, ""), NOWHERE)

    def formats(self) -> set[str]:
        """Of data in the arithmetic, and of the network's where that is unpacked first."""
        rows = [placed for placed in self._rows.values() if placed.data]
        return {placed.data for placed in rows} | {placed.dtype for placed in rows}

    def placed(self) -> dict[str, Placed]:
        return dict(self._rows)
