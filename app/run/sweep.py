"""Sweep: a grid of runs on screen: what is to be tried, how far it is, what was found.

Knows no model: the session has a grid that is filled, or it is over. What becomes of its runs is for others.
"""

from __future__ import annotations

from math import isnan
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.run.findings import COLOURS, At, Heat, memory, running, square, summary, time
from app.run.session import Session
from engine.values.axis import FIXED, Axis
from engine.values.cliff import Cliff, cliff, line_of
from engine.values.grid import Grid, Place
from engine.values.question import Question
from engine.values.settings import SAMPLERS, Settings, counted, knobs
from widgets.range import Range
from widgets.status import Status
from widgets.survey import PLAIN, Survey

AGREE_MS, AGREE_S = 50, 0.01  # between two looks at how alike texts are, and seconds for one: each takes its time
FOLLOW_MS = 100  # between two looks at a cell that runs: few, as drawing takes time from it
# What is proposed for the knobs.
USUAL = {
    "steps": "4-48[6]",
    "t_max": "0.2-1.0[5]",
    "t_min": "0.0-0.8[5]",
    "sampler": ", ".join(SAMPLERS),
    "entropy_bound": "0.05, 0.1, 0.2, 0.5, 1",
    "accept_above": "0.5-0.95[4]",
    "stability": "0-3",
    "confidence": "0, 0.005, 0.05, 0.5",
    "proofread": "0-2",
    "canvases": "1, 2",
    "seed": "7-12",
}
EMPTY = "Say what to try, and fill the grid."
READY = "A click or Enter opens a cell. Ctrl+click or Space chooses two for comparison."
SWITCHED = "on, off"  # for all others
ABOUT = (
    "question",
    "x",
    "y",
    "draws",
)  # these and the knobs of a first cell tell grids apart


class Sweep(QObject):
    """Owns the widget that shows a grid. `shown`: whether that is on screen."""

    switched = Signal()  # the grid is shown, or was left
    finished = Signal(object)  # the place of a run
    cut = Signal(object)  # that of a run that was stopped on its way
    opened = Signal(object)  # the place of a run that people want on the stage

    def __init__(self, session: Session, status: Status, parent: QObject) -> None:
        super().__init__(parent)
        helps = {name: each.help for name, each in COLOURS.items()}
        self.view = Survey({PLAIN: "The canvases as they are."} | helps)
        self.shown = False
        self.grid: Grid | None = None  # that is filled, or was
        self._session, self._status = session, status
        self._question, self._settings = Question(""), Settings()
        self._colour, self._done = PLAIN, 0
        self._cliffs: dict[int, Cliff] = {}  # by the line along the steps
        self._ends = "", ""  # of the colours that are shown
        self._unlike = QTimer(self, interval=AGREE_MS)
        self._timer = QTimer(self, interval=FOLLOW_MS)
        self._set_fields()
        self._wire()

    def _set_fields(self) -> None:
        view = self.view
        labels = {name: knob.label for name, knob in knobs().items() if name not in FIXED and not knob.screen}
        usual = {name: USUAL.get(name, SWITCHED) for name in labels}
        view.across.set_knobs(labels, usual)
        view.down.set_knobs({"": ""} | labels, usual)
        view.across.choose("steps")
        view.down.choose("t_max")

    def _wire(self) -> None:
        view, session = self.view, self._session
        connections = [
            (view.edited, self.tell),
            (view.leave_wished, self.leave),
            (view.colour_chosen, self.set_colour),
            (view.cells.opened, self._open),
            (view.cells.looked_at, self._show_found),
            (session.laid_out, self._begin),
            (session.swept, self._end),
            (self._timer.timeout, self._follow),
            (self._unlike.timeout, self._agree),
        ]
        for signal, slot in connections:
            signal.connect(slot)

    def show(self) -> None:
        """Put the grid on screen: the one that is there, or what one would be."""
        self.shown = True
        self.switched.emit()
        self.tell()
        self.view.cells.setFocus()
        if not self._session.sweeping:
            self._status.say(READY if self.grid and self.grid.qualities else EMPTY, "info")

    def leave(self) -> None:
        """Back to the one canvas, as it was. A sweep goes on meanwhile."""
        if self.shown:
            self.shown = False
            self.switched.emit()

    # What is to be tried

    def about(self, question: Question, settings: Settings) -> None:
        """What the prompt box and the knobs say now."""
        self._question, self._settings = question, settings
        if self.shown:
            self.tell()

    def wanted(self) -> Grid | None:
        """The grid that the fields describe; the one that is there, if that is about the same, and by the same
        model. None: the fields cannot be read so, and it is said why."""
        y = self._axis(self.view.down, "down")
        x = self._axis(self.view.across, "across")  # the last, so that it is told first
        if x is None or (self.view.down.name and y is None):
            return None
        try:
            grid = self._grid(x, y)
        except ValueError as error:
            self.view.set_told(str(error), "down")
            return None
        return self.grid if self._is_there(grid) else grid

    def to_fill(self) -> Grid | None:
        """The grid to fill: the one that is there, if a part of it is missing; else another one. None: none."""
        grid = self.wanted()
        if grid is not None and not grid.to_do():
            return self._grid(grid.x, grid.y)
        return grid

    def ask_seeds(self, count: int) -> None:
        """Let the fields describe one prompt under the noise of some seeds, from that of the knobs on."""
        first = min(self._settings.seed, int(knobs()["seed"].maximum) + 1 - count)
        self.view.across.put("seed", f"{first}-{first + count - 1}")
        self.view.down.put("", "")
        self.view.set_draws(1)

    def _grid(self, x: Axis, y: Axis | None) -> Grid:
        """An empty one about what is asked now."""
        return Grid(self._question, self._settings, x, y, self.view.draws)

    def _axis(self, field: Range, way: str) -> Axis | None:
        """What a field says, None if nothing or nothing that can be read. What it means is told at the field."""
        try:
            axis = Axis.of(field.name, field.text) if field.name else None
        except ValueError as error:
            self.view.set_told(str(error), way)
            axis = None
        field.set_meaning(axis.told if axis else "")
        return axis

    def _is_there(self, grid: Grid) -> bool:
        there, model = self.grid, self._session.model
        if there is None or (model is not None and any(r.model != model.name for r in there.recordings.values())):
            return False
        same = all(getattr(there, name) == getattr(grid, name) for name in ABOUT)
        return same and there.at((0, 0, 0)) == grid.at((0, 0, 0))

    def tell(self) -> None:
        """Say what it would be, or how far it is."""
        if self._session.sweeping:
            return self._show_progress()
        grid = self.wanted()
        if grid is None:
            return self.view.set_filling(False)
        self.view.set_filling(False, again=grid is self.grid and bool(grid.qualities and grid.to_do()))
        if grid is self.grid:
            return self._show_progress()
        self.view.set_told(self._cost(grid))
        return self._lay_out(grid) if self.grid is None else None

    def _cost(self, grid: Grid) -> str:
        """What a grid takes: steps; time at the pace on screen; memory."""
        steps, run, model = (
            [grid.most(place) for place in grid.places()],
            self._session.recording,
            self._session.model,
        )
        turns, runs = grid.question.before.exchanges - grid.question.before.left, counted(len(steps), "run")
        runs += f" behind {counted(turns, 'turn')} of the conversation" if turns else ""
        runs += " that fill the gaps" if grid.question.answer else ""
        parts = [f"{runs}, of up to {counted(max(steps), 'step')}, {sum(steps):,} at most in all"]
        if run is not None and run.frames and model is not None and run.model == model.name:
            pace = float(np.mean([frame.step_seconds for frame in run.frames]))
            parts += [] if isnan(pace) else [f"at most {time(pace * sum(steps))} at the pace of the run before"]
            parts.append(f"up to {memory(run.frames[-1].nbytes * max(steps))} of memory, for one run at a time")
        return " \u00b7 ".join(parts) + "."

    # How far it is

    def _begin(self) -> None:
        """Follow the session's grid."""
        if self.grid is not self._session.grid:
            self.grid, self._done = self._session.grid, 0
            self._lay_out(self.grid)
        self.view.cells.set_lexicon(self._session.model.lexicon)
        self.view.set_filling(True)
        self._timer.start()
        self._status.say("Filling the grid.", "info")
        self._follow()

    def _lay_out(self, grid: Grid) -> None:
        """Empty cells."""
        down = (grid.y.label, grid.y.shown) if grid.y else ("", [""])
        self.view.cells.set_axes((grid.x.label, down[0]), (grid.x.shown, down[1]))
        self._cliffs = {}
        self.view.set_found("", "")

    def _follow(self) -> None:
        """Show the cell that runs; where more is finished than at the last look, all of them."""
        grid = self.grid
        fresh = list(grid.qualities)[self._done :]
        if fresh:
            self._done += len(fresh)
            self._weigh(fresh)
            self._show_found(*self._at())
            self._unlike.start()
        growing = running(grid)
        if growing is not None:
            self.view.cells.set_square(growing[:2], square(grid, growing[:2], Heat(grid, PLAIN)))
        self._show_progress()
        for place in fresh:
            self.finished.emit(place)

    def _weigh(self, fresh: list[Place]) -> None:
        """Show what these runs have changed: their cells; the line that another step count is enough in; with other
        ends of the colours all."""
        grid, cells = self.grid, {place[:2] for place in fresh}
        lines = {line for at in cells if (line := line_of(grid, *at)) is not None}
        before = {line: self._cliffs[line].steps for line in lines & self._cliffs.keys()}
        self._cliffs |= {line: cliff(grid, line) for line in lines}
        moved = {line for line in lines if before.get(line) != self._cliffs[line].steps}
        cells |= {at for at in np.ndindex(*grid.size) if line_of(grid, *at) in moved} if moved else set()
        self._show_cells(cells)

    def _agree(self) -> None:
        """See how alike some more texts are; the one that all are compared with comes first."""
        grid, until, found = self.grid, perf_counter() + AGREE_S, set()
        careful = {(*grid.careful, draw) for draw in range(grid.draws)} & grid.qualities.keys()
        draws = {place[2] for place in careful}
        waiting = [place for place in grid.qualities if place not in grid.agreed and place[2] in draws]
        for place in sorted(waiting, key=lambda place: place not in careful):
            if perf_counter() > until:
                break
            grid.agreement(place)
            found.add(place[:2])
        if not waiting:
            self._unlike.stop()
        elif found:
            self._show_cells(found)

    def _end(self) -> None:
        """Nothing more comes."""
        self._timer.stop()
        self._follow()
        grid = self.grid
        self._show_cells({place[:2] for place in grid.recordings if place not in grid.qualities})
        for place, run in grid.recordings.items():
            if run.outcome == "stopped" and run.frames:
                self.cut.emit(place)
        self.view.set_filling(False, again=bool(grid.qualities and grid.to_do()))
        if grid.outcome == "finished":
            self._status.say(READY, "info")
        elif grid.outcome == "stopped":
            self._status.say(f"The grid was stopped: {self._kept()}.", "info")

    def _show_progress(self) -> None:
        grid, going = self.grid, self._session.sweeping
        done = summary(grid) if not grid.to_do() else self._kept()
        self.view.set_told(f"{grid.progress() if going else done}.")
        self.view.set_progress(len(grid.qualities) / len(grid.places()))

    def _kept(self) -> str:
        return f"{len(self.grid.qualities)} of {len(self.grid.places())} runs are finished, and kept"

    # What was found

    def set_colour(self, name: str) -> None:
        """Colour the cells by one of COLOURS, or by nothing."""
        self._colour = name
        if self.grid is None:
            return self.view.set_colour(name)
        self._agree()
        return self._show_cells(set(np.ndindex(*self.grid.size)))

    def _show_cells(self, cells: set[At]) -> None:
        """Show some cells; all of them, if the ends of the colours are others by now."""
        grid, heat = self.grid, Heat(self.grid, self._colour)
        if heat.ends != self._ends:
            self._ends, cells = heat.ends, set(np.ndindex(*grid.size))
        self.view.set_colour(self._colour, *heat.ends)
        for at in cells:
            self.view.cells.set_square(at, square(grid, at, heat)._replace(enough=self._is_enough(at)))

    def _at(self) -> tuple[int, int]:
        index = self.view.cells.currentIndex()
        return (index.column(), index.row()) if index.isValid() else (0, 0)

    def _cliff(self, at: tuple[int, int]) -> Cliff | None:
        """That of the line that a cell is in."""
        return self._cliffs.get(line_of(self.grid, *at)) if self._cliffs else None

    def _is_enough(self, at: tuple[int, int]) -> bool:
        found = self._cliff(at)
        return found is not None and found.steps == self._steps(at)

    def _steps(self, at: At) -> int:
        along = [axis.name for axis in self.grid.axes].index("steps")
        return self.grid.axes[along].values[at[along]]

    def _show_found(self, x: int, y: int) -> None:
        """What is known of the line that people look at."""
        found = self._cliff((x, y))
        every = list(dict.fromkeys(self._cliffs[line].sentence() for line in sorted(self._cliffs)))
        self.view.set_found(*(found.sentence(), found.proof(), every) if found else ("", ""))

    def _open(self, x: int, y: int) -> None:
        if self.grid is not None and (x, y, 0) in self.grid.qualities:
            self.opened.emit((x, y, 0))
        else:
            self._status.say("This cell has no finished run yet.", "info")
