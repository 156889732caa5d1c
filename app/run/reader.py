"""Reader: what a model says of texts without writing any, while whatever goes on. It holds nothing up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from app.tasks import aside
from engine.model.folder.checkpoint import LoadError
from engine.model.text.tokens import PromptError
from engine.remote.served import Served
from engine.values.picture import Picture, PictureError
from engine.values.settings import Settings
from engine.values.turns import NOTHING, Conversation

if TYPE_CHECKING:
    from engine.model.gemma import Gemma
    from engine.model.text.gaps import Filled
    from engine.values.words.blanks import Blanks


class Count(NamedTuple):
    """How long a prompt is."""

    tokens: int
    context: int  # most tokens that the model reads, canvases included
    fits: bool


class Reader:
    """Asks the model that is loaded at the moment, if there is one."""

    def __init__(self, model: Callable[[], Gemma | Served | None]) -> None:
        self._model = model

    async def count(
        self, prompt: str, settings: Settings, pictures: Sequence[Picture] = (), before: Conversation = NOTHING
    ) -> Count | None:
        """How long a prompt is, with what was said before it; None where nobody here can tell."""
        model = self._model()
        if model is None or isinstance(model, Served) or (pictures and model.blind):
            return None
        try:
            count = await aside(partial(model.count, prompt, settings, pictures, before=before))
        except (PromptError, PictureError, LoadError):
            if before or pictures:  # that it does not take: a run says why
                return None
            raise
        return Count(count, model.context, model.fits(count, settings))

    async def spare(
        self, prompt: str, settings: Settings, pictures: Sequence[Picture], before: Conversation
    ) -> Conversation:
        """The conversation without what of its beginning the model has no room for."""
        model = self._model()
        if model is None or isinstance(model, Served):
            return before
        try:
            return await aside(model.spare, prompt, settings, pictures, before) or before
        except (PromptError, PictureError, LoadError):  # a run says why
            return before

    async def spell(self, text: str) -> list[int]:
        """The ids of words that are typed on a canvas."""
        return await aside(self._model().spell, text)

    async def place(self, blanks: Blanks) -> Filled:
        """A text with gaps as what a canvas begins with. Raises ValueError, with a sentence."""
        return await aside(self._model().place, blanks)
