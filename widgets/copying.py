"""Copying: what of a canvas can be read elsewhere: copied as text, told of a cell, or heard. Paints nothing."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QGuiApplication

from engine.values.words.reply import thoughts
from widgets.cells import copied
from widgets.hint import Details, details


class Copying:
    """A part of Canvas, which has the frame on show, its words and what is selected of them."""

    def details(self, cell: int | None) -> Details | None:
        """What is known of a cell of the frame on show, or None."""
        if self._frame is None or self._lexicon is None or cell not in range(len(self._frame.ids)):
            return None
        return details(self._lexicon, self._frame, self._previous, cell, self._candidates, self._read)

    def text(self) -> str:
        """The settled answer of all canvases so far, or the thought where there is none. Noise is an ellipsis."""
        return self._text_of(0, self._count())

    def selected_text(self) -> str:
        """The settled text in the selection, or all of it if nothing is selected."""
        if self._selection is None:
            return self.text()
        return self._text_of(min(self._selection), max(self._selection) + 1)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.selected_text())

    def copy_cell(self) -> None:
        """The token that people point at, as it is."""
        cell = self.details(self.cell)
        if cell is not None:
            QGuiApplication.clipboard().setText(cell.text)

    def copy_step(self) -> None:
        """All that the canvas holds in this step, random tokens too."""
        if self._frame is not None and self._lexicon is not None:
            QGuiApplication.clipboard().setText("".join(map(self._lexicon.piece, self._frame.shown)))

    def _count(self) -> int:
        return len(self._past.rects) + len(self._now.rects)

    def _text_of(self, start: int, stop: int) -> str:
        if self._frame is None or self._lexicon is None:
            return ""
        past = self._finished[: self._lexicon.end(self._finished)]
        ids = np.concatenate([past, self._frame.shown])
        known = np.concatenate([past, self._frame.known])
        first = 0 if self._is_prose() else len(past)
        part = slice(first + start, first + stop)
        return copied(self._lexicon, ids[part], known[part] < 0, thoughts(self._lexicon, known)[part])

    def _describe(self) -> None:
        if self._frame is None:
            self.setAccessibleDescription(self._message)
        elif self._frame.stop:
            self.setAccessibleDescription(" ".join(filter(None, (self._footnote.surprise, self.text()))))
        else:
            held, cells = int(self._frame.held.sum()), len(self._frame.held)
            self.setAccessibleDescription(f"Step {self._frame.step + 1}: {held} of {cells} tokens accepted.")
