"""Figures of the chapter on attention: each shows itself with its alt text, the same bytes twice."""

import numpy as np
import pytest
from plotting import is_whole

from damtutor.figures import attention as figures

MAKERS = {
    "forgetting": lambda: figures.forgetting_plot([0.9, 0.5], [0.01, 0.02], [50.0, 41.0, 32.0], chance=0.005),
    "repetition": lambda: figures.repetition_plot(
        {"as it is": ([0.9, 0.1], [0.01, 0.01]), "cure": ([0.8, 0.9], [0, 0])}
    ),
    "edge": lambda: figures.edge_plot(
        {"d = 16": ((2, 8), [1.0, 0.1], [0.0, 0.02], None), "d = 32": ((10, 24), [1.0, 0.05], [0.0, 0.01], 18.6)}
    ),
    "mask": lambda: figures.mask_plot(["a", "b"], np.array([[1.0, 0.0], [0.25, 0.75]])),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_shows_itself_with_its_words(name):
    is_whole(MAKERS[name])


def test_alt_texts_carry_the_numbers():
    assert "falls from 50.0 to 32.0 in 2 updates" in MAKERS["forgetting"]().alt
    assert "0.90 in step 1 to 0.500 in step 2" in MAKERS["forgetting"]().alt
    assert "cure: 0.80 in step 1, 0.900 in step 2" in MAKERS["repetition"]().alt
    assert "d = 16: from 1.00 at K = 2 to 0.10 at K = 8, no line" in MAKERS["edge"]().alt
    assert "line at 18.6" in MAKERS["edge"]().alt
    assert "a 1.00, b 0.75" in MAKERS["mask"]().alt
