# SPDX-License-Identifier: Apache-2.0
"""Random numbers of a search: each use has a generator of its own, named by numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def generator(seed: Sequence[int]) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(seed))))


def strata(count: int, axes: int, seed: Sequence[int]) -> NDArray[np.float64]:
    """[count, axes] in [0, 1): a Latin hypercube (McKay, Beckman, Conover 1979)."""
    random = generator(seed)
    columns = [(random.permutation(count) + random.random(count)) / count for _ in range(axes)]
    return np.stack(columns, axis=1)
