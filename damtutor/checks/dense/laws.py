"""What holds for every right answer of chapter `dense`, and a look at how much work a right answer does."""

from collections.abc import Callable

import numpy as np

from damtutor.checks.engine.exercise import Call


def energy(X, s, n):
    """-Σ (X_μ · s)**n in Python integers."""
    return -sum(int(m) ** n for m in X.astype(int) @ s)


def _random(rng, K, N):
    return rng.choice(np.array([-1, 1], dtype=np.int8), (K, N)), rng.choice(np.array([-1, 1], dtype=np.int8), N)


def brute_force(call: Call):
    """The chosen value of the spin is the one of lower energy, both computed in whole numbers."""
    for k in range(40):
        rng = np.random.default_rng([46, k])
        n = 2 + k % 6
        X, s = _random(rng, 5, 6 if n <= 5 else 12)
        i = int(rng.integers(s.size))
        up, down = s.copy(), s.copy()
        up[i], down[i] = 1, -1
        difference = energy(X, down, n) - energy(X, up, n)
        wanted = int(s[i]) if difference == 0 else (1 if difference > 0 else -1)
        if call(X, s, i, n).ravel()[0] != wanted:
            words = f"E(s_i = -1) - E(s_i = +1) is {difference} here, so the spin should be {wanted}."
            return (X, s, i, n), words
    return None


def flipped(call: Call):
    """Flipping neuron i in every pattern and in the state flips the decision."""
    for k in range(10):
        rng = np.random.default_rng([47, k])
        X, s = _random(rng, 4, 7)
        i, n = int(rng.integers(7)), 2 + k % 4
        other_X, other_s = X.copy(), s.copy()
        other_X[:, i] *= -1
        other_s[i] *= -1
        if call(X, s, i, n).ravel()[0] != -call(other_X, other_s, i, n).ravel()[0]:
            return (other_X, other_s, i, n), "Here neuron i was flipped, and the answer was not."
    return None


def never_rises(call: Call):
    """No visit raises the energy."""
    for k in range(6):
        rng = np.random.default_rng([48, k])
        X, s = _random(rng, 9, 12)
        n, order = 2 + k % 4, rng.permutation(12)
        for stop in (1, 4, 12):
            before, after = energy(X, s, n), energy(X, call(X, s, order[:stop], n), n)
            if after > before:
                return (X, s, order[:stop], n), f"The energy went from {before} to {after}."
    return None


def in_two_parts(call: Call):
    """A sweep over a, then over b, is a sweep over a and b."""
    for k in range(4):
        rng = np.random.default_rng([49, k])
        X, s = _random(rng, 9, 12)
        n, order = 2 + k % 4, rng.permutation(12)
        parts = call(X, call(X, s, order[:5], n).astype(np.int8), order[5:], n)
        if not np.array_equal(parts, call(X, s, order, n)):
            return (X, s, order, n), "In two parts the end is another one."
    return None


def recall_never_rises(call: Call):
    """No sweep raises the energy, sweep after sweep."""
    for k in range(8):
        rng = np.random.default_rng([50, k])
        X, s = _random(rng, 12, 16)
        n = 2 + k % 3
        for _ in range(6):
            after = call(X, s, n, 1).astype(np.int8)
            if energy(X, after, n) > energy(X, s, n):
                return (X, s, n, 1), f"The energy goes from {energy(X, s, n)} up to {energy(X, after, n)}."
            s = after
    return None


def wrong_bits(X, n):
    """Share of stored bits that the exact rule would flip, each of the first patterns being the state in turn."""
    states = X[:60]
    H = states.astype(float) @ X.T
    gain = (H + 2) ** n - (H - 2) ** n
    bend = (H + 2) ** n - 2 * H**n + (H - 2) ** n
    field = gain @ X - states * bend.sum(axis=1, keepdims=True)
    return float((field * states < 0).mean())


def measured_error(call: Call):
    """At this K, the share of wrong bits is p: random patterns, five standard errors over twelve pattern sets."""
    for N, n, p in ((400, 2, 0.01), (60, 3, 0.01)):
        K = round(float(call(N, n, p).ravel()[0]))
        shares = [wrong_bits(_random(np.random.default_rng([51, N, k]), K, N)[0], n) for k in range(12)]
        mean, error = np.mean(shares), np.std(shares, ddof=1) / np.sqrt(len(shares))
        if abs(mean - p) > 5 * error:
            return (N, n, p), f"With K = {K} patterns {mean:.4f} of the bits are wrong; p is {p}."
    return None


class _Counting(np.ndarray):
    """Patterns that count the numbers which pass through arithmetic with them."""

    work = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        plain = [x.view(np.ndarray) if isinstance(x, _Counting) else x for x in inputs]
        if out is not None:
            options["out"] = tuple(x.view(np.ndarray) if isinstance(x, _Counting) else x for x in out)
        _Counting.work += max(np.size(x) for x in plain)
        result = getattr(ufunc, method)(*plain, **options)
        return result.view(_Counting) if isinstance(result, np.ndarray) else result


def work_of_a_sweep(function: Callable) -> str | None:
    """A kind word for a right sweep that computes all overlaps again at every spin."""
    N, K = 120, 40
    X, s = _random(np.random.default_rng(52), K, N)
    _Counting.work = 0
    function(X.view(_Counting), s, np.arange(N), 3)
    if _Counting.work < 0.5 * N * (N * K):
        return None
    return (
        "It is right, and it computes all overlaps again at every spin: K·N products each time where K are enough. "
        "Keep them, and change them only when a spin flips."
    )
