"""The hot loops. Each has a compiled form (numba, loaded at first use) and a NumPy twin with the same results.

Nothing outside this folder imports numba. `DAMTUTOR_NUMBA=0` in the environment, or numba being absent, selects the
twins: the same states, flips, sweeps and overlaps, only later.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from types import ModuleType

from damtutor.kernels import reference


@cache
def backend() -> ModuleType:
    """The module whose functions run the hot loops: `compiled` where numba is there, else `reference`."""
    wanted = os.environ.get("DAMTUTOR_NUMBA", "1") != "0"
    has_compiled = importlib.util.find_spec("damtutor.kernels.compiled") is not None
    if wanted and has_compiled and importlib.util.find_spec("numba") is not None:
        from damtutor.kernels import compiled

        return compiled
    return reference
