"""A new learning rule costs one function and one row of one table: done here in a copy of the package."""

import json

import numpy as np
from changed_package import changed_files, copy_package, run_with

from damtutor.patterns import digits

FUNCTION = '''
def clipped(patterns: Any, *, keep_diagonal: bool = False) -> np.ndarray:
    """The signs of Hebb's couplings, as in a network whose synapses have two values."""
    return np.sign(hebb(patterns, keep_diagonal=keep_diagonal))


RULES = {
'''
ROW = """    "clipped": LearningRule(clipped, "clipped", "the clipped"),
}


def on_grid("""

USE = """
import json
import numpy as np
import damtutor
from damtutor.experiments import learning
from damtutor.learning.couplings import RULES
from damtutor.models.hopfield import Hopfield
from damtutor.patterns import digits

network = Hopfield(digits(), rule="clipped")
kept = Hopfield(digits(), rule="clipped", keep_diagonal=True)
trace = network.retrieve(digits()[0], rng=1)
try:
    Hopfield(digits(), rule="oja")
except ValueError as error:
    refused = str(error)
row = learning.rule_row(digits(), "clipped", seeds=2)
print(json.dumps({
    "file": damtutor.__file__,
    "weights": network.weights.tolist(),
    "diagonal": np.diag(kept.weights).tolist(),
    "repr": repr(network),
    "converged": trace.converged,
    "refused": refused,
    "recalled": row.recalled.value,
    "words": RULES["clipped"].phrase,
}))
"""


def test_a_fourth_rule_is_one_function_and_one_row(tmp_path):
    copy = copy_package(tmp_path)
    file = copy / "learning" / "couplings.py"
    text = file.read_text(encoding="utf-8")
    assert text.count("\nRULES = {\n") == text.count("}\n\n\ndef on_grid(") == 1
    text = text.replace("\nRULES = {\n", FUNCTION).replace("}\n\n\ndef on_grid(", ROW)
    file.write_text(text, encoding="utf-8")
    found = json.loads(run_with(copy, USE))
    assert found["file"] == str(copy / "__init__.py")

    x = digits().astype(int)
    expected = np.sign(x.T @ x)
    assert found["diagonal"] == [1.0] * 64
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(found["weights"], expected)
    assert found["repr"] == "Hopfield(10 patterns of 64 neurons, rule='clipped')"
    assert found["converged"] is True
    assert found["refused"] == "rule is 'oja'; expected one of 'hebb', 'projection', 'storkey', 'clipped'"
    assert 0 <= found["recalled"] <= 1
    assert found["words"] == "the clipped"
    assert changed_files(copy) == ["learning/couplings.py"]
