# SPDX-License-Identifier: Apache-2.0
"""How far forecasts are from silicon: measured cases, forecasts of them, and what the errors say."""
