"""Engine: the one thread for all that touches the model, and the way from there to the main thread.

asyncio carries jobs and what they return, Qt carries what a job makes meanwhile. Knows no model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.values.handoff import Mailbox


class Engine(QObject):
    """Does one job at a time. Its mailbox is that of the last job that has one."""

    arrived = Signal(
        object
    )  # a list of what a job has made since the last time, at least one thing; on the main thread
    _woken = Signal()  # the only signal that crosses threads

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._mailbox: Mailbox | None = None
        self._woken.connect(self.drain, Qt.ConnectionType.QueuedConnection)

    async def do(self, job: Callable[..., Any], *arguments: Any) -> Any:
        """What a job returns or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, job, *arguments)

    async def fill(self, job: Callable[..., Any], *arguments: Any) -> Any:
        """The same of a job whose last argument is a mailbox."""
        self._mailbox = Mailbox(self._woken.emit)
        return await self.do(job, *arguments, self._mailbox)

    @Slot()
    def drain(self) -> None:
        """Tell what has arrived until now."""
        if self._mailbox is not None and (items := self._mailbox.take()):
            self.arrived.emit(items)

    def shut(self) -> None:
        """Nothing more is taken from a job. What has arrived can still be told."""
        if self._mailbox is not None:
            self._mailbox.close()

    def drop(self) -> None:
        """Nobody wants what a job has made or still makes."""
        self.shut()
        self._mailbox = None

    def close(self) -> None:
        """Wait for the job that is under way, and end the thread."""
        self._thread.shutdown(wait=True)
