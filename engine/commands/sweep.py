"""Sweep: `unnoise sweep`: one prompt under two knobs, measured cell by cell, as a table, JSON and a picture."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.commands.console import leave, said, speak
from engine.commands.console.flags import (
    InputError,
    add_answer,
    add_command,
    add_knobs,
    add_model,
    add_prompt,
    given,
    positive,
    some,
    writable,
)
from engine.commands.console.load import begin, load
from engine.model import trouble
from engine.values.axis import Axis
from engine.values.cliff import cliffs, sentences
from engine.values.files import dialogue
from engine.values.grid import Grid, News
from engine.values.question import Question
from engine.values.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma

ENDINGS = (".png", ".webp")


def add(commands: Any) -> None:
    help = "one prompt under one or two knobs, to see how few steps are enough"
    example = '"Write a poem about the moon" --x steps=4-48[6] --y t_max=0.2-1.0[5] --picture grid.png'
    sweep = add_command(commands, "sweep", help, "PROMPT [FLAGS]", example)
    add_prompt(sweep)
    add_answer(sweep)
    said.add(sweep)
    axis = "a knob and its values: steps=4-48[6], t_max=0.2-1.0[5], seed=1,2,3 (default: {})"
    sweep.add_argument("--x", metavar="KNOB=VALUES", default="steps=4-48[6]", help=axis.format("steps=4-48[6]"))
    sweep.add_argument("--y", metavar="KNOB=VALUES", help=axis.format("none"))
    draws = "how often, each time from other noise: what is as good is told from 3 on (default 1)"
    sweep.add_argument("--draws", type=positive, default=1, metavar="N", help=draws)
    sweep.add_argument("--picture", type=some, metavar="FILE", help="write the grid as a picture (.png or .webp)")
    add_model(sweep)
    add_knobs(sweep)
    sweep.set_defaults(work=_sweep)


def _sweep(options: argparse.Namespace) -> int:
    from rich.console import Console

    values, console = given(options), Console(stderr=True, highlight=False)
    x, y = _axes(options)
    question = said.asked(options)
    if options.picture is not None:
        _can_write(Path(options.picture))
    model = load(options.model, values, console, options.fetch_again)
    question = said.fitting(model, question, model.usual.updated(values), options.forget)
    grid = _grid(question, options.draws, model, values, x, y)
    code = fill(model, grid, console, whole=False)
    if not grid.qualities:
        return code
    if options.picture:
        _picture(grid, options.picture)
    print(json.dumps(summary(grid)) if options.json else table(grid))
    return code


def _axes(options: argparse.Namespace) -> tuple[Axis, Axis | None]:
    try:
        return Axis.parse(options.x), Axis.parse(options.y) if options.y else None
    except ValueError as error:
        raise InputError(str(error)) from error


def _can_write(file: Path) -> None:
    if file.suffix.lower() not in ENDINGS:
        raise InputError(f"A picture can be written as {' or '.join(ENDINGS)}: name the file so.")
    writable(str(file))


def _grid(question: Question, draws: int, model: Gemma, values: dict[str, Any], x: Axis, y: Axis | None) -> Grid:
    """The grid that was asked for, once every cell of it is known to fit the model."""
    try:
        grid = Grid(question, model.usual.updated(values), x, y, draws)
    except ValueError as error:
        raise InputError(str(error)) from error
    return _begun(model, grid)


def _begun(model: Gemma, grid: Grid) -> Grid:
    for place in grid.readings():
        begin(model, grid.question, grid.at(place))
    return grid


def seeds(model: Gemma, question: Question, settings: Settings, count: int) -> Grid:
    """The grid of one question under the noise of some seeds, from that of the settings on. Raises InputError."""
    axis = Axis("seed", tuple((settings.seed + draw) % 2**31 for draw in range(count)))
    return _begun(model, Grid(question, settings, axis))


def fill(model: Gemma, grid: Grid, console: Console, whole: bool = True) -> int:
    """Run all of it, or as much as nobody ends: the exit code. `whole`: all steps are kept, not only the last."""
    from engine.steps.sweep import sweep

    running = sweep(model, grid)
    try:
        _watch(grid, running, console, whole)
    except (KeyboardInterrupt, Exception) as error:
        if leave.heard() or isinstance(error, KeyboardInterrupt):
            return leave.code()
        speak.complain(trouble.explain(error))
        return 1
    return 0


def _watch(grid: Grid, running: Iterable[News], console: Console, whole: bool) -> None:
    """A line that tells how far it is, where there is a terminal."""
    line = console.status("Reading the prompt") if console.is_terminal else nullcontext()
    with line as status:
        for news in running:
            grid.append(news)
            if not whole and news[0] in grid.qualities:
                grid.thin(news[0])
            if status is not None:
                status.update(grid.progress())


def _picture(grid: Grid, file: str) -> None:
    from engine.commands import heat

    try:
        heat.draw(grid, file, sentences(grid))
    except OSError as error:
        raise InputError(f"The picture was not written to {file}: {error.strerror or error}.") from error


def summary(grid: Grid) -> dict[str, Any]:
    """A sweep as one JSON object."""
    run = next(iter(grid.recordings.values()))
    return {
        "prompt": grid.question.prompt,
        "before": dialogue.told(grid.question.before) if grid.question.before else None,
        "blanks": grid.question.answer or None,
        "model": run.model,
        "device": run.device,
        "axes": {axis.name: list(axis.values) for axis in grid.axes},
        "draws": grid.draws,
        "what": grid.label,
        "runs": list(grid.told()),
        "cliffs": [cliff.told() for cliff in cliffs(grid)],
        "settings": grid.settings.to_dict(),
    }


def table(grid: Grid) -> str:
    """A sweep as text: a line a cell, and what is still as good."""
    lines = []
    columns, rows = grid.size
    grid.table("agreement")
    for y, x in np.ndindex(rows, columns):
        cell = grid.cell(x, y)
        if cell is not None:
            same = "" if np.isnan(cell.agreement) else f", {cell.agreement:.0%} as the most careful"
            lines.append(f"{grid.name((x, y, 0))}: {cell.in_words()}{same}")
    return "\n".join([*lines, *sentences(grid), f"Nats and seams: {grid.label}."])
