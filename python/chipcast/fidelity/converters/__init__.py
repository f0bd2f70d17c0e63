# SPDX-License-Identifier: Apache-2.0
"""Published tables to cases. Each module has `convert(rows)`: what of a table can be forecast, and why the rest not."""

from __future__ import annotations

from chipcast.fidelity.converters.aihub import convert as _aihub
from chipcast.fidelity.converters.mlperf_tiny import convert as _mlperf_tiny
from chipcast.fidelity.converters.ncnn import convert as _ncnn
from chipcast.fidelity.converters.nxp import convert as _nxp
from chipcast.fidelity.converters.rknn import convert as _rknn
from chipcast.fidelity.converters.table import Converter

CONVERTERS: dict[str, Converter] = {
    "ncnn": _ncnn,
    "rknn": _rknn,
    "mlperf-tiny": _mlperf_tiny,
    "aihub": _aihub,
    "nxp": _nxp,
}
