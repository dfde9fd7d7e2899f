"""The five verdicts as text and symbol: plain in a terminal, rich in Jupyter, the same on every run."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from html import escape

from damtutor.output import fitted

SYMBOLS = {"not started": "○", "error": "⚠", "wrong": "✗", "almost": "≈", "correct": "✓"}
CREDIT = {"correct": 1.0, "almost": 0.5}
WIDTH = 96
BOX = "border-left:0.3em solid currentColor;padding:0.2em 0.8em;margin:0.3em 0"


def _wrapped(text: str) -> str:
    """A paragraph for a terminal."""
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


@dataclass(frozen=True, repr=False)
class Verdict:
    """What the check found.

    Parameters
    ----------
    kind : "not started", "error", "wrong", "almost" or "correct".
    id : of the exercise.
    title : of the exercise.
    points : what the answer earns.
    reason : one or two sentences.
    details : pairs (label, text), shown as given; text may have several lines.
    notes : asides, such as what the answer printed.
    """

    kind: str
    id: str
    title: str
    points: float
    reason: str
    details: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def correct(self) -> bool:
        """Whether nothing is left to do."""
        return self.kind == "correct"

    @property
    def headline(self) -> str:
        """Symbol, verdict and exercise in one line."""
        return f"{SYMBOLS[self.kind]} {self.kind} · {self.id} · {self.title}"

    def __repr__(self) -> str:
        lines = [self.headline, _wrapped(self.reason)]
        for label, text in self.details:
            first, *more = text.split("\n")
            lines += [f"  {label}: {first}"] + [f"    {line}" for line in more]
        return "\n".join(lines + [_wrapped(f"Note: {note}") for note in self.notes])

    def __str__(self) -> str:
        """For `print`: stdout may be unable to hold the symbols."""
        return fitted(repr(self), sys.stdout)

    def _repr_html_(self) -> str:
        parts = [f"<strong>{escape(self.headline)}</strong>", f"<p>{escape(self.reason)}</p>"]
        if self.details:
            rows = "\n".join(f"{label}: {text}" for label, text in self.details)
            parts.append(f'<pre style="white-space:pre-wrap">{escape(rows)}</pre>')
        parts += [f"<p><em>Note: {escape(note)}</em></p>" for note in self.notes]
        return f'<div role="status" style="{BOX}">{"".join(parts)}</div>'
