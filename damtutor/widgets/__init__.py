"""Instruments (their dynamics run in the browser) and explorers (pictures made beforehand)."""

from damtutor.widgets.base import Instrument, assemble
from damtutor.widgets.filmstrip import Filmstrip
from damtutor.widgets.frames import Frames
from damtutor.widgets.overlap import Overlap
from damtutor.widgets.retrieval import Retrieval

__all__ = ["Filmstrip", "Frames", "Instrument", "Overlap", "Retrieval", "assemble"]
