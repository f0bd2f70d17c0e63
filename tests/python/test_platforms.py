# SPDX-License-Identifier: Apache-2.0
"""Every bundled platform: it loads, says what it is and from where, and runs MobileNetV2.

Every chip of the project's table is a platform, or docs/platforms.md says what is missing.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import chipcast
import pytest
from chipcast import catalog
from invariants import check_run
from support import ROOT, TILE_BUDGET

CHIPS = ROOT.parent / "shared" / "reference" / "chips.csv"
CONFIGS = ROOT / "configs"
FORMATS = None, "fp16", "int16", "int8"
PLATFORMS = catalog.platforms()


@cache
def mobilenet() -> chipcast.Model:
    return chipcast.load_model("mobilenet_v2")


def run_in_a_format(platform: str) -> chipcast.Result:
    """In the first format that the platform runs; the network's own where it can."""
    refusals = []
    for dtype in FORMATS:
        try:
            return chipcast.run(mobilenet(), platform, dtype=dtype, tile_budget=TILE_BUDGET)
        except chipcast.InputError as refusal:
            refusals.append(f"{dtype}: {refusal}")
    pytest.fail("\n".join(refusals))


@pytest.mark.parametrize("name", PLATFORMS)
def test_it_describes_itself_with_sources(name: str) -> None:
    platform = chipcast.describe(name)
    assert platform["name"] == name
    assert len(platform["description"]) > 20
    assert platform["sources"]
    assert all(source.strip() for source in platform["sources"])


@pytest.mark.parametrize("name", PLATFORMS)
def test_it_runs_mobilenet_v2(name: str) -> None:
    check_run(run_in_a_format(name), mobilenet())


@pytest.mark.parametrize("name", PLATFORMS)
def test_clusters_have_rates_that_caches_can_feed(name: str) -> None:
    for cluster in chipcast.describe(name)["devices"].values():
        if cluster["type"] != "cpu" or not cluster["caches"]:
            continue
        sizes = [_bytes(level["size"]) for level in cluster["caches"]]
        assert sizes == sorted(sizes), "caches grow outwards"
        latencies = [int(level["latency"].split()[0]) for level in cluster["caches"]]
        assert latencies == sorted(latencies), "and become slower"


def _bytes(text: str) -> int:
    number, unit = text.split()
    return int(float(number) * {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[unit])


@pytest.mark.parametrize("name", PLATFORMS)
def test_cpus_say_how_sure_their_numbers_are(name: str) -> None:
    platform = chipcast.describe(name)
    if {device["type"] for device in platform["devices"].values()} == {"cpu"}:
        assert any("Confidence: " in source for source in platform["sources"])


def heavy_conv() -> dict[str, Any]:
    """3 x 3, 256 to 256 channels at 56 x 56: 1.8 G multiply-accumulates."""
    return {
        "format": "chipcast-graph",
        "version": 1,
        "name": "heavy",
        "tensors": {
            "x": {"shape": [1, 256, 56, 56], "dtype": "fp32"},
            "w": {"shape": [256, 256, 3, 3], "dtype": "fp32", "parameter": True},
            "y": {"shape": [1, 256, 56, 56], "dtype": "fp32"},
        },
        "inputs": ["x"],
        "outputs": ["y"],
        "ops": [
            {
                "name": "conv",
                "kind": "conv",
                "inputs": ["x", "w"],
                "outputs": ["y"],
                "attributes": {"pads": [1, 1, 1, 1]},
            }
        ],
    }


# Three cores of a class beat one prime core of the same; either beats four small ones.
@pytest.mark.parametrize(
    "platform, clusters, best",
    [
        ("rk3588", ["a76", "a55"], "a76"),
        ("snapdragon-865", ["a77_prime", "a77", "a55"], "a77"),
        ("snapdragon-888", ["x1", "a78", "a55"], "a78"),
        ("exynos5422", ["a15", "a7"], "a15"),
        ("apple-a14", ["firestorm", "icestorm"], "firestorm"),
        ("rk3399", ["a72", "a53"], "a72"),
    ],
)
def test_heavy_work_goes_to_the_fastest_cluster(platform: str, clusters: list[str], best: str) -> None:
    placed = chipcast.run(heavy_conv(), platform, devices=clusters)
    assert placed.ops[0]["device"] == best
    latencies = {
        cluster: chipcast.run(heavy_conv(), platform, devices=[cluster]).latency_s for cluster in clusters
    }
    assert min(latencies, key=latencies.__getitem__) == best
    assert placed.latency_s == pytest.approx(latencies[best])


def test_one_cluster_can_be_asked_for() -> None:
    result = chipcast.run(mobilenet(), "rk3588", devices=["a55"])
    assert {op["device"] for op in result.ops if op["macs"]} == {"a55"}
    assert result.latency_s > chipcast.run(mobilenet(), "rk3588", devices=["a76"]).latency_s


def test_ncnn_computes_floats_in_halves_where_the_core_can() -> None:
    halves = chipcast.run(heavy_conv(), "rk3588", devices=["a76"])
    assert halves.ops[0]["dtype"] == "fp32"
    assert halves.ops[0]["mapping"].endswith(", in fp16")
    whole = chipcast.run(heavy_conv(), "rk3588", devices=["a76"], overrides=["a76.runs=[]"])
    assert whole.latency_s > 1.5 * halves.latency_s
    assert "fp16" not in whole.ops[0]["mapping"]


def test_an_a15_is_no_slower_than_the_a17_of_its_class() -> None:
    a15, a17 = (chipcast.run(heavy_conv(), name).latency_s for name in ("cortex-a15", "cortex-a17"))
    assert a15 < a17


@pytest.mark.parametrize(
    "text, name",
    [
        ("nvidia-jetson-nano", "nvidia-jetson-nano"),
        ("jetson-nano", "nvidia-jetson-nano"),
        ("exynos-2200", "samsung-exynos-2200"),
        ("m1", "apple-m1"),
    ],
)
def test_a_name_may_leave_out_the_maker(text: str, name: str) -> None:
    assert catalog.find_platform(text).stem == name


@pytest.mark.parametrize("text", ["", "-", "snapdragon", "2200", "nano", "Jetson Nano"])
def test_half_a_name_is_not_enough(text: str) -> None:
    with pytest.raises(chipcast.InputError):
        catalog.find_platform(text)


@pytest.mark.parametrize("kind", ["cores", "memories", "technologies", "devices"])
def test_every_preset_can_be_read(kind: str, tmp_path: Path) -> None:
    for file in sorted((CONFIGS / kind).glob("*.json")):
        path = tmp_path / f"{kind}-{file.name}"
        path.write_text(json.dumps(_platform_around(kind, {"extends": f"{kind}/{file.name}"})))
        assert chipcast.describe(str(path))["name"] == "probe"


def _platform_around(kind: str, preset: dict[str, Any]) -> dict[str, Any]:
    platform: dict[str, Any] = {
        "name": "probe",
        "memories": {"memory": {"type": "simple"}},
        "devices": {"cpu": {"type": "cpu"}},
    }
    if kind == "cores":
        platform["devices"] = {"cpu": {"type": "cpu", "core": preset}}
    elif kind == "memories":
        platform["memories"] = {"memory": preset}
    elif kind == "technologies":
        platform["technology"] = preset
    else:
        platform["devices"]["device"] = preset
    return platform


def _peak(platform: str, device: str, clock: str = "") -> float:
    """int8 multiply-accumulates per second of one core or unit."""
    config = chipcast.describe(platform, overrides={f"{device}.clock": clock} if clock else ())["devices"][
        device
    ]
    number, unit = config["clock"].split()
    rate = next(rate for rate in config.get("core", config)["rates"] if rate["dtype"] == "int8")
    macs = (
        int(rate["macs"].split()[0])
        if "macs" in rate
        else _multiply_slots(config) * rate["lanes"] * rate["depth"]
    )
    return macs * float(number) * {"MHz": 1e6, "GHz": 1e9}[unit]


def _multiply_slots(dsp: dict[str, Any]) -> int:
    return sum("multiply" in slot["issues"] for slot in dsp["slots"])


def test_the_vendors_comparison_of_zhouyi_with_an_a7_and_a_hifi4() -> None:
    """Arm China and Allwinner: 25 times a Cortex-A7 at 1.2 GHz, 25 times a HiFi4 at 600 MHz."""
    zhouyi = _peak("allwinner-r329", "npu")
    assert zhouyi / _peak("rv1106", "a7") == pytest.approx(25, rel=0.1)
    assert zhouyi / _peak("allwinner-r329", "dsp0", "600 MHz") == pytest.approx(25, rel=0.1)


# ---- the project's table of chips


def chip_rows() -> list[str]:
    if not CHIPS.is_file():
        return []
    with CHIPS.open(encoding="utf-8") as file:
        return [row["chip"] for row in csv.DictReader(file)]


def chip_names(chip: str) -> list[str]:
    """Platforms that a row names, in lower case with dashes.

    What stands in parentheses goes, but for another name after "=". Names after a slash take over the words
    that the first one has more: "Apple M1 / M2", "Snapdragon 8 Gen 1 / 8 Gen 1 Plus".
    """
    text = re.sub(r"\(=([^()]*)\)", r"/\1", chip)
    text = re.sub(r"\([^()]*\)", " ", text)
    first, *others = (slug(part).split("-") for part in text.split("/"))
    names = [first]
    for words in others:
        same = first.index(words[0]) if words[0] in first else max(0, len(first) - len(words))
        names.append(first[:same] + words)
    return list(dict.fromkeys("-".join(words) for words in names))


def slug(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


@cache
def chips_without_data() -> dict[str, str]:
    """The table of docs/platforms.md: name of a chip, what is missing."""
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    table = page.split("## Chips without a model", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (?!chip \|)([^|]+?) \| ([^|]+?) \|$", table, flags=re.MULTILINE)
    return {slug(name): missing for names, missing in rows for name in names.split(", ")}


@pytest.mark.parametrize(
    "chip, names",
    [
        ("Snapdragon 865", ["snapdragon-865"]),
        ("Apple M1 / M2", ["apple-m1", "apple-m2"]),
        ("Apple A11 (iPhone X)", ["apple-a11"]),
        ("Snapdragon 8 Gen 1 / 8 Gen 1 Plus", ["snapdragon-8-gen-1", "snapdragon-8-gen-1-plus"]),
        ("NVIDIA Jetson TX2 / TX2i", ["nvidia-jetson-tx2", "nvidia-jetson-tx2i"]),
        (
            "Snapdragon 875G / Snapdragon 875 (= Snapdragon 888)",
            ["snapdragon-875g", "snapdragon-875", "snapdragon-888"],
        ),
    ],
)
def test_how_names_of_files_follow_from_names_of_chips(chip: str, names: list[str]) -> None:
    assert chip_names(chip) == names


@pytest.mark.skipif(not CHIPS.is_file(), reason="no table of chips: ../shared/reference/chips.csv is absent")
@pytest.mark.parametrize("chip", chip_rows())
def test_every_chip_is_a_platform_or_says_what_is_missing(chip: str) -> None:
    for name in chip_names(chip):
        missing = any(name.endswith(known) for known in chips_without_data())
        assert (name in PLATFORMS) != missing, name


def test_the_page_names_every_platform() -> None:
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    assert [name for name in PLATFORMS if f"`{name}`" not in page and f"## {name}\n" not in page] == []
