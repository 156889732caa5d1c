"""Panels: which parts of the window people want to see beside the canvas: knobs, charts, earlier runs.

Where they are and whether there is room for them is the body's.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.stage import Stage
from app.run.sweep import Sweep
from app.run.versus import Versus
from app.window.body import Body
from app.window.filling import Filling
from app.window.ruling import Ruling
from app.window.talking import Talking
from widgets.status import Status
from widgets.strip import Strip

NARROW = "There is no room for earlier runs: make the window higher, or go back to the one canvas."


class Panels(QObject):
    """Stands between the wishes of menus and the body."""

    def __init__(
        self,
        body: Body,
        prefs: Prefs,
        stage: Stage,
        race: Race,
        sweep: Sweep,
        versus: Versus,
        filling: Filling,
        ruling: Ruling,
        talking: Talking,
        strip: Strip,
        status: Status,
    ) -> None:
        super().__init__(body)
        self._body, self._prefs, self._stage, self._versus = body, prefs, stage, versus
        self._instead = versus, race, sweep
        self._filling, self._ruling, self._strip, self._status = filling, ruling, strip, status
        changes = filling.changed, ruling.changed, strip.filled, stage.looked, talking.changed
        changes += (versus.view.knobs_wished,)
        for changed in (*changes, *(each.switched for each in self._instead)):
            changed.connect(self.show)

    def show(self, *_: object) -> None:
        """All that is wanted, as far as there is room."""
        instead = next((each.view for each in self._instead if each.shown), None)
        self._body.arrange(self._prefs.panels, instead, self._below(), self._prefs.strip)

    def toggle(self) -> None:
        """Show or hide knobs and charts; between two runs the knobs."""
        if self._versus.shown:
            return self._versus.view.knobs.toggle()
        self._prefs.panels = not self._prefs.panels
        return self.show()

    def toggle_strip(self) -> None:
        """Show or hide the earlier runs."""
        self._prefs.strip = not self._prefs.strip
        self.show()
        if self._prefs.strip and not self._strip.isVisible():
            self._say_no_strip()

    @property
    def has_runs(self) -> bool:
        """Whether there are earlier runs."""
        return not self._strip.empty

    def search_runs(self) -> None:
        """Show the earlier runs, and look for some of them."""
        self._prefs.strip = True
        self.show()
        if self._strip.isVisible():
            self._strip.focus()
        else:
            self._say_no_strip()

    def _below(self) -> QWidget:
        """What stands below the canvas."""
        if self._ruling.shows:
            return self._ruling.view
        return self._filling.view.gaps if self._filling.shows else self._stage.charts

    def _say_no_strip(self) -> None:
        self._status.say("There are no earlier runs yet." if self._strip.empty else NARROW, "info")
