"""One script for a page with several instruments: every module once, where a notebook keeps a copy for each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from damtutor.widgets.base import COMMENT, CSS, DECLARED, HERE, IMPORT, Instrument, tighten

_RENDERS = re.compile(r"^export default \{\s*(?:render|render:\s*(\w+))\s*,?\s*\};[ \t]*\n?", re.M)


def bundle(kinds: Iterable[type[Instrument]]) -> str:
    """A script after which `damtutor.Name.render` starts an instrument; no module, so that it runs from a disk too.

    Every file stands in a function of its own, which hands out what the file exports.

    Parameters
    ----------
    kinds : classes of instruments, at least one.

    Raises
    ------
    ValueError : no instrument.
    """
    kinds = list(dict.fromkeys(kinds))
    if not kinds:
        raise ValueError("no instrument; expected at least one class, such as Recall")
    names = list(dict.fromkeys(name for kind in kinds for name in kind.modules))
    parts = [f"const file = {{}};\n{''.join(_module(name) for name in _ordered(names))}"]
    css = CSS + "".join(tighten(kind.style) for kind in kinds)
    parts.append(
        "const style = document.createElement('style');\n"
        f"style.textContent = {json.dumps(css, ensure_ascii=False)};\ndocument.head.append(style);\n"
    )
    shown = 'localModel: file["frame.js"].localModel, ' + ", ".join(
        f"{kind.__name__}: file[{json.dumps(kind.modules[-1])}]" for kind in kinds
    )
    return f"(() => {{\n{''.join(parts)}window.damtutor = {{ ...window.damtutor, {shown} }};\n}})();\n"


def stub(name: str) -> str:
    """What stands in a page in the place of an instrument's module: it waits for the page's script."""
    wait = f"while (!window.damtutor?.{name}) await new Promise((go) => setTimeout(go, 20));"
    return f"export default {{ async render(view) {{ {wait} return window.damtutor.{name}.render(view); }} }};"


def starter(widget: Instrument) -> str:
    """Script that starts one instrument, without any widget library, in every element `data-instrument="Name"`."""
    name = type(widget).__name__
    values = json.dumps({"config": widget.config, "settings": widget.settings}, ensure_ascii=False)
    return (
        f"for (const el of document.querySelectorAll('[data-instrument={name}]')) {{\n"
        f"const values = {values};\n"
        "el.replaceChildren();\n"
        "const model = window.damtutor.localModel(values.config, values.settings);\n"
        f"window.damtutor.{name}.render({{ el, model }});\n}}\n"
    )


def _source(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _needs(name: str) -> list[str]:
    """Files that a file imports, as they are named from the folder of the widgets."""
    here = (HERE / name).parent
    return [(here / found[2]).resolve().relative_to(HERE).as_posix() for found in IMPORT.finditer(_source(name))]


def _ordered(names: list[str]) -> list[str]:
    """Each file after those that it imports."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name not in done:
            for need in _needs(name):
                visit(need)
            done.append(name)

    for name in names:
        visit(name)
    return done


def _module(name: str) -> str:
    """One file as a function that returns its exports."""
    code, here = _source(name), (HERE / name).parent

    def imported(found: re.Match) -> str:
        other = (here / found[2]).resolve().relative_to(HERE).as_posix()
        return f"const {{{found[1]}}} = file[{json.dumps(other)}];\n"

    given = [declared[2] for declared in DECLARED.finditer(code) if declared[1]]
    if renders := _RENDERS.search(code):
        given.append(f"render: {renders[1]}" if renders[1] else "render")
    code = COMMENT.sub("", _RENDERS.sub("", IMPORT.sub(imported, code)))
    code = re.sub(r"^export ", "", code, flags=re.M)
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    body = "\n".join(lines)
    return f"file[{json.dumps(name)}] = (() => {{\n{body}\nreturn {{ {', '.join(given)} }};\n}})();\n"
