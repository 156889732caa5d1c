"""Gauge: what a graphics card says of itself, about twice a second, through NVML. Knows no torch and no screen.

NVML comes with `nvidia-ml-py`, which is optional, and NVIDIA's driver. Where either is missing there is no gauge.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from engine.values.recording import Reading

PERIOD = 0.5  # seconds: NVML's own utilisation is a mean over up to one
WAIT = 2.0  # seconds that a driver which hangs may hold up the end


class Gauge:
    """Reads one card, on a thread of its own, until it is closed."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        self.newest: Reading | None = None  # any thread may look; None: nothing is known now
        self._nvml, self._handle = nvml, handle
        self._closed = Event()
        self._thread = Thread(target=self._work, name="gauge", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, uuid: str | None) -> Gauge | None:
        """The gauge of the card that CUDA knows by that UUID; None where there is none, or no NVML.

        By its UUID, because NVML counts cards in another order than CUDA and takes no notice of
        CUDA_VISIBLE_DEVICES. Waits for the driver, so no call for a thread that draws.
        """
        if uuid is None:
            return None
        try:
            import pynvml
        except ImportError:
            return None
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError:
            return None
        for kind in ("GPU", "MIG"):  # CUDA leaves that part out
            with suppress(pynvml.NVMLError):
                return cls(pynvml, pynvml.nvmlDeviceGetHandleByUUID(f"{kind}-{uuid}"))
        pynvml.nvmlShutdown()
        return None

    def close(self) -> None:
        """No further reading. The thread has ended then, unless the driver hangs."""
        self._closed.set()
        self._thread.join(WAIT)

    def _work(self) -> None:
        while not self._closed.is_set():
            self.newest = self._read()
            self._closed.wait(PERIOD)
        self.newest = None
        with suppress(self._nvml.NVMLError):
            self._nvml.nvmlShutdown()

    def _read(self) -> Reading | None:
        """What the card tells now, None if nothing: then it is lost."""
        nvml = self._nvml
        memory = self._told(nvml.nvmlDeviceGetMemoryInfo)
        busy = self._told(nvml.nvmlDeviceGetUtilizationRates)
        power = self._told(nvml.nvmlDeviceGetPowerUsage)
        reading = Reading(
            used=None if memory is None else memory.used,
            total=None if memory is None else memory.total,
            busy=None if busy is None else busy.gpu,
            watts=None if power is None else power / 1000,
            celsius=self._told(nvml.nvmlDeviceGetTemperature, nvml.NVML_TEMPERATURE_GPU),
        )
        return reading if any(value is not None for value in reading) else None

    def _told(self, ask: Callable[..., Any], *more: Any) -> Any:
        """None for what this card does not tell: many a laptop's no power, a slice of a card no utilisation."""
        try:
            return ask(self._handle, *more)
        except self._nvml.NVMLError:
            return None
