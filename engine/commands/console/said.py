"""Said: what was said before the prompt, as the flags name it, as far as the model can be told of it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.console import look, speak
from engine.commands.console.flags import InputError, some
from engine.model.folder.checkpoint import LoadError
from engine.model.text.tokens import PromptError
from engine.values.files import dialogue
from engine.values.files.dialogue import DialogueError
from engine.values.picture import PictureError
from engine.values.question import Question
from engine.values.recording import Recording, RecordingError
from engine.values.settings import Settings
from engine.values.turns import NOTHING, Conversation
from engine.values.words.blanks import to_fill

if TYPE_CHECKING:
    from engine.model.gemma import Gemma


def add(command: argparse.ArgumentParser) -> None:
    after = "go on from a conversation (.md, .json), or from the answer of a recording"
    command.add_argument("--after", type=some, metavar="FILE", help=after)
    command.add_argument("--system", metavar="TEXT", type=speak.words, help="how the model is to behave")
    forget = "when what was said before is too long for the model, leave its oldest turns out, and say so"
    command.add_argument("--forget", action="store_true", help=forget)


def asked(options: argparse.Namespace) -> Question:
    """The prompt, with all that the flags say of it, as far as the model can be shown it. Raises InputError."""
    return shown(wished(options), options.after)


def shown(question: Question, file: str | None) -> Question:
    """What of a question the model can be shown; of what it was read from, that it lacks the rest is said."""
    return replace(question, before=noted(question.before, file).seen)


def wished(options: argparse.Namespace) -> Question:
    """The same, with pictures that no file holds any more. Raises InputError."""
    talk = behaved(read(options.after) if options.after else NOTHING, options)
    small = getattr(options, "thumbnails", False)
    return Question(options.prompt, look.pictures(options.image), talk, _given(options), small)


def _given(options: argparse.Namespace) -> str:
    """What of the answer the flags give. InputError if that has no gap."""
    answer = getattr(options, "answer", None)
    try:
        return "" if answer is None else to_fill(answer) and answer
    except ValueError as error:
        raise InputError(str(error)) from error


def behaved(talk: Conversation, options: argparse.Namespace) -> Conversation:
    """A conversation under the system prompt that was given, if one was."""
    return talk if options.system is None else replace(talk, system=options.system)


def read(file: str) -> Conversation:
    """The conversation in a file: all that was said, or what a recording is the last turn of. Raises InputError."""
    try:
        if Path(file).suffix.lower() in dialogue.ENDINGS:
            return dialogue.load(file)
        recording = Recording.load(file)
    except (DialogueError, RecordingError) as error:
        raise InputError(str(error)) from error
    if not recording.frames or recording.outcome != "finished":
        raise InputError(f"{file} holds no answer to go on from: its run was not finished.")
    return recording.conversation()


def noted(talk: Conversation, file: str | None) -> Conversation:
    """The same conversation, once it is said that a file does not hold what was shown in it."""
    if gone := len(talk.pictures) - len(talk.seen.pictures):
        told = "a picture" if gone == 1 else f"{gone} pictures"
        speak.complain(f"{file} does not hold {told} of its turns: the model is shown none.")
    return talk


def fitting(model: Gemma, question: Question, settings: Settings, forget: bool) -> Question:
    """The question without what of its beginning there is no room for, if that is wished; that is said, too.
    InputError if there is no room, and it is not wished."""
    if not question.before.turns:
        return question
    try:
        spare = model.spare(question, settings)
    except (PromptError, PictureError, LoadError):  # whoever reads the prompt says why
        return question
    if spare is None or spare.left == question.before.left:
        return question
    count = spare.left - question.before.left
    oldest = "oldest turn is" if count == 1 else f"oldest {count} turns are"
    if not forget:
        told = oldest.rpartition(" ")[0]
        raise InputError(f"What was said before leaves no room for an answer: --forget goes on without the {told}.")
    speak.complain(f"Too long for the model: the {oldest} left out.")
    return replace(question, before=spare)
