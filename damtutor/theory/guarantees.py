"""Promises about recall: how many bits of a stored pattern may be wrong so that one sweep is sure to mend them all.

A certificate bounds the margin of every bit from below over *all* sets of at most d wrong bits, LB_i(d). A bit whose
bound is above 0 is set to the target by an update, whenever that comes. The others are the vulnerable set V(d), which
grows with d. Two theorems follow, for every order of updates; a tie counts as failure.

One sweep. Let r be the largest d with V(0), ..., V(d) all empty, the radius. While at most r bits are wrong, every
update is right. So r wrong bits are mended by one sweep. An adversary who flips b bits before every sweep achieves
nothing if errors + b <= r; one who flips b bits at any moments of a sweep leaves at most those b wrong, if also
2b <= r.

Error map. From e wrong bits and b flips take the smallest d with e + b + |V(d)| <= d. Wrong bits then always lie in the
first errors, the flips, and V(d): never more than d, and only |V(d)| (and the flips made during the sweep) at its end.

Source: the question after Gaikwad (2026), whose theorems could not be read; bounds and theorems are derived here.
Where it stops being sharp: these are worst cases. Random damage is mended far beyond r; whether the chosen damage
between r and the smallest successful attack is mended, nobody knows. How often a *random* pattern set holds its
patterns is in `theory.capacity`: `asymptotic_recall_capacity` is N**(n-1)/(2 (2n-3)!! ln N), and
`perfect_recall_probability`, `one_step_error` and `one_step_overlap` are its Gaussian theory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from damtutor.models import integrate
from damtutor.theory import bounds as tiers
from damtutor.theory.capacity import as_order, one_step_overlap
from damtutor.validate import Frozen, as_choice, as_count, as_flag, as_patterns, as_real

TIERS = ("A", "B", "C", "D")
WHEN = ("before", "during")
MOST_PATTERNS, MOST_NEURONS = 2**24, 4096  # of tier D: its sums stay whole in float32 and below 2**58


@dataclass(frozen=True, eq=False)
class Certificate(Frozen):
    """What one tier proves about one stored pattern.

    Attributes
    ----------
    tier : "A", "B", "C" or "D".
    order : n.
    size : N.
    bounds : LB_i(d), whole, `(D, N)`, row d for d = 0, ..., D - 1; int64, or Python integers where those do not fit.
    most : largest d that the bounds hold for, or that was asked for. Rows end before it only where all bits are
        vulnerable, and then are so for every larger d.
    """

    tier: str
    order: int
    size: int
    bounds: np.ndarray
    most: int

    def __repr__(self) -> str:
        return f"Certificate(tier {self.tier}, n = {self.order}, N = {self.size}: radius {self.radius})"

    @property
    def radius(self) -> int:
        """r, the largest d <= `most` with V(0), ..., V(d) all empty; -1 where even V(0) is not."""
        safe = (self.bounds > 0).all(axis=1)
        return len(safe) - 1 if safe.all() else int(safe.argmin()) - 1

    def vulnerable(self, flips: int) -> np.ndarray:
        """V(d), the bits that d = `flips` wrong ones may turn as far as this tier can tell: indices, rising.

        Raises
        ------
        ValueError : flips below 0 or above `most`.
        """
        flips = as_count(flips, "flips", 0, self.most)
        return np.flatnonzero(self.bounds[min(flips, len(self.bounds) - 1)] <= 0)

    def budget(self, errors: int = 0, when: str = "before") -> int:
        """How many bits an adversary may flip in every sweep, for ever, by the theorem of one sweep.

        Parameters
        ----------
        errors : wrong bits at the start.
        when : "before" each sweep, and every sweep still ends without an error; or "during" it, at moments of the
            adversary's choice: then at most those flips are wrong at its end.

        Returns
        -------
        int; -1 where nothing is promised even without an adversary.
        """
        errors = as_count(errors, "errors", 0, self.size)
        left = self.radius - errors
        return max(-1, left if as_choice(when, "when", WHEN) == "before" else min(left, self.radius // 2))

    def error_map(self, errors: int, flips: int = 0, when: str = "before") -> int | None:
        """Most wrong bits at the end of a sweep that started with `errors` of them, by the theorem of the error map.

        Parameters
        ----------
        errors : e, wrong bits at the start.
        flips : b, flips a sweep.
        when : "before" the sweep, or "during" it.

        Returns
        -------
        int, or None where no d up to `most` satisfies e + b + |V(d)| <= d.
        """
        errors = as_count(errors, "errors", 0, self.size)
        flips = as_count(flips, "flips", 0, self.size)
        late = flips if as_choice(when, "when", WHEN) == "during" else 0
        weak = np.count_nonzero(self.bounds <= 0, axis=1)
        fits = np.flatnonzero(errors + flips + weak <= np.arange(len(weak)))
        return int(weak[fits[0]]) + late if len(fits) else None

    def sweeps(self, errors: int) -> int | None:
        """Sweeps after which no bit is wrong, from `errors` wrong ones and without an adversary; None where unknown.

        An upper bound. The error map, repeated. If it shrinks the number by a factor κ < 1 each time, this is at most
        1 + ceil(ln errors / ln(1/κ)).
        """
        errors = as_count(errors, "errors", 0, self.size)
        count = 0
        while errors:
            after = self.error_map(errors)
            if after is None or after >= errors:
                return None
            errors, count = after, count + 1
        return count if self.radius >= 0 else None


def certify(
    patterns: Any,
    target: int = 0,
    order: int = 3,
    tier: str = "C",
    *,
    most: int | None = None,
    eigenvalue: bool = True,
) -> Certificate:
    """Prove how many wrong bits of one stored pattern the exact rule mends, whichever they are and in any order.

    Each tier knows more and costs more. A: only how close any two patterns are. B: how close the target is to each.
    C: also the sign with which each helps or harms each bit. D, n = 3 only: also how errors act in pairs. A <= B <= C.

    Parameters
    ----------
    patterns : `(K, N)` of ±1.
    target : row of the pattern.
    order : n >= 2, interaction F(x) = x**n.
    tier : A to D.
    most : largest number of wrong bits looked at; None: as far as the tier holds, (N-1)//2 for A, B and C, N for D.
    eigenvalue : for D, whether to try the bound by eigenvalues as well; it helps rarely, at low loads.

    Returns
    -------
    Certificate

    Raises
    ------
    ValueError : patterns not ±1, no such target, order or tier; D with n other than 3, N > 4096 or K > 2**24; a `most`
        beyond which the tier does not hold.

    Notes
    -----
    Whole numbers throughout; D's eigenvalue is rounded to the safe side. Cost: A K² N, B and C K N and then N² each d,
    D N³ K/2 multiplications in matrix products, then N² each d.

    Examples
    --------
    >>> patterns = np.random.default_rng(0).choice([-1, 1], (50, 100))
    >>> [certify(patterns, 0, 3, tier).radius for tier in "ABCD"]
    [-1, 0, 2, 5]
    >>> certify(patterns, tier="D").budget(1), certify(patterns, tier="D").budget(1, "during")
    (4, 2)
    """
    patterns, order = as_patterns(patterns), as_order(order)
    count, size = patterns.shape
    target = as_count(target, "target", 0, count - 1)
    eigenvalue = as_flag(eigenvalue, "eigenvalue")
    limit = size if as_choice(tier, "tier", TIERS) == "D" else (size - 1) // 2
    if tier == "D" and order != 3:
        raise ValueError(f'order is {order} with tier "D"; expected 3, or another tier, for example "C"')
    if tier == "D" and (size > MOST_NEURONS or count > MOST_PATTERNS):
        raise ValueError(f'patterns: shape {patterns.shape} with tier "D"; expected N <= 4096 and K <= 2**24')
    most = limit if most is None else as_count(most, "most", 0, limit)
    if tier == "A":
        rows = tiers.bounds_by_separation(patterns, target, order)
    elif tier == "B":
        rows = tiers.bounds_by_profile(patterns, target, order)
    elif tier == "C":
        rows = tiers.bounds_by_signs(patterns, target, order)
    else:
        rows = tiers.bounds_by_pairs(patterns, target, most, eigenvalue)
    kept = []
    for row in rows:
        kept.append(row)
        if len(kept) > most or (row <= 0).all():
            break
    bounds = np.array(kept)
    bounds.flags.writeable = False
    return Certificate(tier, order, size, bounds, most)


def one_sweep(load: float, overlap: float, order: int = 3, *, points: int = 64) -> integrate.Solution:
    """Overlap during one sweep, one spin after the other, from an overlap m0: random patterns, N → ∞.

    A share τ of the spins has been updated, the rest are as they were: m' = f(m) - m0, f = `capacity.one_step_overlap`.

    Parameters
    ----------
    load : α = K / N**(n-1), > 0.
    overlap : m0 in [-1, 1].
    order : n, 2 <= n <= 1000.
    points : steps, >= 1.

    Returns
    -------
    Solution: times τ `(points + 1,)` from 0 to 1, and rows `(points + 1, 1)` of m; the last row is that after a sweep.

    Where it stops being true: below m0 of about 0.4 updated spins get correlated with the noise, and it is too high.

    Examples
    --------
    >>> round(float(one_sweep(0.01, 0.4).rows[-1, 0]), 3)
    0.905
    """
    start = as_real(overlap, "overlap", low=-1.0, high=1.0)
    order, points = as_order(order), as_count(points, "points")

    def velocity(m):
        return np.array([one_step_overlap(load, min(1.0, max(-1.0, float(m[0]))), order) - start])

    return integrate.rk4(velocity, np.array([start]), np.linspace(0, 1, points + 1), 1 / points)
