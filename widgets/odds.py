"""Odds: tokens, probabilities and entropies as people read them."""

from __future__ import annotations

from math import isnan


def visible(text: str) -> str:
    """A token with its white space made visible: blanks as ␣, line breaks as ↵, tabs as ⇥."""
    return text.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "(nothing)"


def known(share: float) -> float:
    """A probability as the length of a bar: none where it is unknown."""
    return 0.0 if isnan(share) else min(1.0, share)


def nats(entropy: float) -> str:
    """An entropy for people."""
    return "unknown" if isnan(entropy) else f"{entropy:.3f} nats"


def percentage(share: float) -> str:
    """A probability for people. Rounding never claims certainty: below 1 it stays below 100 %."""
    if isnan(share):
        return "unknown"
    if 0 < share < 0.001:
        return "<0.1 %"
    return ">99.9 %" if 0.999 < share < 1 else f"{100 * share:.1f} %"
