# SPDX-License-Identifier: Apache-2.0
"""Forecasts held against native kernels on this machine: numbers, work, time."""
