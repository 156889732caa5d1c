"""Quality: how surprising a finished text is to the weights that wrote it, read from left to right. No torch.

It is another look by the same weights, no truth: who only repeats himself surprises nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from engine.values.frame import Lexicon

Key = TypeVar("Key")
SEAM = 6.9  # nats: a token that was given less than one chance in 1,000
LABEL = "another look by the same weights, read from left to right: no truth"


def in_words(nats: float, share: float) -> tuple[str, str]:
    """Nats a token, and the share of tokens that are seams, for people."""
    return f"{nats:.2f} nats a token", f"{100 * share:.1f} seams in 100"


@dataclass(frozen=True, eq=False)
class Quality:
    """Of a text on C cells, those of all its canvases in a row."""

    nats: np.ndarray  # float32 [C], the surprise of a cell; NaN where it was not read

    def __post_init__(self) -> None:
        self.nats.flags.writeable = False

    @cached_property
    def tokens(self) -> int:
        """How many were read."""
        return int(np.count_nonzero(~np.isnan(self.nats)))

    @cached_property
    def mean(self) -> float:
        """Nats a token; NaN of an empty text."""
        return float(np.nanmean(self.nats)) if self.tokens else np.nan

    @property
    def seams(self) -> np.ndarray:
        """bool [C]: the tokens that were given less than one chance in 1,000."""
        return self.nats > SEAM  # NaN is not

    @cached_property
    def share(self) -> float:
        """Of the tokens, those that are seams; NaN of an empty text."""
        return np.count_nonzero(self.seams) / self.tokens if self.tokens else np.nan

    def told(self) -> dict[str, Any]:
        """The same for JSON; None where there is no number."""
        numbers = {"nats": self.mean, "seams": self.share}
        rounded = {name: None if np.isnan(value) else round(value, 4) for name, value in numbers.items()}
        return {**rounded, "tokens": self.tokens, "what": LABEL}


def least(found: Mapping[Key, Quality]) -> Key | None:
    """The key of the text that surprises least. An empty text surprises nobody, and is left out."""
    rated = {key: quality.mean for key, quality in found.items() if quality.tokens > 1}
    return min(rated, key=rated.__getitem__, default=None)


def written(lexicon: Lexicon, ids: np.ndarray) -> np.ndarray:
    """int [n]: the cells of `ids` [C] that are a text as it is read: thought, answer, and the token that ends it.

    Control tokens stand for nothing in it and are left out, but for those that open and close a thought.
    """
    end = lexicon.end(ids)
    void = lexicon.special - set(lexicon.channel or ()) - lexicon.ends
    return np.flatnonzero(~np.isin(ids[: end + 1], list(void)))
