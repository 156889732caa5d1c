"""Axis: a knob and the values that a sweep gives it, as people write them: `steps=4-48[6]`, `seed=1,2,3`.

`4-48[6]` are six numbers at equal distances with both ends, `1-9(+2)` every second, `1-4` every whole number, and
commas join what is different, names of samplers, say. Knows no model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from engine.values.settings import Settings, counted, default, knobs
from engine.values.words.letters import quoted

MOST = 64  # values on an axis
MANY = f"An axis can have {MOST} values: write fewer, as 4-48[6] does."
FEW = 10  # of them, that are told one by one
FIXED = ("device", "precision")  # another value would load the model again
_NUMBER = r"((?:[0-9]{0,9}\.)?[0-9]{1,12})"
_RANGE = re.compile(rf"{_NUMBER}\s*-\s*{_NUMBER}(?:\s*\[([0-9]+)\]|\s*\(\+?{_NUMBER}\))?")


@dataclass(frozen=True)
class Axis:
    """The values of the knob `name`, in the order in which they were named, none twice."""

    name: str
    values: tuple[Any, ...]

    @property
    def label(self) -> str:
        """What people call the knob."""
        return knobs()[self.name].label

    @property
    def shown(self) -> list[str]:
        """Its values as people read them."""
        return [_shown(value) for value in self.values]

    @property
    def told(self) -> str:
        """How many they are, and which: of many, the first and the last."""
        shown = self.shown if len(self.values) <= FEW else [*self.shown[: FEW - 2], "\u2026", self.shown[-1]]
        return f"{counted(len(self.values), 'value')}: {', '.join(shown)}"

    @classmethod
    def parse(cls, text: str) -> Axis:
        """An axis as people write it. Raises ValueError, with a sentence."""
        name, _, told = text.partition("=")
        name = name.strip().replace("-", "_")
        if name not in knobs() or name in FIXED or not told.strip():
            near = get_close_matches(name, knobs().keys() - set(FIXED), 1)
            hint = f"did you mean {near[0]}?" if near and near[0] != name else f"got {quoted(text)}"
            raise ValueError(f"An axis must look like steps=4-48[6], a knob and its values ({hint}).")
        return cls.of(name, told)

    @classmethod
    def of(cls, name: str, told: str) -> Axis:
        """The axis of a knob, with its values as people write them. Raises ValueError, with a sentence."""
        parts = [part.strip() for part in told.split(",")]
        if not all(parts):
            raise ValueError("Write values as 4-48[6], 1-9(+2) or 4,8,16.")
        values = tuple(dict.fromkeys(value for part in parts for value in _values(name, part)))
        for value in values:
            Settings(**{name: value})
        if len(values) > MOST:
            raise ValueError(MANY)
        return cls(name, values)


def _values(name: str, text: str) -> list[Any]:
    kind = type(default(name))
    if kind is str:
        return [text.replace("-", " ")]
    if kind is bool:
        return [{"on": True, "off": False}.get(text, text)]
    if found := _RANGE.fullmatch(text):
        first, last, step = (float(part or 1) for part in found.group(1, 2, 4))
        if not step or not int((found[3] or "1")[:4]):
            raise ValueError(f"{quoted(text)} has no values: write 4-48[6] or 1-9(+2).")
        if kind is float or all(part.is_integer() for part in (first, last, step)):
            return [_number(kind, value) for value in _range(first, last, found[3], step)]
    try:
        return [kind(text)]
    except ValueError:
        return [text]  # the knob says what it takes


def _range(first: float, last: float, count: str | None, step: float) -> np.ndarray:
    many = int(abs(last - first) / step + 1e-9) + 1 if count is None else int(count[:4])
    if many > MOST:
        raise ValueError(MANY)
    return np.linspace(first, last, many) if count else first + np.copysign(step, last - first) * np.arange(many)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _number(kind: type, value: float) -> float:
    return int(np.floor(value + 0.5)) if kind is int else round(float(value), 6)
