#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calibrates this machine, holds forecasts against what it does, and writes both tables into a page.

    scripts/host_tables.py                         prints them
    scripts/host_tables.py --write docs/host.md    between the page's markers
    scripts/host_tables.py --platform host.json    with a calibration that exists
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from chipcast.crosscheck.host import calibrate
from chipcast.crosscheck.time import HostReport, crosscheck_host

BEGIN = "<!-- BEGIN host tables: scripts/host_tables.py writes them -->"
END = "<!-- END host tables -->"
MODELS = Path(__file__).resolve().parents[2] / "shared" / "models" / "tflite"
INTEGER_NETWORKS = [
    MODELS / f"{name}.tflite"
    for name in ("ad01_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8")
]
"""MLPerf Tiny's, where they lie beside this folder."""


def tables(report: HostReport, calibration_text: str) -> str:
    """Both tables as Markdown."""
    parts = [f"Measured on: {report.processor}."]
    if calibration_text:
        parts.append(f"```text\n{calibration_text}\n```")
    for table in (report.shapes, report.networks):
        parts += [f"### {table.title}", table.to_markdown()]
        parts += [f"Not run: {text}" for text in table.skipped]
    return "\n\n".join([*parts, report.energy_text() + "."])


def between_markers(page: str, text: str, place: str) -> str:
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"{place}: no markers; the page needs the lines\n{BEGIN}\n{END}")
    return f"{page[: begin + len(BEGIN)]}\n\n{text}\n\n{page[end:]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="a page with the markers, docs/host.md")
    parser.add_argument("--platform", type=Path, metavar="FILE", help="a platform file that calibrate() wrote")
    parser.add_argument("--fast", action="store_true", help="a few of everything, to see whether it works")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        platform, text = options.platform, ""
        if platform is None:
            calibration = calibrate(Path(folder) / "host.json", fast=options.fast)
            platform, text = calibration.path, calibration.to_text()
        report = crosscheck_host(platform, more=INTEGER_NETWORKS, fast=options.fast)
    out = tables(report, text)
    if options.write is None:
        print(out)
    else:
        page = options.write.read_text(encoding="utf-8")
        options.write.write_text(between_markers(page, out, str(options.write)), encoding="utf-8")
        print(f"{report.shapes.summary()}\n{report.networks.summary()}")
    return 0 if report.passed or options.fast else 1


if __name__ == "__main__":
    raise SystemExit(main())
