"""Said: what the flags name as said before the prompt: a conversation in a file, and how the model is to behave."""

from __future__ import annotations

import argparse
from dataclasses import replace

from engine.commands.console import look, speak
from engine.commands.console.flags import InputError
from engine.values.files import dialogue
from engine.values.files.dialogue import DialogueError
from engine.values.question import Question
from engine.values.turns import NOTHING, Conversation


def add(command: argparse.ArgumentParser) -> None:
    after = "go on with the conversation in FILE, as chat --keep writes one"
    command.add_argument("--after", metavar="FILE", help=after)
    command.add_argument("--system", metavar="TEXT", type=speak.words, help="how the model is to behave")


def asked(options: argparse.Namespace) -> Question:
    """The prompt, with all that the flags say of it. Raises InputError."""
    small = getattr(options, "thumbnails", False)
    return Question(options.prompt, look.pictures(options.image), before(options), small)


def before(options: argparse.Namespace) -> Conversation:
    """What the prompt goes on with. Raises InputError."""
    try:
        talk = NOTHING if options.after is None else dialogue.load(options.after)
    except DialogueError as error:
        raise InputError(str(error)) from error
    return talk if options.system is None else replace(talk, system=options.system)
