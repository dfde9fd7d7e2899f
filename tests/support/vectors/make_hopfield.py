"""What Hopfield's network does here and in the browser: `python tests/support/vectors/make_hopfield.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from instrument_models import hopfield_couplings, hopfield_network

from damtutor.experiments.end_states import KINDS, classify
from damtutor.rng import Rng32
from damtutor.widgets.hopfield_retrieval import MAX_SWEEPS, RULES, inverse, stores
from damtutor.widgets.kit.packing import pack_rows

TARGET = Path(__file__).with_name("hopfield.json")


def pattern_sets() -> dict[str, np.ndarray]:
    """The instrument's own, and small sets of even and odd size with ties, repeats and opposites."""
    rng = np.random.default_rng(1982)

    def signs(*shape):
        return rng.choice(np.array([-1, 1], dtype=np.int8), shape)

    few = signs(3, 12)
    return {
        "digits": stores()["digits"][:5],
        "letters": stores()["letters"],
        "random": stores()["random"][:5],
        "odd": signs(4, 13),
        "crowded": signs(9, 14),
        "opposite": np.concatenate([few, -few[:2]]),
        "repeated": np.concatenate([few, few[:1]]),
        "one": signs(1, 6),
        "two": signs(2, 9),
    }


def solve(model: Any, order: str, start: np.ndarray, seed: int) -> dict[str, Any]:
    """One retrieval with everything that the browser must repeat."""
    trace = model.retrieve(start, rng=Rng32(seed), order=order, max_sweeps=MAX_SWEEPS)
    result = {
        "order": order,
        "seed": seed,
        "start": pack_rows(start[None])[0],
        "state": pack_rows(trace.state[None])[0],
        "overlaps": trace.overlaps.tolist(),
        "energies": trace.energies.tolist(),
        "sweeps": trace.sweeps,
        "converged": bool(trace.converged),
        "cycle": trace.period == 2,
        "ending": classify(model.patterns, trace).kind,
    }
    if order == "async":
        flips = model.retrieve(start, rng=Rng32(seed), order=order, max_sweeps=MAX_SWEEPS, record="flips").flips
        result["flips"] = flips.tolist()
    return result


def start_of(patterns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the time a random state, else a pattern or its negative with a few spins turned."""
    size = patterns.shape[1]
    if rng.random() < 0.5:
        return rng.choice(np.array([-1, 1], dtype=np.int8), size)
    start = patterns[rng.integers(len(patterns))] * rng.choice(np.array([-1, 1], dtype=np.int8))
    start[rng.choice(size, int(rng.integers(0, size // 2 + 1)), replace=False)] *= -1
    return start


def ends(model: Any, starts: int = 30) -> dict[str, int]:
    """Ends of random starts, each with its own stream, as `countEnds` counts them."""
    counts = dict.fromkeys(KINDS, 0)
    for b in range(starts):
        rng = Rng32(100 + b)
        start = rng.signs(model.size)
        counts[classify(model.patterns, model.retrieve(start, rng=rng, max_sweeps=MAX_SWEEPS)).kind] += 1
    return counts


def group(name: str, patterns: np.ndarray, rng: np.random.Generator, cases: int, *, counted: bool) -> dict[str, Any]:
    """One pattern set with all its networks."""
    count, size = patterns.shape
    networks = []
    for rule in RULES:
        for keep in (False, True):
            model = hopfield_network(patterns, rule, keep)
            units, scale = hopfield_couplings(patterns, rule, keep)
            weighed = int(units.ravel() @ np.arange(1, units.size + 1))  # one number that any wrong coupling changes
            solved = [
                solve(model, order, start_of(patterns, rng), int(rng.integers(2**32)))
                for order in ("async", "sync")
                for _ in range(cases)
            ]
            made = {"rule": rule, "keep": keep, "scale": scale, "units": weighed, "cases": solved}
            networks.append(made | ({"ends": ends(model)} if counted else {}))
    triangle = inverse(patterns)[np.triu_indices(count)].tolist()
    return {"name": name, "size": size, "rows": pack_rows(patterns), "inverse": triangle, "networks": networks}


def stored_vectors() -> dict[str, Any]:
    """The vectors in hopfield.json: the couplings of small sets and of the digits."""
    rng = np.random.default_rng(1983)
    groups = [group(name, x, rng, 6, counted=True) for name, x in pattern_sets().items() if name != "letters"]
    return {"maxSweeps": MAX_SWEEPS, "groups": groups}


def random_groups(seed: int, groups: int) -> dict[str, Any]:
    """Small random sets, where ties are frequent."""
    rng = np.random.default_rng([1984, seed])
    made = []
    for k in range(groups):
        shape = int(rng.integers(1, 9)), int(rng.integers(4, 20))
        made.append(
            group(f"drawn {k}", rng.choice(np.array([-1, 1], dtype=np.int8), shape), rng, 4, counted=k % 5 == 0)
        )
    return {"maxSweeps": MAX_SWEEPS, "groups": made}


def text(vectors: dict[str, Any]) -> str:
    """As it is stored."""
    return json.dumps(vectors, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(stored_vectors()), encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
