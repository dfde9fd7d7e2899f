"""The tables and figures of two papers, each as an item that `damtutor reproduce NAME` runs."""

from damtutor.experiments.papers import adversary, certificates, dynamics, memory
from damtutor.experiments.report import Item

ITEMS: dict[str, Item] = {
    item.name: item for part in (dynamics, memory, certificates, adversary) for item in part.ITEMS
}
