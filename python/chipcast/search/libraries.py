# SPDX-License-Identifier: Apache-2.0
"""Libraries that only searches need, loaded when one is asked for."""

from __future__ import annotations

import importlib
from typing import Any

from chipcast._core import InputError


def need(module: str) -> Any:
    """The module. Raises InputError that names the remedy where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = (error.name or module).partition(".")[0]
        raise InputError(f"search: needs {missing}; pip install 'chipcast[search]'") from None
