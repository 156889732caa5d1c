"""Models: `unnoise models`: what each model needs and what this computer has. Loads nothing, and knows no torch."""

from __future__ import annotations

import argparse
from typing import Any

from engine.commands.console.flags import InputError, add_command
from engine.model.folder.checkpoint import LoadError


def add(commands: Any) -> None:
    help = "what each model needs and what this computer has; loads nothing"
    models = add_command(commands, "models", help, "[NAME ...] [--json]")
    models.add_argument("names", nargs="*", metavar="NAME", help="more models: folders or hub ids")
    models.add_argument("--json", action="store_true", help="one JSON line instead of a table")
    models.set_defaults(work=_models)


def _models(options: argparse.Namespace) -> int:
    from engine.model.choice import models

    try:
        models.run(options.names, options.json)
    except LoadError as error:
        raise InputError(str(error)) from error
    return 0
