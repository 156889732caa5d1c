"""Where a model comes from: the one that ships with the program, a folder, or the hub. Knows no torch.

Only safetensors, JSON and templates are ever fetched: a checkpoint is data, never code.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.checkpoint import Checkpoint, LoadError, afford, free_memory, judge

EMBEDDED = Path(__file__).parent.parent / "assets" / "seedling"
PATTERNS = ("*.safetensors", "*.json", "*.jinja")

Progress = Callable[[str, float | None], None]  # what is going on, and the share that is done (None: unknown)


class CancelError(LoadError):
    """Loading was given up because the user asked for it."""


def find(source: str | Path | None, progress: Progress, cancelled: Callable[[], bool]) -> Checkpoint:
    """The checkpoint that `source` means: None the embedded model, an existing folder, else a hub id. LoadError."""
    if source is None:
        return judge(EMBEDDED, "seedling")
    folder = Path(source).expanduser()
    if folder.is_dir():
        return judge(folder, folder.resolve().name)
    if not _is_hub_id(str(source)):
        raise LoadError(f"There is no folder {source}: give the folder of a DiffusionGemma, or its id on the hub.")
    return judge(fetch(str(source), progress, cancelled), str(source))


def _is_hub_id(source: str) -> bool:
    owner, slash, name = source.partition("/")
    return bool(owner and slash and name) and owner[0] not in ".~" and not set(name) & {"/", "\\"}


def fetch(repo: str, progress: Progress, cancelled: Callable[[], bool]) -> Path:
    """The local folder of a model on the hub: downloaded, or without a network what the cache holds of it."""
    from huggingface_hub import errors, snapshot_download

    progress(f"Looking for {repo}", None)
    options = {"allow_patterns": list(PATTERNS), "tqdm_class": _bar(f"Downloading {repo}", progress, cancelled)}
    try:
        with suppress(errors.DryRunError):  # no network: there is nothing to ask
            files = snapshot_download(repo, dry_run=True, **options)
            afford(repo, sum(file.file_size for file in files), free_memory(), "this computer")
        return Path(snapshot_download(repo, **options))
    except errors.GatedRepoError:
        hint = f"accept its terms at https://huggingface.co/{repo}, run `hf auth login`, and try again"
        raise LoadError(f"{repo} is only for those who accepted its terms: {hint}.") from None
    except (errors.RepositoryNotFoundError, errors.HFValidationError, errors.RevisionNotFoundError):
        raise LoadError(f"There is no model {repo} on the hub, or it is private: check the spelling.") from None
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HTTPError, ConnectionError):
        hint = "connect to the internet and try again, or choose a folder"
        raise LoadError(f"The hub cannot be reached and {repo} is not on this computer yet: {hint}.") from None
    except OSError as error:
        raise LoadError(
            f"{repo} could not be stored ({error.strerror or error}): make room and try again."
        ) from None


def _bar(what: str, progress: Progress, cancelled: Callable[[], bool]) -> type:
    """A progress bar for huggingface_hub that reports bytes to `progress`, prints nothing and can be cancelled."""
    from tqdm import tqdm

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            self.bytes = kwargs.get("unit") == "B"
            super().__init__(*args, **kwargs | {"file": _Nowhere(), "disable": False})

        def update(self, n: float | None = 1) -> bool | None:
            if cancelled():
                raise CancelError("The download was cancelled: try again to go on from where it is.")
            result = super().update(n)
            if self.bytes:
                progress(what, min(1.0, self.n / self.total) if self.total else None)
            return result

    return Bar


class _Nowhere:
    def write(self, text: str) -> None: ...

    def flush(self) -> None: ...
