# SPDX-License-Identifier: Apache-2.0
"""The workbench's server: a page, a few questions as JSON, uploads. Everything heavy happens in worker processes."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chipcast import _core, api, catalog
from chipcast._core import InputError
from chipcast.serve.crew import Failed, Lane, Superseded
from chipcast.serve.guard import Door, Guard, refused
from chipcast.serve.page import workbench_page
from chipcast.serve.questions import job_of, read_json
from chipcast.serve.uploads import Shelf

MIB = 1 << 20
_MOST_QUESTION = 8 * MIB
_MOST_UPLOADING = 2
_QUICK = ("analytic", "describe")
_PATH = re.compile(r"^(?:[\w.-]+\.json: )?([A-Za-z_][\w.\[\]-]*): ")


@dataclass(frozen=True)
class Limits:
    """Of one answer and of what is kept."""

    upload_bytes: int = 100 * MIB
    quick_s: float = 20.0
    full_s: float = 300.0
    memory_bytes: int = 8 << 30


class _TooLarge(Exception):
    pass


class Workbench:
    """Lanes of work and the files that were uploaded, as long as the server runs."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        self.limits = limits
        self.uploading = asyncio.Semaphore(_MOST_UPLOADING)
        platforms, models = folder / "platforms", folder / "models"
        platforms.mkdir()
        models.mkdir()
        self.platforms = Shelf(platforms, 64 * MIB)
        self.models = Shelf(models, 4 * limits.upload_bytes)
        seconds = {"quick": limits.quick_s, "full": limits.full_s, "import": limits.full_s}
        self._lanes = {name: Lane(name, most, limits.memory_bytes) for name, most in seconds.items()}

    async def ask(self, caller: str, job: dict[str, Any]) -> dict[str, Any]:
        """`caller`: who asks, and what for; of one only the newest question counts."""
        lane = "import" if job["kind"] == "import" else "quick" if job["kind"] in _QUICK else "full"
        return await self._lanes[lane].ask(f"{caller}/{job['kind']}", job)

    def without_places(self, message: str) -> str:
        return self.models.without_places(self.platforms.without_places(message))

    def stop(self) -> None:
        for lane in self._lanes.values():
            lane.stop()


def make_app(door: Door | None = None, limits: Limits | None = None) -> Guard:
    """The ASGI application, guarded by `door` (loopback only where None)."""
    chosen = limits or Limits()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory(prefix="chipcast-") as folder:
            app.state.bench = Workbench(chosen, Path(folder))
            try:
                yield
            finally:
                app.state.bench.stop()

    routes = [
        Route("/", _page),
        Route("/api/catalog", _catalog),
        Route("/api/schema", _schema),
        Route("/api/ask", _ask, methods=["POST"]),
        Route("/api/models", _upload, methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes, lifespan=lifespan), door or Door())


def _page(request: Request) -> Response:
    text, policy = workbench_page()
    return Response(text, media_type="text/html", headers={"Content-Security-Policy": policy})


def _catalog(request: Request) -> Response:
    return JSONResponse(
        {
            "version": _core.version(),
            "models": catalog.models(),
            "platforms": catalog.platforms(),
            "mappers": [{"name": name, "description": text} for name, text in api.mappers()],
            "upload_bytes": request.app.state.bench.limits.upload_bytes,
        }
    )


def _schema(request: Request) -> Response:
    return Response(
        (catalog.config_root() / "schema" / "platform.schema.json").read_bytes(),
        media_type="application/json",
    )


async def _ask(request: Request) -> Response:
    bench: Workbench = request.app.state.bench
    if not _is(request, "application/json"):
        return refused(415, "a question is application/json")

    async def answer() -> dict[str, Any]:
        question = read_json(await _body(request, _MOST_QUESTION))
        job = await run_in_threadpool(job_of, question, bench.models, bench.platforms)
        return await bench.ask(_caller(question), job)

    return await _answered(bench, answer(), f"a question has at most {_MOST_QUESTION // MIB} MiB")


async def _upload(request: Request) -> Response:
    """The file as body, its name as ?name=. It is read by the importers' process, which may do nothing else."""
    bench: Workbench = request.app.state.bench
    most = bench.limits.upload_bytes
    if not _is(request, "application/octet-stream"):
        return refused(415, "a model is sent as application/octet-stream")

    async def answer() -> dict[str, Any]:
        async with bench.uploading:
            body = await _body(request, most)
            kept = await run_in_threadpool(bench.models.keep, request.query_params.get("name", ""), body)
            try:
                found = await bench.ask(f"upload {kept.id}", {"kind": "import", "model": str(kept.path)})
            except Failed:
                bench.models.drop(kept.id)
                raise
        return {"upload": kept.id, **found}

    words = f"models of at most {most // MIB} MiB; `chipcast serve --upload-limit` allows more"
    return await _answered(bench, answer(), words)


async def _answered(bench: Workbench, answer: Awaitable[dict[str, Any]], too_large: str) -> Response:
    try:
        return JSONResponse(await answer)
    except _TooLarge:
        return refused(413, too_large)
    except InputError as error:
        return _wrong(bench.without_places(str(error)))
    except Superseded:
        return refused(409, "superseded by a newer question")
    except Failed as error:
        reason = bench.without_places(error.reason)
        return _wrong(reason) if error.wrong else refused(503, reason)


def _is(request: Request, media_type: str) -> bool:
    return request.headers.get("content-type", "").split(";")[0].strip() == media_type


async def _body(request: Request, most: int) -> bytes:
    """Reads no more than is allowed, whatever the length that was announced."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _TooLarge
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most:
                raise _TooLarge
    except ClientDisconnect:
        raise InputError("the sender has gone") from None
    return bytes(body)


def _caller(question: object) -> str:
    caller = question.get("caller", "") if isinstance(question, dict) else ""
    return str(caller)[:64]


def _wrong(message: str) -> Response:
    """`path`: the member of the platform that the message names, where it names one."""
    found = _PATH.match(message)
    error = {"message": message, "path": found[1] if found else ""}
    return JSONResponse({"error": error}, status_code=422)
