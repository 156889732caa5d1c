"""Prompts: what a model reads, as ids: questions in its chat format, texts, texts with gaps. Knows no weights."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import Any

from engine.model import weights
from engine.model.choice.source import Progress
from engine.model.eyes.eyes import BlindError, Eyes
from engine.model.folder.checkpoint import LoadError
from engine.model.text import chat, tokens
from engine.model.text.gaps import Filled, place
from engine.model.text.spelled import Spelled
from engine.model.text.tokens import PromptError
from engine.steps.context import Context, common
from engine.values.edit import Edit
from engine.values.picture import few
from engine.values.question import Question
from engine.values.settings import Settings
from engine.values.turns import USER, Conversation, Turn
from engine.values.words.blanks import Blanks, to_fill
from engine.values.words.reply import Reply


class Prompts:
    """Of a model with V tokens and a canvas of C cells. All but `prompt` can be asked on any thread."""

    def __init__(self, config: Any, generation: Any, tokenizer: Any, name: str, eyes: Eyes | BlindError) -> None:
        """`eyes`, or why it has none."""
        text = config.text_config
        self.tokenizer, self.name = tokenizer, name
        self.vocabulary: int = text.vocab_size
        self.length: int = config.canvas_length
        self.context: int = text.max_position_embeddings  # ids that it reads at most, canvases included
        ends = text.eos_token_id if generation.eos_token_id is None else generation.eos_token_id
        self.ends = frozenset([ends] if isinstance(ends, int) else ends or ())
        self.lexicon = tokens.lexicon(tokenizer, self.ends)
        self._eyes = eyes
        self._spelled = Spelled()
        self._tokenizing = Lock()  # a tokenizer that two threads ask fails

    @property
    def thinks(self) -> bool:
        """Whether `thinking` makes a difference in `encode`."""
        return tokens.thinks(self.tokenizer)

    @property
    def blind(self) -> str:
        """Why it reads no pictures, as a sentence; "" if it does."""
        return "" if isinstance(self._eyes, Eyes) else str(self._eyes)

    def encode(self, prompt: str, chat: bool = True, thinking: bool = False, raw: bool = False) -> list[int]:
        """The ids of a prompt alone, as `ids` has them."""
        return self.ids(Question(prompt), Settings(chat=chat, thinking=thinking, raw=raw))

    def ids(self, question: Question, settings: Settings) -> list[int]:
        """The ids of a question, never empty: in the chat format, or as plain text that the canvas continues.

        They are those of the whole conversation that it goes on with. Names of control tokens in it are text,
        unless it is `raw`. Pictures come first, with ids from V on. LoadError if the chat format or the tokenizer
        does not take it, or if the model reads no pictures; PromptError if not these, or not a conversation.
        """
        before = question.before
        few(len(question.pictures))
        self._take(before, settings.chat)
        eyes = self._sharp() if question.shown else None
        marks = [eyes.mark] * len(question.pictures) if eyes else []
        template = str(self.tokenizer.chat_template)
        format, told = (settings.chat, settings.thinking, settings.raw), before.messages()

        def spell() -> list[int]:
            with chat.bounded(self.name):
                return tokens.encode(self.tokenizer, question.prompt, *format, marks, told)

        with self._tokenizing:
            ids = self._spelled.ids((question.prompt, len(marks), format, repr(told), template), spell)
        if max(ids) >= self.vocabulary:
            raise LoadError(f"The tokenizer of {self.name} has more tokens than its weights: choose another model.")
        return eyes.place(ids, question.shown) if eyes else ids

    def _take(self, before: Conversation, formatted: bool) -> None:
        """PromptError for a conversation that nothing can go on with."""
        if before and not (formatted and self.tokenizer.chat_template):
            hint = f"{self.name} has none" if formatted else "switch it on"
            raise PromptError(f"A conversation and a system prompt need the chat format: {hint}.")
        if any(picture.pixels is None for picture in before.pictures):
            raise PromptError("A picture of this conversation was not kept: begin it again with the picture.")

    def _sharp(self) -> Eyes:
        if isinstance(self._eyes, BlindError):
            raise self._eyes
        return self._eyes

    def count(self, question: Question, settings: Settings) -> int:
        """How many ids a question has, in the format that the knobs say, with what was said before it."""
        return len(self.ids(question, settings))

    def fits(self, count: int, settings: Settings) -> bool:
        """Whether the model can read a prompt of so many ids with the canvases that the knobs ask for."""
        return count + settings.canvases * self.length <= self.context

    def prompt(
        self,
        question: Question,
        settings: Settings,
        progress: Progress = lambda *_: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Context:
        """What a run on a question begins with, once its pictures have been looked at.

        Raises PromptError if it and the canvases do not fit, or what of the answer is given, and what `ids` does.
        `progress` and `cancelled` are of the looking: what only that needs is loaded first, and let go of at once.
        """
        ids, before = self.ids(question, settings), question.before
        if not self.fits(len(ids), settings):
            several = before.exchanges > before.left
            ways = ["leave its oldest turns out"] * several + ["show fewer pictures"] * bool(question.pictures)
            ways += ["shorten the prompt"] + ["ask for fewer canvases"] * (settings.canvases > 1)
            raise PromptError(
                f"The {'conversation' if several else 'prompt'} has {len(ids):,} tokens and "
                f"{_canvases(settings.canvases)} {settings.canvases * self.length:,}, but this model reads "
                f"{self.context:,}: {' or '.join(filter(None, (', '.join(ways[:-1]), ways[-1])))}."
            )
        edits = self._given(question.answer)
        if question.shown:
            with weights.explained(self.name):
                self._sharp().look(question.shown, progress, cancelled)
        return Context(ids, self._cuts(ids, question, settings), edits)

    def spare(self, question: Question, settings: Settings) -> Conversation | None:
        """The conversation without as many of its oldest exchanges as have to be left out for the question to fit;
        None if it does not fit alone."""
        before = question.before

        def fits(left: int) -> bool:
            count = self.count(replace(question, before=before.without(left)), settings)
            return self.fits(count, settings)

        every = range(before.left, before.exchanges + 1)
        at = bisect_left(every, True, key=fits)  # the fewer are told, the sooner they fit
        return before.without(every[at]) if at < len(every) else None

    def _cuts(self, ids: list[int], question: Question, settings: Settings) -> list[int]:
        """How much of a conversation it has in common with itself at every turn, and with itself after this one."""
        if not (settings.chat and self.tokenizer.chat_template):
            return []
        before = question.before
        turns = [(before.turns[2 * at], before.before(at)) for at in range(before.left, before.exchanges)]
        after = before.answered(question.prompt, Reply("?", "", False), "", question.pictures)
        asked = [Question(turn.text, turn.pictures, rest) for turn, rest in [*turns, (Turn(USER, "?"), after)]]
        with suppress(LoadError):  # a chat format that knows no turns has no use for them
            return [common(ids, self.ids(each, settings)) for each in asked]
        return []

    def _given(self, answer: str) -> tuple[Edit, ...]:
        """What a text with gaps does to a first canvas."""
        try:
            return (self.place(to_fill(answer)).edit,) if answer else ()
        except ValueError as error:
            raise PromptError(str(error)) from error

    def spell(self, text: str) -> list[int]:
        """The ids of a text as it stands, with nothing before it and nothing behind."""
        with self._tokenizing:
            return tokens.plain(self.tokenizer, text)

    def place(self, blanks: Blanks) -> Filled:
        """A text with gaps as what a first canvas begins with. Raises ValueError, with a sentence."""
        with self._tokenizing:
            return place(blanks, lambda text: tokens.plain(self.tokenizer, text), self.ends, self.length)


def _canvases(count: int) -> str:
    return "a canvas takes" if count == 1 else f"{count} canvases take"
