"""Text from a vLLM server, played here by a stub: whole canvases, what is measured of them, and how it may fail."""

import json
import os
import pty
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

import tiny
from app.__main__ import main
from app.run import work
from engine.model.text.tokens import PromptError
from engine.remote import wire
from engine.remote.delivery import Delivery
from engine.remote.served import Served, cells
from engine.remote.server import CANVAS, NOTE, Arrival, RemoteError, Server
from engine.remote.wire import KEY
from engine.steps import race
from engine.values.files.entry import Entry
from engine.values.frame import STOPS
from engine.values.handoff import Mailbox
from engine.values.metrics import series, speeds
from engine.values.question import Question
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.turns import NOTHING
from engine.values.words.reply import Reply, split
from played import NAME, STORY, TEXTS, USAGE, Answer, Stub, chunk
from samples import MODEL, recording, until
from widgets.cells import running

ASKED = NOTHING.asked("a fox")


def hang(answer):
    """Says nothing until the other side has gone."""
    answer.connection.settimeout(10)
    assert answer.rfile.read(1) == b""
    raise OSError


def cut(answer):
    answer.close_connection = True
    answer.connection.shutdown(socket.SHUT_RDWR)


def written(stub, **options):
    server = Server(stub.address)
    return list(server.write(server.model(), ASKED, **options))


def test_every_canvas_arrives_with_its_text_its_tokens_and_its_time(stub):
    stub.story = [*STORY[:2], lambda _: time.sleep(0.05), *STORY[2:]]
    first, last = written(stub)
    assert (first.text, last.text) == TEXTS and (first.tokens, last.tokens) == (256, 44)
    assert (first.stop, last.stop) == ("", "end")
    assert 0 < first.seconds <= last.seconds - 0.04


def test_a_canvas_is_told_before_the_next_one_is_there(stub):
    told = threading.Event()
    stub.story = [*STORY[:2], lambda _: told.wait(10), *STORY[2:]]
    server = Server(stub.address)
    arrivals = server.write(server.model(), ASKED)
    assert next(arrivals).text == TEXTS[0]
    told.set()
    assert [arrival.text for arrival in arrivals] == [TEXTS[1]]


def test_what_is_asked_is_what_a_server_takes(stub):
    written(stub, canvases=3, thinking=True)
    asked = stub.asked[0]
    assert asked["messages"] == [{"role": "user", "content": "a fox"}] and asked["model"] == NAME
    assert asked["stream"] is True and asked["max_tokens"] == 3 * CANVAS
    assert asked["chat_template_kwargs"] == {"enable_thinking": True}
    assert not {"temperature", "seed", "steps"} & asked.keys()


def test_tokens_are_counted_by_the_usage_where_no_ids_come(stub):
    def bare(text, total, stop=None):
        made = chunk(text, stop=stop, usage={"completion_tokens": total})
        del made["choices"][0]["token_ids"]
        return made

    stub.story = [bare("a", 256), bare("b", 300, "length"), b"data: [DONE]\n\n"]
    assert [(a.tokens, a.stop) for a in written(stub)] == [(256, ""), (44, "limit")]
    for event in stub.story[:2]:
        event["usage"] = None
    assert [a.tokens for a in written(stub)] == [None, None]


def test_comments_and_thoughts_in_a_stream_are_no_trouble(stub):
    thought = chunk("So.", 100, "stop")
    thought["choices"][0]["delta"] = {"reasoning": "Hm. ", "content": "So."}
    stub.story = [b": ping\n\n", b"event: x\r\n", thought, b"data: [DONE]\n\n", b"data: {nonsense\n\n"]
    assert [(a.thought, a.text) for a in written(stub)] == [("Hm. ", "So.")]


def delta(count=0, stop=None, **parts):
    made = chunk("", count, stop)
    made["choices"][0]["delta"] = parts
    return made


PARSED = [delta(3, reasoning="thought"), delta(253, reasoning="\nHm. "), delta(20, "stop", content="So.")]
OLDER = [delta(256, reasoning_content="Hm. "), delta(20, "stop", content="So.")]
SPELLED = [
    delta(256, content="<|channel>thought\nHm. "),
    delta(20, "stop", content="<channel|>So.<turn|><pad>"),
]


@pytest.mark.parametrize("story", [PARSED, OLDER, SPELLED], ids=["reasoning", "reasoning_content", "no parser"])
def test_thought_and_answer_stay_apart(stub, story, capsys):
    stub.story = [*story, b"data: [DONE]\n\n"]
    arrivals = written(stub, thinking=True)
    assert "".join(a.thought for a in arrivals) == "Hm. " and "".join(a.text for a in arrivals) == "So."
    assert not arrivals[-1].inside and arrivals[0].inside
    served = Served(stub.address)
    run = Recording("p", Settings(), served.name, served.device, served.lexicon)
    for each in served.frames(Question("p"), lambda canvas, step: Settings(thinking=True)):
        run.append(each)
    assert run.reply() == Reply("So.", "Hm.", False)
    assert run.text_tokens() == 274  # the server counted 276: with the marks around the thought
    assert main(["run", "p", "--server", stub.address, "--thinking"]) == 0
    assert capsys.readouterr().out.strip() == "So."
    assert stub.asked[-1]["max_tokens"] == 4 * CANVAS  # room to think
    assert main(["run", "p", "--server", stub.address, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["text"], told["thought"], told["ends_in_thought"]) == ("So.", "Hm.", False)


def test_no_thinking_is_said_and_its_empty_thought_is_none_of_the_text(stub):
    for content in ("<|channel>thought\n<channel|>So.", "thought\nSo.", "So."):
        stub.story = [delta(256, "stop", content=content), b"data: [DONE]\n\n"]
        assert [(a.thought, a.text) for a in written(stub)] == [("", "So.")]
    assert stub.asked[0]["chat_template_kwargs"] == {"enable_thinking": False}
    assert stub.asked[0]["skip_special_tokens"] is False


def test_a_text_that_ends_in_its_thought_says_so(stub, capsys):
    stub.story = [delta(256, "length", content="<|channel>thought\nHm."), b"data: [DONE]\n\n"]
    assert main(["run", "p", "--server", stub.address]) == 0
    out, err = capsys.readouterr()
    assert not out.strip() and "ends inside its thought" in err


def test_words_and_markers_take_as_many_cells_as_there_are_tokens(stub):
    served = Served(stub.address)
    for count in range(1, 12):
        arrival = Arrival("So it is.", count, 1.0, "end", "Hm, well.")
        ids = served._frame(arrival, 0, Settings(), False).ids
        assert len(ids) == count and split(served.lexicon, ids).answer == "So it is."


def test_canvases_may_be_of_any_length(stub):
    story = [chunk("a ", 4), chunk("b ", 4), chunk("c", 1), chunk("d", 1, "stop")]
    stub.story = [*story, b"data: [DONE]\n\n"]
    assert [a.tokens for a in written(stub)] == [4, 4, 1, 1]


def test_a_redirect_is_told_and_not_followed_and_no_sentence_has_the_key(stub, monkeypatch):
    monkeypatch.setenv(KEY, "sesame")
    other = Stub()
    monkeypatch.setattr(
        Answer,
        "do_GET",
        lambda self: (self.send_response(307), self.send_header("Location", other.address), self.end_headers()),
    )
    with pytest.raises(RemoteError, match=f"sends on to {other.address}"):
        Server(stub.address).model()
    assert not other.keys
    other.server_close()
    stub.status, stub.body = 400, b'{"error": {"message": "no model for key sesame"}}'
    with pytest.raises(RemoteError) as caught:
        list(Server(stub.address).write(NAME, ASKED))
    assert "no model for key" in str(caught.value) and "sesame" not in str(caught.value)


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_an_address_may_be_written_as_people_do(stub, tail):
    assert Server(stub.address + tail).model() == NAME
    assert Server(stub.address.removeprefix("http://") + tail).model() == NAME
    assert Server(stub.address + tail).address == stub.address


def test_a_model_is_found_by_its_name_or_named(stub):
    stub.models = [{"id": "other"}, {"id": "mine", "root": "/models/DiffusionGemma-int4"}]
    server = Server(stub.address)
    assert server.model() == "mine" and server.model("other") == "other"


def test_the_key_is_sent_from_the_environment_only(stub, monkeypatch):
    stub.key = "sesame"
    with pytest.raises(RemoteError, match=KEY):
        Server(stub.address).model()
    monkeypatch.setenv(KEY, "sesame\n")
    assert Server(stub.address).model() == NAME
    assert stub.keys == [None, "Bearer sesame"]
    monkeypatch.setenv(KEY, "s\u00e9same")
    with pytest.raises(RemoteError) as refused:
        Server(stub.address).model()
    assert "same" not in str(refused.value)


def sentence(error):
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and "\x1b" not in text and len(text) < 400
    return text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://",
        "ftp://host",
        "http://host:port",
        "http://[::1",
        "http://host:99999",
        "/models/x",
        "http://a b",
        "http://" + "a" * 300,
    ],
)
def test_what_is_no_address_is_said_so(address):
    with pytest.raises(RemoteError) as error:
        Server(address).model()
    assert "address" in sentence(error)


def test_an_unreachable_server_is_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RemoteError) as error:
        Server(address).model()
    assert address in sentence(error) and "cannot be reached" in str(error.value)


def test_a_wrong_path_is_said_so(stub):
    with pytest.raises(RemoteError) as error:
        Server(stub.address + "/api").model()
    assert "no vLLM server" in sentence(error) and "/api" in str(error.value)


@pytest.mark.parametrize(
    ("models", "wanted", "part"),
    [
        ([], None, "serves no model"),
        ([{"id": "meta/llama\x1b[2J"}], None, "meta/llama"),
        ([{"id": "meta/llama"}], NAME, "serves no google/"),
        ([{"name": "x"}], None, "no vLLM server"),
        ([{"id": None}], None, "no vLLM server"),
        ([{"id": f"model-{number}"} for number in range(500)], None, "\u2026, by its name no DiffusionGemma"),
        ("x", None, "no vLLM server"),
        (None, None, "no vLLM server"),
    ],
)
def test_a_server_without_the_model_is_said_so(stub, models, wanted, part):
    stub.models = models
    with pytest.raises(RemoteError) as error:
        Server(stub.address).model(wanted)
    assert part in sentence(error)


ERROR = {"error": {"message": "CUDA out of\nmemory\x1b[31m.", "type": "InternalServerError", "code": 500}}


@pytest.mark.parametrize(
    ("then", "part"),
    [
        (ERROR, "CUDA out of memory"),
        ({"object": "error", "message": "", "code": 400}, "does not say why"),
        (cut, "broke off"),
        (b"data: {half\n\n", "no vLLM server"),
        (b"data: [1, 2]\n\n", "no vLLM server"),
        ({"choices": [7]}, "no vLLM server"),
        ({"choices": [{"delta": {"content": 5}}]}, "no vLLM server"),
        (b"", "broke off"),
    ],
)
def test_an_error_in_the_middle_keeps_what_had_arrived(stub, then, part):
    stub.story = [*STORY[:2], *([then] if then else [])]
    server = Server(stub.address)
    arrivals = server.write(server.model(), ASKED)
    assert next(arrivals).text == TEXTS[0]
    with pytest.raises(RemoteError) as error:
        next(arrivals)
    assert part in sentence(error)


@pytest.mark.parametrize("nothing", [[], [{"choices": None}], [{"error": {}}], [delta(0)]])
def test_an_answer_without_a_text_is_no_success(stub, nothing):
    stub.story = [*nothing, b"data: [DONE]\n\n"]
    with pytest.raises(RemoteError) as error:
        written(stub)
    assert "has sent no text" in sentence(error)


def test_why_a_text_ended_is_told_in_words_that_do_nothing_else(stub):
    stub.story = [delta(256, "\x1b[2Jfilter", content="a"), b"data: [DONE]\n\n"]
    assert written(stub)[-1].stop == "[2Jfilter"


@pytest.mark.parametrize(
    ("status", "body", "part"),
    [
        (400, json.dumps({"error": {"message": "The prompt is too long"}}).encode(), "The prompt is too long"),
        (404, b'{"object": "error", "message": "No such model"}', "No such model"),
        (500, b"<html>", "500"),
        (307, b"", "307"),
        (502, b"", "502"),
    ],
)
def test_a_request_that_is_refused_says_why(stub, status, body, part):
    stub.status, stub.body = status, body
    with pytest.raises(RemoteError) as error:
        written(stub)
    assert part in sentence(error)


def test_a_server_that_stalls_is_given_up(stub, monkeypatch):
    stub.story = [*STORY[:2], hang]
    monkeypatch.setattr(wire, "STALL", 0.1)
    with pytest.raises(RemoteError) as error:
        written(stub)
    assert "has sent nothing" in sentence(error)
    assert stub.gone.wait(10)


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("story", [[hang], [*STORY[:2], hang]])
def test_waiting_can_be_stopped_and_the_server_notices(stub, story, closes):
    stub.story, stub.closes = story, closes
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert len(written(stub, stopped=stop.is_set)) == len(story) // 2
    assert stub.gone.wait(10)


@pytest.mark.parametrize("closes", [False, True])
def test_a_reader_that_goes_away_lets_the_server_go(stub, closes):
    stub.story, stub.closes = [*STORY[:2], hang], closes
    server = Server(stub.address)
    arrivals = server.write(server.model(), ASKED)
    next(arrivals)
    arrivals.close()
    assert stub.gone.wait(10)


def test_a_model_that_writes_token_by_token_is_refused(stub):
    stub.story = [chunk("One", 1), chunk(" two", 1), chunk(" three", 1), chunk("", 0, "stop"), b"data: [DONE]\n\n"]
    with pytest.raises(RemoteError, match="no DiffusionGemma"):
        written(stub)
    stub.story = [chunk("Yes.", 3), chunk("", 0, "stop"), b"data: [DONE]\n\n"]  # a short text is none
    assert [arrival.text for arrival in written(stub)] == ["Yes.", ""]


# What is measured


def test_a_delivery_measures_what_arrived():
    delivery = Delivery("a fox", NAME, "http://there")
    assert delivery.summary()["text_tok_s"] is None and "Nothing" in delivery.last_words()
    delivery.append(Arrival("Once", 256, 0.5))
    delivery.append(Arrival(" more", 44, 1.5, "end"))
    delivery.append(Arrival("", 0, 9.0, "end"))
    delivery.outcome = "finished"
    told = delivery.summary()
    assert told["text"] == "Once more" and told["canvases"] == 2 and told["text_tokens"] == 300
    assert told["first_canvas_seconds"] == 0.5 and told["seconds"] == 1.5 and told["text_tok_s"] == 200
    assert told["arrivals"] == [[256, 0.5], [44, 1.5]] and told["stop"] == "end"
    assert NOTE in delivery.last_words() and "200 tok/s" in delivery.last_words()


def test_what_a_server_does_not_count_is_no_number():
    delivery = Delivery("a fox", NAME, "http://there", [Arrival("Once", None, 0.5, "end")], "finished")
    assert delivery.summary()["text_tokens"] is None and delivery.summary()["text_tok_s"] is None
    assert "tok/s" not in delivery.last_words()


# As frames


def test_a_served_canvas_is_one_frame_that_claims_nothing_else(stub):
    stub.story = [*STORY[:2], lambda _: time.sleep(0.02), *STORY[2:]]
    served = Served(stub.address)
    run = Recording("a fox", Settings(), served.name, served.device, served.lexicon)
    for frame in served.frames(Question("a fox"), lambda canvas, step: Settings(canvases=2)):
        run.append(frame)
    first, last = run.frames
    assert run.text() == "".join(TEXTS) and run.text_tokens() == 300
    assert [len(frame.ids) for frame in run.frames] == [256, 44]
    assert (first.canvas, last.canvas) == (0, 1) and first.stop in STOPS and last.stop == "end"
    for frame in run.frames:
        assert frame.held.all() and np.isnan(frame.entropy).all() and frame.top_ids.shape == (len(frame.ids), 0)
        assert np.isnan([frame.forward, frame.readout, frame.temperature]).all()
    speed = speeds(run)
    assert speed.text == pytest.approx(300 / last.seconds) and np.isnan(speed.in_step)
    measured = series(run)  # without a warning
    assert np.isnan(measured.entropy_text).all() and list(measured.accepted) == [256, 44]
    assert np.isnan(measured.threshold).all()  # the server's is its own
    assert set(running(run.lexicon, first, None).levels) == {0}  # no colour of an entropy
    assert Entry.of(run, 1e9).whole and not Entry.of(recording(), 1e9).whole


def test_gaps_are_refused_before_anything_is_asked_of_a_server(stub):
    asked = Served(stub.address), Question("a fox", answer="a ___ fox"), (Settings(),), lambda: False
    with pytest.raises(PromptError, match="A server fills no gaps"):
        work.fits(*asked, Mailbox(lambda: None))


@pytest.mark.parametrize("text", ["Once  upon a\ntime.", " x ", "", "\n", "a b c d e f g h i j", "\u2603"])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_cells_are_as_many_as_tokens_and_hold_the_whole_text(text, count):
    pieces = cells(text, count)
    assert len(pieces) == count and b"".join(pieces).decode() == text


def test_asking_before_every_canvas_can_end_it(stub):
    asked = []

    def ask(canvas, step):
        asked.append(canvas)
        return Settings() if canvas == 0 else None

    assert len(list(Served(stub.address).frames(Question("a fox"), ask))) == 1 and asked == [0, 1]
    assert list(Served(stub.address).frames(Question("a fox"), lambda canvas, step: None)) == []
    assert len(stub.asked) == 1


def test_a_server_that_counts_no_tokens_has_no_frames(stub):
    stub.story = [{"choices": [{"delta": {"content": "Once"}, "finish_reason": "stop"}]}]
    with pytest.raises(RemoteError, match="count"):
        list(Served(stub.address).frames(Question("a fox"), lambda canvas, step: Settings()))


def test_a_server_is_a_lane_of_a_race(stub):
    stub.story = [*STORY[:2], lambda _: time.sleep(0.05), *STORY[2:]]
    settings = Settings()
    lane = Served(stub.address).lane(Question("a fox"), settings)
    assert len(list(race.run([lane], lambda canvas, step: settings))) == 2
    found = race.result(lane)
    assert found["passes"] is None and found["text_tokens"] == 300 and found["text"] == "".join(TEXTS)
    assert found["first_words_seconds"] == pytest.approx(lane.recording.frames[0].seconds, abs=1e-3)
    assert "drafts" in lane.name and len(stub.asked) == 1  # no warm-up for another's computer


# In the window


@pytest.fixture
def window(stub, window):
    return window


def test_a_server_writes_into_the_window_canvas_by_canvas(window, loop, stub):
    told = threading.Event()
    stub.story = [*STORY[:2], lambda _: told.wait(10), *STORY[2:]]
    run = window.tasks.start(window.asking.load_and_run(stub.address, "a fox"))
    loop.run_until_complete(until(lambda: window.session.recording and window.session.recording.frames))
    assert window.session.running and NOTE in window.status._sentence.text()
    loop.run_until_complete(until(lambda: window.canvas.text().strip() == TEXTS[0].strip()))
    told.set()
    loop.run_until_complete(run)
    assert window.session.recording.outcome == "finished" and window.session.produced == 2
    assert "".join(TEXTS).strip() == window.canvas.text().strip()
    assert "without drafts" in window.status._sentence.text() and "300 tokens" in window.status._sentence.text()
    shown = " ".join(label.text() for label in window.status.findChildren(QLabel))
    assert "nan" not in shown and stub.address in shown
    window.stage.token.show_details(window.canvas.details(0))
    assert "unknown" in window.stage.token._closeup._numbers.text()
    window.player.first()
    window.looks.set_view("grid")
    assert window.grab().toImage().width() == window.width()


def test_knobs_that_a_server_does_not_take_are_grey(window, loop, stub, monkeypatch):
    loop.run_until_complete(window.asking.load_and_run(stub.address, None))
    rows = window.knobs._rows

    def usable():
        return {name for name in ("steps", "t_max", "canvases", "device") if rows[name].controls[0].isEnabled()}

    assert usable() == {"canvases"}
    monkeypatch.setattr("engine.model.gemma.load", lambda *args, **options: MODEL)
    loop.run_until_complete(window.asking.load_and_run(None, None))
    assert usable() == {"steps", "t_max", "canvases", "device"}


def test_stopping_a_server_that_hangs(window, loop, stub):
    stub.story = [*STORY[:2], hang]

    async def scenario():
        run = window.tasks.start(window.asking.load_and_run(stub.address, "a fox"))
        await until(lambda: window.session.recording and window.session.recording.frames)
        window.session.stop()
        await run

    loop.run_until_complete(scenario())
    assert window.session.recording.outcome == "stopped" and window.session.recording.text() == TEXTS[0]
    assert stub.gone.wait(10)


def test_a_server_that_fails_leaves_the_window_usable(window, loop, stub):
    stub.story = [*STORY[:2], ERROR]
    loop.run_until_complete(window.asking.load_and_run(stub.address, "a fox"))
    assert "CUDA out of memory" in window.status._sentence.text()
    assert window.session.recording.text() == TEXTS[0] and not window.session.running
    model = window.session.model
    stub.models = []
    loop.run_until_complete(window.asking.load_and_run(stub.address, None))
    assert "serves no model" in window.status._sentence.text() and window.session.model is model
    loop.run_until_complete(window.session.race(Question("a fox"), Settings()))
    assert "race" in window.status._sentence.text() and not window.session.running


def test_a_server_is_chosen_in_the_picker(window, loop, stub, monkeypatch):
    monkeypatch.setattr("engine.model.choice.source.known", list)
    window.models.open()
    picker = window.models.picker
    for address, short in ((stub.address + "/nowhere", "Cannot be used"), (stub.address, "Runs there")):
        window.models.add(address)
        loop.run_until_complete(until(lambda short=short: picker.chosen().short == short))
    assert NOTE in picker.chosen().sentence and NAME in picker.chosen().facts
    picker._load.click()
    loop.run_until_complete(until(lambda: window.session.model is not None))
    assert window.session.model.name == NAME and window.session.source == stub.address


def test_a_recording_of_a_server_survives_the_disk(stub, tmp_path):
    served = Served(stub.address)
    run = Recording("a fox", Settings(), served.name, served.device, served.lexicon)
    run.frames.extend(served.frames(Question("a fox"), lambda canvas, step: Settings()))
    run.save(tmp_path / "x.unnoise")
    loaded = Recording.load(tmp_path / "x.unnoise")
    assert [len(frame.ids) for frame in loaded.frames] == [256, 44] and loaded.text_tokens() == 300
    assert loaded.text() == run.text() and not loaded.frames[0].told and loaded.frames[0].stop == "whole"


# The command


def test_run_on_a_server_prints_the_text_as_it_comes(stub, capsys):
    assert main(["run", "a fox", "--server", stub.address, "--canvases", "2"]) == 0
    out, err = capsys.readouterr()
    assert out == "".join(TEXTS) + "\n" and not err
    assert stub.asked[0]["max_tokens"] == 2 * CANVAS


def test_run_on_a_server_ends_in_one_json_line(stub, capsys):
    stub.story = [*STORY[:2], lambda _: time.sleep(0.05), *STORY[2:]]
    assert main(["run", "a fox", "--server", stub.address, "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert out.count("\n") == 1 and not err
    assert told["text"] == "".join(TEXTS) and told["server"] == stub.address and told["model"] == NAME
    assert told["first_canvas_seconds"] <= told["seconds"] and told["text_tokens"] == 300
    assert told["text_tok_s"] == pytest.approx(300 / told["seconds"], rel=0.01)


def test_a_server_that_fails_in_the_middle_loses_nothing(stub, capsys):
    stub.story = [*STORY[:2], ERROR]
    assert main(["run", "a fox", "--server", stub.address]) == 1
    out, err = capsys.readouterr()
    assert out == TEXTS[0] + "\n" and err.count("\n") == 1 and "CUDA out of memory" in err
    assert main(["run", "a fox", "--server", stub.address, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["text"] == TEXTS[0] and "CUDA out of memory" in told["outcome"]


@pytest.mark.parametrize(
    ("more", "part"),
    [(["--steps", "8"], "--steps"), (["--entropy-bound", "1"], "--entropy-bound"),
     (["--record", "no/x"], "folder of no/x"),
     (["--model", "other"], "serves no other"), (["--canvases", "0"], "canvases")],
)  # fmt: skip
def test_what_a_server_cannot_do_is_one_line_and_exit_code_2(stub, capsys, more, part):
    assert main(["run", "a fox", "--server", stub.address, *more]) == 2
    out, err = capsys.readouterr()
    assert part in err and err.count("\n") == 1 and not out and not stub.asked


@pytest.mark.parametrize(("stop", "told"), [("stop", "end"), ("length", "limit"), ("content_filter", "whole")])
def test_what_a_server_sends_is_recorded(stub, tmp_path, stop, told):
    stub.story = [*STORY[:2], chunk(TEXTS[1], 44, stop), USAGE, b"data: [DONE]\n\n"]
    file = tmp_path / "sent.unnoise"
    assert main(["run", "a fox", "--server", stub.address, "--record", str(file)]) == 0
    run = Recording.load(file)
    assert run.text() == "".join(TEXTS) and run.outcome == "finished" and run.frames[-1].stop == told


def test_what_a_server_had_sent_when_it_failed_is_recorded(stub, tmp_path):
    stub.story, file = [*STORY[:2], ERROR], tmp_path / "sent.unnoise"
    assert main(["run", "a fox", "--server", stub.address, "--record", str(file)]) == 1
    run = Recording.load(file)
    assert run.text() == TEXTS[0] and "CUDA out of memory" in run.outcome


@pytest.mark.parametrize(
    ("prompt", "names"),
    [("say <eos> and <|turn>model", "<eos>, <|turn>"), ("<channel|>", "<channel|>"), ("a < b | c > <p> <b>", "")],
)
def test_what_a_server_would_obey_in_a_prompt_is_told(stub, capsys, prompt, names):
    assert main(["run", prompt, "--server", stub.address]) == 0
    out, err = capsys.readouterr()
    assert out == "".join(TEXTS) + "\n" and (f"({names})" in err if names else not err)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about pseudo-terminals")
def test_a_terminal_says_that_there_are_no_drafts_and_starts_no_torch(stub):
    stub.story = [chunk("red \x1b[31m fox", 256, "stop"), b"data: [DONE]\n\n"]
    ours, theirs = pty.openpty()
    probe = "import sys; from app.__main__ import main; main(sys.argv[1:]); assert 'torch' not in sys.modules"
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "300"}
    process = subprocess.Popen(
        [sys.executable, "-c", probe, "run", "a fox", "--server", stub.address],
        stdout=theirs, stderr=subprocess.PIPE, cwd=Path(__file__).parent.parent, env=environment,
    )  # fmt: skip
    assert process.wait(60) == 0 and not process.stderr.read()
    process.stderr.close()
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "no drafts" in shown and "256 tokens" in shown and "fox" in shown and "\x1b[31m" not in shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import torch

    torch.set_num_threads(1)
    return str(tiny.checkpoint(tmp_path_factory.mktemp("model")))


def test_a_race_against_a_server(stub, folder, capsys):
    assert main(["race", "a fox", "--model", folder, "--steps", "3", "--server", stub.address, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [lane["passes"] is None for lane in told["lanes"]] == [False, True]
    assert told["lanes"][1]["text"] == "".join(TEXTS) and " s against " in told["verdict"]


def test_a_race_that_the_server_breaks_off_keeps_what_there_is(stub, folder, capsys):
    stub.story = [*STORY[:2], ERROR]
    assert main(["race", "a fox", "--model", folder, "--steps", "3", "--server", stub.address]) == 1
    out, err = capsys.readouterr()
    assert TEXTS[0] in out and "No verdict" in out and "CUDA out of memory" in err and err.count("\n") == 1
    stub.models = []
    assert main(["race", "a fox", "--server", stub.address]) == 2
