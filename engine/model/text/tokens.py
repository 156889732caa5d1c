"""A tokenizer's ids as the bytes that they stand for, and a prompt as ids. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from engine.values.frame import Lexicon


class PromptError(ValueError):
    """A prompt that a model cannot be given. Its message is one sentence that says what to do."""


_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")  # how a vocabulary of pieces spells a byte that no piece has
_SPACE = "▁"  # ... and a space


def lexicon(tokenizer: Any, ends: Iterable[int]) -> Lexicon:
    """The lexicon of a `tokenizers`-backed tokenizer, whose decoder tells byte alphabets from pieces.

    Added tokens are spelled as all others: runs of spaces are text. Only those that are special are no text.
    """
    spell = _spell_bytes if "ByteLevel" in repr(tokenizer.backend_tokenizer.decoder) else _spell_piece
    pieces = {id: spell(token) for token, id in tokenizer.get_vocab().items()}
    ends, added = frozenset(ends), tokenizer.added_tokens_decoder
    return Lexicon(pieces, ends, ends | {id for id, token in added.items() if token.special})


def encode(
    tokenizer: Any,
    prompt: str,
    chat: bool = True,
    thinking: bool = False,
    raw: bool = False,
    marks: Sequence[str] = (),
    before: Sequence[dict[str, Any]] = (),
) -> list[int]:
    """The ids of a prompt, in the tokenizer's own chat format if it has one and `chat` is on, else as plain text.

    `before` are the messages of a conversation that the prompt goes on with; plain text has none. What is typed is
    text: names of control tokens become letters, unless it is `raw`. Never empty: a text begins with the beginning
    token, or with an end token where there is none. `marks` are the tokens that stand for pictures before the
    prompt, one each, where the chat format does not say how.
    """
    parts = [*({"type": "image"} for _ in marks), {"type": "text", "text": prompt}]
    told, names = [*before, {"role": "user", "content": parts if marks else prompt}], {}
    if not raw:
        told, names = _lift(tokenizer, told)
    last = told[-1]["content"]
    text = "".join(marks) + (last[-1]["text"] if marks else last)
    if wrapped := chat and bool(tokenizer.chat_template):
        options = {"enable_thinking": thinking} if thinks(tokenizer) else {}
        text = tokenizer.apply_chat_template(told, add_generation_prompt=True, tokenize=False, **options)
    ids: list[int] = [] if wrapped or tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    for part in re.split("([" + "".join(names) + "])", text) if names else [text]:
        if part in names:
            ids += plain(tokenizer, names[part])
        else:
            ids += tokenizer.encode(part, add_special_tokens=False)
    return ids or [tokenizer.eos_token_id or 0]


def _lift(tokenizer: Any, told: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Messages with a sign in place of every name of a control token in them, and which sign stands for which name.

    A sign is a character that stands for nothing in any text (from U+FDD0 on), one that is not there.
    """
    special = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    longest = sorted(special, key=len, reverse=True)  # of two that begin alike, the longer first
    pattern = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
    texts = "".join(_texts(told))
    names = sorted(set(pattern.findall(texts)))
    signs = (sign for sign in map(chr, range(0xFDD0, 0x110000)) if sign not in texts)
    of = dict(zip(names, signs, strict=False))
    lifted = _with(told, lambda text: pattern.sub(lambda found: of[found[0]], text)) if names else told
    return lifted, {sign: name for name, sign in of.items()}


def _texts(told: Any) -> Iterator[str]:
    """Every text in what JSON can hold."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict | list):
        for value in told.values() if isinstance(told, dict) else told:
            yield from _texts(value)


def _with(told: Any, change: Callable[[str], str]) -> Any:
    """The same with every text in it changed."""
    if isinstance(told, str):
        return change(told)
    if isinstance(told, list):
        return [_with(value, change) for value in told]
    return {key: _with(value, change) for key, value in told.items()} if isinstance(told, dict) else told


def plain(tokenizer: Any, text: str) -> list[int]:
    """The ids of a text as it stands, names of control tokens too: nothing before it and nothing behind."""
    return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)


def thinks(tokenizer: Any) -> bool:
    """Whether the chat format knows how to ask for thinking."""
    return "enable_thinking" in (tokenizer.chat_template or "")


def _alphabet() -> dict[str, int]:
    """The character that stands for each byte in byte-level vocabularies (GPT-2's): itself where it can be seen."""
    seen = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = sorted(set(range(256)) - set(seen))
    return {chr(byte): byte for byte in seen} | {chr(256 + at): byte for at, byte in enumerate(hidden)}


_BYTES = _alphabet()


def _spell_bytes(token: str) -> bytes:
    """A token with a character that stands for no byte is an added one: it is spelled as it is."""
    known = all(c in _BYTES for c in token)
    return bytes(_BYTES[c] for c in token) if known else token.encode()


def _spell_piece(token: str) -> bytes:
    byte = _BYTE.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(_SPACE, " ").encode()
