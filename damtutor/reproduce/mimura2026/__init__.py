"""Retrieval dynamics of Mimura et al. (2026), each table or figure as an item."""

from damtutor.reproduce.mimura2026 import basins, dynamics, success
from damtutor.reproduce.report import Item

ITEMS: tuple[Item, ...] = (*dynamics.ITEMS, *success.ITEMS, *basins.ITEMS)
