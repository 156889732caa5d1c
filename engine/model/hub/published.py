"""The published model: its ids on the hub, its configuration and its sizes, for when the hub cannot be asked.

Knows no torch. The sizes follow from the configuration; a test builds the model from it and counts.
"""

from __future__ import annotations

from typing import Any

from engine.model.layouts import Slot

HUB = "google/diffusiongemma-26B-A4B-it"
PACKED = "mlx-community/diffusiongemma-26B-A4B-it-4bit"  # the same, its experts in 4 bits as they are used here
NOTE = "These sizes follow from the published configuration."
LAYERS = 30
CONFIG: dict[str, Any] = {
    "model_type": "diffusion_gemma",
    "canvas_length": 256,
    "text_config": {
        "model_type": "diffusion_gemma_text",
        "vocab_size": 262_144,
        "hidden_size": 2816,
        "intermediate_size": 2112,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "num_global_key_value_heads": 2,
        "head_dim": 256,
        "global_head_dim": 512,
        "sliding_window": 1024,
        "max_position_embeddings": 262_144,
        "num_experts": 128,
        "top_k_experts": 8,
        "moe_intermediate_size": 704,
    },
    "vision_config": {
        "model_type": "gemma4_vision",
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "num_hidden_layers": 27,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "head_dim": 72,
        "standardize": True,
    },
}
EXPERTS = {"gate_up_proj": (128, 1408, 2816), "down_proj": (128, 2816, 704)}  # the shapes of their weights
NUMBERS = 25_823_781_228  # of all weights, 22.84 billion in the experts and ...
SIGHT = 572_794_416  # ... these in what only pictures need
# Bytes of all files that are fetched, as both repositories had them in the summer of 2026: of their tensors, and of
# what lies beside, most of it the tokenizer.
BESIDE = 32_461_559
FILES = {HUB: 51_647_562_456 + BESIDE, PACKED: 16_542_844_632 + BESIDE}


def slots(group: int | None = None) -> dict[str, Slot]:
    """The weights, as far as sizes go: the experts' each, in 4 bits if a group is given, the rest as a lump."""
    shapes = {f"{at}.experts.{name}": shape for at in range(LAYERS) for name, shape in EXPERTS.items()}
    experts = {key: Slot(shape, (), group=group) for key, shape in shapes.items()}
    rest = NUMBERS - SIGHT - sum(a * b * c for a, b, c in shapes.values())
    return experts | {"rest": Slot((rest,), ()), "model.encoder.vision_tower.": Slot((SIGHT,), ())}
