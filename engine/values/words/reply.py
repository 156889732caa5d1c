"""Reply: what of a text is the model's thought, what is its answer, and which tools it would call. The one place
that tells them apart.

DiffusionGemma writes `<|channel>thought\\n`, its thought and `<channel|>` before it answers, with nothing between
them when it is not to think. Source: the chat format of Gemma 4. Knows no torch.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from engine.values.frame import CALL, CHANNEL, Lexicon
from engine.values.words import calls
from engine.values.words.calls import Call

UNFINISHED = "The text ends inside its thought: more canvases give it room to answer."
_NAME = re.compile(r"\A\s*thought[^\S\n]*(\n|\Z)")  # a channel begins with its name, on a line of its own
_OPEN, _CLOSE = (marker.decode() for marker in CHANNEL)
_CALLS, _CALLED = (marker.decode() for marker in CALL)
_MARKERS = re.compile("(" + "|".join(map(re.escape, (_OPEN, _CLOSE))) + ")")
_CONTROLS = re.compile(r"<pad>|<eos>|<bos>|<\|turn>|<turn\|>|<\|tool_response>")
ANSWER, THOUGHT, CALLED = range(3)  # what a part of a text is


class Reply(NamedTuple):
    """A text in its parts, without the markers between them."""

    answer: str
    thought: str
    unfinished: bool  # the text ends inside the thought
    calls: tuple[Call, ...] = ()  # of tools; nobody runs them

    @property
    def shown(self) -> str:
        """What stands for all of it where there is room for one text."""
        return self.answer or "\n".join(call.line() for call in self.calls) or self.thought


def thoughts(lexicon: Lexicon, ids: np.ndarray) -> np.ndarray:
    """bool [C]: which of `ids` [C] belong to a thought, its markers included. Unknown ids are -1.

    A thought goes on from canvas to canvas, so `ids` are those of the whole text. One that is never closed goes on
    to the end; a closing marker that closes nothing is no part of any.
    """
    return _between(lexicon.channel, ids)


def called(lexicon: Lexicon, ids: np.ndarray) -> np.ndarray:
    """bool [C]: which of `ids` [C] belong to a tool call, in the same way. What is thought is no call."""
    return _between(lexicon.call, np.where(thoughts(lexicon, ids), -1, ids))


def _between(markers: tuple[int, int] | None, ids: np.ndarray) -> np.ndarray:
    if markers is None or not len(ids):
        return np.zeros(len(ids), bool)
    begin, end = markers
    marker = (ids == begin) | (ids == end)
    newest = np.maximum.accumulate(np.where(marker, np.arange(len(ids)), -1))  # the last marker up to a cell
    inside = (newest >= 0) & (ids[newest] == begin)
    return inside | ((ids == end) & np.append(False, inside[:-1]))


def parts(lexicon: Lexicon, ids: np.ndarray) -> list[tuple[int, str]]:
    """The text of `ids` [C] up to its end, in order: ANSWER, THOUGHT or CALLED, and its words: those of a thought
    without its name, those of a call as they stand between its markers."""
    ids = ids[: lexicon.end(ids)]
    kinds = np.where(thoughts(lexicon, ids), THOUGHT, np.where(called(lexicon, ids), CALLED, ANSWER))
    begins = np.zeros(len(ids), bool)
    for kind, markers in ((THOUGHT, lexicon.channel), (CALLED, lexicon.call)):
        begins |= (kinds == kind) & (ids == (markers or (-1,))[0])
    cuts = np.flatnonzero((kinds[1:] != kinds[:-1]) | begins[1:]) + 1
    runs = zip(np.split(kinds, cuts), np.split(ids, cuts), strict=True)
    return [(int(of[0]), _words(lexicon, int(of[0]), run)) for of, run in runs if len(of)]


def _words(lexicon: Lexicon, kind: int, ids: np.ndarray) -> str:
    if kind == CALLED:
        return lexicon.spelled(ids[~np.isin(ids, lexicon.call)]).strip()
    text = lexicon.text(ids)
    return _NAME.sub("", text).strip() if kind == THOUGHT else text


def split(lexicon: Lexicon, ids: np.ndarray) -> Reply:
    """The reply that `ids` [C] are: those of all canvases of a text, one behind the other."""
    told = parts(lexicon, ids)
    answer = "".join(text for kind, text in told if kind == ANSWER)
    thought = "\n".join(text for kind, text in told if kind == THOUGHT and text)
    end = lexicon.end(ids)
    inside = thoughts(lexicon, ids[:end])[-1:].any() and ids[end - 1] != lexicon.channel[1]
    return Reply(answer, thought, bool(inside), tuple(calls.read(text) for kind, text in told if kind == CALLED))


def apart(text: str) -> tuple[str, tuple[Call, ...]]:
    """A text without thoughts in which the markers of tool calls are spelled out, as answer and calls."""
    answer, *rest = text.split(_CALLS)
    found = [part.partition(_CALLED) for part in rest]
    return answer + "".join(after for _, _, after in found), tuple(calls.read(call.strip()) for call, _, _ in found)


class Spelled:
    """Tells thought and answer apart in a text that comes piece by piece and without ids: its control tokens, if
    any, are spelled out. The markers of tool calls stay in the answer, for `apart`."""

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
