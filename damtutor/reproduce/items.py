"""The tables and figures of two papers, each as an item that `damtutor reproduce NAME` runs."""

from damtutor.reproduce import gaikwad2026, mimura2026
from damtutor.reproduce.report import Item

ITEMS: dict[str, Item] = {item.name: item for paper in (mimura2026, gaikwad2026) for item in paper.ITEMS}
