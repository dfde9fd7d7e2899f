"""Two random pictures and their overlap: the smallest instrument, and the test that widgets work here."""

from __future__ import annotations

from damtutor.widgets.base import FRAME, Instrument, assemble
from damtutor.widgets.filmstrip import SEEDS

SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


class Overlap(Instrument):
    """The overlap of two random ±1 pictures of N pixels, beside ±1/√N.

    Parameters
    ----------
    N : a power of two from 4 to 4096. seed : 0 to 999999, of `Rng32`, which draws first one picture, then the other.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    _esm = assemble("dynamics/rng.js", *FRAME, "chart.js", "overlap.js")

    def __init__(self, *, N: int = 64, seed: int = 0):
        super().__init__({"call": "Overlap("}, {"N": N, "seed": seed})

    def allowed(self):
        return {"N": SIZES, "seed": SEEDS}

    def describe(self) -> str:
        return f"the overlap of two random pictures of {self.settings['N']} pixels, seed {self.settings['seed']}."
