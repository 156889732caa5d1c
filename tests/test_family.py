"""Branches: who branched off whom, and what was done."""

from app.run.family import Family, done
from engine.values.edit import Edit
from engine.values.settings import Settings
from samples import frame, recording


def branch(parent, index, edit=None, steps=3, settings=None):
    child = parent.branch(index)
    for step in range(index, index + steps):
        edits = (edit,) if edit and step == index else ()
        child.append(frame(0, step, edits=edits, settings=settings, stop="stable" if step == index + 2 else ""))
    return child


def test_a_family_is_all_that_come_from_one_run():
    family, root, other = Family(), recording(), recording()
    child = branch(root, 2)
    grandchild = branch(child, 3)
    for one in (root, other, child, grandchild):
        family.add(one)
    assert [member.recording for member in family.of(child)] == [root, child, grandchild]
    assert [member.parent for member in family.of(root)] == [None, 0, 1]
    assert [member.common for member in family.of(root)] == [0, 2, 3]
    assert [member.recording for member in family.of(other)] == [other]
    assert family.parent(child) is root and family.parent(root) is None and family.generation(grandchild) == 2


def test_a_branch_of_what_is_not_known_is_a_root():
    family, child = Family(), branch(recording(), 2)
    family.add(child)
    assert family.of(child)[0].parent is None and family.parent(child) is None


def test_what_is_on_screen_is_kept_longest():
    family, root = Family(most=3), recording()
    family.add(root)
    for _ in range(5):
        family.add(recording())
    child = branch(root, 1)
    family.add(child)
    assert len(family._known) == 3 and child.id in family._known


def test_what_was_done_is_told():
    root = recording()
    pins = tuple((cell, 7) for cell in (3, 4))
    assert done(root, None) == "first run"
    assert done(branch(root, 2, Edit(step=2, pins=pins)), root) == "step 3 · “fox fox” pinned"
    assert done(branch(root, 2, Edit(step=2, melt=(1, 2, 5))), root) == "step 3 · 3 cells melted"
    assert "temperature max 1.5" in done(branch(root, 2, settings=Settings(t_max=1.5)), root)
    assert done(root.branch(2), root) == "…"
