"""Where a model comes from: the one that ships with the program, a folder, or the hub. Knows no torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.choice import plan
from engine.model.choice.plan import Plan
from engine.model.computer import machine
from engine.model.folder import checkpoint
from engine.model.folder.checkpoint import EMBEDDED, CancelError, Checkpoint, LoadError, PartialError, judge
from engine.model.hub import download, published, repository
from engine.model.hub.download import Progress
from engine.model.layouts import GROUPS
from engine.values.words.letters import quoted

__all__ = ["EMBEDDED", "CancelError", "Progress", "again", "find", "known", "local", "sensible", "survey"]


def find(
    source: str | Path | None,
    progress: Progress,
    cancelled: Callable[[], bool],
    device: str = "auto",
    precision: str = "auto",
) -> Checkpoint:
    """The checkpoint that `source` means: None the embedded model, an existing folder, else a hub id. LoadError.

    The hub is asked only about what is not wholly on this computer. What would have to be downloaded is refused
    before, if it would not fit on the device in that precision or does not hold what its config.json says: that
    is when torch is imported, which whoever loads needs.
    """
    if source is None:
        return judge(EMBEDDED, "seedling")
    sensible(source)
    folder = Path(os.path.expanduser(source))
    if os.path.isdir(folder):
        return judge(folder, folder.resolve().name)
    repo = str(source)

    stored, refusal = _stored(repo)
    if stored:
        return stored

    def check(listing: repository.Listing) -> None:
        there = _remote(repo, listing)
        plan.refuse(there, machine.look(device), precision)
        _compare(there)

    with _known_better(refusal):
        return judge(download.fetch(repo, check, progress, cancelled), repo)


def sensible(source: str | Path | None) -> None:
    """LoadError for what can mean no model: told before anything is imported to load one."""
    if source is None or _is_hub_id(str(source)):
        return
    folder = Path(os.path.expanduser(source))
    if not os.path.isdir(folder):
        there = (
            f"{quoted(source)} is no folder" if os.path.exists(folder) else f"There is no folder {quoted(source)}"
        )
        raise LoadError(f"{there}: give the folder of a DiffusionGemma, or its id on the hub.")
    if not os.path.isfile(folder / "config.json"):
        judge(folder, folder.resolve().name)


def again(source: str | Path | None, progress: Progress, cancelled: Callable[[], bool]) -> None:
    """Let the next `find` ask the hub about a model again: what is damaged here is taken away before. LoadError."""
    if not _hub(source):
        raise LoadError("Only a model of the hub can be fetched again: give the id of one.")
    download.check(str(source), progress, cancelled)


def _stored(repo: str) -> tuple[Checkpoint | None, LoadError | None]:
    """A model of the hub that is wholly on this computer, or why what is there cannot be used. Asks nobody."""
    try:
        found = repository.cached(repo)
        return judge(found, repo) if found else None, None
    except PartialError:  # the hub has the rest
        return None, None
    except LoadError as refusal:
        return None, refusal


@contextmanager
def _known_better(refusal: LoadError | None) -> Iterator[None]:
    """Where the hub cannot be asked, what is known without it is told."""
    try:
        yield
    except repository.UnreachableError as error:
        raise refusal or error from None


def _hub(source: str | Path | None) -> bool:
    """Whether it means a model of the hub: a folder that is there goes before one of that name."""
    return source is not None and _is_hub_id(str(source)) and not os.path.isdir(os.path.expanduser(source))


def _is_hub_id(source: str) -> bool:
    owner, slash, name = source.partition("/")
    return bool(owner and slash and name) and owner[0] not in ".~" and not set(name) & {"/", "\\"}


def survey(source: str | Path | None) -> Plan:
    """What the model that `source` means would need, before anything of it is fetched or loaded. Raises LoadError.

    Asks the hub about an id that is not wholly in its cache. Where it does not answer, the published model is
    described by its configuration.
    """
    if not _hub(source):
        found = find(source, lambda *_: None, lambda: False)
        return local(found, source, "embedded" if source is None else "folder")
    repo = str(source)
    stored, refusal = _stored(repo)
    if stored:
        return local(stored, repo, "cache")
    try:
        with _known_better(refusal):
            return _remote(repo, repository.listing(repo))
    except repository.UnreachableError as why:
        if repo not in published.FILES:
            raise
        return _published(repo, f"{why} {published.NOTE}")


def known() -> list[str | None]:
    """The models to offer before anybody asks: embedded, published in two forms, and those in the hub's cache."""
    return list(dict.fromkeys([None, *published.FILES, *repository.known()]))


def local(found: Checkpoint, source: str | Path | None = None, origin: str = "folder") -> Plan:
    """The plan of a checkpoint that is wholly there."""
    files = sum(file.stat().st_size for file in found.folder.iterdir() if file.is_file())
    config = checkpoint.read(found.folder / "config.json")
    return _sound(Plan(None if source is None else str(source), origin, found, config, files))


def _remote(repo: str, listing: repository.Listing) -> Plan:
    files = sum(file.size for file in listing.files)
    missing = files - sum(file.here for file in listing.files)
    weights = Checkpoint(Path(), repo, checkpoint.laid(repo, listing.config, listing.tensors))
    return _sound(Plan(repo, "hub", weights, listing.config, files, missing))


def _sound(plan: Plan) -> Plan:
    """The same plan, or LoadError if its config.json makes no sense, or is that of another model."""
    checkpoint.sensible(plan.name, plan.config)
    checkpoint.agree(plan.name, plan.config, plan.weights.slots)
    return plan


def _senseless(name: str) -> LoadError:
    return LoadError(f"The config.json of {name} makes no sense: choose another model.")


def _compare(plan: Plan) -> None:
    """LoadError unless a checkpoint's weights are those of the model that its config.json describes."""
    from engine.model import blank

    try:
        model = blank.of(plan.config)
    except Exception as error:  # transformers raises whatever a wrong value leads to
        raise _senseless(plan.name) from error
    blank.account(plan.name, plan.weights.slots, model)


def _published(repo: str, note: str = published.NOTE) -> Plan:
    weights = Checkpoint(Path(), repo, published.slots(GROUPS[0] if repo == published.PACKED else None))
    files = published.FILES[repo]
    return Plan(repo, "hub", weights, published.CONFIG, files, files, note)
