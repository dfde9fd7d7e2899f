"""What is gathered from the chapters: their heads, the syllabus, the map, and the route of 60 minutes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from manuscripts import FRONT

from publish import course
from publish import manuscript as ms

HEAD = """# {title}

A lead.

| | |
|---|---|
| **Time** | {time} |
| **Level** | {level} |
| **After** | {after} |
| **Needs** | Python |
| **You will be able to** | *see* |

"""
CODE = "```{{code-cell}} ipython3\n:id: {id}\n{tags}{source}\n```\n\n"


def write(root: Path, name: str, *cells: str, title="A title", time="10 minutes", level="1 of 5", after="nothing"):
    folder = root / ms.CHAPTERS
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(title=title, time=time, level=level, after=after)
    (folder / name).write_text(FRONT + head + "".join(cells), "utf-8")


def cell(id, source, tag=""):
    return CODE.format(id=id, tags=f":tags: [{tag}]\n" if tag else "", source=source)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three chapters in a row, of which two have tagged cells, and an exercise."""
    setup = "import json\nimport numpy as np\n\nfrom damtutor import figures\nfrom damtutor.widgets import Flow, Recall"
    write(
        tmp_path,
        "00-one.md",
        cell("one-setup", setup),
        '+++ {"id": "one-a", "tags": ["route-60-5"]}\n\n(here)=\n## A heading\n\nSee [two](02-two.md).\n\n',
        cell("one-b", "Recall(np.ones(3))", "route-60"),
        '+++ {"id": "one-c"}\n\nNot on the way.\n',
    )
    write(tmp_path, "01-side.md", cell("side-setup", "import json"), after="[00](00-one.md)", level="2 of 5; then 4")
    write(
        tmp_path,
        "02-two.md",
        cell("two-setup", "from damtutor import DenseAM, figures"),
        cell("two-b", "figures.plot()", "route-60-7"),
        after="[00](00-one.md), [01](01-side.md)",
        time="20 minutes for the core, 15 more, 60 for the [exercises](../exercises/02-two.md)",
    )
    (tmp_path / ms.EXERCISES).mkdir()
    (tmp_path / ms.EXERCISES / "02-two.md").write_text(
        FRONT
        + "# Exercises\n\n"
        + cell("two-ex", "import numpy")
        + '+++ {"id": "t", "tags": ["route-60"]}\n\n## 1. Do\n',
        "utf-8",
    )
    return tmp_path


def test_heads_are_read_from_the_tables(project):
    one, side, two = course.chapters(project)
    assert (one.minutes, one.exercises, one.level, one.after) == (10, 0, 1, ())
    assert (side.level, side.after) == (2, ("00",))
    assert (two.minutes, two.exercises, two.after) == (35, 60, ("00", "01"))


def test_a_head_with_a_gap_and_a_way_to_nowhere_are_named(project):
    write(project, "03-three.md", after="[09](00-one.md)")
    with pytest.raises(ms.ManuscriptError, match=r"03-three\.md: comes after 09, which is not there"):
        course.chapters(project)
    path = project / ms.CHAPTERS / "03-three.md"
    path.write_text(path.read_text().replace("**Level**", "**Grade**"))
    with pytest.raises(ms.ManuscriptError, match="its head says nothing of Level"):
        course.chapters(project)


def test_the_syllabus_adds_up(project):
    text = course.fill("Before\n\n% course: syllabus\n", project)
    assert text.startswith("Before\n\n| chapter |")
    assert "| [02 A title](chapters/02-two.md) | 35 min | 60 min | 1 | 00, 01 |" in text
    assert "| **all** | **55 min** | **60 min** | | |" in text


class Boxes(HTMLParser):
    """The links of a map with the place of their box, and its arrows."""

    def __init__(self, text):
        super().__init__()
        self.boxes, self.ways = {}, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a":
            self.here = attrs["href"]
            assert "minutes, level" in attrs["aria-label"]
        elif tag == "rect":
            self.boxes[self.here] = [float(attrs[k]) for k in ("x", "y", "width", "height")]
        elif attrs.get("class") == "way":
            self.ways += 1


def overlap(a, b):
    return abs(a[0] - b[0]) < a[2] and abs(a[1] - b[1]) < a[3]


def test_the_map_has_a_box_for_each_chapter_below_those_before_it(root, project):
    for folder in (root, project):
        found = Boxes(course.course_map(folder))
        chapters = course.chapters(folder)
        place = {c.number: found.boxes[f"chapters/{c.page.replace('.md', '.html')}"] for c in chapters}
        assert len(place) == len(found.boxes)
        assert found.ways == sum(len(c.after) for c in chapters)
        assert all(place[a][1] + place[a][3] < place[c.number][1] for c in chapters for a in c.after)
        boxes = list(place.values())
        assert not any(overlap(a, b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_the_route_is_the_tagged_cells_and_what_they_import(project):
    path = project / ms.ROUTES / f"{course.ROUTE}.md"
    path.parent.mkdir()
    path.write_text(course.route(project), "utf-8")
    nb = ms.read(path)
    assert course.route(project) == path.read_text("utf-8"), "it takes nothing from itself"
    codes = [c.source for c in nb.cells if c.cell_type == "code"]
    assert codes == [
        "import numpy as np\n\nfrom damtutor import figures\nfrom damtutor.widgets import Recall",
        "Recall(np.ones(3))",
        "figures.plot()",
    ]
    names = ms.cell_ids(nb, path)
    assert [name for name in names if not re.search("-text|-end", name)] == [
        "route-setup",
        "route-one-b",
        "route-two-b",
    ]
    text = path.read_text("utf-8")
    assert "# Attention in 12 minutes" in text
    assert "Not on the way" not in text
    assert "### A heading" in text
    assert "(here)=" not in text
    assert "## One exercise: two" in text
    assert "[the exercises of 02](../../exercises/02-two.ipynb)" in text
    nbformat.validate(nb)


def test_the_route_is_written_when_it_is_told_to(project):
    path = project / ms.ROUTES / f"{course.ROUTE}.md"
    assert not course.refresh_route(project, write=False)
    assert course.refresh_route(project, write=True)
    assert course.refresh_route(project, write=False)
    path.write_text(path.read_text("utf-8") + "By hand.\n", "utf-8")
    assert not course.refresh_route(project, write=False)


def test_a_course_without_tags_has_no_route(tmp_path):
    write(tmp_path, "00-one.md", cell("one", "import json"))
    assert course.refresh_route(tmp_path, write=True)
    assert not (tmp_path / ms.ROUTES / f"{course.ROUTE}.md").exists()


def test_a_part_of_the_route_says_its_minutes_once(project):
    path = project / ms.CHAPTERS / "02-two.md"
    path.write_text(path.read_text().replace("route-60-7", "route-60"))
    with pytest.raises(ms.ManuscriptError, match=r"02-two.md: 0 cells say how long"):
        course.route(project)


def test_the_route_of_the_course_takes_an_hour(root):
    route = course.route(root)
    assert "# Attention in 60 minutes" in route
    parts = [int(n) for n in re.findall(r"^## .+ \((\d+) min\)$", route, re.M)]
    assert parts == [5, 8, 10, 12, 12, 13]  # chapters 00, 01, 02, 04, 05, 06
    assert (root / ms.ROUTES / f"{course.ROUTE}.md").read_text("utf-8") == route, "run `make editions`"


def test_the_start_page_quotes_chapter_06(root):
    """Every weight in its table of words is the one that the chapter prints."""
    page = (root / "book/index.md").read_text("utf-8")
    shown = re.findall(r"^\| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", page, re.M)
    nb = nbformat.read(root / "notebooks/06-attention.ipynb", 4)
    (printed,) = [c.outputs[0].text for c in nb.cells if c.id == "attention-words"]
    rows = re.findall(r"^ *(\d+) +([\d.]+) ± [\d.]+ +([\d.]+) ± [\d.]+$", printed, re.M)
    assert shown == rows
    assert len(shown) == 4


def test_the_first_page_in_the_lab_has_the_minutes_of_the_chapters(root):
    page = (root / ms.CHAPTERS / "00-start.md").read_text("utf-8")
    rows = re.findall(r"^\| \[.*?\]\((\S+?)\) \| .* \| (\d+) min \|$", page, re.M)
    said = [(c.page, str(c.minutes)) for c in course.chapters(root) if c.number != "00"]
    assert rows == [(f"../routes/{course.ROUTE}.md", "60"), *said]


def test_the_readme_lists_every_chapter(root):
    rows = re.findall(r"^\| (\d\d) ([a-z0-9_-]+) \| \S.*\? \|$", (root / "README.md").read_text("utf-8"), re.M)
    assert rows == [(chapter.number, chapter.topic) for chapter in course.chapters(root)]
