"""What happens if attention is repeated: one step remembers, ten forget, and what saves the memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from damtutor.models.attention import asymmetry, attention_jacobian, retrieval_energy
from damtutor.models.transformer import BETWEEN, iterate, layer_norm
from damtutor.statistics.intervals import Mean, mean
from damtutor.text import Embedding
from damtutor.validate import as_choice, as_count, as_counts, as_flag, as_generator, as_real, as_reals, as_set_shape

SEEDS = 30
HALF = 0.5  # a query has forgotten when its right key has less than this weight


class Repetition(NamedTuple):
    """Attention repeated, every stored key asked once; means over seeds, and standard errors over seeds.

    Attributes
    ----------
    weight : weight on the right key in attention step 1, 2, ..., `(steps,)`.
    weight_error : its standard error, `(steps,)`.
    winner : share of queries whose right key has the largest weight, `(steps,)`.
    winner_error : its standard error, `(steps,)`.
    remembered : share of queries whose right key has more than half of the weight, `(steps,)`.
    remembered_error : its standard error, `(steps,)`.
    energy : `(steps + 1,)`. Mean energy of the queries and after each step; None where none exists.
    """

    weight: np.ndarray
    weight_error: np.ndarray
    winner: np.ndarray
    winner_error: np.ndarray
    remembered: np.ndarray
    remembered_error: np.ndarray
    energy: np.ndarray | None


def repeat_attention(
    size: int = 64,
    count: int = 200,
    *,
    noise: float = 0.5,
    steps: int = 10,
    beta_factor: float = 1.0,
    rate: float = 1.0,
    between: str = "nothing",
    keys: Any = None,
    seeds: int = SEEDS,
    seed: int = 0,
) -> Repetition:
    """Ask every one of `count` keys with a noisy copy of itself, and feed the result back (V = K, weights 1).

    Parameters
    ----------
    size : d.
    count : K.
    keys : None for independent random directions of norm √d; or `(V, d)`, V >= K, of which K rows are drawn without
        replacement for each seed, as they are; `size` is then not used.
    noise : standard deviation of the noise per coordinate, >= 0.
    steps : >= 1.
    beta_factor : β √d; 1 is the scale of attention.
    rate : as in `iterate`.
    between : "layernorm" sends keys, queries and every new state through LayerNorm, as a transformer does before its
        attention; "nothing" does none of it.
    seeds : sets of keys, >= 2. Set k has the Generator default_rng([seed, K, d, k]), the same for all cures: they
        are compared on the same keys and noise.

    Returns
    -------
    Repetition

    Raises
    ------
    ValueError : a wrong shape or number, fewer keys than `count`.

    Notes
    -----
    The keys are random or taken from co-occurrences. No trained attention weights are involved.
    """
    count, steps, seeds = as_count(count, "count", 2), as_count(steps, "steps"), as_count(seeds, "seeds", 2)
    noise, factor = as_real(noise, "noise", low=0.0), as_real(beta_factor, "beta_factor", low=0.0, strict=True)
    as_choice(between, "between", BETWEEN)
    seed = as_count(seed, "seed", 0)
    pool = None if keys is None else as_reals(keys, "keys", 2)
    if pool is not None and len(pool) < count:
        raise ValueError(f"keys: {len(pool)} rows; expected at least count = {count}")
    size = as_count(size, "size", 2) if pool is None else pool.shape[1]
    right = np.arange(count)
    weight, winner, energy = np.empty((seeds, steps, count)), np.empty((seeds, steps, count), bool), []
    for k in range(seeds):
        rng = np.random.default_rng([seed, count, size, k])
        stored = random_keys(size, count, rng=rng) if pool is None else pool[rng.choice(len(pool), count, False)]
        stored = layer_norm(stored) if between == "layernorm" else stored
        queries = stored + noise * rng.standard_normal(stored.shape)
        queries = layer_norm(queries) if between == "layernorm" else queries
        run = iterate(queries, stored, beta=factor / math.sqrt(size), steps=steps, rate=rate, between=between)
        weight[k] = run.weights[:, right, right]
        winner[k] = run.weights.argmax(axis=2) == right
        energy.append(None if run.energies is None else run.energies.mean(axis=1))
    columns = [_over_seeds(values.mean(axis=2)) for values in (weight, winner, weight > HALF)]
    fallen = None if energy[0] is None else np.mean(energy, axis=0)
    return Repetition(*[array for pair in columns for array in pair], fallen)


def with_words(embedding: Embedding, counts: Sequence[int] = (12, 30, 80, 200), **settings: Any) -> list[Repetition]:
    """`repeat_attention` with word vectors as keys, for several numbers of words.

    Parameters
    ----------
    embedding : its vectors, sent through LayerNorm, are the pool; each seed draws other words, frequent or not.
    counts : numbers of words, >= 2.
    settings : further arguments of `repeat_attention`, apart from `count` and `keys`.
    """
    if not isinstance(embedding, Embedding):
        raise ValueError(f'embedding is {type(embedding).__name__}; expected an Embedding, as from embedding("bible")')
    keys = layer_norm(embedding.vectors)
    return [repeat_attention(count=count, keys=keys, **settings) for count in as_counts(counts, "counts", 2)]


def random_keys(size: int, count: int, *, rng: Any = None) -> np.ndarray:
    """`count` independent directions, uniform on the sphere of radius √d; float64 `(K, d)`."""
    size, count = as_set_shape(size, count)
    keys = as_generator(rng).standard_normal((count, size))
    return keys * (math.sqrt(size) / np.linalg.norm(keys, axis=1, keepdims=True))


def edge_of_forgetting(counts: Sequence[int] = (138, 142, 146, 150, 154), **settings: Any) -> Mean:
    """Number of keys at which the mean weight on the right key after the last step is one half.

    A straight line through the weights measured at `counts`, solved for one half; its error follows from theirs. Good
    for counts close to the edge, where the weight falls evenly.

    Parameters
    ----------
    counts : two or more numbers of keys around the edge.
    settings : further arguments of `repeat_attention`.

    Raises
    ------
    ValueError : fewer than two different counts, or weights that are not above one half at the smallest and below it
        at the largest count.
    """
    counts = np.array(as_counts(counts, "counts", 2), dtype=np.float64)
    if len(np.unique(counts)) < 2:
        raise ValueError(f"counts: {counts.size} given; expected two or more different ones, for example (140, 150)")
    runs = [repeat_attention(count=int(count), **settings) for count in counts]
    weights, errors = (np.array([getattr(run, name)[-1] for run in runs]) for name in ("weight", "weight_error"))
    if not weights[counts.argmin()] > HALF > weights[counts.argmax()]:
        raise ValueError(
            f"weights from {weights[0]:.3f} to {weights[-1]:.3f}; expected counts with one half between them"
        )
    middle = counts.mean()
    lever = counts - middle
    slope = lever @ weights / (lever @ lever)
    edge = middle + (HALF - weights.mean()) / slope
    pull = 1 / len(counts) + lever * (edge - middle) / (lever @ lever)  # of each weight on the line at the edge
    return Mean(float(edge), float(np.linalg.norm(pull * errors) / abs(slope)), settings.get("seeds", SEEDS))


def rise_of_plain_residual(trials: int = 6000, *, beta: float = 1.0, seed: int = 0) -> Mean:
    """Share of random cases in which the residual x + f(x) raises the energy of the memory.

    A case: d uniform in 2 ... 19, T uniform in 2 ... 49, keys and state standard normal; default_rng([seed, case]).
    The share belongs to this choice. At β = 1 it is 0.555 ± 0.003 (30000 cases); for others it goes from 0.2 (sharp
    β, many dimensions) to 0.9 (soft β, many keys). From a stored pattern it is certain: x = X, β large, goes to 2 X,
    which costs |X|²/2. The step x + a (f - x), a in (0, 2), never raises the energy.
    """
    trials, seed = as_count(trials, "trials", 2), as_count(seed, "seed", 0)
    rises = np.empty(trials)
    for k in range(trials):
        rng = np.random.default_rng([seed, k])
        count, size = int(rng.integers(2, 50)), int(rng.integers(2, 20))
        state, keys = rng.standard_normal(size), rng.standard_normal((count, size))
        before, after = retrieval_energy(iterate(state, keys, beta=beta, residual="plain").states, keys, beta)
        rises[k] = after > before
    return mean(rises)


def asymmetry_of_random_maps(
    size: int = 32, count: int = 50, *, tied: bool = False, trials: int = 200, seed: int = 0
) -> Mean:
    """Mean asymmetry of the Jacobian of softmax(β x Kᵀ) V with standard normal x, K and free V, or V = K if `tied`.

    Free: √2 less a correction that falls with d. Tied: 0 up to rounding. β = 1/√d; case k is default_rng([seed, k]).
    """
    count, size, trials = as_count(count, "count", 2), as_count(size, "size", 2), as_count(trials, "trials", 2)
    seed, tied = as_count(seed, "seed", 0), as_flag(tied, "tied")
    found = np.empty(trials)
    for k in range(trials):
        rng = np.random.default_rng([seed, k])
        keys, values = rng.standard_normal((2, count, size))
        found[k] = asymmetry(attention_jacobian(rng.standard_normal(size), keys, keys if tied else values))
    return mean(found)


def _over_seeds(values) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error over the first axis."""
    return values.mean(axis=0), values.std(axis=0, ddof=1) / math.sqrt(len(values))
