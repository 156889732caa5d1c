"""Every test runs offscreen, with preferences of its own, and leaves no thread behind."""

import asyncio
import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest
import torch

if not torch.cuda.is_available():  # triton asks when it is imported, which transformers does: interpret its kernels
    os.environ.setdefault("TRITON_INTERPRET", "1")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    """Preferences, recordings and caches go to a folder that is thrown away."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


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
def loop(qapp):
    """The event loop that Qt and asyncio share."""
    import qasync

    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    with loop:
        yield loop
    qapp.setStyleSheet("")  # a window has set the application's
