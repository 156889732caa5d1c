"""`unnoise chat`: from answer to answer, as a pipe sends it and as a person types it."""

import json
import os
import re
import signal

import pytest
from PIL import Image

import tiny
from engine.__main__ import main
from engine.values.files import dialogue
from engine.values.turns import NOTHING
from engine.values.words.reply import Reply
from person import piped, typed
from played import NAME, STORY, TEXTS, chunk

FAST = ["--steps", "2", "--confidence", "0"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.checkpoint(tmp_path_factory.mktemp("chats"), ends=())


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_a_pipe_asks_one_question_a_line_and_reads_only_what_is_new(folder, monkeypatch, capsys):
    piped(monkeypatch, "a fox", "", "  /again  ", "and then")
    assert main(["chat", "--model", str(folder), "--json", "--system", "be kind", *FAST]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [turn["prompt"] for turn in told] == ["a fox", "/again", "and then"], "a pipe has no commands"
    assert [turn["turn"] for turn in told] == [1, 2, 3]
    tokens, read = zip(*((turn["context"]["tokens"], turn["context"]["read"]) for turn in told), strict=True)
    assert read == (tokens[0], tokens[1] - tokens[0], tokens[2] - tokens[1]) and told[0]["context"]["limit"] == 512
    assert all(turn["context"]["read_seconds"] > 0 and turn["context"]["left_out"] == 0 for turn in told)


def test_a_conversation_is_kept_and_gone_on_with(folder, monkeypatch, capsys, tmp_path):
    for file in (tmp_path / "talk.md", tmp_path / "talk.json"):
        for question in ("a fox", "and then"):
            piped(monkeypatch, question)
            assert main(["chat", "--model", str(folder), "--keep", str(file), *FAST]) == 0
        kept = dialogue.load(file)
        assert [turn.text for turn in kept.turns[::2]] == ["a fox", "and then"]
        assert re.fullmatch("[0-9a-f]{32}", kept.turns[1].run)
    file.write_text("nonsense")
    assert main(["chat", "--model", str(folder), "--keep", str(file)]) == 2
    assert "is no conversation" in capsys.readouterr().err
    assert main(["chat", "--keep", str(tmp_path / "no" / "talk.md")]) == 2


def test_every_way_of_asking_goes_on_with_a_conversation(folder, monkeypatch, capsys, tmp_path):
    file, later = tmp_path / "talk.md", tmp_path / "later.json"
    piped(monkeypatch, "a fox")
    model = ["--model", str(folder), *FAST]
    assert main(["chat", "--keep", str(file), "--system", "be kind", *model]) == 0
    later.write_bytes(b"")
    piped(monkeypatch, "and then")
    dialogue.save(dialogue.load(file), later)
    assert main(["chat", "--keep", str(later), *model]) == 0
    answer = dialogue.load(later).turns[-1].text
    capsys.readouterr()

    def told(command, *flags):
        assert main([command, "and then", "--after", str(file), "--json", *flags, *model]) == 0
        return json.loads(capsys.readouterr().out)

    run, best, sweep, race = told("run"), told("run", "--best", "2"), told("sweep", "--x", "steps=2"), told("race")
    assert run["text"].strip() == sweep["runs"][0]["text"].strip() == race["lanes"][0]["text"].strip() == answer
    assert answer in [each["text"].strip() for each in best["best_of"]]
    assert all(each["before"] == dialogue.told(dialogue.load(file)) for each in (run, best, sweep, race))
    assert told("run", "--system", "be rude")["before"]["system"] == "be rude"
    assert main(["run", "and then", "--after", str(tmp_path / "none.md"), *model]) == 2
    assert "There is no conversation at" in capsys.readouterr().err


def test_what_has_no_room_is_said_before_it_is_left_out(folder, monkeypatch, capsys, tmp_path):
    long, file = NOTHING, str(tmp_path / "talk.json")
    for at in range(9):
        long = long.answered(f"question {at}", Reply("word " * 10, "", False))
    dialogue.save(long, file)
    command = ["chat", "--model", str(folder), "--keep", file, *FAST]
    piped(monkeypatch, "why")
    assert main(command) == 2
    told = capsys.readouterr()
    assert not told.out and "--forget goes on without its oldest" in told.err and dialogue.load(file) == long
    piped(monkeypatch, "why")
    assert main([*command, "--forget"]) == 0
    assert "left out from here on" in capsys.readouterr().err
    kept = dialogue.load(file)
    assert kept.exchanges == 10 and 0 < kept.left < 9
    dialogue.save(long, file)
    typed(monkeypatch, "why", lambda: seen.append(capsys.readouterr().err) or "/forget")
    seen = []
    assert main(command) == 0
    assert "/forget leaves its oldest" in seen[0] and dialogue.load(file).left == kept.left


def test_a_question_that_never_fits_is_told(folder, monkeypatch, capsys):
    piped(monkeypatch, "why " * 300)
    assert main(["chat", "--model", str(folder), *FAST]) == 2
    assert "shorten the prompt" in capsys.readouterr().err


def test_a_person_takes_back_asks_again_and_saves(folder, monkeypatch, capsys, tmp_path):
    file, seen = tmp_path / "talk.json", []

    def look():
        seen.append(dialogue.load(file))
        return "/undo"

    save = f"/save {file}"
    first = ("/again", "a fox", save, look, "/undo")
    typed(monkeypatch, *first, "a fox", "and then", "/again", save, look, "/show", "/quit", "never")
    assert main(["chat", "--model", str(folder), *FAST]) == 0
    told = capsys.readouterr()
    assert [turn.text for turn in seen[0].turns[::2]] == ["a fox"]
    assert [turn.text for turn in seen[1].turns[::2]] == ["a fox", "and then"]
    assert "There is no question yet." in told.err and "There is nothing to take back." in told.err
    assert told.out.count("> a fox") == 1 and "> and then" not in told.out


def test_what_a_person_says_of_commands_is_answered(folder, monkeypatch, capsys):
    typed(monkeypatch, "/help", "/nonsense", "/save", "/thought", "/system be brief", "/system", "/forget", "/show")
    assert main(["chat", "--model", str(folder)]) == 0
    told = capsys.readouterr().err
    for words in (
        "/undo",
        "There is no /nonsense",
        "Name a file",
        "There was none",
        "from the next question on",
        "All of it",
    ):
        assert words in told


def test_ctrl_c_stops_an_answer_and_the_conversation_goes_on(folder, monkeypatch, capsys):
    from engine.commands import talk as talks

    frames, stopped = talks.Talk._frames, []

    def interrupted(self, run, ids):
        for frame in frames(self, run, ids):
            yield frame
            if not stopped:
                stopped.append(True)
                interrupt()

    monkeypatch.setattr(talks.Talk, "_frames", interrupted)
    typed(monkeypatch, "a fox", "/again", "/show")
    assert main(["chat", "--model", str(folder), *FAST]) == 0
    told = capsys.readouterr()
    assert "/again asks it once more" in told.err and told.out.count("> a fox") == 1


def test_ctrl_c_twice_leaves(folder, monkeypatch, capsys):
    typed(monkeypatch, interrupt, interrupt, "never")
    assert main(["chat", "--model", str(folder)]) == 130
    assert "once more leaves" in capsys.readouterr().err


def test_sigterm_leaves_at_once(folder, monkeypatch):
    typed(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGTERM), "never")
    assert main(["chat", "--model", str(folder)]) == 143


def test_a_server_is_told_the_whole_conversation_and_its_tool_calls_are_read(stub, monkeypatch, capsys):
    call = '<|tool_call>call:look{at:<|"|>the sea<|"|>}<tool_call|>'
    stub.story = [chunk(), chunk("So." + call[:20], 8), chunk(call[20:], 20, "stop"), *STORY[-2:]]
    piped(monkeypatch, "a fox", "and then")
    assert main(["chat", "--server", stub.address, "--json", "--system", "be kind"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [turn["text"] for turn in told] == ["So.", "So."] and told[0]["context"] is None
    assert told[0]["tool_calls"][0] | {"written": ""} == {
        "name": "look",
        "arguments": {"at": "the sea"},
        "written": "",
    }
    first, second = (asked["messages"] for asked in stub.asked)
    assert first == [{"role": "system", "content": "be kind"}, {"role": "user", "content": "a fox"}]
    answer = {"id": "call_0", "type": "function", "function": {"name": "look", "arguments": '{"at": "the sea"}'}}
    assert second == [
        *first,
        {"role": "assistant", "content": "So.", "tool_calls": [answer]},
        {"role": "user", "content": "and then"},
    ]


@pytest.fixture
def fox(tmp_path):
    """A picture in a file."""
    file = tmp_path / "fox.png"
    Image.linear_gradient("L").resize((24, 24)).save(file)
    return str(file)


def test_a_picture_stays_in_the_conversation_on_a_server(stub, fox, monkeypatch, capsys):
    piped(monkeypatch, "what is this", "and then")
    assert main(["chat", "--server", stub.address, "--image", fox]) == 0
    first, second = (asked["messages"] for asked in stub.asked)
    assert [part["type"] for part in first[0]["content"]] == ["image_url", "text"]
    assert second[0] == first[0] and [message["role"] for message in second] == ["user", "assistant", "user"]
    assert second[2]["content"] == "and then" and capsys.readouterr().out.strip()


def test_a_picture_is_read_once_and_stays_in_the_conversation(fox, tmp_path, monkeypatch, capsys):
    folder = tiny.checkpoint(tmp_path / "eyes", eyes=True)
    piped(monkeypatch, "what is this", "and then")
    assert main(["chat", "--model", str(folder), "--json", "--image", fox, *FAST]) == 0
    first, second = (json.loads(line)["context"] for line in capsys.readouterr().out.splitlines())
    assert first["read"] == first["tokens"] and second["read"] == second["tokens"] - first["tokens"]


def test_a_server_that_fails_ends_a_pipe(stub, monkeypatch, capsys):
    stub.story = [chunk(), chunk(TEXTS[0], 256)]
    piped(monkeypatch, "a fox", "and then")
    assert main(["chat", "--server", stub.address]) == 1
    assert "broke off" in capsys.readouterr().err and len(stub.asked) == 1 and NAME
    assert main(["chat", "--server", stub.address, "--steps", "3"]) == 2
