# SPDX-License-Identifier: Apache-2.0
"""Which operators run on integers, and which tensors have one scale together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chipcast.quantization.columns import Product
from chipcast.quantization.folding import PRODUCTS, Document, Parameters

# What only moves data or picks some of it: results have the scale of what they were.
MOVES = (
    "reshape",
    "transpose",
    "slice",
    "split",
    "pad",
    "concat",
    "expand",
    "tile",
    "space_depth",
    "channel_shuffle",
)
_UNARIES = (
    "relu",
    "clip",
    "leaky_relu",
    "hard_swish",
    "hard_sigmoid",
    "sigmoid",
    "tanh",
    "elu",
    "swish",
    "abs",
)
_BINARIES = ("add", "sub", "mul", "max", "min")


@dataclass
class Plan:
    integer: set[str]
    """Names of operators that run on integers."""
    scaled: dict[str, str]
    """Every integer activation, and the tensor that stands for all with the same scale."""
    products: list[Product]
    """The integer operators with weights, in order."""

    def together(self, tensor: str) -> list[str]:
        return [name for name, same in self.scaled.items() if same == self.scaled[tensor]]


def moves(op: Document) -> bool:
    return bool(op["kind"] in MOVES or (op["kind"] == "pool" and op["attributes"].get("function") == "max"))


def plan_of(graph: Document, parameters: Parameters, wanted: Callable[[str], bool] | None = None) -> Plan:
    """`wanted` says of an operator's name whether it may run on integers; all may by default."""
    integer = {
        str(op["name"])
        for op in graph["ops"]
        if (wanted is None or wanted(str(op["name"]))) and _has_integer_form(graph, op, parameters)
    }
    groups: dict[str, str] = {}
    products = []
    for op in graph["ops"]:
        if op["name"] not in integer:
            continue
        data = [name for name in op["inputs"] if name and name not in parameters]
        for name in [*data, *op["outputs"]]:
            groups.setdefault(name, name)
        if moves(op):
            _join(groups, [*data, *op["outputs"]])
        if op["kind"] in PRODUCTS:
            tensors = graph["tensors"]
            shapes = tensors[op["inputs"][1]]["shape"], tensors[op["outputs"][0]]["shape"]
            products.append(Product(op, tuple(shapes[0]), tuple(shapes[1])))
    return Plan(integer, groups, products)


def _join(groups: dict[str, str], names: Iterable[str]) -> None:
    same = {groups[name] for name in names}
    stands = next(name for name in groups if groups[name] in same)
    for name, group in groups.items():
        if group in same:
            groups[name] = stands


def _has_integer_form(graph: Document, op: Document, parameters: Parameters) -> bool:
    kind, given = str(op["kind"]), op["attributes"]
    function = str(given.get("function"))
    data = [name for name in op["inputs"] if name and name not in parameters]
    if not data or any(graph["tensors"][name]["dtype"] != "fp32" for name in [*data, *op["outputs"]]):
        return False
    if kind in PRODUCTS:
        return bool(data == op["inputs"][:1] and given.get("alpha", 1.0) == given.get("beta", 1.0) == 1.0)
    if len(data) != len([name for name in op["inputs"] if name]):
        return False  # a constant operand without a scale
    if kind == "pool":
        return function in ("max", "avg") and len(op["outputs"]) == 1
    if kind == "unary":
        return function in _UNARIES
    if kind == "binary":
        return function in _BINARIES
    if kind == "reduce":
        return function == "mean"
    return kind in MOVES
