"""Proof: what is melted of a canvas that has stopped, to be denoised once more, and which of its texts is kept.

Its words are judged by the same weights, read from left to right. Cells with less than one chance in 1,000 melt
with their neighbours while hands hold the others. Of what comes of it the stretches that surprise less are taken,
if the whole text then does, too: a round can only gain by that measure. Knows no loop, no model and no time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.values.edit import Edit
from engine.values.frame import Lexicon
from engine.values.quality import Quality

NEAR = 3  # neighbours on either side that melt, too

Judge = Callable[[np.ndarray], Quality]  # of the ids [C] of a canvas


@dataclass
class Proof:
    """The rounds of one canvas of C cells. A round begins with an edit, `due`, before the next step."""

    rounds: int  # that are left
    fixed: np.ndarray  # bool [C]: cells that people hold or limit, which never melt
    lexicon: Lexicon
    judge: Judge
    best: np.ndarray | None = None  # int32 [C], the text so far
    stop: str = ""  # why the canvas ended at first
    due: Edit | None = None
    since: int = field(default=0, init=False)  # the first step of this round: its schedule begins there
    back: bool = field(default=False, init=False)  # the round only puts the best text back, in one step
    round: int = field(default=0, init=False)  # how many have begun; one that only puts back is none
    _quality: Quality | None = field(default=None, init=False)
    _melted: np.ndarray = field(default_factory=lambda: np.empty(0, int), init=False)

    def look(self, ids: np.ndarray, stop: str, canvas: int, step: int) -> None:
        """Judge what a canvas has come to, and say what is done before `step`: nothing if the canvas is over."""
        if self.best is None:
            self.best, self.stop, self._quality = ids, stop, self.judge(ids)
        else:
            self._take(ids)
        self._melted = self._odd() if self.rounds else np.empty(0, int)
        self.back = not self._melted.size and not np.array_equal(self.best, ids)
        self.due = None
        if self._melted.size or self.back:
            self.rounds -= not self.back
            self.round += not self.back
            self._begin(canvas, step)

    def _take(self, ids: np.ndarray) -> None:
        """Take over what has become better."""
        if self.lexicon.end(ids) != self.lexicon.end(self.best):
            return
        mixed = self._mixed(ids, self.judge(ids))
        quality = self.judge(mixed)
        if quality.mean < self._quality.mean:
            self.best, self._quality = mixed, quality

    def _mixed(self, ids: np.ndarray, quality: Quality) -> np.ndarray:
        """int32 [C]: the best text, but for what surprises less now, from one melted place to the next."""
        starts = self._melted[np.flatnonzero(np.diff(self._melted, prepend=-2) > 1)]
        new, old = (np.add.reduceat(np.nan_to_num(each.nats), starts) for each in (quality, self._quality))
        better = np.repeat(new < old, np.diff([*starts, len(ids)]))
        mixed = self.best.copy()
        mixed[starts[0] :] = np.where(better, ids[starts[0] :], mixed[starts[0] :])
        return mixed

    def _odd(self) -> np.ndarray:
        """int [n]: the cells of the best text that melt, none behind its end."""
        end = self.lexicon.end(self.best)
        seams = np.flatnonzero(self._quality.seams[:end])
        near = (seams[:, None] + np.arange(-NEAR, NEAR + 1)).ravel()
        cells = np.unique(near[(near >= 0) & (near < end)])
        return cells[~self.fixed[cells]]

    def _begin(self, canvas: int, step: int) -> None:
        melt = tuple(self._melted.tolist())
        pins = tuple((cell, id) for cell, id in enumerate(self.best.tolist()) if cell not in set(melt))
        self.since, self.due = step, Edit(canvas, step, melt=melt, pins=pins)
