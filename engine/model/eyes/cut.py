"""Cut: how a model wants a picture: scaled to so many patches, by transformers' own class that needs only Pillow.

That is Gemma4ImageProcessorPil, which transformers itself takes where there is no torchvision. Against its twin of
torchvision a pixel was off by 2/255 at most, and by 0.005/255 in the mean. Knows no weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.model.folder import checkpoint
from engine.model.text.tokens import PromptError
from engine.values.picture import Picture

if TYPE_CHECKING:
    from torch import Tensor

FILES = ("processor_config.json", "preprocessor_config.json")  # the newer one has the latter inside
KINDS = ("Gemma4ImageProcessor", "Gemma4ImageProcessorFast", "Gemma4ImageProcessorPil")
SOFT = (70, 140, 280, 560, 1120)  # tokens that a picture may have at most
USUAL = {"patch_size": 16, "pooling_kernel_size": 3, "max_soft_tokens": 280}  # what the class takes for itself
FLAGS = {"do_resize": True, "do_rescale": True, "do_convert_rgb": True, "do_normalize": None}  # as they must be


class Cut:
    """How pictures become patches. Raises ValueError, with a few words, if a folder says nothing sensible of it."""

    def __init__(self, told: Mapping[str, Any], vision: Any) -> None:
        """`told` is what a folder says of its image processor, `vision` the configuration of its vision tower."""
        if told.get("image_processor_type", KINDS[0]) not in KINDS:
            raise ValueError("its pictures are cut in a way that is not known here")
        sizes = {name: told.get(name, usual) for name, usual in USUAL.items()}
        ours = sizes["patch_size"] == vision.patch_size
        if not ours or sizes["pooling_kernel_size"] != vision.pooling_kernel_size:
            raise ValueError("its pictures are cut otherwise than its vision tower wants")
        if sizes["max_soft_tokens"] not in SOFT or type(sizes["max_soft_tokens"]) is not int:
            raise ValueError("its pictures have a number of tokens that no model of this kind has")
        if sizes["max_soft_tokens"] * vision.pooling_kernel_size > vision.position_embedding_size:
            raise ValueError("its pictures have more tokens than its vision tower has places")
        for name, value in FLAGS.items():
            if type(told.get(name, True)) is not bool or (value and not told.get(name, True)):
                raise ValueError(f"its {name} makes no sense")
        self._options = sizes | {name: told[name] for name in FLAGS if name in told} | _numbers(told)

    @cached_property
    def _processor(self) -> Any:
        from transformers.models.gemma4.image_processing_pil_gemma4 import Gemma4ImageProcessorPil

        return Gemma4ImageProcessorPil(**self._options)

    def tokens(self, picture: Picture) -> int:
        """How many tokens a picture has. PromptError if it is too narrow to be cut."""
        from transformers.models.gemma4.image_processing_pil_gemma4 import get_aspect_ratio_preserving_size

        size, pool, most = (self._options[name] for name in USUAL)
        try:
            sides = get_aspect_ratio_preserving_size(picture.height, picture.width, size, most * pool**2, pool)
        except ValueError:
            raise PromptError(
                f"A picture of {picture.width} x {picture.height} pixels is too narrow to be read: cut it first."
            ) from None
        return sides[0] * sides[1] // (size * pool) ** 2

    def patches(self, picture: Picture) -> tuple[Tensor, Tensor]:
        """Numbers [1, P, 3 * size²] and places [1, P, 2] of a picture's patches, P of them whatever it is."""
        cut = self._processor(picture.pixels, return_tensors="pt", input_data_format="channels_last")
        return cut["pixel_values"], cut["image_position_ids"]


def told(folder: Path) -> Mapping[str, Any] | None:
    """What a folder says of its image processor, None if it says nothing. LoadError."""
    for name in FILES:
        if (folder / name).is_file():
            whole = checkpoint.read(folder / name)
            part = whole.get("image_processor", whole if name == FILES[1] else {})
            return part if isinstance(part, dict) else {}
    return None


def _numbers(told: Mapping[str, Any]) -> dict[str, Any]:
    """How pixels become numbers, as far as it is told."""
    found: dict[str, Any] = {}
    for name in ("image_mean", "image_std"):
        if name in told:
            values = told[name]
            if not isinstance(values, list) or len(values) != 3 or not all(map(_real, values)):
                raise ValueError(f"its {name} makes no sense")
            found[name] = values
    if "rescale_factor" in told:
        if not _real(told["rescale_factor"]):
            raise ValueError("its rescale_factor makes no sense")
        found["rescale_factor"] = told["rescale_factor"]
    if "resample" in told:
        if type(told["resample"]) is not int or not 0 <= told["resample"] <= 5:
            raise ValueError("its resample makes no sense")
        found["resample"] = told["resample"]
    if 0 in found.get("image_std", ()):
        raise ValueError("its image_std makes no sense")
    return found


def _real(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value) and abs(value) < 1e6
