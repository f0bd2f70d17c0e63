# SPDX-License-Identifier: Apache-2.0
"""The command's tree: which subcommands there are."""

from __future__ import annotations

import click

from chipcast import _core
from chipcast.cli.calibrate import calibrate_command
from chipcast.cli.compare import compare_command
from chipcast.cli.convert import import_command, models_command
from chipcast.cli.crosscheck import crosscheck_command
from chipcast.cli.power import power_command
from chipcast.cli.run import run_command
from chipcast.cli.search import search_command
from chipcast.cli.sensitivity import sensitivity_command
from chipcast.cli.serve import serve_command
from chipcast.cli.show import describe_command, mappers_command, platforms_command, schema_command
from chipcast.cli.streams import streams_command
from chipcast.cli.sweep import sweep_command
from chipcast.cli.technology import technology_command
from chipcast.cli.validate import validate_command
from chipcast.text import did_you_mean


class SuggestingGroup(click.Group):
    """Names the nearest subcommand where one is misspelt."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            ctx.fail(f'no command "{name}"{did_you_mean(name, self.list_commands(ctx))}')
        return super().resolve_command(ctx, args)


@click.group(cls=SuggestingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_core.version(), prog_name="chipcast", message="%(prog)s %(version)s")
def app() -> None:
    """Forecasts how a neural network runs on a chip: latency, energy, power over time.

    \b
    chipcast run mobilenet_v2 --on rk3588 --dtype int8
    chipcast run model.onnx --on my_chip.json --set npu0.launch="4 us" --trace run.pftrace

    Data goes to stdout, words to stderr. Exit codes: 0 ok, 1 run failed, 2 usage, 3 invalid input,
    4 a part failed, 5 a limit was hit, 130 interrupted.
    """


for _command in (
    run_command,
    compare_command,
    streams_command,
    power_command,
    sweep_command,
    search_command,
    sensitivity_command,
    serve_command,
    technology_command,
    crosscheck_command,
    calibrate_command,
    validate_command,
    describe_command,
    platforms_command,
    mappers_command,
    models_command,
    import_command,
    schema_command,
):
    app.add_command(_command)
