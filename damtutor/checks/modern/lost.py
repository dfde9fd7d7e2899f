"""Keys that no β recalls: break the claim."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mutants, Property, Reason

SHARP = "at large β the best match has weight exp(0) and all others next to none: the sum is 1 already"


def lost(X, beta):
    """The rows of X that recall leaves for another one."""
    gone = []
    for i, x in enumerate(X):
        for _ in range(100):
            scores = beta * X @ x
            weights = np.exp(scores - scores.max())
            x = weights @ X / weights.sum()
        if weights.argmax() != i:
            gone.append(i)
    return gone


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, beta: sets with keys in another's shadow, and sets without; β so large that every choice is sharp."""
    yield Case((np.array([[2.0, 0.0], [0.0, 2.0], [0.7, 0.5]]), 1000.0))
    yield Case((np.array([[2.0, 0.0], [0.0, 2.0], [0.5, 0.7]]), 20.0))
    yield Case((np.array([[1.0, 0.0], [0.0, 1.0]]), 50.0))
    yield Case((np.array([[3.0, 0.0], [0.0, 0.5]]), 200.0))  # short, and nobody's shadow
    yield Case((np.array([[1.0, 0.0], [1.5, 1.0], [1.8, 2.5]]), 100.0))  # 0 → 1 → 2
    yield Case((np.array([[-1.0, -0.1], [-3.0, 0.0], [1.0, 1.0]]), 100.0))
    for K, d in ((3, 2), (4, 3), (6, 2), (8, 3), (10, 5)):
        made, k = 0, 0
        while made < 3:
            rng = np.random.default_rng([65, K, d, k])
            X, k = rng.standard_normal((K, d)).round(2), k + 1
            products = X @ X.T
            top = np.sort(products, axis=1)
            if (top[:, -1] - top[:, -2]).min() > 0.2:
                made += 1
                yield Case((X, (200.0, 1000.0)[made % 2]))
                long = X / np.linalg.norm(X, axis=1, keepdims=True)
                gaps = np.sort(long @ long.T, axis=1)
                if (gaps[:, -1] - gaps[:, -2]).min() > 0.05:
                    yield Case((long, 1000.0))


def winner(X, i):
    """Where recall from row i ends when β is very large: the best match of the best match ..."""
    products = X @ X.T
    while products[i].argmax() != i:
        i = int(products[i].argmax())
    return i


# Which answers are right ----------------------------------------------------------------------------------------------

MISSED, TOO_MANY = "The answer misses", "The answer names"


def accept(args, expected, got):
    """The row numbers of the lost keys, in any order."""
    X = args[0]
    K = len(X)
    if got.dtype.kind == "b":
        return Reason("This is a mask of True and False; return the row numbers: np.flatnonzero(mask).", ALMOST)
    if not got.ndim:
        return Reason(
            f"A single number came back, {got}; expected the row numbers in a list: [2] for one, [] for none."
        )
    flat = got.astype(float).ravel()
    if not np.isin(flat, np.arange(K)).all():
        return Reason(f"The answer is {got.tolist()}; expected row numbers between 0 and {K - 1}, or [].")
    rows, wanted = {int(k) for k in flat}, {int(k) for k in expected}
    if len(flat) != len(rows):
        return Reason("A row stands there twice; name each lost row once.", ALMOST)
    if rows == set(range(K)) - wanted and rows != wanted:
        return Reason("These are the rows that are kept; the question asks for those that are lost.", ALMOST)
    if wanted - rows:
        i = min(wanted - rows)
        return Reason(f"{MISSED} row {i}: recall that starts at it ends at row {winner(X, i)}.")
    if rows - wanted:
        return Reason(f"{TOO_MANY} row {min(rows - wanted)}: recall that starts at it stays there.")
    return None


# What the answers to all cases show -----------------------------------------------------------------------------------


def guessed_by_length(attempts):
    """Says what a rule by length alone does wrong, or one that never finds any."""
    if all(a.got.size == 0 for a in attempts):
        return Reason("The answer is always empty: it repeats the claim. Does any key here have a better match?")
    spoken = all(a.reason is None or a.reason.words.startswith((MISSED, TOO_MANY)) for a in attempts)
    short = [set(np.flatnonzero(_norms(a.case.args[0]) < _norms(a.case.args[0]).max() - 1e-9)) for a in attempts]
    if spoken and all({int(k) for k in a.got.ravel()} == s for a, s in zip(attempts, short, strict=True)):
        return Reason("Short alone is not lost: a short key survives where no longer one lies in its direction.")
    ends = [{winner(a.case.args[0], int(i)) for i in a.expected} for a in attempts]
    if all(a.got.dtype.kind in "iuf" and set(a.got.ravel().tolist()) == s for a, s in zip(attempts, ends, strict=True)):
        return Reason("These are the rows where recall ends; name the rows that it started from and left.")
    if spoken and all(a.got.ravel().tolist() == list(a.expected[:1]) for a in attempts):
        return Reason("You stop at the first lost row; name them all.")
    return Reason("")


def _norms(X):
    return np.linalg.norm(X, axis=1)


# Properties -----------------------------------------------------------------------------------------------------------


def turned(call: Call):
    """Turning all keys together loses none and saves none."""
    X = np.array([[2.0, 0.0], [0.0, 2.0], [0.7, 0.5], [-0.4, -0.3]])
    before = sorted(call(X, 500.0).ravel().tolist())
    for angle in (0.4, 2.0, 3.0):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if sorted(call(X @ turn, 500.0).ravel().tolist()) != before:
            return (X @ turn, 500.0), f"All keys were turned together; before, the lost rows were {before}."
    return None


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def lost_products(X, beta):
    """No recall: a key is lost if another one matches it better than it matches itself."""
    products = X @ X.T
    return np.flatnonzero(products.max(axis=1) > np.diag(products))


def lost_package(X, beta):
    from damtutor import ModernHopfield

    memory = ModernHopfield(X, beta)
    ends = memory.settle(X).states
    return [i for i in range(len(X)) if np.linalg.norm(ends[i] - X[i]) > 0.1]


def lost_backwards(X, beta):
    return tuple(int(i) for i in lost_products(X, beta)[::-1])


def lost_none(X, beta):
    return []


def lost_kept(X, beta):
    return [i for i in range(len(X)) if i not in lost_products(X, beta)]


def lost_mask(X, beta):
    products = X @ X.T
    return products.max(axis=1) > np.diag(products)


def lost_short(X, beta):
    norms = np.linalg.norm(X, axis=1)
    return np.flatnonzero(norms < norms.max() - 1e-9)


def lost_first(X, beta):
    return lost_products(X, beta)[:1]


def lost_shortest(X, beta):
    return [int(np.linalg.norm(X, axis=1).argmin())]


def lost_distance(X, beta):
    """The distance energy, which loses none."""
    from damtutor import ModernHopfield

    ends = ModernHopfield(X, beta, "distance").settle(X).states
    return [i for i in range(len(X)) if np.linalg.norm(ends[i] - X[i]) > 0.1]


def lost_twice(X, beta):
    return [*lost_products(X, beta), *lost_products(X, beta)]


def lost_from_one(X, beta):
    return lost_products(X, beta) + 1


def lost_where(X, beta):
    """Where they go, not who goes."""
    best = (X @ X.T).argmax(axis=1)
    return best[best != np.arange(len(X))]


def lost_count(X, beta):
    return len(lost_products(X, beta))


EXERCISE = Exercise(
    id="modern.5",
    title="Break the claim: a large β recalls every vector",
    points=3,
    minutes=15,
    level="◆◆◆",
    core=False,
    reference=lost,
    cases=cases,
    accept=accept,
    across_cases=guessed_by_length,
    properties=(Property("turning all keys together changes nothing", turned),),
    mutants=Mutants(
        equivalent=(
            ("range(100) -> range(101)", "recall has come to rest long before"),
            ("range(100) -> range(99)", "recall has come to rest long before"),
            ("weights @ X / weights.sum() -> weights @ X * weights.sum()", SHARP),
            ("weights @ X / weights.sum() -> weights @ X", SHARP),
        )
    ),
    success=(
        "A key is lost as soon as another one has a larger dot product with it than it has with itself, and no β "
        "helps: β makes the wrong choice sharper. Keys of equal length cannot do that to each other, which is one "
        "reason to normalise them."
    ),
    right_answers=(lost_products, lost_package, lost_backwards),
    wrong_answers=(
        (lost_none, "repeats the claim"),
        (lost_count, "A single number came back"),
        (lost_kept, "rows that are kept"),
        (lost_mask, "np.flatnonzero"),
        (lost_short, "Short alone is not lost"),
        (lost_first, "stop at the first"),
        (lost_shortest, "stays there"),
        (lost_distance, "repeats the claim"),
        (lost_twice, "stands there twice"),
        (lost_from_one, "The answer"),
        (lost_where, "where recall ends"),
    ),
)
