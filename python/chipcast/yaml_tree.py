# SPDX-License-Identifier: Apache-2.0
"""YAML from strangers: plain data only, limits on size, depth and aliases, and values that know their place."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from chipcast._core import InputError
from chipcast.text import did_you_mean, one_line, plain

LARGEST_FILE_BYTES = 4 << 20
MOST_NODES = 200_000
"""Nodes with every alias written out: ten nested lists of ten aliases each are a few bytes and 10^10 nodes."""
DEEPEST = 64
LONGEST_NUMBER = 64
"""Characters. Reading a whole number takes time that grows with the square of its length."""


@dataclass(frozen=True)
class Tagged:
    """A mapping that a file marks with a local tag, `!Container` say."""

    tag: str
    value: dict[Any, Any]


class _Loader(yaml.SafeLoader):
    """The safe loader, and local tags on mappings. Of equal keys the last one counts, as in all YAML readers."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> Tagged:
    if not isinstance(node, yaml.MappingNode):
        raise yaml.constructor.ConstructorError(None, None, f"!{suffix} is not a mapping", node.start_mark)
    return Tagged(suffix, loader.construct_mapping(node, deep=True))


def _short(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    """A number, unless it is a long one: thousands of digits, or of 1:1:1:... in base sixty."""
    if len(node.value) > LONGEST_NUMBER:
        raise yaml.constructor.ConstructorError(
            None, None, f"a number is longer than {LONGEST_NUMBER} characters", node.start_mark
        )
    whole = node.tag == "tag:yaml.org,2002:int"
    number: int | float = loader.construct_yaml_int(node) if whole else loader.construct_yaml_float(node)
    return number


_Loader.add_multi_constructor("!", _tagged)
_Loader.add_constructor("tag:yaml.org,2002:int", _short)
_Loader.add_constructor("tag:yaml.org,2002:float", _short)


@dataclass(frozen=True)
class Value:
    """A piece of a document and where it is: `arch.yaml: memories.dram.size`."""

    data: Any
    source: str
    path: str = ""

    @property
    def place(self) -> str:
        return f"{self.source}: {self.path}" if self.path else self.source

    def fail(self, message: str) -> NoReturn:
        raise InputError(f"{self.place}: {message}")

    def at(self, name: str, data: Any) -> Value:
        dot = "" if not self.path or name.startswith("[") else "."
        return Value(data, self.source, f"{self.path}{dot}{plain(name, 80)}")

    def tag(self) -> str:
        return self.data.tag if isinstance(self.data, Tagged) else ""

    def members(self) -> dict[str, Value]:
        """Of a mapping, by name."""
        data = self.data.value if isinstance(self.data, Tagged) else self.data
        if not isinstance(data, dict):
            self.fail(f"a mapping is needed here, not {describe(data)}")
        return {str(key): self.at(str(key), value) for key, value in data.items()}

    def only(self, known: Collection[str]) -> dict[str, Value]:
        """The members; a name that is not `known` is refused."""
        found = self.members()
        for name in found:
            if name not in known:
                self.fail(f'"{plain(name, 80)}" is not known here{did_you_mean(name, sorted(known))}')
        return found

    def items(self) -> Iterator[Value]:
        if not isinstance(self.data, list):
            self.fail(f"a list is needed here, not {describe(self.data)}")
        for i, value in enumerate(self.data):
            yield self.at(f"[{i}]", value)

    def field(self, name: str) -> Value:
        found = self.members().get(name)
        return found if found is not None else self.fail(f'"{name}" is missing')

    def text(self) -> str:
        if not isinstance(self.data, str):
            self.fail(f"a text is needed here, not {describe(self.data)}")
        return self.data

    def word(self, known: Collection[str]) -> str:
        word = self.text()
        return (
            word if word in known else self.fail(f'"{plain(word, 80)}" is unknown{did_you_mean(word, known)}')
        )

    def whole(self, least: int, most: int) -> int:
        value = self.data
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fail(f"a whole number from {least} to {most} is needed here, not {describe(value)}")
        return value

    def number(self, least: float, most: float) -> float:
        value = self.data
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not good or not least <= value <= most:
            self.fail(f"a number from {least:g} to {most:g} is needed here, not {describe(value)}")
        return float(value)


def describe(value: Any) -> str:
    if isinstance(value, dict | Tagged):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return (
        "nothing"
        if value is None
        else f'"{plain(value, 80)}"'
        if isinstance(value, str)
        else plain(value, 80)
    )


def read_yaml(path: Path) -> Value:
    """The document of a file. Raises InputError where it is missing, too large or not plain YAML."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise InputError(
                f"{path}: {size} bytes are more than {LARGEST_FILE_BYTES}; is this a description?"
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text in UTF-8") from None
    return parse_yaml(text, str(path))


def parse_yaml(text: str, source: str) -> Value:
    """The one document of `text`; `source` names it in messages."""
    refuse_depth(text, source)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise InputError(f"{source}: the file is empty")
        refuse_bombs(node, source)
        return Value(loader.construct_document(node), source)
    except yaml.YAMLError as error:
        raise InputError(f"{source}: not plain YAML ({one_line(error)[:200]})") from None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source}: a value cannot be read ({one_line(error)[:200]})") from None
    finally:
        loader.dispose()


def refuse_depth(text: str, source: str) -> None:
    """The reader below calls itself for every level, so depth is looked at first, from the events alone."""
    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            count += 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST or count > 2 * MOST_NODES:
                raise InputError(
                    f"{source}: nested deeper than {DEEPEST} levels or over {MOST_NODES} values long"
                )
    except yaml.YAMLError as error:
        raise InputError(f"{source}: not plain YAML ({one_line(error)[:200]})") from None


def refuse_bombs(root: yaml.Node, source: str) -> None:
    """Counts nodes with aliases written out, each shared node once, and refuses cycles."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        known = sizes.get(id(node))
        if known is not None:
            return known
        if id(node) in open_nodes:
            raise InputError(f"{source}: an alias contains itself")
        open_nodes.add(id(node))
        total = 1 + sum(size(child) for child in children(node))
        open_nodes.discard(id(node))
        if total > MOST_NODES:
            raise InputError(f"{source}: aliases stand for more than {MOST_NODES} values; write less")
        sizes[id(node)] = total
        return total

    size(root)


def children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
