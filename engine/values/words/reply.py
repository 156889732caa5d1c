"""Reply: what of a text is the model's thought, and what is its answer. The one place that tells them apart.

DiffusionGemma writes `<|channel>thought\\n`, its thought and `<channel|>` before it answers, with nothing between
them when it is not to think. Source: the chat format of Gemma 4. Knows no torch.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from engine.values.frame import CHANNEL, Lexicon

UNFINISHED = "The text ends inside its thought: more canvases give it room to answer."
_NAME = re.compile(r"\A\s*thought[^\S\n]*(\n|\Z)")  # a channel begins with its name, on a line of its own
_OPEN, _CLOSE = (marker.decode() for marker in CHANNEL)
_MARKERS = re.compile("(" + "|".join(map(re.escape, (_OPEN, _CLOSE))) + ")")
_CONTROLS = re.compile(r"<pad>|<eos>|<bos>|<\|turn>|<turn\|>")


class Reply(NamedTuple):
    """A text in its two parts, without the markers between them."""

    answer: str
    thought: str
    unfinished: bool  # the text ends inside the thought


def thoughts(lexicon: Lexicon, ids: np.ndarray) -> np.ndarray:
    """bool [C]: which of `ids` [C] belong to a thought, its markers included. Unknown ids are -1.

    A thought goes on from canvas to canvas, so `ids` are those of the whole text. One that is never closed goes on
    to the end; a closing marker that closes nothing is no part of any.
    """
    if lexicon.channel is None or not len(ids):
        return np.zeros(len(ids), bool)
    begin, end = lexicon.channel
    marker = (ids == begin) | (ids == end)
    newest = np.maximum.accumulate(np.where(marker, np.arange(len(ids)), -1))  # the last marker up to a cell
    inside = (newest >= 0) & (ids[newest] == begin)
    return inside | ((ids == end) & np.append(False, inside[:-1]))


def parts(lexicon: Lexicon, ids: np.ndarray) -> list[tuple[bool, str]]:
    """The text of `ids` [C] up to its end, in order: whether a part is thought, and its words without its name."""
    ids = ids[: lexicon.end(ids)]
    inside = thoughts(lexicon, ids)
    begins = ids == (lexicon.channel or (-1,))[0]
    cuts = np.flatnonzero((inside[1:] != inside[:-1]) | begins[1:]) + 1
    runs = zip(np.split(inside, cuts), np.split(ids, cuts), strict=True)
    told = [(bool(of.any()), lexicon.text(run)) for of, run in runs]
    return [(of, _NAME.sub("", text).strip() if of else text) for of, text in told]


def split(lexicon: Lexicon, ids: np.ndarray) -> Reply:
    """The reply that `ids` [C] are: those of all canvases of a text, one behind the other."""
    told = parts(lexicon, ids)
    answer = "".join(text for thought, text in told if not thought)
    thought = "\n".join(text for thought, text in told if thought and text)
    end = lexicon.end(ids)
    inside = thoughts(lexicon, ids[:end])[-1:].any() and ids[end - 1] != lexicon.channel[1]
    return Reply(answer, thought, bool(inside))


class Spelled:
    """Tells a text apart that comes piece by piece and without ids: its control tokens, if any, are spelled out."""

    def __init__(self) -> None:
        self.inside = False  # a thought
        self._head: str | None = None  # how a thought begins, as long as that may be its name
        self._began = self._apart = False

    def thought(self, text: str) -> str:
        """More of what somebody has told to be thought."""
        if not self.inside:
            self._turn(True)
        self._apart = True
        return self._words(text)

    def content(self, text: str) -> tuple[str, str]:
        """More of all the rest, as thought and answer."""
        if not text:
            return "", ""
        if self._apart:
            self._turn(False)
        elif not self._began and not _MARKERS.search(text):
            text = text.removeprefix("thought\n")  # markers were left out, so that nothing tells where it ends
        self._began = True
        told = {True: "", False: ""}
        for part in _MARKERS.split(text):
            if part in (_OPEN, _CLOSE):
                self._turn(part == _OPEN)
            else:
                told[self.inside] += self._words(part)
        return told[True], told[False]

    def _turn(self, inside: bool) -> None:
        self.inside, self._head = inside, "" if inside else None

    def _words(self, text: str) -> str:
        text = _CONTROLS.sub("", text)
        if self._head is None:
            return text
        self._head += text
        if "thought\n".startswith(self._head):
            return ""
        words, self._head = self._head.removeprefix("thought\n"), None
        return words
