"""Instruments (their dynamics run in the browser) and explorers (pictures made beforehand).

Former class names (`kit/former_names.py`) are still understood: `damtutor.widgets.Recall` is `HopfieldRetrieval`.
"""

from typing import Any

from damtutor.widgets.attention_microscope import AttentionMicroscope
from damtutor.widgets.dense_retrieval import DenseRetrieval
from damtutor.widgets.explorer import Explorer
from damtutor.widgets.filmstrip import Filmstrip
from damtutor.widgets.flow_field import FlowField
from damtutor.widgets.hopfield_retrieval import HopfieldRetrieval
from damtutor.widgets.kit.former_names import FORMER
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.landscape import Landscape
from damtutor.widgets.overlap import Overlap
from damtutor.widgets.repeated_attention import RepeatedAttention
from damtutor.widgets.sketch import Sketch

__all__ = [
    "AttentionMicroscope",
    "DenseRetrieval",
    "Explorer",
    "Filmstrip",
    "FlowField",
    "HopfieldRetrieval",
    "Instrument",
    "Landscape",
    "Overlap",
    "RepeatedAttention",
    "Sketch",
]


def named(name: str) -> type[Instrument]:
    """The class of an instrument.

    Parameters
    ----------
    name : its slug, as a page names it, its class name, or a former class name.

    Raises
    ------
    ValueError : no instrument is or was called so.
    """
    kinds = [globals()[word] for word in __all__ if word != "Instrument"]
    for kind in kinds:
        former = FORMER[kind.slug].class_name if kind.slug in FORMER else None
        if name in (kind.slug, kind.__name__, former):
            return kind
    raise ValueError(f"no instrument {name!r}; expected one of {', '.join(kind.slug for kind in kinds)}")


def __getattr__(name: str) -> Any:
    """The class of a former name."""
    for slug, former in FORMER.items():
        if name == former.class_name:
            return named(slug)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
