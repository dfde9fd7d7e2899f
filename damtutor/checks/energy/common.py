"""What several exercises of chapter `energy` share.

Plain cases stay clear of the rim of a reach, so that float32 decides them alike. Networks have whole-number couplings:
a tie is a tie in any arithmetic.
"""

from damtutor.checks.engine.exercise import Tolerance

CLOSE = Tolerance(rtol=1e-4, atol=1e-5, words="to four digits")


def kernel_values(X, x, R):
    """1 - |x - X|²/R² of each memory, not clipped at 0."""
    return 1 - ((X - x) ** 2).sum(axis=1) / R**2
