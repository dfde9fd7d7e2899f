"""The dynamics of `theory.dynamics` solved by sampling one effective spin (Eissfeller & Opper 1992).

Many copies of the spin run through time together. Their averages m, C and G give the drift and the covariance R of the
noise at the next step, so nothing is iterated and nothing is approximated but averages over the sample. What keeps the
sample's error small, and the algebra alive when the spins freeze:

- R(t, s) = Σ_u L(t, u) L(s, u): the factor L grows by a row a step, v(t) = Σ L(t, u) z(u) with a fresh z(t);
- z(t) is made orthogonal, in the sample, to 1, to all earlier spins and to all earlier z (a control variate);
- averages of h(t+1) are taken over z(t) analytically where possible (Rao-Blackwell);
- G comes from ⟨h z⟩ = G L by integration by parts: no perturbed runs;
- C is a Gram matrix of the sample, hence R is positive semidefinite (Schur); where a new pivot is below R(t, t) over
  the number of samples, time t repeats an earlier state, and its direction is dropped;
- a sample in which no spin changes is frozen, and the run stops.

Source: Eissfeller & Opper (1992); the safeguards were found necessary here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from damtutor.numerics import underflow_is_zero
from damtutor.theory.crosstalk import ORDERS, UPDATE_RULES, noise_correlation, noise_slope, plain_load
from damtutor.validate import as_choice, as_count, as_flag, as_real

NUMBERS = 2**28  # of samples times steps: two gigabytes each of spins and noise
INDEPENDENT = 1e-10  # share of the largest eigenvalue below which states of the sample repeat each other


class Dynamics(NamedTuple):
    """Order parameters at the times 0, ..., T. Fields are in units of m**(n-1); G and Γ vanish for s >= t.

    Attributes
    ----------
    overlap : m(t) `(T+1,)`.
    correlation : C(t, s) `(T+1, T+1)`.
    response : G(t, s) `(T+1, T+1)`.
    noise : R(t, s) `(T+1, T+1)`.
    memory : Γ(t, s) `(T+1, T+1)`.
    """

    overlap: np.ndarray
    correlation: np.ndarray
    response: np.ndarray
    noise: np.ndarray
    memory: np.ndarray


class _Equations(NamedTuple):
    """What decides the field: the parameters of `solve`, looked at."""

    order: int
    load: float
    reduced_load: float
    update_rule: str
    memory: bool
    self_coupling: bool

    def kernels(self, correlation, response):
        """R and Γ of the times so far, from C and G."""
        if self.order == 2:
            resummed = np.linalg.inv(np.eye(len(response)) - response)
            noise = self.load * resummed @ correlation @ resummed.T
            memory = self.load * resummed @ response
        else:
            noise = self.load * noise_correlation(self.order, correlation, update_rule=self.update_rule)
            np.fill_diagonal(noise, self.reduced_load)  # α f(1), without its rounding
            memory = self.load * noise_slope(self.order, correlation, update_rule=self.update_rule) * response
        return noise, np.tril(memory, -1) if self.memory else np.zeros_like(memory)

    def own_field(self, response) -> float:
        """What h(t) meets of itself where j = i is kept; `response` is the row G(t, ·)."""
        if not self.self_coupling:
            return 0.0
        return self.load if self.order == 2 else 2 * self.load * float(response.sum())


@underflow_is_zero
def solve(
    order: int,
    reduced_load: float,
    overlap: float,
    steps: int,
    samples: int = 100_000,
    seed: int = 0,
    *,
    update_rule: str = "power",
    memory: bool = True,
    self_coupling: bool = False,
) -> Dynamics:
    """m, C, G, R and Γ of simultaneous retrieval, N → ∞.

    Parameters
    ----------
    order : n in [2, 20].
    reduced_load : α' > 0.
    overlap : m0 in [-1, 1].
    steps : T >= 1.
    samples : copies of the spin, S >= 100 and >= 10 T. The error of m at T = 20 is about 0.001 for S = 10**5, and
        0.006 for n = 2 where recall fails.
    seed : of the sample; runs at other loads and overlaps see the same noise.
    update_rule : "power", "exact" (the same as N → ∞) or "p-body", see `theory.crosstalk`.
    memory : False leaves Γ out of the field, for n >= 3 `dynamics.signal_to_noise`; for n = 2 the noise still grows.
    self_coupling : True keeps j = i in the field (the update rule "self" of `experiments.dynamics`): a field α h for
        n = 2, 2 α Σ_s G(t, s) h for n = 3.

    Returns
    -------
    Dynamics

    Raises
    ------
    ValueError : a value out of range; self_coupling where the field diverges (even n >= 4) or is not known.

    Notes
    -----
    Time and memory: O(S T²) and O(S T); 0.3 to 0.5 s for S = 10**5, T = 20 on one core. Equal arguments give equal
    results on one machine; another BLAS may round otherwise.
    """
    equations = _as_equations(order, reduced_load, update_rule, memory, self_coupling)
    overlap = as_real(overlap, "overlap", low=-1.0, high=1.0)
    steps = as_count(steps, "steps")
    samples = as_count(samples, "samples", max(100, 10 * steps))  # many more than directions of noise
    if steps * samples > NUMBERS:
        raise ValueError(f"samples is {samples} at {steps} steps; expected at most 2**28 for both together")
    run = _Sample(equations, overlap, steps, samples, np.random.default_rng([as_count(seed, "seed", 0), samples]))
    for t in range(steps):
        if run.advance(t):
            run.freeze(t + 1)
            break
    return Dynamics(run.overlap, run.correlation, run.response, *equations.kernels(run.correlation, run.response))


def _as_equations(order, reduced_load, update_rule, memory, self_coupling) -> _Equations:
    order, update_rule = as_count(order, "order", 2, ORDERS), as_choice(update_rule, "update_rule", UPDATE_RULES)
    load = plain_load(reduced_load, order, update_rule=update_rule)
    if as_flag(self_coupling, "self_coupling"):
        if order % 2 == 0 and order > 2:
            raise ValueError(
                f"self_coupling is True at order {order}; expected False: for even n >= 4 the field of a spin on "
                "itself diverges, as N**((n-2)/2), and freezes every state"
            )
        if order > 3 or update_rule == "p-body":
            raise ValueError(
                f"self_coupling is True at order {order} and rule {update_rule!r}; expected False: it is known for "
                'orders 2 and 3 with rule "power" or "exact"'
            )
    return _Equations(order, load, float(reduced_load), update_rule, as_flag(memory, "memory"), bool(self_coupling))


class _Sample:
    """S copies of the spin, and what is known of them: rows h(0..t) and z(0..t-1), in the sample's own averages."""

    def __init__(self, equations, overlap, steps, samples, rng):
        self.equations, self.rng = equations, rng
        self.h, self.z = np.empty((steps + 1, samples)), np.empty((steps, samples))
        self.h[0] = np.where(np.arange(samples) < round(samples * (1 + overlap) / 2), 1.0, -1.0)
        self.overlap = np.full(steps + 1, overlap)
        self.correlation, self.response = np.eye(steps + 1), np.zeros((steps + 1, steps + 1))
        self.factor = np.zeros((steps, steps))
        self.active: list[int] = []  # times whose noise has a direction of its own
        self.mean = np.empty(steps + 1)  # of h over the sample
        self.mean[0] = self.h[0].mean()
        self.cross = np.zeros((steps + 1, steps))  # of h(s) z(u) over the sample

    def advance(self, t: int) -> bool:
        """From the times 0..t to t + 1; True if no spin changed."""
        h, z, count = self.h, self.z, self.h.shape[1]
        noise, memory = self.equations.kernels(self.correlation[: t + 1, : t + 1], self.response[: t + 1, : t + 1])
        known = self.active.copy()
        row = np.linalg.solve(self.factor[np.ix_(known, known)], noise[t, known]) if known else np.zeros(0)
        pivot = noise[t, t] - row @ row
        weights = np.zeros(t)
        weights[known] = row
        field = self.overlap[t] ** (self.equations.order - 1) + memory[t, :t] @ h[:t] + weights @ z[:t]
        own = self.equations.own_field(self.response[t, :t])
        if own:
            field += own * h[t]
        self.factor[t, :t] = weights
        if pivot < noise[t, t] / count:
            z[t] = 0.0
            mean = new = np.where(field == 0, h[t], np.sign(field))
        else:
            width = math.sqrt(pivot)
            self.factor[t, t] = width
            self.active.append(t)
            self.draw(t)
            mean, slope = _averages(field / width)
            new = np.where(field + width * z[t] < 0, -1.0, 1.0)
        self.overlap[t + 1] = mean.mean()
        if self.active:
            with_noise = z[: t + 1] @ mean / count
            if self.active[-1] == t:
                with_noise[t] = slope
            self.respond(t, with_noise)
        self.append(t + 1, new)
        return np.array_equal(new, h[t])

    def draw(self, t: int) -> None:
        """z(t): standard Gaussian, orthogonal in the sample to 1, h(0..t) and the z before."""
        fresh, h, z = self.z[t], self.h[: t + 1], self.z[:t]
        self.rng.standard_normal(out=fresh)
        count = len(fresh)
        cross = self.cross[: t + 1, :t]
        gram = np.block(
            [
                [np.ones((1, 1)), self.mean[None, : t + 1], np.zeros((1, t))],
                [self.mean[: t + 1, None], self.correlation[: t + 1, : t + 1], cross],
                [np.zeros((t, 1)), cross.T, np.eye(t)],
            ]
        )
        inverse = np.linalg.pinv(gram, rcond=INDEPENDENT, hermitian=True)
        for _ in range(2):
            overlaps = np.concatenate([[fresh.sum()], h @ fresh, z @ fresh]) / count
            share = inverse @ overlaps
            fresh -= share[0]
            fresh -= share[1 : t + 2] @ h
            fresh -= share[t + 2 :] @ z
        fresh /= math.sqrt(fresh @ fresh / count)

    def respond(self, t: int, with_noise: np.ndarray) -> None:
        """The row G(t+1, ·) from ⟨h(t+1) z(u)⟩ = Σ_s G(t+1, s) L(s, u)."""
        known = self.active
        self.response[t + 1, known] = np.linalg.solve(self.factor[np.ix_(known, known)].T, with_noise[known])

    def append(self, t: int, new: np.ndarray) -> None:
        """h(t) and its averages with all that came before."""
        count = len(new)
        self.h[t], self.mean[t] = new, new.mean()
        self.correlation[t, :t] = self.correlation[:t, t] = self.h[:t] @ new / count
        self.cross[t, :t] = self.z[:t] @ new / count

    def freeze(self, t: int) -> None:
        """All times after t repeat it."""
        self.overlap[t:] = self.overlap[t]
        self.correlation[t:, :t] = self.correlation[t, :t]
        self.correlation[:t, t:] = self.correlation[t, :t, None]
        self.correlation[t:, t:] = 1.0
        self.response[t:, :t] = self.response[t, :t]


@underflow_is_zero
def _averages(a: np.ndarray) -> tuple[np.ndarray, float]:
    """⟨sgn(a + z)⟩ of every copy, and the average of its slope ⟨sgn(a + z) z⟩."""
    from scipy.special import erf

    return erf(a / math.sqrt(2)), math.sqrt(2 / math.pi) * float(np.exp(-0.5 * a * a).mean())


@underflow_is_zero
def basin_boundary(
    order: int,
    reduced_load: float,
    steps: int = 20,
    threshold: float = 0.7,
    *,
    samples: int = 50_000,
    seed: int = 0,
    precision: float = 0.002,
    update_rule: str = "power",
    memory: bool = True,
    self_coupling: bool = False,
) -> float:
    """The smallest start overlap from which the overlap after `steps` is at least `threshold`, by bisection.

    Where recall is slow (for n = 3 from α' = 0.25 on) this is not an edge of a basin: it moves with `steps` and
    `threshold`. Use 0.9 for n = 2, where failures keep an overlap near 0.4.

    Parameters
    ----------
    steps : T >= 1.
    threshold : in (0, 1).
    precision : width of the last bracket, in [1e-6, 0.5].
    Others : as in `solve`; all starts see the same noise.

    Returns
    -------
    float in (0, 1), the middle of the bracket; nan where even the overlap 1 does not end there.

    Raises
    ------
    ValueError : what `solve` refuses; threshold or precision out of range.
    """
    threshold = as_real(threshold, "threshold", low=0.0, high=1.0, strict=True)
    precision = as_real(precision, "precision", low=1e-6, high=0.5)

    def arrives(overlap):
        run = solve(
            order,
            reduced_load,
            overlap,
            steps,
            samples,
            seed,
            update_rule=update_rule,
            memory=memory,
            self_coupling=self_coupling,
        )
        return run.overlap[-1] >= threshold

    low, high = 0.0, 1.0
    if not arrives(high):
        return math.nan
    while high - low > precision:
        middle = (low + high) / 2
        low, high = (low, middle) if arrives(middle) else (middle, high)
    return (low + high) / 2
