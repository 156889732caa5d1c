"""Download: brings a repository of the hub into the hub's own cache on this computer. Knows no model.

The files are streamed here and not by huggingface_hub, which throws a file away when its download is cut off; once
they are whole, it finds them in its cache. A file that grows lies beside where it will be, as `.partial`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from engine.model.checkpoint import GB, LoadError
from engine.model.computer import machine
from engine.model.hub import repository

BLOCK = 1 << 20  # bytes that are written at once
PATIENCE = 5  # broken connections in a row, without a byte between them, until a download is given up
PAUSE = 1.0  # seconds before the next try
TELL = 0.1  # ... between two reports of progress

Progress = Callable[[str, float | None], None]  # what is going on, and the share that is done (None: unknown)


class CancelError(LoadError):
    """Loading was given up because the user asked for it."""


def fetch(
    repo: str, check: Callable[[repository.Listing], object], progress: Progress, cancelled: Callable[[], bool]
) -> Path:
    """The local folder of a repository: fetched, or without a network what the cache holds of it.

    `check` may refuse, with LoadError, what it is told of before anything large is fetched. A download that was
    cut off or cancelled goes on from its last byte.
    """
    from huggingface_hub import errors, snapshot_download

    progress(f"Looking for {repo}", None)
    options = {"allow_patterns": list(repository.PATTERNS), "tqdm_class": _silent()}
    with repository.explained(repo):
        with suppress(errors.DryRunError):  # no network: there is nothing to ask
            files = [file for file in snapshot_download(repo, dry_run=True, **options) if file.will_download]
            if files:
                check(repository.listing(repo))
                _Download(repo, sum(file.file_size for file in files), progress, cancelled).run(files)
        return Path(snapshot_download(repo, **options))


class _Download:
    """Files on their way into the hub's cache, one after the other."""

    def __init__(self, repo: str, size: int, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._repo, self._size, self._progress, self._cancelled = repo, size, progress, cancelled
        self._done, self._told, self._digest = 0, 0.0, sha256()

    def run(self, files: list[Any]) -> None:
        """Fetch what a dry run of huggingface_hub lists."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_url

        for file in files:
            url = hf_hub_url(self._repo, file.filename, revision=file.commit_hash)
            etag = get_hf_file_metadata(url).etag
            part = repository.part(self._repo, etag)
            part.parent.mkdir(parents=True, exist_ok=True)
            with _alone(part, self._repo):
                self._fill(part, url, file.file_size)
                if len(etag) == 64 and self._digest.hexdigest() != etag:  # of large files it is the checksum
                    part.unlink()
                    raise LoadError(f"{file.filename} of {self._repo} was damaged on its way: try again.")
                part.replace(part.with_suffix(""))

    def _fill(self, part: Path, url: str, size: int) -> None:
        """Bring a file to its full size, however often the connection breaks."""
        from huggingface_hub import errors

        before, failures, self._digest = self._done, 0, sha256()
        with part.open("a+b") as file:
            file.seek(0)
            while block := file.read(BLOCK):
                self._count(block)
            while (have := file.tell()) < size:
                try:
                    self._stream(file, url)
                except errors.HTTPError as error:
                    if _final(error):
                        raise
                failures = failures + 1 if file.tell() <= have else 0
                if failures > PATIENCE:
                    raise LoadError("The connection to the hub was lost: try again to go on from where it is.")
                time.sleep(PAUSE if failures else 0)
        self._done = before + size

    def _stream(self, file: BinaryIO, url: str) -> None:
        """Append to a file what the hub has beyond its end."""
        from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

        wanted = {"Range": f"bytes={file.tell()}-", "Accept-Encoding": "identity"}
        headers, timeout = build_hf_headers() | wanted, repository.TIMEOUT
        with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
            hf_raise_for_status(response)
            if response.status_code != 206 and file.tell():  # all of it comes again
                self._done -= file.tell()
                self._digest = sha256()
                file.seek(0)
                file.truncate()
            for block in response.iter_bytes(BLOCK):
                file.write(block)
                self._count(block)

    def _count(self, block: bytes) -> None:
        if self._cancelled():
            raise CancelError("The download was cancelled: try again to go on from where it is.")
        self._digest.update(block)
        self._done += len(block)
        now = time.monotonic()
        if now - self._told > TELL or self._done >= self._size:
            self._told = now
            amounts = f"{self._done / GB:.1f} of {self._size / GB:.1f} GB"
            self._progress(f"Downloading {self._repo}: {amounts}", min(1.0, self._done / self._size))


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
        with WeakFileLock(lock, timeout=PAUSE):
            yield
    except Timeout:
        raise LoadError(f"Another program is downloading {repo} already: wait until it is done.") from None


def _silent() -> type:
    """A progress bar for huggingface_hub that prints nothing."""
    from tqdm import tqdm

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **kwargs | {"disable": True})

    return Bar
