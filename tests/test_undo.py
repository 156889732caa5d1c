"""Knobs go back and forth; a drag is one change."""

from app.run.undo import MOST, ONE, Undo
from engine.values.settings import Settings


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def moved(undo, clock, values, wait):
    """Steps through `values`, `wait` seconds apart: the settings at the end."""
    now = Settings(steps=values[0])
    for value in values[1:]:
        clock.now += wait
        after = Settings(steps=value)
        undo.note(now, after)
        now = after
    return now


def test_back_and_forth():
    clock = Clock()
    undo = Undo(clock)
    now = moved(undo, clock, [48, 24, 8], wait=2 * ONE)
    assert (now := undo.undo(now)) == Settings(steps=24)
    assert (now := undo.undo(now)) == Settings(steps=48)
    assert undo.undo(now) is None
    assert (now := undo.redo(now)) == Settings(steps=24)
    assert (now := undo.redo(now)) == Settings(steps=8)
    assert undo.redo(now) is None


def test_a_drag_is_one_change_and_two_knobs_are_two():
    clock = Clock()
    undo = Undo(clock)
    now = moved(undo, clock, [48, 40, 30, 20], wait=ONE / 4)
    after = Settings(steps=20, seed=9)
    undo.note(now, after)
    assert undo.undo(after) == now
    assert undo.undo(now) == Settings()


def test_a_new_change_forgets_what_was_taken_back_and_is_one_of_its_own():
    clock = Clock()
    undo = Undo(clock)
    now = moved(undo, clock, [48, 24], wait=0.01)
    now = undo.undo(now)
    undo.note(now, Settings(steps=9))
    assert undo.redo(Settings(steps=9)) is None and undo.undo(Settings(steps=9)) == Settings()


def test_it_does_not_grow_for_ever():
    clock = Clock()
    undo = Undo(clock)
    now = moved(undo, clock, [1 + at % 100 for at in range(3 * MOST)], wait=2 * ONE)
    count = 0
    while (before := undo.undo(now)) is not None:
        now, count = before, count + 1
    assert count == MOST


def test_what_comes_all_at_once_is_a_change_by_itself():
    undo = Undo(lambda: 0.0)
    first, dragged, opened = Settings(steps=48), Settings(steps=9), Settings(steps=20)
    undo.note(first, dragged)
    undo.note(dragged, opened, alone=True)
    undo.note(opened, first)
    assert [undo.undo(first), undo.undo(opened), undo.undo(dragged)] == [opened, dragged, first]
