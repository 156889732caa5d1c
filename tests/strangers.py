"""Files as strangers make them: good ones taken apart, changed, and put together without asking anybody."""

import io
import json
import struct
import zipfile

import numpy as np

from engine.commands.console import terminal
from engine.values.files.boundary import ARRAYS
from engine.values.files.dialogue import markdown, told
from engine.values.metrics import series, speeds, summary
from engine.values.recording import Recording, RecordingError
from engine.values.turns import Conversation
from engine.values.words import calls
from engine.values.words.reply import Reply
from samples import recording

# Values that a file may hold where another one is meant.
ODD = (None, True, 0, -1, 1, 2**31, 10**400, 1.5, -1e308, float("nan"), float("inf"), 1e-320)
ODD += ("", "x" * 5000, "\ud800", "-1", "\x00", [], [[]], [None], [1] * 10_000, {}, {"a": 1}, "YQ==")


def places(value, way=()):
    """The ways to every value in JSON; in a list, to the first two."""
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*way, key))


def changed(value, way, new):
    """A copy of JSON with another value at a place."""
    if not way:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = changed(value[way[0]], way[1:], new)
    return copy


def taken_apart():
    """The header and the arrays of a recording, as they lie in its file."""
    run = recording(steps=3, canvases=2, cells=8)
    header = json.loads(json.dumps(run._header()))
    header["readings"], header["edits"] = [[0, 1, 2, 3, 4, 5]], [[1, header["settings"]]]
    header["hands"] = [[1, [0, 1, [0], [1], [[2, 3]], [[3, [4, 5]]], [[4, 5]]]]]
    reply = Reply("one", "hm", False, (calls.read("call:f{a:1}"),))
    header["before"] = told(Conversation(system="be kind").answered("a fox", reply, "ab"))
    return header, {name: run._stack(name, dtype) for name, dtype in ARRAYS.items()}


def npy(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def claimed(shape, kind="<i4"):
    """An array that claims a shape and brings nothing for it."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


def put_together(header, arrays, way=zipfile.ZIP_DEFLATED):
    """The file of a header and arrays; each may be bytes, as they shall lie there."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as archive:
        text = header if isinstance(header, bytes | str) else json.dumps(header)
        archive.writestr("header.json", text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else npy(array))
    return file.getvalue()


def opened(data):
    return Recording.read(io.BytesIO(data), "their.unnoise")


def use(run):
    """All that the program does with a recording and needs no screen for. No number that nobody knows is told."""
    series(run), speeds(run), run.text(), run.text_tokens(), run.boundaries(), run.edits(), run.ask()
    json.dumps({name: value for name, value in summary(run).items() if name != "settings"}, allow_nan=False)
    run.conversation().messages(), markdown(run.before)
    grown = Recording(run.prompt, run.settings, run.model, run.device, run.lexicon)
    for index, frame in enumerate(run.frames):
        run.previous(index), run.finished(index), run.reading(index), run.lexicon.extent(frame)
        grown.append(frame)
        assert "nan" not in terminal.status(frame).plain
        terminal.view(grown)


def survive(data):
    """A file is a recording that can be used, or is refused in a sentence. Whether it was one."""
    try:
        run = opened(data)
    except RecordingError as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert told.startswith("their.unnoise ") and told.endswith(".") and "\n" not in told
        return False
    use(run)
    return True
