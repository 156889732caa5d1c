"""Dialogue: a conversation as JSON, and as Markdown for people; both are read back, whoever wrote them.

What passes raises nothing later. Knows no torch.
"""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

from engine.values.files import checked, whole
from engine.values.picture import MOST, Picture
from engine.values.turns import MODEL, USER, Conversation, Turn
from engine.values.words import calls

FORMAT = "unnoise conversation 1"
ENDINGS = (".md", ".markdown", ".json")  # of files that hold one
BYTES = 2**25  # of a file
TURNS, CALLS = 4096, 1024  # of a conversation, and of a turn
SIDE = 1_000_000  # pixels of a picture that is gone
TEXT, RUN = 1_000_000, 64  # characters of a text, and of a recording's own name
SYSTEM, YOU, SAID = "## System", "## You", "## Model"
THOUGHT, THOUGHT_END = "<details><summary>Thought</summary>", "</details>"
CALL, CALL_END = "```tool_call", "```"
_HEADS = {SYSTEM, YOU, SAID}
_MARKS = (*_HEADS, THOUGHT, THOUGHT_END, CALL, CALL_END)
_MARK = re.compile(
    r"(\\*)(" + "|".join(map(re.escape, _MARKS)) + r"|# Conversation|<!-- (?:run|left|picture) .*-->)[ \t]*"
)
_NOTE = re.compile(r"<!-- (run|left) ([\w-]{1,64}) -->|<!-- (picture) (\d{1,7}) (\d{1,7}) -->")


class DialogueError(Exception):
    """A conversation that cannot be read or written. Its message is a sentence for people."""


def told(conversation: Conversation) -> dict[str, Any]:
    """A conversation as JSON has it."""
    return {
        "system": conversation.system,
        "left": conversation.left,
        "messages": [_message(turn) for turn in conversation.turns],
    }


def _message(turn: Turn) -> dict[str, Any]:
    if turn.role == USER:
        sizes = [[picture.width, picture.height] for picture in turn.pictures]
        return {"role": USER, "content": turn.text} | ({"pictures": sizes} if sizes else {})
    return {
        "role": MODEL,
        "content": turn.text,
        "thought": turn.thought,
        "tool_calls": [call.told() for call in turn.calls],
        "run": turn.run,
    }


def heard(value: Any) -> Conversation:
    """What `told` made, back from JSON. Raises ValueError or KeyError on anything else."""
    messages = checked.kind(checked.kind(value, dict)["messages"], list)
    if len(messages) > TURNS or len(messages) % 2:
        raise ValueError("it has a question without an answer, or is too long")
    turns = tuple(_turn(message, (USER, MODEL)[at % 2]) for at, message in enumerate(messages))
    left = checked.kind(value.get("left", 0), int)
    if not 0 <= left <= len(turns) // 2:
        raise ValueError("it leaves out more than there is")
    return Conversation(turns, _text(value.get("system", "")), left)


def _turn(value: Any, role: str) -> Turn:
    if checked.kind(value, dict)["role"] != role:
        raise ValueError("its turns are not in order")
    text = _text(value["content"])
    if role == USER:
        return Turn(USER, text, _pictures(value.get("pictures", [])))
    written = checked.kind(value.get("tool_calls", []), list)
    if len(written) > CALLS:
        raise ValueError("it has too many tool calls")
    read = tuple(calls.read(_text(checked.kind(call, dict)["written"])) for call in written)
    run = _text(value.get("run", ""), RUN)
    return Turn(MODEL, text, (), _text(value.get("thought", "")), read, run if run.isalnum() else "")


def _pictures(value: Any) -> tuple[Picture, ...]:
    """Pictures of which only the sizes are left."""
    if len(checked.kind(value, list)) > MOST:
        raise ValueError("it has too many pictures")
    sizes = [[checked.kind(side, int) for side in checked.kind(size, list)] for size in value]
    if not all(len(size) == 2 and all(0 < side <= SIDE for side in size) for size in sizes):
        raise ValueError("a picture has no size")
    return tuple(Picture(*size) for size in sizes)


def _text(value: Any, most: int = TEXT) -> str:
    return checked.words(value, most)


def markdown(conversation: Conversation) -> str:
    """A conversation as Markdown. A line of it that would be taken for one of ours gets a backslash."""
    lines = ["# Conversation", ""]
    if conversation.left:
        lines += [f"<!-- left {conversation.left} -->", ""]
    if conversation.system:
        lines += [SYSTEM, "", *_escaped(conversation.system), ""]
    for turn in conversation.turns:
        lines += [YOU if turn.role == USER else SAID, ""]
        lines += [f"<!-- picture {picture.width} {picture.height} -->" for picture in turn.pictures]
        if turn.run:
            lines += [f"<!-- run {turn.run} -->", ""]
        if turn.thought:
            lines += [THOUGHT, "", *_escaped(turn.thought), "", THOUGHT_END, ""]
        for call in turn.calls:
            lines += [CALL, *_escaped(call.written), CALL_END, ""]
        lines += [*_escaped(turn.text), ""]
    return "\n".join(lines)


def _escaped(text: str) -> list[str]:
    return ["\\" + line if _MARK.fullmatch(line) else line for line in text.split("\n")]


def unmarked(text: str) -> Conversation:
    """What `markdown` made, but for blank lines around a text. Raises ValueError on anything else."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != "# Conversation":
        raise ValueError("it is no conversation")
    sections: list[tuple[str, list[str]]] = [("", [])]
    for line in lines[1:]:
        if line.strip() in _HEADS:
            sections.append((line.strip(), []))
        else:
            sections[-1][1].append(line)
    (_, head), *rest = sections
    system = [_joined(body) for name, body in rest if name == SYSTEM]
    messages = [_parsed(USER if name == YOU else MODEL, body) for name, body in rest if name != SYSTEM]
    left = _noted(head).get("left", "0")
    if len(system) > 1 or not left.isdecimal() or len(left) > 4:
        raise ValueError("it has more than one system prompt")
    return heard({"system": "".join(system), "left": int(left), "messages": messages})


def _parsed(role: str, body: list[str]) -> dict[str, Any]:
    """The lines below a heading, as `told` has them."""
    parts: dict[str, list[list[str]]] = {THOUGHT: [], CALL: []}
    ends, plain, into = {THOUGHT: THOUGHT_END, CALL: CALL_END}, [], ""
    for line in body:
        if into:
            if line.strip() == ends[into]:
                into = ""
            else:
                parts[into][-1].append(line)
        elif role == MODEL and line.strip() in parts:
            into = line.strip()
            parts[into].append([])
        elif not _NOTE.fullmatch(line.strip()):
            plain.append(line)
    message = {"role": role, "content": _joined(plain)}
    if role == USER:
        notes = filter(None, (_NOTE.fullmatch(line.strip()) for line in body))
        return message | {"pictures": [[int(note[4]), int(note[5])] for note in notes if note[3]]}
    thought = "\n".join(_joined(lines) for lines in parts[THOUGHT])
    written = [{"written": _joined(lines)} for lines in parts[CALL]]
    return message | {"thought": thought, "tool_calls": written, "run": _noted(body).get("run", "")}


def _joined(lines: list[str]) -> str:
    """Lines as the text that they were."""
    plain = [line[1:] if line.startswith("\\") and _MARK.fullmatch(line) else line for line in lines]
    return "\n".join(plain).strip("\n")


def _noted(lines: list[str]) -> dict[str, str]:
    return {found[1]: found[2] for line in lines if (found := _NOTE.fullmatch(line.strip()))}


def written(conversation: Conversation, suffix: str) -> str:
    """A conversation as a file with that ending holds it: Markdown if it is .md, else JSON."""
    if suffix.lower() in ENDINGS[:2]:
        return markdown(conversation)
    return json.dumps({"format": FORMAT} | told(conversation), indent=2) + "\n"


def save(conversation: Conversation, path: str | Path) -> None:
    """Write a conversation, whole or not at all: Markdown to a name that ends in .md, else JSON. DialogueError."""
    path = Path(path)
    text = written(conversation, path.suffix)
    try:
        whole.put(path, lambda file: file.write(text.encode("utf-8", "replace")))
    except OSError as error:
        raise DialogueError(f"The conversation was not saved to {path}: {error.strerror or error}.") from error


def load(path: str | Path) -> Conversation:
    """What `save` wrote. Raises DialogueError, with a sentence, on anything else."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for
            raise DialogueError(f"{path} cannot be read: it is no file.")
        with open(path, "rb") as file:
            data = file.read(BYTES + 1)
    except FileNotFoundError as error:
        raise DialogueError(f"There is no conversation at {path}; check the path.") from error
    except (OSError, ValueError) as error:
        raise DialogueError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    try:
        if len(data) > BYTES:
            raise ValueError("it is too large")
        return _read(data.decode("utf-8-sig"))
    except (ValueError, KeyError, RecursionError) as error:
        raise DialogueError(f"{path} is no conversation that Unnoise has kept, or it is damaged.") from error


def _read(text: str) -> Conversation:
    if not text.lstrip().startswith("{"):
        return unmarked(text)
    value = json.loads(text)
    if checked.kind(value, dict)["format"] != FORMAT:
        raise ValueError("it is of another version")
    return heard(value)
