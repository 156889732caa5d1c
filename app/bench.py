"""`unnoise bench ui`: how well screen and denoiser leave each other alone, measured in one process.

Ends in one JSON line. Seconds are counted from before the process began.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import qasync
from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app import look
from app.prefs import Prefs
from app.session import Session
from app.window import EXAMPLES, Window
from engine.settings import Settings

SIZE = QSize(1280, 800)
PAINTS = 300
TIMER_MS = 16


class Gaps(QObject):
    """The gaps between the beats of a timer that wants to beat every 16 ms: how alive the window is."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        timer = QTimer(self, interval=TIMER_MS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: self.times.append(time.perf_counter()))
        timer.start()

    def milliseconds(self) -> np.ndarray:
        return np.diff(self.times) * 1e3


def main() -> int:
    """Measures in a fresh process, so that its whole start counts."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    command = [sys.executable, "-m", "app.bench", repr(time.time())]
    return subprocess.run(command, env=environment, cwd=Path(__file__).parent.parent, check=False).returncode


def _main(started: float) -> int:
    application = QApplication(sys.argv[:1])
    look.prepare(application)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        print(json.dumps(loop.run_until_complete(_measure(started))))
    return 0


async def _measure(started: float) -> dict[str, object]:
    window = Window(Session(), Prefs())
    window.resize(SIZE)
    window.show()
    await asyncio.sleep(0)
    visible, early = time.time() - started, "torch" in sys.modules
    window.knobs.set_settings(replace(Settings(), confidence=0.0))  # all the steps, to measure longer
    first = asyncio.get_running_loop().create_future()
    window.player.moved.connect(lambda _: first.done() or first.set_result(time.time() - started))
    loading, running = Gaps(), None
    window.session.began.connect(lambda: loading.children()[0].stop())
    work = window.tasks.start(window.load_and_run(None, EXAMPLES[0][1]))
    to_frame = await first
    running = Gaps()
    await work
    running.children()[0].stop()
    recording = window.session.recording
    result = {
        "visible_s": round(visible, 3),
        "torch_before_visible": early,
        "first_frame_s": round(to_frame, 3),
        "frames_produced": window.session.produced,
        "frames_recorded": len(recording.frames),
        "running_gap_ms": _percentiles(running.milliseconds()),
        "loading_gap_ms": _percentiles(loading.milliseconds()),
        "step_ms": round(float(np.median([frame.step_seconds for frame in recording.frames])) * 1e3, 2),
        "threads": _threads(),
        "paint_ms": {view: _paint(window, view) for view in ("prose", "grid")},
        "peak_gb": _peak_gb(),
    }
    window.close()
    await window.session.close()
    await window.tasks.drain()
    return result


def _peak_gb() -> float | None:
    """The most memory that this process has held, where the system tells it."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30, 3)


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _paint(window: Window, view: str) -> dict[str, float]:
    """Every frame of the recording laid out and painted at the size of the canvas, again and again."""
    recording, canvas = window.session.recording, window.canvas
    canvas.set_view(view)
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    times = []
    for count in range(PAINTS):
        index = count % len(recording.frames)
        canvas.show_frame(recording.frames[index], recording.previous(index), recording.finished(index))
        begin = time.perf_counter()
        canvas.render(image)
        times.append((time.perf_counter() - begin) * 1e3)
    return _percentiles(np.array(times[len(recording.frames) :]))  # the first round fills the glyph cache


def _percentiles(values: np.ndarray) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 2),
        "p99": round(float(np.percentile(values, 99)), 2),
        "worst": round(float(values.max()), 2),
    }


if __name__ == "__main__":
    sys.exit(_main(float(sys.argv[1])))
