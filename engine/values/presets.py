"""Presets: sets of knobs with a name: what makes a run fast or careful. Not where it runs, nor what it writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.values.settings import MAIN, SAMPLER, STOPPING, Settings, knobs

GROUPS = (MAIN, SAMPLER, STOPPING)  # whose knobs a preset has
LONGEST = 24  # letters of a name


@dataclass(frozen=True)
class Preset:
    """A name, and values of knobs. Raises ValueError, with a sentence, on what is none."""

    name: str
    values: dict[str, Any]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not 0 < len(self.name.strip()) <= LONGEST:
            raise ValueError(f"A preset needs a name of at most {LONGEST} letters.")
        if not isinstance(self.values, dict) or not self.values.keys() & named():
            raise ValueError(f"The preset {self.name.strip()} has no knobs.")
        Settings(**{name: value for name, value in self.values.items() if name in named()})

    def of(self, settings: Settings) -> Settings:
        """The settings with this preset's knobs. Others stay as they are."""
        return settings.updated({name: value for name, value in self.values.items() if name in named()})

    def fits(self, settings: Settings) -> bool:
        """Whether the settings are as this preset would set them."""
        return self.of(settings) == settings


def named() -> set[str]:
    """The knobs that a preset may have."""
    return {name for name, knob in knobs().items() if knob.group in GROUPS}


def taken(name: str, settings: Settings) -> Preset:
    """All those knobs as they are now. Raises ValueError on a name that is none."""
    return Preset(name.strip(), {knob: getattr(settings, knob) for knob in knobs() if knob in named()})


PRESETS = (Preset("Fast", {"steps": 8}), Preset("Balanced", {"steps": 24}), Preset("Careful", {"steps": 48}))
