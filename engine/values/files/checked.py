"""Checked: values of a stranger's JSON, each what it should be and within its bounds, or ValueError."""

from __future__ import annotations

from math import isnan
from typing import Any


def kind(value: Any, wanted: type) -> Any:
    """A value of just that type."""
    if type(value) is not wanted:
        raise ValueError("a value is of another kind")
    return value


def long(value: Any, count: int) -> list[Any]:
    """A list of so many."""
    if len(kind(value, list)) != count:
        raise ValueError("a list has another length")
    return value


def most(value: Any, count: int) -> list[Any]:
    """A list of at most so many."""
    within(len(kind(value, list)), 0, count)
    return value


def within(value: float, low: float, high: float) -> None:
    """Nothing, for a number between two others."""
    if not low <= value <= high:
        raise ValueError("a number is out of range")


def whole(value: Any, low: int, high: int) -> int:
    """A whole number."""
    within(kind(value, int), low, high)
    return value


def real(value: Any, low: float, high: float, unknown: bool = False) -> float:
    """A number; NaN only where it may be unknown."""
    if type(value) is float and isnan(value) and unknown:
        return value
    if type(value) not in (int, float):
        raise ValueError("a value is of another kind")
    within(value, low, high)
    return float(value)


def words(value: Any, most: int) -> str:
    """A text. Halves of a character, which no file could be written with, become question marks."""
    within(len(kind(value, str)), 0, most)
    return value.encode("utf-8", "replace").decode("utf-8")
