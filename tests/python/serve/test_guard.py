# SPDX-License-Identifier: Apache-2.0
"""Who may talk to the workbench."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chipcast.serve.guard import Door, Guard, is_loopback
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient


def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


ROUTES = [Route("/", hello), Route("/api/ask", hello, methods=["GET", "POST"])]
HERE = "127.0.0.1:8740"


def client(door: Door) -> TestClient:
    return TestClient(
        Guard(Starlette(routes=ROUTES), door), base_url=f"http://{HERE}", follow_redirects=False
    )


@pytest.fixture
def local() -> Iterator[TestClient]:
    with client(Door()) as found:
        yield found


@pytest.mark.parametrize("host", [HERE, "localhost:8740", "LOCALHOST", "[::1]:8740", "127.0.0.2"])
def test_this_machine_by_its_own_names(local: TestClient, host: str) -> None:
    assert local.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8740", "127.0.0.1.evil.example", "192.168.1.7", "", "[", "localhost.evil"],
)
def test_a_foreign_host_is_refused(local: TestClient, host: str) -> None:
    answer = local.get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "not known by that name" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1:8740",
        "http://127.0.0.1:9999",
        "http://localhost:8740",
    ],
)
def test_a_foreign_origin_is_refused(local: TestClient, origin: str) -> None:
    answer = local.post("/api/ask", headers={"origin": origin})
    assert answer.status_code == 403
    assert "another site" in answer.json()["error"]["message"]


def test_its_own_page_may_ask(local: TestClient) -> None:
    headers = {"origin": f"http://{HERE}", "sec-fetch-site": "same-origin"}
    assert local.post("/api/ask", headers=headers).status_code == 200


def test_a_link_from_elsewhere_opens_the_page_and_nothing_else(local: TestClient) -> None:
    cross = {"sec-fetch-site": "cross-site"}
    assert local.get("/", headers={**cross, "sec-fetch-mode": "navigate"}).status_code == 200
    assert local.get("/", headers={**cross, "sec-fetch-mode": "no-cors"}).status_code == 403
    assert local.get("/api/ask", headers={**cross, "sec-fetch-mode": "navigate"}).status_code == 403
    assert local.post("/api/ask", headers={**cross, "sec-fetch-mode": "navigate"}).status_code == 403


def test_every_answer_says_how_it_may_be_used(local: TestClient) -> None:
    for answer in (local.get("/"), local.get("/", headers={"host": "evil.example"})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"


def test_beyond_loopback_a_token_is_asked_for() -> None:
    with client(Door(token="secret", beyond=True)) as found:
        assert found.get("/").status_code == 401
        assert found.get("/?token=wrong").status_code == 401
        assert found.get("/api/ask?token=secret").status_code == 401  # in the address of the page alone
        assert found.get("/", headers={"authorization": "Bearer secret"}).status_code == 200
        assert found.get("/", headers={"authorization": "Bearer wrong"}).status_code == 401
        welcome = found.get("/?token=secret")
        assert welcome.status_code == 303
        assert welcome.headers["location"] == "/"
        assert "HttpOnly" in welcome.headers["set-cookie"]
        assert "samesite=lax" in welcome.headers["set-cookie"].lower()
        assert found.get("/api/ask").status_code == 200  # the cookie
        cookie = "chipcast_token_8740=secret"
        found.cookies.clear()
        for beside in ('a={"x":1,"y"}; ', "chipcast_token_9000=other; ", "=; ;; "):
            assert found.get("/api/ask", headers={"cookie": beside + cookie}).status_code == 200
        known = {"authorization": "Bearer secret"}
        assert found.get("/", headers={"host": "192.168.1.7:8740", **known}).status_code == 200
        assert found.get("/", headers={"host": "evil.example", **known}).status_code == 403


def test_a_name_can_be_allowed() -> None:
    with client(Door(names=("localhost", "lab.example"), token="t", beyond=True)) as found:
        headers = {"host": "Lab.example:8740", "authorization": "Bearer t"}
        assert found.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("lab", False),
    ],
)
def test_what_loopback_is(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local
