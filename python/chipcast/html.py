# SPDX-License-Identifier: Apache-2.0
"""A report in a notebook. Every text that comes from a file is escaped."""

from __future__ import annotations

from html import escape
from typing import Any

from chipcast import summary


def report_html(report: dict[str, Any], layers: int = 8) -> str:
    """Headline, devices and the busiest layers as one HTML fragment, without scripts or styles of its own."""
    lines = "".join(
        f"<tr><th style='text-align:left'>{escape(what)}</th><td style='text-align:right'>{escape(value)}</td>"
        f"<td style='text-align:left'>{escape(remark)}</td></tr>"
        for what, value, remark in summary.headline(report)
    )
    tables = [summary.devices(report), summary.memories(report), summary.busiest_layers(report, layers)]
    return (
        f"<div><h4>{escape(summary.title(report))}</h4><table><tbody>{lines}</tbody></table>"
        + "".join(_table_html(table) for table in tables)
        + "</div>"
    )


def _table_html(table: summary.Table) -> str:
    aligns = ["right" if column.numeric else "left" for column in table.columns]
    head = "".join(
        f"<th style='text-align:{align}'>{escape(column.title)}</th>"
        for align, column in zip(aligns, table.columns, strict=True)
    )
    body = "".join(f"<tr>{_row_html(aligns, row)}</tr>" for row in table.rows)
    caption = escape(table.title)
    return f"<h5>{caption}</h5><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row_html(aligns: list[str], row: summary.Row) -> str:
    return "".join(
        f"<td style='text-align:{align}'>{escape(text)}</td>" for align, text in zip(aligns, row, strict=True)
    )
