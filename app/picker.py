"""Models: what can be loaded, and what each would need, shown in the picker before anything is fetched or loaded.

Sizes are asked for on threads of their own: the engine's may be busy for hours, and a hub that does not answer
must hold nothing up, the end of the program neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.session import explain
from engine import machine, published, source
from engine.machine import Machine
from engine.models import describe
from engine.plan import Plan, judge, possible, size
from engine.remote import NOTE
from engine.served import Served
from engine.wire import is_address
from widgets.choice import FAILED, READY, Choice, Need
from widgets.picker import Picker

if TYPE_CHECKING:
    from app.window import Window

ORIGINS = {"embedded": "comes with Unnoise", "folder": "a folder", "cache": "on this computer", "hub": "on the hub"}
TYPES = {"cpu": "float32", "cuda": "bfloat16", "mps": "bfloat16"}
SHORT = {"full": "Fits", "int4": "Fits with int4 experts", None: "Does not fit"}


class Models(QObject):
    """Opens the picker over a window, fills it, and loads what is chosen."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._named: list[str] = []  # what people asked for
        self._asking: set[asyncio.Task] = set()
        self.picker: Picker | None = None

    def open(self) -> None:
        """Show the picker, and ask about all models anew."""
        if self.picker is None:
            self.picker = Picker(self._window)
            self.picker.load_wished.connect(self._load)
            self.picker.named.connect(self.add)
            self.picker.folder_wished.connect(lambda: self._window.files.open_model(self.add))
            self.picker.finished.connect(self.close)
            for name in (None, published.HUB):
                self.picker.set_choice(_unknown(name))
        self.picker.open()
        self._start(self._fill())

    def close(self, *_: object) -> None:
        """Nobody waits for answers any more."""
        for task in self._asking:
            task.cancel()

    def add(self, name: str) -> None:
        """Look at one more model, a folder, a hub id or a server, and choose it."""
        if name not in self._named:
            self._named.append(name)
        self.picker.set_choice(_unknown(name))
        self.picker.choose(name)
        self._start(self._ask(name))

    async def _fill(self) -> None:
        session = self._window.session
        current = [session.source] if session.model is not None else []
        for name in dict.fromkeys([*current, *await aside(source.known), *self._named]):
            if not self.picker.knows(name or ""):
                self.picker.set_choice(_unknown(name))
            self._start(self._ask(name))
        sentence = describe(await self._look())
        self.picker.set_machine(sentence[0].upper() + sentence[1:])

    async def _ask(self, name: str | None) -> None:
        try:
            if is_address(name):
                choice = _server(name, await aside(Served, name), self._loaded(name))
            else:
                plan, here = await aside(source.survey, name), await self._look()
                choice = _choice(plan, here, self._loaded(name))
        except Exception as error:
            unknown = _unknown(name)
            short = "Cannot be used" if is_address(name) else "No sizes are known"
            choice = Choice(unknown.key, unknown.name, unknown.origin, FAILED, short, explain(error))
        self.picker.set_choice(choice)

    def _loaded(self, name: str | None) -> bool:
        return self._window.session.model is not None and self._window.session.source == name

    async def _look(self) -> Machine:
        return await aside(machine.look, self._window.knobs.settings().device)

    def _load(self, key: str, precision: str) -> None:
        advised = self.picker.chosen().advised
        # Where all of it fits there is nothing to remember: another model may need another choice.
        wanted = "auto" if precision == advised == "full" else precision
        self._window.tasks.start(self._window.load_as(key or None, wanted))

    def _start(self, work: Any) -> None:
        task = self._window.tasks.start(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)


def _unknown(name: str | None) -> Choice:
    """A model of which nothing is known yet."""
    if name is None:
        return Choice("", "seedling", ORIGINS["embedded"], short="Looking at its files\u2026")
    if is_address(name):
        return Choice(name, name, "a server", short="Asking the server\u2026")
    return Choice(name, name, "", short="Asking for its size\u2026")


def _choice(plan: Plan, here: Machine, loaded: bool) -> Choice:
    """What the picker shows of a plan on this computer."""
    verdict = judge(plan, here)
    return Choice(
        plan.source or "",
        plan.name,
        "loaded now" if loaded else ORIGINS[plan.origin],
        READY,
        SHORT[verdict.precision],
        verdict.sentence,
        plan.note,
        _facts(plan, here),
        tuple(_need(plan, precision, here) for precision in plan.precisions),
        verdict.precision or "",
        "Download and load" if plan.missing else "Load",
    )


def _server(address: str, served: Served, loaded: bool) -> Choice:
    """What the picker shows of a server: it takes nothing from this computer."""
    need = Need("auto", "As the server runs it", "nothing here")
    where = "loaded now" if loaded else "a server"
    facts = f"{served.name}  \u00b7  Nothing to download"
    sentence = f"Runs on the server, {NOTE}."
    return Choice(address, address, where, READY, "Runs there", sentence, "", facts, (need,), "auto", "Use")


def _facts(plan: Plan, here: Machine) -> str:
    parts = [f"{size(plan.missing)} to download" if plan.missing else "Nothing to download"]
    parts.append(f"{size(plan.files)} on disk")
    if "int4" in plan.precisions:
        parts.append(f"int4 keeps {size(plan.bytes('int4', here.kind))} more for the next start")
    return "  \u00b7  ".join(parts)


def _need(plan: Plan, precision: str, here: Machine) -> Need:
    needs = plan.needs(precision, here)
    shares = [need / free for need, free, _ in needs if free]
    share = max(shares) if shares else None
    label = f"Full, {TYPES[here.kind]}" if precision == "full" else "int4 experts"
    return Need(precision, label, size(needs[0][0]), share, possible(plan, precision, here))


async def aside(work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work` returns or raises, on a thread that nobody has to wait for."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle(done: Callable[[Any], None], value: Any) -> None:
        if not future.cancelled():
            done(value)

    def run() -> None:
        try:
            done, value = future.set_result, work(*arguments)
        except BaseException as error:
            done, value = future.set_exception, error
        with suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(settle, done, value)

    Thread(target=run, name="aside", daemon=True).start()
    return await future
