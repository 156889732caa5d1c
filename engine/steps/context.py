"""Context: what a run begins with: the ids that its first canvas stands behind, the parts in which they are read,
what lies on the canvas already; and the memory of what was read.

A part always comes out the same behind the same parts. So a conversation is read in parts that end where the next
turn will go on: what a model remembers of one, and what it reads anew, are the same numbers. No torch is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from engine.values.edit import Edit

BYTES = 2**29  # of what is remembered; the newest context is, whatever it takes
Path = tuple[tuple[int, ...], ...]  # the parts that lead to a cache


class Context(list[int]):
    """Ids, where their parts end, in order, and what is done to the first canvas before its first step."""

    def __init__(self, ids: Iterable[int] = (), cuts: Iterable[int] = (), edits: Iterable[Edit] = ()) -> None:
        super().__init__(ids)
        self.edits = tuple(edits)
        self.cuts = sorted({cut for cut in cuts if 0 < cut < len(self)})


def parts(ids: Sequence[int]) -> list[Sequence[int]]:
    """The parts of a context, or a list of ids as the one that it is."""
    ends = [*getattr(ids, "cuts", ()), len(ids)]
    return [ids[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def common(ids: Sequence[int], others: Sequence[int]) -> int:
    """How many ids both begin with."""
    pairs = enumerate(zip(ids, others, strict=False))
    return next((at for at, (mine, other) in pairs if mine != other), min(len(ids), len(others)))


class Memory:
    """The contexts that a model has read last, as caches behind their parts: BYTES of them, the newest always."""

    def __init__(self, most: int = BYTES) -> None:
        self._most = most
        self._caches: dict[Path, Any] = {}  # the newest last

    def known(self, context: Sequence[int]) -> int:
        """How many ids of a context need not be read again."""
        path = [tuple(part) for part in parts(context)]
        counts = (count for count in range(len(path), 0, -1) if tuple(path[:count]) in self._caches)
        return sum(map(len, path[: next(counts, 0)]))

    def recall(self, path: Path) -> Any:
        """The cache behind these parts, None if it is not known. It may be read on from a copy only (`fork`)."""
        if path not in self._caches:
            return None
        self._caches[path] = self._caches.pop(path)
        return self._caches[path]

    def keep(self, path: Path, cache: Any) -> None:
        self._caches[path] = cache
        sizes = {path: size(cache) for path, cache in self._caches.items()}
        while len(self._caches) > 1 and sum(sizes[path] for path in self._caches) > self._most:
            del self._caches[next(iter(self._caches))]

    def clear(self) -> None:
        """Let all go: they are of another model."""
        self._caches.clear()

    def of(self, model: Any, *contexts: Sequence[int]) -> Remembering:
        """The model with this memory for `contexts`. What it reads behind them is forgotten."""
        return Remembering(model, self, contexts)


class Remembering:
    """A model that reads a context only as far as it does not know it yet. Else it is that model."""

    def __init__(self, model: Any, memory: Memory, contexts: Iterable[Sequence[int]]) -> None:
        self._model, self._memory = model, memory
        self._paths = {
            tuple(map(tuple, path[: count + 1])) for path in map(parts, contexts) for count in range(len(path))
        }
        self._read: dict[int, tuple[Path, Any]] = {}  # the caches of this run that are remembered, by identity

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def prefill(self, ids: Sequence[int], cache: Any = None) -> Any:
        before, _ = self._read.get(id(cache), ((), None))
        path = (*before, tuple(ids))
        ours = cache is None or bool(before)
        if not (ours and path in self._paths):
            return self._model.prefill(ids, fork(cache) if before else cache)
        known = self._memory.recall(path)
        if known is None:
            known = self._model.prefill(ids, fork(cache) if before else None)
            self._memory.keep(path, known)
        self._read[id(known)] = path, known
        return known


def read(model: Any, context: Sequence[int]) -> Any:
    """The cache behind a context, read in its parts."""
    cache = None
    for part in parts(context):
        cache = model.prefill(part, cache)
    return cache


def fork(cache: Any) -> Any:
    """A cache to read on into, which leaves the one that it is from as it is: layers that grow make new tensors."""
    other = copy(cache)
    other.layers = [copy(layer) for layer in cache.layers]
    return other


def size(cache: Any) -> int:
    """Bytes of a cache."""
    tensors = [tensor for layer in cache.layers for tensor in (layer.keys, layer.values) if tensor is not None]
    return sum(tensor.nbytes for tensor in tensors)
