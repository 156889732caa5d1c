"""Growth: how much text a chat template is about to make, from what it calls, before that is made.

One expression can multiply text until no memory is left, in one call that nobody can interrupt. But all that a
template calls goes through functions of jinja's, whose arguments say what will come of it. Knows no template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

OPERATORS = frozenset("*+%")  # that can make more of a text than there was
VALUES = 300_000  # in one value that are counted
NEVER = 1 << 62  # of what no chat needs and nothing bounds
FILLING = {"center", "ljust", "rjust", "zfill", "expandtabs", "translate"}  # methods of texts that no chat needs
Values = Mapping[str, Any]


def size(value: Any, most: int) -> tuple[int, int]:
    """How many values are in one, and how many characters together, up to VALUES and to `most`.

    What is there twice counts twice: written, it takes as much.
    """
    from jinja2.utils import Namespace

    waiting, seen, signs = [value], 0, 0
    while waiting and seen <= VALUES and signs <= most:
        value, seen = waiting.pop(), seen + 1
        if isinstance(value, str | bytes):
            signs += len(value)
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += value
        elif isinstance(value, Namespace):  # it hides what it holds
            waiting += object.__getattribute__(value, "_Namespace__attrs").values()
    return seen, signs


def ahead(name: str, values: Values, most: int) -> int:
    """The most characters that a function of jinja's with these arguments makes, if it is one that multiplies; else
    the most that are in one of them. Counted up to `most`, roughly: what is more than that is too much."""

    def long(value: Any) -> int:
        return sum(size(value, most))

    if (found := _MULTIPLY.get(name)) is not None:
        return found(values, long)
    return max((size(value, most)[1] for value in values.values()), default=0)


def _binary(values: Values, long: Callable[[Any], int]) -> int:
    operator, left, right = values["operator"], values["left"], values["right"]
    numbers = [abs(value) for value in (left, right) if isinstance(value, int)]
    if operator == "*":
        return long(left) * long(right) * max(numbers, default=1)
    if operator == "%" and isinstance(left, str | bytes):
        return _filled(left, right, long)
    return long(left) + long(right) + sum(numbers)


def _filled(text: str | bytes, values: Any, long: Callable[[Any], int]) -> int:
    """A text whose gaps, marked by % or {, are filled. A star would take its width from the values."""
    signs = text.decode("latin-1") if isinstance(text, bytes) else text
    widths = sum(int(found[:9]) for found in re.findall(r"\d+", signs))
    return NEVER if "*" in signs else len(signs) + widths + (signs.count("%") + signs.count("{")) * long(values)


def _called(values: Values, long: Callable[[Any], int]) -> int:
    """What is called by name, of which only methods of texts can make more than there was."""
    made = next((value for name, value in values.items() if name.endswith("__obj")), None)
    made = getattr(made, "__wrapped__", made)
    text, name = getattr(made, "__self__", None), getattr(made, "__name__", "")
    given = values["args"]
    if not isinstance(text, str | bytes):
        return long(given) + long(values["kwargs"])
    if name in FILLING:
        return NEVER
    if name in ("format", "format_map"):
        return NEVER if re.search(r"{[^}]*{", str(text)) else _filled(text, (given, values["kwargs"]), long)
    if name == "join" and given:
        return _joined(given[0], text, long)
    if name == "replace" and len(given) > 1:
        return _replaced(text, given[0], given[1])
    return long(text) + long(given)


def _replaced(text: Any, old: Any, new: Any) -> int:
    text, old, new = str(text), str(old), str(new)
    return len(text) + text.count(old) * len(new)


def _joined(parts: Any, between: Any, long: Callable[[Any], int]) -> int:
    """Of what is not there yet, but comes one by one, `between` only: who watches counts what comes."""
    count = len(parts) if isinstance(parts, list | tuple | dict | str | set) else 1
    return long(parts) + count * len(str(between))


def _indented(values: Values, long: Callable[[Any], int]) -> int:
    text, width = str(values["s"]), values["width"]
    return len(text) + (text.count("\n") + 1) * (width if isinstance(width, int) else len(str(width)))


def _told(values: Values, long: Callable[[Any], int]) -> int:
    """As JSON, with what stands between."""
    indent = values.get("indent") or 0
    between = long(values.get("separators")) + (indent if isinstance(indent, int) else len(str(indent)))
    return long(values.get("x")) * (1 + between)


_MULTIPLY: dict[str, Callable[[Values, Callable[[Any], int]], int]] = {
    "call_binop": _binary,
    "call": lambda values, long: _called(values, long) if "args" in values else 0,
    "str_join": lambda values, long: long(values["seq"]),
    "markup_join": lambda values, long: long(values["seq"]),
    "do_replace": lambda values, long: _replaced(values["s"], values["old"], values["new"]),
    "sync_do_join": lambda values, long: _joined(values["value"], values["d"], long),
    "do_indent": _indented,
    "do_center": lambda values, long: long(values["value"]) + values["width"],
    "do_wordwrap": lambda values, long: long(values["s"]) * (1 + long(values["wrapstring"])),
    "do_urlize": lambda values, long: long(values["value"]) * (1 + long([values["rel"], values["target"]])),
    "do_format": lambda values, long: _filled(str(values["value"]), (values["args"], values["kwargs"]), long),
    "sync_do_sum": lambda values, long: 0 if isinstance(values["start"], int | float) else NEVER,
    "tojson": _told,
}
