"""Talk: a conversation that goes on, turn by turn, with a model here or on a server. Knows no lines, no commands.

What a model here has read of it stays in its memory: a turn reads only what is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.commands.console.load import begin
from engine.commands.run import fill
from engine.remote.served import Served
from engine.steps.context import Memory
from engine.values.frame import Frame
from engine.values.metrics import summary
from engine.values.picture import Picture
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.turns import Conversation

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma


class Talk:
    """A conversation, and what of it the model has read."""

    def __init__(self, model: Gemma | Served, settings: Settings, conversation: Conversation) -> None:
        self.model, self.settings, self.conversation = model, settings, conversation
        self.pending = ""  # a question that has no answer yet ...
        self.pictures: tuple[Picture, ...] = ()  # ... and what it shows
        self._memory = Memory()

    @property
    def told(self) -> Conversation:
        """The conversation without the pictures that a file did not hold."""
        return self.conversation.seen

    @property
    def here(self) -> bool:
        """Whether the model is on this computer, which knows how long a conversation is."""
        return not isinstance(self.model, Served)

    def count(self, prompt: str = "") -> int | None:
        """Tokens of the conversation with a question behind it, as far as the model is told of it; None if only the
        server knows."""
        question = Question(prompt, self.pictures if prompt else (), self.told)
        return self.model.count(question, self.settings) if self.here else None

    def crowded(self) -> Conversation | None:
        """The conversation as it has to be shortened for the question that waits, None if it fits as it is, or if
        the question alone does not."""
        if not self.here:
            return None
        spare = self.model.spare(Question(self.pending, self.pictures, self.told), self.settings)
        return None if spare is None or spare.left == self.told.left else self.conversation.without(spare.left)

    def ask(self, console: Console) -> tuple[int, Recording, dict[str, Any]]:
        """Let the question that waits be answered: the exit code of that, the run, and what was measured of it.

        Only an answer that is whole belongs to the conversation; else the question goes on waiting. InputError if
        there is no room for it.
        """
        model, before = self.model, self.told
        run = Recording.of(model, Question(self.pending, self.pictures, before), self.settings)
        ids = begin(model, run.question, self.settings, console) if self.here else []
        known = self._memory.known(ids)
        code = fill(run, self._frames(run, ids), console)
        if code == 0 and run.frames:
            self.conversation = self.conversation.answered(run.prompt, run.reply(), run.id, run.pictures)
            self.pending, self.pictures = "", ()
        return code, run, summary(run) | {"turn": before.exchanges + 1, "context": self._context(run, ids, known)}

    def again(self) -> bool:
        """Let the last question wait once more, with the next seed, instead of its answer. Whether there is one."""
        if not self.pending and not self.undo():
            return False
        with suppress(ValueError):  # behind the last seed there is none
            self.settings = replace(self.settings, seed=self.settings.seed + 1)
        return True

    def undo(self) -> bool:
        """Take back the last question and its answer: the question waits. Whether there was one."""
        exchanges = self.conversation.exchanges
        if not exchanges:
            return False
        self.pending, self.pictures = self.conversation.turns[-2].text, self.conversation.turns[-2].pictures
        self.conversation = self.conversation.before(exchanges - 1)
        return True

    def _frames(self, run: Recording, ids: Sequence[int]) -> Iterator[Frame]:
        from engine.steps.branch import go_on

        def ask(canvas: int, step: int) -> Settings:
            return run.settings

        if not self.here:
            return self.model.frames(run.question, ask)
        return go_on(self._memory.of(self.model, ids), run, ids, ask, lambda canvas, step: ())

    def _context(self, run: Recording, ids: Sequence[int], known: int) -> dict[str, Any] | None:
        """How much there was to read and how much of it was new, and the seconds that this took."""
        if not self.here:
            return None
        first = run.frames[0] if run.frames else None
        return {
            "tokens": len(ids),
            "read": len(ids) - known,
            "read_seconds": round(first.seconds - first.step_seconds, 4) if first else None,
            "limit": self.model.context,
            "left_out": run.before.left,
        }
