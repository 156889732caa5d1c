"""Where a model comes from: the one that ships with the program, a folder, or the hub. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine.model import checkpoint, plan
from engine.model.checkpoint import Checkpoint, LoadError, judge
from engine.model.computer import machine
from engine.model.hub import download, published, repository
from engine.model.hub.download import CancelError, Progress
from engine.model.plan import Plan

__all__ = ["EMBEDDED", "CancelError", "Progress", "find", "known", "local", "survey"]

EMBEDDED = Path(__file__).parents[2] / "assets" / "seedling"


def find(
    source: str | Path | None,
    progress: Progress,
    cancelled: Callable[[], bool],
    device: str = "auto",
    precision: str = "auto",
) -> Checkpoint:
    """The checkpoint that `source` means: None the embedded model, an existing folder, else a hub id. LoadError.

    What would have to be downloaded is refused before, if it would not fit on the device in that precision.
    """
    if source is None:
        return judge(EMBEDDED, "seedling")
    folder = Path(source).expanduser()
    if folder.is_dir():
        return judge(folder, folder.resolve().name)
    if not _is_hub_id(str(source)):
        raise LoadError(f"There is no folder {source}: give the folder of a DiffusionGemma, or its id on the hub.")
    repo = str(source)

    def check(listing: repository.Listing) -> None:
        plan.refuse(_remote(repo, listing), machine.look(device), precision)

    return judge(download.fetch(repo, check, progress, cancelled), repo)


def _is_hub_id(source: str) -> bool:
    owner, slash, name = source.partition("/")
    return bool(owner and slash and name) and owner[0] not in ".~" and not set(name) & {"/", "\\"}


def survey(source: str | Path | None) -> Plan:
    """What the model that `source` means would need, before anything of it is fetched or loaded. Raises LoadError.

    Asks the hub about an id that is not wholly in its cache. Where it does not answer, the published model is
    described by its configuration.
    """
    if source is None or not _is_hub_id(str(source)) or Path(source).expanduser().is_dir():
        found = find(source, lambda *_: None, lambda: False)
        return local(found, source, "embedded" if source is None else "folder")
    repo = str(source)
    with suppress(LoadError):  # an incomplete one: the hub is asked
        if stored := repository.cached(repo):
            return local(judge(stored, repo), repo, "cache")
    try:
        return _remote(repo, repository.listing(repo))
    except repository.UnreachableError:
        if repo != published.HUB:
            raise
        return _published()


def known() -> list[str | None]:
    """The models to offer before anybody asks: embedded, published, and those in the hub's cache."""
    return list(dict.fromkeys([None, published.HUB, *repository.known()]))


def local(found: Checkpoint, source: str | Path | None = None, origin: str = "folder") -> Plan:
    """The plan of a checkpoint that is wholly there."""
    files = sum(file.stat().st_size for file in found.folder.iterdir() if file.is_file())
    config = checkpoint.read(found.folder / "config.json")
    return _sound(Plan(None if source is None else str(source), origin, found, config, files))


def _remote(repo: str, listing: repository.Listing) -> Plan:
    files = sum(file.size for file in listing.files)
    missing = files - sum(file.here for file in listing.files)
    weights = Checkpoint(Path(), repo, *checkpoint.counted(listing.tensors))
    return _sound(Plan(repo, "hub", weights, listing.config, files, missing))


def _sound(plan: Plan) -> Plan:
    """The same plan, or LoadError if its config.json makes no sense."""
    checkpoint.sensible(plan.name, plan.config)
    return plan


def _published() -> Plan:
    weights = Checkpoint(Path(), published.HUB, frozenset(), published.NUMBERS, published.EXPERTS)
    files = weights.size("full", itemsize=2)  # it is stored in bfloat16
    return Plan(published.HUB, "hub", weights, published.CONFIG, files, files, published.NOTE)
