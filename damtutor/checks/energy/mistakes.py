"""Wrong ways that are often gone in chapter `energy`, as functions: an answer that agrees with one is named by it."""

import math

import numpy as np

from damtutor.checks.energy.answers import drops, recall


def _depth(X, x, R):
    return 1 - ((X - x) ** 2).sum(axis=1) / R**2


# energy -------------------------------------------------------------------------------------------------------------


def no_log(X, x, R):
    """-Φ."""
    return -np.maximum(_depth(X, x, R), 0).sum()


def no_minus(X, x, R):
    """log Φ."""
    return np.log(np.maximum(_depth(X, x, R), 0).sum())


def no_clip(X, x, R):
    """The far memories count negative."""
    return -np.log(_depth(X, x, R).sum())


def not_squared(X, x, R):
    """1 - |x - X| / R."""
    return -np.log(np.maximum(1 - np.linalg.norm(X - x, axis=1) / R, 0).sum())


def radius_not_squared(X, x, R):
    """1 - |x - X|² / R."""
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(axis=1) / R, 0).sum())


def clipped_sum(X, x, R):
    """max(0, ·) around the sum."""
    return -np.log(max(_depth(X, x, R).sum(), 0))


def log_of_each(X, x, R):
    """The sum of logarithms."""
    depth = _depth(X, x, R)
    return -np.log(depth[depth > 0]).sum()


def mean_not_sum(X, x, R):
    """The mean over memories."""
    return -np.log(np.maximum(_depth(X, x, R), 0).mean())


def each_coordinate(X, x, R):
    """A term for every coordinate."""
    return -np.log(np.maximum(1 - (X - x) ** 2 / R**2, 0).sum())


# step ---------------------------------------------------------------------------------------------------------------


def mean_of_all(X, x, R):
    """Reach ignored."""
    return X.mean(axis=0)


def nearest(X, x, R):
    """The nearest memory."""
    return X[np.linalg.norm(X - x, axis=1).argmin()]


def on_the_rim(X, x, R):
    """<= instead of <."""
    near = ((X - x) ** 2).sum(axis=1) <= R**2
    return X[near].mean(axis=0) if near.any() else x


def beyond_mean(X, x, R):
    """Without any, the mean of all."""
    near = _depth(X, x, R) > 0
    return X[near].mean(axis=0) if near.any() else X.mean(axis=0)


def beyond_zero(X, x, R):
    """Without any, the origin."""
    near = _depth(X, x, R) > 0
    return X[near].sum(axis=0) / max(near.sum(), 1)


def weighted(X, x, R):
    """Weighted by the depth."""
    depth = np.maximum(_depth(X, x, R), 0)
    return depth @ X / depth.sum() if depth.sum() > 0 else x


def radius_plain(X, x, R):
    """|x - X|² < R."""
    near = ((X - x) ** 2).sum(axis=1) < R
    return X[near].mean(axis=0) if near.any() else x


def divided_by_all(X, x, R):
    """The sum of the near ones divided by K."""
    near = _depth(X, x, R) > 0
    return X[near].sum(axis=0) / len(X) if near.any() else x


def half_way(X, x, R):
    """Half of the way."""
    near = _depth(X, x, R) > 0
    return (x + X[near].mean(axis=0)) / 2 if near.any() else x


# recall -------------------------------------------------------------------------------------------------------------


def walk(W, b, s, sweeps, *, stale=False, own=False, tie=None, outside=1, sign=1):
    """A recall with one thing wrong."""
    s = s.copy()
    for _ in range(sweeps):
        seen = s.copy()
        for i in range(len(s)):
            used = seen if stale else s
            field = sign * (W[i] @ used - (0 if own else W[i, i] * used[i]) + outside * b[i])
            s[i] = (s[i] if tie is None else tie) if field == 0 else (1 if field > 0 else -1)
    return s


def old_state(W, b, s, sweeps):
    """The broken loop: every neuron sees the state at the start of the sweep."""
    return walk(W, b, s, sweeps, stale=True, own=True)


def old_state_no_diagonal(W, b, s, sweeps):
    """The same, with the diagonal taken out."""
    return walk(W, b, s, sweeps, stale=True)


def diagonal_kept(W, b, s, sweeps):
    """A neuron counts its own vote."""
    return walk(W, b, s, sweeps, own=True)


def tie_zero(W, b, s, sweeps):
    """np.sign at a tie."""
    return walk(W, b, s, sweeps, tie=0)


def tie_up(W, b, s, sweeps):
    """+1 at a tie."""
    return walk(W, b, s, sweeps, tie=1)


def tie_down(W, b, s, sweeps):
    """-1 at a tie."""
    return walk(W, b, s, sweeps, tie=-1)


def no_outside(W, b, s, sweeps):
    """b forgotten."""
    return walk(W, b, s, sweeps, outside=0)


def uphill(W, b, s, sweeps):
    """The other sign."""
    return walk(W, b, s, sweeps, sign=-1)


def one_sweep(W, b, s, sweeps):
    """One sweep only."""
    return recall(W, b, s, 1)


def until_rest(W, b, s, sweeps):
    """Sweeps until nothing changes."""
    return recall(W, b, s, 50)


def untouched(W, b, s, sweeps):
    """The state as it came."""
    return s


# drops --------------------------------------------------------------------------------------------------------------


def _drops(share, width, *, z=1.96, variance=None, power=2, root=2):
    return z**root * (share * (1 - share) if variance is None else variance) / width**power


def one_sigma(share, width):
    """68 % instead of 95 %."""
    return _drops(share, width, z=1.0)


def whole_width(share, width):
    """± width read as the whole width."""
    return 4 * _drops(share, width)


def width_plain(share, width):
    """The width not squared."""
    return _drops(share, width, power=1)


def z_plain(share, width):
    """z not squared."""
    return _drops(share, width, root=1)


def worst_case(share, width):
    """share = ½, whatever it is."""
    return drops(0.5, width)


def rare(share, width):
    """1 - share forgotten: counts, as if the share were small."""
    return _drops(share, width, variance=share)


def relative(share, width):
    """The width as a fraction of the share."""
    return _drops(share, width) / share**2


def one_sided(share, width):
    """z of a one-sided 95 %."""
    return _drops(share, width, z=1.645)


def standard_deviation(share, width):
    """The root of the variance."""
    return _drops(share, width, variance=math.sqrt(share * (1 - share)))


def not_solved(share, width):
    """Nothing squared."""
    return math.sqrt(_drops(share, width))


def two_sigma(share, width):
    """2 for 1.96."""
    return _drops(share, width, z=2.0)
