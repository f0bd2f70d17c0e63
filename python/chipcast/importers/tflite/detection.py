# SPDX-License-Identifier: Apache-2.0
"""Non-maximum suppression: one detect operator, taken apart into what the file's operator gives."""

from __future__ import annotations

from flatbuffers import flexbuffers

from chipcast.importers.errors import fail
from chipcast.importers.tflite.context import Context, handles
from chipcast.importers.tflite.reader import Operator

MOST_DETECTIONS = 1_000_000


@handles("TFLite_Detection_PostProcess")
def post_process(c: Context, op: Operator) -> None:
    """boxes [1,n,4], classes [1,n], scores [1,n], count [1] from box encodings, class scores and anchors."""
    c.need(op, 3, 4)
    options = flexbuffers.GetRoot(bytearray(op.custom)).AsMap if op.custom else None
    count = int(options["max_detections"].AsInt) if options is not None else 0
    if not 1 <= count <= MOST_DETECTIONS:
        fail(op.place, f"max_detections {count} is outside [1, {MOST_DETECTIONS}]; the file is damaged")
    rows = c.b.op("detect", [c.x(op, i) for i in range(3)], 1, name=c.name(op), place=op.place, function="ssd",
                  max_detections=count)[0]  # fmt: skip
    parts = c.b.op("split", [rows], 3, name=f"{c.name(op)}/columns", place=op.place, axis=1, sizes=[4, 1, 1])
    for position, (part, shape) in enumerate(
        zip(parts, ([1, count, 4], [1, count], [1, count]), strict=True)
    ):
        c.b.reshape(part, shape, c.out(op, position), name=f"{c.name(op)}/shape", place=op.place)
    c.b.op("reduce", [c.out(op, 2)], c.out(op, 3), name=f"{c.name(op)}/count", place=op.place, function="sum", axes=[1],
           keep_dims=False)  # fmt: skip


@handles("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5")
def non_max_suppression(c: Context, op: Operator) -> None:
    """Selected indices, (V5) their scores, and how many are valid."""
    scored = op.kind.endswith("5")
    c.need(op, 3, 3 if scored else 2)
    count = c.one(op, 2, "max_output_size")
    rows = c.b.op("detect", [c.x(op, 0), c.x(op, 1)], 1, name=c.name(op), place=op.place, function="nms",
                  max_detections=count)[0]  # fmt: skip
    parts = c.b.op("split", [rows], 3, name=f"{c.name(op)}/columns", place=op.place, axis=1, sizes=[4, 1, 1])
    for position, part in enumerate((parts[1], parts[2]) if scored else (parts[1],)):
        c.b.reshape(part, [count], c.out(op, position), name=f"{c.name(op)}/shape", place=op.place)
    c.b.op("reduce", [parts[2]], c.out(op, 2 if scored else 1), name=f"{c.name(op)}/valid", place=op.place,
           function="sum", axes=[], keep_dims=False)  # fmt: skip
