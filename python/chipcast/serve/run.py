# SPDX-License-Identifier: Apache-2.0
"""Starts the workbench on a port and keeps it until it is told to end."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable, Sequence

from chipcast._core import InputError


def serve(
    host: str,
    port: int,
    *,
    names: Sequence[str] = (),
    upload_bytes: int | None = None,
    ready: Callable[[str], object] = lambda address: None,
) -> None:
    """Blocks until SIGINT or SIGTERM. `ready` is told the address to open, with a token where one is needed.

    Beyond loopback every request needs that token, new at each start. Throws InputError where the extra is missing
    or the address cannot be had.
    """
    try:
        import uvicorn

        from chipcast.serve.app import Limits, make_app
        from chipcast.serve.guard import Door, is_loopback
    except ModuleNotFoundError:
        raise InputError('serve: needs starlette and uvicorn; pip install "chipcast[serve]"') from None
    beyond = not is_loopback(host)
    token = secrets.token_urlsafe(24) if beyond else ""
    listener = _listen(host, port)
    reached = _names(host)
    door = Door(names=("localhost", *reached, *(name.lower() for name in names)), token=token, beyond=beyond)
    limits = Limits() if upload_bytes is None else Limits(upload_bytes=upload_bytes)
    config = uvicorn.Config(
        make_app(door, limits),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    shown = next(iter(names or reached), host)
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}/"
    ready(f"{address}?token={token}" if token else address)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _names(host: str) -> tuple[str, ...]:
    """What browsers may call it by: the name that was given; for "all addresses" the name of this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return (host.lower(),)
    return (socket.gethostname().lower(),) if address.is_unspecified else ()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # whoever reads the address may come at once
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError(f"serve: {host} port {port}: {error}; --port 0 takes any free one") from None
    return listener
