"""The gauge of the graphics card, from a fake NVML to the window: absent, it is nowhere."""

import asyncio
import sys
import threading
import time
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

import engine.model.gemma
import engine.steps.denoise
from engine.model.computer import gauge
from engine.model.computer.gauge import Gauge
from engine.values.metrics import Series, series
from engine.values.recording import Reading, Recording
from engine.values.settings import Settings
from samples import frame, recording, until
from standin import writes
from widgets.card import Legend
from widgets.charts import Charts
from widgets.status import LEAST, Status

UUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
READING = Reading(18_200_000_000, 24_000_000_000, 97, 310.2, 61)


class Nvml:
    """The part of the module `pynvml` that a gauge needs. `cards` are by UUID what each tells; `calls` are all."""

    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def __init__(self):
        self.cards = {f"GPU-{UUID}": dict(READING._asdict())}
        self.driver, self.calls = True, []

    def _told(self, card, *names):
        self.calls.append(threading.current_thread().name)
        if any(self.cards[card].get(name) is None for name in names):
            raise self.NVMLError("Not Supported")
        return [self.cards[card][name] for name in names]

    def nvmlInit(self):
        if not self.driver:
            raise self.NVMLError("Driver Not Loaded")
        self.calls.append("init")

    def nvmlShutdown(self):
        self.calls.append("shutdown")

    def nvmlDeviceGetHandleByUUID(self, uuid):
        if uuid not in self.cards:
            raise self.NVMLError("Not Found")
        return uuid

    def nvmlDeviceGetMemoryInfo(self, card):
        return SimpleNamespace(**dict(zip(("used", "total"), self._told(card, "used", "total"), strict=True)))

    def nvmlDeviceGetUtilizationRates(self, card):
        return SimpleNamespace(gpu=self._told(card, "busy")[0])

    def nvmlDeviceGetPowerUsage(self, card):
        return self._told(card, "watts")[0] * 1000

    def nvmlDeviceGetTemperature(self, card, sensor):
        return self._told(card, "celsius")[0]


@pytest.fixture
def nvml(monkeypatch):
    fake = Nvml()
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    monkeypatch.setattr(gauge, "PERIOD", 0.005)
    yield fake
    assert not gauges()


def gauges():
    return [thread for thread in threading.enumerate() if thread.name == "gauge"]


def soon(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def test_it_reads_again_and_again_on_a_thread_of_its_own(nvml):
    card = Gauge.open(UUID)
    soon(lambda: card.newest == READING)
    nvml.cards[f"GPU-{UUID}"]["busy"] = 3
    soon(lambda: card.newest.busy == 3)
    card.close()
    assert card.newest is None
    assert set(nvml.calls[1:-1]) == {"gauge"} and (nvml.calls[0], nvml.calls[-1]) == ("init", "shutdown")
    card.close()  # twice does no harm


@pytest.mark.parametrize("missing", ["package", "driver", "card", "device"])
def test_what_is_absent_is_no_gauge_and_no_thread(nvml, monkeypatch, missing):
    if missing == "package":
        monkeypatch.setitem(sys.modules, "pynvml", None)
    nvml.driver = missing != "driver"
    nvml.cards = {} if missing == "card" else nvml.cards
    assert Gauge.open(None if missing == "device" else UUID) is None
    assert not gauges()
    assert nvml.calls.count("init") == nvml.calls.count("shutdown")


def test_a_slice_of_a_card_is_found_by_its_own_name(nvml):
    nvml.cards = {f"MIG-{UUID}": {"used": 1, "total": 2}}
    card = Gauge.open(UUID)
    soon(lambda: card.newest is not None)
    assert card.newest == Reading(1, 2, None, None, None)
    card.close()


def test_a_card_that_is_lost_says_nothing_until_it_is_back(nvml):
    card = Gauge.open(UUID)
    soon(lambda: card.newest)
    told, nvml.cards[f"GPU-{UUID}"] = nvml.cards[f"GPU-{UUID}"], {}
    soon(lambda: card.newest is None)
    nvml.cards[f"GPU-{UUID}"] = told
    soon(lambda: card.newest == READING)
    card.close()


def test_only_cuda_devices_have_a_card(monkeypatch):
    assert engine.model.gemma.card("cpu") is None and engine.model.gemma.card("mps") is None
    about = {0: "one", 1: "two"}
    monkeypatch.setattr(
        "torch.cuda.get_device_properties", lambda device: SimpleNamespace(uuid=about[device.index])
    )
    assert engine.model.gemma.card("cuda:1") == "two"


# In a recording


def noted():
    """Five steps: nothing known in the first, a reading before the second, and two before the fourth."""
    run = Recording("p", Settings(), "m", "cuda:0", recording().lexicon)
    before = {1: [READING], 3: [READING._replace(busy=5), READING._replace(busy=50, used=None)]}
    for step in range(5):
        for reading in before.get(step, ()):
            run.note(reading)
        run.append(frame(0, step))
    return run


def test_a_step_has_the_newest_reading_before_it():
    run = noted()
    assert [run.reading(step) and run.reading(step).busy for step in range(5)] == [None, 97, 97, 50, 50]
    measured = series(run)
    np.testing.assert_array_equal(measured.gpu_busy, [np.nan, 97, 97, 50, 50])
    np.testing.assert_array_equal(measured.gpu_used, [np.nan, 18.2e9, 18.2e9, np.nan, np.nan])
    np.testing.assert_array_equal(measured.gpu_total, [np.nan, 24e9, 24e9, 24e9, 24e9])


def test_readings_are_kept_with_the_recording(tmp_path):
    run = noted()
    run.save(tmp_path / "run.unnoise")
    assert Recording.load(tmp_path / "run.unnoise").readings == run.readings
    recording().save(tmp_path / "none.unnoise")
    assert Recording.load(tmp_path / "none.unnoise").readings == []


# On screen


@pytest.fixture
def status(qtbot):
    widget = Status()
    qtbot.addWidget(widget)
    widget.resize(1250, 32)
    widget.show()
    return widget


def words(status):
    """What is shown of the card, without its colours."""
    import re

    shown = [label.text() for label in status.findChildren(QLabel) if label.isVisible() and "GPU" in label.text()]
    return re.sub("<[^>]*>", "", " ".join(shown))


def test_the_bottom_line_tells_what_the_card_tells(status):
    assert words(status) == ""
    status.set_card(READING)
    assert words(status) == "GPU 18.2 of 24.0 GB, 97 %, 310 W, 61 °C"
    status.set_card(READING._replace(watts=None, used=None))
    assert words(status) == "GPU 97 %, 61 °C"
    status.set_card(None)
    assert words(status) == ""


def test_a_short_line_keeps_room_for_the_sentence(status, qapp):
    status.set_model("google/diffusiongemma-26B-A4B-it", "cuda:0")
    status.say("The model folder has no tokenizer.json: download the whole folder again.", "error")
    status.set_card(READING)
    seen = []
    for width in range(1100, 360, -20):
        status.resize(width, 32)
        qapp.processEvents()
        seen.append(words(status))
        assert not words(status) or status._sentence.width() >= LEAST
        assert not words(status) or status._sentence.geometry().right() < width
    lengths = [len(words) for words in seen]
    assert lengths == sorted(lengths, reverse=True) and len(set(lengths)) == 4 and lengths[-1] == 0
    status.resize(1100, 32)
    assert words(status) == seen[0]
    assert "310 W" in status._card.toolTip()


@pytest.fixture
def charts(qtbot):
    widget = Charts()
    qtbot.addWidget(widget)
    widget.resize(1000, 170)
    widget.show()
    return widget


def legend(charts):
    return " ".join(legend.accessibleName() for legend in charts.findChildren(Legend))


def test_the_load_of_the_card_is_in_the_chart_only_where_there_are_readings(charts, qapp):
    charts.show_series(series(recording(steps=5)))
    assert "GPU" not in legend(charts)
    charts.show_series(series(noted()))
    charts.set_playhead(2)
    assert "GPU busy 97 %" in legend(charts)
    assert charts.grab().toImage().width() == 1000


def test_a_card_that_does_not_tell_its_load_is_no_error(charts):
    bare = {field.name: np.ones(3) for field in fields(Series)}
    charts.show_series(replace(Series(**bare), gpu_busy=np.full(3, np.nan)))
    assert "GPU" not in legend(charts)


# In a session


@pytest.fixture
def loaded(nvml, window, monkeypatch):
    """A window whose model says that it is on a card, and writes `steps` frames."""
    writes(monkeypatch, window, steps=12)
    window.delay = 0.004
    monkeypatch.setattr(engine.model.gemma, "card", lambda device: UUID)
    return window


def test_readings_travel_with_the_frames_and_are_shown(loaded, loop):
    loop.run_until_complete(loaded.asking.load_and_run(None, "a fox"))
    run = loaded.session.recording
    assert [f.step for f in run.frames] == list(range(12)) and loaded.session.produced == 12
    assert run.readings and all(reading == READING for _, reading in run.readings)
    assert len(run.readings) <= 12  # none twice
    loop.run_until_complete(until(lambda: "18.2 of 24.0 GB" in words(loaded.status)))
    assert "GPU" in legend(loaded.stage.charts)


def test_another_model_ends_the_gauge_of_the_one_before(loaded, loop, monkeypatch):
    loop.run_until_complete(loaded.asking.load_and_run(None, "a fox"))
    first = loaded.session.gauge
    monkeypatch.setattr(engine.model.gemma, "card", lambda device: None)
    loop.run_until_complete(loaded.asking.load_and_run(None, None))
    assert loaded.session.gauge is None and first.newest is None and not gauges()
    loop.run_until_complete(asyncio.sleep(0))
    assert words(loaded.status) == ""


def test_without_a_card_nothing_is_read_or_shown(loaded, loop, nvml, monkeypatch):
    monkeypatch.setattr(engine.model.gemma, "card", lambda device: None)
    loop.run_until_complete(loaded.asking.load_and_run(None, "a fox"))
    assert not nvml.calls and not loaded.session.recording.readings
    assert words(loaded.status) == "" and "GPU" not in legend(loaded.stage.charts)
    assert not loaded.news._gauge.isActive()
