"""Reader: what a model says of texts without writing any, while whatever goes on. It holds nothing up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from app.tasks import aside
from engine.model.folder.checkpoint import LoadError
from engine.model.text.tokens import PromptError
from engine.remote.served import Served
from engine.values.picture import PictureError
from engine.values.question import Question
from engine.values.settings import Settings
from engine.values.turns import Conversation

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

    async def count(self, question: Question, settings: Settings) -> Count | None:
        """How long a question is, with what was said before it; None where nobody here can tell."""
        model = self._model()
        if model is None or isinstance(model, Served) or (question.pictures and model.blind):
            return None
        try:
            count = await aside(model.count, question, settings)
        except (PromptError, PictureError, LoadError):
            if question.before or question.pictures:  # that it does not take: a run says why
                return None
            raise
        return Count(count, model.context, model.fits(count, settings))

    async def spare(self, question: Question, settings: Settings) -> Conversation:
        """The conversation without what of its beginning the model has no room for."""
        model = self._model()
        if model is None or isinstance(model, Served):
            return question.before
        try:
            return await aside(model.spare, question, settings) or question.before
        except (PromptError, PictureError, LoadError):  # a run says why
            return question.before

    async def spell(self, text: str) -> list[int]:
        """The ids of words that are typed on a canvas."""
        return await aside(self._model().spell, text)

    async def place(self, blanks: Blanks) -> Filled:
        """A text with gaps as what a canvas begins with. Raises ValueError, with a sentence."""
        return await aside(self._model().place, blanks)
