"""Answers to the exercises of chapter `dense` as learners write them: right in other ways, and wrong in known ones.

`RIGHT[id]` are functions that must be `correct`. `WRONG[id]` are (function, words): the verdict must be `wrong` or
`almost` and contain the words.
"""

import itertools
import math
from statistics import NormalDist

import numpy as np


def _sign(value, old):
    return 1 if value > 0 else -1 if value < 0 else old


# dense.1 ------------------------------------------------------------------------------------------------------------


def spin_two_energies(X, s, i, n):
    """Brute force in Python integers."""
    rows = X.tolist()

    def energy(spin):
        state = s.tolist()
        state[i] = spin
        return -sum(sum(a * b for a, b in zip(row, state, strict=True)) ** n for row in rows)

    down, up = energy(-1), energy(1)
    return s[i] if down == up else (1 if up < down else -1)


def spin_floats(X, s, i, n):
    """Vectorised float64, powers scaled by a power of two."""
    Q = 2.0 ** np.ceil(np.log2(s.size + 1))
    S = X.astype(float) @ s - X[:, i] * float(s[i])
    D = X[:, i] @ (((S + 1) / Q) ** n - ((S - 1) / Q) ** n)
    return np.where(D > 0, 1, np.where(D < 0, -1, s[i]))


def spin_narrow_floats(X, s, i, n, kind=None):
    """float32 where it can hold the powers."""
    kind = kind or (np.float32 if n < 10 else np.float64)
    S = X.astype(kind) @ s.astype(kind) - X[:, i] * kind(s[i])
    D = X[:, i].astype(kind) @ ((S + 1) ** kind(n) - (S - 1) ** kind(n))
    return float(_sign(D, s[i]))


def spin_float32(X, s, i, n):
    return spin_narrow_floats(X, s, i, n, np.float32)


def spin_column_out(X, s, i, n):
    S = X.astype(int) @ s - X[:, i]
    return _sign(sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i])


def spin_spin_out(X, s, i, n):
    S = X.astype(int) @ s - s[i]
    return _sign(sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i])


def spin_sum(X, s, i, n):
    S = X.astype(int) @ s - X[:, i] * s[i]
    return _sign(sum(int(x) * ((int(a) + 1) ** n + (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i])


def spin_listed(X, s, i, n):
    return [spin_two_energies(X, s, i, n)]


def spin_in_array(X, s, i, n):
    return np.array([spin_two_energies(X, s, i, n)])


def spin_text(X, s, i, n):
    return str(spin_two_energies(X, s, i, n))


def spin_int8(X, s, i, n):
    S = X @ s - X[:, i] * s[i]
    D = sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True))
    return _sign(D, s[i])


def spin_int8_throughout(X, s, i, n):
    S = X @ s - X[:, i] * s[i]
    return _sign(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])


def spin_int8_np_sign(X, s, i, n):
    S = X @ s - X[:, i] * s[i]
    return np.sign(np.sum(X[:, i] * ((S + 1) ** n - (S - 1) ** n)))


def spin_int8_energies(X, s, i, n):
    up, down = s.copy(), s.copy()
    up[i], down[i] = 1, -1
    energy = [-sum(int(m) ** n for m in X @ state) for state in (down, up)]
    return _sign(energy[0] - energy[1], s[i])


def spin_int64(X, s, i, n):
    S = X.astype(int) @ s - X[:, i] * s[i]
    return _sign(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])


def _objects(X, s, i):
    x = X[:, i].astype(object)
    M = X.astype(object) @ s.astype(object)
    return M, M - x * int(s[i]), x


def spin_gradient(X, s, i, n):
    M, _, x = _objects(X, s, i)
    return _sign((x * n * M ** (n - 1)).sum(), s[i])


def spin_cavity_gradient(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return _sign((x * S ** (n - 1)).sum(), s[i])


def spin_no_cavity(X, s, i, n):
    M, _, x = _objects(X, s, i)
    return _sign((x * ((M + 1) ** n - (M - 1) ** n)).sum(), s[i])


def spin_without_x(X, s, i, n):
    _, S, _ = _objects(X, s, i)
    return _sign(((S + 1) ** n - (S - 1) ** n).sum(), s[i])


def spin_upside_down(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return _sign((x * ((S - 1) ** n - (S + 1) ** n)).sum(), s[i])


def spin_np_sign(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return _sign((x * ((S + 1) ** n - (S - 1) ** n)).sum(), 0)


def spin_tie_up(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return 1 if (x * ((S + 1) ** n - (S - 1) ** n)).sum() >= 0 else -1


def spin_field(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return (x * ((S + 1) ** n - (S - 1) ** n)).sum()


def spin_rectified_late(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return _sign((x * (np.maximum((S + 1) ** n, 0) - np.maximum((S - 1) ** n, 0))).sum(), s[i])


def spin_sets_state(X, s, i, n):
    s[i] = spin_two_energies(X, s, i, n)
    return s[i]


def spin_forgets_tie(X, s, i, n):
    _, S, x = _objects(X, s, i)
    D = (x * ((S + 1) ** n - (S - 1) ** n)).sum()
    if D != 0:
        return 1 if D > 0 else -1


def spin_state(X, s, i, n):
    s = s.copy()
    s[i] = spin_two_energies(X, s, i, n)
    return s


# dense.2 ------------------------------------------------------------------------------------------------------------


def sweep_recomputed(X, s, visit, n):
    """All overlaps again at every spin: right, at N times the cost."""
    s = s.astype(np.float64)
    for i in visit:
        S = X.astype(np.float64) @ s - X[:, i] * s[i]
        s[i] = _sign(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])
    return s


def sweep_identity(X, s, visit, n):
    """One dot product a spin, with the tables of gain and bend; overlaps moved by a flip only."""
    s = s.tolist()
    columns = X.T.astype(int)
    M = X.astype(int) @ np.array(s)
    for i in visit:
        gain = (M + 2) ** n - (M - 2) ** n
        bend = (M + 2) ** n - 2 * M**n + (M - 2) ** n
        D = columns[i] @ gain - s[i] * bend.sum()
        if D * s[i] < 0:
            M -= 2 * s[i] * columns[i]
            s[i] = -s[i]
    return s


def sweep_python(X, s, visit, n):
    """No array at all."""
    rows, s = X.tolist(), s.tolist()
    M = [sum(a * b for a, b in zip(row, s, strict=True)) for row in rows]
    for i in visit:
        S = [m - row[i] * s[i] for m, row in zip(M, rows, strict=True)]
        new = _sign(sum(row[i] * ((a + 1) ** n - (a - 1) ** n) for a, row in zip(S, rows, strict=True)), s[i])
        M = [a + row[i] * new for a, row in zip(S, rows, strict=True)]
        s[i] = new
    return tuple(s)


def _sweep(X, s, visit, n, *, fresh=True, change=lambda new, old: new - old, own=True, tie=None, slope=False):
    s = s.copy()
    M = X.astype(int) @ s
    for i in visit:
        S = M - X[:, i] * s[i] if own else M
        D = X[:, i] @ (S ** (n - 1) if slope else (S + 1) ** n - (S - 1) ** n)
        new = _sign(D, s[i] if tie is None else tie)
        if fresh:
            M = M + X[:, i] * int(change(new, s[i]))
        s[i] = new
    return s


def sweep_stale(X, s, visit, n):
    return _sweep(X, s, visit, n, fresh=False)


def sweep_late(X, s, visit, n):
    """Corrected when s[i] is overwritten already."""
    s = s.copy()
    overlaps = X.astype(int) @ s
    for i in visit:
        x = X[:, i]
        cavity = overlaps - x * s[i]
        new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
        if new != 0:
            s[i] = new
            overlaps += x * (new - s[i])
    return s


def sweep_late_after_the_if(X, s, visit, n):
    s = s.tolist()
    M = X.astype(int) @ np.array(s)
    for i in visit:
        S = M - X[:, i] * s[i]
        new = _sign(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])
        if new != s[i]:
            s[i] = new
        change = new - s[i]
        if change != 0:
            M = M + change * X[:, i]
    return s


def sweep_stale_counts(X, s, visit, n):
    """Reads s[i] after writing it, but corrects nothing."""
    s, flips = s.copy(), 0
    M = X.astype(int) @ s
    for i in visit:
        old, S = s[i], M - X[:, i] * s[i]
        s[i] = _sign(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])
        flips += s[i] != old
    return s


def sweep_np_sign(X, s, visit, n):
    """A spin may become 0."""
    return _sweep(X, s, visit, n, tie=0)


def sweep_new_only(X, s, visit, n):
    return _sweep(X, s, visit, n, change=lambda new, old: new if new != old else 0)


def sweep_minus(X, s, visit, n):
    return _sweep(X, s, visit, n, change=lambda new, old: old - new)


def sweep_self(X, s, visit, n):
    return _sweep(X, s, visit, n, own=False)


def sweep_slope(X, s, visit, n):
    return _sweep(X, s, visit, n, slope=True)


def sweep_tie_up(X, s, visit, n):
    return _sweep(X, s, visit, n, tie=1)


def sweep_own_order(X, s, visit, n):
    return _sweep(X, s, range(s.size), n)


def sweep_backwards(X, s, visit, n):
    return _sweep(X, s, list(visit)[::-1], n)


def sweep_each_once(X, s, visit, n):
    return _sweep(X, s, list(dict.fromkeys(visit.tolist())), n)


def sweep_int8(X, s, visit, n):
    s = s.copy()
    M = X @ s
    for i in visit:
        S = M.astype(int) - X[:, i] * s[i]
        new = np.int8(_sign(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i]))
        M = M + X[:, i] * (new - s[i])
        s[i] = new
    return s


def sweep_int8_throughout(X, s, visit, n):
    s = s.copy()
    overlaps = X @ s
    for i in visit:
        x = X[:, i]
        cavity = overlaps - x * s[i]
        new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
        if new != 0:
            overlaps += x * (new - s[i])
            s[i] = new
    return s


def sweep_int8_recomputed(X, s, visit, n):
    s = s.copy()
    for i in visit:
        S = X @ s - X[:, i] * s[i]
        s[i] = _sign(
            sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i]
        )
    return s


def sweep_in_place(X, s, visit, n):
    s[:] = sweep_recomputed(X, s, visit, n)
    return s


def sweep_wipes_patterns(X, s, visit, n):
    new = sweep_recomputed(X, s, visit, n)
    X[:] = 0
    return new


def sweep_nothing(X, s, visit, n):
    return s.copy()


def sweep_overlaps(X, s, visit, n):
    return X.astype(int) @ s


# dense.3 ------------------------------------------------------------------------------------------------------------


def kmax_scipy(N, n, p):
    from scipy.special import factorial2
    from scipy.stats import norm

    return np.float64(N) ** (n - 1) / (norm.isf(p) ** 2 * factorial2(2 * n - 3))


def kmax_rounded(N, n, p):
    """A whole number, (2n-3)!! from plain factorials."""
    double = math.factorial(2 * n - 2) // (2 ** (n - 1) * math.factorial(n - 1))
    return int(N ** (n - 1) / (NormalDist().inv_cdf(p) ** 2 * double))


def kmax_bisection(N, n, p):
    """Solves Φ(-z) = p for K without a quantile function."""
    low, high = 1.0, float(N**n)
    for _ in range(80):
        K = (low + high) / 2
        z = math.sqrt(N ** (n - 1) / (math.prod(range(2 * n - 3, 0, -2)) * K))
        low, high = (K, high) if math.erfc(z / math.sqrt(2)) / 2 < p else (low, K)
    return np.array(K)


def kmax_listed(N, n, p):
    return [kmax_scipy(N, n, p)]


def kmax_in_array(N, n, p):
    return np.array([kmax_scipy(N, n, p)])


def kmax_in_array_half(N, n, p):
    return np.array([kmax_scipy(N, n, p) / 2])


def kmax_text(N, n, p):
    return f"{kmax_scipy(N, n, p):.6f}"


def _kmax(N, n, p, power=1, noise=lambda n: math.prod(range(2 * n - 3, 0, -2)), sides=1, square=2, factor=1):
    z = NormalDist().inv_cdf(1 - p / sides)
    return factor * N ** (n - power) / (z**square * noise(n))


def kmax_factorial(N, n, p):
    return _kmax(N, n, p, noise=lambda n: math.factorial(2 * n - 3))


def kmax_two_sided(N, n, p):
    return _kmax(N, n, p, sides=2)


def kmax_rectified(N, n, p):
    return _kmax(N, n, p, factor=2)


def kmax_half(N, n, p):
    return _kmax(N, n, p) / 2


def kmax_power_n(N, n, p):
    return _kmax(N, n, p, power=0)


def kmax_z(N, n, p):
    return _kmax(N, n, p, square=1)


def kmax_p_for_z(N, n, p):
    return N ** (n - 1) / (p**2 * math.prod(range(2 * n - 3, 0, -2)))


def kmax_times_z(N, n, p):
    return _kmax(N, n, p, square=-2)


def kmax_times_noise(N, n, p):
    return _kmax(N, n, p, noise=lambda n: 1 / math.prod(range(2 * n - 3, 0, -2)))


def kmax_no_noise(N, n, p):
    return _kmax(N, n, p, noise=lambda n: 1)


def kmax_one_more(N, n, p):
    return _kmax(N, n, p, noise=lambda n: math.prod(range(2 * n - 1, 0, -2)))


def kmax_one_less(N, n, p):
    return _kmax(N, n, p, noise=lambda n: math.prod(range(2 * n - 5, 0, -2)))


def kmax_negative_z(N, n, p):
    return N ** (n - 1) / (NormalDist().inv_cdf(p) * math.prod(range(2 * n - 3, 0, -2)))


def kmax_negative(N, n, p):
    return -_kmax(N, n, p)


def kmax_perfect(N, n, p):
    return N ** (n - 1) / (2 * math.prod(range(2 * n - 3, 0, -2)) * math.log(N))


def kmax_nan(N, n, p):
    return float("nan")


# dense.4 ------------------------------------------------------------------------------------------------------------


def recall_recomputed(X, s, n, sweeps):
    """The other way to mend it: overlaps inside the loop over spins."""
    for _ in range(sweeps):
        s = sweep_recomputed(X, s, range(len(s)), n)
    return s


def recall_energies(X, s, n, sweeps):
    """Two whole energies a spin."""
    s = s.copy()
    for i in list(range(s.size)) * sweeps:
        s[i] = spin_two_energies(X, s, i, n)
    return s


def _own_share(X, s, n, sweeps, share):
    """The broken recall, with `share` of spin i taken out of the overlaps."""
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i]
            S = overlaps - share(x, s[i])
            new = np.sign(x @ ((S + 1) ** n - (S - 1) ** n))
            if new != 0:
                overlaps += x * (new - s[i])
                s[i] = new
    return s


def recall_broken(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: 0)


def recall_adds_own(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: -x * spin)


def recall_takes_column(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: x)


def recall_takes_one(X, s, n, sweeps):
    return _own_share(X, s, n, sweeps, lambda x, spin: 1)


def recall_slope(X, s, n, sweeps):
    for _ in range(sweeps):
        s = sweep_slope(X, s, range(s.size), n)
    return s


def recall_stale(X, s, n, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            cavity = overlaps - X[:, i] * s[i]
            field = X[:, i] @ ((cavity + 1) ** n - (cavity - 1) ** n)
            if field != 0:
                s[i] = 1 if field > 0 else -1
    return s


def recall_late(X, s, n, sweeps):
    """The line of exercise 2, one line too low."""
    s = s.copy()
    for _ in range(sweeps):
        overlaps = X.astype(int) @ s
        for i in range(len(s)):
            x = X[:, i]
            cavity = overlaps - x * s[i]
            new = np.sign(x @ ((cavity + 1) ** n - (cavity - 1) ** n))
            if new != 0:
                s[i] = new
                overlaps += x * (new - s[i])
    return s


def recall_random_order(X, s, n, sweeps):
    rng = np.random.default_rng(0)
    for _ in range(sweeps):
        s = _sweep(X, s, rng.permutation(s.size), n)
    return s


def recall_backwards(X, s, n, sweeps):
    for _ in range(sweeps):
        s = _sweep(X, s, range(s.size)[::-1], n)
    return s


def recall_one_too_many(X, s, n, sweeps):
    return _recall(X, s, n, sweeps if sweeps == 1 else sweeps + 1)


def recall_to_rest(X, s, n, sweeps):
    """Goes on until nothing changes."""
    for _ in range(100):
        s = _sweep(X, s, range(s.size), n)
    return s


def recall_np_sign(X, s, n, sweeps):
    return _recall(X, s, n, sweeps, tie=0)


def recall_int8(X, s, n, sweeps):
    for _ in range(sweeps):
        s = sweep_int8_throughout(X, s, range(s.size), n)
    return s


def _recall(X, s, n, sweeps, **way):
    for _ in range(sweeps):
        s = _sweep(X, s, range(s.size), n, **way)
    return s


def recall_new_only(X, s, n, sweeps):
    return _recall(X, s, n, sweeps, change=lambda new, old: new if new != old else 0)


def recall_minus(X, s, n, sweeps):
    return _recall(X, s, n, sweeps, change=lambda new, old: old - new)


def recall_tie_down(X, s, n, sweeps):
    return _recall(X, s, n, sweeps, tie=-1)


def recall_once(X, s, n, sweeps):
    return _recall(X, s, n, 1)


def recall_in_place(X, s, n, sweeps):
    s[:] = _recall(X, s, n, sweeps)
    return s


# dense.5 ------------------------------------------------------------------------------------------------------------


def _energy(X, k):
    return -sum(math.exp(float(m)) for m in X.astype(float) @ X[k])


def pair_loops(X):
    """Every pair, bit by bit; the last one found."""
    found = []
    for a, b in itertools.combinations(range(len(X)), 2):
        if (X[a] != X[b]).sum() == 1:
            found = [a, b] if _energy(X, a) >= _energy(X, b) else [b, a]
    return found


def pair_hashed(X):
    """Flip one bit and look it up: O(K N) instead of O(K² N)."""
    row = {pattern.tobytes(): k for k, pattern in enumerate(X)}
    for a, i in itertools.product(range(len(X)), range(X.shape[1])):
        near = X[a].copy()
        near[i] = -near[i]
        b = row.get(near.tobytes())
        if b is not None:
            return np.array((a, b) if _energy(X, a) >= _energy(X, b) else (b, a), dtype=np.uint16)
    return []


def _pair(X, wanted, better):
    overlaps = X.astype(int) @ X.T
    pairs = np.argwhere(wanted(overlaps, X.shape[1]))
    if not len(pairs):
        return ()
    a, b = pairs[0]
    return (a, b) if better(_energy(X, a), _energy(X, b)) else (b, a)


def pair_wrong_order(X):
    return _pair(X, lambda H, N: H == N - 2, lambda a, b: a < b)


def pair_overlap_one_less(X):
    return _pair(X, lambda H, N: H == N - 1, lambda a, b: a >= b)


def pair_same(X):
    return _pair(X, lambda H, N: H == N, lambda a, b: a >= b)


def pair_nearest(X):
    """The nearest two, however far apart they are."""
    H = X.astype(int) @ X.T
    np.fill_diagonal(H, -X.shape[1] - 1)
    return np.unravel_index(H.argmax(), H.shape)


def pair_opposite(X):
    return _pair(X, lambda H, N: np.abs(H) == N - 2, lambda a, b: a >= b)


def pair_int8(X):
    return _pair(X, lambda H, N: X @ X.T == N - 2, lambda a, b: a >= b)


def pair_int8_throughout(X):
    """The energies are float16 then: exp(12) is too much."""
    overlaps = X @ X.T
    pairs = np.argwhere(overlaps == X.shape[1] - 2)
    if len(pairs) == 0:
        return ()
    a, b = pairs[0]
    energy = -np.exp(overlaps[[a, b]]).sum(axis=1)
    return (a, b) if energy[0] > energy[1] else (b, a)


def pair_not_compared(X):
    """The first pair as it is found."""
    return _pair(X, lambda H, N: H == N - 2, lambda a, b: True)


def pair_not_compared_backwards(X):
    return _pair(X, lambda H, N: H == N - 2, lambda a, b: False)


def pair_never(X):
    return ()


def pair_floats(X):
    return [float(k) for k in pair_loops(X)]


def pair_count(X):
    return int((X.astype(int) @ X.T == X.shape[1] - 2).sum() // 2)


RIGHT = {
    "dense.1": (spin_two_energies, spin_floats, spin_narrow_floats),
    "dense.2": (sweep_recomputed, sweep_identity, sweep_python),
    "dense.3": (kmax_scipy, kmax_rounded, kmax_bisection),
    "dense.4": (recall_recomputed, recall_energies),
    "dense.5": (pair_loops, pair_hashed),
}

WRONG = {
    "dense.1": (
        (spin_int8, "write X.astype(int) @ s"),
        (spin_int64, "too large for the type"),
        (spin_gradient, "votes for itself"),
        (spin_no_cavity, "votes for itself"),
        (spin_cavity_gradient, "gradient F'(S)"),
        (spin_without_x, "X[:, i] is missing"),
        (spin_column_out, "you took X[:, i] alone out"),
        (spin_spin_out, "you took s[i] alone out"),
        (spin_sum, "adds the two powers"),
        (spin_upside_down, "sign"),
        (spin_np_sign, "np.sign(0) is 0"),
        (spin_tie_up, "keeps its old value."),
        (spin_field, "field itself"),
        (spin_rectified_late, "clip at 0"),
        (spin_sets_state, "changes its input s"),
        (spin_forgets_tie, "no `return`"),
        (spin_state, "shape"),
        (spin_int8_throughout, "wraps at 127"),
        (spin_int8_np_sign, "wraps at 127"),
        (spin_int8_energies, "wraps at 127"),
        (spin_listed, "shape (1,)"),
        (spin_in_array, "shape (1,)"),
        (spin_text, "got text"),
        (spin_float32, "too large for the type"),
    ),
    "dense.2": (
        (sweep_stale, "not refreshed"),
        (sweep_new_only, "half of what they should"),
        (sweep_minus, "wrong direction"),
        (sweep_self, "votes for itself"),
        (sweep_slope, "gradient F'(S)"),
        (sweep_tie_up, "keeps its old value."),
        (sweep_own_order, "`visit` names another"),
        (sweep_backwards, "another value than the definition"),
        (sweep_each_once, "name one twice"),
        (sweep_int8, "wraps at 127"),
        (sweep_int8_throughout, "wraps at 127"),
        (sweep_int8_recomputed, "wraps at 127"),
        (sweep_late, "after s[i] was overwritten"),
        (sweep_late_after_the_if, "after s[i] was overwritten"),
        (sweep_stale_counts, "not refreshed"),
        (sweep_np_sign, "np.sign(0) is 0"),
        (sweep_in_place, "changes its input s"),
        (sweep_wipes_patterns, "changes its input X"),
        (sweep_nothing, "no spin was ever changed"),
        (sweep_overlaps, "shape"),
    ),
    "dense.3": (
        (kmax_factorial, "is not (2n-3)!!"),
        (kmax_two_sided, "two-sided"),
        (kmax_rectified, "rectified"),
        (kmax_half, "half"),
        (kmax_power_n, "one power too high"),
        (kmax_z, "z**2"),
        (kmax_p_for_z, "in the place of z"),
        (kmax_times_z, "z**2 stands above"),
        (kmax_times_noise, "(2n-3)!! stands above"),
        (kmax_no_noise, "(2n-3)!! is missing"),
        (kmax_one_more, "one factor too many"),
        (kmax_one_less, "one factor too few"),
        (kmax_negative_z, "z is negative"),
        (kmax_listed, "shape (1,)"),
        (kmax_in_array, "shape (1,)"),
        (kmax_in_array_half, "shape (1,)"),
        (kmax_text, "got text"),
        (kmax_negative, "sign"),
        (kmax_perfect, "no error at all"),
        (kmax_nan, "NaN"),
    ),
    "dense.4": (
        (recall_broken, "still the broken recall"),
        (recall_adds_own, "must come off"),
        (recall_takes_column, "depends on the spin"),
        (recall_takes_one, "another value than the definition"),
        (recall_slope, "gradient F'(S)"),
        (recall_stale, "not refreshed"),
        (recall_late, "after s[i] was overwritten"),
        (recall_random_order, "Is your order 0, 1, 2, ...?"),
        (recall_backwards, "Is your order 0, 1, 2, ...?"),
        (recall_one_too_many, "another value than the definition"),
        (recall_to_rest, "until nothing changes"),
        (recall_np_sign, "np.sign(0) is 0"),
        (recall_int8, "wraps at 127"),
        (recall_new_only, "half of what they should"),
        (recall_minus, "wrong direction"),
        (recall_tie_down, "keeps its old value."),
        (recall_once, "Only one sweep"),
        (recall_in_place, "changes its input s"),
    ),
    "dense.5": (
        (pair_wrong_order, "Look at the sign of E"),
        (pair_not_compared, "compare the energies of the two first"),
        (pair_not_compared_backwards, "compare the energies of the two first"),
        (pair_overlap_one_less, "says that it has none"),
        (pair_same, "paired with itself"),
        (pair_nearest, "expected a pair that differs in exactly 1"),
        (pair_opposite, "nearly opposite"),
        (pair_int8, "write X.astype(int) @ X.T"),
        (pair_int8_throughout, "write X.astype(int) @ X.T"),
        (pair_never, "says that it has none"),
        (pair_count, "two row numbers"),
        (pair_floats, "return integers"),
    ),
}
