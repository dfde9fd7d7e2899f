"""Explorer: a figure function, tried for every value of a few sliders beforehand, so that it needs no kernel."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from damtutor.validate import as_count, as_function, as_named, as_text, shown
from damtutor.widgets.kit.instrument import Instrument
from damtutor.widgets.kit.settings import Setting

MOST_FRAMES = 200  # 2 to 5 kB each: a page carries 1 MB at most
TALLEST = 16_000  # pixels of one strip; WebP allows 16383


class Explorer(Instrument):
    """One figure for every combination of `axes`, made once; sliders choose among them, in the lab and in the page.

    The pictures are made when the explorer is made, also in the lab: moving a slider runs no Python.

    Parameters
    ----------
    figure : function that takes one keyword per axis and returns (matplotlib Figure, text that replaces it).
    title : what the explorer shows, a few words.
    labels : name of an axis -> words beside its slider.
    dpi : resolution of the pictures, which are shown one pixel for one where there is room.
    axes : name -> list of at least one number or string; the first value of each is shown first.

    Raises
    ------
    ValueError : no axis, an axis named `seed`, one that is no list or empty, a value that is no number or string, more
        than 200 combinations, figures of different sizes, or a figure function that does not return one with a text.
    """

    def __init__(
        self,
        figure: Callable[..., tuple[Any, str]],
        *,
        title: str = "Explorer",
        labels: dict[str, str] | None = None,
        dpi: int = 90,
        **axes: Sequence[Any],
    ):
        if not axes:
            raise ValueError("no axis; expected at least one, for example load=[0.1, 0.2, 0.3]")
        if "seed" in axes:
            raise ValueError("an axis named seed; expected another name, such as draw: seed is the instrument's own")
        tried = {name: _values(name, values) for name, values in axes.items()}
        count = 1
        for values in tried.values():
            count *= len(values)
        if count > MOST_FRAMES:
            raise ValueError(f"axes: {count} combinations; expected at most {MOST_FRAMES}, a page carries them all")
        dpi = as_count(dpi, "dpi", 20, 300)
        title = as_text(title, "title")
        words = {} if labels is None else as_named(labels, "labels", '{"load": "load K/N"}', least=0)
        for name, said in words.items():
            as_text(said, f"labels[{name!r}]")
            if name not in tried:
                raise ValueError(f"labels: {name!r} is no axis; expected names among {', '.join(map(repr, tried))}")
        as_function(figure, "figure", "one that returns (Figure, text)")
        from damtutor.figures.plot import own_style  # matplotlib: only when pictures are made

        with own_style():
            made = [_checked(figure(**dict(zip(tried, v, strict=True)))) for v in product(*tried.values())]
        self.declared = tuple(Setting(k, v, v[0], words.get(k, k), control="slider") for k, v in tried.items())
        self._fixed = {"title": title, "alts": [alt for _, alt in made], **_render(made, dpi), "call": None}
        super().__init__()

    def fixed(self):
        return self._fixed

    def describe(self) -> str:
        return f"{self.config['title']}, {len(self.config['alts'])} pictures, now {super().describe()}."


def _values(name: str, values: Any) -> tuple[Any, ...]:
    """An axis as plain Python numbers or strings, which both JSON and a label can show."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) != 1:
        raise ValueError(f"{name} is {shown(values)}; expected a list of values, for example {name}=[0.1, 0.2]")
    plain = tuple(v.item() if isinstance(v, np.generic) else v for v in values)
    if not plain:
        raise ValueError(f"{name} is empty; expected at least one value, for example {name}=[0.1, 0.2]")
    for value in plain:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | str)
            or value in (np.inf, -np.inf)
            or value != value
        ):
            raise ValueError(f"{name} holds {shown(value)}; expected finite numbers or strings")
    return plain


def _checked(made: Any) -> tuple[Any, str]:
    """What a figure function returned: a figure with a text, or ValueError."""
    if not (isinstance(made, tuple) and len(made) == 2 and hasattr(made[0], "savefig") and made[1]):
        raise ValueError(
            f"the figure function returned {type(made).__name__}; expected (Figure, text that replaces it)"
        )
    return made[0], str(made[1])


def _render(made: list[tuple[Any, str]], dpi: int) -> dict[str, Any]:
    """The pictures in strips of `per` each, WebP in base64, and the size of one picture in pixels."""
    from damtutor.figures.plot import strip  # matplotlib: only when pictures are made

    figures = [figure for figure, _ in made]
    per = max(1, int(TALLEST // (dpi * figures[0].get_figheight())))
    strips = [strip(figures[k : k + per], dpi) for k in range(0, len(figures), per)]
    sizes = {size for _, size in strips}
    if len(sizes) > 1:
        raise ValueError(f"pictures of {sorted(sizes)} pixels; expected one size, which a figure's figsize sets")
    for figure in figures:
        if hasattr(figure, "number"):  # made by pyplot, which would keep it open
            import matplotlib.pyplot as plt

            plt.close(figure)
    encoded = [base64.b64encode(webp).decode("ascii") for webp, _ in strips]
    return {"strips": encoded, "per": per, "size": list(sizes.pop())}
