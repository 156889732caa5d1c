"""Pictures: what the prompt shows the model: files, or what was pasted, decoded while the window goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from app.keep.prefs import Prefs
from app.run.session import Session
from app.tasks import Tasks, aside
from engine.values.picture import GONE, MOST, OTHERS, SUFFIXES, Picture, PictureError
from engine.values.settings import counted
from widgets.prompt import Prompt
from widgets.status import Status

LOADING = "The model is still being loaded: try again when it is there."
NONE = "No model is loaded: choose one that reads pictures."


class Pictures(QObject):
    """Stands between the row of small copies and the session."""

    changed = Signal()  # there are others

    def __init__(
        self,
        session: Session,
        prompt: Prompt,
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
        choose: Callable[[Callable[[list[str]], object]], object],
    ) -> None:
        """`choose` asks for files."""
        super().__init__(prompt)
        self._session, self._prompt, self._row = session, prompt, prompt.pictures
        self._status, self._prefs, self._tasks = status, prefs, tasks
        self._pictures: list[Picture] = []
        prompt.set_taker(self.take)
        self._row.keep.setChecked(prefs.thumbnails)
        self._row.wished.connect(lambda: choose(self.add))
        self._row.removed.connect(self._remove)
        self._row.agreed.connect(self._agree)
        session.changed.connect(self._follow)
        self._follow()

    @property
    def all(self) -> tuple[Picture, ...]:
        """Those of the prompt, in order."""
        return tuple(self._pictures)

    @property
    def agreed(self) -> bool:
        """Whether files may keep small copies of them."""
        return self._prefs.thumbnails

    @property
    def blind(self) -> str:
        """Why there can be none now, as a sentence; "" if there can."""
        if self._session.model is None:
            return LOADING if self._session.loading else NONE
        return self._session.model.blind

    def show(self, pictures: Sequence[Picture]) -> None:
        """Those of a recording that is brought back. If it does not hold them, that is said."""
        kept = [picture for picture in pictures if picture.pixels is not None]
        if kept != self._pictures:
            self._pictures = kept
            self._tell()
        if len(kept) < len(pictures):
            self._status.say(GONE, "info")

    def add(self, paths: Sequence[str]) -> None:
        """Read files, and put what they show behind what is there."""
        self._tasks.start(self._add(self._read, paths))

    def take(self, data: QMimeData) -> bool:
        """Whether it is pictures that were pasted, and no text: they are taken, or it is said why not."""
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        if paths and all(Path(path).suffix.lower() in (*SUFFIXES, *OTHERS) for path in paths):
            self.add(paths)
            return True
        if not data.hasImage() or data.hasText():
            return False
        self._tasks.start(self._add(_converted, [data.imageData()]))
        return True

    async def _add(self, read: Callable[..., Picture], sources: Sequence[object]) -> None:
        if self.blind:
            return self._status.say(self.blind, "error")
        wrong, left = [], 0
        for source in sources:
            try:
                picture = await aside(read, source) if len(self._pictures) < MOST else None
            except PictureError as error:
                wrong.append(str(error))
                continue
            if picture is None or len(self._pictures) >= MOST:  # others may have come meanwhile
                left += 1
            else:
                self._pictures.append(picture)
                self._tell()
        if told := _untaken(wrong, left):
            self._status.say(told, "error")
        return None

    @staticmethod
    def _read(path: str) -> Picture:
        from engine.values.files import image

        return image.read(path)

    def _remove(self, at: int) -> None:
        if at < len(self._pictures):
            del self._pictures[at]
            self._tell()

    def _agree(self, agreed: bool) -> None:
        self._prefs.thumbnails = agreed

    def _tell(self) -> None:
        self._row.show_pictures([picture.small for picture in self._pictures])
        self.changed.emit()

    def _follow(self) -> None:
        self._row.set_blind(self.blind)


def _untaken(wrong: Sequence[str], left: int) -> str:
    """What is said of pictures that were not taken: those that something is `wrong` with, and those too many."""
    told = [*wrong[:1], f"Nor could {counted(len(wrong) - 1, 'other')} be taken." * (len(wrong) > 1)]
    was = "the last was" if left == 1 else f"the last {left} were"
    told.append(f"A prompt takes at most {MOST} pictures: {was} left out." * (left > 0))
    return " ".join(filter(None, told))


def _converted(pasted: QImage) -> Picture:
    """What was pasted, as a picture. Raises PictureError."""
    from engine.values.files import image

    if pasted.isNull():
        raise PictureError("What was pasted is no picture: copy it again.")
    if pasted.width() * pasted.height() > image.PIXELS:
        raise image.vast("What was pasted")
    plain = pasted.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.width(), 4)
    return image.of(pixels)
