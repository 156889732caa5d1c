"""Shelf: presets to click, and what can be done with them. Knows no file: a preset comes and goes as a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.values.presets import LONGEST, PRESETS, Preset
from engine.values.settings import Settings
from widgets.controls import describe

SHOWN = 3  # chips of people's own presets, the newest; the menu has all of them


class Shelf(QWidget):
    """Ours as chips, those that people saved in the menu behind them, and the one that fits lit."""

    chosen = Signal(object)  # Preset
    save_wished = Signal(str)  # the name for the knobs as they are now
    rename_wished = Signal(str, str)  # from one name to another
    delete_wished = Signal(str)
    share_wished = Signal(object)  # Preset, into a file
    open_wished = Signal()  # from a file

    def __init__(self) -> None:
        super().__init__()
        self._saved: list[Preset] = []
        self._settings = Settings()
        self._mine: dict[str, QPushButton] = {}
        self._chips = {preset.name: self._ours(preset) for preset in PRESETS}
        self._more = QToolButton()
        self._more.setText("\u22ef")
        self._more.setProperty("role", "chip")
        self._more.setFixedSize(34, 26)
        self._more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        describe(self._more, "Presets", "Your own presets: save these knobs under a name, share them as a file.")
        self._menu = QMenu(self._more)
        self._more.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill)
        line, self._own = QHBoxLayout(), QHBoxLayout()
        for row in (line, self._own):
            row.setSpacing(6)
        for chip in self._chips.values():
            line.addWidget(chip, len(chip.text()))
        line.addWidget(self._more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addLayout(self._own)

    def set_saved(self, presets: Sequence[Preset]) -> None:
        """Those that people saved, by name."""
        self._saved = list(presets)
        for chip in self._mine.values():
            chip.deleteLater()
        self._mine = {
            preset.name: self._chip(preset, preset.name, "As you saved it.") for preset in presets[-SHOWN:]
        }
        for chip in self._mine.values():
            self._own.addWidget(chip, 1)
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        """Light the preset that these settings are of."""
        self._settings = settings
        for presets, chips in ((PRESETS, self._chips), (self._saved, self._mine)):
            for preset in presets:
                if preset.name in chips:
                    chips[preset.name].setChecked(preset.fits(settings))

    def ask_name(self) -> None:
        """A name for the knobs as they are now."""
        self._ask("Save these knobs", "", self.save_wished.emit)

    def _rename(self, preset: Preset) -> None:
        old = preset.name
        self._ask("Rename the preset", old, lambda name: self.rename_wished.emit(old, name))

    def _ask(self, title: str, name: str, then: Callable[[str], object]) -> None:
        box = QInputDialog(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(title)
        box.setLabelText(f"Name of the preset, at most {LONGEST} letters:")
        box.setTextValue(name)
        box.textValueSelected.connect(then)
        box.open()

    def _ours(self, preset: Preset) -> QPushButton:
        steps = preset.values["steps"]
        return self._chip(preset, f"{preset.name} {steps}", f"At most {steps} steps; the other knobs stay.")

    def _chip(self, preset: Preset, words: str, help: str) -> QPushButton:
        chip = QPushButton(words.replace("&", "&&"))
        chip.setMinimumWidth(20)  # a long name may not widen the window
        chip.setProperty("role", "preset")
        chip.setCheckable(True)
        chip.setFixedHeight(26)
        describe(chip, f"Preset {preset.name}", help)
        chip.clicked.connect(lambda: self._choose(preset))
        return chip

    def _choose(self, preset: Preset) -> None:
        self.chosen.emit(preset)
        self.show_settings(self._settings)  # a click alone lights nothing

    def _fill(self) -> None:
        """The menu as it is now."""
        menu = self._menu
        menu.clear()
        for part in menu.findChildren(QMenu):
            part.deleteLater()
        for preset in self._saved:
            action = menu.addAction(preset.name, lambda each=preset: self._choose(each))
            action.setCheckable(True)
            action.setChecked(preset.fits(self._settings))
        if self._saved:
            menu.addSeparator()
        menu.addAction("Save these knobs as a preset\u2026", self.ask_name)
        menu.addAction("Open a preset from a file\u2026", self.open_wished.emit)
        for title, wish in (
            ("Rename", self._rename),
            ("Share as a file", self.share_wished.emit),
            ("Delete", self._delete),
        ):
            if self._saved:
                part = menu.addMenu(title)
                for preset in self._saved:
                    part.addAction(preset.name, lambda each=preset, wish=wish: wish(each))

    def _delete(self, preset: Preset) -> None:
        self.delete_wished.emit(preset.name)
