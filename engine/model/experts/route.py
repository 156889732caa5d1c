"""Which way through the experts: those in 4 bits are an experts function of transformers, so that its model code
stays as it is. Knows nothing of how a product is done.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from engine.model.experts import dense, plain

NAME = "int4"  # among transformers' experts functions
FEW = 16  # whole experts of which all are computed, rather than to wait for a device


def use(model: Any) -> None:
    """Let `model`, a PreTrainedModel whose experts hold a Packed gate_up_proj and down_proj, multiply by them."""
    from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS

    ALL_EXPERTS_FUNCTIONS.register(NAME, experts)
    model.set_experts_implementation(NAME)


def settle(model: Any, packed: bool) -> str | None:
    """Choose how a model on a CUDA device goes through its experts, and say what will make it slow, if anything.

    torch's product of whole experts asks a device that is neither SM90 nor SM100, and on Windows any, how many rows
    each of them has: the host waits for that, and no CUDA graph allows it (pytorch issue 169970).
    """
    if packed:
        return obstacle(model.device)
    if torch.cuda.get_device_capability(model.device)[0] in (9, 10) and sys.platform == "linux":
        return None
    if model.config.text_config.num_experts > FEW:
        return "Whole experts are slow on this graphics card: choose precision int4."
    dense.use(model)
    return None


def experts(module: Any, hidden: Tensor, index: Tensor, weights: Tensor, grouped: Any = None) -> Tensor:
    """Each token through its experts: [n, d] of hidden [n, d]; index and weights [n, k] are of the chosen ones.

    `grouped` multiplies, if it is not to be the device's own.
    Waits nowhere for a CUDA device that has the kernel, and adds in a fixed order: the same again gives the same.
    """
    grouped = grouped or product(hidden.device)
    chosen, order = index.flatten().sort(stable=True)
    every = torch.arange(module.num_experts, device=hidden.device, dtype=chosen.dtype)
    ends = torch.searchsorted(chosen, every, right=True, out_int32=True)  # bincount would wait for the device
    gate, up = grouped(hidden, module.gate_up_proj, ends, read=order // index.shape[1]).chunk(2, -1)
    inner = module.act_fn(gate) * up
    each = grouped(inner, module.down_proj, ends, write=order, share=weights.flatten())
    return each.view(*index.shape, -1).sum(1)


@cache
def product(device: torch.device) -> Callable[..., Tensor]:
    """The `grouped` for a device: of `kernel.py` where that works, else of `plain.py`."""
    if device.type != "cuda" or obstacle(device):
        return plain.grouped
    from engine.model.experts import kernel

    return kernel.grouped


def obstacle(device: torch.device) -> str | None:
    """Why int4 experts will be slow on a CUDA device, as a sentence that says what to do; None if they are not."""
    if torch.cuda.get_device_capability(device) < (8, 0):
        return "This graphics card is older than the fast int4 experts need: choose precision full if that fits."
    if find_spec("triton") is None:
        package = "triton-windows" if sys.platform == "win32" else "triton"
        return f"The fast int4 experts need triton: install it (pip install {package})."
    if sys.platform == "linux" and not (os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")):
        return "The fast int4 experts need a C compiler: install gcc."  # triton builds its launcher with it
    return None
