"""Asking: what people ask the engine to write, and with which model.

A run on the prompt box, on what is on screen, or on a knob that was moved: all of them begin here.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from app.keep.prefs import Prefs
from app.run.race import Race
from app.run.session import Session
from app.run.versus import Versus
from app.tasks import Tasks
from app.window.filling import Filling
from app.window.past import Past
from app.window.picker import Models
from app.window.pictures import Pictures
from app.window.sweeping import Sweeping
from app.window.talking import Talking
from app.window.tuning import Tuning
from engine.remote.served import Served
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from widgets.knobs import Knobs
from widgets.prompt import Prompt
from widgets.status import Status


class Asking(QObject):
    """Stands between the prompt box with the knobs and the session."""

    def __init__(
        self,
        session: Session,
        prompt: Prompt,
        panel: Knobs,
        race: Race,
        versus: Versus,
        sweeping: Sweeping,
        filling: Filling,
        tuning: Tuning,
        models: Models,
        past: Past,
        pictures: Pictures,
        talking: Talking,
        status: Status,
        prefs: Prefs,
        tasks: Tasks,
    ) -> None:
        super().__init__(prompt)
        self._session, self._prompt, self._panel, self._race = session, prompt, panel, race
        self._versus, self._sweeping = versus, sweeping
        self._filling, self._tuning, self._models, self._past = filling, tuning, models, past
        self._pictures, self._talking = pictures, talking
        self._status, self._prefs, self._tasks = status, prefs, tasks

    # What can be done at the moment

    @property
    def can_run(self) -> bool:
        """Whether there is something to write."""
        return bool(self._prompt.text().strip())

    @property
    def can_run_again(self) -> bool:
        """Whether there is a run on screen, or something to write."""
        return self.can_run or (self._session.recording is not None and not self._race.shown)

    @property
    def can_race(self) -> bool:
        """Whether there is something to write, and not by a server."""
        return self.can_run and not isinstance(self._session.model, Served)

    @property
    def can_follow(self) -> bool:
        """Whether there is one answer on screen to go on from, and something to ask."""
        alone = not (self._race.shown or self._sweeping.shown or self._versus.shown)
        return self.can_run and alone and self._talking.answered is not None

    @property
    def can_run_against(self) -> bool:
        """Whether there is a run to compare the next one with, and a model for that."""
        held = self._held
        return held is not None and bool(held.frames) and self._session.model is not None

    @property
    def _held(self) -> Recording | None:
        """The run that the next one can be compared with."""
        if self._versus.shown:
            return self._versus.runs["A"]
        return None if self._race.shown else self._session.recording

    def run(self) -> None:
        """Run what the prompt box says."""
        self.run_prompt(self._prompt.text())

    def run_again(self) -> None:
        """Run what is on screen once more: its prompt, with the knobs as they are."""
        self._tuning.drop()
        self._run_shown()

    def run_race(self) -> None:
        """A race on what the prompt box says. From then on Run makes another one, until the race is left."""
        self.run_prompt(self._prompt.text(), racing=True)

    def follow(self) -> None:
        """Let what the prompt box says go on from the answer on screen."""
        text = self._prompt.text()
        if self._race.shown or self._sweeping.shown or self._versus.shown:
            self._status.say("Leave the race or the grid first: Follow up goes on from one answer.", "info")
        elif not text.strip():
            self._start(self._talking.question(text))
        else:
            self._tuning.drop()
            self._prefs.prompt = text
            self._prompt.focus()  # all of it selected: the next question takes its place
            self._tasks.start(self._follow(text))

    async def _follow(self, text: str) -> None:
        if self._session.model is not None or self._session.loading or await self._models.load(None):
            await self._talking.follow(text, self._panel.settings())

    def run_anew(self, text: str) -> None:
        """Run a prompt that has nothing to do with what is on screen."""
        self._talking.begin_anew()
        self.run_prompt(text)

    def run_prompt(self, text: str, racing: bool = False) -> None:
        """With the pictures of the prompt box."""
        self._tuning.drop()
        self._start(self._talking.question(text), racing)

    def run_on(self) -> None:
        """A knob was moved: what is on screen once more. A grid says what it would be."""
        if self._versus.shown or not self._sweeping.shown:
            self._past.pass_by()
            self._run_shown()

    def ask_gap(self, text: str) -> None:
        """The answer on screen, with a gap in it, is to be filled again."""
        self._prompt.set_text(self._session.recording.prompt)
        self._filling.take(text)

    def run_against(self) -> None:
        """The prompt and the noise of the run on screen once more, with the knobs as they are, beside it."""
        versus, held = self._versus, self._held
        if not self.can_run_against:
            return self._status.say("Run a prompt first: then the next run can be compared with it.", "info")
        settings = replace(self._panel.settings(), seed=held.settings.seed)
        ours = replace(settings, device=held.settings.device, precision=held.settings.precision)
        if self._session.model.name == held.model and not ours.rewrites(held.settings):
            return self._status.say("These are the knobs of that run: move one first.", "info")
        self._tuning.drop()
        self._panel.set_settings(settings)
        versus.hold(held)
        return self._tasks.start(self._write_against(held, settings))

    async def _write_against(self, held: Recording, settings: Settings) -> None:
        session = self._session
        question = replace(held.question, thumbnails=self._pictures.agreed)
        edits = held.frames[0].edits if session.model.name == held.model else ()  # gaps, pins: as it began
        if await session.run(question, settings, edits) is None and self._versus.waits:
            self._versus.leave()

    async def start(
        self, source: str | None, prompt: str | None, again: bool = False, follows: bool = False
    ) -> None:
        """Load the model that is asked for, or the one of the last time, and run a prompt, if one is given, which
        may go on from the answer on screen."""
        loaded = await (self._models.load(source, again) if source else self._models.begin(again))
        if loaded and prompt and not self._sweeping.shown:  # who has gone there meanwhile wants something else
            await (self._follow(prompt) if follows else self._write(self._talking.question(prompt)))

    async def load_and_run(
        self,
        source: str | None,
        prompt: str | None,
        again: bool = False,
    ) -> None:
        """Load a model, `again` from the hub, then run a prompt with it, if one is given."""
        if await self._models.load(source, again) and prompt:
            await self._write(self._talking.question(prompt, ()))

    def _run_shown(self) -> None:
        shown, versus = self._session.recording, self._versus
        run = versus.newest if versus.shown else None if self._race.shown or self._sweeping.shown else shown
        if run is self._session.recording:
            self._talking.stay()
            self._start(self._talking.question(run.prompt, run.pictures))
        elif run is not None:
            now = self._talking.question(run.prompt)
            self._start(replace(run.question, answer=now.answer, thumbnails=now.thumbnails))
        else:
            self._start(self._talking.question(self._prompt.text()))

    def _start(self, question: Question, racing: bool = False) -> None:
        if not question.prompt.strip():
            self._status.say("Type what to write, or click an example.", "info")
            self._prompt.focus()
            return
        self._prefs.prompt = self._prompt.text()
        if self._session.model is None and not self._session.loading:
            self._tasks.start(self._load_and_write(question, racing))
        else:
            self._tasks.start(self._write(question, racing))

    async def _load_and_write(self, question: Question, racing: bool) -> None:
        if await self._models.load(None):
            await self._write(question, racing)

    async def _write(self, question: Question, racing: bool = False) -> None:
        settings, alone = self._panel.settings(), self._versus.shown  # whatever lies behind it
        if racing or (self._race.shown and not alone):
            await self._session.race(question, settings, self._race.view.decoding.decoding())
        elif self._sweeping.shown and not alone:
            await self._sweeping.run(question, settings)
        elif question.answer:
            await self._filling.run(question, settings)
        else:
            await self._session.run(question, settings)
