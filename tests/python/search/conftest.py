# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of searches."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # workers import search_evaluators.py from here
