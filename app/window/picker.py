"""Models: what each would need, shown in the picker before anything is fetched; and the loading of what is chosen.

Sizes are asked for on threads of their own: the engine's may be busy for hours, and a hub that does not answer
must hold nothing up, the end of the program neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.keep.prefs import Prefs
from app.run.session import Session
from app.tasks import Tasks, aside
from app.window import choices
from app.words import explain
from engine.model.choice import source
from engine.model.choice.models import describe
from engine.model.computer import machine
from engine.model.computer.machine import Machine
from engine.model.hub import published
from engine.remote.served import Served
from engine.remote.server import KNOBS
from engine.remote.wire import is_address
from engine.values.settings import Settings, knobs
from widgets.knobs import Knobs
from widgets.picker import Picker


class Models(QObject):
    """Opens the picker over a window, fills it, and loads models: what is chosen there, and as the knobs say."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        panel: Knobs,
        tasks: Tasks,
        prefs: Prefs,
        ask_folder: Callable[[Callable[[str], object]], object],
    ) -> None:
        """`ask_folder` lets people choose a folder and hands its path to what it is given."""
        super().__init__(window)
        self._window, self._session, self._panel, self._tasks = window, session, panel, tasks
        self._prefs, self._ask_folder = prefs, ask_folder
        self._asking: set[asyncio.Task] = set()
        self._place: tuple[str, str] | None = None  # the device and the precision that were last asked for
        self.picker: Picker | None = None

    def open(self) -> None:
        """Show the picker, and ask about all models anew."""
        if self.picker is None:
            self.picker = Picker(self._window)
            self.picker.load_wished.connect(self._choose)
            self.picker.again_wished.connect(lambda key: self._choose(key, "auto", again=True))
            self.picker.named.connect(self.add)
            self.picker.folder_wished.connect(lambda: self._ask_folder(self.add))
            self.picker.removed.connect(self.remove)
            self.picker.finished.connect(self.close)
            for name in (None, *published.FILES):
                self.picker.set_choice(choices.unknown(name))
        self.picker.open()
        self._start(self._fill())

    def close(self, *_: object) -> None:
        """Nobody waits for answers any more."""
        for task in self._asking:
            task.cancel()

    def add(self, name: str) -> None:
        """Look at one more model, a folder, a hub id or a server, and choose it."""
        if name not in self._prefs.places:
            self._prefs.places.append(name)
        self.picker.set_choice(choices.unknown(name))
        self.picker.choose(name)
        self._start(self._ask(name))

    def look_at(self, folder: str) -> None:
        """Open the picker at a folder."""
        self.open()
        self.add(folder)

    def remove(self, name: str) -> None:
        """Offer a model no more that people have named. Its files stay where they are."""
        self._prefs.places = [other for other in self._prefs.places if other != name]
        self.picker.remove_choice(name)

    async def begin(self, again: bool = False) -> bool:
        """Load the model that was loaded last, if it is all here; else the embedded one. Whether one was loaded."""
        name = self._prefs.model or None
        if name and not (await self._is_here(name) and await self.load(name, again)):
            why = f"{name} is not here now"
            loaded = await self.load(None)
            self._session.said.emit(f"{why}: choose it again at the top left.", "error")
            return loaded
        return bool(name) or await self.load(None, again)

    async def _is_here(self, name: str) -> bool:
        """Whether a model can be loaded without a download: nobody asked for one."""
        try:
            return is_address(name) or not (await aside(source.survey, name)).missing
        except Exception:  # a folder that is gone, a hub that cannot be asked
            return False

    async def load(self, name: str | None, again: bool = False) -> bool:
        """Load a model where and how the knobs say, and grey out those it has no use for. Whether it was loaded.

        `again` looks at every byte of a model of the hub, and fetches what is damaged.
        """
        session, panel = self._session, self._panel
        settings = panel.settings()
        self._place = settings.device, settings.precision
        if again and not await session.check(name):
            return False
        if not await session.load(name, *self._place):
            return False
        self._prefs.model = name or ""
        panel.set_usual(session.model.usual)
        panel.set_devices(session.devices)
        for knob in knobs().keys() - KNOBS:
            panel.set_enabled(
                knob, not isinstance(session.model, Served), "No effect now: the server decides this."
            )
        panel.set_enabled(
            "thinking", session.model.thinks, f"No effect now: {session.model.name} knows no thinking."
        )
        return True

    async def load_as(self, name: str | None, precision: str, again: bool = False) -> None:
        """Load a model in a precision, which becomes the knob's if that works."""
        panel = self._panel
        before = panel.settings().precision
        panel.set_settings(replace(panel.settings(), precision=precision))
        if not await self.load(name, again):
            panel.set_settings(replace(panel.settings(), precision=before))
            self._place = panel.settings().device, before

    def follow(self, settings: Settings) -> bool:
        """Load the model again if the knobs moved to another device or precision. Whether they did."""
        session, before = self._session, self._place
        self._place = settings.device, settings.precision
        if session.model is None or self._place == before:
            return False
        self._tasks.start(self.load(session.source))
        return True

    async def _fill(self) -> None:
        session = self._session
        current = [session.source] if session.model is not None else []
        for name in dict.fromkeys([*current, *await aside(source.known), *self._prefs.places]):
            if not self.picker.knows(name or ""):
                self.picker.set_choice(choices.unknown(name))
            self._start(self._ask(name))
        sentence = describe(await self._look())
        self.picker.set_machine(sentence[0].upper() + sentence[1:])

    async def _ask(self, name: str | None) -> None:
        try:
            if is_address(name):
                choice = choices.remote(name, await aside(Served, name), self._loaded(name))
            else:
                plan, here = await aside(source.survey, name), await self._look()
                choice = choices.local(plan, here, self._loaded(name))
        except Exception as error:
            choice = choices.failed(name, explain(error), bool(name) and Path(name).is_dir())
        self.picker.set_choice(replace(choice, named=name in self._prefs.places))

    def _loaded(self, name: str | None) -> bool:
        return self._session.model is not None and self._session.source == name

    async def _look(self) -> Machine:
        return await aside(machine.look, self._panel.settings().device)

    def _choose(self, key: str, precision: str, again: bool = False) -> None:
        advised = self.picker.chosen().advised
        # Where all of it fits there is nothing to remember: another model may need another choice.
        wanted = "auto" if precision == advised == "full" else precision
        self._tasks.start(self.load_as(key or None, wanted, again))

    def _start(self, work: Any) -> None:
        task = self._tasks.start(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
