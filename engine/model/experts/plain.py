"""The product of rows with the matrices of their experts, in plain torch: for CPU and MPS, and as the reference.

Knows nothing of routers or models. On CUDA `kernel.py` does the same in one piece.
"""

from __future__ import annotations

from torch import Tensor

from engine.model.experts.pack import Packed


def grouped(
    x: Tensor,
    weight: Packed,
    ends: Tensor,
    read: Tensor | None = None,
    write: Tensor | None = None,
    share: Tensor | None = None,
) -> Tensor:
    """Every row times the matrix of its expert: [rows, out] for x [rows, in] and `weight` [experts, out, in].

    The rows are sorted by expert; `ends` int32 [experts] says where each expert's end, the last being `rows`.
    Row r is x[read[r]] if `read` [rows] is given; its product goes to row write[r] of the result if `write`
    [rows], a permutation, is given, and is multiplied by share[write[r]] if `share` [rows] is given.
    """
    rows = len(x) if read is None else len(read)
    out = x.new_empty(rows, weight.shape[1])
    start = 0
    for expert, end in enumerate(ends.tolist()):
        if start < end:
            one = slice(start, end)
            source = x[one] if read is None else x[read[one]]
            target = one if write is None else write[one]
            product = source @ weight[expert].dequantise().T
            out[target] = product if share is None else (product * share[target, None]).to(out.dtype)
        start = end
    return out
