"""Presets: those that people saved, kept in the preferences, and their way into files and out of them."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from app.keep.files import Files
from app.keep.prefs import Prefs
from engine.values.presets import LONGEST, Preset, taken
from widgets.knobs import Knobs
from widgets.status import Status


class Presets(QObject):
    """Stands between the shelf and what keeps presets."""

    changed = Signal()  # people made, named or deleted one

    def __init__(self, panel: Knobs, prefs: Prefs, files: Files, status: Status) -> None:
        super().__init__(panel)
        self._panel, self._prefs, self._status = panel, prefs, status
        shelf = panel.shelf
        shelf.save_wished.connect(self.save)
        shelf.rename_wished.connect(self.rename)
        shelf.delete_wished.connect(self.delete)
        shelf.share_wished.connect(files.share_preset)
        shelf.open_wished.connect(files.open_preset)
        files.preset_opened.connect(self.add)
        self._show()

    def saved(self) -> list[Preset]:
        """What the preferences hold and is one."""
        found = []
        for name, values in self._prefs.presets.items():
            with suppress(ValueError, TypeError):
                found.append(Preset(name, values))
        return found

    def save(self, name: str) -> None:
        """Keep the knobs as they are now, under a name. One of that name is replaced."""
        try:
            self._keep(taken(name, self._panel.settings()))
        except ValueError as error:
            self._status.say(str(error), "error")

    def add(self, preset: Preset) -> None:
        """Keep a preset, and use it. One that people have under its name stays as it is."""
        had, name = self._prefs.presets, preset.name
        others = (f"{name[: LONGEST - 4].rstrip()} ({at})" for at in range(2, 99))
        free = (each for each in (name, *others) if had.get(each, preset.values) == preset.values)
        self._keep(Preset(next(free, name), preset.values))
        self._panel.move_to(preset.of(self._panel.settings()))

    def rename(self, old: str, new: str) -> None:
        """Another name for a preset, which stays where it is. No other is replaced."""
        values, new = self._prefs.presets.get(old), new.strip()
        if values is None or new == old:
            return None
        if new in self._prefs.presets:
            return self._status.say(f"There is a preset {new} already: choose another name.", "error")
        try:
            Preset(new, values)
        except ValueError as error:
            return self._status.say(str(error), "error")
        named = [(new if name == old else name, kept) for name, kept in self._prefs.presets.items()]
        self._prefs.presets = dict(named)
        self._show()
        return self._status.say(f"The preset {old} is called {new} now.")

    def delete(self, name: str) -> None:
        self._prefs.presets.pop(name, None)
        self._show()
        self._status.say(f"The preset {name} was deleted.")

    def _keep(self, preset: Preset) -> None:
        self._prefs.presets.pop(preset.name, None)  # the newest is last
        self._prefs.presets[preset.name] = preset.values
        self._show()
        self._status.say(f"The preset {preset.name} is kept.")

    def _show(self) -> None:
        self.changed.emit()
        self._panel.shelf.set_saved(self.saved())
