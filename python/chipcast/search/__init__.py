# SPDX-License-Identifier: Apache-2.0
"""Searches for good designs where a sweep would try them all.

>>> from chipcast.search import run_search
>>> result = run_search("examples/search/npu_size.json", store="npu.db", seed=1)
>>> [record.values for record in result.front], result.hypervolume
"""

from __future__ import annotations

from chipcast.search.accuracy.settings import Accuracy
from chipcast.search.fidelity import Promotion
from chipcast.search.read import read_search
from chipcast.search.records import Record
from chipcast.search.result import SearchResult, Step
from chipcast.search.run import SearchProgress, run_search
from chipcast.search.spec import Algorithm, Constraint, Fidelity, Objective, Search

__all__ = [
    "Accuracy",
    "Algorithm",
    "Constraint",
    "Fidelity",
    "Objective",
    "Promotion",
    "Record",
    "Search",
    "SearchProgress",
    "SearchResult",
    "Step",
    "read_search",
    "run_search",
]
