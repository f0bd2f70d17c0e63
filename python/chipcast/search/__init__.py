# SPDX-License-Identifier: Apache-2.0
"""Searches for good designs where a sweep would try them all."""
