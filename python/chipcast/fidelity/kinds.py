# SPDX-License-Identifier: Apache-2.0
"""Types of devices that cases speak of."""

from __future__ import annotations

CPU = "cpu"
