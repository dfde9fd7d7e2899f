"""Lower bounds on the margins of a stored pattern when any d bits may be wrong: the inside of `theory.guarantees`.

In the gauge of the target, a_iμ = ξ_iμ t_i, with C_μ = Σ_i a_iμ and S_iμ = C_μ - a_iμ, the margin of bit i is

    h_i(D) = Σ_μ a_iμ g(S_iμ - 2 q_μ),    q_μ = Σ a_jμ over the wrong bits j of D other than i.

Each tier is a series of rows LB(0), LB(1), ..., each `(N,)` and whole, with LB_i(d) <= h_i(D) for every D of at most d
bits. A reads the largest overlap of any pair only, B the target's overlaps, C every sign, D (n = 3) also how pairs of
errors act together. All but D hold for 2d <= N - 1 only: beyond, the g(N-1-2d) of an odd n grows again.

These functions do not check their arguments; `certify` does. Source: derived here, checked against exhaustive search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from damtutor.patterns.correlated import greatest_overlap
from damtutor.theory.game import interaction_difference, profile, whole_type

STEPS = 16  # of Lanczos: enough to see that an eigenvalue cannot help
BLOCK = 64  # neurons at a time in it
SLACK = 1e-9  # of the largest eigenvalue: the error of LAPACK's is a few N 2**-53 of it


def bounds_by_separation(patterns: np.ndarray, target: int, order: int) -> Iterator[np.ndarray]:
    """Tier A: g(N-1-2d) - (K-1) g(min(N-1, βN+1+2d)), βN the largest overlap of any two patterns."""
    (count, size), g = patterns.shape, _table(patterns.shape[1], order)
    largest = round(greatest_overlap(patterns) * size)
    kind = whole_type(count, size, order)
    for d in range((size - 1) // 2 + 1):
        yield np.full(size, g(size - 1 - 2 * d) - (count - 1) * g(min(size - 1, largest + 1 + 2 * d)), kind)


def bounds_by_profile(patterns: np.ndarray, target: int, order: int) -> Iterator[np.ndarray]:
    """Tier B: g(N-1-2d) - Σ g(min(N-1, |C_μ|+1+2d)) over the other patterns."""
    (count, size), g = patterns.shape, _table(patterns.shape[1], order)
    overlaps = np.abs((patterns * patterns[target]).sum(axis=1, dtype=np.int64))
    levels, counts = np.unique(np.delete(overlaps, target), return_counts=True)
    kind = whole_type(count, size, order)
    for d in range((size - 1) // 2 + 1):
        noise = sum(k * g(min(size - 1, c + 1 + 2 * d)) for c, k in zip(levels.tolist(), counts.tolist(), strict=True))
        yield np.full(size, g(size - 1 - 2 * d) - noise, kind)


def bounds_by_signs(patterns: np.ndarray, target: int, order: int) -> Iterator[np.ndarray]:
    """Tier C: g(N-1-2d) + Σ min a g(S - 2q) over |q| <= d, for each of the other patterns on its own."""
    (count, size), g = patterns.shape, _table(patterns.shape[1], order)
    seen = profile(np.delete(patterns, target, axis=0) * patterns[target])
    kind, top = whole_type(count, size, order), size - 1
    for d in range(top // 2 + 1):
        if order % 2:  # g falls towards 0 from both sides
            helps = [g(max(abs(c - 1) - 2 * d, 0)) for c in seen.levels.tolist()]
            harms = [g(min(abs(c + 1) + 2 * d, top)) for c in seen.levels.tolist()]
        else:  # g rises
            helps = [g(max(c - 1 - 2 * d, -top)) for c in seen.levels.tolist()]
            harms = [g(min(c + 1 + 2 * d, top)) for c in seen.levels.tolist()]
        yield g(top - 2 * d) + seen.plus @ np.array(helps, kind) - seen.minus @ np.array(harms, kind)


def _table(size: int, order: int) -> Callable[[int], int]:
    """g as a look-up: Python integers for |S| <= N + 1."""
    values = interaction_difference(np.arange(-size - 1, size + 2), order).tolist()
    return lambda level: values[level + size + 1]


def bounds_by_pairs(patterns: np.ndarray, target: int, most: int, eigenvalue: bool = True) -> Iterator[np.ndarray]:
    """Tier D, n = 3: the margin is exactly quadratic in the set of wrong bits (j, k in D, other than i),

        h_i(D) = h_i - 24 Σ_j B_ij + 24 Σ_jk T_ijk,
        B_ij = Σ_μ a_i a_j C - R_j,   T_ijk = Σ_μ a_i a_j a_k,   R_j = Σ_μ a_j.

    The loss by d errors is bounded in two ways, and the better one counts. v1: the d worst j, each with the d - 1
    partners that are worst for it. v2: the d worst j alone, and all partners by the smallest eigenvalue of T_i. An
    eigenvalue is computed only where it may decide that a bit is safe; elsewhere the row holds h + v1. The series ends
    with the row in which no bit can be safe.

    Parameters
    ----------
    patterns : int8 `(K, N)`, K <= 2**24 and N <= 4096 (whole numbers in float32; sums below 2**58).
    target : a row.
    most : largest d wanted.
    eigenvalue : False leaves v2 out.
    Cost: N³ K/2 multiplications and N² d numbers of memory; an eigenvalue N³.
    """
    columns = np.ascontiguousarray((patterns * patterns[target]).T)
    alone, joint, margin = _expansion(columns)
    by_one = np.cumsum(np.sort(np.minimum(alone, 0), axis=1), axis=1)
    by_itself = np.cumsum(np.sort(np.minimum(joint, 0), axis=1), axis=1)
    lost = (margin[:, None] + np.maximum(by_one, by_itself) <= 0).all(axis=0)
    depth = min(most, int(lost.argmax()) + 1 if lost.any() else len(columns))
    partners, spectrum = _worst_partners(columns, depth - 1), Spectrum(columns)
    yield margin
    for d in range(1, depth + 1):
        if d > 1:
            joint += 24 * partners[d - 2].astype(np.int64)
        row = margin + np.partition(np.minimum(joint, 0), d - 1, axis=1)[:, :d].sum(axis=1)
        if eigenvalue:
            room = margin + by_one[:, d - 1]
            for i in spectrum.worth(np.flatnonzero((row <= 0) & (room > 0)), room, 24 * d):
                row[i] = max(row[i], room[i] + np.int64(np.floor(24 * d * spectrum.least(i))))
        yield row


def _expansion(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """-24 B and 24 (R_i - B_ij), int64 `(N, N)` with zeros on the diagonal, and the margins h_i without errors."""
    overlap = columns.sum(axis=0, dtype=np.int64)
    ones = columns.sum(axis=1, dtype=np.int64)
    floats = columns.astype(np.float64)
    pairs = np.rint((floats * overlap) @ floats.T).astype(np.int64)  # |sums| <= K N < 2**53: exact
    alone = -24 * (pairs - ones)
    joint = alone + 24 * ones[:, None]
    np.fill_diagonal(alone, 0)
    np.fill_diagonal(joint, 0)
    squares = np.rint(floats @ (overlap.astype(np.float64) ** 2)).astype(np.int64)  # <= K N² < 2**53
    # Σ a (6 (C - a)² + 2) = 6 Σ a C² - 12 Σ C + 8 Σ a
    return alone, joint, 6 * squares - 12 * overlap.sum() + 8 * ones


def _worst_partners(columns: np.ndarray, depth: int) -> np.ndarray:
    """The `depth` smallest min(0, T_ijk) over k, k neither i nor j, for each pair: `(depth, N, N)`, rising, symmetric.

    T is symmetric in its three indices, so that half of the pairs are enough. Zeros on the diagonal.
    """
    size, count = columns.shape
    floats = columns.astype(np.float32)
    worst = np.zeros((max(depth, 0), size, size), np.int16 if count < 2**15 else np.int32)
    for i in range(size - 1 if depth > 0 else 0):
        triples = (floats[i + 1 :] * floats[i]) @ floats.T
        triples[:, i] = 0
        triples[np.arange(size - i - 1), np.arange(i + 1, size)] = 0
        np.minimum(triples, 0, out=triples)
        if depth < size:
            triples.partition(depth - 1, axis=1)
        least = np.sort(triples[:, :depth], axis=1).T
        worst[: len(least), i, i + 1 :] = least
        worst[: len(least), i + 1 :, i] = least
    return worst


class Spectrum:
    """Smallest eigenvalues of T_i without row and column i, or 0 if that is smaller: each computed when asked for.

    For certificates: its argument is not checked, and of its methods their arguments are not checked.

    Parameters
    ----------
    columns : a, int8 `(N, K)`.
    """

    def __init__(self, columns: np.ndarray):
        self._a = columns.astype(np.float64)
        self._least = np.full(len(columns), np.nan)
        self._guess = np.full(len(columns), np.nan)

    def worth(self, rows: np.ndarray, room: np.ndarray, factor: int) -> np.ndarray:
        """Those of `rows` whose room + factor * eigenvalue may be above 0: a Ritz value bounds it from above.

        An error here could only make the bound weaker, never wrong.
        """
        unknown = rows[np.isnan(self._guess[rows])]
        for start in range(0, len(unknown), BLOCK):
            part = unknown[start : start + BLOCK]
            self._guess[part] = self._ritz(part)
        return rows[room[rows] + factor * (1 - 1e-6) * self._guess[rows] > 0]

    def least(self, i: int) -> float:
        """A number <= 0 that is no larger than the smallest eigenvalue, and hardly smaller."""
        if np.isnan(self._least[i]):
            matrix = (self._a * self._a[i]) @ self._a.T
            matrix[i] = matrix[:, i] = 0
            values = np.linalg.eigvalsh(matrix)
            self._least[i] = min(0.0, values[0]) - SLACK * max(abs(values[0]), abs(values[-1]))
        return self._least[i]

    def _ritz(self, rows: np.ndarray) -> np.ndarray:
        """Smallest Ritz value of each of `rows` after a few steps of Lanczos, all rows in the same products."""
        here, signs, size = np.arange(len(rows)), self._a[rows], len(self._a)
        steps = min(STEPS, size)
        vector = np.random.default_rng(0).standard_normal((len(rows), size))
        vector[here, rows] = 0
        vector /= np.maximum(np.linalg.norm(vector, axis=1, keepdims=True), 1e-300)
        before, link = np.zeros_like(vector), np.zeros((len(rows), 1))
        reduced = np.zeros((len(rows), steps, steps))
        for k in range(steps):
            image = ((vector @ self._a) * signs) @ self._a.T - link * before
            image[here, rows] = 0
            reduced[:, k, k] = (image * vector).sum(axis=1)
            image -= reduced[:, k, k, None] * vector
            link = np.linalg.norm(image, axis=1, keepdims=True)
            link[link < 1e-9 * size * self._a.shape[1]] = 0  # the vectors so far are closed: no more to learn
            before, vector = vector, np.divide(image, link, out=np.zeros_like(image), where=link > 0)
            if k + 1 < steps:
                reduced[:, k, k + 1] = reduced[:, k + 1, k] = link[:, 0]
        return np.linalg.eigvalsh(reduced)[:, 0]
