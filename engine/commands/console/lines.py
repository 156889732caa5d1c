"""Lines: what a person types or a pipe sends, one after the other. Knows no conversation, and no command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.commands.console import leave, speak
from engine.commands.console.flags import InputError
from engine.values.files import dialogue

if TYPE_CHECKING:
    from rich.console import Console

LINE = 4 * dialogue.TEXT  # bytes of a question


class Lines:
    """Until a person leaves, or a pipe ends."""

    def __init__(self, console: Console) -> None:
        self.person = sys.stdin is not None and sys.stdin.isatty()
        self._console = console

    def __iter__(self) -> Iterator[str]:
        if not self.person:
            yield from _piped()
            return
        asked_to_leave = False
        while True:
            try:
                line = _typed()
            except KeyboardInterrupt:
                if asked_to_leave or not leave.again():
                    raise
                asked_to_leave = True
                self.note("\nCtrl+C once more leaves.")
                continue
            if line is None:
                self.note("")
                return
            asked_to_leave = False
            yield line

    def note(self, text: str) -> None:
        """Beside the conversation, for a person."""
        from engine.commands.console.terminal import printable

        if self.person:
            shown = self._console if self._console.is_terminal else None
            text = printable(text, newlines=True)
            shown.print(text, style="bright_black", markup=False) if shown else print(text, file=sys.stderr)


def _typed() -> str | None:
    """A line that a person types, None when there are no more."""
    with suppress(ImportError):
        import readline  # noqa: F401  # arrows, and earlier lines
    if sys.stdout is not None and sys.stdout.isatty():
        try:
            return speak.words(input("> "))
        except EOFError:
            return None
    sys.stderr.write("> ")  # stdout is for the answers
    sys.stderr.flush()
    line = sys.stdin.readline()
    return speak.words(line) if line else None


def _piped() -> Iterator[str]:
    """The lines of a pipe. Raises InputError for one that is none."""
    if sys.stdin is None:
        return
    while line := sys.stdin.buffer.readline(LINE + 1):
        if len(line) > LINE:
            raise InputError("A question is too long: give one a line.")
        yield speak.words(os.fsdecode(line))
