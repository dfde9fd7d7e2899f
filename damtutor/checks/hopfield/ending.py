"""Where a recall ended: a memory, a negative, a mixture of three, or something else."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Reason
from damtutor.checks.hopfield.common import INT8, LARGE, patterns_and_state, spins
from damtutor.experiments.end_states import classify, mixture

THRESHOLD = Reason("Right except at the threshold itself: at least 0.9 means that 0.9 is enough.", ALMOST)


def ending(X, s):
    """1 memory, -1 negative, 3 mixture of three, 0 other."""
    m = X.astype(int) @ s / len(s)
    best = np.argsort(-np.abs(m))[:3]
    signs = np.sign(m[best])
    if abs(m[best[0]]) >= 0.9:
        return int(signs[0])
    majority = np.sign(signs @ X[best])
    if majority @ s / len(s) >= 0.9:
        return 3
    return 0


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, s: ends of every kind, clear of thresholds; and exactly on one."""
    for N, K in ((60, 3), (60, 4), (80, 6), (100, 9)):
        for rep in range(3):
            rng = np.random.default_rng([76, N, K, rep])
            X = spins(rng, K, N)
            a, b, c = rng.permutation(K)[:3]
            for sign in (1, -1):
                yield from _clear(X, sign * X[a])
                yield from _clear(X, _damaged(rng, sign * X[b], 1))
                yield from _clear(X, np.sign(sign * X[a] + X[b].astype(int) - X[c]).astype(np.int8))
                yield from _clear(X, np.sign(X[a] + X[b].astype(int) + sign * X[c]).astype(np.int8))
                yield from _clear(X, _damaged(rng, np.sign(X[a] + X[b].astype(int) + X[c]).astype(np.int8), 2))
                yield from _clear(X, _damaged(rng, sign * X[a], N // 5))
            yield from _clear(X, spins(rng, N))
    for N, wrong in ((20, 1), (40, 2), (40, 3)):
        rng = np.random.default_rng([77, N, wrong])
        for sign in (1, -1):
            X = spins(rng, 4, N)
            yield Case((X, _damaged(rng, sign * X[1], wrong)), "threshold")
    for wrong in (2, 3):
        X, s = _threshold_mixture(wrong)
        yield Case((X, s), "threshold")
    for rep in range(3):
        rng = np.random.default_rng([78, rep])
        X = spins(rng, 5, 200)
        mixed = np.sign(X[0] + X[1].astype(int) - X[2]).astype(np.int8)
        for s in (X[3], -X[2], mixed, spins(rng, 200)):
            yield from _clear(X, s, "large")


def _threshold_mixture(wrong):
    """A mixture of 40 spins with 2 of them turned, an overlap of exactly 0.9, or with 3."""
    for rep in range(100):
        rng = np.random.default_rng([79, wrong, rep])
        X = spins(rng, 4, 40)
        s = _damaged(rng, np.sign(X[0] + X[1].astype(int) + X[2]).astype(np.int8), wrong)
        m = X.astype(int) @ s
        near = np.sort(np.abs(m))
        if near[-3] > near[-4] + 4 and np.all(m[:3] > 8) and near[-1] < 34 and ending(X, s) == (3 if wrong == 2 else 0):
            return X, s
    raise AssertionError("no such mixture")


def _damaged(rng, s, count):
    s = s.astype(np.int8)
    s[rng.choice(s.size, count, replace=False)] *= -1
    return s


def _clear(X, s, edge=""):
    """The case, if its three best overlaps are the best by far, not zero, and no overlap lies at 0.9."""
    s = np.asarray(s, dtype=np.int8)
    m = X.astype(int) @ s
    order = np.argsort(-np.abs(m))
    size = np.abs(m)[order]
    best = order[:3]
    majority = np.sign(np.sign(m[best]) @ X[best].astype(int)) @ s / s.size
    third = len(size) == 3 or size[2] > size[3]
    if third and size[2] > 0 and all(abs(v - 0.9) > 0.02 for v in (size[0] / s.size, majority)):
        yield Case((X, s), edge)


# Properties -----------------------------------------------------------------------------------------------------------


def same_as_the_package(call: Call):
    """Ideal mixtures with any signs, and states in between, as `end_states.classify` has them."""
    names = {"memory": 1, "negative": -1, "mixture": 3, "other": 0}
    for k in range(24):
        X, s = patterns_and_state([86, k], 5, 101)
        rng = np.random.default_rng([87, k])
        signs = rng.choice([-1, 1], 3)
        s = mixture(X, rng.permutation(5)[:3], signs) if k % 3 else s
        m = np.sort(np.abs(X.astype(int) @ s))
        if m[2] == m[1]:
            continue
        wanted = names[classify(X, s).kind]
        if int(call(X, s).ravel()[0]) != wanted:
            return (X, s), f"By the definition this is {wanted}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _ending(X, s, *, threshold=0.9, strict=False, signed=True, mixtures=True, largest=np.abs, of_three=None):
    m = X.astype(int) @ s / s.size
    best = np.argsort(-largest(m))[:3]
    signs = np.sign(m[best]) if signed else np.ones(3)

    def over(value):
        return value > threshold if strict else value >= threshold

    if over(abs(m[best[0]])):
        return int(np.sign(m[best[0]])) if largest is np.abs else 1
    if not mixtures:
        return 0
    if of_three is not None:
        return 3 if of_three(m[best]) else 0
    majority = np.sign(signs @ X[best].astype(int))
    return 3 if over(majority @ s / s.size) else 0


def negatives_unseen(X, s):
    """The largest overlap, not the largest size of an overlap."""
    m = X.astype(int) @ s / s.size
    best = np.argsort(-m)[:3]
    if m[best[0]] >= 0.9:
        return 1
    return 3 if np.sign(X[best].astype(int).sum(axis=0)) @ s / s.size >= 0.9 else 0


def negative_is_memory(X, s):
    """|m| >= 0.9 is 1."""
    return abs(_ending(X, s))


def plain_majority(X, s):
    """sign(Xa + Xb + Xc), whatever the signs of the overlaps."""
    return _ending(X, s, signed=False)


def no_mixtures(X, s):
    """Everything else is 0."""
    return _ending(X, s, mixtures=False)


def exact_only(X, s):
    """Overlaps of 1."""
    return _ending(X, s, threshold=1.0)


def strictly_above(X, s):
    """> 0.9."""
    return _ending(X, s, strict=True)


def halves(X, s):
    """A mixture wherever three overlaps are near one half."""
    return _ending(X, s, of_three=lambda m: np.all(np.abs(np.abs(m) - 0.5) < 0.2))


def first_three(X, s):
    """The majority of the first three rows."""
    m = X.astype(int) @ s / s.size
    k = int(np.argmax(np.abs(m)))
    if abs(m[k]) >= 0.9:
        return int(np.sign(m[k]))
    return 3 if np.sign(np.sign(m[:3]) @ X[:3].astype(int)) @ s / s.size >= 0.9 else 0


def mixture_first(X, s):
    """The majority is asked before the memory."""
    m = X.astype(int) @ s / s.size
    best = np.argsort(-np.abs(m))[:3]
    majority = np.sign(np.sign(m[best]) @ X[best].astype(int))
    return 3 if majority @ s / s.size >= 0.9 else _ending(X, s)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def ending_package(X, s):
    """The package's own classifier."""
    from damtutor.experiments.end_states import classify

    return {"memory": 1, "negative": -1, "mixture": 3, "other": 0}[classify(X, s).kind]


def ending_python(X, s):
    """Lists, counting disagreements."""
    N = len(s)
    M = [sum(int(a) * int(b) for a, b in zip(x, s, strict=True)) for x in X]
    order = sorted(range(len(X)), key=lambda k: -abs(M[k]))
    top = M[order[0]]
    if 10 * abs(top) >= 9 * N:
        return 1 if top > 0 else -1
    votes = [sum((1 if M[k] > 0 else -1) * int(X[k][i]) for k in order[:3]) for i in range(N)]
    right = sum(1 if (v > 0) == (x > 0) else -1 for v, x in zip(votes, s, strict=True))
    return 3 if 10 * right >= 9 * N else 0


def _end(X, s, signed=True, threshold=0.9):
    m = X.astype(int) @ s / s.size
    best = np.argsort(-np.abs(m))[:3]
    if abs(m[best[0]]) >= threshold:
        return int(np.sign(m[best[0]]))
    weights = np.sign(m[best]) if signed else np.ones(3)
    return 3 if np.sign(weights @ X[best]) @ s / s.size >= threshold else 0


def ending_signless(X, s):
    return _end(X, s, signed=False)


def ending_exact(X, s):
    return _end(X, s, threshold=1.0)


def ending_strict(X, s):
    return _end(X, s, threshold=0.9001)


def ending_half(X, s):
    value = _end(X, s)
    m = np.sort(np.abs(X.astype(int) @ s / s.size))[-3:]
    return value if abs(value) == 1 else 3 if np.all(np.abs(m - 0.5) < 0.2) else 0


def ending_no_mixture(X, s):
    return _end(X, s) % 3 if _end(X, s) == 3 else _end(X, s)


def ending_mixture_first(X, s):
    m = X.astype(int) @ s / s.size
    best = np.argsort(-np.abs(m))[:3]
    votes = np.sign(np.sign(m[best]) @ X[best].astype(int))
    return 3 if abs(votes @ s) >= 0.9 * s.size else _end(X, s)


def ending_all_memories(X, s):
    return abs(_end(X, s))


def ending_largest(X, s):
    m = X.astype(int) @ s / s.size
    best = np.argsort(m)[::-1][:3]
    if m[best[0]] >= 0.9:
        return 1
    return 3 if np.sign(X[best].astype(int).sum(axis=0)) @ s / s.size >= 0.9 else 0


def ending_int8(X, s):
    m = X @ s / s.size
    best = np.argsort(-np.abs(m))[:3]
    if abs(m[best[0]]) >= 0.9:
        return np.sign(m[best[0]])
    return 3 if np.sign(np.sign(m[best]) @ X[best]) @ s / s.size >= 0.9 else 0


def ending_word(X, s):
    return "memory" if _end(X, s) == 1 else "other"


def ending_overlaps(X, s):
    return X.astype(int) @ s / s.size


EXERCISE = Exercise(
    id="hopfield.4",
    title="Where did it end?",
    points=2,
    minutes=10,
    level="◆◆◇",
    reference=ending,
    cases=cases,
    edges=(("threshold", THRESHOLD), ("large", LARGE)),
    mistakes=(
        Mistake(
            "A negative is counted as something else: compare |m|, and look at its sign then.",
            negatives_unseen,
        ),
        Mistake("A negative is counted as a memory: its sign tells them apart.", negative_is_memory),
        Mistake("The three patterns are added without the signs of their overlaps.", plain_majority),
        Mistake("No mixture is ever found.", no_mixtures),
        Mistake("You ask for an overlap of exactly 1; at least 0.9 is enough.", exact_only),
        Mistake(THRESHOLD.words, strictly_above, ALMOST),
        Mistake("Ask for a memory or a negative first; a mixture is what is neither.", mixture_first, ALMOST),
        Mistake(
            "Three overlaps near one half are a hint, no proof: compare the state with the majority itself.",
            halves,
        ),
        Mistake(
            "The mixture is made from the first three patterns; take those with the largest |m|.",
            first_three,
        ),
    ),
    int8_message=INT8,
    properties=(Property("mixtures of any three, with any signs", same_as_the_package),),
    mutants=Mutants(equivalent=(("int(signs[0]) -> signs[0]", "1.0 is 1"),)),
    success=(
        "A definition, written down and the same for every run: only now can ends be counted. Next: how does the "
        "split move when you change 0.9 to 0.8?"
    ),
    right_answers=(ending_package, ending_python),
    wrong_answers=(
        (ending_signless, "without the signs"),
        (ending_exact, "exactly 1"),
        (ending_strict, "0.9 is enough"),
        (ending_half, "are a hint"),
        (ending_no_mixture, "No mixture"),
        (ending_all_memories, "its sign tells them apart"),
        (ending_largest, "compare |m|"),
        (ending_int8, "wraps at 127"),
        (ending_word, "text"),
        (ending_mixture_first, "Ask for a memory or a negative first"),
        (ending_overlaps, "expected a single number"),
    ),
)
