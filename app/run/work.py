"""Work: what the engine thread does for a session: load a model, run it on a prompt, run a lane of a race.

What comes of it goes into a mailbox, bit by bit. torch is imported here, after the window shows. Knows no Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

from engine.model import imports
from engine.model.choice.source import CancelError, again
from engine.model.computer.gauge import Gauge
from engine.model.text.tokens import PromptError
from engine.remote.served import Served
from engine.remote.wire import is_address
from engine.steps.branch import Moments, go_on
from engine.steps.context import Memory
from engine.steps.race import Lane, warm
from engine.steps.sweep import sweep
from engine.values import patience
from engine.values.grid import Grid
from engine.values.handoff import Gate, Mailbox, pump
from engine.values.picture import whole
from engine.values.quality import Quality
from engine.values.question import Question
from engine.values.recording import Reading, Recording
from engine.values.settings import Settings

if TYPE_CHECKING:
    from engine.model.gemma import Gemma


class Progress(NamedTuple):
    """How far long work has come: 0 to 1, or None where nobody knows."""

    label: str
    fraction: float | None


class Loaded(NamedTuple):
    """What a load has brought. A server tells of no devices here, and of no card."""

    model: Gemma | Served
    devices: list[str]
    card: str | None


def load(
    source: str | None, device: str, precision: str, cancelled: Callable[[], bool], mailbox: Mailbox
) -> Loaded:
    """The embedded model (None), or one of a folder, the hub or a server. Raises LoadError."""
    if is_address(source):
        mailbox.put(Progress("Asking the server", None))
        return Loaded(Served(source, stopped=cancelled), [], None)
    mailbox.put(Progress("Starting the engine", None))
    try:  # aside: it takes seconds in which nothing could be cancelled
        patience.aside(lambda gone: imports.prepare(), cancelled)
    except patience.GivenUpError:
        raise CancelError("Loading was cancelled: choose a model to go on.") from None
    from engine.model import gemma

    def report(label: str, fraction: float | None = None) -> None:
        mailbox.put(Progress(label, fraction))

    model = gemma.load(source, device, progress=report, cancelled=cancelled, precision=precision)
    return Loaded(model, gemma.devices(), gemma.card(model.device))


def fits(
    model: Gemma | Served,
    question: Question,
    settings: Collection[Settings],
    cancelled: Callable[[], bool],
    mailbox: Mailbox,
) -> None:
    """Raises PromptError or LoadError if a model on this computer cannot read a prompt, under any of some settings,
    or cannot look at its pictures, or fill the gaps of its answer: told before anything is replaced."""
    whole(question.pictures)
    if isinstance(model, Served):
        if question.answer:
            raise PromptError("A server fills no gaps: load a model on this computer, or close Answer with gaps.")
    else:
        for each in settings:
            model.prompt(question, each, lambda *how: mailbox.put(Progress(*how)), cancelled)


def check(source: str, cancelled: Callable[[], bool], mailbox: Mailbox) -> None:
    """Look at every byte of a model of the hub, and let the next load fetch what is damaged. Raises LoadError."""
    again(source, lambda label, fraction: mailbox.put(Progress(label, fraction)), cancelled)


def run(
    model: Gemma | Served,
    recording: Recording,
    gate: Gate,
    gauge: Gauge | None,
    moments: Moments,
    memory: Memory,
    mailbox: Mailbox,
) -> int:
    """Run a model on a recording's prompt, behind what was said before it and the frames that it has: how many it
    handed over. Of a context in `memory` only what is new is read."""
    if isinstance(model, Served):
        return pump(model.frames(recording.question, gate.ask, lambda: gate.stopped), mailbox)
    ids = model.prompt(recording.question, recording.settings)
    ask = gate.ask if gauge is None else _reading(gate, gauge, mailbox)
    return pump(go_on(memory.of(model, ids), recording, ids, ask, gate.edits, moments), mailbox)


def _reading(gate: Gate, gauge: Gauge, mailbox: Mailbox) -> Callable[[int, int], Settings | None]:
    """`gate.ask` that sends a new reading of the gauge on ahead of the step's frame, the way of the frames."""
    told: Reading | None = None

    def ask(canvas: int, step: int) -> Settings | None:
        nonlocal told
        settings, newest = gate.ask(canvas, step), gauge.newest
        if settings is not None and newest is not None and newest is not told:
            told = newest
            mailbox.put(newest)
        return settings

    return ask


def judge(model: Gemma, recording: Recording) -> Quality:
    """How surprising the text of the canvases that have ended is to the model, read from left to right."""
    from engine.steps.surprise import quality

    whole(recording.pictures)
    ids = model.prompt(recording.question, recording.settings)
    return quality(model, recording.lexicon, ids, recording.ended())


def run_lane(lane: Lane, gate: Gate, mailbox: Mailbox) -> int:
    """Run a lane: how many frames it handed over, after a warm-up that nobody counts."""
    warm(lane, gate.ask)
    return pump(lane.run(gate.ask), mailbox)


def fill(model: Gemma, grid: Grid, gate: Gate, mailbox: Mailbox) -> int:
    """Run what is not finished of a grid: how much it had to tell. The grid is only looked at here."""
    return pump(sweep(model, grid, lambda: not gate.stopped), mailbox)
