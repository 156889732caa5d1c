"""Server: `unnoise run --server`: another computer writes, and the text appears canvas by canvas. No torch."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.commands.console import leave, speak
from engine.commands.console.flags import InputError
from engine.values.question import Question
from engine.values.recording import RecordingError
from engine.values.settings import Settings
from engine.values.words.reply import UNFINISHED

if TYPE_CHECKING:
    from rich.console import Console

    from engine.remote.delivery import Delivery
    from engine.remote.served import Served
    from engine.remote.server import Arrival


def run(question: Question, options: argparse.Namespace, given: dict[str, Any]) -> int:
    """Ask the server, and show what comes. What has arrived before an error is not lost. Raises InputError."""
    from rich.console import Console
    from rich.text import Text

    from engine.commands.console import terminal
    from engine.remote.delivery import Delivery
    from engine.remote.served import Served
    from engine.remote.server import RemoteError, obeyed

    refuse(given)
    try:
        served = Served(options.server, options.model)
        delivery = Delivery(question.prompt, served.name, served.device)
    except RemoteError as error:
        raise InputError(str(error)) from error
    if warning := obeyed(question.prompt):
        speak.complain(warning)
    console = Console(stderr=options.json, highlight=False)
    shown = console if console.is_terminal or not options.json else None
    settings = Settings().updated(given)
    try:
        _show(served.write(question, settings), delivery, shown)
        delivery.outcome = "finished"
    except RemoteError as error:
        delivery.outcome = str(error)
    except KeyboardInterrupt:  # what had come until then is told like the rest
        delivery.outcome = "stopped"
    kept = not (options.record and delivery.arrivals) or _keep(served, question, settings, delivery, options)
    if shown and delivery.arrivals:
        console.print()
        for call in delivery.calls():
            console.print(Text(terminal.printable(call.line()), terminal.CALLS))
    if console.is_terminal:
        console.print(delivery.last_words(), style="bright_black", markup=False)
    if options.json:
        print(json.dumps(delivery.summary()))
    elif delivery.unfinished:
        print(UNFINISHED, file=sys.stderr)
    if delivery.outcome == "stopped":
        return leave.code()
    if delivery.outcome != "finished":
        speak.complain(delivery.outcome)
    return int(delivery.outcome != "finished" or not kept)


def refuse(given: dict[str, Any]) -> None:
    """What a server would not hear of. Raises InputError."""
    from engine.remote.server import KNOBS

    for name in given.keys() - KNOBS:
        flag = "--" + name.replace("_", "-")
        raise InputError(f"{flag} has no effect on a server, which samples as it was started: leave it out.")


def _keep(
    served: Served, question: Question, settings: Settings, delivery: Delivery, options: argparse.Namespace
) -> bool:
    """Write what has arrived as a recording of whole canvases: whether that could be. If not, it is said."""
    from engine.remote.server import RemoteError

    try:
        recording = served.kept(question, settings, delivery.arrivals)
        recording.outcome = delivery.outcome
        options.export(recording, options.record)
    except (RemoteError, RecordingError) as error:
        speak.complain(error)
        return False
    return True


def _show(arrivals: Iterable[Arrival], delivery: Delivery, console: Console | None) -> None:
    """Adds what arrives, and writes it behind what is there. What had come when an error ends it is kept.

    A thought is dim, and only in a terminal: what is piped is the answer.
    """
    from engine.commands.console import terminal

    for arrival in arrivals:
        thought, before = delivery.thought() or arrival.thought, delivery.text()
        delivery.append(arrival)
        text = delivery.text()[len(before) :]  # without the tool calls that it may have in it
        begins = bool(thought) and not before and bool(text)
        if console is None:
            continue
        if console.is_terminal:
            thought = terminal.printable(arrival.thought, newlines=True)
            console.out(thought + "\n\n" * begins, end="", style=terminal.DIM, highlight=False)
        console.out(terminal.printable(text, newlines=True), end="", highlight=False)
        console.file.flush()
