"""Details: all that is known of one cell in one step, and the small table that a tooltip shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from engine.values.frame import ACCEPTED, CHANGED, KEPT, OPEN, PINNED, WITHDRAWN, Frame, Lexicon, marks
from widgets.theme import MONO, Theme
from widgets.token import known, nats, percentage, visible

STATES = {
    OPEN: "open",
    KEPT: "kept",
    ACCEPTED: "accepted",
    CHANGED: "changed",
    WITHDRAWN: "withdrawn",
    PINNED: "pinned",
}
MEANINGS = {
    "open": "open: a random token",
    "kept": "kept from the step before",
    "accepted": "accepted in this step",
    "changed": "changed its mind",
    "withdrawn": "withdrawn: open again",
    "committed": "committed: the best guess of the last step",
    "sent": "sent by a server, which tells no more",
}
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

    @property
    def state(self) -> str:
        """The mark in a word, which is also the name of its colour in a Theme if it has one."""
        if not self.told:
            return "sent"
        return "committed" if self.committed else STATES[self.mark]


def details(lexicon: Lexicon, frame: Frame, previous: Frame | None, cell: int, many: int) -> Details:
    """What is known of a cell, with at most `many` candidates. Raises IndexError if there is no such cell."""
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
    )


def table(cell: Details, theme: Theme) -> str:
    """The details as rich text: token, state, entropy, and a bar for every candidate."""
    was = f" (was <b>{escape(visible(cell.before))}</b>)" if cell.before else ""
    rows = "".join(_row(text, share, theme) for text, share in cell.candidates)
    return (
        f"<div style='font-family:\"{MONO}\";font-size:16px'><b>{escape(visible(cell.text))}</b></div>"
        f"<div style='color:{theme.muted}'>{MEANINGS[cell.state]}{was}<br>entropy {nats(cell.entropy)}</div>"
        f"<table cellspacing='0' cellpadding='1' style='margin-top:4px'>{rows}</table>"
    )


def _row(text: str, share: float, theme: Theme) -> str:
    pixels = max(2, round(BAR * known(share)))
    bar = f"<table cellspacing='0' cellpadding='0'><tr><td bgcolor='{theme.accent}' width='{pixels}'>"
    return (
        f"<tr><td style='font-family:\"{MONO}\"'>{escape(visible(text))}&nbsp;&nbsp;</td>"
        f"<td align='right'>{escape(percentage(share))}&nbsp;&nbsp;</td>"
        f"<td width='{BAR}' valign='middle'>{bar}"
        f"<span style='font-size:5px'>&nbsp;</span></td></tr></table></td></tr>"
    )
