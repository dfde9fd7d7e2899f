"""One step downhill: to the mean of the memories within reach."""

import math

import numpy as np

from damtutor.checks.energy.common import CLOSE, kernel_values
from damtutor.checks.energy.energy import cases as energy_cases
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason

RIM = Reason("Right except on the rim: a memory at a distance of exactly R is out of reach.", ALMOST)
ALONE = Reason("Right except beyond every reach: without any memory near, the state stays where it is.", ALMOST)


def step(X, x, R):
    """The mean of the memories closer than R; x itself if there is none."""
    near = ((X - x) ** 2).sum(axis=1) < R**2
    if not near.any():
        return x
    return X[near].mean(axis=0)


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, x, R: in and out of reach, on the rim, and many dimensions."""
    for case in energy_cases():
        yield Case(case.args)
    yield Case((np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([0.0, 0.0]), 5.0), "rim")
    yield Case((np.array([[2.0], [-1.0]]), np.array([0.0]), 2.0), "rim")
    yield Case((np.array([[3.0, 4.0], [5.0, 5.0]]), np.array([0.0, 0.0]), 1.5), "alone")
    yield Case((np.array([[2.0]]), np.array([-1.0]), 0.5), "alone")


# Properties -----------------------------------------------------------------------------------------------------------

ROUNDING = 1e-5  # a float32 answer is right too


def phi(X, x, R):
    """Sum of max(0, 1 - |x - X|²/R²)."""
    return math.fsum(max(0.0, 1 - math.dist(row, x) ** 2 / R**2) for row in X.tolist())


def falls_enough(call: Call):
    """E(x) - E(x') >= |x' - x|²/R²."""
    for k in range(20):
        rng = np.random.default_rng([64, k])
        X, R = rng.uniform(-2, 2, (6, 2)), 1.5
        x = X[0] + rng.uniform(-0.7, 0.7, 2)
        after = np.array(call(X, x, R), dtype=float)
        if phi(X, after.tolist(), R) <= 0:
            return (X, x, R), "The step leads out of every reach, where the energy is infinite."
        fall = math.log(phi(X, after.tolist(), R) / phi(X, x.tolist(), R))
        bound = math.dist(after.tolist(), x.tolist()) ** 2 / R**2
        if fall < bound - ROUNDING:
            return (X, x, R), f"The energy fell by {fall:.4f}, less than |x' - x|²/R² = {bound:.4f}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def mean_of_all(X, x, R):
    """Reach ignored."""
    return X.mean(axis=0)


def nearest(X, x, R):
    """The nearest memory."""
    return X[np.linalg.norm(X - x, axis=1).argmin()]


def on_the_rim(X, x, R):
    """<= instead of <."""
    near = ((X - x) ** 2).sum(axis=1) <= R**2
    return X[near].mean(axis=0) if near.any() else x


def beyond_mean(X, x, R):
    """Without any, the mean of all."""
    near = kernel_values(X, x, R) > 0
    return X[near].mean(axis=0) if near.any() else X.mean(axis=0)


def beyond_zero(X, x, R):
    """Without any, the origin."""
    near = kernel_values(X, x, R) > 0
    return X[near].sum(axis=0) / max(near.sum(), 1)


def weighted(X, x, R):
    """Weighted by the depth."""
    depth = np.maximum(kernel_values(X, x, R), 0)
    return depth @ X / depth.sum() if depth.sum() > 0 else x


def radius_plain(X, x, R):
    """|x - X|² < R."""
    near = ((X - x) ** 2).sum(axis=1) < R
    return X[near].mean(axis=0) if near.any() else x


def divided_by_all(X, x, R):
    """The sum of the near ones divided by K."""
    near = kernel_values(X, x, R) > 0
    return X[near].sum(axis=0) / len(X) if near.any() else x


def half_way(X, x, R):
    """Half of the way."""
    near = kernel_values(X, x, R) > 0
    return (x + X[near].mean(axis=0)) / 2 if near.any() else x


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def step_loop(X, x, R):
    near = [row for row in X.tolist() if math.dist(row, x) < R]
    if not near:
        return x.tolist()
    return [sum(column) / len(near) for column in zip(*near, strict=True)]


def step_matrix(X, x, R):
    near = (np.linalg.norm(X - x, axis=1) < R).astype(np.float32)
    return near @ X / near.sum() if near.sum() else x.copy()


def step_all(X, x, R):
    return X.mean(axis=0)


def step_nearest(X, x, R):
    return X[((X - x) ** 2).sum(axis=1).argmin()]


def step_rim(X, x, R):
    near = np.linalg.norm(X - x, axis=1) <= R
    return X[near].mean(axis=0) if near.any() else x


def step_nan(X, x, R):
    return X[np.linalg.norm(X - x, axis=1) < R].mean(axis=0)


def step_zero(X, x, R):
    near = np.linalg.norm(X - x, axis=1) < R
    return near @ X / max(1, near.sum())


def step_fallback(X, x, R):
    near = np.linalg.norm(X - x, axis=1) < R
    return X[near].mean(axis=0) if near.any() else X.mean(axis=0)


def step_weighted(X, x, R):
    w = np.maximum(1 - ((X - x) ** 2).sum(axis=1) / R**2, 0)
    return w @ X / w.sum() if w.any() else x


def step_plain_reach(X, x, R):
    near = ((X - x) ** 2).sum(axis=1) < R
    return X[near].mean(axis=0) if near.any() else x


def step_over_all(X, x, R):
    near = np.linalg.norm(X - x, axis=1) < R
    return near @ X / len(X) if near.any() else x


def step_half(X, x, R):
    return x + (step_matrix(X, x, R) - x) / 2


def step_in_place(X, x, R):
    x[:] = step_matrix(X, x, R)
    return x


def step_number(X, x, R):
    return step_matrix(X, x, R).mean()


EXERCISE = Exercise(
    id="energy.2",
    title="One step downhill",
    points=2,
    minutes=8,
    level="◆◇◇",
    reference=step,
    cases=cases,
    tolerance=CLOSE,
    edges=(("rim", RIM), ("alone", ALONE)),
    mistakes=(
        Mistake("This is the mean of all memories: only those closer than R count.", mean_of_all),
        Mistake("This is the nearest memory: a step goes to the mean of all within reach.", nearest),
        Mistake(RIM.words, on_the_rim, ALMOST),
        Mistake(f"{ALONE.words[:-1]}; you go to the mean of all.", beyond_mean, ALMOST),
        Mistake(f"{ALONE.words[:-1]}; you go to the origin.", beyond_zero, ALMOST),
        Mistake(
            "You weigh near memories more. The slope of 1 - |x - X|²/R² makes all within reach count alike.",
            weighted,
        ),
        Mistake("You compare the squared distance with R: compare it with R**2.", radius_plain),
        Mistake("You divide by K: divide by the number of memories within reach.", divided_by_all),
        Mistake("This goes half of the way: a step goes to the mean itself.", half_way),
    ),
    properties=(Property("the energy falls by at least |x' - x|²/R²", falls_enough),),
    success=(
        "No step size, no slope to compute, and the bound of the lecture holds at every step. "
        "Next: what goes wrong when such a promise is made for one move and used for another?"
    ),
    right_answers=(step_loop, step_matrix),
    wrong_answers=(
        (step_all, "mean of all memories"),
        (step_nearest, "nearest memory"),
        (step_rim, "on the rim"),
        (step_nan, "beyond every reach"),
        (step_zero, "origin"),
        (step_fallback, "mean of all"),
        (step_weighted, "count alike"),
        (step_plain_reach, "R**2"),
        (step_over_all, "divide by K"),
        (step_half, "half of the way"),
        (step_in_place, "changes its input x"),
        (step_number, "shape"),
    ),
)
