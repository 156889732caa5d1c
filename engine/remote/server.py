"""Server: DiffusionGemma on another computer, served by vLLM through its OpenAI-compatible API. Knows no torch.

Such a server sends no drafts: a canvas arrives whole, once it is committed. So what is known of a canvas is its
text, how many tokens it has and when it arrived. How it came about stays there, and nothing is made up here.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

from engine.model.folder.checkpoint import CancelError
from engine.remote.wire import RemoteError, Wire, complaint, parsed, plain
from engine.values.picture import whole
from engine.values.turns import Conversation, Turn
from engine.values.words.letters import quoted
from engine.values.words.reply import Spelled

NOTE = "one frame per canvas: the server sends no drafts"  # to be said wherever such a text is shown
KNOBS = frozenset({"canvases", "thinking"})  # that a request can tell a server; it samples as it was started
CANVAS = 256  # tokens: the published model's
SINGLE = 3  # tokens, one after the other: they are no canvases, which may be of any other length
STOPS = {"stop": "end", "length": "limit"}  # why a text ended, as Frame names it
LISTING = 1 << 22  # bytes that the names of all models may take, and ...
ANSWER = 30.0  # seconds until they are there
LETTERS = 64  # of a token, at the very most: more text than that was not asked for
LONG, MANY = 80, 200  # characters of a list in a sentence
_CONTROL = re.compile(r"<\|[a-z_]+\|?>|<[a-z_]+\|>|<(?:pad|eos|bos|unk|mask)>")  # as the published model names them
# What an answer of another kind raises.
_NONSENSE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class Arrival(NamedTuple):
    """What arrived at once: a canvas, or its last part."""

    text: str
    tokens: int | None  # as the server counts them; None: it did not tell
    seconds: float  # from the sending of the prompt on, by this computer's clock: the network is in it
    stop: str = ""  # why the text ended here: "end", "limit" or the server's own word; "" while it goes on
    thought: str = ""  # what came before the text, and is none of the answer
    inside: bool = False  # the thought goes on


class Server:
    """A vLLM server. `address` is like http://host:8000, with or without /v1. Raises RemoteError, everywhere."""

    def __init__(self, address: str) -> None:
        self._wire = Wire(address)
        self.address = self._wire.address

    def model(self, wanted: str | None = None, stopped: Callable[[], bool] = lambda: False) -> str:
        """The name under which DiffusionGemma is served: `wanted`, else the first that is one by its name."""
        cards = self._models(stopped)
        names = [plain(card["id"]) for card in cards]
        served = quoted(", ".join(names), MANY)
        if not names:
            raise RemoteError(f"The server at {self.address} serves no model: start it with a DiffusionGemma.")
        if wanted is None:
            ours = [name for name, card in zip(names, cards, strict=True) if _is_ours(name, card.get("root"))]
            if not ours:
                raise RemoteError(
                    f"The server at {self.address} serves {served}, by its name no DiffusionGemma: "
                    "if it is one, name it with --model."
                )
            return ours[0]
        if wanted not in names:
            raise RemoteError(f"The server at {self.address} serves no {wanted}: it has {served}.")
        return wanted

    def write(
        self,
        model: str,
        conversation: Conversation,
        canvases: int = 1,
        thinking: bool = False,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Arrival]:
        """Let a model answer a conversation on at most so many canvases, and yield each when it arrives, until
        `stopped()`."""
        request = {
            "model": model,
            "messages": _messages(conversation),
            "max_tokens": CANVAS * canvases,
            "stream": True,
            "stream_options": {"include_usage": True, "continuous_usage_stats": True},
            "return_token_ids": True,
            "skip_special_tokens": False,  # the markers of a thought, where no parser there takes it out
            "chat_template_kwargs": {"enable_thinking": thinking},  # it may have been started with another default
        }
        with closing(self._wire.lines("POST", "/chat/completions", request, stopped)) as lines:
            yield from self._bounded(self._arrivals(lines, model, stopped), request["max_tokens"])

    def _bounded(self, arrivals: Iterator[Arrival], most: int) -> Iterator[Arrival]:
        """No more than `most` tokens and a canvas, and a text that so many tokens can have."""
        tokens = letters = 0
        for arrival in arrivals:
            tokens, letters = tokens + (arrival.tokens or 0), letters + len(arrival.text) + len(arrival.thought)
            if tokens > most + CANVAS or letters > LETTERS * (most + CANVAS):
                raise RemoteError(f"The server at {self.address} sends more than was asked for: use another one.")
            yield arrival

    def _arrivals(
        self, lines: Iterator[tuple[float, bytes]], model: str, stopped: Callable[[], bool]
    ) -> Iterator[Arrival]:
        total, single, said, over, reply = 0, 0, False, False, Spelled()
        for seconds, line in lines:
            if line.strip() == b"data: [DONE]":
                if said:
                    return
                raise RemoteError(
                    f"The server at {self.address} has sent no text: run it again, or use another one."
                )
            chunk = self._chunk(line)
            if chunk is None:
                continue
            thought, text, tokens, stop = self._measure(chunk, total)
            if not thought and not text and not tokens and not stop:
                continue
            single = single + 1 if tokens == 1 else 0
            if single == SINGLE:
                raise RemoteError(f"{model} at {self.address} writes token by token, so it is no DiffusionGemma.")
            total, said, over = total + (tokens or 0), True, over or bool(stop)
            first = reply.thought(thought) if thought else ""
            more, text = reply.content(text)
            yield Arrival(text, tokens, seconds, stop, first + more, reply.inside)
        if not over and not stopped():
            raise RemoteError(f"The server at {self.address} broke off in the middle of a text: run it again.")

    def _chunk(self, line: bytes) -> dict[str, Any] | None:
        """An event of the stream, None for a line that is none."""
        if not line.startswith(b"data:"):
            return None
        chunk = self._object(line[5:])
        if chunk.get("error") or chunk.get("object") == "error":
            why = complaint(chunk) or "it does not say why"
            raise RemoteError(f"The server at {self.address} failed ({why}): run it again.")
        return chunk

    def _measure(self, chunk: dict[str, Any], total: int) -> tuple[str, str, int | None, str]:
        """Thought, text, tokens and why it ended, of an event; `total` tokens came before."""
        try:
            if not chunk.get("choices"):
                return "", "", 0, ""  # only the usage, at the end
            choice, usage = chunk["choices"][0], chunk.get("usage") or {}
            delta, ids = choice.get("delta") or {}, choice.get("token_ids")
            thought = "" + (delta.get("reasoning") or delta.get("reasoning_content") or "")
            text = "" + (delta.get("content") or "")
            count = usage.get("completion_tokens") if ids is None else total + len(ids)
            reason = choice.get("finish_reason") or ""
            tokens = None if count is None else max(0, int(count) - total)
            return thought, text, tokens, STOPS.get(reason, plain(reason))
        except _NONSENSE as error:
            raise self._foreign() from error

    def _models(self, stopped: Callable[[], bool]) -> list[dict[str, Any]]:
        asked = self._wire.lines("GET", "/models", stopped=stopped, most=LISTING, within=ANSWER)
        with closing(asked) as lines:
            text = b"".join(line for _, line in lines)
        if stopped():
            raise CancelError("Loading was cancelled: choose a model to go on.")
        answer = self._object(text)
        try:
            return [dict(card, id="" + card["id"]) for card in answer["data"] if card["id"] != ""]
        except _NONSENSE as error:
            raise self._foreign() from error

    def _object(self, text: bytes) -> dict[str, Any]:
        value = parsed(text)
        if value is None:
            raise self._foreign()
        return value

    def _foreign(self) -> RemoteError:
        return RemoteError(f"What answers at {self.address} is no vLLM server: give the address of one.")


def _messages(conversation: Conversation) -> list[dict[str, Any]]:
    """A conversation as the API has it: pictures whole in their addresses, arguments of tool calls as texts."""
    pictured = [turn for turn in conversation.told if turn.pictures]
    messages = conversation.messages()
    for message in messages:
        if not isinstance(message["content"], str):
            message["content"] = _content(pictured.pop(0))
        for at, call in enumerate(message.get("tool_calls", ())):
            function = call["function"]
            call |= {"id": f"call_{at}", "function": function | {"arguments": json.dumps(function["arguments"])}}
    return messages


def _content(turn: Turn) -> list[dict[str, Any]]:
    """What was asked with pictures: these first, a text behind them."""
    from engine.values.files import image

    whole(turn.pictures)

    def part(kind: str, data: bytes) -> dict[str, Any]:
        return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{b64encode(data).decode()}"}}

    return [*(part(*image.sendable(picture)) for picture in turn.pictures), {"type": "text", "text": turn.text}]


def obeyed(prompt: str) -> str:
    """What a server will take for control tokens in a prompt, as a sentence; "" if there is nothing of that kind.

    It is sent as typed: which names its tokenizer obeys nobody here can know, nor how to tell it not to.
    """
    names = ", ".join(dict.fromkeys(_CONTROL.findall(prompt)))[:LONG]
    return (
        f"A server obeys names of control tokens in a prompt ({names}): spell them otherwise to mean text."
        * bool(names)
    )


def _is_ours(*names: Any) -> bool:
    """Whether a name says DiffusionGemma, however it is spelled."""
    return any("diffusiongemma" in "".join(c for c in str(name).lower() if c.isalnum()) for name in names)
