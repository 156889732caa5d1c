"""Run: `unnoise run`, the main job in a terminal; and a recording played there."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands import server, touch
from engine.commands.console import leave, look, said, speak
from engine.commands.console.flags import (
    InputError,
    add_answer,
    add_command,
    add_knobs,
    add_model,
    add_prompt,
    add_server,
    add_thumbnails,
    given,
    positive,
    some,
    writable,
)
from engine.commands.console.load import begin, load
from engine.model import trouble
from engine.values.axis import MOST
from engine.values.frame import STOPS, Frame
from engine.values.metrics import speeds, summary
from engine.values.question import Question
from engine.values.recording import Recording, RecordingError
from engine.values.settings import counted
from engine.values.words.reply import UNFINISHED

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.gemma import Gemma
    from engine.steps.denoise import Edits
    from engine.values.grid import Grid, Place


def add(commands: Any) -> None:
    run = add_command(
        commands,
        "run",
        "write a text in the terminal, step by step",
        "PROMPT [FLAGS]",
        '"Write a poem about the moon" --steps 12 --seed 3',
        '"Write a letter to a friend" --record letter.unnoise',
        "--from letter.unnoise --step 6",
    )
    add_prompt(run, optional=True)
    add_answer(run)
    said.add(run)
    run.add_argument("--record", type=some, metavar="FILE", help="write the recording of every step to FILE")
    best = "write from the noise of N seeds, show the text that surprises least, and record the others beside it"
    run.add_argument("--best", type=positive, metavar="N", help=best)
    add_model(run)
    add_server(run)
    add_thumbnails(run)
    touch.add(run)
    add_knobs(run)
    run.set_defaults(work=_run)


def _run(options: argparse.Namespace) -> int:
    knobs_given = given(options)
    if (options.prompt is None) == (options.parent is None):
        raise InputError("Give a prompt, or with --from a recording to go on from: one of both.")
    if options.parent is not None and (options.after is not None or options.system is not None):
        raise InputError("A recording brings along what was said before it: leave --after and --system out.")
    if options.parent is None and (options.step is not None or options.melt):
        raise InputError("--step and --melt are about a recording: name it with --from.")
    if (options.pin or options.near) and (options.best is not None or options.server is not None):
        raise InputError("--pin and --near are about one run on this computer: leave --best and --server out.")
    if options.answer is not None and (options.parent is not None or options.server is not None):
        raise InputError("--answer is about a new run on this computer: leave --from and --server out.")
    if options.best is not None and options.best > MOST:
        raise InputError(f"So many texts cannot be compared: ask for at most {MOST} (got {options.best:,}).")
    if options.best is not None and (options.parent is not None or options.server is not None):
        raise InputError("--best begins with a prompt and a model on this computer: leave --from and --server out.")
    writable(options.record)
    if options.parent is not None:
        if options.server is not None:
            raise InputError("A server cannot go on from a recording: leave --server out.")
        return _go_on(options, knobs_given)
    question = said.asked(options)
    if options.server is not None:
        return server.run(question, options, knobs_given)
    if options.best is not None:
        return _best(question, options, knobs_given)
    return write(
        question,
        knobs_given,
        options.model,
        _record(options),
        options.json,
        options.fetch_again,
        partial(touch.edits, options),
        options.forget,
    )


def write(
    question: Question,
    given: dict[str, Any],
    source: str | None = None,
    record: Callable[[Recording], bool] | None = None,
    as_json: bool = False,
    again: bool = False,
    hands: Callable[[Recording, Gemma], Edits] = lambda recording, model: lambda canvas, step: (),
    forget: bool = False,
) -> int:
    """The main job in a terminal: animated where there is one, plain text where not. Its exit code, or InputError.

    `given` are the knobs that somebody set; the others are the model's own defaults. With `as_json` stdout is for
    that line alone. `hands` says what they do, and before which step; what was said before is shortened if it has
    to be and the model is to `forget`. What a run that was stopped or failed has so far is recorded and told like
    any other.
    """
    console = _console(as_json)
    model = load(source, given, console, again)
    settings = model.usual.updated(given)
    recording = Recording.of(model, said.fitting(model, question, settings, forget), settings)
    return _finish(recording, model, hands(recording, model), console, record, as_json)


def _best(question: Question, options: argparse.Namespace, given: dict[str, Any]) -> int:
    """The run of several that surprises least, of those that are finished."""
    from engine.commands import sweep

    console = _console(options.json)
    model = load(options.model, given, console, options.fetch_again)
    settings = model.usual.updated(given)
    question = said.fitting(model, question, settings, options.forget)
    grid = sweep.seeds(model, question, settings, options.best)
    code = sweep.fill(model, grid, console)
    place = grid.least()
    if place is None:
        return code
    kept = not options.record or _keep_all(grid, place, options)
    measured = {**summary(grid.recordings[place], grid.qualities[place]), "best_of": list(grid.told())}
    if console.is_terminal:
        console.print(grid.recordings[place].text(), markup=False)
    _tell(grid.recordings[place], console, measured if options.json else None)
    return code or int(not kept)


def _keep_all(grid: Grid, best: Place, options: argparse.Namespace) -> bool:
    """Keep the best recording, and the others beside it with the seed in their names: whether that could be."""
    file, kept = Path(options.record), True
    for place in grid.qualities:
        run = grid.recordings[place]
        own = file if place == best else file.with_stem(f"{file.stem}-{run.settings.seed}")
        kept &= _keep(options.export, str(own), run)
    return kept


def _record(options: argparse.Namespace) -> Callable[[Recording], bool] | None:
    """What keeps a run where it is to be kept, and tells whether it could."""
    return partial(_keep, options.export, options.record) if options.record else None


def _keep(keep: Callable[[Recording, str], None], file: str, recording: Recording) -> bool:
    """Whether a run could be kept. If not, that is said, and what was written is told all the same."""
    try:
        keep(recording, file)
    except RecordingError as error:
        speak.complain(error)
        return False
    return True


def _go_on(options: argparse.Namespace, given: dict[str, Any]) -> int:
    """The same, from a step of a recording on."""
    recording, console = touch.branch(options, given), _console(options.json)
    recording.pictures = touch.pictures(look.pictures(options.image), recording)
    recording.thumbnails |= options.thumbnails
    model = load(options.model, given, console, options.fetch_again)
    if model.name != recording.model:
        raise InputError(f"Only {recording.model} can go on with this recording: name it with --model.")
    recording.lexicon = model.lexicon  # of all tokens
    edits = touch.edits(options, recording, model)
    return _finish(recording, model, edits, console, _record(options), options.json)


def _console(as_json: bool) -> Console:
    from rich.console import Console

    return Console(stderr=as_json, highlight=False, soft_wrap=False)


def _finish(
    recording: Recording,
    model: Gemma,
    edits: Edits,
    console: Console,
    record: Callable[[Recording], bool] | None,
    as_json: bool,
) -> int:
    """Run the model on a recording, keep it where it was asked to, and tell it: the exit code."""
    from engine.steps.branch import go_on

    ids = begin(model, recording.question, recording.settings, console)
    code = fill(recording, go_on(model, recording, ids, lambda canvas, step: recording.settings, edits), console)
    # First: who reads the output may have gone.
    kept = record is None or not recording.frames or record(recording)
    _tell(recording, console, _judge(recording, model, ids) if as_json else None)
    return code or int(not kept)


def _judge(recording: Recording, model: Gemma, ids: list[int]) -> dict[str, Any]:
    """What is told of a run in JSON, with how surprising a text is that has come to its end."""
    from engine.steps.surprise import quality

    over = recording.outcome == "finished" and recording.frames
    return summary(recording, quality(model, recording.lexicon, ids, recording.ids()) if over else None)


def fill(recording: Recording, frames: Iterator[Frame], console: Console) -> int:
    """Show frames as they are made, and add them to a recording, until the text is over, or whatever else ends it:
    the exit code."""
    from engine.commands.console import terminal

    try:
        if console.is_terminal:
            terminal.animate(frames, recording, console)
        else:
            for frame in frames:
                recording.append(frame)
    except (KeyboardInterrupt, Exception) as error:
        if leave.heard() or isinstance(error, KeyboardInterrupt):
            recording.outcome = "stopped"
            return leave.code()
        recording.outcome = trouble.explain(error)
        return 1
    recording.outcome = "finished"
    return 0


def _tell(recording: Recording, console: Console, measured: dict[str, Any] | None) -> None:
    """What came of it, and what was measured: as JSON if that is given."""
    if recording.outcome not in ("finished", "stopped"):
        speak.complain(recording.outcome)
    if not recording.frames:
        return
    if console.is_terminal:
        console.print(f"[bright_black]{_last_words(recording)}[/]")
    elif measured is None:
        print(recording.text())
        if recording.reply().unfinished:
            print(UNFINISHED, file=sys.stderr)
    if measured is not None:
        print(json.dumps(measured))


def play(recording: Recording) -> int:
    """A recording in the terminal, every frame for as long as it took."""
    from rich.console import Console

    from engine.commands.console import terminal

    console = Console(highlight=False)
    if console.is_terminal:
        terminal.animate(terminal.in_time(recording), replace(recording, frames=[]), console)
    else:
        print(recording.text())
    return 0


def _last_words(recording: Recording) -> str:
    last, speed = recording.frames[-1], speeds(recording)
    ended = STOPS.get(last.stop, "finished") if recording.outcome == "finished" else "stopped"
    silent = f"\n{UNFINISHED}" if recording.reply().unfinished else ""
    told = f"{ended[:1].upper()}{ended[1:]} after {counted(len(recording.frames), 'step')}"
    return (
        f"\n{told} and {last.seconds:.2f} s: text "
        f"{speed.text:,.0f} tok/s, canvas {speed.canvas:,.0f} tok/s, in-step {speed.in_step:,.0f} tok/s{silent}"
    )
