# SPDX-License-Identifier: Apache-2.0
"""What is kept of uploads, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.serve.uploads import Shelf


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_bytes=30)
    first, second = (shelf.keep(f"{name}.onnx", name.encode() * 10) for name in "ab")
    shelf.find(first.id)
    third = shelf.keep("c.onnx", b"c" * 11)
    assert shelf.find(first.id).path.read_bytes() == b"a" * 10
    assert shelf.find(third.id).size == 11
    with pytest.raises(InputError, match="no longer kept"):
        shelf.find(second.id)
    assert sorted(path.parent.name for path in tmp_path.glob("*/*")) == sorted([first.id, third.id])


def test_how_many_are_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_bytes=1000, most_files=3)
    for number in range(10):
        shelf.keep("platform.json", str(number).encode())
    assert len(list(tmp_path.glob("*/platform.json"))) == 3


def test_what_is_too_large_pushes_nothing_out(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_bytes=10)
    kept = shelf.keep("a.onnx", b"a")
    with pytest.raises(InputError, match="more than"):
        shelf.keep("b.onnx", b"b" * 11)
    assert shelf.find(kept.id) == kept


def test_names_stay_in_their_folder(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf", most_bytes=100)
    (tmp_path / "shelf").mkdir()
    for name in ("../../up.onnx", "/etc/passwd.json", "a/../../b.csv", "\0.onnx", "x" * 300 + ".onnx"):
        path = shelf.keep(name, b"x").path
        assert path.parent.parent == tmp_path / "shelf"


def test_words_do_not_say_where(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most_bytes=100)
    kept = shelf.keep("net.onnx", b"x")
    assert shelf.without_places(f'"{kept.path}" is no model') == '"net.onnx" is no model'
