"""Files: what is opened and saved from the window, through dialogs that block nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app import look
from app.keep import export, presets
from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.session import Session
from app.run.stage import Stage
from app.tasks import Tasks
from engine.values.presets import Preset
from engine.values.recording import SUFFIX, Recording, RecordingError
from widgets.status import Status

PRESETS = f"Presets (*{presets.SUFFIX})"
RECORDINGS = f"Recordings (*{SUFFIX})"
MODE = QFileDialog.FileMode


class Files(QObject):
    """The file actions of a window. What goes wrong is one sentence in its status line."""

    opened = Signal(object)  # the Recording that was read
    preset_opened = Signal(object)  # the Preset that was read

    def __init__(
        self,
        window: QWidget,
        session: Session,
        stage: Stage,
        race: Race,
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._stage, self._race = window, session, stage, race
        self._status, self._prefs, self._tasks = status, prefs, tasks
        self._export_task: asyncio.Task | None = None

    def open_model(self, then: Callable[[str], object]) -> None:
        self._ask("Open a model's folder", then, MODE.Directory)

    def open_recording(self) -> None:
        self._ask("Open a recording", self.replay, MODE.ExistingFile, RECORDINGS)

    def save_recording(self) -> None:
        if self._race.shown:
            self._say("A race is not a recording: export it as an animation, or leave it first.")
        elif self._have_frames():
            self._ask("Save the recording", self.save, MODE.AnyFile, RECORDINGS, SUFFIX)

    def export_animation(self) -> None:
        race = self._race
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
            self.opened.emit(Recording.load(path))
        except RecordingError as error:
            self._say(str(error), "error")

    def save(self, path: str) -> None:
        """Write the recording on screen to a file."""
        try:
            self._session.recording.save(path)
            self._say(f"Saved to {path}.")
        except RecordingError as error:
            self._say(str(error), "error")

    def picture(self, path: str) -> None:
        """Write the window as it is now to a file."""
        try:
            self._stage.canvas.settle()
            export.picture(self._window.grab().toImage(), path)
            self._say(f"The picture was written to {path}.")
        except export.ExportError as error:
            self._say(str(error), "error")

    async def animate(self, path: str | Path, size: QSize | None = None) -> None:
        """Write what is on screen, a race or a recording, as an animation. Raises ExportError."""
        race, stage = self._race, self._stage
        theme, view, progress = look.chosen(self._prefs.theme), self._prefs.view, self._progress
        scale = self._window.devicePixelRatioF()  # as sharp as on this screen
        try:
            if race.shown:
                size = size or race.view.size()
                await export.animate_race(race.lanes, race.scene.cells, path, theme, view, size, progress, scale)
            else:
                size = size or stage.canvas.size()
                speed = stage.player.speed
                motion = look.moves(self._prefs.motion)
                recording = self._session.recording
                await export.animate(recording, path, theme, view, size, speed, progress, motion, scale)
        finally:
            self._status.set_progress("", None)

    def open_preset(self) -> None:
        self._ask("Open a preset", self.take_preset, MODE.ExistingFile, PRESETS)

    def take_preset(self, path: str) -> None:
        """Read a preset from a file."""
        try:
            self.preset_opened.emit(presets.read(path))
        except presets.PresetError as error:
            self._say(str(error), "error")

    def share_preset(self, preset: Preset) -> None:
        self._ask(
            "Share a preset", lambda path: self.give_preset(path, preset), MODE.AnyFile, PRESETS, presets.SUFFIX
        )

    def give_preset(self, path: str, preset: Preset) -> None:
        """Write a preset to a file."""
        try:
            presets.write(path, preset)
            self._say(f"The preset was written to {path}.")
        except presets.PresetError as error:
            self._say(str(error), "error")

    def cancel(self) -> bool:
        """Give up the export that goes on. Whether there was one."""
        goes_on = self._export_task is not None and not self._export_task.done()
        if goes_on:
            self._export_task.cancel()
        return goes_on

    def _export(self, path: str) -> None:
        self._say("Exporting.")
        self._export_task = self._tasks.start(self._export_and_say(path))

    async def _export_and_say(self, path: str) -> None:
        try:
            await self.animate(path)
            self._say(f"The animation was written to {path}.")
        except asyncio.CancelledError:
            self._say("The export was cancelled; nothing was written.")
            raise
        except export.ExportError as error:
            self._say(str(error), "error")

    def _progress(self, fraction: float) -> None:
        self._status.set_progress("Exporting", fraction)

    def _have_frames(self) -> bool:
        recording = self._session.recording
        if recording is not None and recording.frames:
            return True
        self._say("There is nothing to save yet; run a prompt first.")
        return False

    def _say(self, sentence: str, kind: str = "info") -> None:
        self._status.say(sentence, kind)

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
