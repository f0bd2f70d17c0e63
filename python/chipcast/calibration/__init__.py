# SPDX-License-Identifier: Apache-2.0
"""Fits the parameters that platforms mark as free to measurements, with intervals, and says where they do not fit."""

from chipcast.calibration.report import Calibration
from chipcast.calibration.run import Options, calibrate

__all__ = ["Calibration", "Options", "calibrate"]
