"""Looks: how things look, as people like it: view, theme, motion, whether thoughts are folded, the legend.

Each choice is kept in the preferences, and given to every canvas there is.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app import look
from app.keep.prefs import LEAST_ZOOM, MOST_ZOOM, Prefs
from app.run.race import Race
from app.run.stage import Stage
from app.run.sweep import Sweep
from app.run.versus import Versus
from app.window.help import show_help
from app.window.ruling import Ruling
from widgets.canvas import VIEWS, Canvas
from widgets.header import Header
from widgets.status import Status
from widgets.strip import Strip

NOTCH = 1.1  # how many times as large type is, a notch of the wheel
LEARNT = 3  # runs with a legend below the canvas; later it is a sign to point at


class Looks(QObject):
    """Stands between the wishes of menus and header, and all that is painted."""

    def __init__(
        self,
        window: QWidget,
        prefs: Prefs,
        header: Header,
        stage: Stage,
        ruling: Ruling,
        race: Race,
        sweep: Sweep,
        versus: Versus,
        strip: Strip,
        status: Status,
    ) -> None:
        super().__init__(window)
        self._window, self._prefs, self._header, self._stage, self._status = window, prefs, header, stage, status
        self._views = race.view, sweep.view, versus.view
        self._race, self._versus = race, versus
        self._themed = (header, stage, ruling.view, *self._views, strip)
        for canvas in self._canvases():
            canvas.fold_wished.connect(self.toggle_thought)
            canvas.zoom_wished.connect(self.zoom)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)

    def restore(self) -> None:
        """Everything as the preferences say."""
        self.set_view(self._prefs.view)
        self._fold()
        self._set_motion()
        self._set_zoom(self._prefs.zoom)
        self._stage.canvas.set_legend(self._prefs.runs <= LEARNT)

    def toggle_view(self) -> None:
        """The next of the views."""
        self.set_view(VIEWS[(VIEWS.index(self._prefs.view) + 1) % len(VIEWS)])

    def set_view(self, view: str) -> None:
        view = self._prefs.view = view if view in VIEWS else "auto"
        for shown in (self._stage.canvas, *self._views, self._header.views):
            shown.set_view(view)

    def zoom(self, notches: int) -> None:
        """Larger type on every canvas, or smaller."""
        self._set_zoom(self._prefs.zoom * NOTCH**notches)
        self._status.say(f"Type of {self._prefs.zoom:.0%}. Ctrl+0: as large as fits.", "info")

    def zoom_in(self) -> None:
        self.zoom(1)

    def zoom_out(self) -> None:
        self.zoom(-1)

    def zoom_off(self) -> None:
        """Type as large as fits."""
        self._set_zoom(1.0)
        self._status.say("Type as large as fits.", "info")

    def _set_zoom(self, zoom: float) -> None:
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
        self._prefs.zoom = 1.0 if abs(zoom - 1.0) < 0.02 else zoom
        for canvas in self._canvases():
            canvas.set_zoom(self._prefs.zoom)

    def toggle_thought(self) -> None:
        """Show what the model thought before its answer, or fold it away."""
        self._prefs.folded = not self._prefs.folded
        self._fold()

    def _fold(self) -> None:
        for canvas in self._canvases():
            canvas.set_folded(self._prefs.folded)

    def toggle_motion(self) -> None:
        """Whether what changes on a canvas is seen to move."""
        self._prefs.motion = not self._prefs.motion
        moves = self._set_motion()
        asked = "Your system asks for less motion: there is none."
        said = "Motion is on." if moves else asked if self._prefs.motion else "Motion is off."
        self._status.say(said, "info")

    def _set_motion(self) -> bool:
        moves = look.moves(self._prefs.motion)
        for canvas in self._canvases():
            canvas.set_motion(moves)
        return moves

    def toggle_theme(self) -> None:
        self._prefs.theme = "light" if look.chosen(self._prefs.theme).name == "dark" else "dark"
        self.apply_theme()

    def apply_theme(self, *_: object) -> None:
        theme = look.chosen(self._prefs.theme)
        look.apply(QApplication.instance(), theme)
        for themed in self._themed:
            themed.set_theme(theme)

    def count_run(self) -> None:
        """Whoever has seen a few runs knows what the looks mean, and the canvas gets the room of the legend."""
        self._prefs.runs = min(self._prefs.runs + 1, LEARNT + 1)
        self._stage.canvas.set_legend(self._prefs.runs <= LEARNT)

    def show_help(self) -> None:
        show_help(self._window, look.chosen(self._prefs.theme))

    def _canvases(self) -> list[Canvas]:
        lanes = (*self._race.view.lanes, *self._versus.view.sides)
        return [self._stage.canvas, *(lane.canvas for lane in lanes)]
