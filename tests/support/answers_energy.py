"""Answers to the exercises of chapter `energy` as learners write them: right in other ways, and wrong in known ones."""

import math
from statistics import NormalDist

import numpy as np

# energy.1 -----------------------------------------------------------------------------------------------------------


def energy_loop(X, x, R):
    """No array at all."""
    phi = 0.0
    for row in X.tolist():
        phi += max(0.0, 1 - sum((a - b) ** 2 for a, b in zip(row, x.tolist(), strict=True)) / R**2)
    return -math.log(phi)


def energy_float32(X, x, R):
    r = np.linalg.norm(X.astype(np.float32) - x.astype(np.float32), axis=1)
    return -np.log(np.where(r < R, 1 - (r / np.float32(R)) ** 2, 0).sum())


def energy_selected(X, x, R):
    depth = 1 - np.sum(np.square(X - x), axis=-1) / R / R
    return np.log(1 / depth[depth > 0].sum())


def energy_no_log(X, x, R):
    return -sum(max(0, 1 - np.dot(row - x, row - x) / R**2) for row in X)


def energy_upside_down(X, x, R):
    return np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R**2, 0).sum())


def energy_unclipped(X, x, R):
    return -np.log((1 - ((X - x) ** 2).sum(1) / R**2).sum())


def energy_late_clip(X, x, R):
    return -np.log(np.maximum((1 - ((X - x) ** 2).sum(1) / R**2).sum(), 0))


def energy_plain_distance(X, x, R):
    return -np.log(np.maximum(1 - np.linalg.norm(X - x, axis=1) / R, 0).sum())


def energy_plain_reach(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R, 0).sum())


def energy_coordinates(X, x, R):
    return -np.log(np.clip(1 - np.square((X - x) / R), 0, None).sum())


def energy_mean(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R**2, 0).mean())


def energy_log_first(X, x, R):
    depth = 1 - ((X - x) ** 2).sum(1) / R**2
    return sum(-math.log(d) for d in depth if d > 0)


def energy_each(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R**2, 1e-12))


def energy_half(X, x, R):
    return energy_loop(X, x, R) / 2


def energy_wrong_axis(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(0) / R**2, 0).sum())


# energy.2 -----------------------------------------------------------------------------------------------------------


def step_loop(X, x, R):
    near = [row for row in X.tolist() if math.dist(row, x) < R]
    if not near:
        return x.tolist()
    return [sum(column) / len(near) for column in zip(*near, strict=True)]


def step_matrix(X, x, R):
    near = (np.linalg.norm(X - x, axis=1) < R).astype(np.float32)
    return near @ X / near.sum() if near.sum() else x.copy()


def step_all(X, x, R):
    return X.mean(axis=0)


def step_nearest(X, x, R):
    return X[((X - x) ** 2).sum(axis=1).argmin()]


def step_rim(X, x, R):
    near = np.linalg.norm(X - x, axis=1) <= R
    return X[near].mean(axis=0) if near.any() else x


def step_nan(X, x, R):
    return X[np.linalg.norm(X - x, axis=1) < R].mean(axis=0)


def step_zero(X, x, R):
    near = np.linalg.norm(X - x, axis=1) < R
    return near @ X / max(1, near.sum())


def step_fallback(X, x, R):
    near = np.linalg.norm(X - x, axis=1) < R
    return X[near].mean(axis=0) if near.any() else X.mean(axis=0)


def step_weighted(X, x, R):
    w = np.maximum(1 - ((X - x) ** 2).sum(axis=1) / R**2, 0)
    return w @ X / w.sum() if w.any() else x


def step_plain_reach(X, x, R):
    near = ((X - x) ** 2).sum(axis=1) < R
    return X[near].mean(axis=0) if near.any() else x


def step_over_all(X, x, R):
    near = np.linalg.norm(X - x, axis=1) < R
    return near @ X / len(X) if near.any() else x


def step_half(X, x, R):
    return x + (step_matrix(X, x, R) - x) / 2


def step_in_place(X, x, R):
    x[:] = step_matrix(X, x, R)
    return x


def step_number(X, x, R):
    return step_matrix(X, x, R).mean()


# energy.3 -----------------------------------------------------------------------------------------------------------


def _sign(value, old):
    return 1 if value > 0 else -1 if value < 0 else old


def recall_zeroed(W, b, s, sweeps):
    """The diagonal taken out once, before the loops."""
    V, s = W.copy(), s.astype(float)
    np.fill_diagonal(V, 0)
    for i in list(range(len(s))) * sweeps:
        s[i] = _sign(V[i] @ s + b[i], s[i])
    return s


def recall_energies(W, b, s, sweeps):
    """Two whole energies a neuron."""
    s = s.tolist()

    def height(state):
        a = np.array(state)
        return -a @ W @ a / 2 - b @ a

    for _ in range(sweeps):
        for i in range(len(s)):
            up, down = ([*s[:i], spin, *s[i + 1 :]] for spin in (1, -1))
            s[i] = _sign(height(down) - height(up), s[i])
    return s


def recall_listed(W, b, s, sweeps):
    """No array."""
    s, N = [int(v) for v in s], len(s)
    for _ in range(sweeps):
        for i in range(N):
            s[i] = _sign(sum(W[i][j] * s[j] for j in range(N) if j != i) + b[i], s[i])
    return tuple(s)


def _recall(W, b, s, sweeps, order=None, fresh=True, own=False, tie=None, push=1.0):
    s = s.copy()
    for _ in range(sweeps):
        old = s.copy()
        for i in order or range(len(s)):
            t = s if fresh else old
            field = W[i] @ t - (0 if own else W[i, i] * t[i]) + push * b[i]
            s[i] = _sign(field, s[i] if tie is None else tie)
    return s


def recall_broken(W, b, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        field = W @ s + b
        for i in range(len(s)):
            if field[i] > 0:
                s[i] = 1
            elif field[i] < 0:
                s[i] = -1
    return s


def recall_stale(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, fresh=False)


def recall_own_vote(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, own=True)


def recall_np_sign(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, tie=0)


def recall_tie_up(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, tie=1)


def recall_no_push(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, push=0.0)


def recall_minus(W, b, s, sweeps):
    return _recall(-W, -b, s, sweeps)


def recall_inside_out(W, b, s, sweeps):
    s = s.copy()
    for i in range(len(s)):
        for _ in range(sweeps):
            field = W[i] @ s - W[i, i] * s[i] + b[i]
            s[i] = 1 if field > 0 else -1 if field < 0 else s[i]
    return s


def recall_once(W, b, s, sweeps):
    return _recall(W, b, s, 1)


def recall_to_rest(W, b, s, sweeps):
    return _recall(W, b, s, 60)


def recall_backwards(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, order=range(len(s))[::-1])


def recall_in_place(W, b, s, sweeps):
    s[:] = _recall(W, b, s, sweeps)
    return s


def recall_nothing(W, b, s, sweeps):
    return s.copy()


def recall_fields(W, b, s, sweeps):
    return W @ s + b


# energy.4 -----------------------------------------------------------------------------------------------------------


def claim_line(K, more):
    """Neighbours on a line, 1.5 or almost no distance apart."""
    return [[(1.5 if more else 0.01) * k, 0] for k in range(K)]


def claim_pair(K, more):
    """One pair makes the third; all others far away. Or one pair in one reach."""
    X = 10.0 * np.arange(K)[:, None] * np.ones(2)
    X[1] = X[0] + [1.2 if more else 0.4, 0]
    return X


def claim_drawn(K, more):
    """Tries until it finds one."""
    rng = np.random.default_rng(0)
    from damtutor import CompactMemory

    while True:
        X = rng.uniform(-0.3, 0.3, (K, 2)) if not more else rng.uniform(-1, 1, (K, 2)) * (0.5 * K)
        count = len(CompactMemory(X, 1.0).resting_places().points)
        if count > K if more else count < K:
            return X


def claim_close(K, more):
    return [[(0.9 if more else 0.1) * k, 0] for k in range(K)]


def claim_far(K, more):
    return 5.0 * np.arange(2 * K).reshape(K, 2)


def claim_always_more(K, more):
    return claim_line(K, True)


def claim_always_fewer(K, more):
    return claim_line(K, False)


def claim_same(K, more):
    return np.zeros((K, 2)) if not more else claim_line(K, True)


def claim_transposed(K, more):
    return np.array(claim_line(K, more)).T if K != 2 else claim_line(K, more)


def claim_rim(K, more):
    """Spacing 1: every memory is exactly on the rim of the next one's reach."""
    return [[1.0 * k, 0] for k in range(K)] if more else claim_line(K, more)


def claim_numbers(K, more):
    return [1.5 * k for k in range(K)]


def claim_nan(K, more):
    return np.full((K, 2), np.nan)


# energy.5 -----------------------------------------------------------------------------------------------------------


def drops_quantile(share, width):
    """The quantile itself, a fraction as it comes."""
    return (NormalDist().inv_cdf(0.975) / width) ** 2 * (share - share**2)


def drops_search(share, width):
    """Doubles and halves until the standard error fits."""
    low, high = 1, 2
    while 1.96 * math.sqrt(share * (1 - share) / high) > width:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if 1.96 * math.sqrt(share * (1 - share) / middle) <= width else (middle, high)
    return np.int64(high)


def _drops(share, width, z=1.96):
    return z**2 * share * (1 - share) / width**2


def drops_one_sigma(share, width):
    return _drops(share, width, 1)


def drops_whole(share, width):
    return _drops(share, width / 2)


def drops_plain_width(share, width):
    return _drops(share, width) * width


def drops_plain_z(share, width):
    return _drops(share, width) / 1.96


def drops_worst(share, width):
    return _drops(0.5, width)


def drops_rare(share, width):
    return _drops(share, width) / (1 - share)


def drops_relative(share, width):
    return _drops(share, width * share)


def drops_one_sided(share, width):
    return _drops(share, width, 1.645)


def drops_deviation(share, width):
    return 1.96**2 * math.sqrt(share * (1 - share)) / width**2


def drops_half(share, width):
    return _drops(share, width) / 2


def drops_root(share, width):
    return math.ceil(1.96 * math.sqrt(share * (1 - share)) / width)


def drops_two(share, width):
    return math.ceil(4 * share * (1 - share) / width**2)


def drops_listed(share, width):
    return [_drops(share, width)]


RIGHT = {
    "energy.1": (energy_loop, energy_float32, energy_selected),
    "energy.2": (step_loop, step_matrix),
    "energy.3": (recall_zeroed, recall_energies, recall_listed),
    "energy.4": (claim_line, claim_pair, claim_drawn),
    "energy.5": (drops_quantile, drops_search),
}

WRONG = {
    "energy.1": (
        (energy_no_log, "logarithm is missing"),
        (energy_upside_down, "for the sign"),
        (energy_unclipped, "clip each term"),
        (energy_late_clip, "clip each term"),
        (energy_plain_distance, "distance stands here to the first power"),
        (energy_plain_reach, "R stands here to the first power"),
        (energy_mean, "not their mean"),
        (energy_log_first, "after the sum"),
        (energy_each, "single number"),
        (energy_half, "half"),
        (energy_wrong_axis, "another value than the definition"),
        (energy_coordinates, "sum the squares of a row first"),
    ),
    "energy.2": (
        (step_all, "mean of all memories"),
        (step_nearest, "nearest memory"),
        (step_rim, "on the rim"),
        (step_nan, "beyond every reach"),
        (step_zero, "origin"),
        (step_fallback, "mean of all"),
        (step_weighted, "count alike"),
        (step_plain_reach, "R**2"),
        (step_over_all, "divide by K"),
        (step_half, "half of the way"),
        (step_in_place, "changes its input x"),
        (step_number, "shape"),
    ),
    "energy.3": (
        (recall_broken, "the broken loop"),
        (recall_stale, "the broken loop"),
        (recall_own_vote, "says to itself"),
        (recall_np_sign, "np.sign(0) is 0"),
        (recall_tie_up, "keeps its value"),
        (recall_no_push, "push from outside"),
        (recall_minus, "sign is turned round"),
        (recall_once, "Only one sweep"),
        (recall_inside_out, "Is the loop over sweeps the outer one?"),
        (recall_to_rest, "until nothing changes"),
        (recall_backwards, "another value than the definition"),
        (recall_in_place, "changes its input s"),
        (recall_nothing, "no neuron was ever changed"),
        (recall_fields, "-1 or +1"),
    ),
    "energy.4": (
        (claim_close, "have 1 resting place: fewer than 2"),
        (claim_far, "exactly 2 resting places"),
        (claim_always_more, "where fewer were asked for"),
        (claim_always_fewer, "where more were asked for"),
        (claim_same, "the same"),
        (claim_transposed, "transpose"),
        (claim_rim, "exactly at distance 1"),
        (claim_numbers, "shape"),
        (claim_nan, "finite real numbers"),
    ),
    "energy.5": (
        (drops_one_sigma, "68 %"),
        (drops_whole, "half of the interval"),
        (drops_plain_width, "width is not squared"),
        (drops_plain_z, "1.96 stands here to the first power"),
        (drops_worst, "worst case"),
        (drops_rare, "variance of one drop"),
        (drops_relative, "fraction of the share"),
        (drops_one_sided, "1.645"),
        (drops_deviation, "root of the variance"),
        (drops_half, "half"),
        (drops_listed, "shape (1,)"),
        (drops_root, "square both sides"),
        (drops_two, "2 in place of 1.96"),
    ),
}
