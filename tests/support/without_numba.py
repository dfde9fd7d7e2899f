"""A pytest plugin: every `import numba` fails, as on a machine that does not have it."""

import sys

sys.modules["numba"] = None
