"""The published model: its id on the hub, its configuration and its size, for when the hub cannot be asked.

Knows no torch. The sizes follow from the configuration; a test builds the model from it and counts.
"""

from __future__ import annotations

from typing import Any

HUB = "google/diffusiongemma-26B-A4B-it"
NOTE = "The hub cannot be reached: these sizes follow from the published configuration."
CONFIG: dict[str, Any] = {
    "model_type": "diffusion_gemma",
    "canvas_length": 256,
    "text_config": {
        "model_type": "diffusion_gemma_text",
        "vocab_size": 262_144,
        "hidden_size": 2816,
        "intermediate_size": 2112,
        "num_hidden_layers": 30,
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
EXPERTS = ((128, 1408, 2816), (128, 2816, 704)) * 30  # the shapes of the experts' weights, layer by layer
NUMBERS = 25_823_781_228  # of all weights, 22.84 billion in the experts and 0.57 billion in the vision tower
