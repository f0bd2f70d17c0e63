# SPDX-License-Identifier: Apache-2.0
"""Errors of CPU forecasts on networks and chips that a fit did not see: scripts/cross-validate."""
