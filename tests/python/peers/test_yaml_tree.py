# SPDX-License-Identifier: Apache-2.0
"""YAML from strangers is refused in one line, whatever it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.yaml_tree import DEEPEST, LARGEST_FILE_BYTES, Tagged, parse_yaml, read_yaml


def alias_bomb(levels: int = 12) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int = 12) -> str:
    lines = ["m0: &m0 {k0: 1}"]
    lines += [f"m{i}: &m{i}\n  <<: [{', '.join([f'*m{i - 1}'] * 10)}]\n  k{i}: 1" for i in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [1, 2",
        "a: &a [*a]",
        "!!python/object/apply:os.system ['true']",
        "!!python/name:os.system",
        "a: !!timestamp 99999-99-99",
        "a: !!int x",
        "a: !!binary '€'",
        "? [1, 2]\n: 3\n? {a: b}\n: 4",
        "a: !thing 3",
        "--- 1\n--- 2",
        "\x00",
        "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
        "[" * 100_000,
        "- " * 100_000,
        alias_bomb(),
        merge_bomb(),
        "a: *missing",
        "%YAML 9.9\n--- 1",
        "a: 1" + "0" * 400,
        "a: 0x" + "F" * 4000,
        "a: " + ":".join("1" * 200_000),
        "a: " + ":".join("1" * 200_000) + ".5",
        "? 1" + "0" * 400 + "\n: 1",
    ],
)
def test_hostile_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "file.yaml")
    assert str(caught.value).startswith("file.yaml: ")
    assert "\n" not in str(caught.value)


def test_file_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml(tmp_path)
    large = tmp_path / "large.yaml"
    large.write_text("a" * (LARGEST_FILE_BYTES + 1))
    with pytest.raises(InputError, match="more than"):
        read_yaml(large)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: \xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        read_yaml(latin)


def test_values_know_their_place() -> None:
    document = parse_yaml("a: {b: [1, {c: x}]}\nt: !Container {name: n}", "f.yaml")
    inner = list(document.field("a").field("b").items())[1].field("c")
    assert inner.place == "f.yaml: a.b[1].c"
    assert document.field("t").data == Tagged("Container", {"name": "n"})
    for wrong in (
        lambda: inner.whole(0, 1),
        lambda: inner.number(0, 1),
        lambda: inner.members(),
        lambda: list(inner.items()),
        lambda: document.field("a").text(),
        lambda: inner.word(("y", "z")),
        lambda: document.only(("a",)),
        lambda: document.field("absent"),
    ):
        with pytest.raises(InputError, match=r"^f\.yaml"):
            wrong()


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "true", "1e400", "'1'", "[]", "-1", "10"])
def test_numbers_are_checked(number: str) -> None:
    with pytest.raises(InputError):
        parse_yaml(f"a: {number}", "f.yaml").field("a").number(0.0, 9.0)
    with pytest.raises(InputError):
        parse_yaml(f"a: {number}", "f.yaml").field("a").whole(0, 9)


def test_the_last_of_equal_keys_counts() -> None:
    """As in the readers of the tools themselves; one of ZigZag's shipped files repeats a key."""
    assert parse_yaml("a: 1\na: 2", "f.yaml").field("a").data == 2
