# SPDX-License-Identifier: Apache-2.0
"""Other tools' descriptions and mappings: read, replayed under their counting rules, and searched again.

from chipcast import peers
chip = peers.zigzag.read_architecture(Path("tpu_like.yaml"), Path("tpu_like_mapping.yaml"))
layers = peers.layers("alexnet")
found = peers.search(chip, [each["layer"] for each in layers], goal="latency", rules="zigzag")
"""

from __future__ import annotations

from chipcast.peers import timeloop, timeloop_mapping, zigzag
from chipcast.peers.engine import evaluate, layers, search

__all__ = ["evaluate", "layers", "search", "timeloop", "timeloop_mapping", "zigzag"]
