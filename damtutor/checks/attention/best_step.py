"""The attention step at which the right key has the largest weight."""

import numpy as np

from damtutor.checks.attention.common import FAR, LARGE, softmax
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason, Tolerance
from damtutor.models.transformer import iterate

TIE = Reason("Right but for a tie: of several equally good steps, the first is asked for.", ALMOST)


def best_step(K, queries, right, beta, steps):
    """The attention step, from 1, with the largest mean right weight."""
    x, means = queries, []
    for _ in range(steps):
        scores = beta * x @ K.T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(weights[np.arange(len(right)), right].mean())
        x = weights @ K
    return np.argmax(means) + 1


# Cases ----------------------------------------------------------------------------------------------------------------

CLEAR = 1e-4  # the best step is this far ahead of the second best, or a tie on purpose


def _means(K, queries, right, beta, steps):
    """Mean right weight in every step."""
    x, means = queries, []
    for _ in range(steps):
        scores = beta * x @ K.T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(float(weights[np.arange(len(right)), right].mean()))
        x = weights @ K
    return means


def _asked(d, T, B, noise, factor, steps, *, seed, late):
    """Arguments of `best_step`: the first draw whose best step is clear and, if `late`, not step 1."""
    for draw in range(60):
        rng = np.random.default_rng([65, seed, draw])
        K, right = rng.standard_normal((T, d)), rng.integers(T, size=B)
        args = K, K[right] + noise * rng.standard_normal((B, d)), right, factor / np.sqrt(d), steps
        means = _means(*args)
        if np.ptp(np.sort(means)[-2:]) > CLEAR and (np.argmax(means) > 0) == late:
            return args
    raise AssertionError(seed)


def cases():
    """K, queries, right, beta, steps."""
    one = np.array([[2.0, 0.0]])
    yield Case((one, np.array([[1.0, 1.0]]), np.array([0]), 1.0, 3), "tie")
    yield Case(_asked(16, 12, 7, 0.5, 1.0, 6, seed=0, late=False))
    chosen = (
        (16, 6, 12, 1.6, 2.0, 8),
        (16, 6, 9, 1.2, 1.3, 8),
        (16, 10, 12, 1.6, 2.0, 8),
        (32, 14, 12, 1.2, 1.3, 8),
        (32, 20, 16, 0.8, 2.0, 8),
        (32, 20, 16, 1.6, 1.3, 6),
        (32, 20, 16, 1.6, 2.0, 8),
        (32, 24, 16, 0.8, 2.0, 5),
    )
    for k, sizes in enumerate(chosen, start=1):
        yield Case(_asked(*sizes, seed=k, late=True))
    for sizes, seed in (
        ((16, 10, 12, 1.6, 2.0, 8), 104),
        ((32, 14, 12, 1.6, 1.0, 8), 157),
        ((32, 20, 16, 1.6, 1.3, 6), 137),
    ):
        yield Case(_asked(*sizes, seed=seed, late=True))  # the step of most wins is another one here
    for sign in (1, -1):  # one more number in each key: every score moves by thousands, no weight changes
        K, queries, right, beta, steps = _asked(*chosen[4], seed=5, late=True)
        K = np.hstack([K, np.full((len(K), 1), FAR)])
        yield Case((K, np.hstack([queries, np.full((len(queries), 1), sign * FAR)]), right, beta, steps), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def order_of_queries(call: Call):
    """The order of the queries does not matter."""
    for k in range(4):
        rng = np.random.default_rng([71, k])
        K, right = rng.standard_normal((12, 20)), rng.integers(12, size=8)
        queries, order = K[right] + rng.standard_normal((8, 20)), rng.permutation(8)
        args = K, queries[order], right[order], 0.25, 6
        if call(K, queries, right, 0.25, 6).ravel()[0] != call(*args).ravel()[0]:
            return args, "The same queries in another order gave another step."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def weights_of_steps(K, queries, right, beta, steps, *, update=True, axis=-1):
    """Weights of all steps, `(steps, B, T)`."""
    x, found = queries, []
    for _ in range(steps):
        found.append(softmax(beta * x @ K.T, axis))
        x = found[-1] @ K if update else x
    return np.array(found)


def _right(found, right):
    return found[:, np.arange(len(right)), right].mean(axis=1)


def from_zero(K, queries, right, beta, steps):
    """Counted from 0."""
    return int(np.argmax(_right(weights_of_steps(K, queries, right, beta, steps), right)))


def worst(K, queries, right, beta, steps):
    """The smallest weight."""
    return int(np.argmin(_right(weights_of_steps(K, queries, right, beta, steps), right))) + 1


def largest_weight(K, queries, right, beta, steps):
    """The mean of the largest weight, on whatever key."""
    return int(np.argmax(weights_of_steps(K, queries, right, beta, steps).max(axis=2).mean(axis=1))) + 1


def wins(K, queries, right, beta, steps):
    """How often the right key wins, instead of its weight."""
    return int(np.argmax((weights_of_steps(K, queries, right, beta, steps).argmax(axis=2) == right).mean(axis=1))) + 1


def the_weight(K, queries, right, beta, steps):
    """The weight instead of the step."""
    return float(_right(weights_of_steps(K, queries, right, beta, steps), right).max())


def first_only(K, queries, right, beta, steps):
    """Step 1, always."""
    return 1


def last_only(K, queries, right, beta, steps):
    """The last step, always."""
    return steps


def own_beta(K, queries, right, beta, steps):
    """β = 1/√d, whatever `beta` says."""
    return int(np.argmax(_right(weights_of_steps(K, queries, right, K.shape[1] ** -0.5, steps), right))) + 1


def one_query(K, queries, right, beta, steps):
    """The first query only."""
    return int(np.argmax(weights_of_steps(K, queries[:1], right[:1], beta, steps)[:, 0, right[0]])) + 1


def unpaired(K, queries, right, beta, steps):
    """All right keys for all queries."""
    return int(np.argmax(weights_of_steps(K, queries, right, beta, steps)[:, :, right].mean(axis=(1, 2)))) + 1


def after_the_step(K, queries, right, beta, steps):
    """Weights belong to the state after the step: one too few, and the query itself is never looked at."""
    means = _right(weights_of_steps(K, queries, right, beta, steps + 1), right)[1:]
    return int(np.argmax(means)) + 1


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def _weights(K, queries, beta, steps):
    return iterate(queries, K, beta=beta, steps=steps).weights


def best_package(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1).argmax())


def best_running(K, queries, right, beta, steps):
    best, found, x = -1.0, 0, queries
    for step in range(1, steps + 1):
        weights = softmax(beta * x @ K.T)
        mean = sum(weights[b, r] for b, r in enumerate(right)) / len(right)
        if mean > best + 1e-12:
            best, found = mean, step
        x = weights @ K
    return float(found)


def best_from_zero(K, queries, right, beta, steps):
    return best_package(K, queries, right, beta, steps) - 1


def best_fed_first(K, queries, right, beta, steps):
    run = _weights(K, queries, beta, steps + 1)[1:, np.arange(len(right)), right]
    return 1 + int(run.mean(axis=1).argmax())


def best_never_fed(K, queries, right, beta, steps):
    weights = softmax(beta * queries @ K.T)
    return 1 + int(np.argmax([weights[np.arange(len(right)), right].mean() for _ in range(steps)]))


def best_smallest(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1).argmin())


def best_largest(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps).max(axis=2).mean(axis=1).argmax())


def best_wins(K, queries, right, beta, steps):
    return 1 + int((_weights(K, queries, beta, steps).argmax(axis=2) == right).mean(axis=1).argmax())


def best_weight(K, queries, right, beta, steps):
    return _weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1).max()


def best_of_attention(K, queries, right, beta, steps):
    return best_package(K, queries, right, None, steps)


def best_of_one(K, queries, right, beta, steps):
    return 1 + int(_weights(K, queries, beta, steps)[:, 0, right[0]].argmax())


def best_unstable(K, queries, right, beta, steps):
    x, means = queries, []
    for _ in range(steps):
        weights = np.exp(beta * x @ K.T)
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(weights[np.arange(len(right)), right].mean())
        x = weights @ K
    return np.argmax(means) + 1


def best_late_tie(K, queries, right, beta, steps):
    means = _weights(K, queries, beta, steps)[:, np.arange(len(right)), right].mean(axis=1)
    return steps - int(means[::-1].argmax())


def best_all_right(K, queries, right, beta, steps):
    x, means = queries, []
    for _ in range(steps):
        weights = softmax(beta * x @ K.T)
        means.append(weights[:, right].mean())
        x = weights @ K
    return int(np.argmax(means)) + 1


EXERCISE = Exercise(
    id="attention.5",
    title="When to stop",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=best_step,
    cases=cases,
    core=False,
    tolerance=Tolerance(atol=1e-9),
    edges=(("large", LARGE), ("tie", TIE)),
    mistakes=(
        Mistake("Right but counted from 0: the first attention step is step 1.", from_zero, ALMOST),
        Mistake(
            "This looks at the weights after each update, so the query's own weights, step 1, are never seen.",
            after_the_step,
        ),
        Mistake("This is the weight; the number of the step is asked for.", the_weight),
        Mistake("This is the step with the smallest weight.", worst),
        Mistake(
            "This follows the largest weight, on whatever key; `right` names the key that counts.",
            largest_weight,
        ),
        Mistake("This counts how often the right key wins; the mean of its weight is asked for.", wins),
        Mistake("This is step 1 whatever comes in. Is the result fed back as the next query?", first_only),
        Mistake("This is the last step whatever comes in.", last_only),
        Mistake("`beta` does not enter: this takes 1/√d.", own_beta),
        Mistake("Only the first query is looked at; take the mean over all.", one_query),
        Mistake(
            "weights[:, right] takes the right keys of all for every query; pair them: "
            "weights[np.arange(len(right)), right].",
            unpaired,
        ),
    ),
    properties=(Property("the order of the queries does not matter", order_of_queries),),
    success=(
        "Many keys or little noise: stop at once, every further step forgets. Few keys and a noisy query: more "
        "steps clean it. The best step is where cleaning and forgetting balance."
    ),
    right_answers=[best_package, best_running],
    wrong_answers=[
        (best_from_zero, "counted from 0"),
        (best_fed_first, "after each update"),
        (best_never_fed, "fed back as the next query"),
        (best_smallest, "smallest weight"),
        (best_largest, "on whatever key"),
        (best_wins, "how often the right key wins"),
        (best_weight, "the number of the step is asked for"),
        (best_of_attention, "this takes 1/√d"),
        (best_of_one, "Only the first query"),
        (best_unstable, "exp of a large one is beyond float64"),
        (best_late_tie, "the first is asked for"),
        (best_all_right, "pair them"),
    ],
)
