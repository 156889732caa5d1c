"""Calls: a tool call that a model has written, as its name and its arguments. Nothing here runs one.

DiffusionGemma writes `<|tool_call>call:NAME{key:value,...}<tool_call|>`: bare keys, strings between two `<|"|>`,
numbers, true, false, null, lists and objects. Source: the chat format of Gemma 4. Knows no torch.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any, NamedTuple

QUOTE = '<|"|>'  # stands on both sides of a string
DEPTH = 32  # of lists and objects in each other
SHORT = 60  # characters of the arguments that a folded call shows
_BEGIN = re.compile(r"\s*call:\s*([\w.\-]{1,200})\s*\{")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,3})?")
_PLAIN = {"true": True, "false": False, "null": None}


class Call(NamedTuple):
    """What a model would have called. Of one that cannot be read `name` is "", and `arguments` are None."""

    name: str
    arguments: dict[str, Any] | None
    written: str  # between its markers, as the model wrote it

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"name": self.name, "arguments": self.arguments, "written": self.written}

    def line(self) -> str:
        """One short line that stands for it."""
        if self.arguments is None:
            return f"a tool call that cannot be read: {_short(self.written)}"
        told = ", ".join(f"{key}: {_dumped(value)}" for key, value in self.arguments.items())
        return f"{self.name}({_short(told)})"

    def whole(self) -> str:
        """All of it, over several lines."""
        if self.arguments is None:
            return self.written
        return f"{self.name} {json.dumps(self.arguments, ensure_ascii=False, indent=2)}"


def read(written: str) -> Call:
    """The call between two markers."""
    found = _BEGIN.match(written)
    if found:
        reader = _Reader(written, found.end())
        try:
            arguments = reader.object(1)
            if not written[reader.at :].strip():
                return Call(found[1], arguments, written)
        except (ValueError, IndexError):
            pass
    return Call("", None, written)


class _Reader:
    """Reads from a place of a text on. ValueError or IndexError where it is none of a call."""

    def __init__(self, text: str, at: int) -> None:
        self._text, self.at = text, at

    def object(self, depth: int) -> dict[str, Any]:
        """What follows an opening brace."""
        found: dict[str, Any] = {}
        while not self._ends("}"):
            key = self._string() if self._quoted() else self._until(":").strip()
            self._pass(":")
            found[key] = self._value(depth)
        return found

    def _list(self, depth: int) -> list[Any]:
        found = []
        while not self._ends("]"):
            found.append(self._value(depth))
        return found

    def _value(self, depth: int) -> Any:
        if depth > DEPTH:
            raise ValueError("it is too deep")
        self._blank()
        if self._quoted():
            return self._string()
        sign = self._text[self.at]
        if sign in "{[":
            self.at += 1
            return self.object(depth + 1) if sign == "{" else self._list(depth + 1)
        return _bare(self._until(",}]").strip())

    def _ends(self, closing: str) -> bool:
        """Whether it closes here; if not, what divides two values has been passed."""
        self._blank()
        if self._text[self.at] == ",":
            self.at += 1
            self._blank()
        if self._text[self.at] != closing:
            return False
        self.at += 1
        return True

    def _quoted(self) -> bool:
        return self._text.startswith(QUOTE, self.at)

    def _string(self) -> str:
        begin = self.at + len(QUOTE)
        end = self._text.index(QUOTE, begin)
        self.at = end + len(QUOTE)
        return self._text[begin:end]

    def _until(self, signs: str) -> str:
        begin = self.at
        while self._text[self.at] not in signs:
            self.at += 1
        return self._text[begin : self.at]

    def _pass(self, sign: str) -> None:
        self._blank()
        if self._text[self.at] != sign:
            raise ValueError(f"there is no {sign}")
        self.at += 1

    def _blank(self) -> None:
        while self._text[self.at].isspace():
            self.at += 1


def _bare(word: str) -> Any:
    """A value without quotes: a number or one of three words; anything else is a string."""
    if not word:
        raise ValueError("there is no value")
    if word in _PLAIN:
        return _PLAIN[word]
    if not (number := _NUMBER.fullmatch(word)):
        return word
    if not (number[1] or number[2]):
        return int(word)
    return float(word) if isfinite(float(word)) else word


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
