# SPDX-License-Identifier: Apache-2.0
"""What the check of numbers found."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from chipcast.quantization.metrics import Distance


@dataclass(frozen=True)
class Numbers:
    """One tensor, computed in a platform's formats, beside fp32."""

    name: str
    """The operator, or the network's output."""
    kind: str
    device: str
    """Where the platform runs it; empty for outputs and for what only moves."""
    arithmetic: str
    """As the device states it."""
    computed: str
    """The format in which the kernels stored it here."""
    distance: Distance
    equal: bool | None
    """SIMD and plain kernels gave the same stored integers, element by element; None for floats."""

    def to_dict(self) -> dict[str, Any]:
        """Distances that are infinite are None: JSON has no such number."""
        out = asdict(self)
        for name, value in out.pop("distance").items():
            out[name] = value if math.isfinite(value) else None
        return out


@dataclass(frozen=True)
class NumbersReport:
    """`layers` in the order of operators, `outputs` in the network's."""

    model: str
    platform: str
    method: str
    """How it was quantised: a method of chipcast.quantization, "as in the model", or empty where all is float."""
    inputs: int
    """Sets of inputs that were run."""
    layers: list[Numbers]
    outputs: list[Numbers]
    notes: list[str] = field(default_factory=list)
    """Where the kernels' arithmetic is not the device's."""

    @property
    def equal(self) -> bool | None:
        """False where integer tensors differ or values are lost to infinity; None where there was nothing to judge:
        neither integers nor a value lost."""
        every = [*self.layers, *self.outputs]
        judged = [each.equal for each in every if each.equal is not None]
        if any(each.distance.lost for each in every):
            return False
        return all(judged) if judged else None

    def verdict(self) -> str:
        """One line: what was judged, and how it went."""
        every = [*self.layers, *self.outputs]
        judged = [each.equal for each in every if each.equal is not None]
        lost = sum(bool(each.distance.lost) for each in every)
        parts = []
        if judged:
            differ = judged.count(False)
            parts.append(f"{differ} of {len(judged)} integer tensors differ" if differ else
                         f"all {len(judged)} integer tensors equal")  # fmt: skip
        if lost:
            parts.append(f"{lost} tensors hold infinite values or none where fp32 is finite")
        if not parts:
            parts.append("floats only, all finite: nothing has to be equal")
        return f"numbers: {'; '.join(parts)} ({self.inputs} inputs)"

    def to_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "platform": self.platform,
            "method": self.method,
            "inputs": self.inputs,
            "equal": self.equal,
            "layers": [each.to_dict() for each in self.layers],
            "outputs": [each.to_dict() for each in self.outputs],
            "notes": list(self.notes),
        }

    def to_text(self) -> str:
        rows: list[tuple[str, ...]] = [
            ("operator", "device", "arithmetic", "computed", "SQNR dB", "cosine", "max error", "equal")
        ]
        rows += [_row(each) for each in self.layers]
        rows += [_row(each) for each in self.outputs]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(
                text.rjust(width) if i in (4, 5, 6) else text.ljust(width)
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        heading = f"{self.model} on {self.platform}" + (f", {self.method}" if self.method else "")
        return "\n".join([heading, *lines, "", self.verdict(), *(f"note: {note}" for note in self.notes)])


def _row(each: Numbers) -> tuple[str, ...]:
    distance = each.distance
    return (
        each.name if each.kind != "output" else f"output {each.name}",
        each.device or "-",
        each.arithmetic or "-",
        each.computed,
        "exact" if math.isinf(distance.sqnr_db) and distance.sqnr_db > 0 else f"{distance.sqnr_db:.1f}",
        f"{distance.cosine:.6f}",
        f"{distance.max_error:.3g}",
        {None: "-", True: "yes", False: "NO"}[each.equal],
    )
