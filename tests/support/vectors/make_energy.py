"""What the plane in the browser must repeat: `python tests/support/vectors/make_energy.py` writes energy.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from damtutor.models.compact import CompactMemory
from damtutor.models.modern import ModernHopfield
from damtutor.statistics.intervals import wilson

TARGET = Path(__file__).with_name("energy.json")
RIM = 1e-9  # no state lies this close to the rim of a reach: there rounding may decide


def compact_case(points: np.ndarray, reach: float, start: np.ndarray) -> dict[str, Any] | None:
    """Energy, members, one step, the end and all places; None if anything lies on a rim."""
    memory = CompactMemory(points, reach)
    places = memory.resting_places()
    trace = memory.retrieve(start, record="states")
    seen = np.concatenate([trace.states, places.points])
    gaps = np.linalg.norm(seen[:, None] - points, axis=2)
    if np.abs(gaps / reach - 1).min() < RIM:
        return None
    return {
        "kind": "compact",
        "width": reach,
        "points": points.tolist(),
        "start": start.tolist(),
        "near": memory.within_reach(start).tolist(),
        "energy": None if np.isinf(memory.energy(start)) else memory.energy(start),
        "step": memory.step(start).tolist(),
        "end": trace.state.tolist(),
        "places": sorted(np.flatnonzero(members).tolist() for members in places.members),
    }


def gaussian_case(points: np.ndarray, sigma: float, start: np.ndarray) -> dict[str, Any]:
    """Energy, one step, and the end of the distance memory with β = 1/σ²."""
    memory = ModernHopfield(points, 1 / sigma**2, "distance")
    ends = memory.settle(start[None], tolerance=1e-9, max_sweeps=5000)
    return {
        "kind": "gaussian",
        "width": sigma,
        "points": points.tolist(),
        "start": start.tolist(),
        "energy": memory.energy(start),
        "step": memory.step(start).tolist(),
        "end": ends.states[0].tolist(),
    }


def drawn(seed: int, count: int) -> list[dict[str, Any]]:
    """Random memories and starts, compact and Gaussian in turn."""
    cases = []
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        points = np.round(rng.uniform(-2, 2, (int(rng.integers(1, 9)), 2)), 2)
        start = np.round(rng.uniform(-2, 2, 2), 2)
        cases.append(compact_case(points, float(np.round(rng.uniform(0.3, 2), 2)), start))
        cases.append(gaussian_case(points, float(np.round(rng.uniform(0.15, 0.6), 2)), start))
    return [case for case in cases if case]


def make() -> dict[str, Any]:
    """All vectors, as they are stored: the lecture's triangle, then drawn cases."""
    triangle = np.array([[0.0, 1.0], [-0.87, -0.5], [0.87, -0.5]])
    fixed = [compact_case(triangle, R, np.array([0.25, 0.75])) for R in (0.8, 0.95, 1.2, 1.45, 1.6, 1.9)]
    bars = [[k, n, *wilson(k, n)[1:]] for k, n in ((0, 10), (3, 10), (10, 10), (37, 200), (1, 1))]
    return {"cases": [case for case in fixed if case] + drawn(2025, 60), "wilson": bars}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size // 1000} kB")
