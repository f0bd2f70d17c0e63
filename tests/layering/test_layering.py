# SPDX-License-Identifier: Apache-2.0
"""Does every include follow docs/architecture? Linking cannot tell: SystemC's headers are in the system path."""

from __future__ import annotations

from pathlib import Path

import pytest
from layering import Rules, load_rules, matches, sources, violations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def test_the_tree_follows_the_rules(rules: Rules) -> None:
    found = violations(ROOT, rules)
    assert not found, "\n" + "\n".join(found)


def test_the_checker_reads_the_tree() -> None:
    paths = list(sources(ROOT))
    assert len(paths) > 40
    assert "sim/base/units.h" in paths


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("sim/base/bad.h", '#include "sim/config/json.h"', "zone base must not include zone config"),
        ("sim/config/bad.h", "#include <systemc>", "must not see systemc"),
        ("mappers/greedy/bad.cpp", "  #  include <tlm_utils/simple_target_socket.h>", "must not see systemc"),
        ("mappers/greedy/bad.cpp", '#include "accelerators/npu/cost.h"', "must not include zone device cost"),
        ("mappers/greedy/bad.cpp", '#include "platform/run.h"', "must not include zone platform"),
        ("accelerators/npu/cost.cpp", '#include "accelerators/ipu/cost.h"', "of another folder"),
        ("accelerators/npu/model.cpp", '#include "accelerators/ipu/model.h"', "of another folder"),
        ("accelerators/npu/law.h", "#include <systemc>", "must not see systemc"),
        ("models/dram/model.cpp", '#include "models/sram/model.h"', "of another folder"),
        ("models/dram/cost.cpp", '#include "models/dram/model.h"', "must not include zone hardware model"),
        ("workloads/bad.h", '#include "sim/ledger/ledger.h"', "must not include zone ledger"),
        ("workloads/bad.h", '#include "tensor.h"', "no such file from the repository's root"),
        ("platform/bad.cpp", '#include "python/bindings/module.h"', "must not include zone python"),
        ("platform/bad.cpp", "#include <pybind11/pybind11.h>", "must not see pybind"),
        ("sim/kernel/bad.cpp", "#include <gtest/gtest.h>", "must not see testing"),
        (
            "kernels/bad.cpp",
            '#include "workloads/through.h"',
            "sees SystemC through workloads/through.h -> systemc",
        ),
    ],
)
def test_a_bad_include_is_caught(tmp_path: Path, rules: Rules, path: str, text: str, complaint: str) -> None:
    _write(tmp_path, path, text)
    for name in (
        "sim/config/json.h",
        "sim/ledger/ledger.h",
        "accelerators/npu/cost.h",
        "accelerators/ipu/cost.h",
        "accelerators/ipu/model.h",
        "models/sram/model.h",
        "models/dram/model.h",
        "platform/run.h",
        "python/bindings/module.h",
    ):
        _write(tmp_path, name, "")
    _write(tmp_path, "workloads/through.h", "#include <systemc>" if "through.h" in text else "")
    found = violations(tmp_path, rules)
    assert any(line.startswith(f"{path}: ") and complaint in line for line in found), found


def test_an_unknown_folder_is_told(tmp_path: Path, rules: Rules) -> None:
    _write(tmp_path, "models/dram/cost.h", "")
    few = Rules(zones=rules.zones[:1], headers=rules.headers)
    assert violations(tmp_path, few) == [
        "models/dram/cost.h: belongs to no zone; add its folder to tests/layering/rules.toml"
    ]


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("models/contract.h", "models/*.h", True),
        ("models/dram/cost.h", "models/*.h", False),
        ("models/dram/cost.h", "models/**", True),
        ("systemc.h", "systemc", False),
    ],
)
def test_patterns(path: str, glob: str, expected: bool) -> None:
    assert matches(path, glob) is expected


def _write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
