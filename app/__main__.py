"""`unnoise`. Knows nothing: while it gets to know, Ctrl+C and its like end it at once and without a word."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine.commands.console import leave


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code, as engine.__main__ has it."""
    with leave.at_once():
        from app import start

        return start.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
