"""The themes keep their promises: readable text, states that tell apart, a sheet that Qt understands."""

import colorsys
import re
from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from widgets import icons
from widgets.theme import DARK, LIGHT, blend, font, palette, stylesheet, tip

both = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def hue(colour):
    return colorsys.rgb_to_hls(*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0] * 360


@both
def test_text_is_readable_on_every_ground(theme):
    for ground in (theme.panel, theme.raised, theme.window):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.5
    for colour in (theme.accent, theme.accepted, theme.changed, theme.withdrawn, *theme.series):
        assert contrast(colour, theme.panel) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.faint, theme.panel) >= 3  # noise is dimmed on purpose, not hidden


@both
def test_states_differ_in_hue_and_in_grey(theme):
    for a, b in combinations((theme.accepted, theme.changed, theme.withdrawn), 2):
        apart = abs(hue(a) - hue(b))
        assert min(apart, 360 - apart) >= 30
        assert contrast(a, b) >= 1.3


@both
def test_ramp_is_monotone_in_lightness(theme):
    steps = [luminance(b) - luminance(a) for a, b in pairwise(theme.ramp)]
    assert all(step > 0 for step in steps) or all(step < 0 for step in steps)


@both
def test_sheet_parses(theme, qapp, qtlog):
    label = QLabel("parsed when shown")
    label.setStyleSheet("nonsense {{")
    assert any("parse" in record.message.lower() for record in qtlog.records)  # Qt does complain
    told = len(qtlog.records)
    label.setStyleSheet(stylesheet(theme))
    label.show()
    qapp.processEvents()
    assert not [r for r in qtlog.records[told:] if "parse" in r.message.lower() or "unknown" in r.message.lower()]


ROLES = ("", "accent", "quiet", "tool", "chip", "pill", "preset", "segment")


@both
@pytest.mark.parametrize("role", ROLES)
def test_a_button_that_does_nothing_looks_like_it(theme, role, qtbot):
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.setStyleSheet(stylesheet(theme))
    button = QPushButton("Words to read", ground)
    button.setProperty("role", role or None)
    able = button.grab().toImage()
    button.setEnabled(False)
    assert button.grab().toImage() != able


@both
def test_sheet_uses_colours_of_its_theme_only(theme):
    other = LIGHT if theme is DARK else DARK
    sheet = stylesheet(theme)
    assert "$" not in sheet and theme.panel in sheet
    assert other.panel not in sheet and other.accent not in sheet
    assert all(len(colour) == 7 for colour in re.findall(r"#[0-9a-f]+", sheet))


@both
def test_palette_carries_the_accent_and_greys_out(theme):
    roles, groups = QPalette.ColorRole, QPalette.ColorGroup
    made = palette(theme)
    assert made.color(roles.Highlight) == QColor(theme.accent)
    assert made.color(groups.Disabled, roles.WindowText) == QColor(theme.faint)


def test_blend_goes_from_one_colour_to_the_other():
    assert blend("#ffffff", "#000000", 0) == "#000000"
    assert blend("#ffffff", "#000000", 1) == "#ffffff"
    assert blend("#ff0000", "#0000ff", 0.5) == "#800080"


def test_digits_are_equally_wide(qapp):
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(font())
    assert len({metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}) == 1


def test_tooltips_escape_what_they_quote():
    assert "<b>" not in tip("a <b> token")


@pytest.mark.parametrize("name", sorted(icons.PATHS))
def test_icons_have_ink_inside_their_box(name, qapp):
    path = icons.PATHS[name]()
    assert not path.isEmpty()
    box = path.boundingRect()
    assert box.left() >= 0 and box.top() >= 0 and box.right() <= icons.BOX and box.bottom() <= icons.BOX
    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    icons.draw(painter, name, QRectF(0, 0, 32, 32), QColor("#ff0000"))
    painter.end()
    ink = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 250]
    assert ink and all(colour.red() > 240 and colour.blue() < 10 for colour in ink)
