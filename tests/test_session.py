"""The session: one thing at a time, every frame kept, every failure a sentence and a session that still works."""

import asyncio
import threading
import time
from dataclasses import replace

import pytest

import engine.model.gemma
import engine.steps.denoise
from app.run.session import Session
from app.run.work import Progress
from app.words import ending, explain
from engine.model.choice.source import CancelError
from engine.model.folder.checkpoint import LoadError
from engine.values.question import Question
from engine.values.recording import RecordingError
from engine.values.settings import Settings
from samples import MODEL, frame, until


@pytest.fixture
def session(loop, no_threads_left, monkeypatch):
    """A session with a model that is a fake; `session.steps` is what it does."""
    session = Session()
    session.threads = set()
    session.said_all = []
    session.said.connect(lambda sentence, kind: session.said_all.append((sentence, kind)))
    session.steps = 5

    def denoise(model, prompt, ask, **how):
        step = 0
        while (settings := ask(0, step)) is not None and step < session.steps:
            session.threads.add(threading.current_thread().name)
            last = step == session.steps - 1
            yield frame(0, step, settings=settings, stop="stable" if last else "")
            step += 1

    monkeypatch.setattr(engine.steps.denoise, "denoise", denoise)
    monkeypatch.setattr(engine.model.gemma, "load", lambda *args, **options: MODEL)
    loop.run_until_complete(session.load(None, "auto"))
    yield session
    loop.run_until_complete(session.close())


def test_a_run_records_every_frame_on_the_one_engine_thread(session, loop):
    session.steps = 300
    loop.run_until_complete(session.run(Question("a fox"), Settings()))
    recording = session.recording
    assert [f.step for f in recording.frames] == list(range(300))
    assert session.produced == 300 and recording.outcome == "finished" and not session.running
    assert session.threads == {"engine_0"}
    assert recording.prompt == "a fox"


def test_live_knobs_reach_the_running_canvas_and_are_recorded(session, loop):
    async def scenario():
        session.steps = 10**9
        run = asyncio.ensure_future(session.run(Question("p"), Settings()))
        await until(lambda: session.recording and len(session.recording.frames) > 3)
        session.edit(replace(Settings(), t_max=1.75))
        await until(lambda: session.recording.frames[-1].settings.t_max == 1.75)
        session.stop()
        await run

    loop.run_until_complete(scenario())
    edits = session.recording.edits()
    assert len(edits) == 1 and edits[0][1].t_max == 1.75
    assert session.recording.outcome == "stopped"


def test_stop_before_the_first_step_and_twice(session, loop):
    async def scenario():
        run = asyncio.ensure_future(session.run(Question("p"), Settings()))
        session.stop()
        session.stop()
        await run

    loop.run_until_complete(scenario())
    assert not session.running
    loop.run_until_complete(session.run(Question("p"), Settings()))
    assert session.recording.outcome == "finished"


def test_a_second_run_replaces_the_first(session, loop):
    async def scenario():
        session.steps = 10**9
        first = asyncio.ensure_future(session.run(Question("first"), Settings()))
        await until(lambda: session.recording and session.recording.frames)
        session.steps = 4
        await asyncio.gather(first, *(session.run(Question(f"next {i}"), Settings()) for i in range(5)))

    loop.run_until_complete(scenario())
    assert session.recording.prompt == "next 4" and len(session.recording.frames) == 4
    assert not session.running


def test_an_error_in_a_step_is_a_sentence_and_keeps_the_frames(session, loop, monkeypatch):
    def denoise(model, prompt, ask, **how):
        yield frame()
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr(engine.steps.denoise, "denoise", denoise)
    loop.run_until_complete(session.run(Question("p"), Settings()))
    sentence, kind = session.said_all[-1]
    assert kind == "error" and "a b" in sentence and sentence.endswith(".")
    assert len(session.recording.frames) == 1 and session.recording.outcome == sentence
    assert not session.running and session.model is MODEL


def test_a_model_that_fails_to_load_leaves_the_one_before(session, loop, monkeypatch):
    def fail(*args, **options):
        raise LoadError("It is not there: choose another.")

    monkeypatch.setattr(engine.model.gemma, "load", fail)
    assert not loop.run_until_complete(session.load("nowhere", "auto"))
    assert session.model is MODEL and not session.loading
    assert session.said_all[-1] == ("It is not there: choose another.", "error")
    assert session.sentence == session.said_all[-1][0]


def test_loading_reports_and_can_be_cancelled(session, loop, monkeypatch):
    seen = []
    session.progressed.connect(seen.append)

    def slow(source, device, progress, cancelled, precision):
        progress("Reading", 0.5)
        while not cancelled():
            time.sleep(0.001)
        raise LoadError("Cancelled.")

    async def scenario():
        load = asyncio.ensure_future(session.load("big", "auto"))
        await until(lambda: Progress("Reading", 0.5) in seen)
        session.cancel()
        await load

    monkeypatch.setattr(engine.model.gemma, "load", slow)
    loop.run_until_complete(scenario())
    assert seen[-1] is None and session.model is MODEL


def test_a_run_asked_for_while_loading_waits_for_the_model(session, loop):
    async def scenario():
        session.model = None
        load = asyncio.ensure_future(session.load(None, "auto"))
        await asyncio.sleep(0)
        await asyncio.gather(load, session.run(Question("soon"), Settings()))

    loop.run_until_complete(scenario())
    assert session.recording.prompt == "soon" and len(session.recording.frames) == 5


def test_running_without_a_model_ends_quietly(session, loop):
    session.model = None
    loop.run_until_complete(session.run(Question("p"), Settings()))
    assert session.recording is None and not session.running


def test_closing_in_the_middle_of_a_run_ends_the_thread(loop, monkeypatch, no_threads_left):
    def endless(model, prompt, ask, **how):
        step = 0
        while ask(0, step) is not None:
            yield frame(0, step)
            step += 1

    async def scenario():
        session = Session()
        monkeypatch.setattr(engine.model.gemma, "load", lambda *args, **options: MODEL)
        monkeypatch.setattr(engine.steps.denoise, "denoise", endless)
        await session.load(None, "auto")
        run = asyncio.ensure_future(session.run(Question("p"), Settings()))
        await until(lambda: session.recording and session.recording.frames)
        await session.close()
        await run

    loop.run_until_complete(scenario())


def test_a_stalled_screen_stops_the_engine_instead_of_eating_memory(session, loop):
    """The main thread takes nothing for a while: the mailbox fills to its bound, and nothing is lost."""

    async def scenario():
        session.steps = 2000
        run = asyncio.ensure_future(session.run(Question("p"), Settings()))
        await until(lambda: session.recording and session.recording.frames)
        before = len(session.recording.frames)
        time.sleep(0.3)
        session._engine.drain()
        assert len(session.recording.frames) - before <= 512
        await run

    loop.run_until_complete(scenario())
    assert [f.step for f in session.recording.frames] == list(range(2000))


def test_every_ending_is_a_sentence(session, loop):
    loop.run_until_complete(session.run(Question("p"), Settings()))
    assert ending(session.recording).startswith("Stable and confident: 5 steps, ")
    session.recording.outcome = "stopped"
    assert ending(session.recording) == "Stopped by you after 5 steps."
    session.recording.frames.clear()
    assert ending(session.recording) == "Stopped before the first step."


def test_known_errors_explain_themselves(caplog):
    for error in (LoadError("Do this."), CancelError("Cancelled."), RecordingError("Do that.")):
        assert explain(error) == str(error)
    assert not caplog.records


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError(), ValueError("x" * 1000)])
def test_explanations_are_short_single_sentences(error, caplog):
    sentence = explain(error)
    assert len(sentence) < 260 and "\n" not in sentence and sentence.endswith(".")
