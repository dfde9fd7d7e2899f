"""A thousand pairs of random pictures and their overlaps: the smallest instrument, and the test that widgets work."""

from __future__ import annotations

import numpy as np

from damtutor.rng import Rng32
from damtutor.validate import as_count
from damtutor.widgets.base import FRAME, Instrument
from damtutor.widgets.filmstrip import SEEDS

SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
PAIRS = 1000

OWN_CSS = """
.dt .dt-line-counts { fill: var(--line); stroke: var(--edge); stroke-width: 0.8; stroke-linejoin: miter; }
.dt .dt-line-picked { stroke: var(--fg); stroke-width: 2; stroke-linejoin: miter; }
.dt .dt-line-guessed { stroke: var(--fg); stroke-width: 2; stroke-dasharray: 2 3; }
.dt .dt-choose { cursor: pointer; }
"""


def strangers(N: int, seed: int = 0) -> np.ndarray:
    """Overlaps M of the pairs of random pictures that the instrument shows, made with `Rng32(seed)`.

    Every number of the stream is 32 pixels, the highest bit first, 1 for +1; a picture smaller than that takes the
    first N bits of one number. Pair after pair is drawn, first one picture, then the other. The first pair is the one
    on show. Counting bits is what makes 1000 pairs of 4096 pixels instant; tests compare the counts with the binomial.

    Parameters
    ----------
    N : pixels, one of `SIZES`. seed : of `Rng32`.

    Returns
    -------
    int64 `(PAIRS,)`; M is N minus twice the number of pixels that differ.

    Raises
    ------
    ValueError : another N, a seed that `Rng32` refuses.
    """
    if as_count(N, "N") not in SIZES:
        raise ValueError(f"N is {N}; expected one of {', '.join(map(str, SIZES))}")
    rng, words = Rng32(seed), -(-N // 32)
    spare = 32 * words - N
    overlaps = np.empty(PAIRS, dtype=np.int64)
    for k in range(PAIRS):
        a, b = ([rng.next() >> spare for _ in range(words)] for _ in range(2))
        overlaps[k] = N - 2 * sum((x ^ y).bit_count() for x, y in zip(a, b, strict=True))
    return overlaps


class Overlap(Instrument):
    """A histogram of the overlaps per pixel of 1000 pairs of random ±1 pictures, beside the Gaussian of width 1/√N.

    Parameters
    ----------
    N : pixels, a power of two from 4 to 4096. seed : 0 to 999999; which number of its stream makes what: `strangers`.

    Raises
    ------
    ValueError : a value that is not among these.
    """

    style = OWN_CSS
    modules = (
        "dynamics/rng.js",
        "dynamics/strangers.js",
        *FRAME,
        "chart.js",
        "gate.js",
        "overlap.js",
    )

    def __init__(self, *, N: int = 64, seed: int = 0):
        super().__init__({"call": "Overlap("}, {"N": N, "seed": seed})

    def allowed(self):
        return {"N": SIZES, "seed": SEEDS}

    def describe(self) -> str:
        size, seed = self.settings["N"], self.settings["seed"]
        return (
            f"a histogram of the overlaps of {PAIRS} pairs of random pictures of {size} pixels, seed {seed}, "
            f"beside a Gaussian of width 1/√N = {size**-0.5:.3f}."
        )
