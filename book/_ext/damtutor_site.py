"""Sphinx extension of the book: links between pages, alternative text of figures, self-hosted scripts."""

from __future__ import annotations

import sys
from pathlib import Path

from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).parents[1]))
import manuscript

VENDOR = "book/_static/vendor"
SCRIPTS = ("vendor/require.js", "setup.js", "vendor/embed-amd.js")
plain_image = NbElementRenderer.render_image


def image_with_alt(self: NbElementRenderer, data: MimeData) -> list:
    """Image node of an output; its alternative text is what the figure wrote into the output's metadata."""
    nodes = plain_image(self, data)
    alt = data.output_metadata.get(data.mime_type, {}).get("alt")
    for node in nodes if alt else ():
        node["alt"] = alt
    return nodes


def set_links(app: Sphinx, docname: str, source: list[str]) -> None:
    """Links that were written for the manuscript, or for JupyterLab, lead to the pages of the site."""
    try:
        source[0] = manuscript.site_source(docname, source[0], Path(app.srcdir))
    except manuscript.ManuscriptError as err:
        raise ExtensionError(str(err)) from err


def use_own_scripts(app: Sphinx, config: object) -> None:
    """Serve the widget loader and MathJax from the site itself, if they were fetched (see book/build.py)."""
    if (Path(app.srcdir) / VENDOR).is_dir():
        config.mathjax_path = "vendor/mathjax/tex-mml-chtml.js"
        config.nb_ipywidgets_js = {script: {} for script in SCRIPTS}


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
    app.connect("html-page-context", tidy, priority=900)
    # Before the theme's own icons script, which reads the setting once.
    app.add_js_file("icons.js", priority=10)
    app.add_css_file("site.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
