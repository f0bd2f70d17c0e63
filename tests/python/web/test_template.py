# SPDX-License-Identifier: Apache-2.0
"""Is the committed page what its sources give, and can data in it do no harm? (No browser.)"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess

import pytest
from chipcast import InputError
from chipcast.web.page import TEMPLATE, document_of, embedded, page
from support import ROOT

SOURCES = ["src", "package-lock.json", "package.json", "page.mjs", "tsconfig.json", "vite.config.js"]


def sources_digest() -> str:
    """As web/page.mjs computes it."""
    web = ROOT / "web"
    files = sorted(
        path.relative_to(web).as_posix()
        for name in SOURCES
        for path in [web / name, *(web / name).rglob("*")]
        if path.is_file()
    )
    lines = (f"{name}\0{hashlib.sha256((web / name).read_bytes()).hexdigest()}\n" for name in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_committed_page_was_built_from_these_sources() -> None:
    if not (ROOT / "web").is_dir():
        pytest.skip("the sources of the page are not in this tree")
    (recorded,) = re.findall(
        r'<meta name="chipcast-sources" content="(\w+)">', TEMPLATE.read_text(encoding="utf-8")
    )
    assert recorded == sources_digest(), "web/ has changed: run scripts/build-web and commit the page"


def test_the_policy_allows_this_script_and_this_style_alone() -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for rule, content in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert rules["img-src"] == "data:"
    assert not re.search(r'(src|href)="(?!data:,")', text), "the page names another file"


def test_no_source_of_the_page_turns_text_into_markup() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    )
    for path in sorted((ROOT / "web" / "src").rglob("*.ts")):
        assert not forbidden.search(path.read_text(encoding="utf-8")), path.name


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())


def test_text_in_data_cannot_end_the_script() -> None:
    hostile = '</script><script>alert(1)</script><!-- \u2028 \u2029 & <img src=x onerror="alert(1)"> \ud800'
    text = embedded({"name": hostile})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["name"] == hostile
    shown = page({"kind": "run", "runs": [{"label": hostile, "report": {}}]})
    assert shown.count("<script") == TEMPLATE.read_text(encoding="utf-8").count("<script")
    assert document_of(shown, "x")["runs"][0]["label"] == hostile


def test_another_page_is_refused() -> None:
    with pytest.raises(InputError, match="none of `chipcast run --html`"):
        document_of("<!doctype html><p>hello", "hello.html")


def test_the_build_refuses_what_it_does_not_know() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "build-web", "--chek"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0 and "usage: scripts/build-web [--check]" in done.stderr
