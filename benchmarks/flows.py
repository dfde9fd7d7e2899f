"""Two groups of neurons in continuous time: one trajectory of 40 + 12 neurons over T = 20, beside its budget."""

from __future__ import annotations

from statistics import median

from tables import clock

BUDGET = 0.3  # seconds
REPEATS = 7


def times() -> dict[str, float]:
    """Median seconds of `TwoGroup.run`, energies and dissipation included, for each model and integrator."""
    import numpy as np

    from damtutor import TwoGroup
    from damtutor.patterns import flip, random_patterns

    rng = np.random.default_rng(0)
    patterns = random_patterns(12, 40, rng=rng)
    rows = rng.standard_normal((12, 40)) / np.sqrt(40)
    start = flip(patterns[0], 4, rng=rng)
    models = {
        "A, relu³": (TwoGroup.model_a(patterns, tau_h=0.2), start),
        "B, softmax": (TwoGroup.model_b(rows, 8.0, tau_h=0.2), rows[0]),
        "C, sphere": (TwoGroup.model_c(rows, tau_h=0.2), rows[0] + 0.3 * rows[1]),
    }
    found = {}
    for name, (model, v) in models.items():
        for method, options in (("RK45, 1e-9", {}), ("RK4, 2000 steps", {"method": "RK4", "dt": 0.01})):
            runs = [
                clock(lambda model=model, v=v, options=options: model.run(model.asleep(v), 20.0, **options))
                for _ in range(REPEATS + 1)
            ]
            found[f"{name}; {method}"] = median(runs[1:])  # the first one imports
    return found


def report() -> None:
    """Print each time beside the budget."""
    print(f"{'one trajectory, 40 + 12 neurons, T = 20':<44} budget     measured")
    for name, seconds in times().items():
        print(f"{name:<44} {BUDGET:<10} {seconds:.3f} s, {'met' if seconds <= BUDGET else 'missed'}", flush=True)
