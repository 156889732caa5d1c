"""The look of the whole application: bundled fonts, and the theme that people chose or their system has."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QIcon
from PySide6.QtWidgets import QApplication, QStyle

from widgets import spoken
from widgets.theme import DARK, LIGHT, Theme, font, palette, stylesheet

ASSETS = Path(__file__).parent.parent / "assets"


def prepare(application: QApplication) -> None:
    """Once, before the first widget: name, icon, style and fonts."""
    application.setApplicationName("unnoise")
    application.setApplicationDisplayName("Unnoise")
    application.setDesktopFileName("unnoise")
    application.setStyle("Fusion")
    spoken.install()
    for file in sorted((ASSETS / "fonts").glob("*.[to]tf")):
        QFontDatabase.addApplicationFont(str(file))
    application.setFont(font())
    application.setWindowIcon(QIcon(str(ASSETS / "icon.png")))


def apply(application: QApplication, theme: Theme) -> None:
    sheet = stylesheet(theme)
    if application.styleSheet() != sheet:  # every widget there is looks at it anew
        application.setPalette(palette(theme))
        application.setStyleSheet(sheet)


def chosen(name: str) -> Theme:
    """The theme for "dark", "light" or "system"."""
    if name == "system":
        scheme = QApplication.styleHints().colorScheme()
        name = "light" if scheme == Qt.ColorScheme.Light else "dark"
    return LIGHT if name == "light" else DARK


def moves(wanted: bool) -> bool:
    """Whether things may move: if that is wanted, and the system does not ask for stillness, where Qt tells."""
    return wanted and QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
