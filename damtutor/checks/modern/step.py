"""One step of retrieval, with a leak."""

import math

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property
from damtutor.checks.modern.common import MILLIONTH, OVERFLOW, random_memory, softmax
from damtutor.checks.modern.energy import memories
from damtutor.models.modern import ModernHopfield


def step(X, x, beta, a):
    """x + a (f(x) - x), where f(x) is the softmax average of the memories."""
    scores = beta * X @ x
    weights = np.exp(scores - scores.max())
    f = weights @ X / weights.sum()
    return x + a * (f - x)


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, x, beta, a."""
    for (_, X, x, beta), a in zip(memories(62), 10 * (0.5, 1.0, 1.7), strict=True):
        yield Case((X, x, beta, a))
    for K, d in ((2, 2), (3, 4), (6, 3)):
        for beta, a in ((300.0, 1.0), (10_000.0, 0.5)):
            rng = np.random.default_rng([62, K, d, 2])
            X = rng.standard_normal((K, d)).round(2)
            yield Case((X, 3 * X[0], beta, a), "large")
            yield Case((X, -3 * X[0], beta, a), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def falls_enough(call: Call):
    """E(x') <= E(x) - a (1 - a/2) |f - x|² for a in (0, 2)."""
    for k in range(40):
        rng, X, x, beta = random_memory(73, k)
        a = float(rng.uniform(0.01, 1.99))
        memory = ModernHopfield(X, beta)
        after = call(X, x, beta, a)
        if after.shape != x.shape or not np.isfinite(after).all():
            return (X, x, beta, a), "The new state is not d finite numbers."
        least = a * (1 - a / 2) * np.sum((memory.step(x) - x) ** 2)
        if memory.energy(x) - memory.energy(after) < least - 1e-9 * (1 + least):
            return (X, x, beta, a), f"The energy should fall by at least {least:.4g}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def no_leak(X, x, beta, a):
    """x + a f: the residual of a transformer."""
    return x + a * softmax(beta * X @ x) @ X


def always_one(X, x, beta, a):
    """a is not used."""
    return softmax(beta * X @ x) @ X


def exchanged(X, x, beta, a):
    """a x + (1-a) f."""
    return a * x + (1 - a) * softmax(beta * X @ x) @ X


def backwards(X, x, beta, a):
    """Uphill."""
    return x - a * (softmax(beta * X @ x) @ X - x)


def no_beta(X, x, beta, a):
    """softmax(X x)."""
    return x + a * (softmax(X @ x) @ X - x)


def over_beta(X, x, beta, a):
    """softmax(X x / β)."""
    return x + a * (softmax(X @ x / beta) @ X - x)


def hardest(X, x, beta, a):
    """The best match only."""
    return x + a * (X[(X @ x).argmax()] - x)


def not_normalised(X, x, beta, a):
    """exp without the division."""
    return x + a * (np.exp(beta * X @ x) @ X - x)


def linear_weights(X, x, beta, a):
    """Scores divided by their sum: no exp."""
    scores = beta * X @ x
    return x + a * (scores @ X / scores.sum() - x)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def step_mixture(X, x, beta, a):
    f = softmax(beta * X @ x) @ X
    return (1 - a) * x + a * f


def step_pairs(X, x, beta, a):
    """Without any shift: weights from differences of scores; exp may run over, and 1/inf is 0."""
    scores = beta * X @ x
    with np.errstate(over="ignore"):
        p = 1 / np.exp(scores[None, :] - scores[:, None]).sum(axis=1)
    return x + a * (p @ X - x)


def step_loops(X, x, beta, a):
    scores = [beta * float(row @ x) for row in X]
    weights = [math.exp(s - max(scores)) for s in scores]
    f = [sum(w * row[i] for w, row in zip(weights, X, strict=True)) / sum(weights) for i in range(len(x))]
    return [xi + a * (fi - xi) for xi, fi in zip(x, f, strict=True)]


def step_naive(X, x, beta, a):
    weights = np.exp(beta * X @ x)
    return x + a * (weights @ X / weights.sum() - x)


def step_residual(X, x, beta, a):
    return x + a * (softmax(beta * X @ x) @ X)


def step_full(X, x, beta, a):
    return softmax(beta * X @ x) @ X


def step_exchanged(X, x, beta, a):
    f = softmax(beta * X @ x) @ X
    return f + a * (x - f)


def step_uphill(X, x, beta, a):
    return x + a * (x - softmax(beta * X @ x) @ X)


def step_no_beta(X, x, beta, a):
    return x + a * (softmax(X @ x) @ X - x)


def step_best(X, x, beta, a):
    return x + a * (X[np.argmax(X @ x)] - x)


def step_sum(X, x, beta, a):
    return x + a * (np.exp(beta * X @ x) @ X - x)


def step_linear(X, x, beta, a):
    s = X @ x
    return x + a * (s @ X / s.sum() - x)


def step_in_place(X, x, beta, a):
    x += a * (softmax(beta * X @ x) @ X - x)
    return x


def step_weights(X, x, beta, a):
    return softmax(beta * X @ x)


def step_divided(X, x, beta, a):
    return x + a * (softmax(X @ x / beta) @ X - x)


EXERCISE = Exercise(
    id="modern.2",
    title="One step of any size",
    points=2,
    minutes=10,
    level="◆◇◇",
    reference=step,
    cases=cases,
    tolerance=MILLIONTH,
    edges=(("large", OVERFLOW),),
    mistakes=(
        Mistake(
            "This is x + a f, the residual of a transformer: the way to f is f - x, and without the -x the energy "
            "may rise.",
            no_leak,
        ),
        Mistake("The step size a does not enter: this is f itself.", always_one),
        Mistake("a and 1 - a are exchanged: a = 1 must give f, and a = 0 must stay.", exchanged),
        Mistake("This goes away from f, uphill: the sign of the step.", backwards, ALMOST),
        Mistake("β is missing: this is the softmax of X x, not of β X x.", no_beta),
        Mistake("The scores are divided by β; they are multiplied by it: 1/β is the temperature.", over_beta),
        Mistake("This takes the best match alone; the softmax average takes a part of each.", hardest),
        Mistake("The weights do not add up to one: divide by their sum.", not_normalised),
        Mistake("These weights are the scores themselves: exp is missing.", linear_weights),
    ),
    properties=(Property("the energy falls by at least a (1 - a/2) |f - x|² for a below 2", falls_enough),),
    success=(
        "The energy falls for every a between 0 and 2, whatever β and the memories are. "
        "Next: which a needs the fewest steps close to a split, where one step of size 1 hardly moves?"
    ),
    right_answers=(step_mixture, step_pairs, step_loops),
    wrong_answers=(
        (step_naive, "Subtract the largest score"),
        (step_residual, "the residual of a transformer"),
        (step_full, "does not enter"),
        (step_exchanged, "exchanged"),
        (step_uphill, "uphill"),
        (step_no_beta, "β is missing"),
        (step_best, "best match alone"),
        (step_sum, "do not add up to one"),
        (step_linear, "exp is missing"),
        (step_in_place, "changes its input x"),
        (step_weights, "expected (1,)"),
        (step_divided, "1/β is the temperature"),
    ),
)
