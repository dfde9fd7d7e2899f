"""Lines for people on stdout and stderr: nothing stops half-way because a stream lacks a sign, or is not there.

All that the package prints goes through `say`. A stream that cannot hold a sign gets a stand-in for it: `✓ correct`
becomes `v correct` in cp1252. Under pythonw there is no stream, and another may be closed: then nobody reads.
"""

from __future__ import annotations

import codecs
import contextlib
import sys
import unicodedata
from typing import Any

# What stands for a sign; the name of a Greek letter, a letter without its accent, or \u2603 for all others
STAND_INS = {
    **{"✓": "v", "✗": "x", "○": "o", "⚠": "!", "≈": "~", "◆": "*", "◇": ".", "·": ".", "…": "...", "‘": "'", "’": "'"},
    **{"“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "×": "x", "±": "+-", "→": "->", "²": "^2", "³": "^3"},
    **{"≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt ", "∞": "inf", "½": "1/2", "¼": "1/4", "¾": "3/4"},
}
HANDLER = "damtutor"  # the name of `_stand_ins` among the error handlers of codecs


def say(text: str, to: str = "stdout", *, end: str = "\n", flush: bool = False) -> None:
    """Print a line; what the stream cannot hold is replaced, and a stream that takes nothing is left alone.

    Parameters
    ----------
    text : what to print, any signs.
    to : "stdout" or "stderr", looked up in `sys` when it is called; None there prints nothing.
    end : what follows the text.
    flush : write it at once.
    """
    stream = getattr(sys, to)
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):  # closed, or a pipe whose reader has gone
        try:
            stream.write(fitted(text + end, stream))
        except UnicodeError:  # it does not say, or not rightly, what it can hold
            stream.write(_encoded(text + end, "ascii"))
        if flush and hasattr(stream, "flush"):
            stream.flush()


def fitted(text: str, stream: Any) -> str:
    """`text` with stand-ins for what `stream` cannot hold by its `encoding`; where it names none, all is held."""
    try:
        encoding = stream.encoding
    except (AttributeError, ValueError):  # no such thing as an encoding; a stream that was detached
        encoding = None
    try:
        return _encoded(text, encoding if isinstance(encoding, str) else "utf-8")
    except LookupError:
        return _encoded(text, "ascii")


def _encoded(text: str, encoding: str) -> str:
    return text.encode(encoding, HANDLER).decode(encoding)


def _stand_ins(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: stand-ins for what does not fit."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_stand_in, error.object[error.start : error.end])), error.end


def _stand_in(sign: str) -> str:
    if sign in STAND_INS:
        return STAND_INS[sign]
    alphabet, _, letter = unicodedata.name(sign, "").partition(" LETTER ")
    if alphabet in ("GREEK SMALL", "GREEK CAPITAL"):
        name = letter.split()[0]
        return name.lower() if alphabet == "GREEK SMALL" else name.capitalize()
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or sign.encode("ascii", "backslashreplace").decode()


codecs.register_error(HANDLER, _stand_ins)
