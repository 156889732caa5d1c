"""Theme: every colour and font of the window, dark and light, and the one style sheet made of them.

Controls that paint themselves take their colours from the palette, so that a new theme is one palette and
one sheet. Knows no widget.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QWidget

SANS, MONO = "Inter", "JetBrains Mono"


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. The state colours differ in hue and in lightness, so they also read in greyscale."""

    name: str
    window: str  # behind everything
    panel: str  # a card on the window
    raised: str  # a control on a card
    line: str  # borders and grid lines
    text: str
    muted: str  # labels
    faint: str  # noise tokens, disabled text
    accent: str
    on_accent: str  # text on the accent
    accepted: str
    changed: str
    withdrawn: str
    shade: str  # behind the padding after the end of the text
    ramp: tuple[str, ...]  # entropy from none to much, monotone in lightness
    series: tuple[str, ...]  # chart lines, in order of use


DARK = Theme(
    name="dark", window="#0e1117", panel="#151a22", raised="#1f2631", line="#2b3442", text="#e9edf4",
    muted="#9ca7b8", faint="#6b7789", accent="#8ab0ff", on_accent="#0b1020", accepted="#4fb6ea",
    changed="#ffc94a", withdrawn="#ea5a96", shade="#0b0e13",
    ramp=("#151a22", "#1f2c4d", "#3a3f78", "#6d4a8c", "#a8588a", "#dd7373", "#f5a565", "#fbe08a"),
    series=("#8ab0ff", "#ffc94a", "#ea5a96", "#4fb6ea", "#b9a5ff"),
)  # fmt: skip
LIGHT = Theme(
    name="light", window="#f3f4f7", panel="#ffffff", raised="#eceff4", line="#d5dae3", text="#171b24",
    muted="#566173", faint="#8a94a6", accent="#2f5bd8", on_accent="#ffffff", accepted="#0068a6",
    changed="#ad6500", withdrawn="#8e1050", shade="#e7eaf0",
    ramp=("#ffffff", "#e3ecfb", "#c3d0f2", "#b0a9e0", "#b283c6", "#b4589d", "#a13068", "#7a1135"),
    series=("#2f5bd8", "#ad6500", "#8e1050", "#0068a6", "#6b4fd0"),
)  # fmt: skip


@lru_cache(256)
def font(family: str = SANS, pixels: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """A font whose digits are all equally wide, so that running numbers do not wobble.

    Everybody has the same one: it is not to be changed.
    """
    font = QFont(family)
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@lru_cache(256)
def metrics(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFontMetricsF:
    """What is known of the widths of a font."""
    return QFontMetricsF(font(pixels=pixels, weight=weight))


@lru_cache(8192)
def width(text: str, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> float:
    """How wide a text is, in pixels. What is painted at every step asks again and again."""
    return metrics(pixels, weight).horizontalAdvance(text)


@lru_cache(4096)
def elided(text: str, room: float, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> str:
    """The text, or as much of it as fits in so many pixels, and an ellipsis."""
    return metrics(pixels, weight).elidedText(text, Qt.TextElideMode.ElideRight, room)


def tip(text: str) -> str:
    """A tooltip as rich text: Qt wraps no other."""
    return f"<qt>{escape(text)}</qt>"


def explain(widget: QWidget, text: str) -> None:
    """A tooltip, and the same for a screen reader, to which Qt would tell its tags."""
    widget.setAccessibleDescription(text)
    if (told := tip(text)) != widget.toolTip():
        widget.setToolTip(told)


def blend(a: str, b: str, share: float) -> str:
    """`share` of colour `a` on colour `b`, as an opaque #rrggbb: cheaper to paint than a transparent one."""
    a, b = QColor(a), QColor(b)
    mixed = (round(share * x + (1 - share) * y) for x, y in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def palette(theme: Theme) -> QPalette:
    """What painted controls use: Button and Mid for grounds and lines, Highlight for the accent."""
    role, palette = QPalette.ColorRole, QPalette()
    colours = {
        role.Window: theme.window, role.WindowText: theme.text, role.Base: theme.panel, role.Text: theme.text,
        role.AlternateBase: theme.raised, role.Button: theme.raised, role.ButtonText: theme.text,
        role.Mid: theme.line, role.Light: theme.raised, role.Midlight: theme.line, role.Dark: theme.line,
        role.Shadow: theme.window, role.BrightText: theme.withdrawn, role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent, role.Accent: theme.accent, role.Link: theme.accent,
        role.PlaceholderText: theme.muted, role.ToolTipBase: theme.raised, role.ToolTipText: theme.text,
    }  # fmt: skip
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.faint))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return palette


def stylesheet(theme: Theme) -> str:
    """The style sheet of the application. Widgets choose a look by the dynamic property `role`."""
    extra = {
        "mono": MONO,
        "soft": blend(theme.accent, theme.panel, 0.16),
        "hover": blend(theme.text, theme.raised, 0.08),
        "bright": blend(theme.text, theme.accent, 0.18),
    }
    colours = {name: value for name, value in asdict(theme).items() if isinstance(value, str)}
    return Template(_SHEET).substitute(colours | extra)


# A focused control trades one pixel of padding for one of border: the ring shows and nothing moves.
_SHEET = """
QMainWindow, QDialog { background: $window; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 6px; font-size: 12px; }
QFrame[role="card"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
QFrame[role="float"] { background: $raised; border: 1px solid $faint; border-radius: 10px; }
QFrame[role="rule"] { background: $line; border: none; }
QLabel { background: transparent; }
QLabel[role="heading"] { color: $text; font-size: 12px; font-weight: 600; }
QLabel[role="label"] { color: $muted; font-size: 12px; }
QLabel[role="label"]:disabled { color: $faint; }
QLabel[role="main"] { color: $text; font-size: 14px; font-weight: 600; }
QLabel[fresh="true"] { color: $accent; font-weight: 600; }
QLabel[role="hint"] { color: $muted; font-size: 12px; }
QLabel[role="over"] { color: $withdrawn; font-size: 12px; font-weight: 600; }
QLabel[role="value"] { color: $text; font-size: 13px; font-weight: 600; }
QLabel[role="legend"] { color: $muted; font-size: 11px; font-weight: 500; }
QLabel[role="live"] { color: $accent; font-size: 12px; }
QLabel[role="token"] { color: $text; font-family: "$mono"; font-size: 20px; font-weight: 500; }
QLabel[role="badge"] { background: $raised; color: $text; border-radius: 10px; padding: 3px 10px;
    font-size: 12px; font-weight: 500; }
QLabel[role="won"] { background: $accent; color: $on_accent; border-radius: 10px; padding: 3px 10px;
    font-size: 12px; font-weight: 600; }

QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid $line; border-radius: 8px;
    padding: 5px 12px; font-size: 12px; outline: none; }
QToolButton { padding: 0; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QToolButton:focus { border: 2px solid $accent; }
QPushButton:disabled, QPushButton[role]:disabled, QToolButton:disabled, QToolButton[role]:disabled {
    color: $faint; }
QPushButton[role="accent"], QToolButton[role="accent"] { background: $accent; color: $on_accent;
    border-color: $accent; font-size: 13px; font-weight: 600; }
QPushButton[role="accent"]:hover, QToolButton[role="accent"]:hover { background: $bright; }
QPushButton[role="accent"]:focus, QToolButton[role="accent"]:focus { border-color: $text; }
QPushButton[role="accent"]:disabled, QToolButton[role="accent"]:disabled { background: $raised; color: $faint;
    border-color: $line; }
QPushButton[role="stop"] { background: $panel; color: $text; border-color: $muted; font-size: 13px;
    font-weight: 600; }
QPushButton[role="stop"]:hover { background: $raised; }
QPushButton[role="stop"]:focus { border-color: $accent; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border-color: transparent;
    color: $muted; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: $raised; color: $text; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="tool"] { background: transparent; border-color: transparent; border-radius: 7px;
    padding: 5px 9px; font-weight: 500; }
QPushButton[role="tool"]:hover { background: $line; }
QPushButton[role="tool"]:focus { border: 2px solid $accent; padding: 4px 8px; }
QPushButton[role="chip"] { background: $panel; border-radius: 13px; color: $muted; padding: 4px 11px; }
QPushButton[role="chip"]:hover { color: $text; background: $raised; }
QPushButton[role="chip"]:focus { padding: 3px 10px; color: $text; }
QPushButton[role="pill"] { border-radius: 14px; color: $muted; font-weight: 500; padding: 5px 12px; }
QPushButton[role="pill"]:focus { padding: 4px 11px; }
QPushButton[role="pill"]:checked { background: $soft; border-color: $accent; color: $accent; }
QPushButton[role="preset"], QToolButton[role="chip"] { background: $raised; border-radius: 13px; color: $text;
    padding: 3px 6px; }
QPushButton[role="preset"]:focus { padding: 2px 5px; }
QPushButton[role="preset"]:checked { background: $soft; border-color: $accent; color: $accent; font-weight: 600; }
QToolButton::menu-indicator { image: none; }
QFrame[role="segments"] { background: $raised; border: 1px solid $line; border-radius: 8px; }
QPushButton[role="segment"] { background: transparent; border-color: transparent; border-radius: 6px;
    color: $muted; padding: 3px 12px; }
QPushButton[role="segment"]:hover { color: $text; }
QPushButton[role="segment"]:checked { background: $panel; border-color: $line; color: $text; font-weight: 500; }
QPushButton[role="segment"]:focus { border: 2px solid $accent; padding: 2px 11px; }

QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit { background: $raised; color: $text;
    border: 1px solid $line; border-radius: 6px; padding: 2px 6px; font-size: 12px;
    selection-background-color: $accent; selection-color: $on_accent; }
QAbstractSpinBox[role="large"] { background: transparent; border-color: transparent; font-size: 22px;
    font-weight: 600; padding: 0 2px; }
QAbstractSpinBox:hover, QComboBox:hover { background: $hover; }
QAbstractSpinBox:focus, QComboBox:focus, QLineEdit:focus { border: 2px solid $accent; padding: 1px 5px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 0; border: none; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { background: transparent; border: none; padding: 0; }
QAbstractSpinBox[role="large"]:focus { padding: 0 1px; }
QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $panel; color: $text; border: 1px solid $line; padding: 4px;
    outline: none; selection-background-color: $soft; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 8px; border-radius: 6px; color: $text; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected { background: $soft; }
QComboBox QAbstractItemView::item:disabled { color: $faint; }
QPlainTextEdit { background: $panel; border-radius: 8px; padding: 6px 7px; font-size: 15px; }
QPlainTextEdit:focus { border: 2px solid $accent; padding: 5px 6px; }
QLineEdit[bad="true"], QLineEdit[bad="true"]:focus { border: 2px solid $withdrawn; padding: 1px 5px; }
QLineEdit[role="ask"] { background: $panel; border: 2px solid $accent; border-radius: 12px; padding: 4px 18px;
    font-size: 24px; }
QLineEdit[role="ask"]:focus { padding: 4px 18px; }
QLineEdit[role="sentence"] { background: transparent; border-color: transparent; color: $muted; }
QLineEdit[role="sentence"]:focus { border-color: $accent; }
QLineEdit[role="error"] { background: transparent; border-color: transparent; color: $text; font-weight: 600; }
QLineEdit[role="error"]:focus { border-color: $accent; }

QTableView { background: transparent; border: none; outline: none; }
QHeaderView, QHeaderView::section { background: transparent; border: none; color: $muted; font-size: 12px;
    font-weight: 600; }
QTableCornerButton::section { background: transparent; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QListView QScrollBar:horizontal { height: 4px; }
QListView QScrollBar::handle:horizontal { border-radius: 2px; }
QScrollBar::handle { background: $line; border-radius: 4px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSplitter::handle { background: transparent; }
QMenu { background: $panel; color: $text; border: 1px solid $line; padding: 4px; font-size: 12px; }
QMenu::item { padding: 6px 20px; border-radius: 6px; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { background: $line; height: 1px; margin: 4px 8px; }
"""
