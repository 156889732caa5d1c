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
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage

from app.babel import babel
from app.desktop import beating, event_loop
from app.keep.history import History
from app.keep.prefs import Prefs
from app.run.session import Session
from app.tasks import aside
from app.window.window import Window
from engine.commands.console import leave
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.words.examples import EXAMPLE
from widgets.canvas import VIEWS, Canvas

SIZE = QSize(1280, 800)
PAINTS = 300
STEPS = 100  # of a run whose noise is of every script: each of them is new to the canvas
PAINTED = {"still_ms": False, "moving_ms": True}
TIMER_MS = 16
SAVES, ROOM = 20, 1000  # runs that are written, into a history of so many MB


class Gaps(QObject):
    """The gaps between the beats of a timer that wants to beat every 16 ms: how alive the window is."""

    def __init__(self) -> None:
        super().__init__()
        self._times: list[float] = []
        self._timer = QTimer(self, interval=TIMER_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._times.append(time.perf_counter()))
        self._timer.start()

    def stop(self) -> dict[str, float]:
        """The gaps so far, in milliseconds."""
        self._timer.stop()
        return _percentiles(np.diff(self._times) * 1e3)


def main() -> int:
    """Measures in a fresh process, so that its whole start counts."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    command = [sys.executable, "-m", "app.bench", repr(time.time())]
    with leave.in_order(), subprocess.Popen(command, env=environment, cwd=Path(__file__).parent.parent) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.terminate()  # a terminal's Ctrl+C has reached it, too; a SIGTERM has not
            raise


def _main(started: float) -> int:
    with leave.at_once(), event_loop() as loop, beating(lambda: None):
        print(json.dumps(loop.run_until_complete(_measure(started))))
    return 0


async def _measure(started: float) -> dict[str, object]:
    window = Window(Session(), Prefs())
    window.resize(SIZE)
    window.show()
    while not window.windowHandle().isExposed():
        await asyncio.sleep(0)
    start = {"visible_s": _since(started), "torch_before_visible": "torch" in sys.modules}
    result = start | await _run(window, started)
    result["type_px"] = _type(window)
    result |= {name: _paint(window.canvas, window.session.recording, moving) for name, moving in PAINTED.items()}
    result["every_script_ms"] = _paint(window.canvas, babel(STEPS), moving=False)
    result["saving_gap_ms"] = await _while_saving(window.session.recording)
    result["export_race_gap_ms"] = await _while_exporting(window)
    result["peak_gb"] = _peak_gb()
    window.close()
    await window.finish()
    return result


async def _run(window: Window, started: float) -> dict[str, object]:
    """Loads the embedded model and runs it on the first example, all the steps, to measure longer."""
    session, first = window.session, asyncio.get_running_loop().create_future()
    window.knobs.set_settings(replace(Settings(), confidence=0.0))
    window.player.moved.connect(lambda _: first.done() or first.set_result(_since(started)))
    beats = Gaps()
    await session.load(None, "auto")
    loading = beats.stop()
    work = window.tasks.start(session.run(Question(EXAMPLE), window.knobs.settings()))
    to_frame, beats = await first, Gaps()
    await work
    return {
        "first_frame_s": to_frame,
        "loading_gap_ms": loading,
        "running_gap_ms": beats.stop(),
        "frames_produced": session.produced,
        "frames_recorded": len(session.recording.frames),
        "step_ms": round(1e3 * float(np.median([frame.step_seconds for frame in session.recording.frames])), 2),
        "threads": _threads(),
    }


async def _while_saving(recording: Recording) -> dict[str, float]:
    """The gaps while a run is written into the history, again and again."""
    with TemporaryDirectory() as folder:
        history, beats = History(ROOM, Path(folder)), Gaps()
        for _ in range(SAVES):
            await aside(history.put, recording)
        return beats.stop()


async def _while_exporting(window: Window) -> dict[str, float]:
    """The gaps while a race is exported as it is by default."""
    await window.session.race(Question(EXAMPLE), Settings())
    with TemporaryDirectory() as folder:
        beats = Gaps()
        await window.files.animate(Path(folder) / "race.gif")
        return beats.stop()


def _since(started: float) -> float:
    return round(time.time() - started, 3)


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


def _type(window: Window) -> dict[str, int]:
    """The size of the type at the end of the run, as the window shows it."""
    sizes = {}
    for view in VIEWS:
        window.looks.set_view(view)
        window.player.seek(window.player.last)
        sizes[view] = window.canvas.type_size
    return sizes


def _paint(canvas: Canvas, recording: Recording, moving: bool) -> dict[str, dict[str, dict[str, float]]]:
    """Every frame laid out and painted at the size of the canvas, again and again; `moving` on its way to rest."""
    canvas.set_lexicon(recording.lexicon)
    canvas.set_run(recording.frames, over=True)
    return {view: _paint_view(canvas, recording, view, moving) for view in VIEWS}


def _paint_view(canvas: Canvas, recording: Recording, view: str, moving: bool) -> dict[str, dict[str, float]]:
    canvas.set_view(view)
    canvas.set_motion(moving)
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    laid, painted = [], []
    for count in range(PAINTS):
        index = count % len(recording.frames)
        begin = time.perf_counter()
        canvas.show_frame(recording.frames[index], recording.previous(index), recording.finished(index))
        middle = time.perf_counter()
        canvas.render(image)
        laid.append((middle - begin) * 1e3)
        painted.append((time.perf_counter() - middle) * 1e3)
    first = len(recording.frames)  # the first round fills the glyph cache
    return {"layout": _percentiles(np.array(laid[first:])), "paint": _percentiles(np.array(painted[first:]))}


def _percentiles(values: np.ndarray) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 2),
        "p99": round(float(np.percentile(values, 99)), 2),
        "worst": round(float(values.max()), 2),
    }


if __name__ == "__main__":
    sys.exit(_main(float(sys.argv[1])))
