"""Dialogs: which file to open, or to write. They begin in the folder that was chosen last, or at home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.keep.export import Offer
from app.keep.prefs import Prefs

MODE = QFileDialog.FileMode
RECENT = 8  # files that the menu lists


class Dialogs:
    """Asks over a window. What is chosen goes to `then`, as a path."""

    def __init__(self, window: QWidget, prefs: Prefs) -> None:
        self._window, self._prefs = window, prefs

    def folder(self, title: str, then: Callable[[str], object]) -> None:
        self._show(self._made(title, MODE.Directory), then)

    def open(self, title: str, kinds: str, then: Callable[[str], object]) -> None:
        self._show(self._made(title, MODE.ExistingFile, kinds), then)

    def several(self, title: str, kinds: str, then: Callable[[list[str]], object]) -> None:
        """As `open`, for one file or more."""
        dialog = self._made(title, MODE.ExistingFiles, kinds)

        def chosen(paths: list[str]) -> None:
            self._prefs.folder = str(Path(paths[0]).parent)
            then(paths)

        dialog.filesSelected.connect(chosen)
        dialog.open()

    def save(self, title: str, kinds: str, name: str, then: Callable[[str], object]) -> None:
        """`name` is the one that is proposed; its ending is given to a name without one."""
        dialog = self._made(title, MODE.AnyFile, kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.lstrip("."))
        dialog.selectFile(name)
        self._show(dialog, then)

    def export(self, title: str, offers: Sequence[Offer], name: str, then: Callable[[str, bool], object]) -> None:
        """As `save`, in one of several formats: `then` also gets whether the file is to be without the run."""
        labels = {offer.label: offer for offer in offers}
        dialog = self._made(title, MODE.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(labels))

        def turn(label: str) -> None:
            """Qt gives a name that has an ending the new one; a name without gets it at the end."""
            dialog.setDefaultSuffix(labels[label].format.endings[0].lstrip("."))

        dialog.filterSelected.connect(turn)
        dialog.selectFile(name)
        turn(offers[0].label)
        self._show(dialog, lambda path: then(path, labels.get(dialog.selectedNameFilter(), offers[0]).bare))

    def note(self, path: str) -> None:
        """A recording that was opened or written is among the recent files."""
        path = str(Path(path).absolute())
        self._prefs.recents = [path, *(other for other in self._prefs.recents if other != path)][:RECENT]

    def forget(self, path: str) -> None:
        self._prefs.recents = [other for other in self._prefs.recents if other != path]

    def _made(self, title: str, mode: MODE, kinds: str = "") -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        there = self._prefs.folder and Path(self._prefs.folder).is_dir()
        dialog.setDirectory(self._prefs.folder if there else str(Path.home()))
        if kinds:
            dialog.setNameFilter(kinds)
        return dialog

    def _show(self, dialog: QFileDialog, then: Callable[[str], object]) -> None:
        def chosen(path: str) -> None:
            self._prefs.folder = str(Path(path).parent)
            then(path)

        dialog.fileSelected.connect(chosen)
        dialog.open()
