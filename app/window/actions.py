"""Every action that has a key, described once: menus, shortcuts, the help and the README's table come from here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from widgets.header import Header


class Action(NamedTuple):
    """`does` is the path from the window to the method that does it; `menu` is where it is listed.

    `also` is a second key, for those whose system owns the first one.
    """

    does: str
    menu: str
    label: str
    key: str
    also: str = ""

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.key, self.also) if key]


ACTIONS = (
    Action("asking.run", "Run", "Run the prompt", "Ctrl+Return"),
    Action("asking.run_again", "Run", "Run again what is on screen", "Ctrl+R"),
    Action("asking.follow", "Run", "Follow up: go on from the answer on screen", "Alt+Return"),
    Action("talking.start_anew", "Run", "New conversation", "Ctrl+N"),
    Action("asking.run_race", "Run", "Race: diffusion against token by token", "Ctrl+Shift+Return"),
    Action("asking.run_against", "Run", "Run against this one: its prompt and noise, these knobs", "Ctrl+Shift+A"),
    Action("best.ask", "Run", "Best of several: other noise each time, the least surprising shown\u2026", "Ctrl+3"),
    Action("sweeping.toggle", "Run", "Sweep: a grid of two knobs", "Ctrl+Shift+G"),
    Action("stop", "Run", "Stop, or leave the race, the grid or the comparison", "Esc"),
    Action("player.toggle", "Run", "Play or pause", "Ctrl+Space", "F8"),
    Action("player.back", "Run", "One step back", "Ctrl+Left"),
    Action("player.forward", "Run", "One step forward", "Ctrl+Right"),
    Action("player.first", "Run", "First step", "Ctrl+Home"),
    Action("player.go_live", "Run", "Newest step (live)", "Ctrl+End"),
    Action("tuning.undo", "Run", "Take back a change of the knobs", "Ctrl+Z"),
    Action("tuning.redo", "Run", "Do it again", "Ctrl+Shift+Z"),
    Action("knobs.reset_all", "Run", "Reset all knobs", "Ctrl+Shift+R"),
    Action("prompt.focus", "Run", "Edit the prompt", "Ctrl+L"),
    Action("panels.search_runs", "View", "Search earlier runs", "Ctrl+F"),
    Action("panels.toggle_strip", "View", "Show or hide earlier runs", "Ctrl+H"),
    Action("hands.pin", "Text", "Pin the selected words, or let them go", "P"),
    Action("hands.clear", "Text", "Clear all pins", "Shift+P"),
    Action("hands.melt", "Text", "Melt the selected words", "M"),
    Action("hands.keep", "Text", "Keep only the selected words", "K"),
    Action("hands.type_over", "Text", "Type over the selected words\u2026", "R"),
    Action("hands.make_gap", "Text", "Make a gap of the selected words", "U"),
    Action("filling.toggle", "Text", "Answer with gaps", "Ctrl+U"),
    Action("hands.go_on", "Text", "Go on from the step on screen", "Ctrl+J"),
    Action("stage.earlier_turn", "Text", "Earlier step in which the chosen cell changed", "["),
    Action("stage.later_turn", "Text", "Later step in which the chosen cell changed", "]"),
    Action("stage.look_at_unsure", "Text", "Look at the cell that is least sure, then the next", "L"),
    Action("stage.compare", "Text", "Compare the chosen cell with another one, or end that", "C"),
    Action("branches.to_parent", "Text", "Undo: back to the run before", "Ctrl+Up"),
    Action("branches.compare", "View", "Compare with the run that this one branched off", "Ctrl+B"),
    Action("past.compare_last", "View", "Compare the last two runs", "Ctrl+Shift+B"),
    Action("versus.swap", "View", "Comparison: left becomes right", "X"),
    Action("versus.blink", "View", "Comparison: both in one place, one after the other", "B"),
    Action("versus.next_lock", "View", "Comparison: together by step, clock or share", "H"),
    Action("models.open", "File", "Choose a model\u2026", "Ctrl+M"),
    Action("files.open_recording", "File", "Open a run or a conversation\u2026", "Ctrl+O"),
    Action("files.save_recording", "File", "Save the recording\u2026", "Ctrl+S"),
    Action("files.export_run", "File", "Export the run\u2026", "Ctrl+E"),
    Action("files.export_picture", "File", "Export a picture of the window\u2026", "Ctrl+P"),
    Action("sweeping.save_picture", "File", "Save the grid as a picture\u2026", "Ctrl+Shift+P"),
    Action("sweeping.save_numbers", "File", "Save the grid as numbers\u2026", "Ctrl+Shift+S"),
    Action("showing.copy_text", "File", "Copy the text", "Ctrl+Shift+C"),
    Action("close", "File", "Quit", "Ctrl+Q"),
    Action("looks.toggle_view", "View", "Prose, auto or grid", "Ctrl+G"),
    Action("looks.zoom_in", "View", "Larger type", "Ctrl++", "Ctrl+="),
    Action("looks.zoom_out", "View", "Smaller type", "Ctrl+-"),
    Action("looks.zoom_off", "View", "Type as large as fits", "Ctrl+0"),
    Action("looks.toggle_thought", "View", "Fold or unfold the model's thought", "Ctrl+T"),
    Action("surprising.toggle", "View", "How surprising the words are, read from left to right", "S"),
    Action("looks.toggle_motion", "View", "Motion on or off", "Ctrl+Shift+M"),
    Action("ruling.toggle", "View", "What is accepted and why, or the charts", "Ctrl+Y"),
    Action("looks.toggle_theme", "View", "Dark or light", "Ctrl+D"),
    Action("panels.toggle", "View", "Show or hide knobs and charts", "F9"),
    Action("presenter.toggle", "View", "Presenter: full screen, canvas only", "F11"),
    Action("presenter.loop", "View", "Play the examples one after the other", "F10"),
    Action("looks.show_help", "View", "Keys and help", "F1", "?"),
)
# The path to whether an action can be done at the moment; one that is not here always can.
WHEN = {
    "asking.run": "asking.can_run",
    "asking.run_again": "asking.can_run_again",
    "asking.follow": "asking.can_follow",
    "asking.run_race": "asking.can_race",
    "asking.run_against": "asking.can_run_against",
    "best.ask": "best.can_ask",
    "stop": "stops",
    **dict.fromkeys(
        ["player.toggle", "player.back", "player.forward", "player.first", "player.go_live"], "player.plays"
    ),
    "tuning.undo": "tuning.can_undo",
    "tuning.redo": "tuning.can_redo",
    "panels.search_runs": "panels.has_runs",
    **dict.fromkeys(
        [f"hands.{wish}" for wish in ("pin", "melt", "keep", "type_over", "make_gap")], "hands.selects"
    ),
    "hands.clear": "hands.pins",
    "hands.go_on": "hands.can_go_on",
    **dict.fromkeys(["stage.earlier_turn", "stage.later_turn"], "stage.chosen"),
    "stage.look_at_unsure": "stage.shows",
    "stage.compare": "stage.can_compare",
    **dict.fromkeys(["branches.to_parent", "branches.compare"], "branches.branched"),
    "past.compare_last": "past.several",
    **dict.fromkeys(["versus.swap", "versus.blink", "versus.next_lock"], "versus.shown"),
    "files.save_recording": "files.can_save",
    "files.export_run": "files.can_export",
    **dict.fromkeys(["sweeping.save_picture", "sweeping.save_numbers"], "sweeping.filled"),
    "showing.copy_text": "showing.can_copy",
    "surprising.toggle": "surprising.can_show",
}


def fill_menus(window: QWidget, header: Header) -> dict[str, QMenu]:
    """Put every action into its menu in the header, with its key. Their paths begin at `window`. The menus."""
    menus = {name: header.menu(name) for name in dict.fromkeys(action.menu for action in ACTIONS)}
    items: dict[str, dict[str, QAction]] = {name: {} for name in menus}
    for action in ACTIONS:
        item = QAction(action.label, window)
        item.setShortcuts([QKeySequence(key) for key in action.keys])
        item.triggered.connect(lambda *_, path=action.does: attrgetter(path)(window)())  # looked up when wished
        menus[action.menu].addAction(item)
        window.addAction(item)
        items[action.menu][action.does] = item
    for name, menu in menus.items():
        menu.aboutToShow.connect(partial(_grey_out, window, items[name]))
        menu.aboutToHide.connect(partial(_free, items[name]))
    return menus


def _grey_out(window: QWidget, items: Mapping[str, QAction]) -> None:
    """As long as their menu is open, items that cannot be done at the moment look so."""
    for does, item in items.items():
        item.setEnabled(does not in WHEN or bool(attrgetter(WHEN[does])(window)))


def _free(items: Mapping[str, QAction]) -> None:
    """Let keys be heard again: of what cannot be done then it is said why."""
    for item in items.values():
        item.setEnabled(True)
