"""The values a source prints, read from `<paper>/printed/<table>.toml`: one table a file, its provenance beside it.

A file says `source` (whose numbers), `place` (where they stand) and `certainty` (how sure we are that they are printed
there, a word of `CERTAINTY`), then one group of values after another:

    [success]                            # a name; one meaning a group
    at = { size = 500 }                  # what holds for all of its values
    trials = 80                          # behind each value, if it is a share or a mean
    keys = ["load"]                      # what the first cells of a row are
    across = "corruption"                # what the columns after them are, if they are numbers
    columns = [33, 34]                   # without it a row is its keys and one value
    rows = [
      [0.005, 99, 94],
      [0.01, 98, ""],                    # "" stands where nothing is printed
    ]
    differs = [{ key = [0.005, 34], certainty = "unsure" }]   # a value whose provenance is another one

A column "error" holds standard errors of the column before it, a column "trials" the trials behind its row. A group may
have a `source`, `place` and `certainty` of its own. Numbers are written with the digits that are printed: 0.520 says
that the third digit is known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import Any, NamedTuple

CERTAINTY = {
    "read": "read in the source itself",
    "fragment": "read in a fragment of the source; the whole could not be read",
    "unsure": "read in a fragment that is cut off there or hard to read",
    "second hand": "told by notes on the source; the source could not be read",
    "derived": "computed from values that are printed",
    "not printed": "found by a program, and printed in no paper",
}
PROVENANCE = ("source", "place", "certainty")
SETTINGS = {"at", "trials", "keys", "across", "columns", "rows", "differs", *PROVENANCE}
EXAMPLE = 'for example keys = ["load"], rows = [[0.005, 39.7]]'


class Printed(NamedTuple):
    """A value of a source.

    Attributes
    ----------
    value : the number, an int where it is printed as one.
    unit : of its last digit.
    error : its standard error, 0 where none is printed.
    trials : how many are behind it, None where that is not known.
    source : whose number it is.
    place : where it stands.
    certainty : a word of `CERTAINTY`.
    note : what a row has to say of the source, "" where it is that of the whole table.
    where : paper, table, group, and key in the group.
    """

    value: float
    unit: float = 0.0
    error: float = 0.0
    trials: int | None = None
    source: str = ""
    place: str = ""
    certainty: str = ""
    note: str = ""
    where: tuple[Any, ...] = ()

    def as_share(self) -> Printed:
        """A percentage as a share."""
        return self._replace(value=self.value / 100, unit=self.unit / 100, error=self.error / 100)


class Group(dict[Any, Printed]):
    """Values of one meaning by their key: a tuple, or the thing itself where one thing tells them apart.

    Attributes
    ----------
    axes : what the entries of a key are.
    at : what holds for all of the values.
    trials : behind each value, None where rows differ or it is not known.
    """

    axes: tuple[str, ...] = ()
    at: dict[str, Any]
    trials: int | None = None

    def nested(self, depth: int = 1) -> dict[Any, dict[Any, Printed]]:
        """The values by the first `depth` entries of their keys, and then by the others."""
        found: dict[Any, dict[Any, Printed]] = {}
        for key, value in self.items():
            found.setdefault(_plain(key[:depth]), {})[_plain(key[depth:])] = value
        return found


def table(paper: str, name: str) -> dict[str, Group]:
    """The groups of a table.

    Parameters
    ----------
    paper : its folder in `reproduce`, or the dotted name of that package.
    name : of the file, without its ending.

    Raises
    ------
    ValueError : no such file, or one that breaks the rules above; it says which file and what is wrong.
    """
    paper = paper.rpartition(".")[2]
    path = files("damtutor.reproduce").joinpath(paper, "printed", f"{name}.toml")
    where = f"{paper}/printed/{name}.toml"
    try:
        return parse(path.read_text(encoding="utf-8"), paper, name)
    except FileNotFoundError as error:
        raise ValueError(f"no printed values {where}; expected a file of that name beside the items") from error
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def parse(text: str, paper: str, name: str) -> dict[str, Group]:
    """The groups of a table from the text of its file, see `table`."""
    content = tomllib.loads(text, parse_float=Decimal)
    head = {word: content.pop(word, None) for word in PROVENANCE}
    found = {}
    for label, given in content.items():
        if not isinstance(given, dict):
            raise ValueError(f"{label} = {given!r}; expected {', '.join(PROVENANCE)}, and groups such as [success]")
        try:
            found[label] = _group(given, head, (paper, name, label))
        except ValueError as error:
            raise ValueError(f"[{label}] {error}") from error
    return found


def _group(given: dict[str, Any], head: dict[str, Any], where: tuple[str, ...]) -> Group:
    if unknown := given.keys() - SETTINGS:
        raise ValueError(f"has {', '.join(sorted(unknown))}; expected some of {', '.join(sorted(SETTINGS))}")
    keys, columns = given.get("keys"), [_number(column) for column in given.get("columns", ["value"])]
    if not (isinstance(keys, list) and keys and given.get("rows")):
        raise ValueError(f"has no keys or no rows; expected both, {EXAMPLE}")
    named = [column for column in columns if column not in ("error", "trials")]
    group = Group()
    group.at = {word: _number(value) for word, value in given.get("at", {}).items()}
    group.trials = given.get("trials")
    group.axes = (*keys, *([given.get("across", "column")] if len(named) > 1 or "across" in given else []))
    others = {tuple(map(_number, other.get("key", ()))): other for other in given.get("differs", ())}
    for row in given["rows"]:
        if len(row) != len(keys) + len(columns):
            raise ValueError(f"has a row {_said(row)}; expected {len(keys)} keys and {len(columns)} more cells")
        first = tuple(map(_number, row[: len(keys)]))
        for column, settings in _cells(columns, row[len(keys) :]):
            key = (*first, column) if len(group.axes) > len(keys) else first
            own = {word: {**head, **given, **others.pop(key, {})}.get(word) for word in PROVENANCE}
            _check(own, key)
            if _plain(key) in group:
                raise ValueError(f"has two values for {_said(key)}; expected one")
            note = "" if own["source"] == head["source"] else f" (source: {own['source']})"
            value = {"trials": group.trials, **settings, **own, "note": note, "where": (*where, _plain(key))}
            group[_plain(key)] = Printed(**value)
    if others:
        raise ValueError(f"differs at {_said(*others)}, where there is no value")
    return group


def _cells(columns: list[Any], cells: list[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each value of a row: its column, and the number with its unit, standard error and trials."""
    trials = {"trials": cells[columns.index("trials")]} if "trials" in columns else {}
    for k, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        if column in ("error", "trials") or cell == "":
            continue
        if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
            raise ValueError(f'has the value {cell!r}; expected a number, or "" for none')
        error = {"error": float(cells[k + 1])} if columns[k + 1 : k + 2] == ["error"] else {}
        unit = float(Decimal(1).scaleb(Decimal(cell).as_tuple().exponent))
        yield column, {"value": _number(cell), "unit": unit, **error, **trials}


def _check(own: dict[str, Any], key: Any) -> None:
    for word, value in own.items():
        if not (isinstance(value, str) and value):
            raise ValueError(f'says no {word} for {_said(key)}; expected words, for example place = "Table 5"')
    if own["certainty"] not in CERTAINTY:
        raise ValueError(f"has certainty {own['certainty']!r}; expected one of {', '.join(CERTAINTY)}")


def _number(cell: Any) -> Any:
    """A cell as Python has it: digits as written are kept for the unit alone."""
    return float(cell) if isinstance(cell, Decimal) else cell


def _plain(key: tuple[Any, ...]) -> Any:
    return key[0] if len(key) == 1 else key


def _said(key: Any) -> str:
    return ", ".join(str(_number(part)) for part in key)
