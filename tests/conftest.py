"""Every test runs offscreen, with preferences of its own, and leaves no thread behind."""

import asyncio
import atexit
import gc
import os
import re
import signal
import threading
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")  # not in pyproject: a machine without Qt has no pytest-qt either
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
import torch

HOMES = count()
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell it is ignored
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # and this one behind nohup
torch.set_num_threads(1)  # tests run in two processes: threads that share a core would wait for each other
if not torch.cuda.is_available():  # triton asks when it is imported, which transformers does: interpret its kernels
    os.environ.setdefault("TRITON_INTERPRET", "1")

if find_spec("PySide6") is None:  # a machine that only computes: tests that know Qt cannot even be read there
    imports = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
    tests = {file: imports.findall(file.read_text(encoding="utf-8")) for file in Path(__file__).parent.glob("*.py")}
    knowing = {"PySide6", "app", "widgets", "qasync", "pyqtgraph"}
    while more := {file.stem for file, names in tests.items() if knowing.intersection(names)} - knowing:
        knowing |= more  # and what imports one of those
    collect_ignore = [f"{name}.py" for name in knowing if name.startswith("test_")]


def pytest_collection_finish():
    """What is imported by now is never looked at again by the collector, whose passes then take next to no time."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # or bindings would take what is never collected for leaks, and say so


@pytest.fixture(autouse=True)
def _home(tmp_path_factory, monkeypatch):
    """Preferences, recordings and caches go to a folder of their own, which is made by whoever writes there."""
    home = tmp_path_factory.getbasetemp() / f"home{next(HOMES)}"
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home))


@pytest.fixture
def no_threads_left():
    """Fails a test that leaves a Python thread running."""
    before = set(threading.enumerate())
    yield
    left = [t for t in set(threading.enumerate()) - before if t.is_alive() and not t.daemon]
    assert not left, f"threads left running: {left}"


@pytest.fixture(scope="session")
def qapp(qapp):
    """The application with its own fonts and style: what a machine has of its own must make no difference."""
    from app import look

    look.prepare(qapp)
    return qapp


@pytest.fixture
def qtbot(qtbot):
    """The same, which waits as long as a machine may take that is busy with something else."""
    for name in ("waitUntil", "waitSignal"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=60_000))
    return qtbot


@pytest.fixture(autouse=True)
def _plain(request):
    """A test without a window has no theme: one that had a window has left its own, for the next that has one."""
    names = request.fixturenames
    if "qapp" in names and "loop" not in names and (qapp := request.getfixturevalue("qapp")).styleSheet():
        qapp.setStyleSheet("")


@pytest.fixture(scope="module")
def one_thread():
    """One thread for the arithmetic, whatever a model that was loaded has left."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def words():
    """The tokenizer of the smallest recipe."""
    from engine.training import corpus, tokenizer, train
    from engine.training.presets import PRESETS

    smoke = PRESETS["smoke"]
    return tokenizer.learn(train.words(corpus.pairs, smoke), smoke.shape.vocab)


@pytest.fixture
def loop(qapp):
    """The event loop that Qt and asyncio share. No window outlives it."""
    import qasync
    from PySide6.QtCore import QCoreApplication, QEvent

    class Loop(qasync.QEventLoop):
        """qasync's own lets what is left go on once more where no loop runs any more: a task that does so fails."""

        def run_until_complete(self, future):
            future = asyncio.ensure_future(future, loop=self)
            future.add_done_callback(ended := lambda _: self.stop())
            self.run_forever()
            future.remove_done_callback(ended)
            asyncio._set_running_loop(self)
            try:
                qapp.processEvents()
            finally:
                asyncio._set_running_loop(None)
            if not future.done():
                raise RuntimeError("The loop was ended before its work was done.")
            return future.result()

    qapp.setQuitOnLastWindowClosed(False)  # as in the program: closing has work to do, and ends the loop itself
    loop = Loop(qapp)
    asyncio.set_event_loop(loop)
    with loop:
        yield loop
    qapp.clipboard().clear()  # what Python has put there must not outlive it
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(loop, qtbot, no_threads_left):
    """A window without a model, closed behind the test."""
    from app.keep.prefs import Prefs
    from app.run.session import Session
    from app.window.window import Window

    window = Window(Session(), Prefs())
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()
    loop.run_until_complete(window.finish())


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A small model as it is published, a little surer than the usual one. Modules may have their own."""
    import tiny

    return str(tiny.checkpoint(tmp_path_factory.mktemp("models") / "tiny", sharpness=0.6))


@pytest.fixture(scope="session")
def model(folder):
    """The same, loaded."""
    from engine.model import gemma

    return gemma.load(folder, "cpu")


@pytest.fixture
def stub(monkeypatch):
    """A server that tells its story to whoever asks, and a test that leaves nobody listening."""
    from engine.remote.wire import KEY
    from played import Stub

    monkeypatch.delenv(KEY, raising=False)
    stub = Stub()
    thread = threading.Thread(target=stub.serve_forever, args=(0.01,))
    thread.start()
    before = set(threading.enumerate())
    yield stub
    assert not [t for t in set(threading.enumerate()) - before if t.name == "remote"]
    stub.shutdown()
    thread.join()
    stub.server_close()
