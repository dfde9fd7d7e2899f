"""The built site: what must stand in its files, and what must happen when Chromium opens them with no network.

The checks of files are functions that return sentences; each is itself tested on a page with the fault planted.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import budgets
import nbformat
import pytest
import yaml
from browser import MOUNTED, ends, latency, moves, opened, serious, served
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from sphinx.search.en import SearchEnglish

from publish import course, editions
from publish import manuscript as ms
from publish.sphinx_ext import FORMER_PAGES
from publish.stored_notebooks import stored, text_of

TEXT = {".html", ".js", ".txt", ".md", ".ipynb", ".json", ".css", ".svg", ".xml"}
LOADS = {"src", "poster", "srcset", "data", "xlink:href", "background"}
LINKS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "manifest"}
CODE = {"pre", "code", "kbd", "samp", "script", "style"}
SAID = {"alt", "title", "aria-label", "aria-description", "content", "placeholder", "summary"}  # attributes with words
TEX = re.compile(r"\$|\\[A-Za-z()\[\]]+|\\\\")
PLACE = re.compile(
    r'(?:<script type="application/vnd.jupyter.widget-view\+json">[^<]*</script>|data-instrument="\w+">)\s*'
    r"(<noscript><p>[^<]{60,}</p></noscript>)?"
)
FILE = re.compile(r"\.(png|svg|jpe?g|gif|webp)$", re.I)
# All that the theme makes reachable by key has its tab stop, which comes a moment after a change of width.
REACHED = """[...document.querySelectorAll('pre, .cell_output > .output, .jp-RenderedHTMLCommon')]
  .every((e) => e.scrollWidth <= e.clientWidth || e.tabIndex >= 0)"""
ROOT = Path(__file__).resolve().parents[2]
# On the first page all four: what a theme or a width adds to a page's own text is the same menus everywhere.
LOOKS = (("light", 390), ("dark", 390), ("dark", 1280), ("light", 1280))
ADDED = ("search", "genindex")  # pages that the builder adds
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)


@pytest.fixture(scope="module")
def site(root: Path) -> Path:
    """Folder of the built site."""
    folder = root / "_build/html"
    if not (folder / "index.html").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("the site is not built: run `make book`")
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Address of the built site on a static file server."""
    with served(site) as base:
        yield base


def pages(root: Path) -> list[str]:
    """Pages of the book in order, as the table of contents names them; a pattern stands for files in order."""
    toc, found = yaml.safe_load((root / "book/_toc.yml").read_text("utf-8")), {}
    found[toc["root"]] = None
    for entry in (c for part in toc["parts"] for c in part["chapters"]):
        files = sorted(root.glob(entry["glob"])) if "glob" in entry else [root / entry["file"]]
        found |= dict.fromkeys(path.relative_to(root).with_suffix("").as_posix() for path in files)
    return list(found)


@pytest.mark.slow
def test_a_page_that_moved_leads_on(root, site):
    for old, new in FORMER_PAGES.items():
        text = (site / f"{old}.html").read_text("utf-8")
        (to,) = set(re.findall(r'(?:href|url)="?=?([^">]+[.]html)', text))
        assert (site / old).parent.joinpath(to).resolve() == (site / f"{new}.html").resolve()


# --- checks of files -------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """All start tags of a page with their attributes, and its text outside of code and formulas."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.inside: list[str] = []  # tags within the piece of code or the formula that is being read
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Keep one tag."""
        given = {k: v or "" for k, v in attrs}
        self.found.append((tag, given))
        begins = not self.inside and (tag in CODE or "math" in given.get("class", "").split())
        if begins or self.inside[:1] == [tag]:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave a piece of code, or a formula."""
        if self.inside[:1] == [tag]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        """Keep text."""
        if not self.inside:
            self.words.append(data)


def outside(page: str) -> list[str]:
    """Addresses on other hosts that a page loads by itself; a link to click on is none of them."""
    found = []
    for tag, attrs in Elements(page).found:
        loads = [v for k, v in attrs.items() if k in LOADS]
        if tag == "link" and LINKS & set(attrs.get("rel", "").split()):
            loads.append(attrs.get("href", ""))
        found += [f"<{tag}> {url}" for url in loads if re.match(r"\s*(https?:)?//", url)]
    return found + outside_style(page)


def outside_style(text: str) -> list[str]:
    """Addresses on other hosts that a style sheet loads."""
    return re.findall(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)", text)


def wordless(page: str) -> list[str]:
    """Pictures without alternative text; the builder's stand-in, the name of the file, is none."""
    images = [attrs for tag, attrs in Elements(page).found if tag == "img"]
    return [a.get("src", "?")[:80] for a in images if not a.get("alt", "").strip() or FILE.search(a["alt"])]


def tracebacks(page: str) -> list[str]:
    """Tracebacks in a page."""
    return re.findall(r"Traceback \(most recent call last\)|class=\"[^\"]*\btraceback\b[^\"]*\"", page)


def unrendered(page: str) -> list[str]:
    """Dollars and commands of TeX in a page's text outside of code and formulas, and in words of its attributes."""
    read = Elements(page)
    words = read.words + [value for _, attrs in read.found for name, value in attrs.items() if name in SAID]
    return [word.strip()[:80] for word in words if TEX.search(word)]


def holes(page: str) -> int:
    """Number of places of an instrument that say nothing where no script runs."""
    return [*PLACE.findall(page)].count("")


def head_faults(page: str, path: Path) -> list[str]:
    """What is wrong with a page's viewport, which must be named once and be free to grow, and with its icon."""
    found = Elements(page).found
    views = [attrs["content"] for tag, attrs in found if tag == "meta" and attrs.get("name") == "viewport"]
    icons = [attrs["href"] for tag, attrs in found if tag == "link" and attrs.get("rel") == "icon"]
    faults = [] if len(views) == 1 else [f"{len(views)} viewports"]
    faults += [view for view in views if re.search("user-scalable|m(ax|in)imum-scale", view)]
    return faults + [f"icon {icon}" for icon in icons or ["?"] if not (path.parent / icon).is_file()]


def stems(text: str) -> set[str]:
    """Words of a text, code or prose, as the search index keeps them: split and stemmed by Sphinx itself."""
    language = SearchEnglish({})
    words = {w for w in language.split(text) if len(w) >= 3 and not w[0].isdigit()}
    return {stem for stem in map(language.stem, words) if language.word_filter(stem)}


def secrets(root: Path) -> tuple[set[str], set[str]]:
    """Lines, and stems of words, that stand in a solution and nowhere that the reader may look.

    Fails for a manuscript whose solutions have no word of their own: the search index could not be checked for it.
    """
    hidden, public = {}, []
    for path in ms.manuscripts(root, ms.EXERCISES):
        for cell in ms.read(path).cells:
            hidden.setdefault(path.name, []).extend(SOLUTION.findall(cell.source))
            public.append(SOLUTION.sub("", cell.source))
    others = [root / "book" / name for name in ("index.md", "glossary.md", "bibliography.md", "references.bib")]
    public += [path.read_text("utf-8") for path in [*ms.lectures(root), *others] if path.exists()]
    for path in stored(root, "notebooks"):  # what the cells of the chapters print
        public += [text_of(cell.get("outputs", [])) for cell in nbformat.read(path, 4).cells]
    shown, known = squeezed("\n".join(public)), stems("\n".join(public))
    lines = {squeezed(line) for texts in hidden.values() for text in texts for line in text.splitlines()}
    words = {name: stems("\n".join(texts)) - known for name, texts in hidden.items() if texts}
    for name, own in words.items():
        assert own, (
            f"{ms.EXERCISES}/{name}: every word of its solutions stands in public text too, so the search index cannot "
            "be checked for them. Put one distinctive word, used nowhere else, into a comment of a solution."
        )
    return {line for line in lines if len(line) >= 20 and line not in shown}, set().union(*words.values())


def squeezed(text: str) -> str:
    """Text without the white space that a builder may add or take."""
    return re.sub(r"\s+", "", text)


def leaks(name: str, text: str, lines: set[str], words: set[str]) -> list[str]:
    """Solution lines in one file of the site; in the search index, which cuts lines, the stems of their words too."""
    found = []
    if name == "searchindex.js":
        index = json.loads(text[text.index("{") : text.rindex("}") + 1])
        found = sorted(words & (index["terms"].keys() | index["titleterms"].keys()))
    plain = squeezed(html.unescape(re.sub(r"<[^>]+>", "", text)) if name.endswith(".html") else text)
    plain = plain.replace("\\n", "").replace('\\"', '"').replace('","', "")
    return found + sorted(line for line in lines if line in plain) + ["BEGIN SOLUTION"] * ("BEGINSOLUTION" in plain)


def test_the_checks_see_what_they_look_for():
    for page in ('<img src="https://a.org/x.png" alt="x">', '<script src="//a.org/x.js"></script>'):
        assert outside(page)
    assert outside('<link rel="stylesheet" href="https://a.org/x.css">')
    assert outside("<style>@import 'https://a.org/x.css'; a {background: url(//b.org/y.png)}</style>")
    assert not outside('<a href="https://creativecommons.org">licence</a><img src="x.png" alt="A line">')
    assert wordless('<img src="x.png">')
    assert wordless('<img src="x.png" alt="../_images/x.png">')
    assert not wordless('<img src="x.png" alt="Energy falls with each sweep">')
    assert tracebacks("<pre>Traceback (most recent call last)</pre>")
    for page in (
        "<p>$$",
        "<p>so \\alpha",
        "<p>\\(a\\)",
        '<img alt="$K$">',
        "<title>\\(K\\)</title>",
        "<pre></pre>a \\\\ b",
    ):
        assert unrendered(page), page
    assert not unrendered(
        '<pre>$x <b>\\n</b></pre><span class="math">\\(a<span>\\le</span>\\)</span> <code>\\d</code> is 5'
    )
    places = (
        '<div data-instrument="x">{}</div>',
        '<script type="application/vnd.jupyter.widget-view+json">{{}}</script>{}',
    )
    for place in places:
        assert holes(place.format("")) == holes(place.format("<noscript><p>Needs it.</p></noscript>")) == 1
        assert holes(place.format(f"<noscript><p>{'A sentence. ' * 6}</p></noscript>")) == 0
    view = '<meta name="viewport" content="width=device-width{}"><link rel="icon" href="{}">'
    assert head_faults(view.format("", Path(__file__).name), Path(__file__)) == []
    assert head_faults(view.format(", maximum-scale=1", "x.svg") * 2, Path(__file__))[0] == "2 viewports"
    assert len(head_faults(view.format(", maximum-scale=1", "x.svg") * 2, Path(__file__))) == 5
    lines, words = {squeezed("answer_of_all = overlaps @ patterns")}, stems("# 2 hedgehogs sleeping")
    assert words == {"hedgehog", "sleep"}
    marked = "<pre><span>answer_of_all</span> <span>=</span>\n <span>overlaps</span> @ patterns</pre>"
    assert leaks("a.html", marked, lines, words)
    assert leaks("a.ipynb", '"answer_of_all = overlaps @ patterns\\n",', lines, words)
    index = 'Search.setIndex({"terms": {"hedgehog": 3, "other": 0}, "titleterms": {"sleep": 1}})'
    assert leaks("searchindex.js", index, lines, words) == ["hedgehog", "sleep"]
    assert not leaks("searchindex.js", index, lines, stems("badgers"))
    assert not leaks("a.html", "<pre>other = 1</pre>", lines, words)


def test_lock_files_name_hashes_and_no_server(root):
    locks = [path for folder in ("book", "tests") for path in (root / folder).rglob("package-lock.json")]
    locks = [path for path in locks if "node_modules" not in path.parts]
    assert {path.parent.name for path in locks} == {"book", "js_tools"}
    for path in locks:
        packages = json.loads(path.read_text("utf-8"))["packages"]
        fetched = {name: package for name, package in packages.items() if name}
        assert fetched
        assert [n for n, package in fetched.items() if "resolved" in package or not package.get("integrity")] == []


@pytest.mark.slow
def test_no_page_shows_a_traceback_or_a_picture_without_words(site, root):
    for name in pages(root):
        text = (site / f"{name}.html").read_text("utf-8")
        assert tracebacks(text) == [], name
        assert wordless(text) == [], name


@pytest.mark.slow
def test_every_file_is_whole_for_every_reader(site):
    """No TeX is left as text, an instrument leaves words where no script runs, a page has its icon and one viewport."""
    files = [path for path in site.rglob("*.html") if not path.is_relative_to(site / "_static")]
    assert site / "index.html" in files
    for path in files:
        text = path.read_text("utf-8")
        assert (unrendered(text), holes(text), head_faults(text, path)) == ([], 0, []), path
    places = [
        PLACE.findall((site / f"{name}.html").read_text("utf-8")) for name in ("book/index", "book/chapters/05-modern")
    ]
    assert [len(found) for found in places] == [1, 1]


@pytest.mark.slow
def test_no_file_loads_anything_from_another_host(site):
    if not shutil.which("npm") and os.environ.get("CI") != "true":
        pytest.skip("no npm here, so the site uses public servers")
    for path in site.rglob("*"):
        if path.suffix == ".html":
            assert outside(path.read_text("utf-8")) == [], path
        elif path.suffix == ".css":
            assert outside_style(path.read_text("utf-8")) == [], path


def test_a_secret_word_is_one_that_no_reader_sees(tmp_path, root):
    front = (root / "book/chapters/00-start.md").read_text("utf-8").partition("\n# ")[0]
    cell = "```{{code-cell}} ipython3\n:id: toy\n### BEGIN SOLUTION\n{}\n### END SOLUTION\n```\n"
    for folder in (ms.CHAPTERS, ms.EXERCISES):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ms.CHAPTERS / "01-toy.md").write_text(front + "\n\nOne spinning overlap.\n", "utf-8")
    exercise = tmp_path / ms.EXERCISES / "01-toy.md"
    exercise.write_text(front + "\n\n" + cell.format("overlaps = spins  # hedgehogs"), "utf-8")
    assert secrets(tmp_path) == ({"overlaps=spins#hedgehogs"}, {"hedgehog"})
    exercise.write_text(front + "\n\n" + cell.format("overlaps = spins"), "utf-8")
    with pytest.raises(AssertionError, match="one distinctive word"):
        secrets(tmp_path)


@pytest.mark.slow
def test_no_file_holds_a_solution(site, root):
    lines, words = secrets(root)
    assert lines, "no solution was found to look for"
    assert words, "no word was found to look for in the search index"
    stems_of_site = (site / "searchindex.js").read_text("utf-8")
    assert leaks("searchindex.js", stems_of_site, set(), stems("NotImplementedError")), "the index is read wrongly"
    assert list((site / "_sources").rglob("*.ipynb")), "the sources of the exercises are looked through too"
    for path in sorted(p for p in site.rglob("*") if p.is_file() and "vendor" not in p.parts):
        if path.suffix in TEXT:
            assert leaks(path.name, path.read_text("utf-8"), lines, words) == [], path
        elif path.suffix == ".inv":
            assert b"solution" not in zlib.decompress(path.read_bytes().split(b"zlib.\n", 1)[1]), path
    assert not list(site.rglob("solutions*"))


@pytest.mark.slow
def test_every_page_keeps_its_budget(site, root):
    """300 kB for the page's own file with its instruments, as stored; sizes are the same on every machine."""
    print()
    for name in pages(root):
        weight = budgets.page_weight(site / f"{name}.html")
        print(f"{name}: {weight}")
        assert int(weight.split()[0]) <= 300, name


@pytest.mark.slow
def test_stored_widget_state_is_in_the_page_only(site, root):
    """The page runs without a kernel, so it carries its instruments; the stored notebook does not."""
    shown = [n for n in pages(root) if "widget-state+json" in (site / f"{n}.html").read_text("utf-8")]
    assert shown, "no page holds an instrument"
    for path in stored(root, "notebooks"):
        assert editions.WIDGET not in path.read_text("utf-8")


# Formulas of a page that are not typeset, or cut off: each fits into every box around it, or into one that scrolls and
# that a key reaches; and those where a line ends between the formula and a sign that touches it.
FORMULAS = """() => {
  const found = [], article = document.querySelector('.bd-article-container');
  for (const box of article.querySelectorAll('details')) box.open = true;
  for (const formula of article.querySelectorAll('.math')) {
    const near = formula.closest('p, li, td, dd, div').textContent.trim().slice(0, 80);
    const typeset = formula.querySelector('mjx-math, .katex-html');
    if (!typeset || formula.querySelector('mjx-merror, [data-mjx-error], .katex-error')) found.push(`as TeX: ${near}`);
    const { left, right } = (typeset ?? formula).getBoundingClientRect();
    for (let box = typeset?.parentElement ?? formula; box !== article.parentElement; box = box.parentElement) {
      const edge = box.getBoundingClientRect(), way = getComputedStyle(box).overflowX;
      const out = left < edge.left - 1 || right > edge.right + 1;
      if (way === 'auto' || way === 'scroll') {
        const keys = box.matches('[tabindex="0"]') || box.querySelector('[tabindex="0"]');
        if (out && !keys) found.push(`no key reaches the end: ${near}`);
        break;
      }
      if (out && (way !== 'visible' || box === article)) {
        found.push(`cut off: ${near}`);
        break;
      }
    }
    const own = formula.getBoundingClientRect();
    for (const [text, place] of [[formula.previousSibling, -1], [formula.nextSibling, 0]]) {
      if (formula.matches('div') || !/\\S/.test(text?.data?.at(place) ?? ' ')) continue;
      const sign = document.createRange(), start = place ? text.length - 1 : 0;
      sign.setStart(text, start);
      sign.setEnd(text, start + 1);
      const { top, bottom } = sign.getBoundingClientRect(), middle = (top + bottom) / 2;
      if (middle < own.top || middle > own.bottom) found.push(`torn from its ${text.data.at(place)}: ${near}`);
    }
  }
  return found;
}"""


# Words of a page, outside of instruments, that white paper would show too faintly.
FAINT = """() => {
  const linear = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const words = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = [];
  while (words.nextNode()) {
    const { data, parentElement: box } = words.currentNode;
    if (!data.trim() || !box.checkVisibility() || box.closest('.dt, svg, form, script, style')) continue;
    const [red, green, blue] = getComputedStyle(box).color.match(/[\\d.]+/g).map(linear);
    const contrast = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(1)}: ${data.trim().slice(0, 60)}`);
  }
  return found;
}"""

# Parts of a page, outside of instruments, that lie over each other, or over its edge.
OVERLAPS = """() => {
  const seen = (all) => [...all].filter((e) => e.checkVisibility() && !e.closest('.dt') && e.getClientRects().length);
  const nested = 'article :is(section, ul, ol, dl, blockquote, td), .header-article__inner';
  const rows = seen(document.querySelectorAll(nested));
  const columns = '#pst-primary-sidebar, .bd-article-container, #pst-secondary-sidebar';
  const found = [];
  for (const parts of [seen(document.querySelectorAll(columns)), ...rows.map((row) => seen(row.children))]) {
    parts.forEach((part, k) => {
      const a = part.getBoundingClientRect();
      for (const other of parts.slice(k + 1)) {
        const b = other.getBoundingClientRect();
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && tall > 1) found.push([part, other].map((e) => e.outerHTML.slice(0, 60)).join(' over '));
      }
    });
  }
  return found;
}"""


def show(page: object, url: str) -> None:
    """Open a page and wait until it asks for nothing more and all its instruments are there."""
    page.goto(url, wait_until="networkidle")
    page.wait_for_function(MOUNTED, timeout=60_000)


# --- in Chromium -----------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("name", [*pages(ROOT), *ADDED])
def test_a_page(browser, address, site, name):
    """One load of a page, on a phone in light, then dark on a desk, then with its instruments in use.

    Nothing is asked of another host, no file is missing, no script fails, nothing scrolls sideways at 390 px; axe finds
    nothing serious; each instrument follows its slider by key and by pointer, and how fast is printed; an instrument's
    name is the key of its links, so each stands once.
    """
    if name in ADDED and not (site / f"{name}.html").exists():
        pytest.skip(f"this builder makes no page {name}")
    with opened(browser, address, width=390) as (page, log):
        show(page, f"{address}/{name}.html")
        # Before axe, which asks for style sheets by itself.
        assert (log.outside, log.missing, log.errors, log.said) == ([], [], [], [])
        found = []
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            found += [f"{width}: {line}" for line in page.evaluate(FORMULAS)]
        page.add_style_tag(content="* { transition: none !important; }")  # menus stand where they will
        for change in ("dir = 'rtl'", "style.fontSize = '32px'"):
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate(f"document.documentElement.{change}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, change
                found += [f"{change}, {width}: {line}" for line in page.evaluate(OVERLAPS)]
            page.evaluate("for (const name of ['dir', 'style']) document.documentElement.removeAttribute(name)")
        page.emulate_media(media="print", color_scheme="dark")
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
        found += [f"on paper, {line}" for line in page.evaluate(FAINT)]
        page.emulate_media(media="screen")
        for theme, width in LOOKS if name == "book/index" else LOOKS[::2]:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
            with contextlib.suppress(PlaywrightTimeout):  # a slow machine takes longer; what never comes, axe tells
                page.wait_for_function(REACHED, timeout=5_000)
            found += [f"{theme}, {width}: {line}" for line in serious(page)]
        assert found == []
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        instruments = page.locator(".dt").all() if name not in ADDED else []
        names = [instrument.get_attribute("aria-label") for instrument in instruments]
        assert len(set(names)) == len(names)
        for instrument, title in zip(instruments, names, strict=True):
            if instrument.locator("input[type=range]").count():  # a sketch has none; its own tests drag it
                moves(page, instrument)
                print(f"{name.rpartition('/')[2]}, {title}: {latency(instrument)}")
            assert ends(instrument) == [], title
        assert (log.outside, log.errors) == ([], [])


@pytest.mark.browser
def test_the_start_page_is_alive_on_a_phone(browser, address):
    """The headline is there long before the theme's scripts are: it waits for none of them."""
    with opened(browser, address, width=390) as (page, log):
        held = []
        late = re.compile(r"/(fontawesome|bootstrap|pydata-sphinx-theme|tex-mml-chtml)\.js")
        page.route(late, lambda route: held.append(route))
        page.goto(f"{address}/book/index.html", wait_until="commit")
        page.get_by_role("slider", name="Step").wait_for(timeout=20_000)
        assert held, "scripts of the theme are asked for"
        step = page.get_by_role("slider", name="Step")
        step.press("End")
        assert step.get_attribute("aria-valuetext") == "10 of 10"
        ready = page.evaluate("performance.now()")
        print(f"\nstart page: moved {ready:.0f} ms after it was asked for, on this machine")
        for route in held:
            route.continue_()
        assert log.errors == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "before",
    [
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name,"
        " { configurable: true, get() { throw new DOMException('refused', 'SecurityError'); } });",
        "localStorage.setItem('mode', 'sepia');",
    ],
    ids=["refused", "unknown"],
)
def test_the_console_stays_empty_whatever_is_stored(browser, address, before):
    with opened(browser, address) as (page, log):
        page.add_init_script(before)
        show(page, f"{address}/book/notation.html")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        assert (log.errors, log.said) == ([], [])


@pytest.mark.browser
def test_without_scripts_a_page_says_what_is_missing(browser, address):
    with opened(browser, address, java_script_enabled=False) as (page, _):
        for name in ("book/index", "book/chapters/05-modern"):
            page.goto(f"{address}/{name}.html")
            words = page.locator("article noscript p")
            assert words.count() == 1
            assert words.inner_text().startswith("Here an instrument would run: ")
            assert words.bounding_box()["height"] < 300, "no empty room around it"


@pytest.mark.browser
def test_the_map_leads_to_every_chapter(browser, address, root):
    with opened(browser, address) as (page, _):
        show(page, f"{address}/book/index.html")
        links = page.locator(".course-map a").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
        assert [f"book/{link.removesuffix('.html')}" for link in links] == [
            f"{ms.CHAPTERS}/{chapter.page.removesuffix('.md')}" for chapter in course.chapters(root)
        ]
        page.locator(".course-map a").nth(2).press("Enter")
        page.wait_for_url("**/02-hopfield.html")


@pytest.mark.browser
def test_a_link_to_a_state_works_on_the_page(browser, address):
    with opened(browser, address) as (page, log):
        show(page, f"{address}/book/chapters/02-hopfield.html#recall=1&store=letters&count=8")
        recall = page.locator(".dt").first
        assert recall.locator(".dt-bar").count() == 8
        page.wait_for_function("Math.abs(document.querySelector('.dt').getBoundingClientRect().top) < 200")
        assert recall.get_by_label("Store", exact=True).locator("option:checked").inner_text() == "letters"
        recall.get_by_role("button", name="link", exact=True).click()
        assert {"#hopfield_retrieval=1", "store=letters", "count=8", "rule=hebb"} <= set(re.split("&|(?=#)", page.url))
        assert log.errors == []


@pytest.mark.browser
def test_search_finds_a_word(browser, address):
    with opened(browser, address) as (page, log):
        show(page, f"{address}/search.html?q=overlap")
        page.locator("#search-results li a").first.wait_for(timeout=10_000)
        assert log.errors == []
