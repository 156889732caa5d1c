"""Gate and Mailbox between two real threads."""

import threading
import time
from dataclasses import replace

import pytest

from engine.values.handoff import Gate, Mailbox, pump
from engine.values.settings import Settings


@pytest.fixture
def walker(no_threads_left):
    """Starts a thread that walks through a gate and counts; stops it at the end."""
    started = []

    def start(gate):
        seen = []

        def walk():
            while (settings := gate.ask(0, len(seen))) is not None:
                seen.append(settings)
                time.sleep(0.0005)

        thread = threading.Thread(target=walk)
        thread.start()
        started.append((gate, thread))
        return seen, thread

    yield start
    for gate, thread in started:
        gate.stop()
        thread.join(5)


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.001)


def settled(seen):
    """The count once it has stopped growing."""
    count = -1
    while count != len(seen):
        count = len(seen)
        time.sleep(0.03)
    return count


def test_paused_gate_lets_exactly_the_granted_steps_pass(walker):
    gate = Gate(Settings())
    gate.pause()
    seen, _ = walker(gate)
    assert settled(seen) == 0
    gate.step()
    gate.step()
    until(lambda: len(seen) == 2)
    assert settled(seen) == 2
    gate.resume()
    until(lambda: len(seen) > 10)


def test_pausing_again_forgets_grants(walker):
    gate = Gate(Settings())
    gate.pause()
    gate.step()
    gate.pause()
    seen, _ = walker(gate)
    assert settled(seen) == 0


@pytest.mark.parametrize("prepare", [Gate.pause, lambda gate: gate.pace(3600), lambda gate: None])
def test_stop_ends_every_kind_of_wait(walker, prepare):
    gate = Gate(Settings())
    prepare(gate)
    _, thread = walker(gate)
    gate.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert gate.ask(0, 0) is None


def test_edit_applies_to_the_next_step():
    gate = Gate(Settings())
    assert gate.ask(0, 0) == Settings()
    edited = replace(Settings(), t_max=1.5)
    gate.edit(edited)
    assert gate.ask(0, 1) is edited


def test_pace_spaces_steps_and_can_be_lifted_in_the_middle_of_a_wait(walker):
    gate = Gate(Settings())
    gate.pace(3600)
    seen, _ = walker(gate)
    until(lambda: len(seen) == 1)
    assert settled(seen) == 1
    gate.pace(0)
    until(lambda: len(seen) > 3)


def test_mailbox_loses_nothing_and_keeps_order(no_threads_left):
    wakes = threading.Semaphore(0)
    box = Mailbox(wakes.release, size=8)
    thread = threading.Thread(target=pump, args=((i for i in range(2000)), box))
    thread.start()
    got = []
    while len(got) < 2000:
        assert wakes.acquire(timeout=5)
        items = box.take()
        assert len(items) <= 8
        got += items
    thread.join(5)
    assert got == list(range(2000))


def test_one_wake_for_many_items():
    wakes = []
    box = Mailbox(lambda: wakes.append(1))
    for i in range(100):
        box.put(i)
    assert len(wakes) == 1
    assert box.take() == list(range(100))
    box.put(100)
    assert len(wakes) == 2


def test_a_full_mailbox_blocks_and_close_frees_the_writer(no_threads_left):
    box = Mailbox(lambda: None, size=4)
    result = []
    thread = threading.Thread(target=lambda: result.append(pump((i for i in range(100)), box)))
    thread.start()
    thread.join(0.1)
    assert thread.is_alive()
    box.close()
    thread.join(5)
    assert result == [4]
    assert box.take() == [0, 1, 2, 3]
    assert box.put("late") is False


def test_pump_closes_the_generator_and_passes_errors_on():
    closed = []

    def frames():
        try:
            yield 1
            raise RuntimeError("in the step")
        finally:
            closed.append(True)

    box = Mailbox(lambda: None)
    with pytest.raises(RuntimeError, match="in the step"):
        pump(frames(), box)
    assert closed and box.take() == [1]
