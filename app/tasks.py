"""Tasks: starts coroutines from Qt slots, keeps a reference to each, and never lets an error vanish.

`aside` is for work that must hold nothing up, the end of the program neither.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from threading import Thread
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """The coroutines that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task:
        task = asyncio.get_event_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task failed", exc_info=task.exception())

    async def drain(self) -> None:
        """Waits for all of them."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)


async def aside(work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work` returns or raises, on a thread that nobody has to wait for."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(done: Callable[[Any], None], value: Any) -> None:
        if not future.cancelled():
            done(value)

    def run() -> None:
        try:
            done, value = future.set_result, work(*arguments)
        except BaseException as error:
            done, value = future.set_exception, error
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(settle, done, value)

    Thread(target=run, name="aside", daemon=True).start()
    return await future
