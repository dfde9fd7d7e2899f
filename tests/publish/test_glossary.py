"""Words of the glossary are linked where a chapter first uses them, and every link leads to a word of the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from publish import manuscript as ms

# Wordings in which a word of the glossary means something else -> why that is no use of the word.
OTHER_SENSE = {
    r"loads the course's package": "a program is loaded, no memory",
    r"content itself is the key": "what opens a lock, no row of numbers",
    r"values? \S*(?:\+|\\pm)1\S*": "a number that a spin may have, nothing that attention hands over",
    r"the other value": "the other one of two signs",
    r"is negative": "a number below zero, no picture turned over",
    r"negative overlaps?": "an overlap below zero, no picture turned over",
    r"for its keys": "keys of a keyboard",
    r'"Sweep down"': "a button: β is turned down, no spin is visited",
}
# The same for a word throughout one chapter.
OTHER_SENSE_IN = {("05", "sweep"): "β is swept up and down there; no spin is visited"}
# Words that wait for their chapter. Once it is written, it uses them, or the glossary does without.
AHEAD = {
    "07": "Lagrangian, activation, two-group network, feature neuron, memory neuron, hidden neuron, "
    "many-body synapse, time constant, adiabatic limit, dissipation",
    "08": "hypersynapse, Legendre transform, clamping, Energy Transformer, patch, complex step",
    "09": "contrastive learning, negative phase, ghost, perceptron, prototype, participation ratio, consolidation, "
    "backpropagation, expectation maximisation",
    "10": "score function, posterior mean, denoiser, probability flow, memorisation, spurious pattern, "
    "generalisation, barrier",
    "11": "order parameter, generating functional analysis, effective spin, response function, "
    "correlation function, retarded self-interaction, reduced load, saddle node",
    "12": "certificate, separation, signed interference, margin, vulnerable set, potential game, Nash equilibrium",
    "13": "adversary, adversary budget, read-out",
    "14": "halting, spectral radius",
}

TERM = re.compile(r"\{term\}`(?P<words>[^`<]+?)\s*(?:<(?P<word>[^>`]+)>)?`")
# What is no running text, in the order in which it is taken out.
ELSEWHERE = (
    re.compile(r"\A---\n.*?^---$", re.M | re.S),  # front matter
    re.compile(r"^(`{3,}|~{3,}).*?^\1$", re.M | re.S),  # code cells
    TERM,
    re.compile(r"\{cite:?\w*\}`[^`]*`"),
    re.compile(r"`[^`\n]+`"),
    re.compile(r"<details>.*?</details>", re.S),
    re.compile(r"^(\||#+ |\+\+\+|\s*<).*$", re.M),  # tables, headings, cell breaks, HTML
    re.compile(r"^(?:> )?\*\*[^*\n]+\*\*", re.M),  # the title of a box, or a question
    re.compile(r"\[[^\]]*\]\([^)]*\)"),
    *(re.compile(r"\b" * wording[0].isalpha() + wording.replace(" ", r"\s+"), re.I) for wording in OTHER_SENSE),
    re.compile(r"\$\$.*?\$\$", re.S),
    re.compile(r"\$[^$]+\$"),
)


def glossary(text: str) -> list[str]:
    """Words that a glossary explains."""
    (body,) = re.findall(r"^```\{glossary\}\n(.*?)^```", text, re.M | re.S)
    return re.findall(r"^[^\s:].*$", body, re.M)


def uses_of(words: Sequence[str]) -> re.Pattern:
    """Any of the words or its plural, as a whole word; the longest wins where one is a part of another."""

    def form(word: str) -> str:
        ending = "(?:y|ies)" if re.search(r"[^aeiou]y$", word) else "(?:e?s)?"
        stem = word[:-1] if ending.startswith("(?:y") else word
        return r"\s+".join(map(re.escape, stem.split())) + ending

    longest = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(f'({form(word)})' for word in longest)})(?!\w)", re.I)


def ahead() -> set[str]:
    """Words that wait for their chapter."""
    return {word for words in AHEAD.values() for word in words.split(", ")}


def blank(found: re.Match) -> str:
    """Spaces of the same length and lines, so that places stay."""
    return re.sub(r"[^\n]", " ", found[0])


def running(text: str) -> str:
    """Running text of a manuscript, all else blank; a linked word is blank too."""
    for pattern in ELSEWHERE:
        text = pattern.sub(blank, text)
    return text


def linked(text: str) -> Iterator[tuple[int, str]]:
    """Place and word of every link to the glossary, in small letters."""
    for found in TERM.finditer(text):
        yield found.start(), " ".join((found["word"] or found["words"]).lower().split())


def unlinked(text: str, words: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Word, line and surroundings of each word's first use, where it comes before its first link or has none."""
    longest = sorted(words, key=len, reverse=True)
    first = {word: place for place, word in reversed(list(linked(text)))}
    seen = set()
    for found in uses_of(words).finditer(running(text)):
        word = longest[found.lastindex - 1]
        if word not in seen and first.get(word.lower(), len(text)) > found.start():
            around = " ".join(text[max(0, found.start() - 40) : found.end() + 30].split())
            yield word, text.count("\n", 0, found.start()) + 1, around
        seen.add(word)


def chapters(root: Path) -> list[Path]:
    """Chapters; the route of 60 minutes is made of their cells."""
    return ms.manuscripts(root, ms.CHAPTERS)


@pytest.fixture(scope="module")
def words(root: Path) -> list[str]:
    """Words of the glossary."""
    return glossary((root / "book/glossary.md").read_text("utf-8"))


def test_a_chapter_links_each_word_where_it_first_uses_it(root: Path, words: list[str]):
    assert len(words) > 40
    missing = [
        f"{path.name}, line {line}: {word!r} is in the glossary, and not linked at or before its first use: {around}"
        for path in chapters(root)
        for word, line, around in unlinked(path.read_text("utf-8"), words)
        if (path.name[:2], word) not in OTHER_SENSE_IN
    ]
    assert not missing, "\n".join(missing)


def test_a_link_leads_to_a_word_of_the_glossary(root: Path, words: list[str]):
    known = {word.lower() for word in words}
    for path in [*ms.lectures(root), *sorted((root / "book").glob("*.md"))]:
        assert {word for _, word in linked(path.read_text("utf-8"))} <= known, path.name


def test_every_word_is_there_once_and_in_use(root: Path, words: list[str]):
    assert len({word.lower() for word in words}) == len(words)
    used = set()
    for path in ms.lectures(root):
        text = path.read_text("utf-8")
        used |= {word for _, word in linked(text)} | {word.lower() for word, *_ in unlinked(text, words)}
    assert not [word for word in words if word.lower() not in used and word not in ahead()], "used by no chapter"


def test_every_exception_is_needed(root: Path, words: list[str]):
    texts = {path.name[:2]: path.read_text("utf-8") for path in chapters(root)}
    for wording in OTHER_SENSE:
        assert any(re.search(wording.replace(" ", r"\s+"), text) for text in texts.values()), wording
    for number, word in OTHER_SENSE_IN:
        assert word in words
        assert word in [found for found, *_ in unlinked(texts[number], words)], (number, word)
    assert not set(AHEAD) & set(texts), "a chapter is written: take its words out of AHEAD"
    assert ahead() <= set(words)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A state.", ["state"]),
        ("The two States, a {term}`state`.", ["state"]),
        ("A {term}`state`; states.", []),
        ("Some {term}`States <state>`; a state.", []),
        ("Queries and energies.", ["query", "energy"]),
        ("A spurious\nstate, all alone.", ["spurious state"]),
        ("A {term}`spurious\nstate`, and a spurious state.", []),
        ("Stated, understate, state-like, restate.", ["state"]),
        ("asynchronous", []),
        ("# State\n\n| state |\n\n`state` $state$ [state](state.md) {cite:p}`state`\n\n$$\nstate\n$$", []),
        ("```{code-cell} ipython3\nstate = 1\n```\n\n<details><summary>A state</summary>\n\nA state.\n</details>", []),
        ("See {term}`energy`, then a state, then {term}`energy`.", ["state"]),
        ("It loads\nthe course's package. The values +1 and -1, or $N$ values $\\pm1$. A value.", ["value"]),
        ("> **A state.** No energy.", ["energy"]),
    ],
)
def test_what_counts_as_a_use(text: str, found: list[str]):
    words = ["state", "spurious state", "query", "energy", "synchronous", "load", "value"]
    assert [word for word, *_ in unlinked(text, words)] == found
