"""A text is split into thought and answer in one place, whatever the model wrote and wherever it is shown."""

import numpy as np
import pytest

from engine.steps import race
from engine.steps.race import Lane, readable
from engine.values.frame import Lexicon
from engine.values.metrics import summary
from engine.values.recording import Recording
from engine.values.settings import Settings
from engine.values.words.reply import Reply, Spelled, parts, split, thoughts
from samples import CHANNELS, LEXICON, THINKING, frame, spoken

OPEN, CLOSE, END = "<|channel>", "<channel|>", "<turn|>"


def recording(*canvases, stop="stable"):
    """A finished recording whose canvases commit these ids."""
    run = Recording("p", Settings(), "m", "cpu", CHANNELS)
    for index, ids in enumerate(canvases):
        run.append(frame(index, 0, cells=len(ids), ids=ids, guess=ids, held=np.ones(len(ids), bool), stop=stop))
    run.outcome = "finished"
    return run


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        ((OPEN, "thought", "\n", CLOSE, "Hello", " there", END), Reply("Hello there", "", False)),
        ((OPEN, "thought", "\n", "user", " Hello", CLOSE, "Hello", END), Reply("Hello", "user Hello", False)),
        ((OPEN, "thought", "\n", "user", " Hello"), Reply("", "user Hello", True)),
        ((OPEN, "thought", "\n", "user", END, CLOSE, "Hello"), Reply("", "user", True)),
        ((OPEN,), Reply("", "", True)),
        ((OPEN, "thought", CLOSE), Reply("", "", False)),
        ((OPEN, "user", CLOSE, "Hello"), Reply("Hello", "user", False)),  # a channel without a name
        ((OPEN, "user", "thought", "\n", CLOSE, "Hello"), Reply("Hello", "userthought", False)),
        (("Hello", " there", END), Reply("Hello there", "", False)),
        (("Hello", CLOSE, " there"), Reply("Hello there", "", False)),  # closes nothing
        ((), Reply("", "", False)),
    ],
)
def test_ids_are_split_into_thought_and_answer(words, reply):
    assert split(CHANNELS, spoken(*words)) == reply


def test_several_channels_are_one_thought_and_one_answer():
    ids = spoken(
        OPEN,
        "thought",
        "\n",
        "user",
        CLOSE,
        OPEN,
        "thought",
        "\n",
        " Hello",
        CLOSE,
        "Hello",
        OPEN,
        "user",
        CLOSE,
        " there",
    )
    assert split(CHANNELS, ids) == Reply("Hello there", "user\nHello\nuser", False)
    assert [of for of, _ in parts(CHANNELS, ids)] == [True, True, False, True, False]


def test_the_cells_of_a_thought_are_its_markers_and_all_between():
    assert thoughts(CHANNELS, THINKING).tolist() == [True] * 7 + [False] * 3
    unknown = np.where(np.arange(10) == 6, -1, THINKING)  # its end is still noise
    assert thoughts(CHANNELS, unknown).all()
    assert not thoughts(CHANNELS, THINKING[1:6]).any()


def test_a_model_without_channels_has_no_thoughts():
    assert LEXICON.channel is None and not thoughts(LEXICON, np.arange(8)).any()
    assert split(LEXICON, np.array([2, 3, 1, 4])) == Reply("Once upon", "", False)
    letters = Lexicon({0: b"<|channel>", 1: b"<channel|>"}, frozenset())  # somebody wrote them: no control tokens
    assert letters.channel is None


@pytest.mark.parametrize("cut", range(1, len(THINKING)))
def test_a_thought_over_two_canvases_is_one_thought(cut):
    run = recording(THINKING[:cut], THINKING[cut:])
    assert run.text() == "Hello there" and run.reply().thought == "user Hello model."
    assert run.text_tokens() == 7  # thought and answer, without the marks around the thought


def test_recordings_keep_the_markers_and_old_ones_have_them(tmp_path):
    run = recording(spoken("Hello", END))
    run.save(tmp_path / "run")  # a recording keeps the names of all control tokens, and always has
    assert Recording.load(tmp_path / "run").lexicon.channel == CHANNELS.channel == (2, 3)
    recording(THINKING).save(tmp_path / "thinking")
    assert Recording.load(tmp_path / "thinking").reply() == Reply("Hello there", "user Hello model.", False)


def test_numbers_tell_text_and_thought_apart_and_count_both():
    told = summary(recording(THINKING))
    assert (told["text"], told["thought"], told["ends_in_thought"]) == ("Hello there", "user Hello model.", False)
    assert told["text_tokens"] == 7 and told["text_tok_s"] == round(7 / told["seconds"], 1)
    assert summary(recording(THINKING[:5]))["ends_in_thought"]


def test_a_race_counts_the_words_of_the_answer():
    first = frame(0, 0, cells=7, ids=THINKING[:7], guess=THINKING[:7], held=np.ones(7, bool), stop="steps")
    rest = np.resize(THINKING[7:], 3)
    draft = frame(1, 0, cells=3, ids=rest, guess=rest, held=np.array([1, 0, 0], bool))
    last = frame(1, 1, cells=3, ids=rest, guess=rest, held=np.ones(3, bool), stop="stable")
    run = recording()
    for each in (first, draft, last):
        run.append(each)
    assert readable(run, words=1) == (1, 1) and readable(run, words=2) == (2, 2)
    assert readable(run, words=9) == (2, 2)  # a shorter answer: all of it
    assert readable(recording(THINKING[:7])) == (None, None)
    lane = race.result(Lane("A", run, None))
    assert (lane["text"], lane["thought"]) == ("Hello there", "user Hello model.")


@pytest.mark.parametrize("cut", range(17))
def test_a_text_without_ids_is_told_apart_wherever_it_is_cut_between_its_tokens(cut):
    tokens = [
        OPEN,
        "thought",
        "\n",
        "Hm",
        ", ",
        "well",
        ".",
        CLOSE,
        "So",
        " it is.",
        OPEN,
        "thought",
        "\n",
        CLOSE,
        "!",
        END,
    ]

    spelled = Spelled()
    told = [spelled.content("".join(part)) for part in (tokens[:cut], tokens[cut:])]
    assert ["".join(parts) for parts in zip(*told, strict=True)] == ["Hm, well.", "So it is.!"]
    assert not spelled.inside


def test_what_a_server_has_told_apart_stays_apart():
    spelled = Spelled()
    assert spelled.thought("thou") == "" and spelled.thought("ght\nHm.") == "Hm." and spelled.inside
    assert spelled.content("") == ("", "") and spelled.inside  # nothing came: it goes on
    assert spelled.content("thought\nSo.") == ("", "thought\nSo.") and not spelled.inside
    plain = Spelled()
    assert plain.content("thought\nSo.") == ("", "So.")  # its markers were left out
    assert plain.content("thought\n") == ("", "thought\n")  # and later it is a word like others
