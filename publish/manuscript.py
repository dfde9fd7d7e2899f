"""The manuscript: text notebooks read into cells, with stable ids, and its links and roles for each edition.

A manuscript is a MyST text notebook: `book/chapters/NN-topic.md`, `book/exercises/NN-topic.md`, or a route through
them, `book/routes/NN-name.md`. It is read with the very reader of the site's builder, so that one execution can serve
the editions and the site.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from pathlib import Path

import nbformat
from myst_nb.core.read import MystMetadataParsingError, is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

CHAPTERS, ROUTES, EXERCISES = "book/chapters", "book/routes", "book/exercises"
ID = re.compile(r"[a-z0-9-]{1,64}")
MARKDOWN = MdParserConfig(enable_extensions={"dollarmath", "amsmath", "colon_fence"})

# Where a manuscript of one folder is found in each edition; an exercise is never linked to its solution.
EDITIONS = {
    "notebook": {
        CHAPTERS: ("notebooks", ".ipynb"),
        ROUTES: ("notebooks", ".ipynb"),
        EXERCISES: ("exercises", ".ipynb"),
    },
    "site": {CHAPTERS: (CHAPTERS, ".md"), ROUTES: (ROUTES, ".md"), EXERCISES: ("exercises", ".ipynb")},
}
CODE = r"(?P<code>^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)[`~]*\s*?$|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?P<text>[^`]+)`|" + CODE, re.M | re.S)
LINK = re.compile(r"(?P<open>\]\(|\bhref=\"|\bsrc=\")(?P<url>[^)\s\"]+)|" + CODE, re.M | re.S)
BOX = re.compile(r"^(?P<colons>:{3,})\{(?P<kind>\w+)\} *(?P<title>.*)\n(?P<body>(?:.*\n)*?)(?P=colons) *$", re.M)
TARGET = re.compile(r"^\([a-z0-9-]+\)=\n", re.M)


class ManuscriptError(ValueError):
    """A manuscript that cannot be made into its editions; the message says where and why."""


def topic(path: Path) -> str:
    """Topic of a manuscript: its name without the number, `04-dense.md` -> `dense`."""
    return path.stem.partition("-")[2]


def manuscripts(root: Path, folder: str, chapter: str = "") -> list[Path]:
    """Manuscripts of one folder in order; `chapter` ("04") keeps only that one."""
    return [p for p in sorted((root / folder).glob("[0-9]*-*.md")) if p.name.startswith(chapter)]


def lectures(root: Path, chapter: str = "") -> list[Path]:
    """Chapters and the routes through them, in order; `chapter` ("04") keeps only those of that number."""
    return manuscripts(root, CHAPTERS, chapter) + manuscripts(root, ROUTES, chapter)


def read(path: Path) -> nbformat.NotebookNode:
    """Read a manuscript as a notebook, exactly as the site's builder does (its execution cache depends on it)."""
    text = path.read_text("utf-8")
    if not is_myst_markdown_notebook(text):
        raise ManuscriptError(f"{path}: no jupytext front matter with format_name myst at the top of the file")
    try:
        nb = read_myst_markdown_notebook(text, config=MARKDOWN, add_source_map=True, path=path)
    except MystMetadataParsingError as err:
        raise ManuscriptError(f"{path}: {err}") from err
    if nb.metadata.get("kernelspec", {}).get("name") != "python3":
        raise ManuscriptError(f"{path}: the front matter must name the kernel python3")
    return nb


def cell_ids(nb: nbformat.NotebookNode, path: Path) -> list[str]:
    """One id a cell: as written, or "<next code cell's id>-text[-k]", or "<topic>-end[-k]" after the last one."""
    lines = nb.metadata.get("source_map", [0] * len(nb.cells))
    ids: list[str] = []
    waiting: list[int] = []
    end = (
        f"{topic(path)}-end" if path.parent.name in ("chapters", "routes") else f"{topic(path)}-{path.parent.name}-end"
    )
    for i, cell in enumerate(nb.cells):
        own = str(cell.metadata.get("id", ""))
        if cell.cell_type == "code" and not own:
            raise ManuscriptError(f"{path}, line {lines[i]}: a code cell without `:id:`")
        if own and not ID.fullmatch(own):
            raise ManuscriptError(f"{path}, line {lines[i]}: the id {own!r} is not 1 to 64 of a-z, 0-9 and hyphen")
        ids.append(own)
        if cell.cell_type == "code":
            _name(ids, waiting, f"{own}-text")
        elif not own:
            waiting.append(i)
    _name(ids, waiting, end)
    return ids


def _name(ids: list[str], waiting: list[int], stem: str) -> None:
    for k, i in enumerate(waiting, 1):
        ids[i] = stem if k == 1 else f"{stem}-{k}"
    waiting.clear()


def check_ids(root: Path) -> None:
    """Raise if two cells of the project have the same id."""
    seen: dict[str, str] = {}
    for path in lectures(root) + manuscripts(root, EXERCISES):
        nb = read(path)
        for name, line in zip(cell_ids(nb, path), nb.metadata.source_map, strict=True):
            here = f"{path}, line {line}"
            if name in seen:
                raise ManuscriptError(f"{here}: the id {name!r} is taken by {seen[name]}")
            seen[name] = here


def rewrite_links(text: str, here: str, page: str, edition: str, root: Path) -> str:
    """Rewrite the relative links of a Markdown text so that they work in one edition.

    Parameters
    ----------
    text : Markdown; code is left alone.
    here : the manuscript (or page) that the links were written in, from the root: "book/chapters/04-dense.md".
    page : where the text will stand, from the root: "notebooks/04-dense.ipynb".
    edition : "notebook" or "site".

    Raises
    ------
    ManuscriptError : a link to nothing.
    """

    def replace(match: re.Match) -> str:
        url = match["url"]
        if match["code"] or re.match(r"[a-z]+:|#|/", url):
            return match[0]
        target, _, fragment = url.partition("#")
        found = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
        for folder, (home, suffix) in EDITIONS["notebook"].items():  # the name of an edition means its manuscript
            named = f"{folder}/{posixpath.basename(found).removesuffix(suffix)}.md"
            if posixpath.dirname(found) in (home, folder) and found.endswith(suffix) and (root / named).exists():
                found = named
        if found.startswith("..") or not (root / found).exists():
            raise ManuscriptError(f"{here}: the link {url!r} leads to nothing ({found})")
        home, suffix = EDITIONS[edition].get(posixpath.dirname(found), (None, None))
        if home:
            found = f"{home}/{posixpath.basename(found).removesuffix('.md')}{suffix}"
        relative = os.path.relpath(found, posixpath.dirname(page) or ".").replace(os.sep, "/")
        return f"{match['open']}{relative}" + (f"#{fragment}" if fragment and edition == "site" else "")

    return LINK.sub(replace, text)


def plain(text: str, where: str, root: Path) -> str:
    """Markdown of the site as Markdown that JupyterLab shows: roles to words, boxes to quotations."""

    def role(match: re.Match) -> str:
        name, words = match["role"], match["text"]
        if match["code"]:
            if match["fence"] and re.match(r"[`~]+\{", match["code"]):
                raise ManuscriptError(f"{where}: a directive that a notebook cannot show: {match[0].splitlines()[0]}")
            return match[0]
        if name == "term":
            return words.partition(" <")[0]
        if name in ("cite:p", "cite:t", "cite"):
            cited = [cite(key.strip(), root, where) for key in words.split(",")]
            if name == "cite:t":
                return " and ".join(f"{who} ({year})" for who, year in cited)
            return "(" + "; ".join(f"{who} {year}" for who, year in cited) + ")"
        raise ManuscriptError(f"{where}: the role {{{name}}} has no meaning in a notebook")

    def box(match: re.Match) -> str:
        body = [line for line in match["body"].splitlines() if not re.match(r":\w[\w-]*:", line)]
        if match["kind"] == "dropdown":
            return "\n".join(["<details>", f"<summary>{match['title']}</summary>", "", *body, "", "</details>"])
        title = match["title"] or match["kind"].capitalize()
        return "\n".join(f"> {line}".rstrip() for line in [f"**{title}**", "", *body])

    return ROLE.sub(role, BOX.sub(box, TARGET.sub("", text)))


def cite(key: str, root: Path, where: str) -> tuple[str, str]:
    """Names and year of one entry of the bibliography: ("Krotov and Hopfield", "2016")."""
    from pybtex.database import parse_file

    entries = parse_file(root / "book/references.bib").entries
    if key not in entries:
        raise ManuscriptError(f"{where}: no entry {key!r} in book/references.bib")
    entry = entries[key]
    names = [" ".join(p.prelast_names + p.last_names).strip("{}") for p in entry.persons["author"]]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return who, entry.fields["year"]


def site_source(docname: str, text: str, root: Path) -> str:
    """Source of a page of the site with its links set for the site (Markdown, or a notebook as JSON)."""
    path = root / f"{docname}.ipynb"
    if not path.exists():
        return rewrite_links(text, f"{docname}.md", f"{docname}.md", "site", root)
    nb = json.loads(text)
    here = f"{docname}.ipynb"
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = rewrite_links("".join(cell["source"]), here, here, "site", root)
    return json.dumps(nb)
