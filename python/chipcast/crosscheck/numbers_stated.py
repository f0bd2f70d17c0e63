# SPDX-License-Identifier: Apache-2.0
"""The arithmetic that devices state, as the executor computes it where its own kernels do otherwise."""

from __future__ import annotations

from typing import Any

from chipcast.crosscheck.numbers_mapping import INTEGERS, Placed, Placement
from chipcast.quantization.folding import Document

PRODUCTS = ("conv", "gemm", "matmul")
_SEED_STEP = 1 << 32  # an operator's matrices of weights count on from its seed


def stated_of(graph: Document, placement: Placement, seed: int) -> dict[str, Document]:
    """By operator: what Runner takes as `stated`. `seed`: of stochastic rounding."""
    out = {}
    for i, op in enumerate(graph["ops"]):
        stated = _of(str(op["kind"]), placement[op["name"]], seed + (i + 1) * _SEED_STEP)
        if stated:
            out[str(op["name"])] = stated
    return out


def _of(kind: str, placed: Placed, seed: int) -> Document:
    if placed.data in INTEGERS:
        return _integer(kind, placed)
    if placed.data != "fp16":
        return {}
    half: dict[str, Any] = {}
    if placed.sums == "fp16" and kind in PRODUCTS:
        half["sums"] = "fp16"
        half["fused"] = placed.fuses
    if placed.rounding == "stochastic rounding":
        half["seed"] = seed
    return {"half": half} if half else {}


def _integer(kind: str, placed: Placed) -> Document:
    if placed.rounding == "half away from zero":
        return {"storing": "half_away"}
    if placed.rounding == "truncation" and kind in ("conv", "gemm"):
        return {"storing": "truncated"}
    return {}


def notes_on(graph: Document, placement: Placement) -> list[str]:
    """What is computed otherwise than stated, and how."""
    notes = []
    for op in graph["ops"]:
        placed, kind = placement[op["name"]], str(op["kind"])
        if placed.sums == "fp16" and (kind not in PRODUCTS or placed.data != "fp16"):
            notes.append(f"{placed.device}: sums of {kind} are computed in fp32 here, not in fp16")
        if placed.sums and placed.rounding == "truncation":
            notes.append(_truncation_note(placed, kind))
    return list(dict.fromkeys(note for note in notes if note))


def _truncation_note(placed: Placed, kind: str) -> str:
    if placed.data in INTEGERS and kind in ("conv", "gemm"):
        return (
            f"{placed.device}: products are truncated by the multiplier of the scales; a chip shifts, so that its "
            "scales are powers of two"
        )
    return f"{placed.device}: results of {kind} are rounded as the kernels do, not by truncation"
