"""Theme: every colour and font of the window, dark and light, and the one style sheet made of them."""

from __future__ import annotations

from dataclasses import dataclass

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
    muted="#9ca7b8", faint="#5f6b7d", accent="#8ab0ff", on_accent="#0b1020", accepted="#58c4f0",
    changed="#ffb000", withdrawn="#ef5f9d", shade="#0b0e13",
    ramp=("#151a22", "#1f2c4d", "#3a3f78", "#6d4a8c", "#a8588a", "#dd7373", "#f5a565", "#fbe08a"),
    series=("#8ab0ff", "#ffb000", "#ef5f9d", "#58c4f0", "#b9a5ff"),
)  # fmt: skip
LIGHT = Theme(
    name="light", window="#f3f4f7", panel="#ffffff", raised="#eceff4", line="#d5dae3", text="#171b24",
    muted="#566173", faint="#98a2b3", accent="#2f5bd8", on_accent="#ffffff", accepted="#0a7fb8",
    changed="#b86e00", withdrawn="#c2246f", shade="#e7eaf0",
    ramp=("#ffffff", "#e3ecfb", "#c3d0f2", "#b0a9e0", "#b283c6", "#b4589d", "#a13068", "#7a1135"),
    series=("#2f5bd8", "#b86e00", "#c2246f", "#0a7fb8", "#6b4fd0"),
)  # fmt: skip
