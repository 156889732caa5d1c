"""Movie: a film, made by the program ffmpeg, picture by picture. Knows no Qt.

Pictures come at PER_SECOND, each as often as it takes: what is rounded off one is carried on to the next.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from PIL import Image

PER_SECOND = 50
# By the ending of the file: how ffmpeg is to write it. Even sizes and 4:2:0 are what every player has.
CODECS = {
    ".mp4": "-c:v libx264 -preset veryfast -crf 18 -pix_fmt yuv420p -movflags +faststart -f mp4",
    ".webm": "-c:v libvpx-vp9 -deadline realtime -cpu-used 6 -crf 24 -b:v 0 -pix_fmt yuv420p -f webm",
}
EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"
MISSING = "films are made by the program ffmpeg, which is not here; install ffmpeg, or choose .webp"


class Movie:
    """Writes beside `path` until `close`: there is a whole file or none. Raises ValueError and OSError."""

    def __init__(self, path: Path) -> None:
        self._program = shutil.which("ffmpeg")
        if self._program is None:
            raise ValueError(MISSING)
        self._path, self._partial = path, path.with_name(path.name + ".partial")
        self._partial.open("wb").close()  # a folder that is not there is told at once, and in its own words
        self._process: subprocess.Popen | None = None
        self._spent, self._shown = 0, 0  # milliseconds, and pictures
        self._stopped = False

    def add(self, picture: Image.Image, milliseconds: int) -> None:
        """One more picture, RGB, of the same size as the others, and how long it stays."""
        if self._stopped:
            return
        self._process = self._process or self._begin(picture.size)
        self._spent += milliseconds
        due = max(1, round(self._spent * PER_SECOND / 1000) - self._shown)
        self._shown += due
        data = picture.tobytes()
        try:
            for _ in range(due):
                self._process.stdin.write(data)
        except OSError as error:
            if not self._stopped:
                raise ValueError(self._complaint() or "ffmpeg did not write it") from error

    def stop(self) -> None:
        """There will be no film: what another thread waits for is over at once."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """The film is whole."""
        if self._process.poll() is None:
            self._process.stdin.close()
        complaint = self._complaint()
        if self._process.returncode or complaint:  # of a disk that is full it only complains
            raise ValueError(complaint or "ffmpeg did not write it")
        os.replace(self._partial, self._path)

    def drop(self) -> None:
        """What there is of it is gone."""
        self.stop()
        if self._process is not None:
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stderr):
                with suppress(OSError):
                    pipe.close()
        with suppress(OSError):  # of a disk that cannot be written to, this is refused, too
            self._partial.unlink(missing_ok=True)

    def _begin(self, size: tuple[int, int]) -> subprocess.Popen:
        source = f"-f rawvideo -pix_fmt rgb24 -s {size[0]}x{size[1]} -r {PER_SECOND} -i -"
        how = [*source.split(), "-an", "-vf", EVEN, *CODECS[self._path.suffix.lower()].split()]
        command = [self._program, "-y", "-hide_banner", "-loglevel", "error", *how, str(self._partial.absolute())]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        # A session of its own: Ctrl+C in a terminal is for us, and we end it.
        return subprocess.Popen(command, stdin=pipe, stdout=nothing, stderr=pipe, start_new_session=True)

    def _complaint(self) -> str:
        """What the program says is wrong, once it has ended."""
        with suppress(OSError):
            self._process.stdin.close()
        told = self._process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        self._process.stderr.close()
        self._process.wait()
        return f"ffmpeg says: {told[-1].rstrip('.')}" if told else ""
