"""Walk: a text among earlier ones, by Up and Down. What was being typed waits at its end. Knows no widget."""

from __future__ import annotations

from collections.abc import Sequence


class Walk:
    """The newest text is first. A text that was left without being used is not lost: it becomes the newest."""

    def __init__(self) -> None:
        self._past: list[str] = []
        self._drafts: list[str] = []
        self._at = -1  # in the past; -1: at what is being typed
        self._typed = ""

    def set_past(self, texts: Sequence[str]) -> None:
        """Texts that were used."""
        self._past = list(texts)
        self._at = -1

    def leave(self, text: str) -> None:
        """A text is about to be replaced by something else than a walk."""
        self._at = -1
        if text.strip() and text not in self._past and text not in self._drafts:
            self._drafts.insert(0, text)

    def older(self, text: str) -> str | None:
        """The one before `text`, which is what is there now; None: there is none."""
        texts = self._texts()
        at = self._place(text, texts) + 1
        while at < len(texts) and texts[at] == text:
            at += 1
        return self._go(at, texts[at]) if at < len(texts) else None

    def newer(self, text: str) -> str | None:
        """The one after `text`; at last what was being typed."""
        texts = self._texts()
        at = self._place(text, texts)
        if at < 0:
            return None
        return self._go(at - 1, texts[at - 1] if at else self._typed)

    def _texts(self) -> list[str]:
        return [*self._drafts, *(text for text in self._past if text not in self._drafts)]

    def _place(self, text: str, texts: list[str]) -> int:
        """Where the walk is; a text that was changed on the way is one that is being typed."""
        if not (0 <= self._at < len(texts) and texts[self._at] == text):
            self._at, self._typed = -1, text
        return self._at

    def _go(self, at: int, text: str) -> str:
        self._at = at
        return text
