"""Sphinx extension of the book: links between pages, words for figures and instruments, self-hosted scripts."""

from __future__ import annotations

import json
import os
import re
from html import escape
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from publish import course, manuscript

VENDOR, ICON = "book/_static/vendor", "_static/favicon.svg"
SCRIPTS = ("vendor/require.js", "setup.js", "vendor/embed-amd.js")
INSTRUMENT = re.compile(r'data-instrument="(\w+)"')
PLACE = re.compile(r'(<div data-instrument="(\w+)">).*?</div>', re.S)
# What stands beside a formula without a space; after a hyphen, a dash or a slash a line may end.
BEFORE, BEHIND = re.compile(r"[^\s/–—-]+$"), re.compile(r"^(?:[^\s/–—-]+[/–—-]?|[/–—-])")
# Pages that moved: at the old address stands a page that leads on, with the fragment of the address. So does the
# first page of the site, which is in the folder of the book.
FORMER_PAGES = {
    "book/chapters/00-attention-in-60-minutes": "book/routes/00-attention-in-60-minutes",
    "index": "book/index",
}
LEAD_ON = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Associative memory</title><link rel="canonical" href="{to}"><link rel="icon" href="{icon}">
<script>location.replace("{to}" + location.hash)</script><meta http-equiv="refresh" content="1; url={to}"></head>
<body><p>This page stands at another address: <a href="{to}">go on</a>.</p></body></html>
"""
STATE, VIEW = "application/vnd.jupyter.widget-state+json", "application/vnd.jupyter.widget-view+json"
VIEWPORT = re.compile(r'\s*<meta name="viewport"[^>]*>')
plain_image = NbElementRenderer.render_image


def image_with_alt(self: NbElementRenderer, data: MimeData) -> list:
    """Image node of an output; its alternative text is what the figure wrote into the output's metadata."""
    images = plain_image(self, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt")
    for image in images if alt else ():
        image["alt"] = alt
    return images


def join_formulas(document: nodes.document) -> None:
    """A formula within a line and what touches it become one piece: no line begins with the full stop behind it."""

    def taken(node: nodes.Node, step: int, touching: re.Pattern) -> list[nodes.Text]:
        """Cut what touches a node out of the text behind it (step 1) or before it (-1), also around bold type."""
        row, at = node.parent, node.parent.index(node) + step
        if not 0 <= at < len(row):
            return taken(row, step, touching) if isinstance(row, nodes.Inline) else []
        found = touching.search(row[at]) if isinstance(row[at], nodes.Text) else None
        if not found:
            return []
        row[at] = nodes.Text(row[at][: found.start()] + row[at][found.end() :])
        return [nodes.Text(found[0])]

    for formula in list(document.findall(nodes.math)):
        head, tail = taken(formula, -1, BEFORE), taken(formula, 1, BEHIND)
        if head or tail:
            row = formula.parent
            row[row.index(formula)] = nodes.inline("", "", *head, formula, *tail, classes=["dt-joined"])


def without_script(words: str) -> str:
    """What stands in the place of an instrument where no script runs; words: what would be seen, as a sentence."""
    cure = "Allow JavaScript for this page and load it again, or run the page as a notebook: the start page says how."
    return f"<noscript><p>Here an instrument would run: {escape(words)} {cure}</p></noscript>"


def describe_instruments(document: nodes.document) -> None:
    """Behind the view of every widget, for readers without scripts, the words that the widget itself has for it."""
    for bundle in document.findall(lambda node: isinstance(node, nodes.container) and "nb_element" in node):
        shown = {part["mime_type"]: part for part in bundle if "mime_type" in part}
        if VIEW in shown and "text/plain" in shown:
            words = shown["text/plain"].astext().partition(": ")[2]
            shown[VIEW] += nodes.raw("", without_script(words), format="html")


def adapt(app: Sphinx, document: nodes.document) -> None:
    """What a page needs that Markdown cannot say."""
    join_formulas(document)
    describe_instruments(document)


def set_links(app: Sphinx, docname: str, source: list[str]) -> None:
    """What is gathered from the chapters stands in its place, and links lead to the pages of the site."""
    root = Path(app.srcdir)
    try:
        source[0] = manuscript.site_source(docname, course.fill(source[0], root), root)
    except manuscript.ManuscriptError as err:
        raise ExtensionError(str(err)) from err


def use_own_scripts(app: Sphinx, config: object) -> None:
    """Serve the widget loader and MathJax from the site itself, if they were fetched (see `publish.site`)."""
    if (Path(app.srcdir) / VENDOR).is_dir():
        config.mathjax_path = "vendor/mathjax/tex-mml-chtml.js"
        config.nb_ipywidgets_js = {script: {} for script in SCRIPTS}


def carry_instruments(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """One script a page for all its instruments, each module in it once; without it every widget brings a copy.

    An instrument that the page names with `data-instrument` starts from that script alone, without a widget manager.
    The script stands behind the last such place and waits for nothing: it runs while the theme is still loading.
    """
    from damtutor import widgets
    from damtutor.widgets.kit.bundle import bundle, starter, stub

    def described(found: re.Match) -> str:
        return found[1] + without_script(widgets.named(found[2])().describe()) + "</div>"

    context["body"] = body = PLACE.sub(described, context.get("body", ""))
    named = [widgets.named(name) for name in INSTRUMENT.findall(body)]
    kinds = list(named)
    for file in context.get("script_files", []):
        if file.attributes.get("type") == STATE:
            held = json.loads(file.attributes["body"])
            for state in (model["state"] for model in held["state"].values()):
                kind = state.get("_anywidget_id", "").rpartition(".")[2]
                if kind in widgets.__all__:
                    kinds.append(widgets.named(kind))
                    state.update(_esm=stub(kinds[-1].slug), _css="")
            file.attributes["body"] = json.dumps(held, separators=(",", ":")).replace("</", "<\\/")
    if not kinds:
        return
    script = f"_static/instruments/{page.rpartition('/')[2]}.js"
    path = Path(app.outdir) / script
    path.parent.mkdir(parents=True, exist_ok=True)
    starts = [starter(kind()) for kind in dict.fromkeys(named)]
    path.write_text(bundle(kinds) + "".join(starts), "utf-8")
    place = body.index("</div>", [m.end() for m in INSTRUMENT.finditer(body)][-1]) + 6 if named else len(body)
    first = 'fetchpriority="high" ' if named else ""
    tag = f'<script async {first}src="{context["pathto"](script, resource=True)}"></script>'
    context["body"] = body[:place] + tag + body[place:]


def lead_on(app: Sphinx, error: Exception | None) -> None:
    """A page that leads on at the address of every page that moved."""
    for old, new in () if error else FORMER_PAGES.items():
        if new in app.env.found_docs:
            page = Path(app.outdir) / f"{old}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            to, icon = (
                os.path.relpath(file, os.path.dirname(old)).replace(os.sep, "/") for file in (f"{new}.html", ICON)
            )
            page.write_text(LEAD_ON.format(to=to, icon=icon), "utf-8")


def tidy(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Leave out what the book does not use: scripts of a live-code service, an empty list role, a second viewport."""
    scripts = context.get("script_files", [])
    context["script_files"] = [s for s in scripts if "thebe" not in f"{s.filename} {s.attributes.get('body')}".lower()]
    # The theme's own template names it too (see _templates/layout.html).
    context["metatags"] = VIEWPORT.sub("", context.get("metatags", ""))
    # A list whose entries are no list items is read out wrongly.
    context["body"] = context.get("body", "").replace('role="list" class="citation-list"', 'class="citation-list"')


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    NbElementRenderer.render_image = image_with_alt
    app.connect("source-read", set_links)
    app.connect("doctree-read", adapt)
    app.connect("config-inited", use_own_scripts)
    app.connect("html-page-context", carry_instruments, priority=900)
    app.connect("html-page-context", tidy, priority=900)
    app.connect("build-finished", lead_on, priority=400)  # before the builder puts a page of its own at the root
    # Before the theme's own scripts, which read the settings once.
    app.add_js_file("before_theme.js", priority=10)
    app.add_css_file("site.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
