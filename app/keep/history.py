"""History: every run in the data folder: its recording, and beside it what is known of it. No Qt.

A run is two files, each written whole or not at all, so that whatever ends the program costs no other run. The room
on the disk is bounded: the oldest go first, those that people keep never. Files of others are left where they are.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

import platformdirs
import psutil

from engine.values.files.entry import Entry
from engine.values.recording import SUFFIX, Recording, RecordingError

KNOWN, BIN = ".json", "deleted"
LEFT = 60.0  # seconds after which a file that is half written is what a write that was cut off has left
LARGEST = 2**16  # bytes of what is known of a run
MEGA = 10**6
WRITER = os.getpid()


def cut_off(entry: Entry) -> bool:
    """Whether a run was under way when the program that wrote it ended; another window may still be at it."""
    if not entry.open:
        return False
    try:
        return psutil.Process(entry.writer).create_time() > entry.at  # its number has passed to another since
    except (psutil.Error, ValueError, OverflowError):
        return True


def folder() -> Path:
    return platformdirs.user_data_path("unnoise", appauthor=False) / "history"


def _unkept(error: Exception) -> str:
    """Why a run is not among the earlier ones, and what to do. Its file has a name that tells nothing."""
    cause = error.__cause__ or error
    reason = getattr(cause, "strerror", None) or str(cause).rstrip(".")
    return f"The run is not kept among the earlier ones ({reason}): make room there, or save it with Ctrl+S."


class History:
    """For one thread or many. `room` is in MB of 10⁶ bytes."""

    def __init__(self, room: int, place: Path | None = None) -> None:
        self.room = room
        self._place = place or folder()
        self._lock = Lock()

    def read(self) -> list[Entry]:
        """What is kept, the newest first. What was deleted before is gone from now on. Raises nothing."""
        with self._lock, suppress(OSError):
            self._tidy()
            found = [self._entry(path) for path in self._place.glob(f"*{SUFFIX}")]
            return sorted((entry for entry in found if entry), key=lambda entry: -entry.at)
        return []

    def put(self, recording: Recording, over: bool = True, at: float | None = None) -> Entry:
        """Keep a run, or more of it than before; makes room for it. Raises RecordingError."""
        if not recording.outcome:
            recording = replace(recording, outcome="stopped")  # what a file ends with is where it was stopped
        with self._lock:
            try:
                self._place.mkdir(parents=True, exist_ok=True)
                recording.save(self._file(recording.id))
                entry = Entry.of(recording, time.time() if at is None else at, 0 if over else WRITER)
                before = self._known(recording.id)
                if before is not None:
                    entry = replace(entry, name=before.name, kept=before.kept)
                return self._note(entry)
            except (OSError, RecordingError) as error:
                raise RecordingError(_unkept(error)) from error

    def load(self, name: str) -> Recording:
        """The recording with this id. Raises RecordingError."""
        return Recording.load(self._file(name))

    def note(self, entry: Entry) -> Entry:
        """Keep what people say of a run: its name, and whether it is to stay. Raises RecordingError."""
        with self._lock:
            try:
                return self._note(entry)
            except OSError as error:
                raise RecordingError(f"This could not be kept: {error.strerror or error}.") from error

    def delete(self, name: str) -> None:
        """Put a run into the bin, from which it can be taken until the next start."""
        self._move(name, self._place, self._place / BIN)

    def restore(self, name: str) -> None:
        """Take a run back out of the bin."""
        self._move(name, self._place / BIN, self._place)

    def trim(self, newest: str = "") -> list[str]:
        """Delete the oldest until all fits into the room, the bin first: their ids. `newest` stays in any case."""
        with self._lock, suppress(OSError):
            sizes = {path: path.stat().st_size for path in self._place.glob(f"*{SUFFIX}")}
            binned = {path: path.stat().st_size for path in (self._place / BIN).glob(f"*{SUFFIX}")}
            over = sum(sizes.values()) + sum(binned.values()) - self.room * MEGA
            for path in sorted(binned, key=lambda path: path.stat().st_mtime):
                if over > 0:
                    over -= binned[path]
                    self._erase(path)
            return self._drop_oldest(sizes, over, newest)
        return []

    def _drop_oldest(self, sizes: dict[Path, int], over: int, newest: str) -> list[str]:
        gone = []
        known = {path: self._entry(path) for path in sizes} if over > 0 else {}
        loose = [path for path, entry in known.items() if entry and not entry.kept and entry.id != newest]
        for path in sorted(loose, key=lambda path: known[path].at):
            if over > 0:
                over -= sizes[path]
                self._erase(path)
                gone.append(known[path].id)
        return gone

    def _entry(self, path: Path) -> Entry | None:
        """What is known of a recording; where that is missing or damaged, what it says itself."""
        entry = self._known(path.stem)
        if entry is not None:
            return entry
        with suppress(OSError, RecordingError):
            recording = Recording.load(path)
            if self._file(recording.id) == path:
                return self._note(Entry.of(recording, path.stat().st_mtime))
        return None

    def _known(self, name: str) -> Entry | None:
        """What is noted of a run; None where that is nothing, or the name none of ours."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError, RecordingError):
            with self._file(name, KNOWN).open("rb") as file:
                entry = Entry.from_dict(json.loads(file.read(LARGEST)))
            return entry if entry.id == name else None
        return None

    def _note(self, entry: Entry) -> Entry:
        with suppress(OSError):
            entry = replace(entry, size=self._file(entry.id).stat().st_size)
        path = self._file(entry.id, KNOWN)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(entry.to_dict()), "utf-8")
        os.replace(partial, path)
        return entry

    def _move(self, name: str, source: Path, target: Path) -> None:
        """What is known goes last: without it, it is found out again."""
        with self._lock:
            try:
                target.mkdir(parents=True, exist_ok=True)
                os.replace(source / f"{name}{SUFFIX}", target / f"{name}{SUFFIX}")
                with suppress(FileNotFoundError):
                    os.replace(source / f"{name}{KNOWN}", target / f"{name}{KNOWN}")
            except OSError as error:
                raise RecordingError(f"The run could not be moved: {error.strerror or error}.") from error

    def _tidy(self) -> None:
        """Empty the bin, and what a write that was cut off has left."""
        halves = [path for path in self._place.glob("*.partial") if path.stat().st_mtime < time.time() - LEFT]
        for path in [*(self._place / BIN).glob(f"*{SUFFIX}"), *halves]:
            self._erase(path)

    def _erase(self, path: Path) -> None:
        for each in (path, path.with_suffix(KNOWN)):
            with suppress(OSError):
                each.unlink(missing_ok=True)

    def _file(self, name: str, ending: str = SUFFIX) -> Path:
        """Ids come from strangers' files, too: one that is no plain name is none of ours."""
        if not name.isalnum():
            raise RecordingError("This run has no name that a file can have.")
        return self._place / f"{name}{ending}"
