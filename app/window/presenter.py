"""Presenter: the canvas for a room: full screen, the prompt as caption, large numbers, controls only while they are
wanted. Also plays examples one after the other, for a stand where nobody sits at the keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.run.player import Player
from app.run.session import Session
from app.run.stage import Stage
from widgets.ask import Ask

SHOWN_MS = 2000  # that the controls stay after the pointer has moved
PAUSE_MS = 4000  # for reading, between two examples
RUN_S = 6.0  # that a run of the loop takes, about ...
USUAL = 0.6  # ... as most stop after this share of the steps that they may take
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Presenter(QObject):
    """`run` starts a run on a prompt."""

    switched = Signal(bool)  # it is on, or off
    controls = Signal(bool)  # whether they are shown

    def __init__(
        self,
        window: QWidget,
        session: Session,
        stage: Stage,
        run: Callable[[str], object],
        player: Callable[[], Player],
        examples: Sequence[str],
        usual: Callable[[], float],
    ) -> None:
        """`player` says which playhead the keys move, `usual` at how many steps a second people watch (0: real
        time)."""
        super().__init__(window)
        self._player = player
        self._window, self._session, self._stage, self._run = window, session, stage, run
        self._examples, self._next, self._usual = examples, 0, usual
        self.ask = Ask(window)
        self.ask.asked.connect(run)
        self.ask.closed.connect(window.setFocus)
        self._hide = QTimer(self, interval=SHOWN_MS, singleShot=True)
        self._hide.timeout.connect(lambda: self._show(False))
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._play_next)
        self.looping = self._was = False
        self.alone = False  # what runs was begun by nobody
        session.ended.connect(self._ended)

    @property
    def on(self) -> bool:
        return self._window.isFullScreen()

    def toggle(self) -> None:
        """Full screen with the canvas alone, and back."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.follow()

    def follow(self) -> None:
        """The window may have become full screen, or may be so no more: systems have ways of their own for that."""
        if self.on == self._was:
            return
        self._was, canvas = self.on, self._stage.canvas
        (canvas.installEventFilter if self.on else canvas.removeEventFilter)(self)
        if not self.on:
            self.stop()
            self.ask.hide()
            self._hide.stop()
        self._stage.headline.set_large(self.on)
        self.switched.emit(self.on)
        self._show(not self.on)
        if self.on:
            canvas.let_go()  # a room reads the text, without what hands were about to do to it
            self._window.setFocus()  # no widget wears a frame

    def loop(self) -> None:
        """Play the examples one after the other, slowly enough to be watched; or stop doing so."""
        if self.looping:
            return self.stop()
        if not self.on:
            self.toggle()
        self.looping = True
        return self._play_next()

    def stop(self) -> None:
        """No loop any more; the speed is people's own again."""
        if self.looping:
            self.looping = False
            self._pause.stop()
            self._set_speed(self._usual())

    def _set_speed(self, speed: float) -> None:
        self._stage.player.set_speed(speed)
        self._stage.transport.set_speed(speed)

    def _play_next(self) -> None:
        self._pause.start()  # a race, or a prompt that came to nothing, ends no run: look again
        if self._session.running or self._session.loading:
            return
        prompt = self._examples[self._next % len(self._examples)]
        self._next += 1
        recording = self._session.recording
        steps = recording.settings.steps if recording else 48
        self._set_speed(max(1.0, USUAL * steps / RUN_S))
        self.alone = True
        self._run(prompt)

    def _ended(self) -> None:
        self.alone = False
        if self.looping and self.on:
            self._pause.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.on:
            return False
        if event.type() == QEvent.Type.MouseMove:
            self._show(True)
            self._hide.start()
        return event.type() == QEvent.Type.KeyPress and not event.modifiers() and self.press(event.key())

    def press(self, key: int) -> bool:
        """Keys for a room. Whether it was one of them."""
        if not self.on:
            return False
        player = self._player()
        if key == Qt.Key.Key_T:
            recording = self._session.recording
            self.ask.open(recording.prompt if recording else "")
        elif key in STEPS:
            player.step(STEPS[key])
        else:
            return False
        return True

    def _show(self, shown: bool) -> None:
        self.controls.emit(shown)
        self._stage.canvas.setCursor(Qt.CursorShape.ArrowCursor if shown else Qt.CursorShape.BlankCursor)
