# SPDX-License-Identifier: Apache-2.0
"""Statistics of errors: by hand, and against SciPy's and NumPy's definitions."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from chipcast.fidelity.errors import document
from chipcast.fidelity.statistics import quantile, statistics_of


def test_by_hand(outcome) -> None:
    got = statistics_of([outcome(1, 2), outcome(4, 2), outcome(10, 10.5), outcome(100, 110, use="calibrate")])
    assert (got.count, got.scored) == (4, 3)
    assert got.median_ape == pytest.approx((0.10 + 0.5) / 2)
    assert got.mean_ape == pytest.approx((1.0 + 0.5 + 0.05 + 0.10) / 4)
    assert got.within_10 == 0.5  # 5 % and, on the edge, 10 %
    assert got.within_25 == 0.5
    assert got.bias == pytest.approx(math.exp(math.log(2 * 0.5 * 1.05 * 1.1) / 4) - 1)
    assert got.spearman == pytest.approx(0.9486832980505138)  # ranks 1 2 3 4 and 1.5 1.5 3 4
    assert got.kendall == pytest.approx(5 / math.sqrt(5 * 6))  # tau-b: one pair of six is tied


def test_too_few_rows_say_nothing(outcome) -> None:
    none = statistics_of([])
    assert none.count == 0
    assert set(none.to_dict().values()) == {0, None}
    two = statistics_of([outcome(1, 1), outcome(2, 2)])
    assert (two.median_ape, two.spearman, two.kendall) == (0.0, None, None)
    tied = statistics_of([outcome(1, 5), outcome(2, 5), outcome(3, 5)])
    assert (tied.spearman, tied.kendall) == (None, None)
    json.dumps(tied.to_dict(), allow_nan=False)


def test_rates_are_ranked_and_biased_as_times(outcome) -> None:
    fps = {"quantity": "throughput", "unit": "fps"}
    got = statistics_of([outcome(100, 50, **fps), outcome(10, 20), outcome(40, 80)])
    assert got.bias == pytest.approx(1.0)  # 50 of 100 fps: twice the time, as in the two others
    assert got.spearman == 1.0  # 10, 10, 40 ms would be tied: 100 fps are 10 ms
    assert outcome(100, 50, **fps).ape == 0.5


def test_energies_are_not_ranked_among_times(outcome) -> None:
    energy = {"quantity": "energy", "unit": "uJ"}
    times = [outcome(1, 3), outcome(2, 2), outcome(3, 1)]
    assert statistics_of([*times, *[outcome(k, k, **energy) for k in range(1, 9)]]).spearman == -1.0


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.77, 1.0])
def test_quantiles_are_numpys(share: float) -> None:
    values = [3.0, -1.0, 2.5, 7.0, 0.0]
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))


def test_families(outcome) -> None:
    assert outcome(1, 1).family == "npu int8"
    assert outcome(1, 1, quantity="throughput", unit="fps").family == "npu int8"
    assert outcome(1, 1, quantity="energy", unit="J", device_class="mcu").family == "mcu int8 energy"
    assert outcome(1, 1, dtype="").family == "npu own format"


def test_errors_by_platform_and_family(outcome) -> None:
    some = [outcome(1, 2), outcome(1, 3, platform="other"), outcome(2, 1, quantity="throughput", unit="fps")]
    got = document(some, "test")
    assert [(g["platform"], g["family"], g["quantity"], g["count"]) for g in got["groups"]] == [
        (None, "npu int8", "latency", 3),
        ("chip", "npu int8", "latency", 2),
        ("other", "npu int8", "latency", 1),
    ]
    assert got["groups"][1]["errors"] == [1.0, 1.0]
    assert got["groups"][0]["platforms"] == 2
