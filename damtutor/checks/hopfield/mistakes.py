"""Known wrong ways through the exercises of chapter `hopfield`."""

import numpy as np

from damtutor.checks.hopfield.answers import recall

# energy -------------------------------------------------------------------------------------------------------------


def _energy(X, s, *, diagonal=0.0, size=None, half=0.5):
    X = X.astype(int)
    W = X.T @ X / (X.shape[1] if size is None else size)
    if diagonal is not None:
        np.fill_diagonal(W, diagonal)
    return -half * float(s @ W @ s)


def no_half(X, s):
    """Every pair counted twice."""
    return _energy(X, s, half=1)


def kept_diagonal(X, s):
    """W_ii = K/N stays."""
    return _energy(X, s, diagonal=None)


def unit_diagonal(X, s):
    """W_ii = 1."""
    return _energy(X, s, diagonal=1)


def no_scale(X, s):
    """1/N is missing."""
    return _energy(X, s, size=1)


def by_count(X, s):
    """1/K instead of 1/N."""
    return _energy(X, s, size=len(X))


def overlaps_not_squared(X, s):
    """-½ Σ m."""
    return -0.5 * float((X.astype(int) @ s).sum()) / X.shape[1]


def wrong_sign(X, s):
    """+½ s·W s."""
    return -_energy(X, s)


# recall -------------------------------------------------------------------------------------------------------------


def walk(W, s, sweeps, *, stale=False, tie=None, visit=None):
    """A recall with one thing wrong."""
    s = s.copy()
    for _ in range(sweeps):
        old = s.copy()
        for i in range(len(s)) if visit is None else visit(len(s)):
            field = W[i] @ (old if stale else s)
            if field != 0:
                s[i] = 1 if field > 0 else -1
            elif tie is not None:
                s[i] = tie
    return s


def stale(W, s, sweeps):
    """The broken recall of the exercise: all fields from the start of the sweep."""
    return walk(W, s, sweeps, stale=True)


def stale_once(W, s, sweeps):
    """Fields computed once and for all."""
    return np.where(W @ s > 0, 1, np.where(W @ s < 0, -1, s))


def energy_kept(W, s, sweeps):
    """The broken recall, taking back any sweep that raises the energy."""
    for _ in range(sweeps):
        new = stale(W, s, 1)
        s = new if new @ W @ new >= s @ W @ s else s
    return s


def tie_up(W, s, sweeps):
    """A tie makes the spin +1."""
    return walk(W, s, sweeps, tie=1)


def tie_down(W, s, sweeps):
    """A tie makes the spin -1."""
    return walk(W, s, sweeps, tie=-1)


def tie_zero(W, s, sweeps):
    """A tie makes the spin 0."""
    return walk(W, s, sweeps, tie=0)


def opposite(W, s, sweeps):
    """Uphill."""
    return recall(-W, s, sweeps)


def one_sweep(W, s, sweeps):
    """One sweep, whatever `sweeps` says."""
    return recall(W, s, 1)


def until_rest(W, s, sweeps):
    """Sweeps until nothing changes, whatever `sweeps` says."""
    return recall(W, s, 50)


def untouched(W, s, sweeps):
    """The state as it came."""
    return s


def backwards(W, s, sweeps):
    """..., 2, 1, 0."""
    return walk(W, s, sweeps, visit=lambda n: range(n)[::-1])


# projection ---------------------------------------------------------------------------------------------------------


def _projector(X, power=-1.0):
    """XᵀQ^power X/N on the span of the patterns."""
    X = X.astype(float)
    N = X.shape[1]
    values, vectors = np.linalg.eigh(X @ X.T / N)
    good = values > 1e-9
    return X.T @ (vectors[:, good] * values[good] ** power) @ vectors[:, good].T @ X / N


def _bare(W):
    np.fill_diagonal(W, 0)
    return W


def projector_kept(X):
    """The diagonal stays."""
    return _projector(X)


def hebb(X):
    """No Q at all."""
    X = X.astype(float)
    return _bare(X.T @ X / X.shape[1])


def not_inverted(X):
    """Q instead of its inverse."""
    return _bare(_projector(X, 1.0))


def root(X):
    """The square root of the inverse."""
    return _bare(_projector(X, -0.5))


def unscaled(X):
    """1/N is missing at the end."""
    return _bare(_projector(X) * X.shape[1])


def scaled_twice(X):
    """Q without its 1/N."""
    return _bare(_projector(X) / X.shape[1])


def transposed(X):
    """Inverted over the neurons: XᵀX where XXᵀ is meant, of shape (K, K)."""
    X = X.astype(float)
    return _bare(X @ np.linalg.pinv(X.T @ X) @ X.T)


def blurred(X):
    """A small number on the diagonal of Q to make it invertible."""
    X = X.astype(float)
    N = X.shape[1]
    return _bare(X.T @ np.linalg.inv(X @ X.T / N + 0.01 * np.eye(len(X))) @ X / N)


# endings ------------------------------------------------------------------------------------------------------------


def _ending(X, s, *, threshold=0.9, strict=False, signed=True, mixtures=True, largest=np.abs, of_three=None):
    m = X.astype(int) @ s / s.size
    best = np.argsort(-largest(m))[:3]
    signs = np.sign(m[best]) if signed else np.ones(3)

    def over(value):
        return value > threshold if strict else value >= threshold

    if over(abs(m[best[0]])):
        return int(np.sign(m[best[0]])) if largest is np.abs else 1
    if not mixtures:
        return 0
    if of_three is not None:
        return 3 if of_three(m[best]) else 0
    majority = np.sign(signs @ X[best].astype(int))
    return 3 if over(majority @ s / s.size) else 0


def negatives_unseen(X, s):
    """The largest overlap, not the largest size of an overlap."""
    m = X.astype(int) @ s / s.size
    best = np.argsort(-m)[:3]
    if m[best[0]] >= 0.9:
        return 1
    return 3 if np.sign(X[best].astype(int).sum(axis=0)) @ s / s.size >= 0.9 else 0


def negative_is_memory(X, s):
    """|m| >= 0.9 is 1."""
    return abs(_ending(X, s))


def plain_majority(X, s):
    """sign(Xa + Xb + Xc), whatever the signs of the overlaps."""
    return _ending(X, s, signed=False)


def no_mixtures(X, s):
    """Everything else is 0."""
    return _ending(X, s, mixtures=False)


def exact_only(X, s):
    """Overlaps of 1."""
    return _ending(X, s, threshold=1.0)


def strictly_above(X, s):
    """> 0.9."""
    return _ending(X, s, strict=True)


def halves(X, s):
    """A mixture wherever three overlaps are near one half."""
    return _ending(X, s, of_three=lambda m: np.all(np.abs(np.abs(m) - 0.5) < 0.2))


def first_three(X, s):
    """The majority of the first three rows."""
    m = X.astype(int) @ s / s.size
    k = int(np.argmax(np.abs(m)))
    if abs(m[k]) >= 0.9:
        return int(np.sign(m[k]))
    return 3 if np.sign(np.sign(m[:3]) @ X[:3].astype(int)) @ s / s.size >= 0.9 else 0


def mixture_first(X, s):
    """The majority is asked before the memory."""
    m = X.astype(int) @ s / s.size
    best = np.argsort(-np.abs(m))[:3]
    majority = np.sign(np.sign(m[best]) @ X[best].astype(int))
    return 3 if majority @ s / s.size >= 0.9 else _ending(X, s)
