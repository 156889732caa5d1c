"""Details: all that is known of one cell in one step, and the small table that a tooltip shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import isnan, nan

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.values.frame import CHANGED, STATES, WITHDRAWN, Frame, Lexicon, marks
from widgets.odds import known, nats, percentage, visible
from widgets.theme import MONO, Theme

MEANINGS = {
    "open": "open: a random token",
    "kept": "kept from the step before",
    "accepted": "accepted in this step",
    "changed": "changed its mind",
    "withdrawn": "withdrawn: open again",
    "pinned": "pinned: you hold it",
    "committed": "committed: the best guess of the last step",
    "sent": "sent by a server, which tells no more",
}
READ = "surprise, read from left to right:"
GAP = 8  # pixels between a cell and what is told of it
BAR = 90  # pixels of a probability of 1


@dataclass(frozen=True)
class Details:
    """One cell in one step. Texts are tokens as they are, white space and all."""

    cell: int
    text: str  # the token in the cell
    mark: int  # OPEN, KEPT, ACCEPTED, CHANGED, WITHDRAWN or PINNED
    entropy: float  # nats, of the temperature-shaped distribution
    candidates: list[tuple[str, float]]  # likeliest tokens and their probabilities
    before: str = ""  # the token that a changed or withdrawn cell held in the step before
    committed: bool = False  # the canvas has ended, and this is its text
    told: bool = True  # it is known how it came to be like this
    surprise: float = nan  # nats of the token, read from left to right; NaN where nobody has read it

    @property
    def state(self) -> str:
        """The mark in a word, which is also the name of its colour in a Theme if it has one."""
        if not self.told:
            return "sent"
        return "committed" if self.committed else STATES[self.mark]


def details(
    lexicon: Lexicon,
    frame: Frame,
    previous: Frame | None,
    cell: int,
    many: int,
    read: np.ndarray | None = None,
) -> Details:
    """What is known of a cell, with at most `many` candidates. `read` are the nats of surprise of all cells, where
    the text was read from left to right. Raises IndexError if there is no such cell."""
    mark = int(marks(previous, frame)[cell])
    candidates = zip(frame.top_ids[cell, :many], frame.top_probs[cell, :many].tolist(), strict=True)
    return Details(
        cell=cell,
        text=lexicon.piece(frame.shown[cell]),
        mark=mark,
        entropy=float(frame.entropy[cell]),
        candidates=[(lexicon.piece(token), share) for token, share in candidates],
        before=lexicon.piece(previous.ids[cell]) if mark in (CHANGED, WITHDRAWN) and not frame.stop else "",
        committed=bool(frame.stop),
        told=frame.told,
        surprise=nan if read is None or cell >= len(read) else float(read[cell]),
    )


def table(cell: Details, theme: Theme) -> str:
    """The details as rich text: token, state, entropy, and a bar for every candidate."""
    was = f" (was <b>{escape(visible(cell.before))}</b>)" if cell.before else ""
    surprised = "" if isnan(cell.surprise) else f"<br>{READ} {nats(cell.surprise)}"
    rows = "".join(_row(text, share, theme) for text, share in cell.candidates)
    return (
        f"<div style='font-family:\"{MONO}\";font-size:16px'><b>{escape(visible(cell.text))}</b></div>"
        f"<div style='color:{theme.muted}'>{MEANINGS[cell.state]}{was}"
        f"<br>entropy {nats(cell.entropy)}{surprised}</div>"
        f"<table cellspacing='0' cellpadding='1' style='margin-top:4px'>{rows}</table>"
    )


class Tip(QLabel):
    """The table beside a cell, in the window of a canvas. Clicks go through it to what it covers."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.hide()

    def tell(self, cell: Details, rect: QRect, theme: Theme) -> None:
        """Shows the details of a cell that is at `rect` of the canvas, below it or else above."""
        window = self._canvas.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        self.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.line};"
            "border-radius: 6px; padding: 6px; font-size: 12px;"
        )
        self.setText(table(cell, theme))
        self.adjustSize()
        corner = self._canvas.mapTo(window, rect.bottomLeft()) + QPoint(0, GAP)
        if corner.y() + self.height() > window.height():
            corner.setY(self._canvas.mapTo(window, rect.topLeft()).y() - GAP - self.height())
        corner.setX(max(0, min(corner.x(), window.width() - self.width())))
        self.move(corner)
        self.show()
        self.raise_()


def _row(text: str, share: float, theme: Theme) -> str:
    pixels = max(2, round(BAR * known(share)))
    bar = f"<table cellspacing='0' cellpadding='0'><tr><td bgcolor='{theme.accent}' width='{pixels}'>"
    return (
        f"<tr><td style='font-family:\"{MONO}\"'>{escape(visible(text))}&nbsp;&nbsp;</td>"
        f"<td align='right'>{escape(percentage(share))}&nbsp;&nbsp;</td>"
        f"<td width='{BAR}' valign='middle'>{bar}"
        f"<span style='font-size:5px'>&nbsp;</span></td></tr></table></td></tr>"
    )
