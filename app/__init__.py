"""The only place that knows both the engine and the widgets."""

import sys

if sys.platform == "win32":  # from 2.9 on torch's libraries do not start there once Qt's are loaded (WinError 1114)
    from contextlib import suppress

    from engine.commands.console import leave

    with leave.at_once(), suppress(ImportError, OSError):  # if it fails, that is told when a model is loaded
        import torch  # noqa: F401
