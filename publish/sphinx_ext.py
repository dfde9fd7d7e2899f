"""Sphinx extension of the book: links between pages, alternative text of figures, self-hosted scripts."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from publish import course, manuscript

VENDOR = "book/_static/vendor"
SCRIPTS = ("vendor/require.js", "setup.js", "vendor/embed-amd.js")
INSTRUMENT = re.compile(r'data-instrument="(\w+)"')
# Pages that moved: at the old address stands a page that leads on, with the fragment of the address.
FORMER_PAGES = {"book/chapters/00-attention-in-60-minutes": "book/routes/00-attention-in-60-minutes"}
LEAD_ON = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Moved</title><link rel="canonical" href="{to}">
<script>location.replace("{to}" + location.hash)</script><meta http-equiv="refresh" content="1; url={to}"></head>
<body><p>This page has moved: <a href="{to}">go on</a>.</p></body></html>
"""
STATE = "application/vnd.jupyter.widget-state+json"
plain_image = NbElementRenderer.render_image


def image_with_alt(self: NbElementRenderer, data: MimeData) -> list:
    """Image node of an output; its alternative text is what the figure wrote into the output's metadata."""
    nodes = plain_image(self, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt")
    for node in nodes if alt else ():
        node["alt"] = alt
    return nodes


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

    body = context.get("body", "")
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
            to = os.path.relpath(f"{new}.html", os.path.dirname(old)).replace(os.sep, "/")
            page.write_text(LEAD_ON.format(to=to), "utf-8")


def tidy(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Leave out the scripts of a live-code service that the book does not use, and an empty list role."""
    scripts = context.get("script_files", [])
    context["script_files"] = [s for s in scripts if "thebe" not in f"{s.filename} {s.attributes.get('body')}".lower()]
    # A list whose entries are no list items is read out wrongly.
    context["body"] = context.get("body", "").replace('role="list" class="citation-list"', 'class="citation-list"')


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    NbElementRenderer.render_image = image_with_alt
    app.connect("source-read", set_links)
    app.connect("config-inited", use_own_scripts)
    app.connect("html-page-context", carry_instruments, priority=900)
    app.connect("html-page-context", tidy, priority=900)
    app.connect("build-finished", lead_on)
    # Before the theme's own scripts, which read the settings once.
    app.add_js_file("before_theme.js", priority=10)
    app.add_css_file("site.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
