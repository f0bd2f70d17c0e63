# SPDX-License-Identifier: Apache-2.0
"""The integer operators of a network, cut out of it so that they can be judged alone."""

from __future__ import annotations

from collections.abc import Collection

from chipcast.formats import FLOATS
from chipcast.quantization.folding import Document, Parameters


def integer_part(graph: Document, values: Parameters, judged: Collection[str]) -> tuple[Document, Parameters]:
    """The operators that write integers; what others write is an input. SIMD and plain kernels in floats add up in
    another order, so that a float between two integer layers may fall on the other side of a rounding: given the same
    floats, integer layers have to agree to the last bit. `judged` are the outputs."""
    tensors = graph["tensors"]
    ops = [op for op in graph["ops"] if all(tensors[name]["dtype"] not in FLOATS for name in op["outputs"])]
    read = [name for op in ops for name in op["inputs"] if name]
    written = {name for op in ops for name in op["outputs"]}
    inputs = [name for name in dict.fromkeys(read) if name not in written and name not in values]
    used = {*read, *written}
    return (
        {
            **graph,
            "tensors": {name: tensor for name, tensor in tensors.items() if name in used},
            "inputs": inputs,
            "outputs": [name for name in tensors if name in judged and name in written],
            "ops": ops,
        },
        {name: value for name, value in values.items() if name in used},
    )
