"""Load: a model for a command, with a line that tells how far it is where there is a terminal.

torch is imported here, when a command has read its flags and found nothing wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from engine.commands.console import leave
from engine.commands.console.flags import InputError
from engine.model import imports
from engine.model.choice.source import again as check
from engine.model.choice.source import sensible
from engine.model.folder.checkpoint import FETCH, DamageError, LoadError
from engine.model.text.tokens import PromptError
from engine.values.picture import PictureError
from engine.values.question import Question
from engine.values.settings import Settings, default
from engine.values.words.letters import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma


def load(source: str | None, given: Mapping[str, Any], console: Console, again: bool = False) -> Gemma:
    """The model of `--model`, on the device and in the precision that were given. Raises InputError.

    There is nothing to keep yet, so that a signal ends it at once.
    """
    device, precision = (given.get(name, default(name)) for name in ("device", "precision"))
    from rich.text import Text

    shown = console.status("Loading the model") if console.is_terminal else nullcontext()
    with leave.at_once(), shown as status:

        def progress(label: str, share: float | None = None) -> None:
            if status is not None:
                status.update(Text(one_line(label) if share is None else f"{one_line(label)}, {share:.0%}"))

        try:
            sensible(source)
            imports.prepare()
            from engine.model import gemma

            if again:
                check(source, progress, lambda: False)
            model = gemma.load(source, device, progress, precision=precision)
        except DamageError as error:
            hint = "choose another model" if again else "run it again with --fetch-again"
            raise InputError(str(error).replace(FETCH, hint)) from error
        except LoadError as error:
            raise InputError(str(error)) from error
    if model.remark:
        console.print(model.remark, style="dim", markup=False)
    return model


def begin(model: Gemma, question: Question, settings: Settings, console: Console | None = None) -> list[int]:
    """The ids of a question, once its pictures have been looked at. InputError if the model cannot read it."""
    looking = console.status("Looking at the pictures") if question.pictures and console else nullcontext()
    try:
        with looking:
            return model.prompt(question, settings)
    except (PromptError, PictureError, LoadError) as error:
        raise InputError(str(error)) from error
