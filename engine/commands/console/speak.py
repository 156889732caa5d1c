"""Speak: what is read from the command line and written to it, whatever its alphabet, and though nobody listens.

Knows no command.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from engine.values.words.letters import one_line

GONE = (
    errno.EPIPE,
    errno.EIO,
    errno.EINVAL,
)  # of a pipe whose reader went, a terminal that closed, and Windows' word
DEAF = 141  # the exit code of who wrote to nobody, as a shell tells it of others


def anything() -> None:
    """From now on a letter that an output has not is written as "?", rather than none at all."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # it may be none, or somebody else's
            stream.reconfigure(errors="replace")


def flush() -> None:
    """Everything written is out, or OSError says that nobody listens: here, and not when Python ends."""
    if sys.stdout is not None:
        sys.stdout.flush()


def deaf(error: OSError) -> bool:
    """Whether an error says that nobody reads the output any more. If so, no more is written to it."""
    if error.errno not in GONE or error.filename is not None:
        return False
    fall_silent()
    return True


def full(error: OSError) -> bool:
    """Whether an error says that the disk to which the output goes is full. If so, no more is written to it."""
    if error.errno not in (errno.ENOSPC, getattr(errno, "EDQUOT", None)) or error.filename is not None:
        return False
    fall_silent()
    return True


def fall_silent() -> None:
    """Write nothing more to outputs that take nothing more, Python's own last words included."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):
            stream.flush()
            continue
        with suppress(AttributeError, ValueError, OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def complain(sentence: object) -> None:
    """Tell a person what is wrong: one line on stderr, whoever's words are in it."""
    print(f"unnoise: {one_line(str(sentence))}", file=sys.stderr, flush=True)


def words(text: str) -> str:
    """A prompt as it was typed: what is not UTF-8 is taken for Latin-1, which any bytes are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text).decode("latin-1") if not text.isascii() else text
    return text
