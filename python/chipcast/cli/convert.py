# SPDX-License-Identifier: Apache-2.0
"""chipcast models and import: networks in, networks out."""

from __future__ import annotations

from pathlib import Path

import click

from chipcast import catalog
from chipcast._core import InputError
from chipcast.cli import options
from chipcast.cli.terminal import check_writable, print_json, print_table, say, stdout, write_file
from chipcast.model import load_model
from chipcast.summary import Column, Table
from chipcast.text import plain, quantity


@click.command("models")
@click.option(
    "--export", nargs=2, metavar="NAME FILE", help="Write one as .onnx (seeded random weights) or .json."
)
@options.model_option
@options.json_flag
def models_command(
    export: tuple[str, str] | None, model_options: dict[str, int | float | str], as_json: bool
) -> None:
    """Lists the bundled networks, or writes one of them to a file."""
    if export is not None:
        _export(export[0], Path(export[1]), model_options)
        return
    entries = catalog.models()
    if as_json:
        print_json(entries)
        return
    columns = [
        Column("Model", str, numeric=False),
        Column("MACs", str),
        Column("Parameters", str),
        Column("Description", str, numeric=False, gives_way=True),
    ]
    rows = [
        [
            plain(entry["name"]),
            quantity(entry.get("macs"), ""),
            quantity(entry.get("parameters"), ""),
            plain(entry.get("description", "")),
        ]
        for entry in entries
    ]
    print_table(stdout(), Table("Models", columns, rows))


def _export(name: str, path: Path, model_options: dict[str, int | float | str]) -> None:
    suffix = path.suffix.lower()
    if suffix not in (".onnx", ".json"):
        raise InputError(f'--export: "{plain(path)}" must end in .onnx or .json')
    check_writable(path, "--export")
    model = load_model(name, model_options=model_options)
    if suffix == ".json":
        write_file(path, model.graph_json.rstrip("\n") + "\n")
    else:
        from chipcast.onnx_export import export_onnx  # onnx takes a while to load

        export_onnx(model.graph, path)
    say(f"Model: {path}")


@click.command("import")
@click.argument("model")
@click.option("-o", "--output", type=options.FILE, help="Write the graph here instead of stdout.")
@options.shape_option
@options.model_option
@options.json_flag
def import_command(
    model: str,
    output: Path | None,
    shapes: dict[str, tuple[int, ...]] | None,
    model_options: dict[str, int | float | str],
    as_json: bool,
) -> None:
    """Turns MODEL into Chipcast's own graph form (JSON)."""
    if output is not None:
        check_writable(output, "--output")
    loaded = load_model(model, shapes=shapes, model_options=model_options)
    totals = loaded.totals
    if output is None:
        print_json(loaded.graph_json)
    else:
        write_file(output, loaded.graph_json.rstrip("\n") + "\n")
        if as_json:
            print_json(totals)
    say(", ".join(f"{key}: {value}" for key, value in totals.items() if isinstance(value, int | float)))
