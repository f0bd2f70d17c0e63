# SPDX-License-Identifier: Apache-2.0
"""The importer process: whatever becomes of it, the caller gets a document or one line."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from chipcast import InputError
from chipcast.importers import ImportLimits, import_model, sandbox

MODEL = b"7767517\n2 2\nInput x 0 1 x 0=4\nReLU r 1 1 x y\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "net.param"
    path.write_bytes(MODEL)
    return path


def refusal(path: Path, limits: ImportLimits | None = None) -> str:
    with pytest.raises(InputError) as caught:
        import_model(path, limits=limits)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_of_any_origin(model: Path) -> None:
    assert import_model(str(model)) == import_model(model)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "importer stopped (signal SIGSEGV)"),
        ("import os; os.abort()", "importer stopped (signal SIGABRT)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL, out of time or memory"),
        ("import sys; sys.exit(7)", "exit status 7"),
        ("raise ValueError('what went wrong')", "ValueError: what went wrong"),
        ("pass", "exit status 0"),
        ("print('no json')", "answer is not JSON"),
        ("print('[1, 2]')", "answer is incomplete"),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", "larger than 1000000 bytes"),
        ("import time; time.sleep(60)", "did not finish within 2 s"),
        ("import os, time; os.close(1); time.sleep(60)", "did not finish within 2 s"),
    ],
)
def test_ends_of_the_importer(model: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str) -> None:
    monkeypatch.setattr(sandbox, "BOOT", code)
    start = time.monotonic()
    text = refusal(model, ImportLimits(wall_s=2.0, result_bytes=1_000_000))
    assert text.startswith("net.param: ")
    assert words in text
    assert time.monotonic() - start < 10


def test_processor_time_is_limited(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = sandbox.BOOT.replace(
        "main()",
        "import chipcast.importers.worker as w; w.convert = lambda *a: [None for _ in iter(int, 1)]; main()",
    )
    monkeypatch.setattr(sandbox, "BOOT", code)
    assert "SIGXCPU" in refusal(model, ImportLimits(cpu_s=1, wall_s=30.0))


def test_memory_is_limited(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = sandbox.BOOT.replace(
        "main()", "import chipcast.importers.worker as w; w.graph_check = lambda *a: 'x' * (1 << 33); main()"
    )
    monkeypatch.setattr(sandbox, "BOOT", code)
    assert "out of" in refusal(model, ImportLimits(memory_bytes=1 << 30))


def test_the_importer_inherits_no_environment(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent")
    monkeypatch.setenv("SECRET_WORD", "tell-nobody")
    monkeypatch.setattr(sandbox, "BOOT", "import os, sys; sys.exit(os.environ.get('SECRET_WORD', 'nothing'))")
    assert "nothing" in refusal(model)


def test_paths_that_are_no_model(tmp_path: Path) -> None:
    assert "check the path" in refusal(tmp_path / "missing.onnx")
    assert "not a regular file" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe.onnx")
    assert "not a regular file" in refusal(tmp_path / "pipe.onnx")
    assert "cannot be read" in refusal(tmp_path / "nul\0byte.onnx")
    (tmp_path / "model.pb").write_bytes(b"x" * 100)
    assert "not a known model file" in refusal(tmp_path / "model.pb")
    (tmp_path / "empty.onnx").write_bytes(b"")
    assert "the file is empty" in refusal(tmp_path / "empty.onnx")


def test_size_is_checked_before_reading(tmp_path: Path) -> None:
    """A sparse file of 3 GiB costs nothing to refuse."""
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(3 << 30)
    start = time.monotonic()
    assert "more than the limit of 2147483648" in refusal(path)
    assert time.monotonic() - start < 1


def test_content_counts_more_than_the_name(tmp_path: Path) -> None:
    path = tmp_path / "renamed.bin"
    path.write_bytes(MODEL)
    assert import_model(path)["name"] == "renamed"


def test_descriptors_are_given_back(model: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        import_model(model)
    with pytest.raises(InputError):
        import_model(model, shapes={"nobody": [1]})
    assert len(list(Path("/proc/self/fd").iterdir())) == before
