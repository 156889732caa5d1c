"""Every action that has a key, described once: menus, shortcuts, the help and the README's table come from here."""

from __future__ import annotations

from typing import NamedTuple


class Action(NamedTuple):
    """`name` is the window's method that does it; `menu` is where it is listed."""

    name: str
    menu: str
    label: str
    key: str


ACTIONS = (
    Action("run", "Run", "Run the prompt", "Ctrl+Return"),
    Action("stop", "Run", "Stop", "Esc"),
    Action("toggle_play", "Run", "Play or pause", "Ctrl+Space"),
    Action("step_back", "Run", "One step back", "Ctrl+Left"),
    Action("step_forward", "Run", "One step forward", "Ctrl+Right"),
    Action("go_first", "Run", "First step", "Ctrl+Home"),
    Action("go_live", "Run", "Newest step (live)", "Ctrl+End"),
    Action("reset_knobs", "Run", "Reset all knobs", "Ctrl+R"),
    Action("focus_prompt", "Run", "Edit the prompt", "Ctrl+L"),
    Action("open_recording", "File", "Open a recording\u2026", "Ctrl+O"),
    Action("save_recording", "File", "Save the recording\u2026", "Ctrl+S"),
    Action("export_animation", "File", "Export an animation\u2026", "Ctrl+E"),
    Action("export_picture", "File", "Export a picture\u2026", "Ctrl+P"),
    Action("copy_text", "File", "Copy the text", "Ctrl+Shift+C"),
    Action("quit", "File", "Quit", "Ctrl+Q"),
    Action("toggle_view", "View", "Prose or grid", "Ctrl+G"),
    Action("toggle_theme", "View", "Dark or light", "Ctrl+D"),
    Action("toggle_panels", "View", "Show or hide knobs and charts", "F9"),
    Action("toggle_presenter", "View", "Presenter: full screen, canvas only", "F11"),
    Action("show_help", "View", "Keys and help", "F1"),
)
