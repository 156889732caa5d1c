"""Files: what is opened and saved from the window, through dialogs that block nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import QFileDialog

from app import look
from app.keep import export
from engine.values.recording import SUFFIX, Recording, RecordingError

if TYPE_CHECKING:
    from app.window.window import Window

RECORDINGS = f"Recordings (*{SUFFIX})"
MODE = QFileDialog.FileMode


class Files(QObject):
    """The file actions of a window. What goes wrong is one sentence in its status line."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window

    def open_model(self, then: Callable[[str], object]) -> None:
        self._ask("Open a model's folder", then, MODE.Directory)

    def open_recording(self) -> None:
        self._ask("Open a recording", self.replay, MODE.ExistingFile, RECORDINGS)

    def save_recording(self) -> None:
        if self._window.race.shown:
            self._say("A race is not a recording: export it as an animation, or leave it first.")
        elif self._have_frames():
            self._ask("Save the recording", self.save, MODE.AnyFile, RECORDINGS, SUFFIX)

    def export_animation(self) -> None:
        race = self._window.race
        if race.shown and not race.over:
            self._say("There is nothing to export before the race is over.")
        elif race.shown or self._have_frames():
            kinds = "Animations (*.gif *.webp *.png)"
            self._ask("Export an animation", self._export, MODE.AnyFile, kinds, ".gif")

    def export_picture(self) -> None:
        self._ask("Export a picture of the window", self.picture, MODE.AnyFile, "Pictures (*.png)", ".png")

    def replay(self, path: str) -> None:
        """Show a recording from a file."""
        try:
            self._window.show_recording(Recording.load(path))
        except RecordingError as error:
            self._say(str(error), "error")

    def save(self, path: str) -> None:
        """Write the recording on screen to a file."""
        try:
            self._window.session.recording.save(path)
            self._say(f"Saved to {path}.")
        except RecordingError as error:
            self._say(str(error), "error")

    def picture(self, path: str) -> None:
        """Write the window as it is now to a file."""
        try:
            export.picture(self._window.grab().toImage(), path)
            self._say(f"The picture was written to {path}.")
        except export.ExportError as error:
            self._say(str(error), "error")

    async def animate(self, path: str | Path, size: QSize | None = None) -> None:
        """Write what is on screen, a race or a recording, as an animation. Raises ExportError."""
        window, race, session = self._window, self._window.race, self._window.session
        theme, view, progress = look.chosen(window.prefs.theme), window.prefs.view, self._progress
        try:
            if race.shown:
                size = size or race.view.size()
                await export.animate_race(race.lanes, race.scene.cells, path, theme, view, size, progress)
            else:
                size = size or window.canvas.size()
                speed = window.stage.player.speed
                await export.animate(session.recording, path, theme, view, size, speed, progress)
        finally:
            window.status.set_progress("", None)

    def _export(self, path: str) -> None:
        self._window.tasks.start(self._export_and_say(path))

    async def _export_and_say(self, path: str) -> None:
        try:
            await self.animate(path)
            self._say(f"The animation was written to {path}.")
        except export.ExportError as error:
            self._say(str(error), "error")

    def _progress(self, fraction: float) -> None:
        self._window.status.set_progress("Exporting", fraction)

    def _have_frames(self) -> bool:
        recording = self._window.session.recording
        if recording is not None and recording.frames:
            return True
        self._say("There is nothing to save yet; run a prompt first.")
        return False

    def _say(self, sentence: str, kind: str = "info") -> None:
        self._window.status.say(sentence, kind)

    def _ask(self, title: str, then: Callable[[str], object], mode: MODE, kinds: str = "", save: str = "") -> None:
        """A file dialog; `then` gets the path that was chosen. With `save`, the ending of a file to write."""
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if save:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(save.lstrip("."))
        if kinds:
            dialog.setNameFilter(kinds)
        dialog.fileSelected.connect(then)
        dialog.open()
