"""Turns: a conversation with a model, as values: who said what, and which run said it. Knows no model and no torch.

What the model is given of it, its chat format says; this only tells it in the words that chat formats know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from engine.values.picture import Picture
from engine.values.words.calls import Call
from engine.values.words.reply import Reply

USER, MODEL, SYSTEM = "user", "assistant", "system"  # the roles, by the names that chat formats know


@dataclass(frozen=True)
class Turn:
    """What a person asked, or what a model answered."""

    role: str  # USER or MODEL
    text: str
    pictures: tuple[Picture, ...] = ()  # of a person, before the text
    thought: str = ""  # of a model, before it answered
    calls: tuple[Call, ...] = ()  # of tools that it would use
    run: str = ""  # the recording that the answer is from, by its id

    @property
    def words(self) -> tuple[str, ...]:
        """What was said, and who did."""
        return self.role, self.text.strip(), self.thought.strip(), *(call.written for call in self.calls)

    @property
    def seen(self) -> Turn:
        """With the pictures alone whose pixels are there."""
        return replace(self, pictures=tuple(picture for picture in self.pictures if picture.pixels is not None))

    def message(self) -> dict[str, Any]:
        """As chat formats take it."""
        shown: list[Any] = [{"type": "image"} for _ in self.pictures]
        parts = [*shown, {"type": "text", "text": self.text}]
        told: dict[str, Any] = {"role": self.role, "content": parts if shown else self.text}
        if self.thought:
            told["reasoning_content"] = self.thought
        if calls := [call for call in self.calls if call.name]:
            told["tool_calls"] = [
                {"type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in calls
            ]
        return told


@dataclass(frozen=True)
class Conversation:
    """Turns, in order: a person's, then the model's, and so on. Of the oldest exchanges, `left` are not told to the
    model any more: they are still here."""

    turns: tuple[Turn, ...] = ()
    system: str = ""  # how the model is to behave in all of it
    left: int = 0

    @property
    def exchanges(self) -> int:
        """How many questions have an answer."""
        return len(self.turns) // 2

    @property
    def told(self) -> tuple[Turn, ...]:
        """The turns that the model is told."""
        return self.turns[2 * self.left :]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All that the model is shown."""
        return tuple(picture for turn in self.told for picture in turn.pictures)

    def asked(self, prompt: str, pictures: Iterable[Picture] = ()) -> Conversation:
        """With a question behind it."""
        return replace(self, turns=(*self.turns, Turn(USER, prompt, tuple(pictures))))

    def answered(self, prompt: str, reply: Reply, run: str = "", pictures: Iterable[Picture] = ()) -> Conversation:
        """With a question and its answer behind it."""
        answer = Turn(MODEL, reply.answer.strip(), (), reply.thought, reply.calls, run)
        return replace(self, turns=(*self.asked(prompt, pictures).turns, answer))

    def before(self, exchange: int) -> Conversation:
        """What was said before an exchange."""
        return replace(self, turns=self.turns[: 2 * exchange], left=min(self.left, exchange))

    def exchange(self, at: int) -> tuple[Turn, Turn]:
        """A question and its answer, by their number from 0."""
        return self.turns[2 * at], self.turns[2 * at + 1]

    def same(self, other: Conversation) -> bool:
        """Whether the same was said in both, whatever files have left of pictures and of blank lines."""
        pairs = zip(self.turns, other.turns, strict=False)
        return len(self.turns) == len(other.turns) and all(mine.words == theirs.words for mine, theirs in pairs)

    @property
    def seen(self) -> Conversation:
        """Without the pictures that the model cannot be shown any more, as no file keeps them."""
        return replace(self, turns=tuple(turn.seen for turn in self.turns))

    def without(self, exchanges: int) -> Conversation:
        """The same, with so many of the oldest exchanges left out of what the model reads."""
        return replace(self, left=min(exchanges, self.exchanges))

    def messages(self) -> list[dict[str, Any]]:
        """What the model is told, as chat formats take it."""
        system = [{"role": SYSTEM, "content": self.system}] if self.system.strip() else []
        return system + [turn.message() for turn in self.told]

    def __bool__(self) -> bool:
        return bool(self.turns or self.system.strip())


NOTHING = Conversation()
