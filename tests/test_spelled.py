"""What a question is as ids is asked of the tokenizer once; a long conversation is no program without an end."""

from engine.model.text import tokens
from engine.model.text.spelled import Spelled
from engine.values.question import Question
from engine.values.settings import Settings
from engine.values.turns import NOTHING
from engine.values.words import calls
from engine.values.words.reply import Reply

CALL = calls.read('call:look{at:<|"|>the sea<|"|>,times:[1,2,3]}')


def said(turns):
    talk = NOTHING
    for at in range(turns):
        talk = talk.answered(f"question {at}", Reply("word " * 3, "hm", False, (CALL,)))
    return talk


def test_what_was_spelled_is_remembered_and_the_oldest_is_forgotten_first():
    spelled, asked = Spelled(most=5), []

    def ids(name, *value):
        return spelled.ids(name, lambda: asked.append(name) or value)

    assert ids("a", 1, 2) == ids("a", 1, 2) == [1, 2] and asked == ["a"]
    ids("b", 3, 4)
    ids("a")  # the newest again
    ids("c", 5, 6)  # ... and so b goes
    assert ids("a") == [1, 2] and ids("b", 7) == [7] and asked == ["a", "b", "c", "b"]
    ids("vast", *range(9)).append(1)
    assert ids("vast") == list(range(9))


def test_a_long_conversation_is_taken(model):
    count = model.count(Question("why", (), said(150)), Settings())
    assert count > model.context > model.count(Question("why", (), said(2)), Settings())


def test_the_next_turn_spells_only_what_is_new(model, monkeypatch):
    told, encode = [], tokens.encode
    monkeypatch.setattr(tokens, "encode", lambda *how: told.append(how[1]) or encode(*how))
    talk = said(3)
    first = model.prompt(Question("a", (), talk), Settings())
    told.clear()
    again = model.prompt(Question("a", (), talk), Settings())
    assert not told and again == first and again.cuts == first.cuts
    model.prompt(Question("b", (), talk.answered("a", Reply("so", "", False))), Settings())
    assert len(told) <= 3  # itself, what may follow it, and the turn before as it really was


def test_what_has_to_be_left_out_is_found_without_asking_for_every_turn(model, monkeypatch):
    talk, asked, count = said(40), [], model.count
    monkeypatch.setattr(model, "count", lambda *how: asked.append(how) or count(*how))
    spare = model.spare(Question("why", (), talk), Settings())
    rest = [Question("why", (), talk.without(left)) for left in (spare.left - 1, spare.left)]
    assert [model.fits(count(each, Settings()), Settings()) for each in rest] == [False, True]
    assert len(asked) < 10 and model.spare(Question("why " * 999), Settings()) is None
