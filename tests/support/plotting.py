"""What every figure of the course must do, asserted in one place for the tests of all chapters."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

from PIL import Image

from damtutor.figures.plot import Plot


def shows_itself(make: Callable[[], Plot]) -> Plot:
    """Assert that the plot shows a picture with its words; the plot."""
    plot = make()
    data, metadata = plot._repr_mimebundle_()
    assert len(plot.alt) > 20
    assert metadata["image/png"]["alt"] == plot.alt == data["text/plain"] == repr(plot)
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width > 150
    assert len(picture.getcolors()) > 1  # something is drawn
    return plot


def same_bytes_twice(make: Callable[[], Plot]) -> None:
    """Assert that two plots of the same numbers are the same file."""
    assert make().png() == make().png()


def axes_are_named(plot: Plot) -> None:
    """Assert that every axis says what it shows."""
    for ax in plot.figure.axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()


def is_whole(make: Callable[[], Plot]) -> None:
    """Assert all three: the plot shows itself, it is the same file twice, and its axes are named."""
    plot = shows_itself(make)
    same_bytes_twice(make)
    axes_are_named(plot)
