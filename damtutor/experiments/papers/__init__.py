"""The tables and figures of two papers, each as an item that `damtutor reproduce NAME` runs."""

from damtutor.experiments.papers import adversary, basins, certificates, corruption, dynamics, success
from damtutor.experiments.report import Item

ITEMS: dict[str, Item] = {
    item.name: item for part in (dynamics, success, basins, certificates, corruption, adversary) for item in part.ITEMS
}
