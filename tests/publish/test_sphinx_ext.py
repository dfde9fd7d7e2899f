"""What the extension of the site's builder does to a page: formulas and their punctuation, words for instruments."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from markdown_it.renderer import RendererHTML
from myst_parser.docutils_ import Parser
from myst_parser.parsers.mdit import create_md_parser

from publish import manuscript as ms
from publish.sphinx_ext import VIEW, describe_instruments, join_formulas


def tree(text: str) -> nodes.document:
    """Tree of one Markdown text."""
    settings = {"myst_enable_extensions": ["dollarmath", "amsmath"], "report_level": 5}
    return publish_doctree(text, parser=Parser(), settings_overrides=settings)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("Let $K$, or ($N$), be $x$.", ["K,", "(N),", "x."]),
        ("Only $K$ and $N$ alone", []),
        ("an $N$-th, a non-$x$ and $a$/$b$: $N$–$K$", ["N-", "a/", "b:", "N–"]),
        ("in [$K$](https://a.org), **$N$**; and *for $x$*.", ["K,", "N;", "x."]),
        ("twice . $a$ . $b$. and . $c$.", ["b.", "c."]),
        ("“$K$”\n$m$’s $n$\n(see $d$).", ["“K”", "m’s", "d)."]),
        ("| a |\n|---|\n| $K$; $x$ |\n", ["K;"]),
    ],
)
def test_a_formula_keeps_what_touches_it(text, joined):
    document = tree(text)
    before = document.astext()
    join_formulas(document)
    assert [piece.astext() for piece in document.findall(nodes.inline) if "dt-joined" in piece["classes"]] == joined
    assert document.astext() == before


def test_no_formula_of_a_manuscript_is_left_as_text(root):
    """Two dollars need a line of their own, after an empty one: else the formulas behind them change places."""
    reader = create_md_parser(ms.MARKDOWN, RendererHTML)

    def words(tokens: list) -> list[str]:
        found = [token.content for token in tokens if token.type == "text"]
        return found + [word for token in tokens for word in words(token.children or [])]

    def left(text: str) -> list[str]:
        return [word for word in words(reader.parse(text)) if "$" in word or "\\" in word]

    assert left("> Put both:\n> $$a$$\n> for every $b$.") != []
    assert left("> Put both:\n>\n> $$a \\le c$$\n>\n> for every $b$.") == []
    for path in [*ms.lectures(root), *ms.manuscripts(root, ms.EXERCISES), *(root / "book").glob("*.md")]:
        assert left(path.read_text("utf-8")) == [], path


def test_without_scripts_an_instrument_leaves_its_own_words():
    view, words = nodes.container(mime_type=VIEW), nodes.container(mime_type="text/plain")
    view += nodes.raw("", '<script type="x">{}</script>', format="html")
    words += nodes.literal_block("", "FlowField: recall on a plane, β < 2: seed 1.")
    bundle = nodes.container("", view, words, nb_element="mime_bundle")
    figure = nodes.container("", nodes.container(mime_type="text/plain"), nb_element="mime_bundle")
    document = tree("A page.")
    document += [bundle, figure]
    describe_instruments(document)
    assert [child.astext()[:10] for child in view] == ["<script ty", "<noscript>"]
    assert "run: recall on a plane, β &lt; 2: seed 1. Allow JavaScript" in view[1].astext()
    assert len(figure[0]) == 0
