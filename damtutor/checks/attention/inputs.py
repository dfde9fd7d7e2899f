"""What the checks of chapter `attention` put in: seeded random cases and fixed edges.

All four sizes differ (queries, keys, size of a key, size of a value), so that no axis can be taken for another.
"""

import numpy as np

from damtutor.checks.engine.exercise import Case

CLEAR = 1e-4  # the best step is this far ahead of the second best, or a tie on purpose
FAR = 400.0  # makes scores of some thousands: exp of them is beyond float64


def numbers(rng, shape):
    """Gaussian numbers with two decimals, which can be read where a verdict shows them."""
    return rng.standard_normal(shape).round(2)


def attend_cases():
    """Q, K, W."""
    yield Case((np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[1.0], [3.0]])))
    for k, (S, T, d, v) in enumerate(
        ((1, 2, 3, 1), (2, 3, 4, 2), (3, 5, 4, 2), (5, 4, 3, 7), (4, 4, 4, 4), (6, 9, 2, 3))
    ):
        rng = np.random.default_rng([61, k])
        yield Case((numbers(rng, (S, d)), numbers(rng, (T, d)), numbers(rng, (d, v))))
    rng = np.random.default_rng([61, 99])
    for sign in (1, -1):
        K = sign * np.abs(numbers(rng, (4, 3)))
        yield Case((FAR * np.abs(numbers(rng, (2, 3))), FAR * K, numbers(rng, (3, 2))), "large")


def masked_cases():
    """Q, K, V, visible."""

    def made(k, S, T, d, v):
        rng = np.random.default_rng([62, k])
        return numbers(rng, (S, d)), numbers(rng, (T, d)), numbers(rng, (T, v))

    for k, (T, d, v) in enumerate(((2, 3, 1), (3, 2, 4), (5, 4, 2), (7, 5, 3))):
        yield Case((*made(k, T, T, d, v), np.arange(1, T + 1)))  # causal
        yield Case((*made(20 + k, T + 1, T, d, v), np.full(T + 1, max(1, T - 2))))  # padding
    yield Case((*made(40, 3, 6, 4, 2), np.array([4, 5, 6])))  # the last three of six positions
    yield Case((*made(41, 4, 5, 3, 2), np.array([5, 1, 3, 2])))
    Q, K, V, visible = *made(42, 3, 4, 3, 2), np.array([1, 2, 4])
    yield Case((FAR * Q, FAR * K, V, visible), "large")
    yield Case((FAR * np.abs(Q), -FAR * np.abs(K), V, visible), "large")
    K = FAR * np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [2.0, 1.0, 1.0]])
    yield Case((FAR * np.ones((3, 3)), K, V, np.array([1, 2, 3])), "large")  # the hidden key fits best


def head_cases():
    """R, W_Q, W_K, W_V, W_O. In the plain cases the size of a key is that of the model, as in a single full head."""
    for k, (S, H, m, d, v) in enumerate(
        (
            (2, 1, 2, 2, 2),
            (3, 2, 3, 3, 2),
            (4, 2, 4, 4, 4),
            (3, 2, 6, 3, 2),
            (5, 4, 8, 2, 3),
            (4, 3, 4, 7, 5),
            (2, 1, 2, 1, 1),
        )
    ):
        rng = np.random.default_rng([63, k])
        w_q, w_k, w_v = (numbers(rng, (H, m, size)) for size in (d, d, v))
        case = numbers(rng, (S, m)), w_q, w_k, w_v, numbers(rng, (H, v, m))
        yield Case(case, "" if d == m else "sizes")
    rng = np.random.default_rng([63, 99])
    w_q, w_k, w_v = (numbers(rng, (2, 4, size)) for size in (3, 3, 2))
    yield Case((FAR * numbers(rng, (3, 4)), w_q, w_k, w_v, numbers(rng, (2, 2, 4))), "large")
    for sign in (1, -1):
        case = (
            FAR * np.ones((2, 2)),
            np.ones((1, 2, 3)),
            sign * np.ones((1, 2, 3)),
            np.ones((1, 2, 1)),
            np.ones((1, 1, 2)),
        )
        yield Case(case, "large")


def tour_cases():
    """K, tour, a: some or all of the keys in the order of the walk, with and without a leak."""
    tours = (
        (3, 2, [0, 1, 2]),
        (4, 2, [2, 0, 3, 1]),
        (5, 3, [1, 3, 4]),
        (6, 4, [5, 4, 0, 2]),
        (6, 6, [3, 1, 0, 5, 2, 4]),
    )
    for k, (T, d, tour) in enumerate(tours):
        keys = numbers(np.random.default_rng([64, k]), (T, d))
        for a in (1.0, 0.5, 0.3):
            yield Case((keys, np.array(tour), a), "" if a == 1 else "leak")
    keys = numbers(np.random.default_rng([64, 99]), (3, 2))
    yield Case((keys, np.array([1]), 0.5), "alone")


def _means(K, queries, right, beta, steps):
    """Mean right weight in every step."""
    x, means = queries, []
    for _ in range(steps):
        scores = beta * x @ K.T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(float(weights[np.arange(len(right)), right].mean()))
        x = weights @ K
    return means


def _best_is_clear(args):
    means = sorted(_means(*args))
    return means[-1] - means[-2] > CLEAR


def _asked(d, T, B, noise, factor, steps, *, seed, late):
    """Arguments of `best_step`: the first draw whose best step is clear and, if `late`, not step 1."""
    for draw in range(60):
        rng = np.random.default_rng([65, seed, draw])
        K, right = rng.standard_normal((T, d)), rng.integers(T, size=B)
        args = K, K[right] + noise * rng.standard_normal((B, d)), right, factor / np.sqrt(d), steps
        means = _means(*args)
        if np.ptp(np.sort(means)[-2:]) > CLEAR and (np.argmax(means) > 0) == late:
            return args
    raise AssertionError(seed)


def stopping_cases():
    """K, queries, right, beta, steps."""
    one = np.array([[2.0, 0.0]])
    yield Case((one, np.array([[1.0, 1.0]]), np.array([0]), 1.0, 3), "tie")
    yield Case(_asked(16, 12, 7, 0.5, 1.0, 6, seed=0, late=False))
    chosen = (
        (16, 6, 12, 1.6, 2.0, 8),
        (16, 6, 9, 1.2, 1.3, 8),
        (16, 10, 12, 1.6, 2.0, 8),
        (32, 14, 12, 1.2, 1.3, 8),
        (32, 20, 16, 0.8, 2.0, 8),
        (32, 20, 16, 1.6, 1.3, 6),
        (32, 20, 16, 1.6, 2.0, 8),
        (32, 24, 16, 0.8, 2.0, 5),
    )
    for k, sizes in enumerate(chosen, start=1):
        yield Case(_asked(*sizes, seed=k, late=True))
    for sizes, seed in (
        ((16, 10, 12, 1.6, 2.0, 8), 104),
        ((32, 14, 12, 1.6, 1.0, 8), 157),
        ((32, 20, 16, 1.6, 1.3, 6), 137),
    ):
        yield Case(_asked(*sizes, seed=seed, late=True))  # the step of most wins is another one here
    for sign in (1, -1):  # one more number in each key: every score moves by thousands, no weight changes
        K, queries, right, beta, steps = _asked(*chosen[4], seed=5, late=True)
        K = np.hstack([K, np.full((len(K), 1), FAR)])
        yield Case((K, np.hstack([queries, np.full((len(queries), 1), sign * FAR)]), right, beta, steps), "large")
