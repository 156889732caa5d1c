"""Repository: what one on the hub holds, and what of it is on this computer. Fetches no weights, knows no torch.

Only safetensors, JSON and templates are ever looked at: a checkpoint is data, never code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from engine.model.checkpoint import KIND, LoadError, readable
from engine.model.computer import machine

PATTERNS = ("*.safetensors", "*.json", "*.jinja")
TIMEOUT = 10.0  # seconds without a byte until a connection counts as broken


class UnreachableError(LoadError):
    """There is no network, or no answer."""


class File(NamedTuple):
    """A file of a repository, and how many of its bytes are on this computer."""

    name: str
    size: int
    here: int


@dataclass(frozen=True)
class Listing:
    """A repository as the hub has it now: its files, its config.json, its tensors by key."""

    files: list[File]
    config: dict[str, Any]
    tensors: dict[str, dict[str, Any]]


def listing(repo: str) -> Listing:
    """Ask for names, sizes and the heads of files; no weights. Raises LoadError."""
    from huggingface_hub import constants, hf_hub_url

    with explained(repo):
        config_url = hf_hub_url(repo, "config.json")  # which also looks at the spelling of the id
        entries = _ask(f"{constants.ENDPOINT}/api/models/{repo}/tree/main?recursive=true", list)
        readable(repo, (entry.get("path", "") for entry in entries))
        files = [File(entry["path"], entry["size"], _here(repo, entry)) for entry in entries if _wanted(entry)]
        config = _ask(config_url, dict) if any(file.name == "config.json" for file in files) else {}
        if config.get("model_type") != KIND:
            raise LoadError(f"{repo} is no DiffusionGemma: choose another model.")
        return Listing(files, config, _tensors(repo, files))


def _ask(url: str, kind: type) -> Any:
    """What the hub answers, in JSON. Read without a trace in the cache: what is there should be whole models."""
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    response = get_session().get(url, headers=build_hf_headers(), timeout=TIMEOUT)
    hf_raise_for_status(response)
    try:
        value = json.loads(response.content)
    except ValueError:
        value = None
    if not isinstance(value, kind):
        raise UnreachableError("The hub gave no answer that makes sense: look at your connection and try again.")
    return value


def _wanted(entry: dict[str, Any]) -> bool:
    return entry.get("type") == "file" and any(fnmatch(entry["path"], pattern) for pattern in PATTERNS)


def _here(repo: str, entry: dict[str, Any]) -> int:
    """How many bytes of a file are in the cache, or in what a download left there."""
    from huggingface_hub import try_to_load_from_cache

    if isinstance(try_to_load_from_cache(repo, entry["path"]), str):
        return entry["size"]
    grown = part(repo, (entry.get("lfs") or entry)["oid"])
    if grown.with_suffix("").is_file():  # whole, but not yet in its place
        return entry["size"]
    return min(entry["size"], grown.stat().st_size) if grown.is_file() else 0


def part(repo: str, etag: str) -> Path:
    """Where a file of the hub grows: beside its blob in the cache, named like that by the file's checksum."""
    return machine.cache() / "--".join(("models", *repo.split("/"))) / "blobs" / f"{etag}.partial"


def _tensors(repo: str, files: list[File]) -> dict[str, dict[str, Any]]:
    """The tensors of the safetensors files, by key, from their headers."""
    from huggingface_hub import HfApi

    tensors = {}
    for file in files:
        if file.name.endswith(".safetensors"):
            found = HfApi().parse_safetensors_file_metadata(repo, file.name).tensors
            tensors |= {key: {"shape": list(tensor.shape), "dtype": tensor.dtype} for key, tensor in found.items()}
    return tensors


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


@contextmanager
def explained(repo: str) -> Iterator[None]:
    """What huggingface_hub raises about a repository, as LoadError in one sentence."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        hint = f"accept its terms at https://huggingface.co/{repo}, run `hf auth login`, and try again"
        raise LoadError(f"{repo} is only for those who accepted its terms: {hint}.") from None
    except (errors.RepositoryNotFoundError, errors.HFValidationError, errors.RevisionNotFoundError):
        raise LoadError(f"There is no model {repo} on the hub, or it is private: check the spelling.") from None
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HTTPError, ConnectionError):
        words = f"The hub cannot be reached and {repo} is not on this computer yet"
        raise UnreachableError(f"{words}: connect to the internet and try again, or choose a folder.") from None
    except (errors.SafetensorsParsingError, errors.NotASafetensorsRepoError):
        raise LoadError(f"{repo} has no weights that can be read: choose another model.") from None
    except OSError as error:
        reason = error.strerror or error
        raise LoadError(f"{repo} could not be stored ({reason}): make room and try again.") from None
