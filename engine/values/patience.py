"""Patience: somebody else's blocking call, with an end to the waiting for it. Knows no torch and no Qt.

The call goes on, on a thread that nobody has to wait for, the end of the program neither.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

LOOK = 0.05  # seconds between two looks at whether to go on waiting
T = TypeVar("T")


class GivenUpError(Exception):
    """Nobody waits for that call any more."""


def aside(work: Callable[[Callable[[], bool]], T], given_up: Callable[[], bool]) -> T:
    """What `work(gone)` returns or raises. GivenUpError as soon as `given_up()`, and `gone()` is true from then on.

    What `work` still does once nobody waits is its own affair: before it changes anything it asks `gone()`.
    """
    done, gone, result = Event(), Event(), []

    def run() -> None:
        try:
            result.append((work(gone.is_set), None))
        except BaseException as error:
            result.append((None, error))
        done.set()

    Thread(target=run, name="aside", daemon=True).start()
    try:
        while not done.wait(LOOK):
            if given_up():
                raise GivenUpError
    finally:
        gone.set()
    value, error = result[0]
    if error is not None:
        raise error
    return value
