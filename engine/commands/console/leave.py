"""Leave: what Ctrl+C, SIGTERM and SIGHUP do: at once where there is nothing to keep, else in order.

Imports next to nothing, so that it is in force before anything else is. Knows nothing of what is kept.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # a system has some of them
GRACE = 5.0  # seconds in which more of them are the same wish: a terminal that closes sends two
CURSOR = "\r\x1b[2K\x1b[?25h"  # to the start of the line, which is emptied, and the cursor is seen again
_heard: list[tuple[int, float]] = []  # the first signal in order, and when; empty: none yet

Handler = Callable[[int, object], None]


def heard() -> bool:
    """Whether a signal has come since `in_order` or `told` was entered."""
    return bool(_heard)


def again() -> bool:
    """After Ctrl+C, which ended only what was going on: listen as before. False where a signal has ended it all."""
    if _heard and _heard[0][0] != signal.SIGINT:
        return False
    _heard.clear()
    return True


def code() -> int:
    """The exit code of a command that was ended from outside: 130 for Ctrl+C, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + (_heard[0][0] if _heard else signal.SIGINT)


@contextmanager
def at_once() -> Iterator[None]:
    """A signal ends the process, whatever it is in: nothing of a person's would be lost.

    A library that is being imported, or a call of somebody else's, may swallow an exception, or never come back.
    """
    with _handled(_end):
        yield


@contextmanager
def in_order() -> Iterator[None]:
    """The first signal raises KeyboardInterrupt, once; another one, some time later, ends the process."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with told(interrupt):
        yield


@contextmanager
def told(then: Callable[[], None]) -> Iterator[None]:
    """The first signal calls `then`, which has only to note it; another one, some time later, ends the process."""

    def hear(number: int, frame: object) -> None:
        if not _heard:
            _heard.append((number, monotonic()))
            then()
        elif monotonic() - _heard[0][1] > GRACE:
            _end(number, frame)

    _heard.clear()
    with _handled(hear):
        yield


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    """Only the main thread may say what signals do; and who started us with one ignored (nohup) meant it."""
    main = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)] if main else []
    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] is not signal.SIG_IGN]
    for number in ours:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number] or signal.SIG_DFL)


def now(code: int) -> None:
    """End the process, whatever its threads do."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    os._exit(code)


def _end(number: int, frame: object) -> None:
    with suppress(OSError, ValueError, AttributeError):
        if sys.stderr.isatty():
            os.write(sys.stderr.fileno(), f"{CURSOR}Interrupted.\n".encode())
    os._exit(128 + number)
