"""Conversations as values and as files: what is written is read back, and what strangers write does no harm."""

import json

import numpy as np
import pytest
from strangers import opened, put_together, taken_apart

from engine.values.files import dialogue
from engine.values.files.dialogue import DialogueError, heard, load, markdown, save, told, unmarked
from engine.values.recording import Recording, RecordingError
from engine.values.settings import Settings
from engine.values.turns import MODEL, NOTHING, SYSTEM, USER, Conversation
from engine.values.words import calls
from engine.values.words.calls import Call
from engine.values.words.reply import ANSWER, CALLED, THOUGHT, Reply, Spelled, apart, called, parts, split
from samples import LEXICON, frame

CALL = 'call:get_weather{city:<|"|>São {Paulo}, <|tool_call><|"|>,days:3,exact:true,at:[1.5,{a:null}],unit:celsius}'
ARGUMENTS = {
    "city": "São {Paulo}, <|tool_call>",
    "days": 3,
    "exact": True,
    "at": [1.5, {"a": None}],
    "unit": "celsius",
}
TALK = (
    Conversation(system="Be kind.\n\n## You\n\\# Conversation")
    .answered(
        "What is\n\n## Model\nthis?",
        Reply("A fox.\n```\ncode\n```\n</details>", "Hm.\n<!-- run x -->", False),
        "ab12",
    )
    .answered("And now?", Reply("", "", False, (calls.read(CALL), calls.read("no ``` call\n```"))))
)


def test_a_conversation_tells_the_model_what_is_not_left_out():
    assert not NOTHING and NOTHING.messages() == [] and Conversation(system="Be kind.")
    roles = [message["role"] for message in TALK.asked("Why?").messages()]
    assert roles == [SYSTEM, USER, MODEL, USER, MODEL, USER]
    assert [message["role"] for message in TALK.without(1).messages()] == [SYSTEM, USER, MODEL]
    assert TALK.without(9).left == 2 and TALK.without(2).before(1).left == 1 and TALK.before(1).exchanges == 1
    first, second = (message for message in TALK.messages() if message["role"] == MODEL)
    assert first["reasoning_content"] == "Hm.\n<!-- run x -->" and "tool_calls" not in first
    assert [call["function"]["arguments"] for call in second["tool_calls"]] == [ARGUMENTS], (
        "what nobody can read is no call"
    )


def test_a_recording_keeps_what_was_said_before_it(tmp_path):
    run = Recording("And?", Settings(), "m", "cpu", LEXICON, before=TALK.without(1))
    run.append(frame(0, 0, cells=3, guess=np.array([2, 3, 1], np.int32), stop="stable"))
    run.save(tmp_path / "run")
    again = Recording.load(tmp_path / "run")
    assert again.before == run.before == TALK.without(1)
    assert again.conversation() == run.conversation() and run.conversation().turns[-1].run == run.id


@pytest.mark.parametrize("name", ["talk.json", "talk.md"])
@pytest.mark.parametrize("talk", [TALK, TALK.without(1), NOTHING, Conversation(system="s")], ids=range(4))
def test_what_is_saved_is_read_back(tmp_path, name, talk):
    save(talk, tmp_path / name)
    assert load(tmp_path / name) == talk and not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("run", ["../evil", "## You", "a b", "\n"])
def test_a_run_that_no_file_can_be_called_is_none(run):
    strange = told(TALK)
    strange["messages"][1]["run"] = run
    assert heard(strange).turns[1].run == "" and unmarked(markdown(heard(strange))) == heard(strange)


def test_markdown_says_who_said_what():
    lines = markdown(TALK).split("\n")
    assert [line for line in lines if line in ("## System", "## You", "## Model")] == [
        "## System", "## You", "## Model", "## You", "## Model",
    ]  # fmt: skip
    assert "\\## Model" in lines and unmarked(markdown(TALK).replace("\n", "\r\n")) == TALK


@pytest.mark.parametrize(
    "change",
    [
        {"messages": [{"role": "user", "content": "a"}]},
        {"messages": [{"role": "assistant", "content": "a"}] * 2},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": 1}]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "a", "tool_calls": [1]}]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "a", "run": "x" * 65}]},
        {"messages": {}},
        {"left": 3},
        {"left": -1},
        {"left": True},
        {"system": None},
        {"format": "unnoise conversation 2"},
        {"system": "x" * (dialogue.TEXT + 1)},
    ],
)
def test_what_is_no_conversation_is_refused_with_a_sentence(tmp_path, change):
    (tmp_path / "talk").write_text(json.dumps({"format": dialogue.FORMAT} | told(TALK) | change))
    with pytest.raises(DialogueError, match=r"is no conversation that Unnoise has kept, or it is damaged\.$"):
        load(tmp_path / "talk")


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"[" * 100_000, b"{" * 9, b"# Conversation\n\n## Model\n\nhi", b'{"format": 1}', b"null"],
)
def test_bytes_of_strangers_are_refused_with_a_sentence(tmp_path, data):
    (tmp_path / "talk").write_bytes(data)
    with pytest.raises(DialogueError, match=r"\.$"):
        load(tmp_path / "talk")


def test_files_that_are_none_are_told(tmp_path, monkeypatch):
    with pytest.raises(DialogueError, match="There is no conversation at"):
        load(tmp_path / "none")
    with pytest.raises(DialogueError, match="it is no file"):
        load(tmp_path)
    with pytest.raises(DialogueError, match="was not saved to"):
        save(TALK, tmp_path / "no" / "talk")
    monkeypatch.setattr(dialogue, "BYTES", 10)
    save(TALK, tmp_path / "talk")
    with pytest.raises(DialogueError, match="is no conversation"):
        load(tmp_path / "talk")


def test_a_recording_with_a_strange_conversation_is_refused():
    header, arrays = taken_apart()
    assert opened(put_together(header, arrays)).before.exchanges == 1
    for before in (None, [], {"messages": [1]}, {"messages": [], "left": 1}):
        with pytest.raises(RecordingError, match="damaged"):
            opened(put_together(header | {"before": before}, arrays))
    del header["before"]
    assert opened(put_together(header, arrays)).before == NOTHING, "older files have none"


# Tool calls.


def test_a_call_is_its_name_and_its_arguments():
    call = calls.read(CALL)
    assert (call.name, call.arguments, call.written) == ("get_weather", ARGUMENTS, CALL)
    assert call.line().startswith('get_weather(city: "São {Paulo}') and len(call.line()) < 90
    assert json.loads(call.whole().removeprefix("get_weather ")) == ARGUMENTS
    assert calls.read("call:now{}").arguments == {}
    assert calls.read('call:a.b-c{<|"|>my key<|"|>: -2 , x:1e3}').arguments == {"my key": -2, "x": 1000.0}


UNREADABLE = [
    "",
    "call:",
    "call:f",
    "call:f{",
    "call:f{a",
    "call:f{a:",
    'call:f{a:<|"|>b}',
    "call:f{a:1}}",
    "f{a:1}",
]
UNREADABLE += ["call:f{a:[1}", "call:f{a:1,:}", "call:f{a:,}", "call:f{a:1} more", "call:f{" + "a:{" * 500]
UNREADABLE += ["call:f{a:" + "[" * 40 + "]" * 40 + "}"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_call_is_told_as_it_stands(text):
    assert calls.read(text) == Call("", None, text)
    assert (
        calls.read(text).line().startswith("a tool call that cannot be read") and calls.read(text).whole() == text
    )


def test_numbers_that_no_file_could_hold_stay_text():
    told = calls.read("call:f{a:" + "9" * 5000 + ",b:1e999,c:--1,d:nan}").arguments
    assert told == {"a": "9" * 5000, "b": "1e999", "c": "--1", "d": "nan"} and json.loads(json.dumps(told)) == told


def lexicon():
    from engine.values.frame import Lexicon

    names = ("<pad>", "<end>", "<|channel>", "<channel|>", "<|tool_call>", "<tool_call|>", '<|"|>')
    words = (*names, "thought", "\n", "call:f{", "a:", "b", "}", "Hm", "So.")
    pieces = {at: word.encode() for at, word in enumerate(words)}
    return Lexicon(pieces, frozenset({1}), frozenset(range(len(names)))), words


def test_a_call_is_no_part_of_the_answer_and_what_is_thought_is_no_call():
    known, words = lexicon()

    def ids(*told):
        return np.array([words.index(word) for word in told], np.int32)

    call = ("<|tool_call>", "call:f{", "a:", '<|"|>', "b", '<|"|>', "}", "<tool_call|>")
    text = ids("<|channel>", "thought", "\n", "Hm", *call, "<channel|>", "So.", *call, *call, "<end>")
    reply = split(known, text)
    assert (reply.answer, reply.thought, [call.arguments for call in reply.calls]) == (
        "So.",
        "Hmcall:f{a:b}",
        [{"a": "b"}] * 2,
    )
    assert [kind for kind, _ in parts(known, text)] == [THOUGHT, ANSWER, CALLED, CALLED]
    assert called(known, text).tolist() == [False] * 14 + [True] * 16 + [False]
    assert split(known, ids("So.", *call[:4])).calls == (Call("", None, 'call:f{a:<|"|>'),), "it is not closed"
    assert split(known, ids("So.", "<tool_call|>")).calls == ()
    assert split(known, ids(*call)).shown == 'f(a: "b")'


def test_a_call_that_is_spelled_out_is_told_apart_however_it_arrives():
    call = CALL.replace("<|tool_call>", "")
    text = f"<|channel>thought\nHm.<channel|>So.<|tool_call>{call}<tool_call|><|tool_response>"
    spelled, told = Spelled(), ["", ""]
    for part in (text[:40], text[40:70], text[70:]):
        told = [old + new for old, new in zip(told, spelled.content(part), strict=True)]
    answer, (call,) = apart(told[1])
    assert (told[0], answer, call.name) == ("Hm.", "So.", "get_weather")
