"""The embedded model's shape: a tiny DiffusionGemma, made from a preset.

Knows transformers' classes and nothing of the corpus or of how the weights are learnt.
"""

from types import MethodType

import torch
from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.models.diffusion_gemma.generation_diffusion_gemma import (
    DiffusionGemmaGenerationConfig,
    EntropyBoundSamplerConfig,
)
from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaRMSNorm

from engine.model.experts import dense

PAD, EOS, BOS, SLACK, TURN, END_TURN = range(6)
BEGIN_IMAGE, END_IMAGE, IMAGE = 6, 7, 8

# The class always builds a vision tower; this one is as small as the code allows, and is never trained.
VISION = {
    "model_type": "gemma4_vision",
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "patch_size": 2,
    "position_embedding_size": 4,
}


def config(shape, vocab: int) -> DiffusionGemmaConfig:
    """The configuration for a `presets.Shape` and a vocabulary size."""
    text = {
        "vocab_size": vocab,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.mlp,
        "num_hidden_layers": shape.layers,
        "layer_types": [
            "full_attention" if (i + 1) % shape.full_every == 0 else "sliding_attention"
            for i in range(shape.layers)
        ],
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "global_head_dim": shape.head_dim,
        "num_global_key_value_heads": shape.kv_heads,
        "sliding_window": shape.window,
        "max_position_embeddings": 8192,
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            "full_attention": {
                "rope_type": "proportional",
                "partial_rotary_factor": 0.5,
                "rope_theta": 10_000.0,
            },
        },
        "num_experts": shape.experts,
        "top_k_experts": shape.top_experts,
        "moe_intermediate_size": shape.expert,
        "pad_token_id": PAD,
        "eos_token_id": EOS,
        "bos_token_id": BOS,
    }
    return DiffusionGemmaConfig(
        text_config=text,
        vision_config=dict(VISION),
        boi_token_id=BEGIN_IMAGE,
        eoi_token_id=END_IMAGE,
        image_token_id=IMAGE,
        canvas_length=shape.canvas,
    )


def build(shape, vocab: int, seed: int) -> DiffusionGemmaForBlockDiffusion:
    """A fresh model in float32, its weights drawn from `seed`."""
    torch.manual_seed(seed)
    model = DiffusionGemmaForBlockDiffusion(config(shape, vocab))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            # The attention multiplies by no 1/sqrt(d) of its own: begin there, and let the gains learn the rest.
            if name.endswith(("q_norm.weight", "k_norm.weight")):
                weight.fill_(shape.head_dim**-0.25)
    model.generation_config = generation()
    return model


def generation() -> DiffusionGemmaGenerationConfig:
    """Sampling defaults, for generation_config.json.

    The published ones, but cooler, with a larger entropy bound, and done earlier: with the published 0.8, 0.4, 0.1
    and 0.005 a small model takes up to twice as many steps for texts as good.
    """
    return DiffusionGemmaGenerationConfig(
        max_new_tokens=256,
        max_denoising_steps=24,
        sampler_config=EntropyBoundSamplerConfig(entropy_bound=1.0),
        t_min=0.3,
        t_max=0.5,
        stability_threshold=1,
        confidence_threshold=0.02,
        bos_token_id=BOS,
        eos_token_id=[EOS, END_TURN],
        pad_token_id=PAD,
    )


def quicken(model: DiffusionGemmaForBlockDiffusion) -> DiffusionGemmaForBlockDiffusion:
    """Let `model` compute the same with the kernels below, which are several times faster in training on a CPU.

    For callers that bring every attention mask themselves, as the loss does: None means that nothing is masked.
    """
    ALL_ATTENTION_FUNCTIONS.register("lean", lean_attention)
    dense.use(model)
    model.set_attn_implementation("lean")
    for module in model.modules():
        if isinstance(module, DiffusionGemmaRMSNorm):
            module.forward = MethodType(lean_norm, module)
    return model


class RootMeanSquare(torch.autograd.Function):
    """x / rms(x) * gain in the dtype of x [.., d], with few passes over memory; gain [d] or None."""

    @staticmethod
    def forward(ctx, x, gain, eps):
        size = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = size.square_().div_(x.shape[-1]).add_(eps).rsqrt_().to(x.dtype)
        unit = x * scale
        ctx.save_for_backward(unit, scale, gain)
        return unit if gain is None else unit * gain

    @staticmethod
    def backward(ctx, grad):
        unit, scale, gain = ctx.saved_tensors
        along = grad * unit
        grad_gain = None
        if gain is not None:
            grad_gain = along.flatten(0, -2).sum(0)
            along, grad = along.mul_(gain), grad * gain
        return torch.addcmul(grad, unit, along.mean(-1, keepdim=True), value=-1).mul_(scale), grad_gain, None


def lean_norm(module, hidden):
    """DiffusionGemmaRMSNorm's forward. On a card torch has one kernel for it, and one for its gradient."""
    if hidden.is_cuda:
        return torch.nn.functional.rms_norm(
            hidden, hidden.shape[-1:], module.weight if module.with_scale else None, module.eps
        )
    return RootMeanSquare.apply(hidden, module.weight if module.with_scale else None, module.eps)


def lean_attention(module, query, key, value, mask, scaling=1.0, **_):
    """Two plain products and a softmax; query heads of one key head are stacked instead of repeating the key.

    query [b, h, q, d]; key and value [b, g, k, d]; mask added to the scores or None; returns [b, q, h, d] and None.
    """
    batch, heads, length, size = query.shape
    groups = key.shape[1]
    if query.is_cuda:
        return fused_attention(query, key, value, mask, scaling).transpose(1, 2), None
    stacked = (query * scaling).reshape(batch, groups, heads // groups * length, size)
    scores = stacked @ key.transpose(2, 3)
    if mask is not None:
        scores = (scores.view(batch, heads, length, -1) + mask).view(scores.shape)
    mixed = scores.softmax(-1) @ value
    return mixed.view(batch, heads, length, size).transpose(1, 2), None


def fused_attention(query, key, value, mask, scaling=1.0):
    """The same with a kernel that keeps no scores, and with heads stacked in the same way; [b, h, q, d]."""
    share = query.shape[1] // key.shape[1]
    stacked = query.reshape(len(query), key.shape[1], -1, query.shape[3])
    if mask is not None and mask.shape[2] > 1:
        mask = mask.repeat(1, 1, share, 1)
    mixed = torch.nn.functional.scaled_dot_product_attention(stacked, key, value, mask, scale=scaling)
    return mixed.reshape(query.shape)  # its layout differs from kernel to kernel
