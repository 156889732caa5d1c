"""Files: what is opened and saved from the window, through dialogs that block nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app import look
from app.keep import presets
from app.keep.dialogs import Dialogs
from app.keep.export import (
    FORMATS,
    WINDOW,
    ExportError,
    Offer,
    Order,
    export,
    export_both,
    format_of,
    of_several,
    offers,
)
from app.keep.formats import pictures, still, table
from app.keep.names import of_both, of_preset, of_race, proposed
from app.keep.opening import OpenError, opened
from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.session import Session
from app.run.stage import Stage
from app.run.versus import Versus
from app.tasks import Tasks, aside
from engine.values.picture import SUFFIXES
from engine.values.presets import Preset
from engine.values.recording import SUFFIX, Recording, RecordingError
from widgets.status import Status

PRESETS = f"Presets (*{presets.SUFFIX})"
RECORDINGS = f"Recordings (*{SUFFIX})"
RUNS = f"Runs, also inside pictures and pages, and conversations (*{SUFFIX} *.png *.apng *.webp *.html *.md *.json)"


class Files(QObject):
    """The file actions of a window. What goes wrong is one sentence in its status line."""

    opened = Signal(object)  # the Recording that was read ...
    talk_opened = Signal(object)  # ... or the Conversation
    preset_opened = Signal(object)  # the Preset that was read

    def __init__(
        self,
        window: QWidget,
        session: Session,
        stage: Stage,
        race: Race,
        versus: Versus,
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._stage = window, session, stage
        self._race, self._versus = race, versus
        self._status, self._prefs, self._tasks = status, prefs, tasks
        self._dialogs = Dialogs(window, prefs)
        stage.charts.table_wished.connect(self.export_table)
        stage.charts.picture_wished.connect(self.export_charts)
        self._exports: set[asyncio.Task] = set()

    def open_model(self, then: Callable[[str], object]) -> None:
        self._dialogs.folder("Open a model's folder", then)

    def choose_pictures(self, then: Callable[[list[str]], object]) -> None:
        """Ask which pictures the prompt is to show."""
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        self._dialogs.several("Add pictures to the prompt", f"Pictures ({kinds})", then)

    def open_recording(self) -> None:
        self._dialogs.open("Open a run or a conversation", RUNS, self.open)

    @property
    def can_save(self) -> bool:
        """Whether there is one recording on screen, with something in it."""
        return self._has_frames and not self._race.shown

    @property
    def can_export(self) -> bool:
        """Whether what is on screen, a run, two or a race, is there to be written."""
        if self._versus.shown:
            return self._versus.line is not None
        return self._race.over if self._race.shown else self._has_frames

    @property
    def _has_frames(self) -> bool:
        return self._session.recording is not None and bool(self._session.recording.frames)

    def save_recording(self) -> None:
        if self._race.shown:
            self._say("A race is not a recording: export it as an animation, or leave it first.")
        elif self._have_frames():
            self.give(self._session.recording)

    def give(self, recording: Recording) -> None:
        """Ask where a recording is to be written, and write it there."""
        name = proposed(recording) + SUFFIX
        self._dialogs.save("Save the recording", RECORDINGS, name, lambda path: self.save(path, recording))

    def export_run(self) -> None:
        """Ask how and where what is on screen, a run, two or a race, is to be written, and write it there."""
        race, versus = self._race, self._versus
        if versus.shown and versus.line is None:
            self._say("There is nothing to export before both runs are over.")
        elif race.shown and not (race.over or versus.shown):
            self._say("There is nothing to export before the race is over.")
        elif versus.shown or race.shown or self._have_frames():
            kinds = self._offers()
            self._dialogs.export("Export the run", kinds, f"{self._name()}.webp", self.export)

    def _offers(self) -> list[Offer]:
        """What is on screen can be written so."""
        if self._versus.shown:
            return of_several([format for format in FORMATS if format.pairs])
        if self._race.shown:
            return of_several([format for format in FORMATS if format.moves])
        return offers(self._session.recording)

    def export_picture(self) -> None:
        """The same of a picture of the window."""
        run = self._carried()
        kinds = offers(run, [WINDOW]) if run else [Offer(WINDOW, True)]
        name = f"{self._name()}.png"
        self._dialogs.export("Export a picture of the window", kinds, name, self.picture)

    def open(self, path: str) -> None:
        """Show what is in a file: a run or a conversation; or take up the preset that is."""
        self._tasks.start(self._open(path))

    async def _open(self, path: str) -> None:
        try:
            found = await aside(opened, path)
        except OpenError as error:
            self._dialogs.forget(path)
            return self._say(str(error), "error")
        if isinstance(found, Preset):
            return self.preset_opened.emit(found)
        self._dialogs.note(path)
        return (self.opened if isinstance(found, Recording) else self.talk_opened).emit(found)

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
        if self._versus.line is not None:
            return of_both(self._versus.line.runs)
        if self._race.shown:
            return of_race([lane.recording for lane in self._race.lanes])
        return proposed(self._session.recording) if self._session.recording else "unnoise"

    def export(self, path: str, bare: bool = False) -> None:
        """Write what is on screen to a file, in the format that its name tells."""
        self._begin(self._export(path, bare), path)

    async def _export(self, path: str, bare: bool) -> str:
        if self._versus.shown or self._race.shown:
            await self.animate(path)
            return ""
        format, recording = format_of(path), self._kept()
        await export(recording, path, self._order(bare))
        return format.inside(recording, bare)

    def picture(self, path: str, bare: bool = True) -> None:
        """Write the window as it is now to a file."""
        self._stage.canvas.settle()
        self._draw(self._window.grab().toImage(), path, None if bare else self._carried())

    def _draw(self, image: QImage, path: str, recording: Recording | None = None) -> None:
        async def write() -> str:
            await still.write_image(image, path, self._order(), recording)
            return WINDOW.inside(recording, bare=False) if recording else ""

        self._begin(write(), path)

    def export_table(self) -> None:
        name = f"{self._name()}.csv"
        self._dialogs.save("Save the numbers", "Tables (*.csv)", name, self.tabulate)

    def tabulate(self, path: str) -> None:
        """Write what was measured of every step to a file."""
        self._begin(table.write(self._kept(), Path(path), self._order()), path)

    def export_charts(self) -> None:
        name = f"{self._name()}-charts.png"
        self._dialogs.save("Save the charts", "Pictures (*.png)", name, self.chart)

    def chart(self, path: str) -> None:
        """Write the charts as they are now, with the headline of the run, to a file."""
        self._draw(self._stage.poster(), path)

    async def animate(self, path: str | Path, size: QSize | None = None) -> None:
        """Write what is on screen, two runs, a race or a recording, as it moves. Raises ExportError."""
        race, versus, order = self._race, self._versus, self._order(bare=True, size=size)
        try:
            if versus.line is not None:
                await export_both(versus.line, path, order, versus.duo.order != "AB")
            elif race.shown:
                await pictures.write_race(race.lanes, race.scene.cells, path, order)
            else:
                await pictures.write(self._kept(), Path(path), order)
        finally:
            self._status.set_progress("", None)

    def _order(self, bare: bool = False, size: QSize | None = None) -> Order:
        """As it is on screen, and as sharp."""
        shown = (each for each in (self._versus, self._race) if each.shown)
        of = next(shown, self._stage)
        player, view = of.player, self._stage.canvas if of is self._stage else of.view
        size = size or view.size()
        return Order(
            theme=look.chosen(self._prefs.theme).name,
            view=self._prefs.view,
            size=(size.width(), size.height()),
            scale=self._window.devicePixelRatioF(),
            speed=player.speed,
            motion=look.moves(self._prefs.motion),
            surprise=self._versus.duo.coloured,
            step=max(0, player.index),
            bare=bare,
            progress=lambda share: self._status.set_progress("Exporting", share),
        )

    def _kept(self) -> Recording:
        """The recording on screen as it is now: it may be growing."""
        recording = self._session.recording
        return replace(recording, frames=list(recording.frames))

    def _carried(self) -> Recording | None:
        """What a picture of the window can carry."""
        there = self._session.recording is not None and self._session.recording.frames and not self._race.shown
        return self._kept() if there else None

    def open_preset(self) -> None:
        self._dialogs.open("Open a preset", PRESETS, self.take_preset)

    def take_preset(self, path: str) -> None:
        """Read a preset from a file."""
        self._tasks.start(self._take_preset(path))

    async def _take_preset(self, path: str) -> None:
        try:
            self.preset_opened.emit(await aside(presets.read, path))
        except presets.PresetError as error:
            self._say(str(error), "error")

    def share_preset(self, preset: Preset) -> None:
        name = f"{of_preset(preset.name)}{presets.SUFFIX}"
        self._dialogs.save("Share a preset", PRESETS, name, lambda path: self.give_preset(path, preset))

    def give_preset(self, path: str, preset: Preset) -> None:
        """Write a preset to a file."""
        self._tasks.start(self._give_preset(path, preset))

    async def _give_preset(self, path: str, preset: Preset) -> None:
        try:
            await aside(presets.write, path, preset)
            self._say(f"The preset was written to {path}.")
        except presets.PresetError as error:
            self._say(str(error), "error")

    def cancel(self) -> bool:
        """Give up what is being exported. Whether there was anything."""
        return sum(task.cancel() for task in self._exports) > 0

    def _begin(self, work: Coroutine[Any, Any, str | None], path: str) -> None:
        """Write a file that can be given up meanwhile. `work` returns what else there is to say of it."""
        task = self._tasks.start(self._written(work, path))
        self._exports.add(task)
        task.add_done_callback(self._exports.discard)

    async def _written(self, work: Coroutine[Any, Any, str | None], path: str) -> None:
        self._say("Exporting.")
        try:
            more = await work
            self._say(f"Written to {path}: {more}." if more else f"Written to {path}.")
        except asyncio.CancelledError:
            self._say("The export was cancelled; nothing was written.")
            raise
        except ExportError as error:
            self._say(str(error), "error")
        finally:
            self._status.set_progress("", None)

    def _have_frames(self) -> bool:
        if self._has_frames:
            return True
        self._say("There is nothing to save yet; run a prompt first.")
        return False

    def _say(self, sentence: str, kind: str = "info") -> None:
        self._status.say(sentence, kind)
