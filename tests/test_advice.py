"""Advice that is printed with a refusal is followed to the letter, for the very input that was refused."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from damtutor import Classifier, DenseAM, Hopfield, KernelDensity, ModernHopfield, attention
from damtutor.learning.contrast import run_batch
from damtutor.models.synapses import quadratic
from damtutor.patterns import flip
from damtutor.widgets import DenseRetrieval

BITS = np.array([[0, 1, 1, 0], [1, 1, 0, 0]])
SPINS = 2 * BITS - 1
LOPSIDED = np.array([[0, 100, 1], [120, 0, 3], [1, 5, 0]])
NUMBERS = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]])
WAVE = np.array([[0.25, 1.0], [-0.5, 0.0]])

BINARY: dict[str, Any] = {
    "uint8 of 0 and 1": BITS.astype(np.uint8),
    "int8 of 0 and 1": BITS.astype(np.int8),
    "int64 of 0 and 1": BITS,
    "bool": BITS.astype(bool),
    "floats of 0 and 1": BITS.astype(float),
    "float16 of 0 and 1": BITS.astype(np.float16),
    "uint8 of 0 and 255": (255 * BITS).astype(np.uint8),
    "grey levels 0 to 16": np.array([[0, 16, 9, 3], [15, 12, 2, 0]]),
    "grey from 0 to 1": np.array([[0.1, 0.9, 0.7, 0.0], [1.0, 0.6, 0.2, 0.3]]),
    "grey above 0": np.array([[0.1, 0.9, 0.7, 0.2], [0.8, 0.6, 0.2, 0.3]]),
    "nearly ±1": SPINS * 0.999,
    "spins and zeros": np.array([[0, 1, -1, 0], [1, 1, -1, -1]]),
    "uint8 of zeros": np.zeros((2, 4), np.uint8),
    "bool of ones": np.ones((2, 4), bool),
    "a list of 0 and 1": BITS.tolist(),
    "a list of bools": BITS.astype(bool).tolist(),
    "a list of floats": (0.7 * BITS).tolist(),
    "rows of 0 and 255": list((255 * BITS).astype(np.uint8)),
    "masked uint8": np.ma.masked_equal(BITS.astype(np.uint8), 5),
    "masked bool": np.ma.masked_array(BITS.astype(bool), mask=BITS > 0),
    "masked spins": np.ma.masked_equal(SPINS.astype(np.int8), 1),
    "masked rows": [np.ma.masked_equal(row, 1) for row in SPINS],
}
REAL: dict[str, Any] = {
    "bool": BITS.astype(bool),
    "texts": np.array([["1.5", "2"], ["3", "-4e3"]]),
    "a list of texts": [["1.5", "2"], ["3", "4"]],
    "objects": np.array([[1, 2.5], [3, 10**30]], dtype=object),
    "a list of bools": [[True, False], [False, True]],
    "masked": np.ma.masked_equal(NUMBERS, 1.0),
    "masked rows": [np.ma.masked_equal(row, 1.0) for row in NUMBERS],
}
SQUARE: dict[str, Any] = {
    "int8, whose sums wrap": LOPSIDED.astype(np.int8),
    "uint8": LOPSIDED.astype(np.uint8),
    "float": LOPSIDED / 7,
    "near the end of float64": LOPSIDED * 1e297,
    "float32": (LOPSIDED / 7).astype(np.float32),
    "a list": LOPSIDED.tolist(),
}
LARGE: dict[str, Any] = {
    "float32": np.array([[1e20, 2e20], [-1e20, 0]], np.float32),
    "float64": np.array([[1e200, 2e200], [-1e200, 0]]),
    "a list": [[1e200, 2e200], [-1e200, 0.0]],
    "near the end of float64": np.array([[1e308, -1e308]]),
}
VOTERS = Classifier([[1.0, -1.0], [-1.0, 1.0]], [[1.0, -1.0], [-1.0, 1.0]], order=4, scale=1.0)


def doors() -> list:
    """(name of the case, function of one argument, name that the advice uses, refused input)."""
    found = []

    def door(label: str, name: str, function: Callable[[Any], Any], refused: dict[str, Any]) -> None:
        found.extend(pytest.param(function, name, value, id=f"{label}, {kind}") for kind, value in refused.items())

    door("Hopfield", "patterns", Hopfield, BINARY)
    door("DenseAM", "patterns", DenseAM, BINARY)
    door("an instrument", "patterns", lambda x: DenseRetrieval(x, shape=(2, 2)), BINARY)
    one = {kind: value for kind, value in BINARY.items() if isinstance(value, np.ndarray)}
    door("a state", "state", lambda x: flip(x, 1, rng=0), {kind: value[0] for kind, value in one.items()})
    door("ModernHopfield", "patterns", lambda x: ModernHopfield(x, 1.0), REAL)
    door("attention", "keys", lambda x: attention(np.ones((1, np.shape(x)[1])), x, np.ones((2, 1))), REAL)
    door("from_weights", "weights", Hopfield.from_weights, SQUARE)
    door("a synapse", "weights", lambda w: quadratic("v", w), SQUARE)
    door("a batch", "weights", lambda w: run_batch(w, np.ones((1, 3), np.int8)), SQUARE)
    full = {k: np.asarray(v) + np.asarray(v).T for k, v in SQUARE.items() if k in ("float", "float32")}
    full = {k: v + np.eye(3, dtype=v.dtype) for k, v in full.items()}
    door("a batch with a diagonal", "weights", lambda w: run_batch(w, np.ones((1, 3), np.int8)), full)
    door("a diagonal in a list", "weights", lambda w: run_batch(w, [[1, 1, 1]]), {"a list": full["float"].tolist()})
    door("ModernHopfield", "patterns", lambda x: ModernHopfield(x, 2.0), LARGE)
    door("by distance", "patterns", lambda x: ModernHopfield(x, 2.0, "distance"), LARGE)
    door("KernelDensity", "data", lambda x: KernelDensity(x, 0.5), LARGE)
    door("Classifier", "images", VOTERS.classify, {k: v for k, v in LARGE.items() if k != "float32"})
    return found


def code_of(message: str) -> str:
    """The code that a message ends with."""
    found = re.search(r"(?:for example|become spins by) (.+)$", message)
    assert found, message
    return found[1]


@pytest.mark.parametrize(("function", "name", "refused"), doors())
def test_advice_runs_as_printed_and_is_taken(function, name, refused):
    following = refused
    for _ in range(3):  # a masked array of 0 and 1 needs no more than two pieces of advice
        try:
            function(following)
            break
        except ValueError as error:
            code = code_of(str(error))
        following = eval(code, {"np": np, name: following})
        assert np.ptp(following) > 0 or np.ptp(np.ma.array(refused, dtype=float).compressed()) == 0, code
    else:
        pytest.fail(f"not taken: {following!r}")
    assert following is not refused, "nothing was refused"


@pytest.mark.parametrize("kind", [kind for kind, value in BINARY.items() if not isinstance(value, np.ma.MaskedArray)])
def test_pictures_become_the_spins_that_they_show(kind):
    value = BINARY[kind]
    with pytest.raises(ValueError, match=r"np\.") as refusal:
        Hopfield(value)
    if kind.endswith("0 and 1") or kind in ("bool", "a list of bools", "uint8 of 0 and 255", "rows of 0 and 255"):
        made = eval(code_of(str(refusal.value)), {"np": np, "patterns": value})
        assert made.tolist() == SPINS.tolist()


def pieces_of_code() -> set[str]:
    """Parts of messages in the package that calculate: what an answer's checks print is tried with the exercises."""
    package = Path(__file__).parents[1] / "damtutor"
    found = set()
    for path in package.rglob("*.py"):
        if path.relative_to(package).parts[0] in ("checks", "sweeps", "cli.py"):  # sweeps' advice is tried there
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                if re.search(r"\bnp\.\w+\(|\.T( |\))|\.astype|\.filled", node.value):
                    found.add(node.value)
    return found


KNOWN = (
    "np.ma.array(",
    "np.array(",
    ".filled(0)",
    ".filled(False)",
    ".astype(float)",
    " > 0, 1, -1)",
    "by np.where(",
    ".T / 2",
    " - np.diag(np.diag(",
    "patterns / np.abs(patterns).max()",
    "images / np.abs(images).max()",
    "np.linspace(1, 20, 50)",  # a value, not a cure
    "beta * queries @ keys.T overflows",  # a formula
    "lambda x: np.sum(x * x)",
)


def test_no_advice_is_printed_that_nobody_tried():
    assert {piece for piece in pieces_of_code() if not any(known in piece for known in KNOWN)} == set()
