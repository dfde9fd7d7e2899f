"""What the chapters say about themselves, gathered: the syllabus, the map, and the route of 60 minutes.

The table at the head of every chapter is the only source: its minutes, its level, what it needs, what comes before it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from publish import manuscript as ms

ROUTE = "00-attention-in-60-minutes"
PAGE = f"{ms.ROUTES}/{ROUTE}.md"
TAG = "route-60"
ROWS = ("Time", "Level", "After", "Needs", "You will be able to")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Chapter:
    """The head of one chapter. minutes: to read and play; exercises: minutes of its exercise set, 0 without one."""

    number: str
    topic: str
    title: str
    minutes: int
    exercises: int
    level: int
    after: tuple[str, ...]
    needs: str
    able: str

    @property
    def page(self) -> str:
        """Name of its manuscript in the folder of the chapters."""
        return f"{self.number}-{self.topic}.md"


def chapters(root: Path) -> list[Chapter]:
    """The heads of all chapters, in order.

    Raises
    ------
    ManuscriptError : a chapter without such a head, or one that comes after a chapter that is not there.
    """
    found = [head(path) for path in ms.manuscripts(root, ms.CHAPTERS)]
    numbers = {chapter.number for chapter in found}
    for chapter in found:
        if missing := set(chapter.after) - numbers:
            raise ms.ManuscriptError(f"{chapter.page}: comes after {', '.join(sorted(missing))}, which is not there")
    return found


def head(path: Path) -> Chapter:
    """The head of one chapter, from its first table."""
    text = path.read_text("utf-8")
    title = re.search(r"^# (.+)$", text, re.M)
    rows = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \|$", text, re.M))
    if not title or (missing := [name for name in ROWS if name not in rows]):
        raise ms.ManuscriptError(f"{path}: its head says nothing of {', '.join(missing if title else ['a title'])}")
    minutes = [int(n) for n in re.findall(r"\d+", LINK.sub(r"\1", rows["Time"]))]
    last = minutes.pop() if "exercises" in rows["Time"] else 0
    return Chapter(
        number=path.name[:2],
        topic=ms.topic(path),
        title=title[1],
        minutes=sum(minutes),
        exercises=last,
        level=int(re.search(r"\d", rows["Level"])[0]),
        after=tuple(re.findall(r"\[(\d\d)\]", rows["After"])),
        needs=rows["Needs"],
        able=rows["You will be able to"],
    )


# --- pages that are made of heads ------------------------------------------------------------------------------


def syllabus(root: Path) -> str:
    """Markdown: one table of all chapters, then what each one enables, with the sums."""
    found = chapters(root)
    lines = ["| chapter | to read and play | exercises | level | after |", "|---|---|---|---|---|"]
    for c in found:
        work = f"{c.exercises} min" if c.exercises else "none"
        after = ", ".join(c.after) or "nothing"
        lines.append(f"| [{c.number} {c.title}](chapters/{c.page}) | {c.minutes} min | {work} | {c.level} | {after} |")
    read, work = sum(c.minutes for c in found), sum(c.exercises for c in found)
    lines.append(f"| **all** | **{read} min** | **{work} min** | | |")
    for c in found:
        lines += ["", f"## {c.number} {c.title}", "", f"**You will be able to** {c.able}."]
        lines += ["", f"**Needs.** {c.needs}."]
    return "\n".join(lines) + "\n"


WIDE, TALL, STEP = 176, 50, 74  # of a box of the map, and from one row to the next


def course_map(root: Path) -> str:
    """HTML: the chapters as boxes that are links, an arrow from each to those that come after it."""
    found = chapters(root)
    row: dict[str, int] = {}
    for c in found:  # in order, so that what comes before has its row
        row[c.number] = max((row[a] + 1 for a in c.after), default=0)
    rows = {r: [c for c in found if row[c.number] == r] for r in sorted(set(row.values()))}
    wide = max(len(group) for group in rows.values()) * (WIDE + 16)
    at = {}
    for r, group in rows.items():
        for k, c in enumerate(group):
            at[c.number] = (wide / 2 + (k - (len(group) - 1) / 2) * (WIDE + 16), 2 + r * STEP)
    tall = max(y for _, y in at.values()) + TALL + 2
    parts = [f'<svg class="course-map" viewBox="0 0 {wide} {tall}" role="group" aria-label="Map of the course">']
    parts.append(
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>'
    )
    for c in found:
        x, y = at[c.number]
        for before in c.after:
            a, b = at[before]
            down = b + TALL
            parts.append(f'<path class="way" d="M{a:g} {down}C{a:g} {down + 16} {x:g} {y - 18} {x:g} {y - 2}"/>')
    for c in found:
        x, y = at[c.number]
        words = escape(f"{c.number} {c.title}: {c.minutes} minutes, level {c.level} of 5", quote=True)
        parts.append(
            f'<a href="chapters/{c.page.removesuffix(".md")}.html" aria-label="{words}"><title>{words}</title>'
            f'<rect x="{x - WIDE / 2:g}" y="{y}" width="{WIDE}" height="{TALL}" rx="8"/>'
            f'<text class="name" x="{x:g}" y="{y + 21}">{c.number} {c.topic}</text>'
            f'<text x="{x:g}" y="{y + 39}">{c.minutes} min · level {c.level}</text></a>'
        )
    return f'<nav aria-label="Map of the course">{"".join(parts)}</svg></nav>'


PLACES: dict[str, Callable[[Path], str]] = {
    "% course: syllabus": syllabus,
    "% course: map": lambda root: f"```{{raw}} html\n{course_map(root)}\n```\n",
}


def fill(text: str, root: Path) -> str:
    """A page with its places filled: `% course: map`, `% course: syllabus`."""
    for mark, made in PLACES.items():
        if mark in text:
            text = text.replace(mark, made(root))
    return text


# --- attention in 60 minutes -----------------------------------------------------------------------------------

FRONT = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

% Made from the cells with the tag {tag} by `make editions`. Change those, not this page.

# Attention in {minutes} minutes

The shortest way from a memory to attention: one experiment of each chapter on the way, and one exercise at the end.
Every part ends with a link to its chapter, which has the rest. Run the first cell. Where you are asked to predict, do.

"""


def route(root: Path) -> str:
    """The manuscript of the route: the cells tagged `route-60` of every chapter and exercise set, in order.

    A tagged code cell keeps its id with "route-" before it. What the cells need is imported by one cell, made from the
    imports of the chapters. The tag says the minutes of a part once: `route-60-5` stands for five.

    Raises
    ------
    ManuscriptError : nothing is tagged, or a part without minutes.
    """
    heads = {c.number: c for c in chapters(root)}
    parts, codes, imports, total = [], [], [], 0
    for path in [*ms.manuscripts(root, ms.CHAPTERS), *ms.manuscripts(root, ms.EXERCISES)]:
        cells = ms.read(path).cells
        tagged = [cell for cell in cells if any(t.startswith(TAG) for t in cell.metadata.get("tags", []))]
        if not tagged:
            continue
        chapter, page = heads[path.name[:2]], path.relative_to(root).as_posix()
        if path.parent.name == "exercises":
            parts.append(f"+++\n\n## One exercise: {chapter.topic}")
        else:
            minutes = [int(t[len(TAG) + 1 :]) for c in tagged for t in c.metadata.tags if t.startswith(f"{TAG}-")]
            if len(minutes) != 1:
                raise ms.ManuscriptError(f"{page}: {len(minutes)} cells say how long its part takes; expected one")
            total += minutes[0]
            parts.append(f"+++\n\n## {chapter.title} ({minutes[0]} min)")
        for cell in tagged:
            if cell.cell_type == "code":
                codes.append(cell.source)
                parts.append(f"```{{code-cell}} ipython3\n:id: route-{cell.metadata.id}\n{cell.source}\n```")
            else:
                text = ms.TARGET.sub("", ms.rewrite_links(cell.source, page, PAGE, "site", root))
                text = re.sub(r"^#+ ", "### ", text, flags=re.M)
                parts.append(f"+++\n\n{text}")
        words = (
            f"the exercises of {chapter.number}"
            if path.parent.name == "exercises"
            else f"{chapter.number} {chapter.title}"
        )
        goal = ms.rewrite_links(f"[{words}]({path.name})", page, PAGE, "site", root)
        parts.append(f"*It goes on in {goal}.*")
        imports += [cell.source for cell in cells if cell.cell_type == "code"][:1]
    if not parts:
        raise ms.ManuscriptError(f"no cell has the tag {TAG}")
    setup = f"```{{code-cell}} ipython3\n:id: route-setup\n{needed(imports, codes)}\n```"
    return "\n\n".join([FRONT.format(tag=TAG, minutes=total) + setup, *parts]) + "\n"


def refresh_route(root: Path, write: bool) -> bool:
    """Whether the route is what the tagged cells make; with `write` it is made so. A course without tags has none."""
    tagged = [path for folder in (ms.CHAPTERS, ms.EXERCISES) for path in ms.manuscripts(root, folder)]
    if not any(TAG in path.read_text("utf-8") for path in tagged):
        return True
    page, made = root / PAGE, route(root)
    if write:
        page.parent.mkdir(exist_ok=True)
        page.write_text(made, "utf-8")
    return page.exists() and page.read_text("utf-8") == made


def one_import(module: str, names: set[str]) -> str:
    """An import statement as ruff has it: in one line of a cell where it fits."""
    line = f"from {module} import {', '.join(sorted(names))}"
    rows = "".join(f"    {name},\n" for name in sorted(names))
    return line if len(line) <= 79 else f"from {module} import (\n{rows})"


def needed(imports: list[str], codes: list[str]) -> str:
    """The import statements of some cells, less the names that other cells do not use; sorted as ruff has them."""
    nodes = [node for code in codes for node in ast.walk(ast.parse(code))]
    own = {a.asname or a.name for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    used = {node.id for node in nodes if isinstance(node, ast.Name)} - own
    plain: set[str] = set()
    names: dict[str, set[str]] = {}
    for statement in (s for code in imports for s in ast.parse(code).body):
        if isinstance(statement, ast.Import):
            plain |= {ast.unparse(statement) for a in statement.names if (a.asname or a.name) in used}
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name) in used:
                    names.setdefault(statement.module, set()).add(ast.unparse(alias))
    ours = [m for m in names if m.startswith("damtutor")]
    lines = sorted(plain) + [one_import(m, names[m]) for m in sorted(set(names) - set(ours))]
    last = [one_import(m, names[m]) for m in sorted(ours)]
    return "\n".join([*lines, *([""] if lines and last else []), *last])
