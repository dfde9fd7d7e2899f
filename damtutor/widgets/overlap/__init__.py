"""A thousand pairs of random pictures and their overlaps: the smallest instrument, and the test that widgets work."""

from __future__ import annotations

from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import SEEDS, Setting

SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
PAIRS = 1000


class Overlap(Instrument):
    """A histogram of the overlaps per pixel of 1000 pairs of random ±1 pictures, beside the Gaussian of width 1/√N.

    `Rng32(seed)` makes pair after pair, first one picture, then the other, 32 pixels a number, the highest bit first; a
    smaller picture takes the first N bits of one number.
    """

    declared = (
        Setting("N", SIZES, 64, "Pixels", text="N = {}", doc="pixels, a power of two, {}"),
        Setting("seed", SEEDS, 0),
    )

    def describe(self) -> str:
        size, seed = self.settings["N"], self.settings["seed"]
        return (
            f"a histogram of the overlaps of {PAIRS} pairs of random pictures of {size} pixels, seed {seed}, "
            f"beside a Gaussian of width 1/√N = {size**-0.5:.3f}."
        )
