"""The desktop: QApplication, the window, and the one event loop that Qt and asyncio share."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

import qasync
from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QApplication

from app import look
from app.keep.formats import still
from app.keep.formats.order import ExportError, Order
from app.keep.prefs import Prefs
from app.run.session import Session
from app.tasks import aside
from app.window.past import SAID
from app.window.window import Window
from engine.commands.console import leave
from engine.commands.console.flags import InputError, fitting, given
from engine.values.recording import Recording
from engine.values.turns import Conversation
from engine.values.words.examples import EXAMPLE

LEAVE = 1.0  # seconds that whatever the engine does gets to end
BEAT_MS = 100


def main(options: argparse.Namespace, replay: Recording | Conversation | None) -> int:
    """Shows the window until it is closed, and ends the process; or makes pictures: their exit code. InputError."""
    pictures = options.screenshot or options.animation
    prefs = _prefs(options, fresh=bool(pictures))
    with event_loop() as loop:
        window = Window(Session(), prefs)
        work = _make_pictures(window, options, replay) if pictures else _live(window, options, replay)
        last = Timer(LEAVE, leave.now, [0])  # all is kept by then: what is left is somebody else's call
        last.daemon = True
        if not pictures:
            window.closing.connect(last.start)
        with beating(lambda: None):
            code = loop.run_until_complete(work)
        last.cancel()
        return code if pictures else leave.now(code)  # Python would take seconds to take torch apart


def event_loop() -> qasync.QEventLoop:
    """The one loop of a new application that is ready for its first widget."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)  # closing has work to do, and ends the loop itself
    look.prepare(application)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    return loop


def _prefs(options: argparse.Namespace, fresh: bool) -> Prefs:
    """What was chosen before, under what the flags say. Pictures start from the defaults."""
    prefs = Prefs() if fresh else Prefs.load()
    prefs.settings |= given(options)
    prefs.theme = options.theme or ("dark" if fresh else prefs.theme)
    prefs.view = options.view or prefs.view
    prefs.speed = prefs.speed if options.speed is None else _speed(options.speed)
    prefs.prompt = options.prompt or prefs.prompt
    prefs.thumbnails |= options.thumbnails
    return prefs


async def _live(window: Window, options: argparse.Namespace, replay: Recording | Conversation | None) -> int:
    closed = asyncio.Event()
    window.kept.connect(window.prefs.save)  # not of a window that only makes pictures, or is measured
    window.noted.connect(lambda: window.tasks.start(aside(window.prefs.save)))
    window.closing.connect(closed.set)
    with _ended_from_outside(window), _logged_out(window):
        window.fit(window.screen().availableSize())
        window.show()
        window.tasks.start(_begin(window, options, replay))
        await closed.wait()
    await window.finish()
    return 0


async def _begin(window: Window, options: argparse.Namespace, replay: Recording | Conversation | None) -> None:
    """Load a model and do what the flags ask; if they ask nothing, show the run that an end from outside cut off,
    or the conversation that was on screen, or else run the prompt of the last time."""
    if isinstance(replay, Recording):
        await _show(window, replay)
    cut = await window.past.begin()
    if isinstance(replay, Conversation):
        await _show(window, replay)
    if replay is not None:
        return
    asked = options.prompt or options.question.pictures or options.question.before
    kept = None if asked else cut or await window.past.find(window.prefs.talk)
    if kept is not None:
        window.showing.bring_back(kept)
        window.prompt.set_text(window.prefs.prompt or kept.prompt)  # what was typed and not asked yet
    idle = kept is not None or (asked and not options.prompt)
    await _ask(window, options, None if idle else window.prefs.prompt or EXAMPLE)
    if cut is not None and window.session.recording is cut:
        window.status.say(SAID, "info")


async def _show(window: Window, replay: Recording | Conversation) -> None:
    if isinstance(replay, Conversation):
        await window.talking.take_up(replay)
    else:
        window.showing.replay(replay)


async def _ask(window: Window, options: argparse.Namespace, prompt: str | None) -> None:
    """Load the model, and let it answer a prompt, if there is one, with what the flags say goes before it."""
    if options.question.before:
        await window.talking.take_up(options.question.before)
    if options.question.pictures:
        window.pictures.show(options.question.pictures)
    if options.prompt:
        window.prompt.set_text(options.prompt)
    elif options.question.pictures:
        window.prompt.focus()  # the question takes the place of the last one
    source, follows = options.server or options.model, bool(options.question.before.turns)
    await window.asking.start(source, prompt, options.fetch_again, follows)


@contextmanager
def _ended_from_outside(window: Window) -> Iterator[None]:
    """Ctrl+C in the terminal, SIGTERM and SIGHUP close the window, with all that it has."""
    wanted: list[bool] = []
    with leave.told(lambda: wanted.append(True)), beating(lambda: wanted and _close(window)):
        yield


@contextmanager
def _logged_out(window: Window) -> Iterator[None]:
    """Whoever is there logs out: all is kept before the system closes windows or ends programs."""

    def keep(manager: object) -> None:
        window.keep()

    asked = QApplication.instance().commitDataRequest
    asked.connect(keep)
    try:
        yield
    finally:
        asked.disconnect(keep)


def _close(window: Window) -> None:
    window.keep()
    window.close()


@contextmanager
def beating(look: Callable[[], object]) -> Iterator[None]:
    """Calls `look` now and then. Qt's loop runs no Python while it is idle, and so no handler of a signal."""
    timer = QTimer(interval=BEAT_MS)
    timer.timeout.connect(look)
    timer.start()
    try:
        yield
    finally:
        timer.stop()


async def _make_pictures(
    window: Window, options: argparse.Namespace, replay: Recording | Conversation | None
) -> int:
    size = _size(options.size)
    fitting(size.width(), size.height(), options.scale)
    window.resize(size)
    window.show()
    try:
        if replay is None:
            await _ask(window, options, window.prefs.prompt or EXAMPLE)
        else:
            await _show(window, replay)
        recording = window.session.recording
        if recording is None or not (recording.frames or recording.said):
            raise InputError(window.session.sentence)
        if recording.frames:
            window.player.seek(recording_index(recording, options.step))
        await asyncio.sleep(0.1)
        if options.screenshot:
            window.canvas.settle()
            await still.write_image(window.grab().toImage(), options.screenshot, Order())
        if options.animation:
            await window.files.animate(options.animation, _size(options.size))
        return 0
    except ExportError as error:
        raise InputError(str(error)) from error
    finally:
        window.close()
        await window.finish()


def recording_index(recording: Recording, step: int | None) -> int:
    """The index of a step that people count from 1. Raises InputError."""
    count = len(recording.frames)
    if step is not None and not 1 <= step <= count:
        raise InputError(f"--step must be from 1 to {count}, the steps of this run (got {step}).")
    return count - 1 if step is None else step - 1


def _speed(steps_per_second: float) -> float:
    if not 0 < steps_per_second <= 1000:
        raise InputError(f"--speed must be above 0, up to 1000 steps a second (got {steps_per_second:g}).")
    return steps_per_second


def _size(text: str) -> QSize:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 200 <= int(width) <= 8000 and 200 <= int(height) <= 8000):
        raise InputError(f"--size must look like 1280x800, from 200 to 8000 pixels each (got {text}).")
    return QSize(int(width), int(height))
