"""The hot loops. Each has a compiled form (numba, loaded at first use) and a NumPy twin with the same results.

Nothing outside this folder imports numba. `DAMTUTOR_NUMBA=0` in the environment, numba being absent, or a numba that
does not run here selects the twins: the same states, flips, sweeps and overlaps, only later.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from functools import cache
from types import ModuleType

import numpy as np

from damtutor.kernels import reference


@cache
def backend() -> ModuleType:
    """The module whose functions run the hot loops: `compiled` where numba is there and runs, else `reference`."""
    return _choose()[0]


def trouble() -> str:
    """What makes the loops slower here than they could be, with its cure, as a sentence; "" if nothing does."""
    module, why = _choose()
    if module is reference:
        return why and f"numba does not run here, so that the slow loops do its work: {why}"
    from damtutor.kernels.compiled.jit import unkept

    if not unkept:
        return ""
    return (
        f"the compiled loops cannot be kept on the disk ({'; '.join(unkept)}), so that every start of Python compiles "
        "them again; set NUMBA_CACHE_DIR to a folder that you may write"
    )


@cache
def _choose() -> tuple[ModuleType, str]:
    """The module, and why numba does not run where it is there, with the cure."""
    wanted = os.environ.get("DAMTUTOR_NUMBA", "1") != "0"
    has_compiled = importlib.util.find_spec("damtutor.kernels.compiled") is not None
    if not (wanted and has_compiled and importlib.util.find_spec("numba") is not None):
        return reference, ""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return reference, "NUMBA_DISABLE_JIT is set; unset it"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what numba deprecates is no reason to be slow
            from damtutor.kernels import compiled

            one = np.ones((1, 1), np.int8)
            compiled.overlaps(reference.pack(one), one[0])  # numba may be installed and not run
    except Exception as error:
        return reference, f"{type(error).__name__}: {error}; reinstall it: pip install --force-reinstall numba"
    return compiled, ""
