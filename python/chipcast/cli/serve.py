# SPDX-License-Identifier: Apache-2.0
"""chipcast serve: the workbench in a browser."""

from __future__ import annotations

import click

MIB = 1 << 20


@click.command("serve")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address. Beyond loopback a token is asked for."
)
@click.option(
    "--port", default=8740, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="Host name that browsers may call this server by."
)
@click.option(
    "--upload-limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 2048),
    metavar="MIB",
    help="Largest model.",
)
def serve_command(host: str, port: int, names: tuple[str, ...], upload_limit: int) -> None:
    """Choose a network and a platform, turn knobs, see what changes.

    \b
    chipcast serve                      # then open the address that it prints
    chipcast serve --host 0.0.0.0       # for other machines too; the address holds a token

    Ends on Ctrl-C. Uploads lie in a temporary folder and go with it.
    """
    from chipcast.serve.run import serve

    serve(
        host,
        port,
        names=names,
        upload_bytes=upload_limit * MIB,
        ready=lambda address: click.echo(f"workbench: {address}   (Ctrl-C ends it)", err=True),
    )
