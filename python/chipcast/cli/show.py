# SPDX-License-Identifier: Apache-2.0
"""chipcast describe, platforms, schema: what there is and what it is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.text import Text
from rich.tree import Tree

from chipcast import _core, api, catalog
from chipcast._core import InputError
from chipcast.cli import options
from chipcast.cli.terminal import print_json, print_table, stdout
from chipcast.summary import Column, Table
from chipcast.text import did_you_mean, plain


@click.command("describe")
@click.argument("platform")
@options.set_option
@options.json_flag
def describe_command(platform: str, overrides: Sequence[str], as_json: bool) -> None:
    """Shows PLATFORM with presets resolved, defaults filled in and overrides applied.

    The JSON form is a platform file itself: change it and run on it.
    """
    resolved = api.describe(platform, overrides=overrides)
    if as_json:
        print_json(resolved)
        return
    tree = Tree(Text(plain(resolved.get("name", platform)), style="bold"))
    _grow(tree, resolved)
    stdout().print(tree)


def _grow(tree: Tree, value: Any) -> None:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in members:
        label = Text(plain(key))
        if isinstance(member, dict) or (
            isinstance(member, list) and any(isinstance(m, dict) for m in member)
        ):
            _grow(tree.add(label), member)
        else:
            shown = member if isinstance(member, str) else json.dumps(member, ensure_ascii=False)
            tree.add(label.append("  ").append(plain(shown), style="bold"))


@click.command("mappers")
@options.json_flag
def mappers_command(as_json: bool) -> None:
    """Lists the placement policies that `--mapper` takes."""
    entries = [{"name": name, "description": doc} for name, doc in api.mappers()]
    if as_json:
        print_json(entries)
        return
    columns = [
        Column("Mapper", lambda e: e["name"], False),
        Column("What it does", lambda e: e["description"], False, wraps=True),
    ]
    print_table(stdout(), Table("Mappers", columns, [[c.text(entry) for c in columns] for entry in entries]))


@click.command("platforms")
@options.json_flag
def platforms_command(as_json: bool) -> None:
    """Lists the bundled platforms."""
    entries = [api.describe(name) | {"name": name} for name in catalog.platforms()]
    if as_json:
        print_json(
            [{"name": entry["name"], "description": entry.get("description", "")} for entry in entries]
        )
        return
    columns = [
        Column("Platform", str, numeric=False),
        Column("Description", str, numeric=False, gives_way=True),
    ]
    rows = [[plain(entry["name"]), plain(entry.get("description", ""))] for entry in entries]
    print_table(stdout(), Table("Platforms", columns, rows))


@click.command("schema")
@click.argument("name", required=False)
@click.option("--docs", is_flag=True, help="Print the reference of all configuration fields (Markdown).")
@options.json_flag
def schema_command(name: str | None, docs: bool, as_json: bool) -> None:
    """Prints the JSON Schema called NAME, or lists the names."""
    if docs:
        click.echo(_core.config_docs())
        return
    schemas: dict[str, Any] = json.loads(_core.schemas())
    if name is None:
        print_json(schemas if as_json else "\n".join(schemas))
    elif name in schemas:
        print_json(schemas[name])
    else:
        raise InputError(f'schema: "{plain(name)}" is not known{did_you_mean(name, schemas)}')
