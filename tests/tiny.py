"""Tiny random DiffusionGemma models, tokenizers and checkpoint folders in the published layout, for tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import DiffusionGemmaConfig, DiffusionGemmaForBlockDiffusion, PreTrainedTokenizerFast
from transformers.models.diffusion_gemma.generation_diffusion_gemma import (
    DiffusionGemmaGenerationConfig,
    EntropyBoundSamplerConfig,
)

from engine.training.model import VISION

# As the published model names them, in the order of its ids.
SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>", "<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|think|>")
SPECIAL += ("<|tool_call>", "<tool_call|>", '<|"|>')
PAD, EOS, BOS, UNK, TURN, END, CHANNEL, CLOSED, THINK, CALL, CALLED, QUOTE = range(len(SPECIAL))
TEMPLATE = (  # it says nothing of the channel: the model opens that by itself, whether it is to think or not
    "{{ bos_token }}{% set system = messages[0]['role'] == 'system' %}"
    "{% set thinks = enable_thinking is defined and enable_thinking %}"
    "{% if thinks or system %}<|turn>system\n{% if thinks %}<|think|>\n{% endif %}"
    "{% if system %}{{ messages[0]['content'] | trim }}{% endif %}<turn|>\n{% endif %}"
    "{% for message in (messages[1:] if system else messages) %}"
    "<|turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n"
    "{% for call in message['tool_calls'] or [] %}<|tool_call>call:{{ call['function']['name'] + '{' }}"
    "{% for key, value in call['function']['arguments'] | dictsort %}{{ ',' if not loop.first }}{{ key }}:"
    "{% if value is string %}<|\"|>{{ value }}<|\"|>{% else %}{{ value | tojson }}{% endif %}{% endfor %}{{ '}' }}"
    "<tool_call|>{% endfor %}{{ message['content'] | trim }}<turn|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn>model\n{% endif %}"
)
STUB = TEMPLATE.replace("<|turn>model\n{% endif %}", "<|turn>model\n<|channel>thought\n<channel|>{% endif %}")

# Of a model with eyes: three tokens more, in the order of their ids, and a chat format that takes parts.
IMAGES = ("<|image>", "<image|>", "<|image|>")
SEEING = TEMPLATE.replace(
    "{{ message['content'] | trim }}",
    "{% if message['content'] is string %}{{ message['content'] | trim }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|image|>{% else %}{{ part['text'] | trim }}{% endif %}"
    "{% endfor %}{% endif %}",
)
PROCESSOR = {  # as Gemma4Processor writes it
    "image_processor": {
        "do_convert_rgb": True,
        "do_normalize": False,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.0, 0.0, 0.0],
        "image_processor_type": "Gemma4ImageProcessor",
        "image_seq_length": 70,
        "image_std": [1.0, 1.0, 1.0],
        "max_soft_tokens": 70,
        "patch_size": 2,
        "pooling_kernel_size": 3,
        "resample": 3,
        "rescale_factor": 1 / 255,
    },
    "image_seq_length": 70,
    "processor_class": "Gemma4Processor",
}
LOOKS = VISION | {"position_embedding_size": 256, "standardize": True}  # as many places as 70 tokens may need


def config(
    vocabulary: int = 96, canvas: int = 16, window: int = 8, layers: int = 2, vision=VISION, **text
) -> DiffusionGemmaConfig:
    shape = {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": layers,
        "layer_types": ["sliding_attention"] * (layers - 1) + ["full_attention"],
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "global_head_dim": 16,
        "num_global_key_value_heads": 1,
        "sliding_window": window,
        "max_position_embeddings": 512,
        "num_experts": 4,
        "top_k_experts": 2,
        "moe_intermediate_size": 16,
        "pad_token_id": PAD,
        "eos_token_id": EOS,
        "bos_token_id": BOS,
    }
    return DiffusionGemmaConfig(
        text_config=shape | text,
        vision_config=dict(vision),
        canvas_length=canvas,
        boi_token_id=vocabulary - 3,
        eoi_token_id=vocabulary - 2,
        image_token_id=vocabulary - 1,
    )


def model(
    seed: int = 0, sharpness: float = 0.3, stir: float = 1.0, ends=(EOS, END), **shape
) -> DiffusionGemmaForBlockDiffusion:
    """A random model in float32.

    `sharpness` is the spread of the embedding: more of it means surer logits. `stir` is how much a layer
    adds: with little of it a cell keeps its token, and a canvas comes to rest.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = DiffusionGemmaForBlockDiffusion(config(**shape)).eval()
        for name, weight in model.named_buffers():
            if name.endswith(("std_bias", "std_scale")):
                torch.nn.init.normal_(weight, mean=0.5, std=0.2)
        for name, weight in model.named_parameters():
            if "embed_tokens" in name:
                torch.nn.init.normal_(weight, std=sharpness)
            elif weight.dim() > 1:
                torch.nn.init.normal_(weight, std=0.2)
            elif name.endswith(("post_attention_layernorm.weight", "post_feedforward_layernorm.weight")):
                torch.nn.init.constant_(weight, stir)
    model.generation_config = DiffusionGemmaGenerationConfig(
        max_new_tokens=model.config.canvas_length,
        eos_token_id=list(ends),
        pad_token_id=PAD,
        bos_token_id=BOS,
        sampler_config=EntropyBoundSamplerConfig(entropy_bound=0.1),
    )
    return model


@cache
def tokenizer(kind: str = "bytes", eyes: bool = False) -> PreTrainedTokenizerFast:
    """`bytes`: GPT-2's byte alphabet. `pieces`: Gemma's, with "▁" for a space and "<0xE2>" for a stray byte."""
    backend = _bytes() if kind == "bytes" else _pieces()
    backend.add_special_tokens([*SPECIAL, *IMAGES] if eyes else list(SPECIAL))
    names = dict(zip(("boi_token", "eoi_token", "image_token"), IMAGES, strict=True)) if eyes else {}
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        chat_template=SEEING if eyes else TEMPLATE,
        **({"extra_special_tokens": names} if eyes else {}),
    )


def _bytes() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", "f"), ("Ġf", "o"), ("Ġfo", "x")]
    vocabulary = _numbered([*alphabet, *("".join(pair) for pair in merges)])
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return backend


def _pieces() -> Tokenizer:
    letters = [*"▁abcdefghijklmnopqrstuvwxyz.,é"]
    merges = [("▁", "f"), ("▁f", "o"), ("▁fo", "x"), ("▁", "▁"), ("▁▁", "▁▁")]
    runs = [AddedToken(run, normalized=False) for run in ("▁▁", "▁▁▁▁", "\n", "\n\n")]  # added, and yet text
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    vocabulary = _numbered([*bytes_, *letters, *("".join(pair) for pair in merges), "\n", "\n\n"])
    backend = Tokenizer(models.BPE(vocabulary, merges, byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    backend.normalizer = normalizers.Replace(" ", "▁")
    backend.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    backend.add_tokens(runs)
    return backend


def _numbered(tokens: list[str]) -> dict[str, int]:
    return {token: id for id, token in enumerate([*SPECIAL, *tokens])}


def held(model) -> dict[str, torch.Tensor]:
    """What a loaded model holds: all but what only pictures need."""
    return {key: tensor for key, tensor in model.state_dict().items() if not tensor.is_meta}


def checkpoint(folder: Path, kind: str = "bytes", shards: bool = False, eyes: bool = False, **shape) -> Path:
    """Write a tiny model with its tokenizer as transformers would publish it; with `eyes`, its processor, too."""
    words = tokenizer(kind, eyes)
    shape = {"vocabulary": len(words), **({"vision": LOOKS} if eyes else {}), **shape}
    model(**shape).save_pretrained(folder, max_shard_size="40KB" if shards else "1GB")
    words.save_pretrained(folder)
    if eyes:
        (Path(folder) / "processor_config.json").write_text(json.dumps(PROCESSOR))
    return Path(folder)
