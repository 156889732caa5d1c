"""A tokenizer's ids as the bytes that they stand for, and a prompt as ids. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from engine.values.frame import Lexicon

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")  # how a vocabulary of pieces spells a byte that no piece has
_SPACE = "▁"  # ... and a space


def lexicon(tokenizer: Any, ends: Iterable[int]) -> Lexicon:
    """The lexicon of a `tokenizers`-backed tokenizer, whose decoder tells byte alphabets from pieces."""
    spell = _spell_bytes if "ByteLevel" in repr(tokenizer.backend_tokenizer.decoder) else _spell_piece
    pieces = {id: spell(token) for token, id in tokenizer.get_vocab().items()}
    added = tokenizer.added_tokens_decoder
    pieces |= {id: token.content.encode() for id, token in added.items()}
    ends = frozenset(ends)
    return Lexicon(pieces, ends, ends | {id for id, token in added.items() if token.special})


def encode(tokenizer: Any, prompt: str, chat: bool = True, thinking: bool = False) -> list[int]:
    """The ids of a prompt, in the tokenizer's own chat format if it has one and `chat` is on, else as plain text.

    Never empty: a text begins with the beginning token, or with an end token where there is none.
    """
    if chat and tokenizer.chat_template:
        options = {"enable_thinking": thinking} if thinks(tokenizer) else {}
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}], add_generation_prompt=True, return_dict=False, **options
        )
    else:
        ids = tokenizer.encode(prompt, add_special_tokens=False)
        ids = ids if tokenizer.bos_token_id is None else [tokenizer.bos_token_id, *ids]
    return list(ids) or [tokenizer.eos_token_id or 0]


def plain(tokenizer: Any, text: str) -> list[int]:
    """The ids of a text as it stands, nothing before it and nothing behind."""
    return tokenizer.encode(text, add_special_tokens=False)


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
    return b"".join(bytes([_BYTES[c]]) if c in _BYTES else c.encode() for c in token)


def _spell_piece(token: str) -> bytes:
    byte = _BYTE.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(_SPACE, " ").encode()
