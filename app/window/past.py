"""Past: keeps every run in the history, shows them in the strip, and brings them back. Files are for other threads.

A run that goes on is written now and then, so that the end of the program, by whatever, costs a few steps at most.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from app.keep.history import History, cut_off
from app.keep.prefs import LEAST_ROOM, MOST_ROOM, Prefs
from app.run.session import Session
from app.tasks import Tasks, aside
from engine.values.files.entry import NAME, Entry
from engine.values.recording import Recording, RecordingError
from engine.values.words.letters import one_line
from widgets.prompt import Prompt
from widgets.status import Status
from widgets.strip import Strip

SAID = "This run was under way when Unnoise was ended from outside."
AGAIN_MS = 3000  # between two writes of a run that goes on, at least ...
SHARE = 20  # ... and as many times as long as the last one took
RECENT = 16  # recordings that are at hand without a look at the disk


class Past(QObject):
    """Does nothing before `begin`: a window that only makes pictures keeps nothing."""

    compared = Signal(object, object)  # two recordings are to be seen side by side, the earlier one first

    def __init__(
        self,
        window: QWidget,
        session: Session,
        strip: Strip,
        prompt: Prompt,
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
        show: Callable[[Recording], object],
        give: Callable[[Recording], object],
    ) -> None:
        """`show` puts a run on screen, `give` asks for a file and writes it there."""
        super().__init__(window)
        self._window, self._session, self._strip, self._prompt = window, session, strip, prompt
        self._status, self._prefs, self._tasks, self._show, self._give = status, prefs, tasks, show, give
        self.keeps: Callable[[], bool] = lambda: True  # whether the runs of this moment are people's own
        self._history: History | None = None
        self._entries: dict[str, Entry] = {}
        self._deleted: list[Entry] = []
        self._recent: OrderedDict[str, Recording] = OrderedDict()
        self._growing: Recording | None = None  # the run that goes on
        self._written = 0  # frames of it that are on the disk
        self._passing = self._wanted = ""  # ids: of a run that is a way to the next, and of the one to show
        self._order = asyncio.Lock()
        self._timer = QTimer(self, interval=AGAIN_MS, singleShot=True)
        self._wire()

    def _wire(self) -> None:
        session, strip = self._session, self._strip
        connections = [
            (session.began, self._began),
            (session.ended, self._ended),
            (session.raced, self._raced),
            (self._timer.timeout, self._write_on),
            (strip.opened, self.open),
            (strip.compare_wished, self.compare),
            (strip.keep_wished, lambda entry: self._change(replace(entry, kept=not entry.kept))),
            (strip.rename_wished, lambda entry, name: self._change(replace(entry, name=name))),
            (strip.delete_wished, self.delete),
            (strip.undo_wished, self.undo),
            (strip.room_wished, self.ask_room),
            (strip.save_wished, lambda entry: self._tasks.start(self._save(entry))),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    async def begin(self) -> Recording | None:
        """Read what there is, and keep what comes. The run that the end of the program cut off, if there is one."""
        self._history = History(self._prefs.room)
        for entry in await aside(self._history.read):
            self._entries.setdefault(entry.id, entry)
        cut = [entry for entry in self._entries.values() if cut_off(entry)]
        for entry in cut:
            self._entries[entry.id] = replace(entry, writer=0)
            await self._aside(self._history.note, self._entries[entry.id])
        self._refresh()
        return await self._aside(self._history.load, cut[0].id) if cut else None

    # What is kept

    def pass_by(self) -> None:
        """The run that goes on is about to be replaced by a moved knob: if it is cut short, it was only a way."""
        if self._growing is not None and self._session.running:
            self._passing = self._growing.id

    def keep_now(self) -> None:
        """Write what a run that goes on has so far, before the program is ended."""
        growing, self._growing = self._growing, None
        self._timer.stop()
        if growing is not None and growing.frames and self._history is not None:
            with suppress(RecordingError):
                self._history.put(_as_it_is(growing), over=False)

    def _began(self) -> None:
        session, before = self._session, self._growing
        if before is not None and before is not session.recording and not before.outcome:
            self._keep(before)  # something else was opened: it gets no more frames
        self._growing = session.recording if session.live is not None and self.keeps() else None
        self._written = 0
        if self._growing is not None:
            self._timer.start(AGAIN_MS)
        self._strip.set_shown(session.recording.id)

    def _ended(self) -> None:
        recording = self._growing
        if recording is None or not recording.outcome:
            return
        self._growing = None
        self._timer.stop()
        if not (recording.id == self._passing and recording.outcome == "stopped"):
            self._keep(recording)

    def _raced(self) -> None:
        for lane in self._session.lanes:
            self._keep(lane.recording, f"{lane.name}: {one_line(lane.recording.prompt)}")

    def _write_on(self) -> None:
        growing = self._growing
        if growing is not None and len(growing.frames) > self._written:
            self._tasks.start(self._put(growing, over=False))
        elif growing is not None:
            self._timer.start(AGAIN_MS)  # its first step is slow, or people hold it

    def _keep(self, recording: Recording, name: str = "") -> None:
        self._tasks.start(self._put(recording, name=name[:NAME]))

    async def keep(self, recording: Recording, name: str = "") -> bool:
        """Keep a run that is over, as one of the others. Whether that was done."""
        await self._put(recording, name=name[:NAME])
        return recording.id in self._entries

    async def find(self, id: str) -> Recording | None:
        """All of a run, if it is among those that are kept."""
        return await self.load(id) if id in self._recent or id in self._entries else None

    async def load(self, id: str) -> Recording | None:
        """All of a run that is kept; None where it is not any more, and that is said."""
        if id in self._recent:
            return self._recent[id]
        if id not in self._entries:
            return self._status.say("This run is not among the earlier runs any more.", "error")
        recording = await self._aside(self._history.load, id)
        if recording is not None:
            self._remember(recording)
        return recording

    async def _put(self, recording: Recording, over: bool = True, name: str = "") -> None:
        history = self._history
        if history is None or not recording.frames:
            return None
        async with self._order:  # what was begun later is written later
            if not over and recording is not self._growing:
                return None
            began, now = time.monotonic(), _as_it_is(recording)
            entry = await self._aside(history.put, now, over)
            if not over:
                self._written = len(now.frames)
                return self._timer.start(max(AGAIN_MS, round(1000 * SHARE * (time.monotonic() - began))))
            if entry is not None:
                self._remember(recording)
                if name:
                    entry = await self._aside(history.note, replace(entry, name=name)) or entry
                self._entries[entry.id] = entry
                for name in await aside(history.trim, entry.id):
                    self._entries.pop(name, None)
                self._refresh()
        return None

    # What people wish

    def open(self, entry: Entry) -> None:
        """Bring a run back: its text, its prompt, its knobs and its seed."""
        self._wanted = entry.id
        if entry.id in self._recent:
            self._show(self._recent[entry.id])
        else:
            self._tasks.start(self._open(entry))

    async def _open(self, entry: Entry) -> None:
        recording = await self.load(entry.id)
        if recording is not None and self._wanted == entry.id:
            self._show(recording)

    def compare(self, entry: Entry) -> None:
        """Show a run beside the one that is on screen."""
        shown = self._session.recording
        if shown is None or shown.id == entry.id:
            self._status.say("Open another run first: then this one can be compared with it.", "info")
        else:
            self._tasks.start(self._compare(entry, shown))

    async def _compare(self, entry: Entry, shown: Recording | Entry) -> None:
        """The earlier of both is the first."""
        other = await self.load(entry.id)
        with_ = await self.load(shown.id) if isinstance(shown, Entry) else shown
        if other is not None and with_ is not None:
            known = self._entries.get(with_.id)
            later = known is not None and entry.at > known.at
            self.compared.emit(*((with_, other) if later else (other, with_)))

    def compare_last(self) -> None:
        """Show the last two runs side by side; the newest may be going on."""
        if not self.several:
            return self._status.say("There are no two runs yet.", "info")
        newest, before = self._newest[:2]
        return self._tasks.start(self._compare(before, newest)) and None

    @property
    def several(self) -> bool:
        """Whether there are two runs to be compared."""
        return len(self._newest) > 1

    @property
    def _newest(self) -> list[Recording | Entry]:
        """All runs, the newest first; that may be going on."""
        entries = sorted(self._entries.values(), key=lambda entry: -entry.at)
        return [*([self._growing] if self._growing else []), *entries]

    async def _save(self, entry: Entry) -> None:
        recording = await self._aside(self._history.load, entry.id)
        if recording is not None:
            self._give(recording)

    def delete(self, entry: Entry) -> None:
        self._entries.pop(entry.id, None)
        self._deleted.append(entry)
        self._refresh()
        self._tasks.start(self._in_order(self._history.delete, entry.id))
        self._status.say(f"Deleted: {entry.title}", "info")

    def undo(self) -> None:
        """Take back the last that was deleted."""
        if self._deleted:
            entry = self._deleted.pop()
            self._entries[entry.id] = entry
            self._refresh()
            self._tasks.start(self._in_order(self._history.restore, entry.id))
            self._status.say(f"It is back: {entry.title}", "info")

    def ask_room(self) -> None:
        """How much of the disk earlier runs may take."""
        taken = sum(entry.size for entry in self._entries.values()) / 1e6
        box = QInputDialog(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Room for earlier runs")
        box.setLabelText(
            f"They take {taken:,.1f} MB now. Beyond this many MB the oldest are deleted, but none with a star:"
        )
        box.setInputMode(QInputDialog.InputMode.IntInput)
        box.setIntRange(LEAST_ROOM, MOST_ROOM)
        box.setIntStep(100)
        box.setIntValue(self._prefs.room)
        box.intValueSelected.connect(self.set_room)
        box.open()

    def set_room(self, megabytes: int) -> None:
        self._prefs.room = self._history.room = megabytes
        self._tasks.start(self._trim())

    async def _trim(self) -> None:
        for name in await aside(self._history.trim):
            self._entries.pop(name, None)
        self._refresh()

    def _change(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self._refresh()
        self._tasks.start(self._in_order(self._history.note, entry))

    # The common way

    async def _in_order(self, work: Callable[..., Any], *arguments: Any) -> None:
        async with self._order:
            await self._aside(work, *arguments)

    async def _aside(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What work on files returns; where it fails, that is said, and it is None."""
        try:
            return await aside(work, *arguments)
        except RecordingError as error:
            self._status.say(str(error), "error")
            return None

    def _remember(self, recording: Recording) -> None:
        self._recent[recording.id] = recording
        self._recent.move_to_end(recording.id)
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _refresh(self) -> None:
        """The strip, and the prompts that Up walks through."""
        entries = sorted(self._entries.values(), key=lambda entry: -entry.at)
        self._strip.set_entries(entries)
        self._strip.set_undo(bool(self._deleted))
        self._prompt.set_past(list(dict.fromkeys(entry.prompt for entry in entries if entry.prompt.strip())))


def _as_it_is(recording: Recording) -> Recording:
    """The recording as it is at this moment: another thread may read it while more is added."""
    return replace(recording, frames=list(recording.frames), readings=list(recording.readings))
