# SPDX-License-Identifier: Apache-2.0
"""Post-training quantisation: min/max, KL and EasyQuant's scale search."""

from __future__ import annotations

from chipcast.quantization.inputs import load_inputs, natural_image, random_inputs
from chipcast.quantization.metrics import Distance, distance
from chipcast.quantization.post_training import METHODS, Method, Quantized, Quantizer
from chipcast.quantization.scales import Scale, affine, symmetric

__all__ = [
    "METHODS",
    "Distance",
    "Method",
    "Quantized",
    "Quantizer",
    "Scale",
    "affine",
    "distance",
    "load_inputs",
    "natural_image",
    "random_inputs",
    "symmetric",
]
