"""Question: what a run is asked. Knows no model, and not with which knobs."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.values.picture import Picture
from engine.values.turns import NOTHING, Conversation


@dataclass(frozen=True)
class Question:
    """A prompt, with what it shows, behind what was said before; and what of the answer is given, if any is."""

    prompt: str
    pictures: tuple[Picture, ...] = ()  # of the prompt
    before: Conversation = NOTHING
    answer: str = ""  # a text with gaps, as `words.blanks` reads it, that the first canvas holds
    thumbnails: bool = field(default=False, compare=False)  # whether files may keep small copies of the pictures

    @property
    def shown(self) -> tuple[Picture, ...]:
        """All that the model is shown."""
        return (*self.before.pictures, *self.pictures)
