"""What all instruments share in Python: one module from many, settings that are checked, words where nothing runs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent

IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.{1,2}/[^"]+)";[ \t]*\n', re.M)
_ANY_IMPORT = re.compile(r"^import\b.*", re.M)
_DEFAULT = re.compile(r"^export default .*?;[ \t]*\n?", re.M | re.S)
DECLARED = re.compile(r"^(export )?(?:async )?(?:function\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*)", re.M)
_PATTERN = re.compile(r"^(?:export )?(?:const|let|var)\s*[\[{]", re.M)
COMMENT = re.compile(r"^[ \t]*//.*\n", re.M)
_QUOTED = re.compile(r"""(["'])(?:\\.|(?!\1)[^\\])*\1""")
_CSS = re.compile(r"""(?P<text>"[^"]*")|/\*.*?\*/|\s*(?P<mark>[{};,])\s*|(?<=:)\s+|(?P<space>\s+)""", re.S)


def assemble(*names: str, folder: Path = HERE) -> str:
    """Join ES modules into the one module that anywidget loads.

    Relative imports, the word `export`, lines that are comments only, indentation, blank lines, and every default
    export but the last module's are dropped: a page carries one copy for each instrument. What counts as top level is
    what starts in the first column, as a formatter writes it.

    Parameters
    ----------
    names : files under `folder`, each after all files it imports; the last one has the default export `{ render }`.

    Returns
    -------
    The text of one module without any import.

    Raises
    ------
    ValueError : two modules declare the same top-level name; an import is not relative, names a file that is not
        joined before it or a name which that file does not export, or renames it; the last module has no default
        export; a template literal or a string goes on in the next line, where it would lose its indentation.
    """
    exported: dict[str, set[str]] = {}
    owner: dict[str, str] = {}
    parts = []
    for name in names:
        path = (folder / name).resolve()
        code = path.read_text(encoding="utf-8")
        code = IMPORT.sub(lambda found, name=name, path=path: _check_import(found, name, path, folder, exported), code)
        left = _ANY_IMPORT.search(code) or _PATTERN.search(code)
        if left:
            raise ValueError(
                f'{name}: {left[0]!r}; expected `import {{ a, b }} from "./file.js";` or `const name = ...`'
            )
        default = _DEFAULT.search(code)
        if name == names[-1] and not default:
            raise ValueError(f"{name}: no default export; expected `export default {{ render }};` in the last module")
        exported[str(path)] = set()
        for declared in DECLARED.finditer(code):
            if declared[2] in owner:
                raise ValueError(f"{name} and {owner[declared[2]]} both declare {declared[2]}; expected one of them")
            owner[declared[2]] = name
            if declared[1]:
                exported[str(path)].add(declared[2])
        if name != names[-1]:
            code = _DEFAULT.sub("", code)
        code = re.sub(r"^export (?!default)", "", code, flags=re.M)
        parts.append(COMMENT.sub("", code))
        for line in parts[-1].splitlines():
            if line.endswith("\\") or _runs_on(line):
                raise ValueError(f"{name}: {line.strip()!r} runs on; expected every template and string in one line")
    parts = [line.strip() for part in parts for line in part.splitlines() if line.strip()]
    return "\n".join(parts) + "\n"


def _check_import(found, name: str, path: Path, folder: Path, exported: Mapping[str, set[str]]) -> str:
    """Nothing in place of an import that the joined modules satisfy; ValueError otherwise."""
    source = str((path.parent / found[2]).resolve())
    if source not in exported:
        raise ValueError(f"{name} imports {found[2]}; expected that file earlier in the list")
    for word in filter(None, (w.strip() for w in found[1].split(","))):
        if word not in exported[source]:
            raise ValueError(f"{name} imports {word!r}, which {found[2]} does not export under this name")
    return ""


def _runs_on(line: str) -> bool:
    """Whether a template literal that opens in this line is still open at its end; in doubt, True."""
    inside: list[str] = []  # "`" the text of a template, "{" code in braces within one
    at = 0
    while at < len(line):
        rest, top = line[at:], inside[-1] if inside else ""
        if rest[0] == "\\":
            at += 1
        elif top == "`":
            if rest[0] == "`":
                inside.pop()
            elif rest.startswith("${"):
                inside.append("{")
                at += 1
        elif rest[0] == "`" or (inside and rest[0] == "{"):
            inside.append(rest[0])
        elif inside and rest[0] == "}":
            inside.pop()
        elif found := _QUOTED.match(rest):
            at += len(found[0]) - 1
        elif rest.startswith("//"):
            break
        at += 1
    return bool(inside)


def tighten(css: str) -> str:
    """A style sheet without comments and without the spaces that mean nothing; quoted strings stay as they are."""

    def kept(found: re.Match) -> str:
        return found["text"] or found["mark"] or (" " if found["space"] else "")

    return _CSS.sub(kept, css).replace(";}", "}").strip()


FRAME = ("dom.js", "link.js", "share.js", "stage.js", "frame.js")
CSS = tighten((HERE / "frame.css").read_text(encoding="utf-8"))


class Instrument(anywidget.AnyWidget):
    """An instrument: its dynamics run in the browser, with or without a kernel.

    A subclass names its `modules` (the last one renders), gives `allowed` and `describe`, a `style` sheet of its own
    where it needs one, and `check` where settings depend on others.

    Attributes
    ----------
    config : fixed data (patterns, tables), made once; `allowed` in it tells the browser what a link may say.
    settings : what the user set; in step with the browser. Assigning a dict changes the named settings, the others
        stay. ValueError for an unknown name or a value that the instrument cannot show.
    """

    modules: tuple[str, ...] = ()
    style = ""
    config = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any):
        if "modules" in cls.__dict__:  # and not for the class that anywidget derives for every single widget
            cls._esm, cls._css = assemble(*cls.modules), CSS + tighten(cls.style)
        super().__init_subclass__(**kwargs)

    def __init__(self, config: Mapping[str, Any], settings: Mapping[str, Any]):
        shapes = {name: _shape(choices) for name, choices in self.allowed().items()}
        super().__init__(config={**config, "allowed": shapes}, settings=dict(settings))

    def allowed(self) -> Mapping[str, Iterable[Any]]:
        """Name of every setting -> the values it may have (a range, a tuple)."""
        raise NotImplementedError

    def check(self, settings: Mapping[str, Any]) -> None:
        """ValueError if settings that are each allowed do not go together."""

    def describe(self) -> str:
        """What is to be seen, in words, from the present settings."""
        raise NotImplementedError

    @traitlets.validate("settings")
    def _checked(self, proposal) -> dict[str, Any]:
        merged = {**self.settings, **proposal["value"]}
        allowed = self.allowed()
        for name, value in merged.items():
            if name not in allowed:
                raise ValueError(f"unknown setting {name!r}; expected one of {', '.join(allowed)}")
            choices = allowed[name]
            if not _accepts(choices, value):
                raise ValueError(f"{name} is {value!r}; expected {_words(choices)}")
        self.check(merged)
        return {name: merged[name] for name in allowed if name in merged}

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.describe()}"

    def _repr_mimebundle_(self, **kwargs: Any):
        """The widget, and a sentence for places where no widget can run (a stored notebook, a preview)."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        text = f"Run this cell to start the instrument: {self.describe()}"
        return {**data, "text/plain": repr(self), "text/html": f"<p><em>{escape(text)}</em></p>"}, metadata


class Kind(ABC):
    """What a setting may be where that is no list of values: asked by `in`, told to a reader by `str`."""

    @abstractmethod
    def __contains__(self, value: Any) -> bool: ...

    @abstractmethod
    def __str__(self) -> str: ...

    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """The same in words that `link.js` understands."""


@dataclass(frozen=True)
class Bits(Kind):
    """A setting that is a picture of `size` pixels as hexadecimal digits, or None."""

    size: int

    def __contains__(self, value: Any) -> bool:
        digits = -(-self.size // 4)
        return value is None or (isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value) is not None)

    def __str__(self) -> str:
        return f"None or {-(-self.size // 4)} hexadecimal digits, one bit a pixel"

    def shape(self):
        return {"bits": -(-self.size // 4)}


def _accepts(choices: Any, value: Any) -> bool:
    """Membership that keeps True apart from 1 and 2.0 apart from 2, as the browser will."""
    if isinstance(choices, Kind):
        return value in choices
    if isinstance(choices, range):
        return type(value) is int and value in choices
    return any(value == c and type(value) is type(c) for c in choices)


def _shape(choices: Any) -> Any:
    """What a setting may be, as `link.js` reads it."""
    if isinstance(choices, Kind):
        return choices.shape()
    if isinstance(choices, range):
        return {"from": choices.start, "to": choices.stop - 1}
    return list(choices)


def _words(choices: Any) -> str:
    if isinstance(choices, Kind):
        return str(choices)
    if isinstance(choices, range):
        return f"a whole number from {choices.start} to {choices.stop - 1}"
    choices = list(choices)
    shown = ", ".join(map(repr, choices[:12]))
    return f"one of {shown}" + (" ..." if len(choices) > 12 else "")
