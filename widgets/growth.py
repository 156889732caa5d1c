"""Growth: how large things may be in every frame of a run, so that nothing shrinks and little jumps.

`fits[i]` is the largest size that frame i alone could have. Knows no layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

RISES = 2  # that a run has at most
RISE = 1.12  # the least of them
SLACK = 0.96  # of what fits now: the frames to come are not known


def known(fits: Sequence[float]) -> list[float]:
    """Sizes for a run that is over: every frame fits, none is smaller than the one before, at most RISES rise."""
    least = list(fits)
    for at in reversed(range(len(least) - 1)):
        least[at] = min(least[at], least[at + 1])
    if not least:
        return []
    share = max(RISE, (least[-1] / least[0]) ** (1 / RISES))
    sizes, rises = [least[0]], 0
    for room in least[1:]:
        if rises < RISES and room >= min(least[-1], sizes[-1] * share) > sizes[-1]:
            sizes.append(room)
            rises += 1
        else:
            sizes.append(sizes[-1])
    return sizes


class Growing:
    """Sizes for a run that goes on: every frame is asked once, in order, what it has room for."""

    def __init__(self) -> None:
        self.sizes: list[float] = []
        self._rises = 0

    def see(self, fits: Callable[[float], bool], largest: Callable[[], float]) -> None:
        """The next frame. `fits` tells quickly whether a size does, `largest` what would."""
        if not self.sizes:
            self.sizes.append(largest())
            return
        now = self.sizes[-1]
        if self._rises < RISES and fits(now * RISE / SLACK):
            now = max(now, SLACK * largest())
            self._rises += 1
        self.sizes.append(now)
