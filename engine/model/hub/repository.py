"""Repository: what one on the hub holds, and what of it is on this computer. Fetches no weights, knows no torch.

Only safetensors, JSON and templates are ever looked at: a checkpoint is data, never code. Every question has a time
after which nobody waits for the answer, and every answer a size beyond which nobody reads on.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha1, sha256
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from engine.model.computer import machine
from engine.model.folder.checkpoint import KIND, CancelError, LoadError, readable
from engine.model.hub.causes import UnreachableError, explained
from engine.values import patience

__all__ = ["File", "Listing", "UnreachableError", "cached", "digest", "explained", "known", "listing", "part"]

PATTERNS = ("*.safetensors", "*.json", "*.jinja")
TIMEOUT = 10.0  # seconds without a byte until a connection counts as broken
ANSWER = 30.0  # seconds for the whole of a short answer
MOST = 1 << 26  # bytes of a short answer
HEAD = 1 << 17  # ... of a file of weights that mostly hold its header
FILES, SIZE = 4096, 2**50  # of a repository that are looked at, and bytes of one
# A path that stays where it is put, and that a disk can have.
NAME = re.compile(r"(?!.{1000})(?!.*[^/]{200})(?!.*(?:^|/)\.\.?(?:/|$))[^/\\:\0][^\\:\0]*", re.DOTALL)
SUM = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # a checksum, of git or of what is in a large file
Cancelled = Callable[[], bool]


class File(NamedTuple):
    """A file of a repository, how many of its bytes are on this computer, and its checksum."""

    name: str
    size: int
    here: int
    sum: str = ""


@dataclass(frozen=True)
class Listing:
    """A repository as the hub has it now: its files, config.json, tensors by key, and which version it is."""

    files: list[File]
    config: dict[str, Any]
    tensors: dict[str, dict[str, Any]]
    commit: str = ""


def listing(repo: str, cancelled: Cancelled = lambda: False) -> Listing:
    """Ask for names, sizes and the heads of files; no weights. Raises LoadError."""
    from huggingface_hub import constants, hf_hub_url

    def url(name: str) -> str:
        return hf_hub_url(repo, name, revision=commit)

    with explained(repo):
        hf_hub_url(repo, "config.json")  # looks at the spelling of the id
        about = f"{constants.ENDPOINT}/api/models/{repo}"
        commit = _json(_get(about, cancelled), dict).get("sha")
        if not isinstance(commit, str) or not SUM.fullmatch(commit):
            raise _nonsense()
        entries = _json(_get(f"{about}/tree/{commit}?recursive=true", cancelled), list)
        wanted = [entry for entry in entries if _wanted(entry)]
        readable(repo, (entry["path"] for entry in entries))
        if len(wanted) > FILES:
            raise _nonsense()
        files = [_file(repo, commit, entry) for entry in wanted]
        names = [file.name for file in files]
        config = _json(_get(url("config.json"), cancelled), dict) if "config.json" in names else {}
        if config.get("model_type") != KIND:
            raise LoadError(f"{repo} is no DiffusionGemma: choose another model.")
        tensors = {}
        for name in names:
            if name.endswith(".safetensors"):
                tensors |= _tensors(repo, url(name), cancelled)
        return Listing(files, config, tensors, commit)


def _get(url: str, cancelled: Cancelled, most: int = MOST, part: bool = False) -> bytes:
    """What the hub answers; with `part` only the first so many bytes of it, else LoadError if there are more.

    Leaves no trace in the cache: what is there should be whole models.
    """
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    span = {"Range": f"bytes=0-{most - 1}"} if part else {}
    headers = build_hf_headers() | span | {"Accept-Encoding": "identity"}

    def ask(gone: Cancelled) -> bytes:
        found = bytearray()
        with get_session().stream("GET", url, headers=headers, timeout=TIMEOUT) as response:
            hf_raise_for_status(response)
            for block in response.iter_bytes():
                found += block
                if len(found) > most or gone():
                    break
        return bytes(found[: most + 1])

    end = monotonic() + ANSWER
    try:
        found = patience.aside(ask, lambda: cancelled() or monotonic() > end)
    except patience.GivenUpError:
        if cancelled():
            raise CancelError("Loading was cancelled: choose a model to go on.") from None
        raise UnreachableError(f"The hub has not answered within {ANSWER:.0f} s: try again later.") from None
    if len(found) > most and not part:
        raise _nonsense()
    return found[:most]


def _json(text: bytes, kind: type) -> Any:
    value = None
    with suppress(ValueError, RecursionError):
        value = json.loads(text)
    if not isinstance(value, kind):
        raise _nonsense()
    return value


def _nonsense() -> UnreachableError:
    return UnreachableError("The hub gave no answer that makes sense: look at your connection and try again.")


def _wanted(entry: Any) -> bool:
    """Whether an entry of a listing is a file that is looked at. UnreachableError if it is nothing of that kind."""
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise _nonsense()
    return entry.get("type") == "file" and any(fnmatch(entry["path"], pattern) for pattern in PATTERNS)


def _file(repo: str, commit: str, entry: dict[str, Any]) -> File:
    large = entry.get("lfs")
    name, size, told = entry["path"], entry.get("size"), (large if isinstance(large, dict) else entry).get("oid")
    sound = NAME.fullmatch(name) and type(size) is int and 0 <= size <= SIZE and isinstance(told, str)
    if not sound or not SUM.fullmatch(told):
        raise _nonsense()
    return File(name, size, _here(repo, commit, name, size, told), told)


def _here(repo: str, commit: str, name: str, size: int, told: str) -> int:
    """How many bytes of a file are in the cache, or in what a download left there."""
    grown = part(repo, told)
    for whole in (snapshot(repo, commit) / name, grown.with_suffix("")):
        if whole.is_file() and whole.stat().st_size == size:
            return size
    return min(size, grown.stat().st_size) if grown.is_file() else 0


def folder(repo: str) -> Path:
    """Where the hub's cache keeps a repository."""
    return machine.cache() / "--".join(("models", *repo.split("/")))


def ref(repo: str) -> Path:
    """What tells the version that is here."""
    return folder(repo) / "refs" / "main"


def snapshot(repo: str, commit: str) -> Path:
    """Where the files of a version are, by their names."""
    return folder(repo) / "snapshots" / commit


def part(repo: str, told: str) -> Path:
    """Where a file of the hub grows: beside its blob in the cache, named like that by the file's checksum."""
    return folder(repo) / "blobs" / f"{told}.partial"


def digest(told: str, size: int) -> Any:
    """What takes the bytes of a file of that size, to tell in the end whether they are those of the checksum."""
    return sha256() if len(told) == 64 else sha1(b"blob %d\0" % size, usedforsecurity=False)  # git's own


def _tensors(repo: str, url: str, cancelled: Cancelled) -> dict[str, dict[str, Any]]:
    """The tensors of a safetensors file, by key, from its header.

    Source: the format's description (https://huggingface.co/docs/safetensors).
    """
    try:
        head = _get(url, cancelled, HEAD, part=True)
        (length,) = struct.unpack("<Q", head[:8])
        if length + 8 > len(head):
            head = _get(url, cancelled, min(MOST, length + 8), part=True)
        tensors = json.loads(head[8 : 8 + length])
        tensors.pop("__metadata__", None)
        return {key: {"shape": list(held["shape"]), "dtype": held["dtype"]} for key, held in tensors.items()}
    except (struct.error, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise LoadError(f"{repo} has no weights that can be read: choose another model.") from None


def cached(repo: str) -> Path | None:
    """The folder of a repository that is wholly on this computer, as far as is known without asking the hub."""
    from huggingface_hub import errors, snapshot_download

    with suppress(errors.LocalEntryNotFoundError, errors.HFValidationError):
        return Path(snapshot_download(repo, local_files_only=True, allow_patterns=list(PATTERNS)))
    return None


def known() -> list[str]:
    """The ids of the DiffusionGemmas in the hub's cache, whole or not."""
    found = []
    for config in sorted(machine.cache().glob("models--*--*/snapshots/*/config.json")):
        _, owner, name = config.parents[2].name.split("--", 2)
        with suppress(OSError, ValueError, AttributeError):
            if json.loads(config.read_text("utf-8")).get("model_type") == KIND:
                found.append(f"{owner}/{name}")
    return list(dict.fromkeys(found))
