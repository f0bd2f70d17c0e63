# SPDX-License-Identifier: Apache-2.0
"""What the tests of views share lies beside them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # workers import views_evaluators.py from here
