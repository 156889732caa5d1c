"""Delivery: a text that came from a server, canvas by canvas, and what was measured of it. Knows no torch.

What a Recording is to a model on this computer; but of whole canvases, so there are no steps to go back to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.remote.server import NOTE, Arrival
from engine.values.frame import STOPS
from engine.values.words.calls import Call
from engine.values.words.reply import apart


@dataclass(eq=False)
class Delivery:
    """What was asked of which server, and all that arrived, in order. Append only."""

    prompt: str
    model: str
    server: str
    arrivals: list[Arrival] = field(default_factory=list)
    outcome: str = ""  # "" while it goes on, then "finished", "stopped" or a sentence that says what failed

    def append(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)

    @property
    def canvases(self) -> list[Arrival]:
        """Those that brought something: the last may only say that the text is over."""
        return [arrival for arrival in self.arrivals if arrival.text or arrival.thought or arrival.tokens]

    @property
    def stop(self) -> str:
        """Why the text ended, "" if it did not."""
        return self.arrivals[-1].stop if self.arrivals else ""

    def text(self) -> str:
        """The answer."""
        return apart(self._text())[0]

    def calls(self) -> tuple[Call, ...]:
        """The tools that the model would use."""
        return apart(self._text())[1]

    def _text(self) -> str:
        return "".join(arrival.text for arrival in self.arrivals)

    def thought(self) -> str:
        return "".join(arrival.thought for arrival in self.arrivals).strip()

    @property
    def unfinished(self) -> bool:
        """Whether the text ends inside its thought."""
        return bool(self.arrivals) and self.arrivals[-1].inside

    def tokens(self) -> int | None:
        """Of the whole text, as the server counts them; None if it did not tell."""
        counts = [arrival.tokens for arrival in self.canvases]
        return None if None in counts else sum(counts)

    def speed(self) -> float | None:
        """Tokens a second, from the sending of the prompt to the last canvas."""
        tokens = self.tokens()
        return tokens / self.canvases[-1].seconds if tokens else None

    def summary(self) -> dict[str, Any]:
        """All that was measured, as one JSON object. Names that a local run has, too, mean the same."""
        tokens, speed = self.tokens(), self.speed()
        return {
            "text": self.text(),
            "thought": self.thought(),
            "ends_in_thought": self.unfinished,
            "tool_calls": [call.told() for call in self.calls()],
            "prompt": self.prompt,
            "model": self.model,
            "server": self.server,
            "outcome": self.outcome,
            "canvases": len(self.canvases),
            "stop": self.stop or self.outcome,
            "text_tokens": tokens,
            "seconds": round(self.canvases[-1].seconds, 4) if self.canvases else 0.0,
            "first_canvas_seconds": round(self.canvases[0].seconds, 4) if self.canvases else None,
            "text_tok_s": None if speed is None else round(speed, 1),
            "arrivals": [[arrival.tokens, round(arrival.seconds, 4)] for arrival in self.canvases],
        }

    def last_words(self) -> str:
        """How it ended and what was measured, for people."""
        if not self.canvases:
            return "Nothing arrived."
        reason = (STOPS.get(self.stop, self.stop) or "end") if self.outcome == "finished" else "so far"
        count, tokens, speed = len(self.canvases), self.tokens(), self.speed()
        parts = [f"{count} {'canvas' if count == 1 else 'canvases'}"]
        parts += [f"first after {self.canvases[0].seconds:.2f} s, all after {self.canvases[-1].seconds:.2f} s"]
        parts += [f"{tokens:,} tokens, {speed:,.0f} tok/s, network included"] if tokens else []
        return f"{reason[:1].upper()}{reason[1:]}: {', '.join(parts)} ({NOTE})."
