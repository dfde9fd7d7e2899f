"""Measurements on random blocks of the Energy Transformer: how often E rises, and what a step takes from it.

Weights are normal with variance 1/Y, tokens with variance 1. Cases differ far more than the steps of one case do, so
error bars count cases.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from damtutor.models.energy_transformer import attention_synapse
from damtutor.models.hierarchical import Network
from damtutor.models.lagrangians import LayerNorm
from damtutor.models.layers import Layer
from damtutor.validate import as_count, as_flag, as_kind, as_real, as_reals

TOKENS, FEATURES, HEADS, WIDTH, MEMORIES = 6, 16, 2, 8, 32


class Block(NamedTuple):
    """Random weights and tokens of one case.

    Attributes
    ----------
    query : W_Q `(2, 8, 16)`.
    key : W_K `(2, 8, 16)`.
    patterns : memories Ξ `(32, 16)`.
    tokens : `(6, 16)`.
    """

    query: np.ndarray
    key: np.ndarray
    patterns: np.ndarray
    tokens: np.ndarray


class Losses(NamedTuple):
    """What the steps of one run take from E.

    Attributes
    ----------
    energies : E at the start and after every step, `(steps + 1,)`.
    measured : change of E in each step, `(steps,)`.
    predicted : -dt x'·H x' at the step's start, `(steps,)`.
    """

    energies: np.ndarray
    measured: np.ndarray
    predicted: np.ndarray


def random_block(seed: int) -> Block:
    """The weights and tokens of one case.

    >>> [part.shape for part in random_block(0)]
    [(2, 8, 16), (2, 8, 16), (32, 16), (6, 16)]
    """
    rng = np.random.default_rng(as_count(seed, "seed", 0))
    query, key = rng.standard_normal((2, HEADS, WIDTH, FEATURES)) / math.sqrt(WIDTH)
    patterns = rng.standard_normal((MEMORIES, FEATURES)) / math.sqrt(WIDTH)
    return Block(query, key, patterns, rng.standard_normal((TOKENS, FEATURES)))


def attention_only(block: Block, *, asked: bool = True) -> Network:
    """Attention without a memory.

    Parameters
    ----------
    block : weights, of `random_block`.
    asked : False drops the second term of its slope, as a transformer does.

    >>> sorted(attention_only(random_block(0)).energies({"x": random_block(0).tokens}))
    ['attention', 'x']
    """
    as_kind(block, "block", Block, "random_block(0)")
    part = attention_synapse("x", block.query, block.key, asked=as_flag(asked, "asked"))
    return Network({"x": Layer((TOKENS, FEATURES), LayerNorm(), leak=False)}, [part], check=False)


def rises(*, rate: float = 0.05, cases: int = 20, steps: int = 60, asked: bool = True) -> np.ndarray:
    """How many of the steps raise E, int64 `(cases,)`; attention only, steps of length `rate`.

    A rise counts from 16 units of the last place of E on: at rest the last place flickers.

    >>> int(rises(cases=3).sum()), int(rises(cases=5, asked=False).sum()) > 0
    (0, True)
    """
    rate = as_real(rate, "rate", low=0.0, strict=True)
    counts = []
    for seed in range(as_count(cases, "cases")):
        block = random_block(seed)
        found = losses(attention_only(block, asked=asked), block.tokens, rate=rate, steps=steps)
        counts.append(int((found.measured > 16 * np.spacing(np.abs(found.energies).max())).sum()))
    return np.array(counts)


def losses(block: Network, tokens: np.ndarray, *, rate: float = 0.05, steps: int = 40) -> Losses:
    """What each of `steps` steps of length `rate` takes from E, beside what the rate of dE/dt at its start predicts.

    The prediction is of first order: right for short steps, and only for a slope that is that of the energy.

    >>> case = random_block(0)
    >>> from damtutor import energy_transformer
    >>> block = energy_transformer(6, case.query, case.key, case.patterns)
    >>> found = losses(block, case.tokens, rate=1e-4, steps=2)
    >>> (found.measured / found.predicted).round(2).tolist()
    [1.0, 1.0]
    """
    as_kind(block, "block", Network, "attention_only(random_block(0))")
    tokens, rate = as_reals(tokens, "tokens", 2), as_real(rate, "rate", low=0.0, strict=True)
    state, energies, predicted = {"x": tokens}, [block.energy({"x": tokens})], []
    for _ in range(as_count(steps, "steps")):
        predicted.append(-rate * block.dissipation(state)["x"])
        state = block.step(state, dt=rate)
        energies.append(block.energy(state))
    return Losses(np.array(energies), np.diff(energies), np.array(predicted))
