"""The colours of plots and instruments, from `palette.toml`: for plots by role, for instruments as CSS variables."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

THEMES = {"light": ".dt", "dark": '.dt[data-dt-theme="dark"]'}  # CSS selectors of an instrument

_TEXT = files("damtutor.palette").joinpath("palette.toml").read_text(encoding="utf-8")
_FILE: dict[str, dict[str, Any]] = tomllib.loads(_TEXT)


def plots() -> dict[str, Any]:
    """Role → colour, for example "#1a1a1a" for "ink"; "series" has a tuple of them.

    Examples
    --------
    >>> plots()["paper"], len(plots()["series"])
    ('#ffffff', 5)
    """
    return {role: _colours(names) for role, names in _FILE["plots"].items()}


def css() -> str:
    """The custom properties of an instrument in both themes, such as `--stored: #1c5bb8`, as two CSS rules.

    Examples
    --------
    >>> print(css().splitlines()[0][:34])
    .dt { --bg: #ffffff; --panel: #f3f
    """
    return "\n".join(f"{selector} {{ {_properties(theme)} }}" for theme, selector in THEMES.items()) + "\n"


def _properties(theme: str) -> str:
    found = {}
    for role, names in _FILE[theme].items():
        if isinstance(names, list):
            found |= {f"{role.removesuffix('s')}{k}": colour for k, colour in enumerate(_colours(names))}
        else:
            found[role] = _colours(names)
    return " ".join(f"--{name}: {colour};" for name, colour in found.items())


def _colours(names: str | list[str]) -> Any:
    return tuple(map(_colours, names)) if isinstance(names, list) else _FILE["colours"][names]
