# SPDX-License-Identifier: Apache-2.0
"""Renews tests/validation/cases/*.csv from the published tables, as cases/sources.toml says."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from chipcast.fidelity.convert import converted, to_csv

HERE = Path(__file__).resolve().parent / "cases"
REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"


def made() -> dict[Path, str]:
    """Text of each file of cases."""
    sources = tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8"))
    return {
        HERE / f"{name}.csv": to_csv(
            converted(source["converter"], REFERENCE / source["table"], source["calibrate"])[0]
        )
        for name, source in sources.items()
    }


def main() -> int:
    if not REFERENCE.is_dir():
        print("no published tables: the folder ../shared/reference is absent", file=sys.stderr)
        return 1
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.name}: {text.count(chr(10)) - 1} cases", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
