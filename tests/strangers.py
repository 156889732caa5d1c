"""Recordings as strangers make them: a good one taken apart, changed, and put together without asking anybody."""

import io
import json
import struct
import zipfile

import numpy as np

from engine.commands import terminal
from engine.values.metrics import series, speeds, summary
from engine.values.recording import Recording
from samples import recording

SAMPLE = recording(steps=3, canvases=2, cells=8)


def taken_apart(run=SAMPLE):
    """The header and the arrays of a recording, as they lie in its file."""
    arrays = {name: run._stack(name, dtype) for name, dtype in boundary_arrays().items()}
    return json.loads(json.dumps(run._header())), arrays


def boundary_arrays():
    from engine.values.boundary import ARRAYS

    return ARRAYS


def npy(array):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def lying_npy(shape, descr="<i4", rest=b""):
    """An array that claims a shape and brings no data for it."""
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + rest


def put_together(header, arrays, way=zipfile.ZIP_DEFLATED):
    """The file of a header and arrays; either may be bytes, as they shall lie there."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", way) as archive:
        archive.writestr("header.json", header if isinstance(header, bytes | str) else json.dumps(header))
        for name, array in arrays.items():
            archive.writestr(f"{name}.npy", array if isinstance(array, bytes) else npy(array))
    return file.getvalue()


def opened(data):
    return Recording.read(io.BytesIO(data), "a stranger's file")


def use(run):
    """All that the program does with a recording and needs no screen for."""
    series(run), speeds(run), run.text(), run.text_tokens(), run.boundaries(), run.edits(), run.ask()
    if run.frames:
        assert "NaN" not in json.dumps(summary(run)).replace(json.dumps(run.prompt), "").replace(
            json.dumps(run.text()), ""
        )
    grown = Recording(run.prompt, run.settings, run.model, run.device, run.lexicon)
    for index, frame in enumerate(run.frames):
        run.previous(index), run.finished(index), run.reading(index), run.lexicon.extent(frame)
        grown.append(frame)
        assert "nan" not in terminal.view(grown).renderables[-1].plain
