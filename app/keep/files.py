"""Files: what is opened and saved from the window, through dialogs that block nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QWidget

from app import look
from app.keep import export, presets, table
from app.keep.dialogs import Dialogs
from app.keep.names import of_race, proposed
from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.session import Session
from app.run.stage import Stage
from app.tasks import Tasks, aside
from engine.values.metrics import series
from engine.values.presets import Preset
from engine.values.recording import SUFFIX, Recording, RecordingError
from widgets.status import Status

PRESETS = f"Presets (*{presets.SUFFIX})"
RECORDINGS = f"Recordings (*{SUFFIX})"


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
        self._dialogs = Dialogs(window, prefs)
        stage.charts.table_wished.connect(self.export_table)
        stage.charts.picture_wished.connect(self.export_charts)
        self._export_task: asyncio.Task | None = None

    def open_model(self, then: Callable[[str], object]) -> None:
        self._dialogs.folder("Open a model's folder", then)

    def open_recording(self) -> None:
        self._dialogs.open("Open a recording", RECORDINGS, self.replay)

    def save_recording(self) -> None:
        if self._race.shown:
            self._say("A race is not a recording: export it as an animation, or leave it first.")
        elif self._have_frames():
            self.give(self._session.recording)

    def give(self, recording: Recording) -> None:
        """Ask where a recording is to be written, and write it there."""
        name = proposed(recording) + SUFFIX
        self._dialogs.save("Save the recording", RECORDINGS, name, lambda path: self.save(path, recording))

    def export_animation(self) -> None:
        race = self._race
        if race.shown and not race.over:
            self._say("There is nothing to export before the race is over.")
        elif race.shown or self._have_frames():
            kinds = "Animations (*.webp *.gif *.png)"
            self._dialogs.save("Export an animation", kinds, f"{self._name()}.webp", self._export)

    def export_picture(self) -> None:
        name = f"{self._name()}.png"
        self._dialogs.save("Export a picture of the window", "Pictures (*.png)", name, self.picture)

    def replay(self, path: str) -> None:
        """Show a recording from a file."""
        self._tasks.start(self._replay(path))

    async def _replay(self, path: str) -> None:
        try:
            recording = await aside(Recording.load, path)
        except RecordingError as error:
            self._dialogs.forget(path)
            return self._say(str(error), "error")
        self._dialogs.note(path)
        return self.opened.emit(recording)

    def save(self, path: str, recording: Recording | None = None) -> None:
        """Write a recording to a file, as it is now: the one on screen, if none is given."""
        recording = recording or self._session.recording
        self._tasks.start(self._save(path, replace(recording, frames=list(recording.frames))))

    async def _save(self, path: str, recording: Recording) -> None:
        try:
            await aside(recording.save, path)
            self._dialogs.note(path)
            self._say(f"Saved to {path}.")
        except RecordingError as error:
            self._say(str(error), "error")

    def _name(self) -> str:
        """Of what is on screen."""
        if self._race.shown:
            return of_race([lane.recording for lane in self._race.lanes])
        return proposed(self._session.recording) if self._session.recording else "unnoise"

    def picture(self, path: str) -> None:
        """Write the window as it is now to a file."""
        self._stage.canvas.settle()
        self._draw(self._window, path)

    def _draw(self, widget: QWidget, path: str) -> None:
        try:
            export.picture(widget.grab().toImage(), path)
            self._say(f"The picture was written to {path}.")
        except export.ExportError as error:
            self._say(str(error), "error")

    def export_table(self) -> None:
        name = f"{self._name()}.csv"
        self._dialogs.save("Save the numbers", "Tables (*.csv)", name, self.tabulate)

    def tabulate(self, path: str) -> None:
        """Write what was measured of every step to a file."""
        try:
            table.write(path, series(self._session.recording))
            self._say(f"The numbers were written to {path}.")
        except OSError as error:
            self._say(f"The numbers were not written to {path}: {error.strerror or error}.", "error")

    def export_charts(self) -> None:
        name = f"{self._name()}-charts.png"
        self._dialogs.save("Save the charts", "Pictures (*.png)", name, self.chart)

    def chart(self, path: str) -> None:
        """Write the charts as they are now to a file."""
        self._draw(self._stage.charts, path)

    async def animate(self, path: str | Path, size: QSize | None = None) -> None:
        """Write what is on screen, a race or a recording, as an animation. Raises ExportError."""
        race, stage = self._race, self._stage
        theme, view, progress = look.chosen(self._prefs.theme), self._prefs.view, self._progress
        scale, motion = self._window.devicePixelRatioF(), look.moves(self._prefs.motion)  # as sharp as here
        try:
            if race.shown:
                size = size or race.view.size()
                shown = race.lanes, race.scene.cells, path, theme, view, size
                await export.animate_race(*shown, progress, motion, scale)
            else:
                size = size or stage.canvas.size()
                speed = stage.player.speed
                recording = self._session.recording
                await export.animate(recording, path, theme, view, size, speed, progress, motion, scale)
        finally:
            self._status.set_progress("", None)

    def open_preset(self) -> None:
        self._dialogs.open("Open a preset", PRESETS, self.take_preset)

    def take_preset(self, path: str) -> None:
        """Read a preset from a file."""
        try:
            self.preset_opened.emit(presets.read(path))
        except presets.PresetError as error:
            self._say(str(error), "error")

    def share_preset(self, preset: Preset) -> None:
        name = f"{preset.name}{presets.SUFFIX}"
        self._dialogs.save("Share a preset", PRESETS, name, lambda path: self.give_preset(path, preset))

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
