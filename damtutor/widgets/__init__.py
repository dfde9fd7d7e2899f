"""Instruments (their dynamics run in the browser) and explorers (pictures made beforehand)."""

from damtutor.widgets.again import Again
from damtutor.widgets.base import Instrument, assemble
from damtutor.widgets.filmstrip import Filmstrip
from damtutor.widgets.flow import Flow
from damtutor.widgets.frames import Frames
from damtutor.widgets.landscape import Landscape
from damtutor.widgets.microscope import Microscope
from damtutor.widgets.overlap import Overlap
from damtutor.widgets.recall import Recall
from damtutor.widgets.retrieval import Retrieval
from damtutor.widgets.sketch import Sketch

__all__ = [
    "Again",
    "Filmstrip",
    "Flow",
    "Frames",
    "Instrument",
    "Landscape",
    "Microscope",
    "Overlap",
    "Recall",
    "Retrieval",
    "Sketch",
    "assemble",
]
