# SPDX-License-Identifier: Apache-2.0
"""Prints predicted against measured latency; --write renews the tables in docs/fidelity.md."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

import chipcast
import cpu_memory
import cpu_ncnn
import dsp_hexagon
import ethos_u
import eyeriss
import mcu_tiny
from page import tables, with_block
from rows import SHARED, read_rows
from scores import predict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fidelity.md"

MORE = {
    "CPUs, ncnn's benchmark, 1 and 4 threads": cpu_ncnn,
    "Eyeriss, AlexNet in batches of 4: forecasts, with their errors against the chip": eyeriss,
    "Arm Ethos-U55-128, evaluation kit, total cycles": ethos_u,
    "Hexagon V68 (QCS6490), AI Hub, w8a8": dsp_hexagon,
    "Microcontrollers, MLPerf Tiny": mcu_tiny,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="scripts/validate")
    parser.add_argument("--write", action="store_true", help="renew the tables in docs/fidelity.md")
    options = parser.parse_args()
    if not (SHARED / "reference").is_dir():
        print("no measured tables: the folder ../shared/reference is absent", file=sys.stderr)
        return 0
    reference = read_rows()
    text = tables([predict(row) for row in reference.rows], reference.left_out)
    text += "\n\n" + cpu_memory.tables()
    for title, module in MORE.items():
        text += f"\n\n### {title}\n\n{module.tables()}"
    print(text)
    if options.write:
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        made_by = f"Made by `scripts/validate --write` with version {chipcast.__version__} on {today}."
        page = with_block(PAGE.read_text(encoding="utf-8"), f"{made_by}\n\n{text}")
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
