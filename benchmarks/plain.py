"""The same work as a tutorial writes it in NumPy, and with the peers: what our models are compared with.

Every form takes plain arrays and does what the public call of ours does. Those of another package import it when they
are made, so that its absence is noticed there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Of F = exp: c = F(x + 2) - F(x - 2) and d = F(x + 2) - 2 F(x) + F(x - 2), divided by F(x). Python's floats: a NumPy
# scalar would make float64 of the float32 that it multiplies.
WEIGHT, BEND = float(2 * np.sinh(2)), float(2 * np.cosh(2) - 2)


def hebb(patterns: np.ndarray) -> np.ndarray:
    """Hebb's couplings in one product, zero diagonal; float32 is exact up to 2**24 patterns."""
    x = patterns.astype(np.float32)
    weights = x.T @ x / np.float32(x.shape[1])
    np.fill_diagonal(weights, 0)
    return weights


def recall(weights: np.ndarray, state: np.ndarray, rng: np.random.Generator, most: int = 50) -> np.ndarray:
    """Asynchronous recall with incremental fields, until a sweep changes nothing."""
    s = state.astype(weights.dtype)
    local = weights @ s
    for _ in range(most):
        changed = False
        for i in rng.permutation(len(s)):
            if s[i] * local[i] < 0:
                s[i] = -s[i]
                local += 2 * s[i] * weights[i]
                changed = True
        if not changed:
            break
    return s.astype(np.int8)


def full_energy_sweep(patterns: np.ndarray, state: np.ndarray, visit: np.ndarray, order: int = 3) -> np.ndarray:
    """Two whole energies for every spin; `patterns` and `state` as float32."""
    s = state.copy()
    for i in visit:
        old, energies = s[i], []
        for spin in (1, -1):
            s[i] = spin
            energies.append(-np.sum((patterns @ s).astype(np.float64) ** order))
        s[i] = old if energies[0] == energies[1] else 1 if energies[0] < energies[1] else -1
    return s.astype(np.int8)


def cubic(overlap):
    """c and the row sums of d of F = x³: D = ½ (c X - S Σd) is the energy difference of every spin."""
    return 12 * overlap * overlap + 16, 24 * overlap.sum(1)


def exponential(numpy) -> Callable:
    """The same for F = exp, relative to each row's largest overlap, with the functions of `numpy`."""

    def parts(overlap):
        top = overlap.max(1)
        top = getattr(top, "values", top)  # torch returns places as well
        height = numpy.exp(overlap - top[:, None])
        return WEIGHT * height, BEND * height.sum(1)

    return parts


def batch_step(patterns, states, parts=cubic, where: Callable = np.where):
    """One simultaneous exact update of a batch: two products, a zero field keeps its spin.

    Float32 rounds: a field nearer to zero than that may get the wrong sign, or miss that it is zero.
    """
    weights, bends = parts(states @ patterns.T)
    fields = weights @ patterns - states * bends[:, None]
    return where(fields > 0, 1, where(fields < 0, -1, states))


def softmax_step(patterns: np.ndarray, states: np.ndarray, beta: float) -> np.ndarray:
    """softmax(β S Xᵀ) X, row by row, as the formula is read."""
    scores = beta * (states @ patterns.T)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True) @ patterns


def jax_full_energy_sweep(patterns: np.ndarray, state: np.ndarray, visit: np.ndarray, order: int = 3) -> Callable:
    """`full_energy_sweep` in jitted JAX, float32."""
    import jax
    from jax import numpy as jnp

    def energy(x, s):
        return -jnp.sum((x @ s) ** order)

    @jax.jit
    def sweep(x, s, visit):
        def visit_one(k, s):
            i = visit[k]
            up, down = energy(x, s.at[i].set(1)), energy(x, s.at[i].set(-1))
            return s.at[i].set(jnp.where(up < down, 1.0, jnp.where(up > down, -1.0, s[i])))

        return jax.lax.fori_loop(0, len(visit), visit_one, s)

    args = jnp.asarray(patterns), jnp.asarray(state), jnp.asarray(visit)
    ready = sweep.lower(*args).compile()
    return lambda: np.asarray(ready(*args))


def jax_batch_step(patterns: np.ndarray, states: np.ndarray, relative: bool) -> Callable:
    """`batch_step` in jitted JAX, float32 patterns ready."""
    import jax
    from jax import numpy as jnp

    parts = exponential(jnp) if relative else cubic
    run = jax.jit(lambda x, s: batch_step(x, s, parts, jnp.where))
    args = jnp.asarray(patterns), jnp.asarray(states)
    ready = run.lower(*args).compile()
    return lambda: ready(*args).block_until_ready()


def jax_softmax_step(patterns: np.ndarray, states: np.ndarray, beta: float) -> Callable:
    import jax
    from jax import numpy as jnp

    run = jax.jit(lambda x, s: jax.nn.softmax(beta * (s @ x.T), axis=1) @ x)
    args = jnp.asarray(patterns), jnp.asarray(states)
    ready = run.lower(*args).compile()
    return lambda: ready(*args).block_until_ready()


def torch_batch_step(patterns: np.ndarray, states: np.ndarray, relative: bool) -> Callable:
    """`batch_step` in PyTorch, float32 patterns ready, no gradients."""
    import torch

    x, s = torch.from_numpy(patterns), torch.from_numpy(states)
    parts = exponential(torch) if relative else cubic
    return torch.no_grad()(lambda: batch_step(x, s, parts, torch.where))


def torch_softmax_step(patterns: np.ndarray, states: np.ndarray, beta: float, fused: bool) -> Callable:
    """PyTorch's `scaled_dot_product_attention` with keys = values = patterns, or its plain form."""
    import torch
    from torch.nn import functional

    x, s = torch.from_numpy(patterns), torch.from_numpy(states)
    keys, queries = x[None, None], s[None, None]

    def attention():
        return functional.scaled_dot_product_attention(queries, keys, keys, scale=beta)[0, 0]

    def formula():
        return functional.softmax(beta * (s @ x.T), dim=1) @ x

    return torch.no_grad()(attention if fused else formula)


def hopfieldnetwork_store(patterns: np.ndarray):
    """Store with hopfieldnetwork: all patterns in one call, one a column; float64 is its faster input."""
    from hopfieldnetwork import HopfieldNetwork

    columns = patterns.T.astype(np.float64)

    def store():
        network = HopfieldNetwork(N=columns.shape[0])
        network.train_pattern(columns)
        return network.w

    return store


def hopfieldnetwork_recall(patterns: np.ndarray, starts: np.ndarray, mode: str) -> Callable:
    """Recall with hopfieldnetwork until nothing changes; a float64 state spares it a conversion for each spin."""
    from hopfieldnetwork import HopfieldNetwork

    network = HopfieldNetwork(N=patterns.shape[1])
    network.train_pattern(patterns.T.astype(np.float64))

    def recalls():
        ends = []
        for start in starts.astype(np.float64):
            network.set_initial_neurons_state(start)
            network.update_neurons(0, mode, run_max=True)
            ends.append(network.S)
        return np.array(ends)

    return recalls


def hopfieldkit_store(patterns: np.ndarray) -> Callable:
    from hopfieldkit import HopfieldNetwork

    return lambda: HopfieldNetwork(patterns.shape[1]).fit(patterns).weights


def hopfieldkit_recall(patterns: np.ndarray, starts: np.ndarray) -> Callable:
    """Recall with hopfieldkit in its default random order, until nothing changes."""
    from hopfieldkit import HopfieldNetwork

    network = HopfieldNetwork(patterns.shape[1]).fit(patterns)
    return lambda: np.array([network.recall(start, seed=k) for k, start in enumerate(starts)])
