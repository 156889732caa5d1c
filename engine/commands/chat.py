"""Chat: `unnoise chat`: a conversation, line by line: a person's in a terminal, or what a pipe sends."""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.commands import server
from engine.commands.console import leave, look, said, speak
from engine.commands.console.flags import (
    InputError,
    add_command,
    add_image,
    add_knobs,
    add_model,
    add_server,
    given,
    some,
    writable,
)
from engine.commands.console.lines import Lines
from engine.commands.console.load import load
from engine.values.files import dialogue
from engine.values.files.dialogue import DialogueError
from engine.values.picture import PictureError, few
from engine.values.recording import Recording
from engine.values.settings import Settings, counted
from engine.values.turns import NOTHING, Conversation
from engine.values.words.reply import UNFINISHED

if TYPE_CHECKING:
    from rich.console import Console

    from engine.commands.talk import Talk
    from engine.model.gemma import Gemma
    from engine.remote.served import Served

HELP = """\
/again        answer the last question once more, with the next seed
/undo         take back the last question and its answer
/forget N     leave the oldest N questions out of what the model reads; without N: what has to be
/image FILE   a picture that the next question is about; once more for another; without FILE: none
/system TEXT  how the model is to behave from now on; without TEXT: as it does by itself
/show         the whole conversation
/thought      what the model thought before its last answer
/save FILE    write the conversation: Markdown to a name that ends in .md, else JSON
/quit         leave, as Ctrl+D does"""


def add(commands: Any) -> None:
    help = "a conversation in the terminal; from a pipe, one question a line"
    example = '--system "Answer in one sentence." --keep talk.md'
    chat = add_command(commands, "chat", help, "[FLAGS]", example)
    keep = "go on with the conversation in FILE, if it is there, and keep it there after every answer"
    chat.add_argument(
        "--keep", type=some, metavar="FILE", help=f"{keep}: Markdown if its name ends in .md, else JSON"
    )
    add_image(chat)
    said.add(chat)
    chat.add_argument("--json", action="store_true", help="one JSON line for every answer")
    add_model(chat)
    add_server(chat)
    add_knobs(chat)
    chat.set_defaults(work=_chat)


def _chat(options: argparse.Namespace) -> int:
    from rich.console import Console

    knobs, conversation, pictures = given(options), _begun(options), look.pictures(options.image)
    console = Console(stderr=options.json, highlight=False)
    model = _server(options, knobs) if options.server else load(options.model, knobs, console, options.fetch_again)
    from engine.commands.talk import Talk

    settings = (Settings() if options.server else model.usual).updated(knobs)
    if pictures and model.blind:
        raise InputError(model.blind)
    talk = Talk(model, settings, conversation)
    talk.pictures = pictures
    return _Chat(talk, console, options).run()


def _begun(options: argparse.Namespace) -> Conversation:
    """What was said before: the conversation of a file, an empty one if it is not there yet. Raises InputError."""
    file = options.keep
    writable(file)
    there = file is not None and os.path.exists(file)
    if there and options.after is not None:
        raise InputError(f"{file} holds a conversation already: leave --after out, or keep this one elsewhere.")
    if options.after is not None:
        return said.behaved(said.noted(said.read(options.after), options.after), options)
    try:
        return said.behaved(said.noted(dialogue.load(file), file) if there else NOTHING, options)
    except DialogueError as error:
        raise InputError(str(error)) from error


def _server(options: argparse.Namespace, knobs: dict[str, Any]) -> Gemma | Served:
    from engine.remote.served import Served
    from engine.remote.server import RemoteError

    server.refuse(knobs)
    try:
        return Served(options.server, options.model)
    except RemoteError as error:
        raise InputError(str(error)) from error


class _Chat:
    """Reads lines, and shows what comes of them."""

    def __init__(self, talk: Talk, console: Console, options: argparse.Namespace) -> None:
        self.talk, self.console, self.options = talk, console, options
        self.lines = Lines(console)
        self.person, self._note = self.lines.person, self.lines.note
        self._last: Recording | None = None

    def run(self) -> int:
        """Until there are no more lines: the exit code."""
        if self.person:
            self._greet()
        code = 0
        for line in self.lines:
            words = line.strip()
            if self.person and words.startswith("/"):
                if not self._obey(words):
                    break
            elif words:
                self.talk.pending = words
                code = self._answer()
                if code and not self.person:
                    return code
        return code if not self.person else 0

    def _greet(self) -> None:
        told = self.talk.conversation.exchanges
        if told:
            self._note(f"{told} questions and answers so far; /show shows them.")
        self._note("Ask, and go on asking. /help lists what else there is, Ctrl+D leaves, Ctrl+C stops an answer.")

    def _answer(self) -> int:
        """Have the question that waits answered, unless the conversation has no room for it: the exit code."""
        from engine.remote.server import obeyed

        talk = self.talk
        if not talk.here and (warning := obeyed(talk.pending)):
            speak.complain(warning)
        if (spare := talk.crowded()) is not None and not self._shorten(spare):
            return 2
        try:
            code, run, measured = talk.ask(self.console)
        except InputError as error:
            if not self.person:
                raise
            speak.complain(str(error))
            return 2
        self._tell(run, measured)
        if code and self.person:
            if run.outcome == "stopped" and not leave.again():
                raise KeyboardInterrupt
            self._note("This question has no answer: /again asks it once more, /undo goes back further.")
        if not code:
            self._last = run
            self._keep(self.options.keep)
        return code

    def _shorten(self, spare: Conversation) -> bool:
        """Leave out what there is no room for, if that is wished, else say what can be done. Whether it was."""
        count = spare.left - self.talk.conversation.left
        oldest = "its oldest question and answer" if count == 1 else f"its oldest {count} questions and answers"
        tokens, limit = self.talk.count(self.talk.pending), self.talk.model.context
        full = f"With this question the conversation has {tokens:,} of {limit:,} tokens, and no room for an answer"
        if self.options.forget:
            speak.complain(f"{full}: {oldest} are left out from here on.")
            self.talk.conversation = spare
            return True
        if not self.person:
            raise InputError(f"{full}: --forget goes on without {oldest}.")
        speak.complain(f"{full}. /forget leaves {oldest} out and asks; a shorter question may fit.")
        return False

    def _tell(self, run: Recording, measured: dict[str, Any]) -> None:
        """What came of a question."""
        if run.outcome not in ("finished", "stopped"):
            speak.complain(run.outcome)
        reply = run.reply()
        if self.options.json:
            print(json.dumps(measured), flush=True)
        elif run.frames and not self.console.is_terminal:
            print(reply.answer or "\n".join(call.line() for call in reply.calls), flush=True)
        if reply.unfinished:
            speak.complain(UNFINISHED)
        if run.frames and self.console.is_terminal:
            self._note(_measured(run, measured))
        limit, canvas = measured["context"] and measured["context"]["limit"], self.talk.model.length
        if run.outcome == "finished" and limit and self.person:
            left = limit - self.talk.count() - run.settings.canvases * canvas
            if left < run.settings.canvases * canvas:
                self._note(
                    f"Nearly too long: there is room for a question of {max(0, left):,} tokens and an answer."
                )

    def _obey(self, line: str) -> bool:
        """Do what a line that begins with / says. Whether to go on."""
        name, _, rest = line[1:].partition(" ")
        rest, talk = rest.strip(), self.talk
        if name in ("quit", "exit"):
            return False
        if name == "again":
            self._answer() if talk.again() else self._note("There is no question yet.")
        elif name == "undo":
            gone, talk.pending, talk.pictures = talk.undo(), "", ()
            self._note("Taken back." if gone else "There is nothing to take back.")
            if gone:
                self._keep(self.options.keep)
        elif name == "forget":
            self._forget(rest)
        elif name == "image":
            self._show(rest)
        elif name == "system":
            talk.conversation = replace(talk.conversation, system=rest)
            self._note("That holds from the next question on." if rest else "There is no system prompt now.")
        elif name == "show":
            self.console.print(shown(talk.conversation), markup=False)
        elif name == "thought":
            self._note((self._last and self._last.reply().thought) or "There was none.")
        elif name == "save":
            self._keep(rest) if rest else self._note("Name a file: /save FILE.")
        else:
            self._note(
                _help(self.console.width) if name == "help" else f"There is no /{name}: /help lists what there is."
            )
        return True

    def _show(self, file: str) -> None:
        """Put a picture to the next question, or take those that are there away."""
        talk = self.talk
        if talk.model.blind:
            return speak.complain(talk.model.blind)
        try:
            few(len(talk.pictures) + 1)
            talk.pictures = (*talk.pictures, *look.pictures([file])) if file else ()
        except (InputError, PictureError) as error:
            return speak.complain(str(error))
        return self._note(f"The next question has {counted(len(talk.pictures), 'picture')}.")

    def _forget(self, rest: str) -> None:
        talk, spare = self.talk, self.talk.crowded()
        count = spare.left - talk.conversation.left if spare else 0
        count = int(rest) if rest.isdecimal() and len(rest) < 6 else count
        if not count:
            return self._note("All of it fits. /forget N leaves its oldest N questions out all the same.")
        talk.conversation = talk.conversation.without(talk.conversation.left + count)
        left, all_ = talk.conversation.left, talk.conversation.exchanges
        self._note(f"{left} of {all_} questions and answers are left out of what the model reads.")
        if talk.pending:
            self._answer()
        return None

    def _keep(self, file: str | None) -> None:
        if file is None:
            return
        try:
            dialogue.save(self.talk.conversation, file)
            if file != self.options.keep:
                self._note(f"Saved to {file}.")
        except DialogueError as error:
            speak.complain(str(error))


def _help(width: int) -> str:
    """HELP in lines of at most so many columns, what goes on under where it began."""
    lines = (textwrap.wrap(line, max(40, width), subsequent_indent=" " * 14) for line in HELP.splitlines())
    return "\n".join(line for wrapped in lines for line in wrapped)


def _measured(run: Recording, measured: dict[str, Any]) -> str:
    """What an answer took, in one line."""
    parts = [f"{len(run.frames)} steps", f"{run.frames[-1].seconds:.2f} s"]
    if not run.frames[-1].told:
        parts[0] = f"{len(run.frames)} canvases"
    if context := measured["context"]:
        parts += [f"{context['tokens']:,} of {context['limit']:,} tokens, {context['read']:,} of them read now"]
    return "   ".join(parts)


def shown(conversation: Conversation) -> str:
    """All that was said, as text."""
    from engine.commands.console.terminal import printable

    lines = [f"({conversation.system})"] if conversation.system else []
    for at, turn in enumerate(conversation.turns):
        out = "  (left out)" if at < 2 * conversation.left else ""
        seen = f" ({counted(len(turn.pictures), 'picture')})" if turn.pictures else ""
        lines.append(f"> {turn.text}{seen}{out}" if at % 2 == 0 else turn.text)
        lines += [call.line() for call in turn.calls]
    return printable("\n\n".join(lines), newlines=True)
