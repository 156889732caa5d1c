"""Download: brings a repository of the hub into the hub's own cache on this computer. Knows no model.

The files are streamed here and not by huggingface_hub, which throws a file away when its download is cut off,
waits for ever for a hub that says nothing, and copies what it cannot link. It finds them in its cache once they are
whole. A file that grows lies beside where it will be, as `.partial`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from engine.model.computer import machine
from engine.model.folder.checkpoint import CancelError, LoadError
from engine.model.hub import repository
from engine.model.hub.causes import explained
from engine.model.pace import Pace
from engine.values import patience

BLOCK = 1 << 20  # bytes that are written at once
PATIENCE = 5  # broken connections in a row, without a byte between them, until a download is given up
PAUSE = 1.0  # seconds before the next try
WINDOW = 30.0  # seconds in which a connection brings at least ...
LEAST = 1 << 15  # ... so many bytes, or it counts as broken
LOCKED = 1.0  # seconds until a file that another program holds is left to it
TELL = 0.1  # ... between two reports of progress

Progress = Callable[[str, float | None], None]  # what is going on, and the share that is done (None: unknown)


def fetch(
    repo: str,
    check: Callable[[repository.Listing], object],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Path:
    """The local folder of a repository as the hub has it now, with what was missing of it.

    `check` may refuse, with LoadError, what it is told of before anything large is fetched. A download that was
    cut off or cancelled goes on from its last byte.
    """
    progress(f"Looking for {repo}", None)
    with explained(repo):
        there = repository.listing(repo, cancelled)
        check(there)
        missing = [file for file in there.files if not _whole(repo, there.commit, file)]
        _Download(repo, there.commit, sum(file.size for file in missing), progress, cancelled).run(missing)
        ref = repository.ref(repo)  # last: what it names is whole
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(there.commit)
        return repository.snapshot(repo, there.commit)


def check(repo: str, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Look at every byte of a repository that is here, and take away what the hub has otherwise. Raises LoadError.

    It does not count as whole any more, so that the next `fetch` is asked for it.
    """
    progress(f"Looking for {repo}", None)
    with explained(repo):
        _Check(repo, repository.listing(repo, cancelled), progress, cancelled).run()
        repository.ref(repo).unlink(missing_ok=True)


def _whole(repo: str, commit: str, file: repository.File) -> bool:
    place = repository.snapshot(repo, commit) / file.name
    return place.is_file() and place.stat().st_size == file.size


class _Work:
    """Something that goes through so many bytes of a repository, tells how far it is, and can be cancelled."""

    verb = ""

    def __init__(self, repo: str, size: int, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._repo, self._size, self._progress, self._cancelled = repo, size, progress, cancelled
        self._done, self._told, self._pace = 0, 0.0, Pace(size)

    def _went(self, amount: int) -> None:
        if self._cancelled():
            raise CancelError("The download was cancelled: try again to go on from where it is.")
        self._done += amount
        now = time.monotonic()
        if now - self._told > TELL or self._done >= self._size:
            self._told = now
            amounts = self._pace.words(self._done)
            self._progress(f"{self.verb} {self._repo}: {amounts}", min(1.0, self._done / max(1, self._size)))

    def _read(self, file: BinaryIO, into: Any) -> None:
        """All that a file has, into what takes its checksum."""
        while block := file.read(BLOCK):
            into.update(block)
            self._went(len(block))


class _Check(_Work):
    """Takes away what is on this computer and is not what the hub has."""

    verb = "Checking"

    def __init__(self, repo: str, there: repository.Listing, progress: Progress, cancelled: Callable) -> None:
        super().__init__(repo, sum(file.here for file in there.files), progress, cancelled)
        self._there = there

    def run(self) -> None:
        for file in self._there.files:
            place = repository.snapshot(self._repo, self._there.commit) / file.name
            blob = repository.part(self._repo, file.sum).with_suffix("")
            for held in dict.fromkeys((place, blob)):
                if held.is_file() and not self._same(held, file):
                    held.resolve().unlink()
                    held.unlink(missing_ok=True)

    def _same(self, held: Path, file: repository.File) -> bool:
        digest = repository.digest(file.sum, file.size)
        with held.open("rb") as stream:
            self._read(stream, digest)
        return digest.hexdigest() == file.sum


class _Download(_Work):
    """Files on their way into the hub's cache, one after the other."""

    verb = "Downloading"

    def __init__(self, repo: str, commit: str, size: int, progress: Progress, cancelled: Callable) -> None:
        super().__init__(repo, size, progress, cancelled)
        self._commit, self._digest = commit, sha256()
        self._writing = Lock()  # held by whoever changes the file that grows

    def run(self, files: list[repository.File]) -> None:
        """Fetch them, each to its place in the cache."""
        from huggingface_hub import hf_hub_url

        for file in files:
            part = repository.part(self._repo, file.sum)
            part.parent.mkdir(parents=True, exist_ok=True)
            blob, place = part.with_suffix(""), repository.snapshot(self._repo, self._commit) / file.name
            with _alone(part, self._repo):
                if not blob.is_file() or blob.stat().st_size != file.size:
                    self._fill(part, hf_hub_url(self._repo, file.name, revision=self._commit), file)
                    if self._digest.hexdigest() != file.sum:
                        part.unlink()
                        raise LoadError(f"{file.name} of {self._repo} was damaged on its way: try again.")
                    part.replace(blob)
                else:
                    self._went(file.size)
                _put(blob, place)

    def _fill(self, part: Path, url: str, wanted: repository.File) -> None:
        """Bring a file to its full size, however often the connection breaks."""
        from huggingface_hub import errors

        before, failures = self._done, 0
        self._digest = repository.digest(wanted.sum, wanted.size)
        with part.open("a+b") as file:
            if file.tell() > wanted.size:
                file.truncate(0)
            file.seek(0)
            self._read(file, self._digest)
            while (have := file.tell()) < wanted.size:
                try:
                    self._connection(file, url, wanted)
                except errors.HTTPError as error:
                    if _final(error):
                        raise
                failures = failures + 1 if file.tell() - have < LEAST else 0
                if failures > PATIENCE:
                    raise LoadError("The connection to the hub was lost: try again to go on from where it is.")
                self._wait(PAUSE if failures else 0)
        self._done = before + wanted.size

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._went(0)
            time.sleep(min(left, patience.LOOK))

    def _connection(self, file: BinaryIO, url: str, wanted: repository.File) -> None:
        """Append what one connection brings, until it ends, stalls or is no longer wanted."""
        pace = _Pace(self._done)

        def given_up() -> bool:
            return self._cancelled() or pace.stalls(self._done)

        try:
            patience.aside(lambda gone: self._stream(file, url, wanted, gone), given_up)
        except patience.GivenUpError:
            with self._writing:  # what was being written is; nothing more will be
                self._went(0)

    def _stream(self, file: BinaryIO, url: str, wanted: repository.File, gone: Callable[[], bool]) -> None:
        """Append to a file what the hub has beyond its end."""
        from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

        span = {"Range": f"bytes={file.tell()}-", "Accept-Encoding": "identity"}
        headers, timeout = build_hf_headers() | span, repository.TIMEOUT
        with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
            hf_raise_for_status(response)
            with self._writing:
                if response.status_code != 206 and not gone():  # all of it comes again
                    self._done -= file.tell()
                    self._digest = repository.digest(wanted.sum, wanted.size)
                    file.truncate(0)
                    file.seek(0)
            for block in response.iter_bytes():
                with self._writing:
                    block = block[: wanted.size - file.tell()]  # whatever more it sends
                    if gone() or not block:
                        return
                    file.write(block)
                    self._digest.update(block)
                    self._went(len(block))


class _Pace:
    """Whether a connection brings so little that a new one is the better hope."""

    def __init__(self, done: int) -> None:
        self._done, self._since = done, time.monotonic()

    def stalls(self, done: int) -> bool:
        now = time.monotonic()
        if now - self._since < WINDOW:
            return False
        slow = done - self._done < LEAST
        self._done, self._since = done, now
        return slow


def _put(blob: Path, place: Path) -> None:
    """Give a file of the cache its name: by a link, or by moving it where there are none (Windows)."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        place.symlink_to(os.path.relpath(blob, place.parent))
    except (OSError, NotImplementedError):
        blob.replace(place)


def _final(error: Exception) -> bool:
    """Whether the hub said no, and would say it again."""
    status = getattr(getattr(error, "response", None), "status_code", 500)
    return status < 500 and status not in (408, 429)


@contextmanager
def _alone(part: Path, repo: str) -> Iterator[None]:
    """Nobody else appends to the same file meanwhile. Raises LoadError if somebody does."""
    from filelock import Timeout
    from huggingface_hub.utils import WeakFileLock

    lock = (
        machine.cache() / ".locks" / part.parents[1].name / f"{part.stem}.lock"
    )  # where huggingface_hub has its own
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with WeakFileLock(lock, timeout=LOCKED):
            yield
    except Timeout:
        raise LoadError(f"Another program is downloading {repo} already: wait until it is done.") from None
