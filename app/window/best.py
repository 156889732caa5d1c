"""Best: one prompt from the noise of several seeds, side by side in a grid; the least surprising text is shown.

All of them are ordinary runs: the others stay in the grid, and among the earlier ones.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QInputDialog, QWidget

from app.keep.prefs import LEAST_BEST, MOST_BEST, Prefs
from app.run.session import Session
from app.tasks import Tasks
from app.window.sweeping import Sweeping
from engine.remote.served import Served
from engine.values.grid import Grid
from engine.values.quality import in_words
from widgets.prompt import Prompt
from widgets.status import Status


class Best(QObject):
    """Stands between the prompt box and the grid."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        prompt: Prompt,
        sweeping: Sweeping,
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._prompt, self._sweeping = window, session, prompt, sweeping
        self._status, self._prefs, self._tasks = status, prefs, tasks

    @property
    def can_ask(self) -> bool:
        """Whether a model on this computer is there, and something to write."""
        here = self._session.model is not None and not isinstance(self._session.model, Served)
        return here and bool(self._prompt.text().strip())

    def ask(self) -> None:
        """Ask how many texts are to be written, and write them."""
        if isinstance(self._session.model, Served):
            self._status.say("A server tells no probabilities: load a model on this computer.", "error")
        elif self._session.model is None:
            self._status.say("No model is loaded yet: choose one, or wait until it is there.", "error")
        elif not self._prompt.text().strip():
            self._status.say("Type what to write, or click an example.", "info")
        else:
            self._open()

    def _open(self) -> None:
        box = QInputDialog(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Best of several")
        box.setLabelText(f"How many texts are to be written, each from other noise ({LEAST_BEST} to {MOST_BEST}):")
        box.setInputMode(QInputDialog.InputMode.IntInput)
        box.setIntRange(LEAST_BEST, MOST_BEST)
        box.setIntValue(self._prefs.best)
        box.setOkButtonText("Write them")  # last: the button of another kind of input cannot be pressed
        box.intValueSelected.connect(self.run)
        box.open()

    def run(self, count: int) -> None:
        """Run what the prompt box says from so many seeds, and show the text that surprises least."""
        self._prefs.best, self._prefs.prompt = count, self._prompt.text()
        self._tasks.start(self._run(count))

    async def _run(self, count: int) -> None:
        """One that is stopped shows the best of what is finished."""
        grid = await self._sweeping.least(count)
        place = grid and grid.least()
        if place is not None and not self._session.running:  # else something else has the word
            self._status.say(self._told(grid), "info")

    def _told(self, grid: Grid) -> str:
        best = grid.qualities[grid.least()]
        done, seed = len(grid.qualities), grid.at(grid.least()).seed
        kept = "it is among the earlier runs, as the others are"
        if self._sweeping.inside:
            kept = "Esc leads to the others"
        few = f"{done} that are finished" if grid.to_do() else f"{done}"
        words = ", ".join(in_words(best.mean, best.share))
        return f"The least surprising of {few}, from seed {seed}: {words}; {kept}."
