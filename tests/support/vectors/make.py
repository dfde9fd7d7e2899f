"""What Python computes and the browser must repeat: `python tests/support/vectors/make.py` writes dense.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from damtutor.models.dense import DenseAM
from damtutor.patterns import digits
from damtutor.rng import Rng32
from damtutor.widgets.kit.packing import ORDERS, interaction, pack_rows, pack_tables

TARGET = Path(__file__).with_name("dense.json")
NAMES = [(n, False) for n in ORDERS] + [(n, True) for n in ORDERS if n != "exp"]
MAX_SWEEPS = 20


def pattern_sets() -> dict[str, np.ndarray]:
    """Small sets: random ones of even and odd size, digits, and sets whose symmetry makes exact ties."""
    rng = np.random.default_rng(2016)

    def signs(*shape):
        return rng.choice(np.array([-1, 1], dtype=np.int8), shape)

    pair, few = signs(3, 10), signs(2, 9)
    return {
        "random": signs(12, 16),
        "odd": signs(7, 13),
        "crowded": signs(60, 11),
        "digits": digits(),
        "opposite": np.concatenate([pair, -pair]),
        "duplicated": np.concatenate([few, few, few[:1]]),
        "two": np.array([[1] * 8, [1] * 4 + [-1] * 4], dtype=np.int8),
        "one": signs(1, 5),
    }


def solve(
    patterns: np.ndarray, n: int | str, rectified: bool, order: str, start: np.ndarray, seed: int
) -> dict[str, Any]:
    """One retrieval by `DenseAM`, with everything that the browser must repeat."""
    model = DenseAM(patterns, interaction(n, rectified))
    arguments = {"order": order, "max_sweeps": MAX_SWEEPS}
    trace = model.retrieve(start, rng=Rng32(seed), record="states", **arguments)
    result = {
        "n": n,
        "rectified": rectified,
        "order": order,
        "seed": seed,
        "start": pack_rows(start[None])[0],
        "state": pack_rows(trace.state[None])[0],
        "states": pack_rows(trace.states),
        "overlaps": trace.overlaps.tolist(),
        "energies": trace.energies.tolist(),
        "converged": bool(trace.converged),
        "sweeps": trace.sweeps,
    }
    if order == "async":
        flips = model.retrieve(start, rng=Rng32(seed), record="flips", **arguments).flips
        result["flips"] = flips.tolist()
    return result


def start_of(patterns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of the time a random state, else a pattern or its negative with a few spins turned."""
    size = patterns.shape[1]
    if rng.random() < 0.4:
        return rng.choice(np.array([-1, 1], dtype=np.int8), size)
    start = patterns[rng.integers(len(patterns))] * rng.choice(np.array([-1, 1], dtype=np.int8))
    start[rng.choice(size, int(rng.integers(0, size // 2 + 1)), replace=False)] *= -1
    return start


def generator_vectors() -> list[dict[str, Any]]:
    """First numbers, a permutation, a choice and signs for several seeds, the largest included."""
    vectors = []
    for seed in (0, 1, 2, 12345, 999_999, 2**32 - 1):
        rng = Rng32(seed)
        vectors.append(
            {
                "seed": seed,
                "next": [rng.next() for _ in range(5)],
                "below": [rng.below(n) for n in (1, 2, 7, 64, 2**21 - 1)],
                "permutation": rng.permutation(13).tolist(),
                "choose": rng.choose(64, 6).tolist(),
                "signs": rng.signs(9).tolist(),
            }
        )
    return vectors


def make() -> dict[str, Any]:
    """All vectors, as they are stored."""
    rng = np.random.default_rng(1982)
    groups = []
    for name, patterns in pattern_sets().items():
        cases = [
            solve(patterns, n, rectified, order, start_of(patterns, rng), int(rng.integers(1000)))
            for n, rectified in NAMES
            for order in ("async", "sync")
        ]
        groups.append({"name": name, "size": patterns.shape[1], "rows": pack_rows(patterns), "cases": cases})
    sizes = sorted({group["size"] for group in groups})
    return {"generator": generator_vectors(), "tables": {str(n): pack_tables(n) for n in sizes}, "groups": groups}


def random_groups(seed: int, count: int) -> dict[str, Any]:
    """The same shape as `make`, drawn from `seed`: what no stored file has seen."""
    rng = np.random.default_rng(seed)
    groups = []
    for k in range(count):
        size, patterns = int(rng.integers(2, 13)), int(rng.integers(1, 9))
        rows = rng.choice(np.array([-1, 1], dtype=np.int8), (patterns, size))
        if rng.random() < 0.5:  # symmetry makes ties
            rows = np.concatenate([rows, rows[: patterns // 2 + 1] * rng.choice(np.array([-1, 1], dtype=np.int8))])
        cases = [
            solve(rows, *NAMES[rng.integers(len(NAMES))], order, start_of(rows, rng), int(rng.integers(1000)))
            for order in ("async", "sync")
        ]
        groups.append({"name": f"drawn {k}", "size": size, "rows": pack_rows(rows), "cases": cases})
    sizes = sorted({group["size"] for group in groups})
    return {"generator": [], "tables": {str(n): pack_tables(n) for n in sizes}, "groups": groups}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size // 1000} kB")
