"""One bundler for the lab and for the page: every JavaScript file a function of its own, after those it imports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from damtutor import palette
from damtutor.widgets.kit.former_names import FORMER

HERE = Path(__file__).parents[1]
FRAME = "kit/frame.js"

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.{1,2}/[^"]+)";[ \t]*\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*))", re.M)
_RENDERS = re.compile(r"^export default \{\s*(?:render|render:\s*(\w+))\s*,?\s*\};[ \t]*\n?", re.M)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.M)
# Comments that have their lines for themselves, types within a line, empty lines and tabs before a line, also
# within a template literal: a page carries none.
_COMMENT = re.compile(
    r"^[ \t]*//.*\n|^[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t]*\n|/\*\* @type [^*\n]*\*/ |^[ \t]*\n|^\t+", re.M
)


class Bundled(Protocol):
    """What the bundler needs to know of an instrument's class: the one word for its folder, its files and its links."""

    slug: str


def module(entry: str, folder: Path = HERE) -> str:
    """The one ES module that anywidget loads: a file and all that it imports.

    Parameters
    ----------
    entry : a file, named from `folder`, with the default export `{ render }`.
    folder : where the files are.

    Returns
    -------
    The text of a module without any import.

    Raises
    ------
    ValueError : an import that is not relative, renames, or asks for what the other file does not export; a file that
        is not there; files that import each other in a circle; another form of export; no default export in `entry`.
    """
    return f"{_files([entry], folder)}export default {{ render: file[{json.dumps(entry)}].render }};\n"


def style(slug: str, folder: Path = HERE) -> str:
    """An instrument's own style sheet without its comments; empty if it has none."""
    path = folder / slug / f"{slug}.css"
    return _without_comments(path) if path.exists() else ""


def shared_style() -> str:
    """The style sheet that all instruments share, after the colours of both themes."""
    light, dark = palette.css().splitlines()  # paper is white
    return f"{light}\n@media not print {{ {dark} }}\n" + _without_comments(HERE / "kit" / "frame.css")


def entry(slug: str) -> str:
    """The file in which an instrument starts."""
    return f"{slug}/{slug}.js"


def bundle(kinds: Iterable[type[Bundled]]) -> str:
    """A script after which `damtutor.slug.render` starts an instrument; no module, so that it runs from a disk too.

    Parameters
    ----------
    kinds : classes of instruments, at least one.

    Raises
    ------
    ValueError : no instrument.
    """
    slugs = list(dict.fromkeys(kind.slug for kind in kinds))
    if not slugs:
        raise ValueError("no instrument; expected at least one class, such as HopfieldRetrieval")
    css = shared_style() + "".join(map(style, slugs))
    shown = "".join(f", {slug}: file[{json.dumps(entry(slug))}]" for slug in slugs)
    return (
        f"(() => {{\n{_files([FRAME, *map(entry, slugs)], HERE)}"
        "const style = document.createElement('style');\n"
        f"style.textContent = {json.dumps(css, ensure_ascii=False)};\ndocument.head.append(style);\n"
        f'const {{ localModel }} = file["{FRAME}"];\n'
        f"window.damtutor = {{ ...window.damtutor, localModel{shown} }};\n}})();\n"
    )


def stub(name: str) -> str:
    """What stands in a page in the place of an instrument's module: it waits for the page's script.

    Parameters
    ----------
    name : the instrument's slug.
    """
    wait = f"while (!window.damtutor?.{name}) await new Promise((go) => setTimeout(go, 20));"
    return f"export default {{ async render(view) {{ {wait} return window.damtutor.{name}.render(view); }} }};"


def starter(widget: Any) -> str:
    """Script that starts one instrument, without any widget library, in every element `data-instrument="slug"`.

    An element that names the instrument as it was called before is started too.
    """
    name = widget.slug
    names = [name, FORMER[name].class_name] if name in FORMER else [name]
    places = ", ".join(f"[data-instrument={word}]" for word in names)
    values = json.dumps({"config": widget.config, "settings": widget.settings}, ensure_ascii=False)
    return (
        f"for (const el of document.querySelectorAll('{places}')) {{\n"
        f"const values = {values};\n"
        "el.replaceChildren();\n"
        "const model = window.damtutor.localModel(values.config, values.settings);\n"
        f"window.damtutor.{name}.render({{ el, model }});\n}}\n"
    )


def _without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/\n?", "", path.read_text(encoding="utf-8"), flags=re.S)


def _files(entries: list[str], folder: Path) -> str:
    """`file[name]` for the entries and all they import, each after those that it imports."""
    given: dict[str, list[str]] = {}  # file -> names that it exports
    parts = ["const file = {};\n"]

    def visit(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            circle = " imports ".join((*importers[importers.index(name) :], name))
            raise ValueError(f"{circle}; expected imports that run one way")
        if name in given:
            return
        here = (folder / name).parent

        def imported(found: re.Match) -> str:
            path = (here / found[2]).resolve()
            if not path.is_file():
                raise ValueError(f"{name} imports {found[2]}; expected a file of that name")
            other = path.relative_to(folder.resolve()).as_posix()
            visit(other, (*importers, name))
            for word in filter(None, (word.strip() for word in found[1].split(","))):
                if word not in given[other]:
                    raise ValueError(f"{name} imports {word!r}, which {found[2]} does not export under this name")
            return f"const {{{found[1]}}} = file[{json.dumps(other)}];\n"

        code = _IMPORT.sub(imported, (folder / name).read_text(encoding="utf-8"))
        exports = _EXPORT.findall(code)
        renders = _RENDERS.search(code)
        if name in entries and name != FRAME and not renders:
            raise ValueError(f"{name}: no default export; expected `export default {{ render }};`")
        code = _EXPORT.sub("", _RENDERS.sub("", code))
        if left := _OTHER.search(code):
            raise ValueError(
                f'{name}: {left[0]!r}; expected `import {{ a, b }} from "./file.js";`, an exported function, class or '
                "name, or `export default { render };`"
            )
        given[name] = exports
        if renders:
            exports = [*exports, f"render: {renders[1]}" if renders[1] else "render"]
        body = _COMMENT.sub("", code)
        parts.append(f"file[{json.dumps(name)}] = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();\n")

    for name in dict.fromkeys(entries):
        visit(name, ())
    return "".join(parts)
