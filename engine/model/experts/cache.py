"""Packed models on disk, in small safetensors files, each of them whole or not there.

A file tells what it was made from (`origin`) and a sum over what it holds; one that tells something else is not
read. Knows nothing of models or of packing.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.model.computer import machine
from engine.model.folder.checkpoint import GB, LoadError


class Store:
    """The files of one packed model. `name` says which, and may hold any characters."""

    def __init__(self, name: str) -> None:
        plain = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in Path(name).name)
        self.folder = machine.packed() / f"{plain}-{sha256(name.encode()).hexdigest()[:12]}"

    def open(self, names: Iterable[str], size: int) -> None:
        """Make room for `names`, of about `size` bytes together; all else goes. LoadError if there is none."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            stored = {file.name: file for file in self.folder.iterdir()}
            for name in stored.keys() - set(names):
                stored.pop(name).unlink()
            size -= sum(file.stat().st_size for file in stored.values())
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            raise self._refusal(error) from error
        if size > free:
            needed = f"{self.folder} needs {size / GB:.1f} GB more for the packed model and has {free / GB:.1f} GB"
            raise LoadError(f"{needed}: make room, or set UNNOISE_CACHE to a folder on a larger disk.")

    def read(self, name: str, origin: str) -> dict[str, Tensor] | None:
        """What was written under a name, or None if that is not there, half there, damaged or of another origin."""
        try:
            with safe_open(self.folder / name, "pt") as stored:
                told, keys = stored.metadata(), stored.keys()
                tensors = {key: stored.get_tensor(key) for key in keys}
        except (OSError, SafetensorError):
            return None
        return tensors if told == _told(origin, tensors) else None

    def write(self, name: str, origin: str, tensors: dict[str, Tensor]) -> None:
        """Put contiguous tensors under a name: all of them, or nothing. Raises LoadError."""
        held = {key: tensor.cpu() for key, tensor in tensors.items()}
        half = self.folder / f"{name}.half"
        try:
            save_file(held, half, _told(origin, held))
            with half.open("rb+") as file:
                os.fsync(file.fileno())
            half.replace(self.folder / name)
        except (OSError, SafetensorError) as error:
            raise self._refusal(error) from error
        finally:
            half.unlink(missing_ok=True)

    def _refusal(self, error: Exception) -> LoadError:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        hint = "make room, or set UNNOISE_CACHE to a folder on a larger disk"
        return LoadError(f"The packed model cannot be stored in {self.folder} ({reason}): {hint}.")


def _told(origin: str, tensors: dict[str, Tensor]) -> dict[str, str]:
    """What a file says of itself."""
    total = 0
    for key, tensor in sorted(tensors.items()):
        total = zlib.crc32(f"{key} {tensor.dtype} {list(tensor.shape)}".encode(), total)
        total = zlib.crc32(tensor.reshape(-1).view(torch.uint8).numpy(), total)
    return {"origin": origin, "sum": f"{total:08x}"}
