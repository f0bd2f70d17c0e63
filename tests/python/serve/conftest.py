# SPDX-License-Identifier: Apache-2.0
"""A workbench that answers without a port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chipcast.serve.app import Limits, make_app
from starlette.testclient import TestClient

BASE = "http://127.0.0.1:8740"


@pytest.fixture(scope="module")
def bench() -> Iterator[TestClient]:
    with TestClient(make_app(limits=Limits(upload_bytes=1 << 20)), base_url=BASE) as client:
        yield client
