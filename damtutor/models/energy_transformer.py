"""The block of the Energy Transformer: attention that is the slope of an energy, beside a memory, over layer norm.

    tokens x `(N, D)`, activations g_c = LayerNorm(x_c).  W_Q, W_K `(H, Y, D)`: H heads of Y numbers.  Ξ `(M, D)`
    A_hcb = (W_Q g_c)·(W_K g_b)                                        token c asks, token b is asked
    E_att = -(1/β) Σ_h Σ_c log Σ_{b≠c} exp(β A_hcb),   β = 1/√Y         no token asks itself
    E_mem = -Σ_c L(Ξ g_c),                             by default Σ max(ξ·g, 0)²/2
    -∂E_att/∂g_c = Σ_h [ W_Qᵀ Σ_b p_hcb K_hb + W_Kᵀ Σ_b p_hbc Q_hb ],   p = softmax over b of β A_hcb

The first term is ordinary attention with the value W_Qᵀ K. The second has no counterpart in a transformer: a token, as
the one that is asked, moves toward those that ask it. Without it the step is no descent, and some steps raise E. Both
parts see the same g and act side by side; weights are tied, there is no W_V and no W_O.

The block is a `Network` of one layer and two synapses, so all it promises is promised there: x' = -∂E/∂g falls as
dE/dt = -x'·H x' <= 0. The layer is without a leak: its own energy x·g - L is 0 anyway for ε = 0 and δ = 0. Layer norm
keeps g bounded, and E with it; |x| grows, so a step of fixed length turns g less and less.

Source: Hoover et al. (2023). Where it stops being true: one γ for each feature, or a negative one, makes layer norm
the slope of nothing convex, and is refused; so is E_att without other tokens to ask (N = 1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from damtutor.models.hierarchical import Network
from damtutor.models.lagrangians import Lagrangian, LayerNorm, Powers
from damtutor.models.layers import Layer
from damtutor.models.synapses import Synapse, dense
from damtutor.numerics import logsumexp, softmax
from damtutor.validate import as_count, as_flag, as_kind, as_real, as_reals, as_text


def energy_transformer(
    tokens: int,
    query: Any,
    key: Any,
    patterns: Any = None,
    *,
    layer: Lagrangian | None = None,
    memory: Lagrangian | None = None,
    beta: float | None = None,
    self_mask: bool = True,
    tau: float = 1.0,
) -> Network:
    """The block as a `Network` with the layer "x" and the synapses "attention" and "memory".

    Parameters
    ----------
    tokens : N >= 2.
    query, key : W_Q, W_K `(H, Y, D)`.
    patterns : Ξ `(M, D)`, or None for attention alone.
    layer : Lagrangian of a token; default `LayerNorm()`.
    memory : L of the memory; default `Powers(2, 0.5)`, relu.
    beta : β > 0; default 1/√Y.
    self_mask : no token asks itself.
    tau : time constant of the tokens.

    Raises
    ------
    ValueError : shapes that cannot meet, β or τ not above 0, one token; a layer norm with a γ for each feature.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> block = energy_transformer(6, *rng.standard_normal((2, 2, 8, 16)), rng.standard_normal((32, 16)))
    >>> trace = block.retrieve({"x": rng.standard_normal((6, 16))}, dt=0.1, max_sweeps=20)
    >>> list(block.energies(trace.state)), bool(np.diff(trace.energies).max() < 0)
    (['x', 'attention', 'memory'], True)
    """
    for given, named in ((layer, "layer"), (memory, "memory")):
        as_kind(given, named, Lagrangian | None, "a Lagrangian, for example LayerNorm(), or None")
    parts = [attention_synapse("x", query, key, beta=beta, self_mask=self_mask)]
    size = np.shape(query)[-1]
    if patterns is not None:
        memory = Powers(2, 0.5) if memory is None else memory
        parts.append(dense("x", as_reals(patterns, "patterns", 2, length=size), memory, "memory"))
    layer = LayerNorm() if layer is None else layer
    shape = (as_count(tokens, "tokens", 2 if self_mask else 1), size)
    return Network(
        {"x": Layer(shape, layer, tau, leak=False)}, parts, check=False
    )  # the slopes are tested once and for all


def attention_synapse(
    name: str,
    query: Any,
    key: Any,
    *,
    beta: float | None = None,
    self_mask: bool = True,
    asked: bool = True,
    label: str = "attention",
) -> Synapse:
    """E_att of one layer of tokens `(N, D)`, with its slope.

    Parameters
    ----------
    name : of the layer.
    query, key : W_Q, W_K `(H, Y, D)`.
    beta : β > 0; default 1/√Y.
    self_mask : leave out b = c.
    asked : False drops the second term of the slope, as a transformer does. Then the slope is not that of the energy,
        `check_synapse` refuses it, and only a network with check=False takes it.

    Raises
    ------
    ValueError : W_Q, W_K not of one shape `(H, Y, D)`, or β not above 0.

    Examples
    --------
    >>> pair = attention_synapse("x", [[[1.0, 0.0]]], [[[1.0, 0.0]]])
    >>> float(pair.energy(np.array([[2.0, 0.0], [3.0, 0.0]])))  # each asks the other: twice 2·3
    -12.0
    """
    as_text(name, "name")
    wq, wk = (as_reals(w, what, 3).astype(np.float64) for w, what in ((query, "query"), (key, "key")))
    if wq.shape != wk.shape:
        raise ValueError(f"query, key: shapes {wq.shape}, {wk.shape}; expected one shape (heads, Y, D) for both")
    beta = 1 / math.sqrt(wq.shape[1]) if beta is None else as_real(beta, "beta", low=0.0, strict=True)
    mask, asked = as_flag(self_mask, "self_mask"), as_flag(asked, "asked")

    def scores(g):
        q, k = g @ wq.transpose(0, 2, 1), g @ wk.transpose(0, 2, 1)  # (H, N, Y)
        a = beta * (q @ k.transpose(0, 2, 1))
        if mask:
            if len(g) < 2:
                raise ValueError(f"{len(g)} token; expected two or more, since none asks itself")
            a[:, range(len(g)), range(len(g))] = -np.inf
        return q, k, a

    def energy(g):
        return -logsumexp(scores(g)[2]).sum() / beta

    def grads(g):
        q, k, a = scores(g)
        p = softmax(a)
        slope = ((p @ k) @ wq).sum(axis=0)
        if asked:
            slope = slope + ((p.transpose(0, 2, 1) @ q) @ wk).sum(axis=0)
        return [-slope]

    return Synapse(name, energy, grads, label)
