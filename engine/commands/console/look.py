"""Look: the pictures that the flags name. Nothing is imported to read them before there is one."""

from __future__ import annotations

import argparse

from engine.commands.console.flags import InputError
from engine.values.picture import Picture, PictureError, few


def pictures(options: argparse.Namespace) -> tuple[Picture, ...]:
    """What the flags `--image` name, in order. Raises InputError."""
    if not options.image:
        return ()
    from engine.values.files import image

    try:
        few(len(options.image))
        return tuple(image.read(path) for path in options.image)
    except PictureError as error:
        raise InputError(str(error)) from error
