"""The site: fetch the scripts that pages serve themselves, build into _build/html, and show it."""

from __future__ import annotations

import functools
import hashlib
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from publish import editions

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
VENDOR = BOOK / "_static" / "vendor"
CDN = "No npm here: the pages will load the widget scripts and MathJax from public servers."


def assets() -> bool:
    """Copy the pinned widget loader, MathJax and anywidget into the site's static files.

    Returns
    -------
    bool : False if there is no npm, or it cannot fetch them; the pages then use the public servers.
    """
    anywidget = Path(importlib.util.find_spec("anywidget").origin).parent / "nbextension" / "index.js"
    lock = (BOOK / "package-lock.json").read_bytes()
    digest = hashlib.sha256(lock + anywidget.read_bytes()).hexdigest()
    stamp = VENDOR / "stamp"
    if stamp.exists() and stamp.read_text("utf-8") == digest:
        return True
    npm = shutil.which("npm")
    if npm:
        done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=BOOK, check=False)
    if not npm or done.returncode:
        print(CDN if not npm else CDN.replace("No npm here", "npm could not fetch the scripts"), file=sys.stderr)
        shutil.rmtree(VENDOR, ignore_errors=True)
        return False
    shutil.rmtree(VENDOR, ignore_errors=True)
    modules, mathjax = BOOK / "node_modules", VENDOR / "mathjax"
    shutil.copytree(modules / "mathjax/es5/output/chtml/fonts/woff-v2", mathjax / "output/chtml/fonts/woff-v2")
    shutil.copy(modules / "mathjax/es5/tex-mml-chtml.js", mathjax)
    shutil.copy(modules / "requirejs/require.js", VENDOR)
    manager = modules / "@jupyter-widgets/html-manager/dist"
    # The manager's style asks for icon fonts beside the script.
    for file in [manager / "embed-amd.js", *manager.glob("*.woff2")]:
        shutil.copy(file, VENDOR)
    shutil.copy(anywidget, VENDOR / "anywidget.js")
    stamp.write_text(digest, "utf-8")
    return True


def site() -> int:
    """Build the whole site afresh; the exit code of jupyter-book."""
    assets()
    editions.fresh_cache(ROOT)
    for old in ("html", ".doctrees", "jupyter_execute"):  # a page that left the book, or an old index, would stay
        shutil.rmtree(ROOT / "_build" / old, ignore_errors=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
    command += ["--toc", "book/_toc.yml", "--config", "book/_config.yml", "--path-output", "."]
    # A page that runs here must not write into anyone's record of solved exercises.
    env = os.environ | {"DAMTUTOR_RECORD": str(ROOT / "_build" / "record.json"), "PYTHONWARNINGS": "ignore"}
    return subprocess.run([*command, "-W", "--keep-going", "-q"], cwd=ROOT, env=env, check=False).returncode


def clean() -> int:
    """Remove what was built and fetched."""
    for folder in (ROOT / "_build", VENDOR, BOOK / "node_modules"):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def serve(port: int) -> int:
    """Show the built site until Ctrl-C; on this machine only."""
    if not (ROOT / "_build/html/index.html").exists():
        print("The site is not built yet: `make book`, or `python -m publish site`.", file=sys.stderr)
        return 1
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=ROOT / "_build/html")
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}/ (Ctrl-C stops)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
