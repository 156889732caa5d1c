"""Look: the pictures that the flags name. Nothing is imported to read them before there is one."""

from __future__ import annotations

from collections.abc import Sequence

from engine.commands.console.flags import InputError
from engine.values.picture import Picture, PictureError, few


def pictures(files: Sequence[str]) -> tuple[Picture, ...]:
    """What files show, in order. Raises InputError."""
    if not files:
        return ()
    from engine.values.files import image

    try:
        few(len(files))
        return tuple(image.read(path) for path in files)
    except PictureError as error:
        raise InputError(str(error)) from error
