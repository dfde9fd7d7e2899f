"""Guarantees and adversaries of Gaikwad (2026), each table as an item."""

from damtutor.reproduce.gaikwad2026 import adversary, certificates, corruption
from damtutor.reproduce.report import Item

ITEMS: tuple[Item, ...] = (*certificates.ITEMS, *corruption.ITEMS, *adversary.ITEMS)
