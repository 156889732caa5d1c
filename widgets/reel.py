"""Reel: what moves on a canvas, by a clock: the motions under way, those that wait, and a timer meanwhile.

At rest no timer runs. Knows no frame: layouts come in.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import inf
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from widgets.effects import WAVE, Effects
from widgets.layout import Layout
from widgets.motion import GLIDE, SLIDE, ZOOM, Motion
from widgets.paint import Inks
from widgets.sheet import Fill, Text

TICK_MS, CALM_MS = 16, 33  # from one picture to the next: while something moves, and while only light fades
SOON = 35.0  # milliseconds: when steps follow each other sooner than this, nobody sees a way from one to the next


class Reel(QObject):
    """Without a `clock` it beats by itself: `canvas` is updated as long as something moves."""

    def __init__(self, canvas: QWidget, clock: Callable[[], float] | None = None) -> None:
        super().__init__(canvas)
        self.on = True
        self._effects = Effects()
        self._motions: list[Motion] = []
        self._came = -inf  # when the step before came
        self._clock = clock or (lambda: monotonic() * 1000)
        self._timer = None if clock else QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        if self._timer:
            self._timer.timeout.connect(self._tick)
        self._canvas = canvas

    @property
    def moving(self) -> bool:
        now = self._clock()
        going = self._effects.moving(now)
        return bool(self._motions) and (going or now < self._motions[-1].began + self._motions[-1].length)

    def begins(self, old: Layout, new: Layout) -> bool:
        """Whether there is a way from one layout to another; where there is none, nothing moves any more."""
        if self.on and old.rects and new.rects:
            return True
        self.stop()
        return False

    def glide(self, old: Layout, new: Layout) -> None:
        """A step back: only the places are seen to change."""
        self._effects.clear()
        self._turn(old, new, GLIDE)

    def step(self, old: Layout, new: Layout) -> None:
        """A step forward, with what it did to the cells."""
        if self._soon():
            self._effects.hurry(new.cells, self._clock())
        elif old.board == new.board:
            _, texts = self._shown(old)
            self._effects.begin(texts, new.cells, old.cells, self._clock())
        self._turn(old, new, GLIDE if old.size == new.size else ZOOM)

    def finish(self, old: Layout, *layouts: Layout) -> None:
        """The text is done: light runs along the first of the layouts; then the others come."""
        now = self._clock()
        self._turn(old, layouts[0], GLIDE if old.size == layouts[0].size else ZOOM)
        self._effects.wave = now
        for before, layout in pairwise(layouts):
            sheet = before.sheet
            self._motions.append(Motion(sheet.fills, sheet.texts, layout, now + WAVE, SLIDE, crossing=True))

    def stop(self) -> None:
        """All is where it belongs."""
        self._effects.clear()
        self._motions = []
        if self._timer:
            self._timer.stop()

    def draw(self, painter: QPainter, inks: Inks) -> bool:
        """Draws this moment. False if nothing moves: the layout itself is to be drawn."""
        if not self.moving:
            self.stop()
            return False
        now = self._clock()
        current = [motion for motion in self._motions if motion.began <= now]
        self._motions = [*current[-1:], *(motion for motion in self._motions if motion.began > now)]
        self._motions[0].draw(painter, inks, self._effects, now)
        return True

    def _soon(self) -> bool:
        """Whether the step before has only just come: then all is where it belongs at once."""
        return self._clock() - self._came < SOON

    def _calm(self) -> bool:
        """Whether all is where it belongs, and only light fades."""
        return self._effects.calm and not self._motions[-1].moving(self._clock())

    def _turn(self, old: Layout, new: Layout, length: float) -> None:
        now, rising = self._clock(), self._effects.rises
        if self._soon():
            self._motions = [Motion([], [], new, now, 0.0)]
        else:
            fills, texts = self._shown(old)
            hurried = bool(self._motions) and not self._motions[0].faded(now)
            self._motions = [Motion(fills, texts, new, now, length, length == ZOOM, rising, hurried)]
        self._came = now
        if self._timer:
            self._timer.start(TICK_MS)

    def _shown(self, old: Layout) -> tuple[list[Fill], list[Text]]:
        """The strokes of a layout where they are now: some may still be on their way."""
        now = self._clock()
        if self._motions and self._motions[0].new is old and self._motions[0].moving(now):
            return self._motions[0].fills(now), self._motions[0].texts(now)
        return old.sheet.fills, old.sheet.texts

    def _tick(self) -> None:
        if not self.moving:
            self.stop()
        elif self._timer.interval() != (pace := CALM_MS if self._calm() else TICK_MS):
            self._timer.setInterval(pace)
        self._canvas.update()
