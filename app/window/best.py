"""Best: one prompt from the noise of several seeds, one after the other; the least surprising text is shown.

All of them are ordinary runs: the others stay among the earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from app.run.session import Session
from app.run.shades import told
from app.tasks import Tasks
from app.window.talking import Talking
from engine.values.quality import least
from engine.values.recording import Recording
from engine.values.settings import Settings
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status

DRAWS = 3


class Best(QObject):
    """Stands between the prompt box with the knobs and the session. `show` puts a run on screen."""

    def __init__(
        self,
        session: Session,
        prompt: Prompt,
        talking: Talking,
        panel: Knobs,
        show: Callable[[Recording], object],
        status: Status,
        tasks: Tasks,
    ) -> None:
        super().__init__(prompt)
        self._session, self._prompt, self._talking = session, prompt, talking
        self._panel, self._show = panel, show
        self._status, self._tasks = status, tasks

    def run(self) -> None:
        """Run what the prompt box says from several seeds, and show the text that surprises least."""
        text = self._prompt.text()
        if not self._session.can_edit:
            self._status.say("A server tells no probabilities: load a model on this computer.", "error")
        elif not text.strip():
            self._status.say("Type what to write, or click an example.", "info")
        else:
            self._tasks.start(self._run(text, self._panel.settings()))

    async def _run(self, prompt: str, settings: Settings) -> None:
        """A run that is stopped, or makes way for another one, ends it."""
        question = self._talking.question(prompt)
        runs: list[Recording] = []
        for draw in range(DRAWS):
            drawn = replace(settings, seed=(settings.seed + draw) % 2**31)
            run = await self._session.run(question, drawn)
            if run is None or run.outcome != "finished" or not await self._session.judge(run):
                return
            runs.append(run)
            self._status.say(f"{draw + 1} of {DRAWS}, from seed {drawn.seed}: {told(run)}", "info")
        found = least({at: run.quality for at, run in enumerate(runs)})
        if found is not None:
            best = runs[found]
            self._show(best)
            others = "the others are among the earlier runs"
            self._status.say(f"The least surprising of {DRAWS}, from seed {best.settings.seed}; {others}.", "info")
