"""The score of a finite data set, and the probability flow of any denoiser: diffusion as retrieval.

    p_σ(x) = (1/K) Σ_μ N(x; X_μ, σ² I)                    data X `(K, d)` blurred by noise of standard deviation σ
    E_σ(x) = -2σ² log Σ_μ exp(-|x - X_μ|²/(2σ²))           unit: squared distance
    m(x)   = Σ_μ p_μ X_μ,  p = softmax(-|x - X_μ|²/(2σ²))  posterior mean E[x0 | x = x0 + σ noise]
    score  = grad log p_σ = (m(x) - x)/σ² = -grad E_σ/(2σ²)

The third line in the fourth is Tweedie's formula. m is the update of `ModernHopfield(X, 1/σ², "distance")`, and
E_σ = 2 E_MHN - 2σ² log K exactly: to denoise is to retrieve with β = 1/σ². For data of equal norms a dot product does
the same; for unequal norms it lacks |X_μ|²/2. So E_σ(m(x)) <= E_σ(x) - |m(x) - x|²: m is a step of mean shift.

The probability flow carries noise to data while σ falls: dx/dl = x - m(x, σ), l = log σ (variance exploding). It is
no descent on one landscape, since E_σ changes on the way. With the exact m of a finite data set it ends at the data.

Source: Robbins (1956) and Miyasawa (1961) for the posterior mean; Cheng (1995) for mean shift; Song et al. (2021) for
the flow; Karras et al. (2022) for its steps in σ. Where it stops being true: two data points closer than 2σ share a
minimum, and near that distance mean shift is as slow as you like (its rate of convergence goes to 1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from damtutor.memory import Frozen, Settled, Trace
from damtutor.models.modern import ModernHopfield
from damtutor.validate import as_count, as_function, as_generator, as_real, as_reals, as_records

Denoise = Callable[[np.ndarray, float], np.ndarray]
ROOM = 1 << 20  # weights held at a time: 8 MB of float64
LEAST, MOST = 1e-100, 1e100  # squares of σ beyond these leave float64


@dataclass(frozen=True, eq=False)
class KernelDensity(Frozen):
    """K data points in d dimensions, each blurred by Gaussian noise: energy, density, score, and mean shift.

    Parameters
    ----------
    data : array-like `(K, d)`, one point a row. float32 stays float32, all else becomes float64. Copied; read-only.
    sigma : σ > 0, in the unit of the data.

    Raises
    ------
    ValueError : data not `(K, d)`, finite and moderate in size; sigma not in (0, 1e100), or too small for the data.

    Notes
    -----
    Energies and log densities are computed in float64 from direct differences. Means come from matrix products of data
    centred on their average: where two points compete, their weights carry an error of about 1e-16 |x| |X|/σ², which is
    1e-11 for digits at σ = 0.01. Working memory does not grow with the batch, beyond the result.

    Examples
    --------
    >>> pair = KernelDensity([[-1.0, 0.0], [1.0, 0.0]], sigma=0.5)
    >>> print(pair.mean([0.0, 0.0]), pair.score([1.0, 0.1]).round(3))  # the middle; back to the point
    [0. 0.] [-0.003 -0.4  ]
    >>> trace = pair.retrieve([0.1, 0.3])
    >>> trace.converged, trace.state.round(3).tolist(), round(pair.n_eff(trace.state), 3)
    (True, [0.999, 0.0], 1.003)
    """

    data: Any
    sigma: float
    memory: ModernHopfield = field(init=False, repr=False)

    def __post_init__(self):
        data = as_reals(self.data, "data", 2)
        sigma = as_real(self.sigma, "sigma", low=0.0, high=MOST, strict=True)
        if sigma < LEAST:
            raise ValueError(f"sigma is {sigma:g}; expected at least {LEAST:g}, for example 0.1")
        try:
            memory = ModernHopfield(data, sigma**-2, "distance")
        except ValueError as error:
            said = str(error).replace("patterns", "data")  # also in its advice, which is then about this argument
            raise ValueError(f"data with sigma {sigma:g}, beta = 1/sigma²: {said}") from None
        for name, value in (("data", memory.patterns), ("sigma", sigma), ("memory", memory)):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"KernelDensity({self.count} points of {self.size} numbers, sigma={self.sigma:g})"

    @property
    def count(self) -> int:
        """Number of data points K."""
        return self.memory.count

    @property
    def size(self) -> int:
        """Dimension d."""
        return self.memory.size

    def energy(self, state: Any) -> Any:
        """E_σ of a state `(d,)` (a float) or a batch `(B, d)` (float64 `(B,)`); squared distance, >= -2σ² log K.

        Complex states pass, for `damtutor.numerics.complex_gradient`.

        >>> KernelDensity([[0.0], [3.0]], 0.1).energy([1.0])  # the nearest point is at distance 1
        1.0
        """
        return 2 * self.memory.energy(state) - 2 * self.sigma**2 * np.log(self.count).item()

    def log_density(self, state: Any) -> Any:
        """log p_σ of a state (a float) or a batch (float64 `(B,)`), natural logarithm; complex states pass.

        >>> round(KernelDensity([[0.0, 0.0]], 1.0).log_density([0.0, 0.0]), 6)  # -log 2π
        -1.837877
        """
        width = self.size * (np.log(2 * np.pi) / 2 + np.log(self.sigma)).item()
        return -self.memory.energy(state) / self.sigma**2 - width

    def mean(self, state: Any) -> np.ndarray:
        """Posterior mean m(x): the best guess of the clean point; `(d,)` or `(B, d)`, the data's dtype.

        >>> KernelDensity([[0.0], [4.0]], 1.0).mean([[2.0], [0.0]]).round(3).ravel().tolist()
        [2.0, 0.001]
        """
        return self.memory.step(state)

    def score(self, state: Any) -> np.ndarray:
        """grad log p_σ = (m(x) - x)/σ², `(d,)` or `(B, d)`; one over the data's unit.

        >>> KernelDensity([[0.0]], 0.5).score([1.0]).tolist()
        [-4.0]
        """
        return (self.mean(state) - np.asarray(state, self.data.dtype)) / self.data.dtype.type(self.sigma**2)

    def weights(self, state: Any) -> np.ndarray:
        """p: the probability that x came from each point; `(K,)`, or `(B, K)` for a batch.

        >>> KernelDensity([[0.0], [2.0]], 1.0).weights([1.0]).tolist()
        [0.5, 0.5]
        """
        return self.memory.weights(state)

    def n_eff(self, state: Any) -> Any:
        """exp(entropy of p): how many points take part, 1 to K; a float, or float64 `(B,)` for a batch.

        >>> round(KernelDensity([[0.0], [2.0]], 1.0).n_eff([1.0]), 6)
        2.0
        """
        x = as_reals(state, "state", (1, 2), length=self.size)
        if x.ndim == 1:
            return float(self.memory.n_eff(x))
        height = max(1, ROOM // self.count)
        return np.concatenate([self.memory.n_eff(x[k : k + height]) for k in range(0, len(x), height)])

    def sample(self, count: int, rng: Any = None) -> np.ndarray:
        """`count` independent draws from p_σ, `(count, d)`: a point of the data plus noise.

        >>> KernelDensity([[0.0], [9.0]], 0.1).sample(3, rng=0).round().ravel().tolist()
        [9.0, 9.0, 9.0]
        """
        rng = as_generator(rng)
        chosen = rng.integers(self.count, size=as_count(count, "count"))
        noise = rng.standard_normal((len(chosen), self.size)).astype(self.data.dtype)
        return self.data[chosen] + self.data.dtype.type(self.sigma) * noise

    def step(self, state: Any, rng: Any = None, *, rate: float = 1.0) -> np.ndarray:
        """x + rate (m(x) - x): mean shift of `(d,)` or `(B, d)`. E_σ cannot rise for 0 < rate <= 2; rng is not used.

        >>> KernelDensity([[0.0], [4.0]], 1.0).step([1.0]).round(3).tolist()
        [0.072]
        """
        return self.memory.step(state, rate=rate)

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
        """Mean shift until |m(x) - x| is small, at most `max_sweeps` times; parameters and errors as `ModernHopfield`.

        Returns
        -------
        Trace: `energies` are E_σ. `overlaps` is None: a dot product says nothing about a distance.

        >>> KernelDensity([[0.0], [4.0]], 1.0).retrieve([1.0], record="states").states.round(3).ravel().tolist()[:3]
        [1.0, 0.072, 0.002]
        """
        found = self.memory.retrieve(
            state, order=order, max_sweeps=max_sweeps, rng=rng, record=record, rate=rate, tolerance=tolerance
        )
        energies = 2 * found.energies - 2 * self.sigma**2 * np.log(self.count)
        return replace(found, energies=energies, overlaps=None)

    def settle(self, states: Any, *, rate: float = 1.0, tolerance: float = 1e-10, max_sweeps: int = 1000) -> Settled:
        """`retrieve` for a batch `(B, d)` without energies: a row that is done leaves the batch.

        >>> KernelDensity([[0.0], [4.0]], 0.5).settle([[1.0], [2.5]]).states.round(6).ravel().tolist()
        [0.0, 4.0]
        """
        return self.memory.settle(states, rate=rate, tolerance=tolerance, max_sweeps=max_sweeps)


class Flow(NamedTuple):
    """Where a probability flow ended, `(d,)` or `(B, d)`, and its states at every noise level, `(S, ...)`, or None."""

    ends: np.ndarray
    states: np.ndarray | None


def exact_denoiser(data: Any) -> Denoise:
    """The posterior mean of the data themselves: a function of x and σ, for `probability_flow`.

    Parameters
    ----------
    data : `(K, d)`.

    Examples
    --------
    >>> exact_denoiser([[0.0], [4.0]])(np.array([1.0]), 0.5).round(6).tolist()
    [0.0]
    """
    data = as_reals(data, "data", 2)
    return lambda x, sigma: KernelDensity(data, sigma).mean(x)


def noise_levels(high: float, low: float, steps: int) -> np.ndarray:
    """`steps` + 1 noise levels, falling from `high` to `low` by the same factor each: even steps of l = log σ.

    Examples
    --------
    >>> noise_levels(8, 1, 3).round(6).tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    high = as_real(high, "high", low=0.0, strict=True)
    low = as_real(low, "low", low=0.0, high=high, strict=True)
    return np.geomspace(high, low, as_count(steps, "steps") + 1)


def probability_flow(
    denoise: Denoise, start: Any, sigmas: Any, *, order: int = 1, record: str | Sequence[str] = ()
) -> Flow:
    """Carry noise to data along dx/dl = x - m(x, σ), l = log σ, through the given noise levels.

    While m stays the same, x - m shrinks as σ does, so a step from σ to σ' is x' = m + (σ'/σ)(x - m): exact for one
    data point, an Euler step in σ in general. `order` 2 repeats it with the slope (x - m)/σ averaged over both ends
    (Heun), with two calls of `denoise` a step.

    Parameters
    ----------
    denoise : function of x and σ that returns the posterior mean, same shape as x: `exact_denoiser(data)` or a trained
        network.
    start : `(d,)` or `(B, d)`, at noise level `sigmas[0]`: for large σ, σ times standard normal noise.
    sigmas : `(S,)`, S >= 2, falling, >= 0; `noise_levels` makes them. Only the last may be 0; the end is then m itself.
    order : 1 or 2.
    record : "states" or nothing.

    Returns
    -------
    Flow: the error of the ends is proportional to the step of log σ for order 1, to its square for order 2.

    Raises
    ------
    ValueError : noise levels that do not fall, another order, or a `denoise` whose answer is not finite or has another
        shape than x.

    Examples
    --------
    >>> flow = probability_flow(exact_denoiser([[-1.0], [1.0]]), [[2.0], [-3.0]], noise_levels(5, 1e-3, 60))
    >>> flow.ends.round(2).ravel().tolist()  # the data, and nothing else
    [1.0, -1.0]
    """
    as_function(denoise, "denoise", "exact_denoiser(data)")
    x = as_reals(start, "start", (1, 2))
    levels = as_reals(sigmas, "sigmas", 1).astype(np.float64)
    if len(levels) < 2 or levels[-1] < 0 or (np.diff(levels) >= 0).any():
        raise ValueError("sigmas: not falling to 0 or above; expected two levels or more, as noise_levels(5, 1e-3, 60)")
    order = as_count(order, "order", 1, 2)
    keep = "states" in as_records(record, ("states",))
    states = [x] if keep else None
    for sigma, after in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True):
        mean = _answer(denoise, x, sigma)
        new = mean + (after / sigma) * (x - mean)
        if order == 2 and after > 0:
            slope = (x - mean) / sigma + (new - _answer(denoise, new, after)) / after
            new = x + (after - sigma) / 2 * slope
        x = new
        if keep:
            states.append(x)
    return Flow(x, np.array(states) if keep else None)


def _answer(denoise, x, sigma) -> np.ndarray:
    mean = np.asarray(denoise(x, sigma))
    if mean.shape != x.shape or not np.isfinite(mean).all():
        what = f"shape {mean.shape}" if mean.shape != x.shape else "numbers that are not finite"
        raise ValueError(f"denoise gave {what} at sigma {sigma:g}; expected {x.shape} finite numbers, as x")
    return mean
