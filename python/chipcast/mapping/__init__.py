# SPDX-License-Identifier: Apache-2.0
"""Mappings found in Python."""
