"""Chat: a checkpoint's chat format is a program of a stranger. It runs here, with an end.

It is tried once when a model is loaded, so that one that fails is told before anybody waits for an answer. Knows no
torch, and not what a chat format should say.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from engine.model.folder.checkpoint import LoadError
from engine.model.text import growth

LINES = 300_000  # of the template's program that one text may take, and values that it comes to see in them
LARGE = 2**22  # characters of a value that a template makes, and what a number in it may count up to
MOST = 2**26  # characters of all that is made on the way
LONG = "it makes a text that is too long"
SHARE = 1024  # values that cost as much as a line when they are looked at again: a long conversation is no program
HOLDERS = (list, tuple, dict, set, frozenset)
DIGITS = 6  # of a number in a template
LENGTH = 2**20  # characters of a template
RUNS = (
    "<template>",
    "jinja2/filters.py",
    "jinja2/utils.py",
    "jinja2/runtime.py",
    "jinja2/sandbox.py",
    "utils/chat_template_utils.py",
)  # its program
RUNS += tuple(name.replace("/", "\\") for name in RUNS[1:])


class EndlessError(BaseException):
    """A template has taken more lines, or more memory, than any should. No Exception: jinja would take that for
    something which it cannot know yet, and go on."""


@contextmanager
def bounded(name: str) -> Iterator[None]:
    """LoadError, with one sentence, for all that the chat format or the tokenizer of a model raises, or if it takes
    too long."""
    from jinja2.sandbox import SandboxedEnvironment

    SandboxedEnvironment.intercepted_binops = growth.OPERATORS  # calls, which can be watched
    before = sys.gettrace()
    sys.settrace(_counting())
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, LoadError):
        raise
    except BaseException as error:  # a panic of the tokenizer is no Exception
        words = " ".join(str(error).split())[:100].rstrip(".") or type(error).__name__
        hint = "switch the chat format off, or choose another model"
        raise LoadError(f"The chat format of {name} does not take this text ({words}): {hint}.") from error
    finally:
        sys.settrace(before)


def check(tokenizer: Any, name: str) -> None:
    """LoadError unless the chat format, if there is one, can be used."""
    template = tokenizer.chat_template
    for text in template.values() if isinstance(template, dict) else [] if template is None else [template]:
        if not isinstance(text, str) or len(text) > LENGTH:
            raise LoadError(f"The chat format of {name} is no text: choose another model.")
        with bounded(name):
            _refuse_powers(text)
    if template:
        with bounded(name):
            chats = [{"role": "user", "content": "Hello"}]
            for thinking in (False, True):
                options = {"add_generation_prompt": True, "enable_thinking": thinking}
                if not isinstance(tokenizer.apply_chat_template(chats, tokenize=False, **options), str):
                    raise ValueError("it gives no text")


def _refuse_powers(template: str) -> None:
    """ValueError for a number that nothing in a chat needs: already to compile it would hold up everything."""
    from jinja2 import Environment

    for _, kind, value in Environment().lex(template):
        digits = sum(sign.isdigit() for sign in value)
        if (value == "**" and kind == "operator") or (kind in ("integer", "float") and digits > DIGITS):
            raise ValueError("it computes with large numbers")


def _counting() -> Any:
    """What Python calls for every function and every line, until a template has had its share of them."""
    left, written, known = LINES, MOST, {}

    def weigh(value: Any) -> int:
        """What a value costs: all that is in it, and a share of that whenever it is looked at again. A template can
        change none that it has (it runs in a sandbox for that), but for a namespace; so each is looked at once."""
        if not isinstance(value, HOLDERS):
            return _weigh(value)
        if id(value) in known:
            return known[id(value)][1] // SHARE
        known[id(value)] = value, _weigh(value)  # held, so that no other gets its identity
        return known[id(value)][1]

    def line(frame: FrameType, event: str, made: object) -> Any:
        nonlocal left, written
        left -= 1
        for name, value in frame.f_locals.items() if event == "line" else ():
            if name.startswith(("l_", "t_")):  # the template's own, and what it has written so far
                left -= weigh(value)
        if event == "return" and frame.f_code.co_filename.endswith(RUNS[:2]):  # or yielded
            written -= growth.size(made, LARGE)[1]
        if left < 0:
            raise EndlessError("it comes to no end")
        if written < 0:
            raise EndlessError(LONG)
        return line

    def call(frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        if not code.co_filename.endswith(RUNS):
            return None
        if growth.ahead(code.co_name, frame.f_locals, LARGE) > LARGE:
            raise EndlessError(LONG)
        return line(frame, event, None)

    return call


def _weigh(value: Any) -> int:
    """How many values are in one. EndlessError if it is larger than anything in a chat."""
    seen, signs = growth.size(value, LARGE)
    if signs > LARGE:
        raise EndlessError(LONG)
    if isinstance(value, int) and abs(value) > LARGE:
        raise EndlessError("it computes with large numbers")
    return seen
