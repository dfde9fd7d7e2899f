"""Continuous modern Hopfield network: one step is softmax attention over the stored patterns.

    f(x) = Σ_μ p_μ X_μ,   p = softmax(β h),   grad E = x - f(x),   J = ∂f/∂x = β Σ_μ p_μ (X_μ - f)(X_μ - f)ᵀ

`similarity="dot"`: h_μ = X_μ·x and E = -(1/β) log Σ exp(β X_μ·x) + |x|²/2 + (log K)/β + M²/2, M the largest norm.
`similarity="distance"`: h_μ = -|x - X_μ|²/2 and E = -(1/β) log((1/K) Σ exp(-β |x - X_μ|²/2)): a Gaussian mean shift of
variance σ² = 1/β. Both are E = -(1/β) log((1/K) Σ exp(-β c_μ)) with costs c_μ = |x - X_μ|²/2 + b_μ, where b_μ = 0 for
distance and b_μ = (M² - |X_μ|²)/2 for dot: the dot product charges a short pattern for being short. Energies are
computed in this form, so that E >= 0 holds in floating point too.

Descent: x' = x + a (f - x) gives E(x') <= E(x) - a (1 - a/2) |f - x|² for every rate a in (0, 2). Log-sum-exp is convex
with gradient f, hence lse(x') >= lse(x) + f·(x' - x); the quadratic part is exact. Every fixed point lies in the convex
hull of the patterns.

Source: Ramsauer et al. (2021); for the distance form, Cheng (1995) on mean shift. Where it stops being true: rates
above 2; close to a split of a fixed point (spectral radius of J near 1) a small step does not mean a near fixed point.

Tolerances are in units of the memory's own length: the smaller of 1/√β, the width of a well, and the size of the
pattern set, M for dot and the largest distance from the mean for distance. They scale with the patterns, and for
distance they do not see where the origin is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import Frozen, Settled, Trace
from damtutor.numerics import log_mean_exp, row_blocks, softmax, softmax_product, square_distances, underflow_is_zero
from damtutor.validate import as_choice, as_count, as_real, as_reals, as_records

SIMILARITIES = ("dot", "distance")
SAME = 1e-6  # points closer than this many lengths are one; see `fixed_points`
ROUNDING = 16  # |f(x) - x| below this many machine epsilons of M cannot be asked for


class FixedPoints(NamedTuple):
    """Distinct fixed points, lowest energy first; float64.

    Attributes
    ----------
    points : `(P, d)`.
    energies, n_eff : `(P,)`.
    radius : spectral radius of the Jacobian, `(P,)`.
    stable : radius < 1, bool `(P,)`.
    basin : how many starts ended there, int64 `(P,)`.
    unsettled : how many starts ended nowhere: still on their way after the allowed number of sweeps with no fixed point
        that Newton's method finds close by, or starts of Newton's method that it failed from.
    """

    points: np.ndarray
    energies: np.ndarray
    n_eff: np.ndarray
    radius: np.ndarray
    stable: np.ndarray
    basin: np.ndarray
    unsettled: int


@dataclass(frozen=True, eq=False)
class ModernHopfield(Frozen):
    """K real patterns in d dimensions, recalled by repeated softmax attention.

    Parameters
    ----------
    patterns : array-like `(K, d)`, one pattern a row. float32 stays float32, all else becomes float64. Copied; the
        model's array is read-only ("distance" keeps a second one, centred on the mean, against cancellation).
    beta : inverse temperature > 0; in units of 1/|X|². Attention has 1/sqrt(d) for patterns of norm sqrt(d).
    similarity : "dot" (attention) or "distance" (mean shift); see the module's text.

    Raises
    ------
    ValueError : patterns not `(K, d)`, finite and moderate in size; beta <= 0 or too large; an unknown similarity.

    Notes
    -----
    States are computed in the dtype of the patterns, energies and derivatives in float64. In float32 the exponents
    carry an error of about 1e-7 β |x| M; where that is not small, use float64.
    """

    patterns: Any
    beta: float
    similarity: str = "dot"
    largest_norm: float = field(init=False, repr=False)
    length: float = field(init=False, repr=False)
    _keys: np.ndarray = field(init=False, repr=False)
    _centre: np.ndarray = field(init=False, repr=False)
    _offset: np.ndarray | None = field(init=False, repr=False)
    _penalty: np.ndarray = field(init=False, repr=False)
    _farthest: float = field(init=False, repr=False)

    def __post_init__(self):
        patterns = as_reals(self.patterns, "patterns", 2)
        beta = as_real(self.beta, "beta", low=0.0, strict=True)
        dot = as_choice(self.similarity, "similarity", SIMILARITIES) == "dot"
        greatest = float(np.finfo(patterns.dtype).max)
        if beta > 1e-8 * greatest:
            raise ValueError(f"beta is {beta:g}; expected at most {1e-8 * greatest:.1g} with {patterns.dtype} patterns")
        biggest = float(np.abs(patterns).max())
        steep = patterns.shape[1] * max(beta, 1.0)  # farther out, scores in this dtype or energies in float64 overflow
        farthest = min(0.1 * greatest / (steep * max(biggest, 1.0)), (1e300 / steep) ** 0.5)
        if biggest > farthest:
            raise ValueError(
                f"patterns reach {biggest:g} with beta {beta:g}: their products overflow {patterns.dtype}; "
                "expected smaller ones, for example patterns / np.abs(patterns).max()"
            )
        squares = _squares(patterns)
        centre = np.zeros_like(patterns[0]) if dot else patterns.mean(axis=0, dtype=np.float64).astype(patterns.dtype)
        keys = patterns if dot else patterns - centre
        arrays = {
            "patterns": patterns,
            "_keys": keys,
            "_centre": centre,
            "_offset": None if dot else (-_squares(keys) / 2).astype(patterns.dtype),
            "_penalty": (squares.max() - squares) / 2 if dot else np.zeros(len(patterns)),
        }
        for name, array in arrays.items():
            if array is not None:
                array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "beta", beta)
        object.__setattr__(self, "largest_norm", float(np.sqrt(squares.max())))
        spread = float(np.sqrt(_squares(keys).max()))
        object.__setattr__(self, "length", min(spread or np.inf, beta**-0.5))
        object.__setattr__(self, "_farthest", farthest)

    def __repr__(self) -> str:
        return f"ModernHopfield({self.count} patterns of {self.size} numbers, beta={self.beta:g}, {self.similarity})"

    @property
    def count(self) -> int:
        """Number of patterns K."""
        return self.patterns.shape[0]

    @property
    def size(self) -> int:
        """Dimension d."""
        return self.patterns.shape[1]

    def energy(self, state: Any) -> Any:
        """E >= 0 of a state `(d,)` (a float) or of a batch `(B, d)` (float64 `(B,)`); unit |x|².

        Always computed in float64, from direct differences: a float32 and a float64 model of the same numbers agree
        exactly. Complex states pass, for `damtutor.numerics.complex_gradient`. Cost: 3 B K d additions.
        """
        x = as_reals(state, "state", (1, 2), length=self.size, complex_too=True)
        self._check_distance(x)
        rows = np.atleast_2d(x).astype(complex if np.iscomplexobj(x) else np.float64)
        e = np.concatenate([-log_mean_exp(-self.beta * self._costs(part)) for part in row_blocks(rows, self.count)])
        e /= self.beta
        return e if x.ndim == 2 else e[0].item()

    def overlaps(self, state: Any) -> np.ndarray:
        """X x: the dot product with every pattern, whatever the similarity; `(K,)`, or `(B, K)` for a batch."""
        return self._states(state) @ self.patterns.T

    def weights(self, state: Any) -> np.ndarray:
        """p = softmax(β h): how much of every pattern the next step takes; `(K,)`, or `(B, K)` for a batch."""
        x = self._states(state)
        scores = ((x - self._centre) * self.beta) @ self._keys.T
        if self._offset is not None:
            scores += self.beta * self._offset
        return softmax(scores)

    @underflow_is_zero
    def n_eff(self, state: Any) -> Any:
        """exp(entropy of p): how many patterns take part, 1 to K; a float, or float64 `(B,)` for a batch."""
        p = self.weights(state).astype(np.float64)
        plogp = p * np.log(np.where(p > 0, p, 1.0))
        return np.exp(-plogp.sum(axis=-1))[()]

    def step(self, state: Any, rng: Any = None, *, rate: float = 1.0) -> np.ndarray:
        """x + rate (f(x) - x): one simultaneous update of `(d,)` or `(B, d)`; a new array of the patterns' dtype.

        Parameters
        ----------
        rng : not used; all memories share this signature.
        rate : > 0; the energy cannot rise for rate < 2.
        """
        x = self._states(state)
        rate = as_real(rate, "rate", low=0.0, strict=True)
        f = self._mean(np.atleast_2d(x)).reshape(x.shape)
        return f if rate == 1 else x + rate * (f - x)

    @underflow_is_zero
    def jacobian(self, state: Any) -> np.ndarray:
        """J of f at one state `(d,)`: float64 `(d, d)`, symmetric, no negative eigenvalue."""
        root = self._double()._root(as_reals(state, "state", 1, length=self.size).astype(np.float64))
        return root.T @ root

    def retrieve(
        self,
        state: Any,
        *,
        order: str = "sync",
        max_sweeps: int = 1000,
        rng: Any = None,
        record: str | Sequence[str] = (),
        rate: float = 1.0,
        tolerance: float = 1e-10,
    ) -> Trace:
        """Repeat the step until |f(x) - x| <= tolerance * `length`, or `max_sweeps` times.

        Parameters
        ----------
        state : `(d,)`; not changed.
        order : "sync" only.
        max_sweeps : whole number >= 1.
        rng : not used.
        record : "states" or nothing.
        rate : > 0.
        tolerance : >= 0; what rounding cannot reach is raised to M times 16 machine epsilons of the dtype. `length` is
            explained in the module's text.

        Returns
        -------
        Trace: `converged` is True for a returned state that meets the tolerance; the last sweep then left it alone.
        A run that leaves the range of its dtype (rate > 2) stops at the last good state, not converged.

        Raises
        ------
        ValueError : a wrong state, order, count, rate, tolerance or record name.
        """
        x = self._states(as_reals(state, "state", 1, length=self.size))
        if as_choice(order, "order", ("async", "sync")) == "async":
            raise ValueError('order is "async"; expected "sync": f is the best answer of all coordinates together')
        max_sweeps = as_count(max_sweeps, "max_sweeps")
        keep = "states" in as_records(record, ("states",))
        rate = as_real(rate, "rate", low=0.0, strict=True)
        tolerance = self._tolerance(tolerance)
        energies, states, converged = [self.energy(x)], [x], False
        for sweeps in range(1, max_sweeps + 1):  # noqa: B007 (used after the loop)
            change = self._mean(x[None])[0] - x
            converged = bool(np.linalg.norm(change) <= tolerance)
            new = x if converged else x + rate * change
            if np.abs(new).max() > self._farthest:
                break
            energies.append(energies[-1] if converged else self.energy(new))
            x = new
            if keep:
                states.append(x)
            if converged:
                break
        return Trace(
            state=x.copy(),
            energies=np.array(energies),
            converged=converged,
            sweeps=len(energies) - 1,
            overlaps=self.patterns @ x,
            states=np.array(states) if keep else None,
            period=1 if converged else None,
        )

    def settle(self, states: Any, *, rate: float = 1.0, tolerance: float = 1e-10, max_sweeps: int = 1000) -> Settled:
        """`retrieve` for a batch `(B, d)` without energies: a row that is done leaves the batch.

        Parameters as in `retrieve`. Rows do not influence each other, except in the last digits.
        """
        x = self._states(as_reals(states, "states", 2, length=self.size))
        rate, tolerance = as_real(rate, "rate", low=0.0, strict=True), self._tolerance(tolerance)
        live, rows = x.copy(), np.arange(len(x))
        converged, sweeps = np.zeros(len(x), bool), np.zeros(len(x), np.int64)
        for _ in range(as_count(max_sweeps, "max_sweeps")):
            change = self._mean(live) - live
            done = np.linalg.norm(change, axis=1) <= tolerance
            new = live + rate * change
            keep = ~done & (np.abs(new).max(axis=1) <= self._farthest)
            sweeps[rows[keep | done]] += 1
            converged[rows[done]] = True
            x[rows[~keep]] = live[~keep]
            live, rows = new[keep], rows[keep]
            if not len(rows):
                break
        x[rows] = live
        return Settled(x, converged, sweeps, converged.astype(np.int64))

    @underflow_is_zero
    def newton(self, start: Any, *, tolerance: float = 1e-12, max_steps: int = 50) -> Trace:
        """A fixed point near `start` `(d,)`, stable or not, by Newton's method on f(x) - x; float64.

        A step is halved until it shortens |f - x|. The energy may rise: this is not retrieval. `converged` is False
        where no step helps any more (a singular I - J: at a split). What rounding leaves of f(x) - x, in proportion to
        M trace(J), counts as reached.
        """
        wide = self._double()
        x = wide._states(as_reals(start, "start", 1, length=wide.size))
        tolerance = wide._tolerance(tolerance)
        max_steps = as_count(max_steps, "max_steps")
        energies, gap, root = [wide.energy(x)], wide._mean(x[None])[0] - x, wide._root(x)
        while np.linalg.norm(gap) > tolerance and len(energies) <= max_steps:
            move = np.linalg.lstsq(np.eye(wide.size) - root.T @ root, gap, rcond=None)[0]
            for _ in range(12):
                after = wide._mean((x + move)[None])[0] - (x + move)
                if np.linalg.norm(after) < np.linalg.norm(gap):
                    break
                move = move / 2
            else:
                break
            x, gap = x + move, after
            root = wide._root(x)
            energies.append(wide.energy(x))
        blur = wide._tolerance(0) * (1 + np.sum(root * root))
        converged = bool(np.linalg.norm(gap) <= max(tolerance, blur))
        return Trace(
            state=x,
            energies=np.array(energies),
            converged=converged,
            sweeps=len(energies) - 1,
            overlaps=wide.patterns @ x,
            period=1 if converged else None,
        )

    def fixed_points(self, starts: Any = None, *, newton_from: Any = None, max_sweeps: int = 2000) -> FixedPoints:
        """The fixed points that the patterns, and `starts`, lead to.

        Parameters
        ----------
        starts : more starts `(B, d)`, or None.
        newton_from : starts `(B, d)` for `newton`, which finds unstable points too, or None; they count in no basin.
        max_sweeps : updates per start, before Newton's method takes over.

        Returns
        -------
        FixedPoints, float64 whatever the dtype. At every point f(x) = x up to rounding: Newton's method converged
        there. Points closer than 1e-6 `length` are one. A point is right to about 1e-14 M / |1 - radius|, so that one
        point is counted twice only for |1 - radius| < 1e-8; two points are taken for one only within a relative 1e-12
        of the β at which they meet, their distance being the square root of that. Just below the β at which a fixed
        point appears, starts crawl past the place where it will be: they are unsettled if `max_sweeps` ends there.
        """
        wide = self._double()
        begin = [wide.patterns] + ([] if starts is None else [as_reals(starts, "starts", 2, length=self.size)])
        ends = wide.settle(np.concatenate(begin), max_sweeps=max_sweeps)
        same = max(SAME * wide.length, 64 * wide._tolerance(0))
        near, groups = _merge(ends.states, same)
        traces = [wide._polish(x) for x in near]
        extra = [] if newton_from is None else as_reals(newton_from, "newton_from", 2, length=self.size)
        traces += [wide.newton(x, tolerance=0) for x in extra]
        ok = np.array([t.converged for t in traces])
        starts_of = np.concatenate([np.bincount(groups), np.ones(len(extra), np.int64)])
        lost = starts_of[~ok].sum()
        starts_of[len(near) :] = 0  # a start of Newton's method belongs to no basin
        points, groups = _merge(np.array([t.state for t in traces])[ok], same)
        basin = np.bincount(groups, weights=starts_of[ok], minlength=len(points))
        rank = np.argsort(wide.energy(points), kind="stable") if len(points) else np.arange(0)
        points, basin = points[rank], basin[rank].astype(np.int64)
        radius = np.array([wide._radius(x) for x in points])
        energies, n_eff = (wide.energy(points), wide.n_eff(points)) if len(points) else (radius, radius)
        return FixedPoints(points, energies, n_eff, radius, radius < 1, basin, int(lost))

    def _polish(self, x) -> Trace:
        """Newton's run; converged only at the point that the iteration was going to: lower or level, stable or near."""
        found = self.newton(x, tolerance=0)
        moved = np.linalg.norm(found.state - x) / self.length
        lower = found.energies[-1] <= found.energies[0] + 1e-12 * (self.length**2 + found.energies[0])
        meant = moved < SAME or (moved < 0.1 and lower and self._radius(found.state) < 1)
        return found if meant else replace(found, converged=False)

    @underflow_is_zero
    def _root(self, x) -> np.ndarray:
        """R with J = RᵀR, `(K, d)`: rows sqrt(β p) (X - f)."""
        p = self.weights(x)
        return np.sqrt(self.beta * p)[:, None] * (self.patterns - p @ self.patterns)

    @underflow_is_zero
    def _radius(self, x) -> float:
        """Spectral radius of J, from the smaller of RᵀR and RRᵀ."""
        root = self._root(x)
        return float(np.linalg.eigvalsh(root.T @ root if self.size <= self.count else root @ root.T)[-1])

    def _double(self) -> ModernHopfield:
        """This model in float64."""
        return self if self.patterns.dtype == np.float64 else replace(self, patterns=self.patterns.astype(np.float64))

    def _tolerance(self, tolerance) -> float:
        least = ROUNDING * float(np.finfo(self.patterns.dtype).eps) * self.largest_norm
        return max(as_real(tolerance, "tolerance", low=0.0) * self.length, least)

    def _check_distance(self, x) -> None:
        size = float(np.abs(x).max())
        if size > self._farthest:
            raise ValueError(f"state reaches {size:g}; expected numbers below {self._farthest:.1g} here")

    @underflow_is_zero
    def _states(self, state) -> np.ndarray:
        """States `(d,)` or `(B, d)` in the dtype of the patterns."""
        x = as_reals(state, "state", (1, 2), length=self.size)
        self._check_distance(x)
        return x.astype(self.patterns.dtype, copy=False)

    def _costs(self, rows) -> np.ndarray:
        """c_μ = |x - X_μ|²/2 + b_μ, `(B, K)`."""
        return square_distances(rows, self.patterns) / 2 + self._penalty

    def _mean(self, rows) -> np.ndarray:
        """f of a checked batch `(B, d)`."""
        largest = self.largest_norm if self._offset is None else None
        queries = rows if self._offset is None else rows - self._centre
        return softmax_product(queries, self._keys, self.patterns, self.beta, self._offset, largest)


def _squares(rows) -> np.ndarray:
    """|row|², float64."""
    return np.einsum("kd,kd->k", rows, rows, dtype=np.float64)


def _merge(rows, closeness) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are farther than `closeness` from every earlier one, and for every row the number of its own."""
    kept, group = [], np.empty(len(rows), np.int64)
    for k, row in enumerate(rows):
        gaps = np.linalg.norm(rows[kept] - row, axis=1)
        if len(kept) and gaps.min() <= closeness:
            group[k] = gaps.argmin()
        else:
            group[k] = len(kept)
            kept.append(k)
    return rows[kept], group
