"""Figures of chapter `hopfield`: each shows itself with its alt text, the same bytes twice, and says what is drawn."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from damtutor.figures import hopfield

POINTS = [(0.5, 0.4, 0.6), (1.0, 0.9, 1.0)]
MAKERS = {
    "energies": lambda: hopfield.energies_plot(
        {"memory": np.array([-0.5, -0.499]), "mixture": np.array([-0.37]), "other": np.array([])}, {"memory": -0.5}
    ),
    "ends": lambda: hopfield.ends_plot([5, 20], {"memory": [(0.3, 0.02, 6), (0.4, 0.01, 6)]}),
    "rules": lambda: hopfield.rules_plot(["hebb", "projection"], {"digits": POINTS}, trials=20),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    plot = MAKERS[name]()
    data, metadata = plot._repr_mimebundle_()
    assert len(plot.alt) > 20
    assert metadata["image/png"]["alt"] == plot.alt == data["text/plain"] == repr(plot)
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width > 150
    assert len(picture.getcolors()) > 1  # something is drawn
    assert MAKERS[name]().png() == plot.png()
    for ax in plot.figure.axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()


def test_alt_texts_carry_the_numbers():
    energies = MAKERS["energies"]().alt
    assert "memory: 2 runs, mean -0.499" in energies or "memory: 2 runs, mean -0.500" in energies
    assert "other" not in energies, "a kind without a run is not drawn"
    assert "0.40 at K = 20" in MAKERS["ends"]().alt
    assert "1.00 with projection" in MAKERS["rules"]().alt
