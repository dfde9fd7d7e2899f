"""What Python computes on the plane and the flow field must repeat: writes modern.json beside itself."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from damtutor.models.modern import ModernHopfield
from damtutor.widgets.flow_field import PRESETS

TARGET = Path(__file__).with_name("modern.json")
BETAS = {
    "triangle": (0.5, 1.7, 1.9, 2.3, 8.0, 60.0),
    "clusters": (1.0, 3.0, 10.0, 34.0, 60.0),
    "short": (0.3, 2.0, 60.0),
}
RATES = (0.5, 1.0, 2.3)


def looks(rows: np.ndarray) -> np.ndarray:
    """The starts of Newton's method, as `looks` in dynamics/flow.js has them."""
    centre = rows.mean(axis=0)
    middles = [(a + b) / 2 for a, b in combinations(rows, 2)]
    inner = [centre + r * (rows - centre) for r in (-0.3, -0.03, 0.03, 0.15, 0.4, 0.7)]
    return np.concatenate([centre[None], np.array(middles), *inner])


def solve(rows: np.ndarray, beta: float) -> dict[str, Any]:
    """Steps, energies and n_eff of some states, and all fixed points, at one β."""
    memory = ModernHopfield(rows, beta)
    states = np.random.default_rng(5).uniform(-2, 2, (8, 2)).round(3)
    found = memory.fixed_points(newton_from=looks(rows))
    return {
        "beta": beta,
        "states": states.tolist(),
        "steps": [[memory.step(x, rate=a).tolist() for a in RATES] for x in states],
        "energies": memory.energy(states).tolist(),
        "n_eff": memory.n_eff(states).tolist(),
        "slopes": [memory.jacobian(x)[[0, 0, 1], [0, 1, 1]].tolist() for x in states],
        "ends": memory.settle(states, tolerance=1e-13, max_sweeps=20_000).states.tolist(),
        "fixed": [
            {"at": x.tolist(), "energy": e, "n_eff": n, "stable": bool(s)}
            for x, e, n, s in zip(
                found.points, found.energies.tolist(), found.n_eff.tolist(), found.stable, strict=True
            )
        ],
    }


def make() -> dict[str, Any]:
    """All vectors."""
    return {
        "rates": list(RATES),
        "groups": [
            {"name": name, "rows": rows, "cases": [solve(np.array(rows), beta) for beta in BETAS[name]]}
            for name, (_, rows, _) in PRESETS.items()
        ],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")
    print(TARGET, TARGET.stat().st_size)
