"""Sweeping: where a grid meets the rest of the window: its runs are kept as others are, opened, compared, saved.

Files and long work are for other threads.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.keep.dialogs import Dialogs
from app.keep.names import of_grid
from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.session import Session
from app.run.sweep import Sweep
from app.tasks import Tasks, aside
from app.window.past import Past
from app.window.pictures import Pictures
from app.window.talking import Talking
from engine.commands import heat
from engine.commands.sweep import ENDINGS, summary
from engine.values.cliff import sentences
from engine.values.files import whole
from engine.values.grid import Grid, Place
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.words.letters import one_line
from widgets.controls import describe
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status

NOTHING = "There is no grid to save yet: fill one first (Run, Sweep)."


class Sweeping(QObject):
    """Owns the button that leads from a cell on the stage back to its grid."""

    compared = Signal(object, object)  # the recordings of two cells

    def __init__(
        self,
        window: QWidget,
        session: Session,
        sweep: Sweep,
        race: Race,
        prompt: Prompt,
        pictures: Pictures,
        talking: Talking,
        panel: Knobs,
        past: Past,
        show: Callable[[Recording], object],
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
    ) -> None:
        """`show` puts a run on the stage."""
        super().__init__(window)
        self._session, self._sweep, self._past, self._show = session, sweep, past, show
        self._race, self._prompt, self._talking, self._panel = race, prompt, talking, panel
        self._status, self._tasks, self._dialogs = status, tasks, Dialogs(window, prefs)
        self._opened = ""  # the id of the run that was opened from the grid
        self.back = QPushButton("Back to the grid")
        self.back.setProperty("role", "pill")
        self.back.setFixedHeight(28)
        self.back.hide()
        describe(self.back, "Back to the grid", "To the cells that this run is one of (Esc).")
        self.back.clicked.connect(self.toggle)
        sweep.finished.connect(lambda place: tasks.start(self._keep(sweep.grid, place)))
        sweep.cut.connect(lambda place: tasks.start(self._put(sweep.grid, place)))
        sweep.opened.connect(lambda place: tasks.start(self._open(sweep.grid, place)))
        sweep.view.cells.compared.connect(self._compare)
        session.began.connect(self._began)
        session.lined_up.connect(sweep.leave)
        for told in (prompt.edited, panel.changed, pictures.changed, talking.changed, talking.manner.edited):
            told.connect(self.about)

    @property
    def inside(self) -> bool:
        """Whether the run on the stage was opened from the grid."""
        recording = self._session.recording
        return not self._sweep.shown and recording is not None and recording.id == self._opened

    @property
    def shown(self) -> bool:
        """Whether the grid is on screen."""
        return self._sweep.shown

    def toggle(self) -> None:
        """Show the grid, or leave it."""
        if self.shown:
            self._sweep.leave()
        else:
            self._race.leave()
            self.about()
            self._sweep.show()

    def about(self, *_: object) -> None:
        """What the prompt box and the knobs say now."""
        self._sweep.about(self._talking.question(self._prompt.text()), self._panel.settings())

    async def run(self, question: Question, settings: Settings) -> Grid | None:
        """Fill the grid that the fields describe, or go on with it: that grid. None: there can be none."""
        self._sweep.about(question, settings)
        grid = self._sweep.to_fill()
        if grid is not None:
            grid.question = question  # the same, but for what files may keep of it
            await self._session.sweep(grid)
        return grid

    async def least(self, count: int) -> Grid | None:
        """Run what the prompt box says from the noise of `count` seeds, side by side, and open the text that
        surprises least, if people still look: the grid. None: there can be none."""
        self._race.leave()
        self.about()
        self._sweep.ask_seeds(count)
        self._sweep.show()
        grid = await self.run(self._talking.question(self._prompt.text()), self._panel.settings())
        if grid is not None and grid.least() is not None and self.shown:
            await self._open(grid, grid.least())
        return grid

    def _began(self) -> None:
        """Another recording is on the stage."""
        self._sweep.leave()
        self.back.setVisible(self.inside)

    async def _keep(self, grid: Grid, place: Place) -> None:
        """A finished run is one of the history; then its steps need not be here, too."""
        if await self._put(grid, place):
            grid.thin(place)
            self._sweep.tell()

    async def _put(self, grid: Grid, place: Place) -> bool:
        """Among the earlier runs, named after its cell. Whether that was done."""
        name = f"{grid.name(place)}: {one_line(grid.question.prompt)}"
        return await self._past.keep(grid.recordings[place], name)

    async def _open(self, grid: Grid, place: Place) -> None:
        recording = await self._whole(grid, place)
        if recording is not None:
            self._opened = recording.id
            self._show(recording)

    async def _whole(self, grid: Grid, place: Place) -> Recording | None:
        """All steps of a run. None: they are nowhere any more, and that is said."""
        run = grid.recordings[place]
        run = run if grid.whole(place) else await self._past.load(run.id)
        if run is not None:
            run.quality = run.quality or grid.qualities.get(place)
        return run

    def _compare(self, cells: list[tuple[int, int]]) -> None:
        if len(cells) == 2:
            self._status.say("A and B are chosen for comparison.", "info")
            self._tasks.start(self._load_both(self._sweep.grid, [(*cell, 0) for cell in cells]))
        elif cells:
            self._status.say("Chosen as A: Ctrl+click, or Space, chooses the other one.", "info")

    async def _load_both(self, grid: Grid, places: list[Place]) -> None:
        one, other = [await self._whole(grid, place) for place in places]
        if one is not None and other is not None:
            self.compared.emit(one, other)

    # Files

    def save_picture(self) -> None:
        """Ask where the grid is to be drawn, with all its maps, and draw it there."""
        if self._there():
            kinds = " ".join(f"*{ending}" for ending in ENDINGS)
            self._dialogs.save("Save the grid as a picture", f"Pictures ({kinds})", self._name(".png"), self.draw)

    def save_numbers(self) -> None:
        """Ask where what was found is to be written, and write it there."""
        if self._there():
            self._dialogs.save("Save the grid as numbers", "Numbers (*.json)", self._name(".json"), self.write)

    def draw(self, path: str) -> None:
        """Draw the grid into a file."""
        grid = self._sweep.grid.copy()
        self._tasks.start(self._save(path, lambda: heat.draw(grid, path, sentences(grid))))

    def write(self, path: str) -> None:
        """Write what was found into a file."""
        grid = self._sweep.grid.copy()

        def work() -> None:
            text = json.dumps(summary(grid)) + "\n"
            whole.put(path, lambda file: file.write(text.encode()))

        self._tasks.start(self._save(path, work))

    async def _save(self, path: str, work: Callable[[], object]) -> None:
        try:
            await aside(work)
            self._status.say(f"The grid was written to {path}.", "info")
        except (OSError, ValueError) as error:
            self._status.say(
                f"The grid was not written to {path}: {getattr(error, 'strerror', '') or error}.", "error"
            )

    @property
    def filled(self) -> bool:
        """Whether there is a grid with something in it."""
        return self._sweep.grid is not None and bool(self._sweep.grid.qualities)

    def _there(self) -> bool:
        if self.filled:
            return True
        self._status.say(NOTHING, "info")
        return False

    def _name(self, ending: str) -> str:
        return of_grid(self._sweep.grid) + ending
