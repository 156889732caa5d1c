"""Whether a window can be shown here, asked without risking the process: Qt aborts when it cannot."""

from __future__ import annotations

import os
import sys


def missing() -> str | None:
    """Why no window can be shown, in a sentence, or None if one can."""
    try:
        from PySide6 import QtGui  # noqa: F401
    except ImportError as error:
        return f"Qt cannot start here ({error}); on Debian install libegl1 and libxkbcommon-x11-0."
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM") in (
        "offscreen",
        "minimal",
        "vnc",
    ):
        return None
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)."
    return _trial()


def _trial() -> str | None:
    """Starts Qt in a forked child: where it aborts, the child does, and says why."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write, 2)
        os.close(read)
        from PySide6.QtGui import QGuiApplication

        QGuiApplication([])
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        complaint = pipe.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        return None
    reason = next((line.strip() for line in complaint.splitlines() if line.strip()), "Qt gave no reason")
    return f"Qt cannot open the display ({reason})."
