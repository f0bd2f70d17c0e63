# SPDX-License-Identifier: Apache-2.0
"""Conditions and formulas over the values of a point: Python's syntax, and nothing of Python that could run.

Names are axes, dots and all: `npu.input_lanes * npu.output_lanes <= 1024 and npu.clock <= "600 MHz"`. A quantity counts
in its unit without prefix, beside an axis as in a text constant.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chipcast._core import InputError
from chipcast.sweep import quantities
from chipcast.text import did_you_mean, plain

_MOST_CHARACTERS = 2000
_MOST_NODES = 400
_LARGEST_EXPONENT = 64

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "log2": math.log2,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}
_ALLOWED = (
    "numbers, texts, names of axes, + - * / // % **, comparisons, in, and, or, not, if else, "
    + ", ".join(f"{name}()" for name in _FUNCTIONS)
)


@dataclass(frozen=True)
class Expression:
    """Checked text. `names`: the axes that it reads."""

    text: str
    names: frozenset[str]
    _tree: ast.expr

    def value(self, values: Mapping[str, Any]) -> Any:
        """Raises InputError where it cannot be computed of these values."""
        try:
            return _value(self._tree, values)
        except InputError:
            raise
        except (ArithmeticError, TypeError, ValueError) as error:
            raise InputError(f'"{plain(self.text)}": {plain(error)}') from None


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Raises InputError for text that is no expression of this language."""
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"expression: {len(text)} characters; {_MOST_CHARACTERS} are allowed")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise InputError(f'"{plain(text)}": not an expression: {plain(said)}') from None
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        raise InputError(f'"{plain(text, 60)}": too long; {_MOST_NODES} parts are allowed')
    names: set[str] = set()
    _check(tree, text, names)
    return Expression(text, frozenset(names), tree)


def check_names(expression: Expression, known: Iterable[str]) -> None:
    """Raises InputError for a name that is no axis."""
    axes = list(known)
    for name in sorted(expression.names):
        if name not in axes:
            raise InputError(f'"{plain(expression.text)}": no axis "{plain(name)}"{did_you_mean(name, axes)}')


def comparable(value: Any) -> Any:
    """A quantity as a number of its base units, a list as a tuple; everything else as it is."""
    if isinstance(value, str):
        quantity = quantities.parse(value)
        return value if quantity is None else quantity.base
    return tuple(value) if isinstance(value, list) else value


def _check(node: ast.expr, text: str, names: set[str]) -> None:
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        names.add(_path(node, text))
        return
    if isinstance(node, ast.Call):
        _check_call(node, text)
        parts = node.args
    else:
        _check_kind(node, text)
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    for part in parts:
        _check(part, text, names)


def _check_kind(node: ast.expr, text: str) -> None:
    fine = isinstance(node, ast.BoolOp | ast.IfExp | ast.Tuple | ast.List)
    fine |= isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str)
    fine |= isinstance(node, ast.BinOp) and type(node.op) in (*_BINARY, ast.Pow)
    fine |= isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.UAdd)
    fine |= isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops)
    if not fine:
        raise InputError(
            f'"{plain(text)}": "{plain(ast.unparse(node), 60)}" is not allowed; allowed: {_ALLOWED}'
        )


def _check_call(node: ast.Call, text: str) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in _FUNCTIONS:
        raise InputError(f'"{plain(text)}": no function "{plain(name, 60)}"{did_you_mean(name, _FUNCTIONS)}')
    if node.keywords or not node.args or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise InputError(f'"{plain(text)}": {name}() takes values and no names')


def _path(node: ast.expr, text: str) -> str:
    """The name of an axis as it is written: npu.rates[0].macs."""
    inner = node
    while isinstance(inner, ast.Attribute | ast.Subscript):
        if isinstance(inner, ast.Subscript) and not isinstance(inner.slice, ast.Constant | ast.Name):
            raise InputError(f'"{plain(text)}": "{plain(ast.unparse(inner), 60)}" is no name of an axis')
        inner = inner.value
    if not isinstance(inner, ast.Name):
        raise InputError(f'"{plain(text)}": "{plain(ast.unparse(node), 60)}" is no name of an axis')
    return ast.unparse(node)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return comparable(node.value)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return comparable(values[ast.unparse(node)])
        case ast.BoolOp():
            return _of_booleans(node, values)
        case ast.UnaryOp():
            inner = _value(node.operand, values)
            return not inner if isinstance(node.op, ast.Not) else _signed(node.op, inner)
        case ast.BinOp():
            return _of_numbers(node.op, _value(node.left, values), _value(node.right, values))
        case ast.Compare():
            return _of_comparison(node, values)
        case ast.IfExp():
            return _value(node.body if _value(node.test, values) else node.orelse, values)
        case ast.Call(func=ast.Name(id=name)):
            return _FUNCTIONS[name](*(_value(arg, values) for arg in node.args))
        case ast.Tuple() | ast.List():
            return tuple(_value(part, values) for part in node.elts)
    raise AssertionError(ast.dump(node))  # _check lets nothing else pass


def _of_booleans(node: ast.BoolOp, values: Mapping[str, Any]) -> Any:
    decides = isinstance(node.op, ast.Or)
    result: Any = None
    for part in node.values:
        result = _value(part, values)
        if bool(result) == decides:
            break
    return result


def _of_comparison(node: ast.Compare, values: Mapping[str, Any]) -> bool:
    left = _value(node.left, values)
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = _value(part, values)
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


def _signed(op: ast.unaryop, value: Any) -> Any:
    return -_number(value) if isinstance(op, ast.USub) else _number(value)


def _of_numbers(op: ast.operator, left: Any, right: Any) -> Any:
    _number(left)
    _number(right)
    if isinstance(op, ast.Pow):
        if abs(right) > _LARGEST_EXPONENT:
            raise ValueError(f"exponent {right} is beyond {_LARGEST_EXPONENT}")
        return float(left) ** right if right < 0 or isinstance(right, float) else _bounded(left) ** right
    return _BINARY[type(op)](_bounded(left), _bounded(right))


def _bounded(value: Any) -> Any:
    """Whole numbers of Python grow without end; these do not."""
    if isinstance(value, int) and value.bit_length() > 1024:
        raise OverflowError("the number is too large")
    return value


def _number(value: Any) -> Any:
    if not isinstance(value, int | float):
        raise TypeError(f'"{plain(value, 40)}" is not a number')
    return value
