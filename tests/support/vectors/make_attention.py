"""What the microscope must repeat of Python: `python tests/support/vectors/make_attention.py` writes attention.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from instrument_models import microscope_scene

from damtutor.models.attention import asymmetry, attention_jacobian, retrieval_energy
from damtutor.models.transformer import iterate
from damtutor.widgets.attention_microscope import AttentionMicroscope, vectors

TARGET = Path(__file__).with_name("attention.json")
STEPS = 12
CHOICES: tuple[dict[str, Any], ...] = (
    {},
    {"token": 0, "extra": 25, "seed": 7},
    {"token": 10, "extra": 50, "factor": 25, "seed": 999_999},
    {"token": 3, "mask": "causal", "extra": 25},
    {"token": 9, "mask": "padding", "factor": 400},
    {"token": 2, "head": 1},
    {"token": 6, "head": 4, "mask": "padding", "extra": 25, "seed": 3},
    {"values": "free", "seed": 2},
    {"values": "free", "head": 2, "mask": "causal"},
    {"residual": "plain", "token": 4, "seed": 5},
    {"between": "layernorm", "extra": 50, "seed": 1},
    {"between": "layernorm", "residual": "plain", "values": "free", "head": 3, "extra": 25, "factor": 150},
    {"extra": 200},
)


def case(changes: dict[str, Any]) -> dict[str, Any]:
    """One set of settings and all that `iterate` makes of it; `top` is the order of the five largest weights."""
    settings = AttentionMicroscope(**changes).settings
    s = microscope_scene(settings)
    options = {"beta": s.beta, "mask": s.mask}
    values = None if settings["values"] == "tied" else s.values
    run = iterate(
        s.query, s.keys, values, steps=STEPS, residual=settings["residual"], between=settings["between"], **options
    )
    jacobian = attention_jacobian(s.query, s.keys, s.values, s.beta, s.mask)
    return {
        "settings": settings,
        "right": s.right,
        "beta": s.beta,
        "seen": s.mask.tolist(),
        "query": s.query.tolist(),
        "keys": [float(s.keys.sum()), float(np.abs(s.keys).sum()), float(np.abs(s.values).sum())],
        "weights": run.weights[:, s.right].tolist(),
        "top": np.argsort(-run.weights, axis=1, kind="stable")[:, 0].tolist(),
        "last": run.states[-1].tolist(),
        "energies": retrieval_energy(run.states, s.keys, **options).tolist(),
        "asymmetry": asymmetry(jacobian),
    }


def build() -> dict[str, Any]:
    """The words' vectors and all cases."""
    return {"vectors": vectors().tolist(), "cases": [case(changes) for changes in CHOICES]}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(build()) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(CHOICES)} cases, {TARGET.stat().st_size / 1000:.0f} kB")
