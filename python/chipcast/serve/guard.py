# SPDX-License-Identifier: Apache-2.0
"""Who may talk to the workbench. A page of a foreign site must not, neither by its own name nor by one that is made to
mean this machine (DNS rebinding); beyond this machine only who knows the token."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "chipcast_token"
_LOOPBACK_NAMES = ("localhost",)
_SAFE = ("GET", "HEAD")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def is_loopback(host: str) -> bool:
    """Of a name or an address without port."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in _LOOPBACK_NAMES


@dataclass(frozen=True)
class Door:
    """`token`: empty asks for none. `names`: hosts that a browser may call this server by, addresses aside."""

    names: tuple[str, ...] = _LOOPBACK_NAMES
    token: str = ""
    beyond: bool = False
    """Whether it listens on more than loopback."""

    def knows(self, authority: str) -> bool:
        """Of a Host header, or an Origin's host and port. Addresses cannot be rebound; names must be ours."""
        host = _host_of(authority)
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return host in self.names
        return self.beyond or address.is_loopback

    def admits(self, token: str) -> bool:
        return not self.token or hmac.compare_digest(token.encode(), self.token.encode())


def _host_of(authority: str) -> str:
    try:
        return (urlsplit(f"//{authority}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _port_of(authority: str) -> int:
    try:
        return urlsplit(f"//{authority}").port or 80
    except ValueError:
        return 80


class Guard:
    """ASGI: refuses before anything else sees the request; adds the headers that every answer has."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        answer = self._refusal(scope)
        sender = _with_headers(send, _HEADERS.items())
        await (answer or self._app)(scope, receive, sender)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._door.knows(host):
            return refused(
                403, "this server is not known by that name; start it with --name NAME to allow one"
            )
        if not self._same_site(scope, headers, host):
            return refused(403, "a request from another site")
        return self._without_token(scope, headers)

    def _same_site(self, scope: Scope, headers: Headers, host: str) -> bool:
        origin = headers.get("origin")
        if origin is not None and origin != f"{scope.get('scheme', 'http')}://{host}":
            return False
        site = headers.get("sec-fetch-site", "none")
        if site in ("none", "same-origin"):
            return True
        # A link from elsewhere may open the page; nothing else may come from there.
        opens = headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"
        return scope["method"] in _SAFE and opens

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        if not self._door.token:
            return None
        bearer = headers.get("authorization", "")
        if bearer.startswith("Bearer ") and self._door.admits(bearer.removeprefix("Bearer ")):
            return None
        name = (
            f"{COOKIE}_{_port_of(headers.get('host', ''))}"  # browsers send cookies to every port of a host
        )
        if self._door.admits(cookie_parser(headers.get("cookie", "")).get(name, "")):
            return None
        query = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if scope["method"] in _SAFE and scope["path"] == "/" and query and self._door.admits(query):
            # Out of the address bar, and of what a browser remembers.
            answer = RedirectResponse("/", status_code=303)
            # Lax: a link out of a mail must open it. What is asked beyond that has an Origin, which is checked.
            answer.set_cookie(name, query, httponly=True, samesite="lax")
            return answer
        return refused(401, "open the address with ?token=... that the command printed")


def refused(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "path": ""}}, status_code=status)


def _with_headers(send: Send, added: Iterable[tuple[str, str]]) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in added:
                headers.setdefault(name, value)
        await send(message)

    return sender
