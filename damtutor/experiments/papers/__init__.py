"""The tables and figures of two papers, each as an item that `damtutor reproduce NAME` runs."""

from damtutor.experiments.papers import adversary, basins, certificates, dynamics
from damtutor.experiments.report import Item

ITEMS: dict[str, Item] = {
    item.name: item for part in (dynamics, basins, certificates, adversary) for item in part.ITEMS
}
