"""Poster: widgets below each other as one picture, as large whatever window they were in. Knows none of them."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

SIZE, SHARP = QSize(1280, 420), 2  # of the picture, and how many of its pixels are one of these


def poster(*parts: QWidget) -> QImage:
    """A picture of widgets that nobody else shows; the last of them takes the height that is left."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(20, 16, 20, 20)
    column.setSpacing(14)
    for part in parts:
        column.addWidget(part)
    column.setStretch(len(parts) - 1, 1)
    page.resize(SIZE)
    image = QImage(SIZE * SHARP, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARP)
    page.render(image)
    page.deleteLater()
    return image
