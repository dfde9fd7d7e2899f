"""The height of a point: E = -log Φ, the sum of the memories' kernels."""

import math

import numpy as np

from damtutor.checks.energy.common import CLOSE, kernel_values
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason

FAR = Reason("Right only where every memory is within reach: one beyond adds 0 to Φ, so clip each term before you sum.")


def energy(X, x, R):
    """-log of the sum over the memories of max(0, 1 - |x - X|**2 / R**2)."""
    depth = 1 - ((X - x) ** 2).sum(axis=1) / R**2
    return -np.log(np.maximum(depth, 0).sum())


# Cases ----------------------------------------------------------------------------------------------------------------

CLEARANCE = 1e-3  # a plain case keeps every memory this far from the rim of the reach, in units of R


def _off_the_rims(X, x, R):
    return np.abs(np.linalg.norm(X - x, axis=1) / R - 1).min() > CLEARANCE


def cases():
    """X, x, R with at least one memory within reach; edge "far": another one is beyond."""
    yield Case((np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]), np.array([1.0, 1.0]), 1.5), "far")
    for K in (2, 3, 5):
        rng = np.random.default_rng([60, K])
        yield Case((rng.uniform(-0.5, 0.5, (K, 2)), rng.uniform(-0.5, 0.5, 2), 1.7))
    for K, size in ((1, 1), (1, 2), (2, 2), (3, 2), (5, 3), (9, 4)):
        rng = np.random.default_rng([61, K, size])
        made = 0
        while made < 4:
            X, R = rng.uniform(-2, 2, (K, size)), float(rng.choice([0.7, 1.3, 2.5]))
            x = X[0] + rng.uniform(-0.4, 0.4, size)
            if _off_the_rims(X, x, R) and np.linalg.norm(X[0] - x) < 0.9 * R:
                made += 1
                far = bool((np.linalg.norm(X - x, axis=1) > R).any())
                yield Case((X, x, R), "far" if far else "")


# Properties -----------------------------------------------------------------------------------------------------------


def moved_together(call: Call):
    """Energies do not know where the origin is, nor the unit of length."""
    for k in range(5):
        rng = np.random.default_rng([63, k])
        X, shift = rng.uniform(-1, 1, (4, 2)), rng.uniform(-1, 1, 2)
        x = X[1] + 0.1
        there = call(2 * (X + shift), 2 * (x + shift), 2.0)
        if not abs(float(there) - float(call(X, x, 1.0))) < 1e-4:
            args = (2 * (X + shift), 2 * (x + shift), 2.0)
            return args, "Here all was moved and doubled, R too, and the energy changed."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def no_log(X, x, R):
    """-Φ."""
    return -np.maximum(kernel_values(X, x, R), 0).sum()


def no_minus(X, x, R):
    """log Φ."""
    return np.log(np.maximum(kernel_values(X, x, R), 0).sum())


def no_clip(X, x, R):
    """The far memories count negative."""
    return -np.log(kernel_values(X, x, R).sum())


def not_squared(X, x, R):
    """1 - |x - X| / R."""
    return -np.log(np.maximum(1 - np.linalg.norm(X - x, axis=1) / R, 0).sum())


def radius_not_squared(X, x, R):
    """1 - |x - X|² / R."""
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(axis=1) / R, 0).sum())


def clipped_sum(X, x, R):
    """max(0, ·) around the sum."""
    return -np.log(max(kernel_values(X, x, R).sum(), 0))


def log_of_each(X, x, R):
    """The sum of logarithms."""
    depth = kernel_values(X, x, R)
    return -np.log(depth[depth > 0]).sum()


def mean_not_sum(X, x, R):
    """The mean over memories."""
    return -np.log(np.maximum(kernel_values(X, x, R), 0).mean())


def each_coordinate(X, x, R):
    """A term for every coordinate."""
    return -np.log(np.maximum(1 - (X - x) ** 2 / R**2, 0).sum())


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def energy_loop(X, x, R):
    """No array at all."""
    phi = 0.0
    for row in X.tolist():
        phi += max(0.0, 1 - sum((a - b) ** 2 for a, b in zip(row, x.tolist(), strict=True)) / R**2)
    return -math.log(phi)


def energy_float32(X, x, R):
    r = np.linalg.norm(X.astype(np.float32) - x.astype(np.float32), axis=1)
    return -np.log(np.where(r < R, 1 - (r / np.float32(R)) ** 2, 0).sum())


def energy_selected(X, x, R):
    depth = 1 - np.sum(np.square(X - x), axis=-1) / R / R
    return np.log(1 / depth[depth > 0].sum())


def energy_no_log(X, x, R):
    return -sum(max(0, 1 - np.dot(row - x, row - x) / R**2) for row in X)


def energy_upside_down(X, x, R):
    return np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R**2, 0).sum())


def energy_unclipped(X, x, R):
    return -np.log((1 - ((X - x) ** 2).sum(1) / R**2).sum())


def energy_late_clip(X, x, R):
    return -np.log(np.maximum((1 - ((X - x) ** 2).sum(1) / R**2).sum(), 0))


def energy_plain_distance(X, x, R):
    return -np.log(np.maximum(1 - np.linalg.norm(X - x, axis=1) / R, 0).sum())


def energy_plain_reach(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R, 0).sum())


def energy_coordinates(X, x, R):
    return -np.log(np.clip(1 - np.square((X - x) / R), 0, None).sum())


def energy_mean(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R**2, 0).mean())


def energy_log_first(X, x, R):
    depth = 1 - ((X - x) ** 2).sum(1) / R**2
    return sum(-math.log(d) for d in depth if d > 0)


def energy_each(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(1) / R**2, 1e-12))


def energy_half(X, x, R):
    return energy_loop(X, x, R) / 2


def energy_wrong_axis(X, x, R):
    return -np.log(np.maximum(1 - ((X - x) ** 2).sum(0) / R**2, 0).sum())


EXERCISE = Exercise(
    id="energy.1",
    title="The height of a point",
    points=2,
    minutes=8,
    level="◆◇◇",
    reference=energy,
    cases=cases,
    tolerance=CLOSE,
    edges=(("far", FAR),),
    mistakes=(
        Mistake("The logarithm is missing: this is -Φ, and E = -log Φ.", no_log),
        Mistake("Right but for the sign: this is log Φ, high where memories are.", no_minus, ALMOST),
        Mistake(FAR.words, no_clip),
        Mistake(FAR.words, clipped_sum),
        Mistake("The distance stands here to the first power; the kernel has its square.", not_squared),
        Mistake("R stands here to the first power; it is squared, as distances are.", radius_not_squared),
        Mistake("The logarithm comes after the sum: -log of Φ, not the sum of logs.", log_of_each),
        Mistake("Φ is the sum over the memories, not their mean.", mean_not_sum),
        Mistake("Each coordinate has a term of its own here: sum the squares of a row first.", each_coordinate),
    ),
    properties=(Property("moving and doubling everything, R too, changes nothing", moved_together),),
    success=(
        "Low where memories are, and additive: two memories within reach lie deeper than one. That is why "
        "overlapping reaches make a valley of their own. Next: how does a ball go down?"
    ),
    right_answers=(energy_loop, energy_float32, energy_selected),
    wrong_answers=(
        (energy_no_log, "logarithm is missing"),
        (energy_upside_down, "for the sign"),
        (energy_unclipped, "clip each term"),
        (energy_late_clip, "clip each term"),
        (energy_plain_distance, "distance stands here to the first power"),
        (energy_plain_reach, "R stands here to the first power"),
        (energy_mean, "not their mean"),
        (energy_log_first, "after the sum"),
        (energy_each, "single number"),
        (energy_half, "half"),
        (energy_wrong_axis, "another value than the definition"),
        (energy_coordinates, "sum the squares of a row first"),
    ),
)
