"""Settings that several instruments with stored pictures declare: F, damage, and how neurons are updated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from damtutor.models.interactions import NAMED
from damtutor.widgets.kit.packing import ORDERS, interaction
from damtutor.widgets.kit.settings import Bits, Setting


def order_of_interaction(default: int | str, control: str = "") -> Setting:
    """`n`, said as the interaction function says it.

    Parameters
    ----------
    default : how the instrument opens, one of `ORDERS`.
    control : "main" for a large slider.
    """
    labels = {n: interaction(n).words.label for n in ORDERS}
    return Setting("n", labels, default, "Power n", control=control or "slider")


def damage(most: int, default: int = 10, pixels: int | None = 64) -> Setting:
    """`damage` in percent of the pixels, 0 to `most`; `pixels` is None where the instrument's data decide it."""

    def words(size: int) -> list[str]:
        return [f"{percent} % ({int(percent * size / 100 + 0.5)} of {size})" for percent in range(most + 1)]

    def words_of(instrument: Any) -> list[str]:
        return words(instrument.pixels)

    text = words_of if pixels is None else words(pixels)
    return Setting("damage", range(most + 1), default, "Damage", text=text, doc="percent, {}")


RECTIFIED = Setting(
    "rectified",
    (False, True),
    False,
    "rectified",
    doc=f"F(M) = 0 for M < 0; without a meaning for {', '.join(map(repr, NAMED))}",
    hint="F(M) = 0 for negative M: a negative is no memory",
)
UPDATE = Setting("order", {"async": "one at a time", "sync": "all together"}, "async", "Update")


def painted(values: Bits | Callable[[Any], Bits]) -> Setting:
    """`state`, a start that was painted.

    Parameters
    ----------
    values : `Bits` of the pixels, or a function of the instrument that gives them.
    """
    words = "a painted start as hexadecimal digits, one bit a pixel, instead of damage; None for none"
    return Setting("state", values, None, doc=words)
