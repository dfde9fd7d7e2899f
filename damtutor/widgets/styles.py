"""A style sheet for an instrument that needs only parts of frame.css: a page carries a copy for each instrument."""

from __future__ import annotations

import re

from damtutor.widgets.base import HERE, tighten

_PART = re.compile(r"^(?=/\*)", re.M)
_NAME = re.compile(r"/\*\s*([^:*\n]*)")
ALWAYS = ("the book",)

# Stands in the part "filmstrip" of frame.css, and every instrument with a slider needs it on a narrow screen.
NARROW = """
@container (max-width: 599px) {
  .dt .dt-controls { padding: 8px; }
  .dt .dt-wide label { min-width: 4.6em; }
  .dt .dt-wide output { min-width: 6.9em; font-size: 14px; white-space: nowrap; }
  .dt .dt-wide input { min-width: 60px; }
}
"""


def style(*parts: str, own: str = "") -> str:
    """The start of frame.css, the parts under these comments, what the book needs, and then the instrument's own rules.

    Raises
    ------
    ValueError : frame.css has no part of that name.
    """
    first, *rest = filter(None, _PART.split((HERE / "frame.css").read_text(encoding="utf-8")))
    named = {_NAME.match(part)[1].strip(): part for part in rest}
    for part in (*parts, *ALWAYS):
        if part not in named:
            raise ValueError(f"frame.css has no part {part!r}; expected one of {', '.join(named)}")
    chosen = [text for name, text in named.items() if name in (*parts, *ALWAYS)]
    return tighten("\n".join([first, *chosen, NARROW, own]))
