# SPDX-License-Identifier: Apache-2.0
"""Pictures of a validation."""

from __future__ import annotations

from pathlib import Path

import pytest
from chipcast.fidelity.plots import by_class, write_plots
from chipcast.fidelity.validation import Validation


def test_one_picture_per_scale_and_one_of_classes(outcome, tmp_path: Path) -> None:
    some = (outcome(1, 2), outcome(3, 3, platform="other"), outcome(1, 2, quantity="energy", unit="J"))
    written = write_plots(Validation(some, ()), tmp_path / "plots")
    assert [path.name for path in written] == [
        "measured-predicted-time.svg",
        "measured-predicted-energy.svg",
        "error-operator-class.svg",
    ]
    assert all("<svg" in path.read_text(encoding="utf-8") for path in written)


def test_pictures_are_the_same_again(outcome, tmp_path: Path) -> None:
    one, two = (
        write_plots(Validation((outcome(1, 2),), ()), tmp_path / name)[0].read_bytes() for name in ("a", "b")
    )
    assert one == two


def test_errors_by_operator_class(outcome) -> None:
    means = by_class([outcome(1, 2), outcome(2, 1)])
    assert means["conv"] == pytest.approx((0.75, 0.25))  # +100 % and -50 %
    assert means["pool"] == pytest.approx((0.75, 0.25))
