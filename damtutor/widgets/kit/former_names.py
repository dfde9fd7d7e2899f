"""Former names of instruments: the one table by which old code, old pages and old links still find them."""

from __future__ import annotations

from typing import NamedTuple


class Former(NamedTuple):
    """What an instrument was called before.

    Attributes
    ----------
    class_name : its class, also what `data-instrument` said in a page.
    link : the key of its links; "{title}" stands for the words of its title.
    """

    class_name: str
    link: str


FORMER = {
    "attention_microscope": Former("Microscope", "attention-microscope"),
    "dense_retrieval": Former("Retrieval", "retrieval"),
    "explorer": Former("Frames", "{title}"),
    "flow_field": Former("Flow", "flow-field"),
    "hopfield_retrieval": Former("Recall", "recall"),
    "repeated_attention": Former("Again", "ask-attention-again"),
}
