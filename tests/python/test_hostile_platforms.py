# SPDX-License-Identifier: Apache-2.0
"""Platform files from strangers: each mistake is exit code 3 and one line with the place, the value and a remedy."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import InputError
from hypothesis import given, settings
from hypothesis import strategies as st
from support import Command

FREQUENCY = re.compile(r"\d[\d.]* [kMG]?Hz")


@pytest.fixture(scope="module")
def platform() -> dict[str, Any]:
    return chipcast.describe("rk3588")


def leaves(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*place, key), member
        yield from leaves(member, (*place, key))


def first(platform: dict[str, Any], wanted: Callable[[Any], bool]) -> tuple[str | int, ...]:
    return next(place for place, value in leaves(platform) if wanted(value))


def frequency(platform: dict[str, Any]) -> tuple[str | int, ...]:
    return first(platform, lambda value: isinstance(value, str) and FREQUENCY.fullmatch(value) is not None)


def whole_number(platform: dict[str, Any]) -> tuple[str | int, ...]:
    return first(platform, lambda value: type(value) is int and value > 0)


def replaced(platform: dict[str, Any], place: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """A copy with another value at `place`."""
    changed = copy.deepcopy(platform)
    holder: Any = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return changed


def describe(command: Command, tmp_path: Path, text: str | bytes) -> str:
    """The one line that a platform file of this text is refused with."""
    file = tmp_path / "hostile.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    outcome = command("describe", file)
    assert outcome.code == 3, outcome
    line = outcome.error_line
    assert line.startswith("error: ")
    assert len(line) < 600
    return line


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (800, ["800", "Hz"]),
        ("800", ["800", "Hz"]),
        ("800 MHzz", ["800 MHzz", "Hz"]),
        ("800 mhz", ["800 mhz", "Hz"]),
        ("800 MHz fast", ["800 MHz fast"]),
        ("-800 MHz", ["-800"]),
        ("0 Hz", ["0 Hz"]),
        ("nan MHz", ["nan MHz"]),
        ("inf MHz", ["inf MHz"]),
        ("1e999 MHz", ["1e999 MHz"]),
        ("1e30 GHz", []),
        ("800 KiB", ["800 KiB", "Hz"]),
        ("", ["Hz"]),
        (None, ["Hz"]),
        ([], ["Hz"]),
        ({"MHz": 800}, ["Hz"]),
    ],
)
def test_quantities(
    command: Command, tmp_path: Path, platform: dict[str, Any], value: Any, words: list[str]
) -> None:
    place = frequency(platform)
    line = describe(command, tmp_path, json.dumps(replaced(platform, place, value)))
    assert str(place[-1]) in line and str(place[0]) in line, line
    assert all(word in line for word in words), line


@pytest.mark.parametrize("value", [-1, 0.5, 10**30, -(10**30), "4", True, None, [4]])
def test_whole_numbers(command: Command, tmp_path: Path, platform: dict[str, Any], value: Any) -> None:
    place = whole_number(platform)
    line = describe(command, tmp_path, json.dumps(replaced(platform, place, value)))
    assert str(place[-1]) in line, line


@pytest.mark.parametrize(
    "literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0x10", "01", "+1", ".5"]
)
def test_number_literals(command: Command, tmp_path: Path, platform: dict[str, Any], literal: str) -> None:
    place = whole_number(platform)
    text = json.dumps(replaced(platform, place, "HERE")).replace('"HERE"', literal)
    line = describe(command, tmp_path, text)
    assert "hostile.json" in line or str(place[-1]) in line, line


def test_unknown_keys_name_the_nearest(command: Command, tmp_path: Path, platform: dict[str, Any]) -> None:
    place = frequency(platform)
    holder: Any = platform
    for key in place[:-1]:
        holder = holder[key]
    misspelt = str(place[-1])[:-1] + "x"
    changed = replaced(platform, (*place[:-1], misspelt), holder[place[-1]])
    line = describe(command, tmp_path, json.dumps(changed))
    assert misspelt in line and f'did you mean "{place[-1]}"' in line, line


def test_duplicate_keys(command: Command, tmp_path: Path, platform: dict[str, Any]) -> None:
    text = json.dumps(platform)
    line = describe(command, tmp_path, '{"name": "a", ' + text[1:])
    assert "name" in line and "hostile.json" in line, line


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"   ",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"name": "x"',
        b'{"name": }',
        b'{"name": "x",}',
        b"{'name': 'x'}",
        b"{} {}",
        b'{"name": "\xff\xfe"}',
        b'{"name": "\\ud800"}',
        b"\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"name": "' + b"x" * (17 << 20) + b'"}',
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_what_is_no_platform_at_all(command: Command, tmp_path: Path, text: bytes) -> None:
    assert "hostile.json" in describe(command, tmp_path, text) or text in (b"null", b"[]", b'"text"')


@pytest.mark.parametrize(
    ("extends", "word"),
    [
        ("no/such/preset", "no/such/preset"),
        ("../../../../etc/passwd", "passwd"),
        ("/etc/passwd", "/etc/passwd"),
        ("hostile", "hostile"),
        ("", "extends"),
        (7, "extends"),
    ],
)
def test_extends(command: Command, tmp_path: Path, extends: Any, word: str) -> None:
    line = describe(command, tmp_path, json.dumps({"name": "x", "extends": extends}))
    assert word in line, line
    assert "root:" not in line


def test_a_folder_is_no_platform(command: Command, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    outcome = command("describe", tmp_path / "folder.json")
    assert outcome.code == 3
    assert "folder.json" in outcome.error_line


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_replaced_value_is_taken_or_refused(
    data: st.DataObject, platform: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing but InputError comes out, whatever stands in one place of the file."""
    places = [place for place, _ in leaves(platform)]
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text()
    )
    value = data.draw(st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=4))
    changed = replaced(platform, data.draw(st.sampled_from(places)), value)
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps(changed))
    try:
        chipcast.describe(file)
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 1000
