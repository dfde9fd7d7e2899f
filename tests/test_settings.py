"""Numbers do not depend on what the caller has set: error states, filters of warnings, printing, random state."""

import decimal
import os
import subprocess
import sys
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

from damtutor import (
    DenseAM,
    Exponential,
    Hopfield,
    KernelDensity,
    ModernHopfield,
    Power,
    attention,
    lagrangian,
    probability_flow,
)
from damtutor.learning import consolidation
from damtutor.learning.classifier import Classifier
from damtutor.models.attention import attention_weights, retrieval_energy
from damtutor.models.diffusion import exact_denoiser
from damtutor.patterns import flip, random_patterns
from damtutor.theory import classical, replica

pytestmark = pytest.mark.twin

REAL = np.array([[10.0, 0, 0], [0, 30.0, 0], [0, 0, 50.0], [20.0, 20, 20]])
QUERY = REAL + 0.25
SPINS = random_patterns(12, 800, rng=0)
START = flip(SPINS[0], 60, rng=1)
STEEP = DenseAM(SPINS, Exponential())
CALLS = {
    "dot": lambda: ModernHopfield(REAL, 1.0).retrieve(QUERY[0]).energies,
    "distance": lambda: ModernHopfield(REAL.astype(np.float32), 9.0, "distance").settle(QUERY),
    "n_eff": lambda: ModernHopfield(REAL, 0.8).n_eff(QUERY),
    "tiny": lambda: ModernHopfield(REAL.astype(np.float32), 1.0).step(QUERY * 1e-60),
    "attention": lambda: attention(QUERY, REAL, REAL * 1e-300, 1.0),
    "attention weights": lambda: attention_weights(QUERY, REAL, 0.8),
    "attention energy": lambda: retrieval_energy(QUERY, REAL, 5.0),
    "density": lambda: KernelDensity(REAL, 0.7).log_density(QUERY),
    "mean": lambda: KernelDensity(REAL, 0.7).mean(QUERY),
    "flow": lambda: probability_flow(exact_denoiser(REAL), QUERY, [20.0, 5.0, 1.0, 0.1]).ends,
    "steep energy": lambda: STEEP.energy(START),
    "steep fields": lambda: STEEP.fields(START),
    "steep recall": lambda: STEEP.retrieve(START, rng=0).energies,
    "steep batch": lambda: STEEP.step([START, SPINS[1]], order="sync"),
    "power": lambda: DenseAM(SPINS, Power(60)).retrieve(START, rng=0).energies,
    "exp": lambda: Exponential()(np.array([-1000.0, 0, 1000.0])),
    "hot": lambda: Hopfield(SPINS).retrieve(START, rng=0, temperature=1e-300, max_sweeps=2).state,
    "small": lambda: Hopfield.from_weights(Hopfield(SPINS).weights * 1e-280).fields(START),
    "lagrangian": lambda: lagrangian("tanh", beta=9.0).value(REAL[0]),
    "denoise": lambda: consolidation.denoise(REAL, QUERY, 0.3),
    "classify": lambda: Classifier(np.tanh(REAL), np.eye(4, 3) * 2 - 1, 40, 3.0).scores(np.tanh(QUERY) * 1e-9),
    "mean field": lambda: classical.ags(0.001, 0.01),
    "free energy": lambda: replica.mean_log_cosh(0.9, 0.01, 0.001),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_values_are_the_same_under_every_setting_of_the_caller(call):
    expected = call()
    np.random.seed(7)  # noqa: NPY002 (the caller's own)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for state in ("raise", "ignore", "warn"):
        with warnings.catch_warnings(), np.errstate(all=state), np.printoptions(precision=1, legacy="1.13"):
            warnings.simplefilter("error")
            with decimal.localcontext(decimal.Context(prec=1)):
                np.testing.assert_equal(call(), expected)
            assert set(np.geterr().values()) == {state}
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.skipif(not find_spec("numba"), reason="numba is not installed: there is one library less to warn")
def test_libraries_that_are_loaded_late_may_warn():
    """`python -W error`: what a library deprecates while it is imported ends no call, nor chooses the slow loops."""
    code = (
        "from damtutor import DenseAM, Hopfield, Power, kernels; from damtutor.patterns import digits, letters;"
        "from damtutor.theory.classical import ags; ags(0.05, 0.1); letters('A');"
        "Hopfield(digits()).retrieve(digits()[0], rng=0); DenseAM(digits(), Power(3)).step(digits()[0], 0);"
        "print(kernels.trouble() or kernels.backend().__name__)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    with_numba = os.environ.get("DAMTUTOR_NUMBA") != "0"
    assert done.stdout.strip() == f"damtutor.kernels.{'compiled' if with_numba else 'reference'}"
