# SPDX-License-Identifier: Apache-2.0
"""chipcast validate: rows that fail cost themselves, runs go on where they were cut off, JSON keeps its contract."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from chipcast import InputError
from chipcast.fidelity import pool, validation
from chipcast.fidelity.platforms import same_platform
from chipcast.fidelity.validation import Choice, validate
from support import ROOT, Command

Write = Callable[..., Path]

GOOD = "kws,nucleo-l4r5zi,m4,,mlperf_tiny_kws,int8,1,1,latency,75,ms,,score"
ENERGY = "kws-energy,nucleo-l4r5zi,m4,,mlperf_tiny_kws,int8,1,1,energy,3.4,mJ,,calibrate"
OTHER = "ic,nucleo-u575,m33,,mlperf_tiny_ic,int8,1,1,latency,140,ms,,score"
CHIP = "chip,no-such-chip,m4,,mlperf_tiny_kws,int8,1,1,latency,1,ms,,score"
NETWORK = "net,nucleo-l4r5zi,m4,,no_such_net,int8,1,1,latency,1,ms,,score"
UNREADABLE = "cell,nucleo-l4r5zi,m4,,mlperf_tiny_kws,int8,1,1,latency,fast,ms,,score"
SCHEMA = json.loads((ROOT / "python/chipcast/fidelity/validation.schema.json").read_text(encoding="utf-8"))


def no_workers(*_: object) -> Any:
    raise AssertionError("everything stands in the journal")


def test_wrong_rows_cost_themselves(cases_file: Write) -> None:
    got = validate([cases_file(GOOD, CHIP, NETWORK, UNREADABLE, OTHER)], jobs=2)
    assert [each.case.case for each in got.outcomes] == ["kws", "ic"]
    assert [(error.line, error.case) for error in got.errors] == [(5, "cell"), (3, "chip"), (4, "net")]
    assert got.errors[1].message.startswith('cases.csv: line 3: platform: "no-such-chip" is not known')
    assert got.summary.count == 2
    assert set(got.families) == {"mcu int8"}
    assert set(got.platforms) == {"nucleo-l4r5zi", "nucleo-u575"}


def test_forecasts_do_not_depend_on_the_number_of_workers(cases_file: Write) -> None:
    file = cases_file(GOOD, ENERGY, OTHER, CHIP)
    assert validate([file], jobs=1) == validate([file], jobs=3)


def test_json_keeps_its_contract(cases_file: Write) -> None:
    document = validate([cases_file(GOOD, ENERGY, OTHER, CHIP)], jobs=1).to_dict()
    jsonschema.validate(document, SCHEMA)
    json.dumps(document, allow_nan=False)
    (kws, _, _) = document["cases"]
    assert kws["ape"] == pytest.approx(abs(kws["predicted"] / kws["measured"] - 1))
    assert {"count", "median_ape", "mean_ape", "within_10", "within_25", "spearman"} <= set(
        document["summary"]
    )


def test_choices(cases_file: Write) -> None:
    file = cases_file(GOOD, ENERGY, OTHER)

    def names(choice: Choice) -> list[str]:
        return [each.case.case for each in validate([file], choice=choice, jobs=1).outcomes]

    assert names(Choice(use="score")) == ["kws", "ic"]
    assert names(Choice(use="calibrate")) == ["kws-energy"]
    assert names(Choice(platforms=("nucleo-u575",))) == ["ic"]
    assert names(Choice(platforms=("NUCLEO-U575ZI-Q",))) == ["ic"]
    assert names(Choice(families=("mcu int8 energy",))) == ["kws-energy"]
    assert names(Choice(families=("npu",))) == []
    with pytest.raises(InputError, match="use: "):
        names(Choice(use="test"))


def test_a_line_of_the_journal_with_wrong_members_is_passed_over(cases_file: Write, tmp_path: Path) -> None:
    file, journal = cases_file(GOOD), tmp_path / "journal.jsonl"
    first = validate([file], jobs=1, journal=journal)
    whole = json.loads(journal.read_text())
    wrong: list[dict[str, Any]] = [
        {"predicted": None}, {"predicted": True}, {"limited_by": 1}, {"classes": []}, {"classes": {"conv": "a"}},
        {"warnings": "words"}, {"more": 1},
    ]  # fmt: skip
    for change in wrong:
        journal.write_text(json.dumps({"key": whole["key"], "found": whole["found"] | change}) + "\n")
        again = validate([file], jobs=1, journal=journal)
        assert (again.resumed, again.outcomes) == (0, first.outcomes), change


def test_boards_and_their_chips_are_one() -> None:
    assert same_platform("bcm2837", "Raspberry Pi 3B+", ROOT)
    assert not same_platform("raspberry-pi-4", "raspberry-pi-3b-plus", ROOT)
    assert not same_platform("none", "nothing", ROOT)


def test_what_was_done_is_not_done_again(
    cases_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, journal = cases_file(GOOD, CHIP), tmp_path / "cache" / "journal.jsonl"
    first = validate([file], jobs=1, journal=journal)
    assert first.resumed == 0
    with journal.open("a") as text:
        text.write('{"key": "torn')  # a run that was killed while it wrote
        text.write(
            '\n{"key": "k", "found": {"predicted": "x"}}\n[]\n{"key": "l", "found": [1, 2]}\n{"key": "torn'
        )
    again = validate([file], jobs=1, journal=journal)
    assert (again.resumed, again.outcomes) == (1, first.outcomes)
    both = cases_file(GOOD, OTHER)
    validate([both], jobs=1, journal=journal)
    assert validate([both], jobs=1, journal=journal).resumed == 2  # the line after the torn one is whole
    renamed = cases_file(GOOD.replace("kws,", "name,", 1).replace(",75,", ",80,"))
    monkeypatch.setattr(validation, "answers", no_workers)
    with pytest.raises(AssertionError):
        validate([renamed], jobs=1, journal=journal, fresh=True)
    assert journal.read_text() == ""


def test_names_and_measurements_do_not_change_a_forecast(cases_file: Write, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    validate([cases_file(GOOD)], jobs=1, journal=journal)
    renamed = cases_file(GOOD.replace("kws,", "name,", 1).replace(",75,", ",80,"))
    assert validate([renamed], jobs=1, journal=journal).resumed == 1
    on_another = cases_file(GOOD.replace("nucleo-l4r5zi", "nucleo-u575").replace("m4", "m33"))
    assert validate([on_another], jobs=1, journal=journal).resumed == 0


def test_a_platform_file_that_changes_is_run_again(cases_file: Write, tmp_path: Path) -> None:
    platform, journal = tmp_path / "mine.json", tmp_path / "journal.jsonl"
    file = cases_file(GOOD.replace("nucleo-l4r5zi", "mine.json"))

    def with_clock(clock: str) -> validation.Validation:
        text = {"extends": "platforms/nucleo-l4r5zi.json", "devices": {"m4": {"clock": clock}}}
        platform.write_text(json.dumps(text))
        return validate([file], jobs=1, journal=journal)

    slow, fast = with_clock("60 MHz"), with_clock("120 MHz")
    assert fast.resumed == 0
    assert slow.outcomes[0].found.predicted > 1.5 * fast.outcomes[0].found.predicted


def test_overlays_stand_in_for_what_they_extend(cases_file: Write, tmp_path: Path) -> None:
    file, overlay, journal = cases_file(GOOD, OTHER), tmp_path / "slow.json", tmp_path / "journal.jsonl"
    text = {"extends": "platforms/nucleo-l4r5zi.json", "devices": {"m4": {"clock": "60 MHz"}}}
    overlay.write_text(json.dumps(text))
    plain = validate([file], jobs=1, journal=journal)
    slow = validate([file], jobs=1, journal=journal, overlays=[overlay])
    assert slow.resumed == 1  # the other platform's case
    assert slow.outcomes[0].found.predicted > 1.5 * plain.outcomes[0].found.predicted
    assert slow.outcomes[1] == plain.outcomes[1]
    with pytest.raises(InputError, match="extend the same platform"):
        validate([file], overlays=[overlay, overlay])
    overlay.write_text("{}")
    with pytest.raises(InputError, match="is no file that extends a platform"):
        validate([file], overlays=[overlay])
    overlay.write_text('{"extends": "platforms/none.json"}')
    with pytest.raises(InputError, match="which is not there"):
        validate([file], overlays=[overlay])


DYING = """
import json, os, signal, sys
for line in sys.stdin:
    number = json.loads(line)["number"]
    if number == 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    print(json.dumps({"found": number}), flush=True)
"""


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_worker_that_dies_costs_one_row(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "BOOT", DYING)
    got = dict(pool.answers([{"number": number} for number in range(6)], jobs))
    assert sorted(got) == list(range(6))
    assert "the worker process died (SIGSEGV)" in got.pop(2)["error"]
    assert all(answer == {"found": number} for number, answer in got.items())


NONSENSE = """
import sys
for line in sys.stdin:
    print("not JSON" if "2" in line else '{"found": 1}', flush=True)
"""


def test_a_worker_that_answers_nonsense_costs_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "BOOT", NONSENSE)
    got = dict(pool.answers([{"number": number} for number in range(4)], 1))
    assert "died" in got.pop(2)["error"]
    assert list(got.values()) == [{"found": 1}] * 3


def test_closing_ends_workers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "BOOT", "import sys, time; print('{}', flush=True); time.sleep(60)")
    begun = time.monotonic()
    every = pool.answers([{"n": 0}, {"n": 1}], 1)
    next(every)
    every.close()
    assert time.monotonic() - begun < 30


def test_the_example_runs() -> None:
    got = validate([ROOT / "examples" / "validate" / "board.csv"], jobs=1)
    assert not got.errors
    assert got.summary.count == 5


def test_the_command_prints_json_and_words_apart(command: Command, cases_file: Write, tmp_path: Path) -> None:
    done = command("validate", "--data", cases_file(GOOD, CHIP), "--json", "--journal", tmp_path / "j.jsonl")
    assert done.code == 4
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [case["case"] for case in document["cases"]] == ["kws"]
    assert "line 3: platform: " in done.stderr


def test_the_command_prints_tables(command: Command, cases_file: Write, tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    done = command(
        "validate", "--data", cases_file(GOOD, OTHER), f"--json={report}", "--journal", tmp_path / "j.jsonl"
    )
    assert done.code == 0
    for words in ("By family", "By chip", "Worst cases", "nucleo-u575", "mcu int8"):
        assert words in done.stdout
    assert json.loads(report.read_text())["summary"]["count"] == 2


def test_what_stands_in_is_told(command: Command, cases_file: Write, tmp_path: Path) -> None:
    row = "kws,rk3588,a76,tflite,mlperf_tiny_kws,fp32,1,1,latency,1,ms,,score"
    done = command("validate", "--data", cases_file(row), "--json", "--journal", tmp_path / "j.jsonl")
    (kws,) = json.loads(done.stdout)["cases"]
    assert (kws["network"], kws["computed_in"], kws["family"]) == ("mlperf_tiny_kws", "fp16", "cpu fp16")
    assert kws["warnings"][1] == "dtype: fp32, but most is computed in fp16 there"
    assert (
        "rows with warnings, which --json lists: 1; the first: kws: runtime: Chipcast has no kernels"
        in done.stderr
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [((CHIP,), "none of 1 rows could be forecast"), ((), "no row is of the chosen use, family and platform")],
)
def test_nothing_to_say_is_an_error(
    command: Command, cases_file: Write, tmp_path: Path, rows: tuple[str, ...], message: str
) -> None:
    done = command("validate", "--data", cases_file(*rows), "--journal", tmp_path / "j.jsonl")
    assert done.code == 3
    assert message in done.stderr


def test_files_that_are_none(command: Command, tmp_path: Path) -> None:
    done = command("validate", "--data", tmp_path / "none.csv")
    assert done.code == 3
    assert "cases: no file" in done.stderr


def test_ctrl_c_keeps_what_was_done(cases_file: Write, tmp_path: Path) -> None:
    slow = "vgg,rk3588,a55,,vgg16,fp32,1,1,latency,900,ms,,score"
    journal = tmp_path / "journal.jsonl"
    file = cases_file(GOOD, slow, slow.replace("a55", "a76"))
    process = subprocess.Popen(
        [sys.executable, "-m", "chipcast", "validate", "--data", file, "--jobs", "1", "--journal", journal],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(600):
        if journal.is_file() and journal.read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=60)
    assert process.returncode in (0, 130), words  # 0: a machine so fast that nothing was left to cut off
    assert len(journal.read_text().splitlines()) >= 1
