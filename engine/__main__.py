"""The headless commands: `unnoise run`, `chat`, `fill`, `race`, `sweep`, `models`, `bench`, `train`,
`evaluate`. No Qt.

Exit codes: 0, 2 for bad input (one line on stderr), 1 when a run failed, 130 after Ctrl+C, 143 after SIGTERM, 129
when the terminal was closed, 141 when nobody reads what is written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from engine.commands import bench, chat, fill, models, race, run, sweep
from engine.commands.console import leave, speak
from engine.commands.console.flags import InputError, Parser
from engine.model import trouble
from engine.values.recording import Recording

COMMANDS = ("run", "chat", "fill", "race", "sweep", "models", "bench", "train", "evaluate")
TRAINING = {"train": "train the embedded model from nothing", "evaluate": "say how good a trained model is"}


def main(arguments: Sequence[str] | None = None, keep: Callable[[Recording, str], None] = Recording.save) -> int:
    """`keep` writes a run to the file that `--record` names. Raises RecordingError."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    return ended(lambda: _work(arguments, keep))


def ended(work: Callable[[], int]) -> int:
    """The exit code of a command, and a line on stderr in place of what it raises."""
    speak.anything()
    try:
        code = work()
        speak.flush()
        return code
    except InputError as error:
        speak.complain(error)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return leave.code()
    except Exception as error:
        if isinstance(error, OSError) and speak.deaf(error):
            return speak.DEAF
        if isinstance(error, OSError) and speak.full(error):
            speak.complain("The disk that the output goes to is full: make room, or write it elsewhere.")
            return 1
        speak.complain(trouble.known(error) or trouble.unforeseen(error))
        return 1


def _work(arguments: Sequence[str], keep: Callable[[Recording, str], None]) -> int:
    with leave.in_order():
        if arguments and arguments[0] in TRAINING:  # these read their own arguments, where torch is at hand
            return import_module(f"engine.training.{arguments[0]}").main(arguments[1:])
        options = parser().parse_args(arguments)
        options.export = keep
        return options.work(options)


def commands() -> dict[str, str]:
    """What each command does, by its name."""
    (known,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    return {command.dest: command.help for command in known._choices_actions}


def parser() -> argparse.ArgumentParser:
    top = Parser(prog="unnoise", description="Text emerges from noise.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    run.add(commands)
    chat.add(commands)
    fill.add(commands)
    race.add(commands)
    sweep.add(commands)
    models.add(commands)
    bench.add(commands)
    for name, help in TRAINING.items():
        commands.add_parser(name, help=help)
    return top


if __name__ == "__main__":
    sys.exit(main())
