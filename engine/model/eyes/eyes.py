"""Eyes: the part of a model that looks at pictures. Its weights are there only while it looks.

A picture's tokens have ids of their own, from the vocabulary's size on, a run of them for every picture. So a list
of ids tells all of a prompt: it can be kept, compared, read again and continued like that of any text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from engine.model import blank, straight
from engine.model.choice.source import CancelError, Progress
from engine.model.eyes import cut
from engine.model.eyes.cut import Cut
from engine.model.folder.checkpoint import EMBEDDED, SIGHT, Checkpoint, LoadError
from engine.model.hub import published
from engine.model.text.tokens import PromptError
from engine.values.picture import Picture

KEPT = 64  # pictures that need not be looked at again: 1.6 MB each in the published model


class BlindError(LoadError):
    """A model that reads no pictures, in one sentence."""


class Eyes:
    """Of a model of V tokens and d channels. Raises BlindError if the model has none that can be used."""

    def __init__(self, model: Any, tokenizer: Any, found: Checkpoint) -> None:
        self._model, self._found = model, found
        self._vocabulary: int = model.config.text_config.vocab_size
        told = _opened(found, model)
        try:
            self._cut = Cut(told, model.config.vision_config)
        except ValueError as error:
            raise blind(found, str(error)) from None
        ids = [getattr(model.config, f"{name}_token_id") for name in ("boi", "image", "eoi")]
        special = {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}
        if not special.issuperset(ids):
            raise blind(found, "its tokenizer has no tokens for pictures")
        self._begin, self._image, self._end = ids
        self.mark: str = tokenizer.convert_ids_to_tokens(self._image)  # what stands for a picture in a text
        self._lock = Lock()
        self._next = self._vocabulary  # the first id that no picture has
        self._starts: list[int] = []  # of the ids of every picture there ever was, in order ...
        self._of: dict[bytes, range] = {}  # ... and all of them
        self._seen: dict[int, Tensor] = {}  # [n, d] in main memory, by the first id, the newest last

    def tokens(self, picture: Picture) -> int:
        """How many ids a picture has, without those around it. PromptError if it cannot be read."""
        return self._cut.tokens(picture)

    def place(self, ids: Sequence[int], pictures: Sequence[Picture]) -> list[int]:
        """The ids of a text with those of the pictures where their marks are. PromptError if they do not fit."""
        places = sum(id == self._image for id in ids)
        if places != len(pictures):
            why = "names a picture by its control token" if places > len(pictures) else ""
            why = why and f"The prompt {why}: leave that out, or switch raw off."
            raise PromptError(
                why or f"The chat format of {self._found.name} has no place for pictures: switch it off."
            )
        waiting = iter(pictures)
        return [part for id in ids for part in (self._ids(next(waiting)) if id == self._image else (id,))]

    def _ids(self, picture: Picture) -> tuple[int, ...]:
        with self._lock:
            if picture.digest not in self._of:
                self._starts.append(self._next)
                self._next += self.tokens(picture)
                self._of[picture.digest] = range(self._starts[-1], self._next)
            return (self._begin, *self._of[picture.digest], self._end)

    def look(self, pictures: Sequence[Picture], progress: Progress, cancelled: Callable[[], bool]) -> None:
        """Look at pictures that have been placed. LoadError; if cancelled, its kind CancelError."""
        starts = {self._of[picture.digest].start: picture for picture in pictures}
        new = {start: picture for start, picture in starts.items() if start not in self._seen}
        if new:
            self._look(new, progress, cancelled)
        for start in starts:
            self._seen[start] = self._seen.pop(start)  # the newest
        for old in list(self._seen)[:-KEPT]:
            del self._seen[old]

    def _look(self, new: Mapping[int, Picture], progress: Progress, cancelled: Callable[[], bool]) -> None:
        label = "Looking at the picture" if len(new) == 1 else "Looking at the pictures"
        try:
            with self._open(lambda _, share: progress(label, share), cancelled):
                for start, picture in new.items():
                    self._seen[start] = self._see(picture)
        except CancelError:
            raise CancelError("Looking was given up: run it again when you want to.") from None

    @torch.inference_mode()
    def embed(self, ids: Tensor, embed: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
        """What the encoder reads of ids [n]: [n, d], and which of them are of pictures, bool [n]. PromptError."""
        seen = ids >= self._vocabulary
        found = embed(ids.masked_fill(seen, self._image))
        wanted = ids[seen].tolist()
        starts = [self._starts[bisect_right(self._starts, id) - 1] for id in wanted]
        if any(start not in self._seen for start in starts):
            raise PromptError("A picture of this text was let go since: put it into the prompt, and run it again.")
        rows = [self._seen[start][id - start] for start, id in zip(starts, wanted, strict=True)]
        found[seen] = torch.stack(rows).to(found)
        return found, seen

    @contextmanager
    def _open(self, progress: Progress, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Within it the weights are on the model's device; whatever happens, they are gone behind it."""
        model, found, place = self._model, self._found, str(self._model.device)
        home = [name for name, _ in model.named_non_persistent_buffers() if name.startswith(SIGHT)]
        try:
            straight.fill(model, found, found.sight, place, model.dtype, progress, cancelled)
            for name in home:
                blank.put(model, name, blank.get(model, name).to(place))
            yield
        finally:
            blank.blind(model)
            for name in home:
                blank.put(model, name, blank.get(model, name).to("cpu"))
            if torch.cuda.is_initialized():
                torch.cuda.empty_cache()  # others may have it

    @torch.inference_mode()
    def _see(self, picture: Picture) -> Tensor:
        """[n, d] of a picture, in main memory."""
        pixels, places = (part.to(self._model.device) for part in self._cut.patches(picture))
        seen = self._model.model.encoder.get_image_features(pixels, places, return_dict=True).pooler_output
        if len(seen) != self.tokens(picture) or not bool(seen.isfinite().all()):
            raise LoadError(f"{self._found.name} makes nothing of this picture: choose another one.")
        return seen.to("cpu", copy=True)


def _opened(found: Checkpoint, model: Any) -> Any:
    """What a folder says of how it wants pictures, if all is there that they need. BlindError."""
    if found.folder == EMBEDDED:
        raise blind(found, "it was taught words alone")
    wanted = {key for key in model.state_dict() if key.startswith(SIGHT)}
    if lacking := wanted - found.sight:
        what = f"{len(lacking)} of the weights" if found.sight else "the weights"
        raise blind(found, f"it lacks {what} of its vision tower")
    told = cut.told(found.folder)
    if told is None:
        raise blind(found, f"its folder has no {cut.FILES[0]}")
    return told


def blind(found: Checkpoint, why: str) -> BlindError:
    return BlindError(f"{found.name} reads no pictures ({why}): choose a model that does, such as {published.HUB}.")
