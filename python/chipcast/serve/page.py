# SPDX-License-Identifier: Apache-2.0
"""The built page (web/) as the workbench: it may talk to the server that it came from, and to nobody else."""

from __future__ import annotations

import html
import re
from functools import cache

from chipcast.web.page import page

_POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")([^"]*)(">)')
_TALKS = "; connect-src 'self'"
_NOT_FRAMED = "; frame-ancestors 'none'"


@cache
def workbench_page() -> tuple[str, str]:
    """The page, and the policy for its header."""
    built = page(
        {"format": "chipcast-page", "version": 1, "kind": "workbench", "runs": [{"label": "Workbench"}]}
    )
    found = _POLICY.search(built)
    if found is None:
        raise RuntimeError("the built page has no policy; scripts/build-web makes it anew")
    text = f"{built[: found.start()]}{found[1]}{found[2]}{_TALKS}{found[3]}{built[found.end() :]}"
    return text, html.unescape(found[2]) + _TALKS + _NOT_FRAMED
