"""DiffusionGemma behind the small Denoiser protocol: load, prefill, decode, head.

Knows nothing of steps, sampling, acceptance or frames.
"""

from __future__ import annotations

import gc
import json
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.model import attention, norm, trouble, weights
from engine.model.choice import plan
from engine.model.choice.source import Progress, find, local
from engine.model.computer import machine, memory
from engine.model.computer.machine import devices
from engine.model.experts import route
from engine.model.experts.pack import Packed
from engine.model.eyes.eyes import BlindError, Eyes
from engine.model.folder.checkpoint import Checkpoint, LoadError
from engine.model.prompts import Prompts
from engine.steps.graph import Cuda, Graph
from engine.steps.room import Room, angles, size
from engine.values.settings import Settings

# The type of the weights and activations. Gemma's activations overflow float16.
DTYPES = {"cpu": torch.float32, "cuda": torch.bfloat16, "split": torch.bfloat16, "mps": torch.bfloat16}


class Gemma(Prompts):
    """A loaded DiffusionGemma with V tokens, d channels and a canvas of C cells, for one text at a time."""

    def __init__(self, model: Any, tokenizer: Any, name: str, eyes: Eyes | BlindError | None = None) -> None:
        """`eyes`, or why it has none."""
        text, generation = model.config.text_config, model.generation_config
        eyes = eyes or BlindError(f"{name} reads no pictures: choose a model that does.")
        super().__init__(model.config, generation, tokenizer, name, eyes)
        self.model, self.device, self.dtype = model, model.device, model.dtype
        self.usual = Settings.published(json.loads(generation.to_json_string()))
        self.pad = text.pad_token_id if generation.pad_token_id is None else generation.pad_token_id
        self._decoder, self._cap = model.model.decoder, model.final_logit_softcapping
        self._kinds = text.layer_types
        attention.use(self._decoder)
        norm.use(model)
        self.scale: float = self._decoder.embed_tokens.embed_scale.to(self.dtype).item()  # once: it asks the device
        self._angles: tuple[tuple[int, int], dict[str, Any]] | None = None
        self._graphs: dict[int, Graph] = {}
        self.remark: str | None = None  # why it is slower on its device than it could be, as a sentence
        if self._records:
            self.remark = route.settle(model, self.precision == "int4")

    @property
    def embedding(self) -> Tensor:
        """[V, d]: times `scale`, what the decoder sees of a token."""
        return self._decoder.embed_tokens.weight

    @property
    def precision(self) -> str:
        """int4 if the experts are in 4 bits, else full."""
        return "int4" if isinstance(self._decoder.layers[0].experts.gate_up_proj, Packed) else "full"

    @property
    def _records(self) -> bool:
        """Whether its steps could be a CUDA graph: all of it is on one card."""
        return self.device.type == "cuda" and not hasattr(self.model, "hf_device_map")

    def prefill(self, ids: Sequence[int], cache: Any = None) -> Any:
        """Append `ids` [n >= 1] to the context: run the causal encoder into `cache`, a new one if None."""
        return self.read(ids, cache)[1]

    @torch.inference_mode()
    def read(self, ids: Sequence[int], cache: Any = None) -> tuple[Tensor, Any]:
        """As `prefill`, and the hidden states [n, d] too: `head` of one of them is what may come after its id."""
        from transformers import DynamicCache

        cache = DynamicCache(config=self.model.config.text_config) if cache is None else cache
        pictured = max(ids) >= self.vocabulary
        ids = torch.tensor([list(ids)], device=self.device)
        start = cache.get_seq_length()
        positions = torch.arange(start, start + ids.shape[1], device=self.device)[None]
        encoder, shown = self.model.model.encoder, None
        words: dict[str, Tensor] = {"input_ids": ids}
        if pictured:
            found, shown = self._sharp().embed(ids[0], encoder.get_input_embeddings())
            words = {"inputs_embeds": found[None]}
        masks = self._masks(ids, positions, cache, shown) if ids.shape[1] > 1 else dict.fromkeys(self._kinds)
        output = encoder(**words, attention_mask=masks, cache=cache, position_ids=positions)
        return output.last_hidden_state[0], cache

    def _masks(self, ids: Tensor, positions: Tensor, cache: Any, shown: Tensor | None) -> dict[str, Tensor | None]:
        """The encoder's causal masks by kind of layer. A single id needs none: it sees all that the cache keeps.

        `shown` [n] are the ids of pictures, each of which a model may see whole.
        """
        start, seen = cache.get_seq_length(), cache.get_seq_length() + ids.shape[1]
        return self.model.model.encoder.create_masks_for_generate(
            config=self.model.config,
            inputs_embeds=torch.empty((*ids.shape, 0), dtype=self.dtype, device=self.device),
            attention_mask=torch.ones((1, seen), dtype=torch.bool, device=self.device),
            cache=cache,
            position_ids=positions,
            mm_token_type_ids=None if shown is None else torch.nn.functional.pad(shown.int(), (start, 0))[None],
        )

    @torch.inference_mode()
    def decode(self, canvas: Tensor, cache: Any, soft: Tensor | None) -> Tensor:
        """Hidden states [C, d] of a canvas [C] that continues the context in `cache`, which is only read.

        `soft` [C, d] is the soft embedding of the step before, None in the first. The stock decoder takes all
        logits instead, [C, V], and turns them into this. A Room is a cache, too.
        """
        decoder, roomy = self._decoder, isinstance(cache, Room)
        rotary = cache.angles if roomy else self._rotary(cache.get_seq_length(), len(canvas))
        # No mask: a canvas sees all of itself and all that the cache holds, which ends at the window.
        masks = cache.masks if roomy else dict.fromkeys(self._kinds)
        tokens = decoder.embed_tokens(canvas[None])
        hidden = decoder.self_conditioning(tokens, torch.zeros_like(tokens) if soft is None else soft[None])
        for layer, kind in zip(decoder.layers, self._kinds, strict=True):
            place = {"position_embeddings": rotary[kind], "attention_mask": masks[kind], "cache": cache}
            hidden = layer(hidden, **place, canvas=True)
        return decoder.norm(hidden)[0]

    @torch.inference_mode()
    def head(self, hidden: Tensor) -> Tensor:
        """New softcapped logits, float32 [R, V], of hidden states [R, d]."""
        return self.model.lm_head(hidden).float().div_(self._cap).tanh_().mul_(self._cap)

    def graph(self, length: int) -> Graph | None:
        """The steps behind up to `length` ids of context as a graph, recorded now if need be, or None.

        The last two sizes are kept. A device that cannot record says why in `remark`, once, and is not asked again.
        """
        if not self._records or self.remark:
            return None
        places = size(length)
        try:
            graph = self._graphs.pop(places, None) or Graph(self, Room(self.model, self.length, places), Cuda())
        except RuntimeError as error:
            self._graphs.clear()
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            self.remark = f"Steps are slower than they could be: CUDA cannot record them ({reason})."
            _free(error)
            return None
        self._graphs = dict([*self._graphs.items(), (places, graph)][-2:])
        return graph

    def _rotary(self, start: int, length: int) -> dict[str, Any]:
        """The rotary angles by kind of layer: the same for all steps of a canvas, so keep the last ones."""
        if self._angles is None or self._angles[0] != (start, length):
            like = {"dtype": self.dtype, "device": self.device}
            self._angles = (start, length), angles(self._decoder, self._kinds, start, length, like)
        return self._angles[1]


def load(
    source: str | Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    precision: str = "auto",
) -> Gemma:
    """The model that `source` names: None the embedded one, else a folder or a hub id.

    `device` is auto, cuda, split, mps or cpu; `precision` full, int4 (experts in 4 bits) or auto: full if it fits.
    `progress` is told what is going on. Raises LoadError, one sentence that says what to do; if `cancelled()`
    became true, its kind CancelError. Every weight comes from the file, or the model is refused; what a model that
    fails has taken is free again.
    """
    progress, cancelled = progress or (lambda *_: None), cancelled or (lambda: False)
    place = choose(device)
    _awake(place)
    found = find(source, progress, cancelled, place, precision)
    precision = plan.settle(local(found), machine.look(place), precision)
    if place not in ("cuda", "split"):
        torch.set_num_threads(threads())
    progress(f"Loading {found.name}", None)
    try:
        built = weights.build(found, place, DTYPES[place], precision, progress, cancelled)
        with weights.explained(found.name):
            words = weights.tokenizer(found)
            model = Gemma(built, words, found.name, _eyes(built, words, found))
        if place == "cuda":
            progress("Warming up", None)
            model.graph(1)
        if place == "cpu" and device == "auto":
            model.remark = model.remark or machine.unused()
        return model
    except BaseException as error:
        _free(error)
        if gone := trouble.lost(error) or trouble.lost(error.__cause__):
            raise LoadError(gone) from error
        raise


def _eyes(model: Any, tokenizer: Any, found: Checkpoint) -> Eyes | BlindError:
    try:
        return Eyes(model, tokenizer, found)
    except BlindError as error:  # of which nothing is said before somebody has a picture
        return error


def _awake(place: str) -> None:
    """LoadError if a graphics card that is there does not answer."""
    try:
        if place in ("cuda", "split"):
            torch.cuda.mem_get_info()
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise LoadError(
            f"The graphics card cannot be used ({reason}): update its driver, or choose device cpu."
        ) from error


def _free(error: BaseException) -> None:
    """Let go of what an error's stack still holds, so that the memory is there for the next model."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__
    gc.collect()
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def threads() -> int:
    """How many threads torch should use on a CPU, in the thread that asks: all but one, which the window needs.

    OpenMP's threads wait for each other at every operation, so one that shares its core holds up all. Measured on
    2 cores that others used, too, with the embedded model's shape: 71 ms a step on one thread, 1137 on two.
    """
    return max(1, min(torch.get_num_threads(), memory.processors() - 1))


def choose(device: str) -> str:
    """The kind of device to use: the best there is for "auto". LoadError if the one asked for is not there."""
    if device == "auto":
        return machine.best()
    if device not in devices():
        if why := machine.unused():
            raise LoadError(f"There is no {device} device here. {why}")
        raise LoadError(f"There is no {device} device here: choose auto or cpu.")
    return device


def card(device: torch.device | str) -> str | None:
    """The UUID of the graphics card that a CUDA device is, whatever its number is here; None for other devices."""
    device = torch.device(device)
    return str(torch.cuda.get_device_properties(device).uuid) if device.type == "cuda" else None
