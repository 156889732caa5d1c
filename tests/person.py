"""What somebody does at a terminal: types lines, pipes them, and is told what cannot be done."""

import io
import sys

from engine.__main__ import main
from engine.commands.console import lines


def piped(monkeypatch, *lines):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))


def typed(monkeypatch, *said):
    """A person types these lines; one may be something to do instead. Then Ctrl+D."""
    waiting = iter(said)

    def line():
        given = next(waiting, None)
        return given() if callable(given) else given

    monkeypatch.setattr(lines, "_typed", line)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)


def refused(capsys, *arguments, main=main):
    """The one line on stderr of a command that ends with exit code 2."""
    try:
        code = main(list(arguments))
    except SystemExit as error:
        code = error.code
    out, err = capsys.readouterr()
    assert code == 2, (code, out, err)
    assert err.count("\n") == 1 and "Traceback" not in err and not out
    return err
