"""Race: `unnoise race`: both lanes, measured and replayed side by side where there is a terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.commands.console import leave, said, speak
from engine.commands.console.flags import (
    InputError,
    add_command,
    add_knobs,
    add_model,
    add_prompt,
    add_server,
    given,
)
from engine.commands.console.load import begin, load
from engine.model import trouble
from engine.model.folder.checkpoint import LoadError
from engine.values.settings import Decoding

if TYPE_CHECKING:
    from engine.remote.served import Served
    from engine.steps.race import Lane


def add(commands: Any) -> None:
    help = "denoising against the same weights token by token, measured"
    race = add_command(commands, "race", help, "PROMPT [FLAGS]", '"Write a poem about the moon"')
    add_prompt(race)
    said.add(race)
    add_server(race, "race against a vLLM server instead, network included")
    add_model(race)
    add_knobs(race)
    add_knobs(race, Decoding, "ar_")
    race.set_defaults(work=_race)


def _race(options: argparse.Namespace) -> int:
    """Both lanes: measured and replayed side by side where there is a terminal, else only what came of them."""
    from rich.console import Console

    from engine.commands.console import track
    from engine.steps import race

    values, decoding = given(options), Decoding(**given(options, Decoding, "ar_"))
    console = Console(stderr=options.json, highlight=False)
    question = said.asked(options)
    served = _served(options.server)
    model = load(options.model, values, console, options.fetch_again)
    settings = model.usual.updated(values)
    question = said.fitting(model, question, settings, options.forget)
    ids = begin(model, question, settings, console)  # told before anything runs
    if decoding.tokens > (room := model.context - len(ids)):
        raise InputError(f"--ar-tokens must be at most {room:,}: this model reads {model.context:,} tokens in all.")
    lanes = race.line_up(model, question, settings, decoding)
    if served is not None:
        lanes = [lanes[0], served.lane(question, settings)]
    running = race.run(lanes, lambda canvas, step: settings)
    try:
        track.watch(lanes, running, console) if console.is_terminal else list(running)
    except (KeyboardInterrupt, Exception) as error:
        print(_plain(lanes), file=console.file)
        if leave.heard() or isinstance(error, KeyboardInterrupt):
            return leave.code()
        speak.complain(trouble.explain(error))
        return 1
    if options.json:
        print(json.dumps(race.results(lanes, decoding)))
    elif console.is_terminal:
        track.replay(lanes, console)
    else:
        print(_plain(lanes))
    return leave.code() if leave.heard() else 0


def _served(address: str | None) -> Served | None:
    """What a server serves; None without one. Raises InputError."""
    from engine.remote.served import Served

    try:
        return None if address is None else Served(address)
    except LoadError as error:
        raise InputError(str(error)) from error


def _plain(lanes: Sequence[Lane]) -> str:
    """A race as text that no terminal takes for commands."""
    from engine.commands.console import terminal
    from engine.steps import race

    return terminal.printable(race.told(lanes), newlines=True)
