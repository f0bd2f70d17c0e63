# SPDX-License-Identifier: Apache-2.0
"""Power before deployment: `chipcast.power(...)` and what it is made of. See docs/power.md."""

from __future__ import annotations

from chipcast.power.forecasting import PowerResult, power
from chipcast.power.scenario import power_of_scenario

__all__ = ["PowerResult", "power", "power_of_scenario"]
