"""A new interaction function costs one class: done here in a copy of the package."""

import json
from itertools import product

import numpy as np
import pytest
from changed_package import changed_files, copy_package, run_with

from damtutor.models.interactions import NAMED, Exponential, Power, RectifiedPower
from damtutor.models.spin_product import SpinProduct

CLASS = '''
@dataclass(frozen=True)
class Mixed(Interaction):
    """F(x) = x**2 + x**4 + x/2: pairs, quadruples, and a half so that not all is whole."""

    words = Words("mix", "mixed", "pairs and quadruples", "−N Σ F(M)/F(N), F = M/2 + M² + M⁴", "−Σ M/2 + M² + M⁴")
    convex = True

    def __call__(self, x):
        x = np.asarray(x, dtype=np.float64)
        return x / 2 + x**2 + x**4

    def exact_value(self, x: int) -> Fraction:
        return Fraction(x, 2) + x**2 + x**4

    def exact_slope(self, x: int) -> Fraction:
        return Fraction(1, 2) + 2 * x + 4 * x**3


def _needs_no_parameter('''

USE = """
import json
import sys
import numpy as np
import damtutor
from damtutor.experiments.recall import relative_path
from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Mixed
from damtutor.widgets import Filmstrip
from damtutor.widgets.kit.packing import ORDERS, interaction, pack_table, pack_tables

rng = np.random.default_rng(5)
cases = []
for size, count in ((5, 1), (6, 4), (7, 9)):
    patterns = rng.choice(np.array([-1, 1], np.int8), (count, size))
    turned = patterns[:1] * np.where(np.arange(size) == 0, -1, 1).astype(np.int8)
    patterns = np.concatenate([patterns, turned])  # of one pattern and this one: spin 0 always ties
    model = DenseAM(patterns, Mixed())
    starts = rng.choice(np.array([-1, 1], np.int8), (8, size))
    runs = [model.retrieve(s, rng=np.random.default_rng([size, k]), record="flips") for k, s in enumerate(starts)]
    cases.append({
        "patterns": patterns.tolist(),
        "starts": starts.tolist(),
        "ends": [run.state.tolist() for run in runs],
        "flips": [run.flips.tolist() for run in runs],
        "sync": model.step(starts, order="sync").tolist(),
        "fields": model.fields(starts).tolist(),
        "energies": model.energy(starts).tolist(),
    })
print(json.dumps({
    "file": damtutor.__file__,
    "cases": cases,
    "orders": ORDERS,
    "same": interaction("mix") == Mixed(),
    "slider": Filmstrip().config["controls"]["n"]["text"],
    "said": repr(Filmstrip(n="mix")),
    "packed": pack_table(Mixed(), 5),
    "tables": sorted(pack_tables(4)),
    "repr": repr(DenseAM([[1, -1]], Mixed())),
    "path": relative_path(DenseAM([[1, 1, 1, -1], [1, -1, 1, 1]], Mixed()), [1, 1, 1, -1], [1, -1, 1, 1]).energies[0],
}))
"""


def energy(patterns, state) -> int:
    """Twice -Σ F(M), in whole numbers."""
    return -sum(m + 2 * m**2 + 2 * m**4 for m in (int(np.dot(x, state)) for x in patterns))


def better(patterns, state, i) -> int:
    """The value of spin i by two whole energies; a tie keeps it."""
    up, down = ([*state[:i], s, *state[i + 1 :]] for s in (1, -1))
    gap = energy(patterns, down) - energy(patterns, up)
    return state[i] if gap == 0 else 1 if gap > 0 else -1


def test_a_new_function_is_one_class(tmp_path):
    copy = copy_package(tmp_path)
    file = copy / "models" / "interactions.py"
    text = file.read_text(encoding="utf-8")
    assert text.count("\ndef _needs_no_parameter(") == 1
    file.write_text(text.replace("\ndef _needs_no_parameter(", CLASS), encoding="utf-8")
    found = json.loads(run_with(copy, USE))
    assert found["file"] == str(copy / "__init__.py")

    ties = 0
    for case in found["cases"]:
        patterns, size = case["patterns"], len(case["starts"][0])
        for k, start in enumerate(case["starts"]):
            together = [better(patterns, start, i) for i in range(size)]
            assert case["sync"][k] == together
            downs, ups = ([energy(patterns, [*start[:i], s, *start[i + 1 :]]) for i in range(size)] for s in (-1, 1))
            gaps = np.subtract(downs, ups) / 2  # E(s_i = -1) - E(s_i = +1)
            unit = (size / 2 + size**2 + size**4) / size
            np.testing.assert_allclose(case["fields"][k], gaps / unit, rtol=1e-12, atol=0)
            ties += int(np.sum(gaps == 0))
            assert case["energies"][k] == pytest.approx(energy(patterns, start) / 2 / unit, rel=1e-13)
            state, flips, rng = list(start), [], np.random.default_rng([size, k])
            while True:
                before = len(flips)
                for i in rng.permutation(size):
                    new = better(patterns, state, i)
                    if new != state[i]:
                        state[i] = new
                        flips.append(int(i))
                if len(flips) == before:
                    break
            assert (case["ends"][k], case["flips"][k]) == (state, flips)
    assert ties > 0

    assert found["orders"][-2:] == ["exp", "mix"]
    assert found["same"]
    assert found["slider"][-2:] == ["exp", "mixed"]
    assert "10 pictures takes them, pairs and quadruples, seed 0." in found["said"]
    assert "mix" in found["tables"]
    assert found["repr"] == "DenseAM(1 patterns of 2 neurons, Mixed(), update_rule='exact')"
    assert found["path"] == -1
    packed = found["packed"]
    assert (packed["label"], packed["energy"]) == ("mixed", "scaled")
    assert packed["formula"] == "−N Σ F(M)/F(N), F = M/2 + M² + M⁴"
    values = [int(w, 16) / 2 ** packed["shift"] for w in packed["words"]]
    expected = [x / 2 + x**2 + x**4 for x in range(-7, 8, 2)]
    np.testing.assert_allclose(np.multiply(values, packed["worth"]), np.multiply(expected, 5 / (5 / 2 + 25 + 625)))
    assert changed_files(copy) == ["models/interactions.py"]


def test_every_function_has_its_words():
    functions = [Power(3), RectifiedPower(3), Exponential(), SpinProduct(3, 4)]
    for one, other in product(functions, repeat=2):
        assert all(isinstance(word, str) and word for word in one.words)
        assert one is other or one.words.name != other.words.name
    assert Power(3).words.formula == "−N Σ (M/N)^3"
    assert RectifiedPower(4).words.phrase == "n = 4, rectified"
    assert RectifiedPower(4).words.sum_formula == "−Σ M^4, negative M count 0"
    assert NAMED == {"exp": Exponential}
