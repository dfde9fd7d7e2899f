"""The projection rule, for independent and for dependent patterns."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Reason, Tolerance
from damtutor.checks.hopfield.common import INT8, LARGE, patterns_and_state, spins
from damtutor.checks.hopfield.energy import couplings

DEPENDENT = Reason(
    "Right while the patterns are independent. With a repeated, an opposite or an otherwise dependent pattern Q has no "
    "inverse: use np.linalg.pinv with a tolerance such as rcond=1e-9.",
    ALMOST,
)


def projection(X):
    """Couplings of the projection rule, without diagonal."""
    X = X.astype(float)
    N = X.shape[1]
    Q = X @ X.T / N
    W = X.T @ np.linalg.pinv(Q, rcond=1e-9) @ X / N
    np.fill_diagonal(W, 0)
    return W


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X for the projection rule: independent patterns, and sets in which some depend on others."""
    for N, K in ((3, 1), (4, 2), (6, 3), (8, 3), (16, 5), (30, 10)):
        for rep in range(2):
            rng = np.random.default_rng([73, N, K, rep])
            yield Case((_independent(rng, K, N),))
    for N, K in ((4, 2), (6, 3), (12, 4), (20, 5)):
        rng = np.random.default_rng([74, N, K])
        X = _independent(rng, K, N)
        yield Case((np.concatenate([X, X[:1]]),), "dependent")
        yield Case((np.concatenate([X, -X[1:2]]),), "dependent")
    square = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]], dtype=np.int8)
    wide = np.concatenate([square, square[:, ::-1], -square], axis=1)
    yield Case((np.concatenate([wide[:3], -wide[:1], wide[1:3]]),), "dependent")
    yield Case((_independent(np.random.default_rng(75), 3, 140),), "large")


def _independent(rng, K, N):
    """Random patterns whose Q is far from singular."""
    while True:
        X = spins(rng, K, N)
        if np.linalg.cond(X.astype(float)) < 8:
            return X


# Properties -----------------------------------------------------------------------------------------------------------


def keeps_patterns(call: Call):
    """(W + diagonal) X = X: with the removed diagonal put back, every pattern is kept."""
    for k in range(6):
        X, _ = patterns_and_state([85, k], 3, 12)
        X = np.concatenate([X, X[:1], -X[1:2]]) if k % 2 else X
        W = call(X)
        put_back = np.linalg.matrix_rank(X.astype(float))
        fields = X @ W
        missing = X - fields
        diagonal = missing / X
        if np.abs(diagonal - diagonal[0]).max() > 1e-4 or abs(diagonal[0].sum() - put_back) > 1e-3:
            words = "X - X W should be X times one diagonal, of trace rank X: the part that was removed."
            return (X,), words
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _projector(X, power=-1.0):
    """XᵀQ^power X/N on the span of the patterns."""
    X = X.astype(float)
    N = X.shape[1]
    values, vectors = np.linalg.eigh(X @ X.T / N)
    good = values > 1e-9
    return X.T @ (vectors[:, good] * values[good] ** power) @ vectors[:, good].T @ X / N


def _bare(W):
    np.fill_diagonal(W, 0)
    return W


def projector_kept(X):
    """The diagonal stays."""
    return _projector(X)


def hebb(X):
    """No Q at all."""
    X = X.astype(float)
    return _bare(X.T @ X / X.shape[1])


def not_inverted(X):
    """Q instead of its inverse."""
    return _bare(_projector(X, 1.0))


def root(X):
    """The square root of the inverse."""
    return _bare(_projector(X, -0.5))


def unscaled(X):
    """1/N is missing at the end."""
    return _bare(_projector(X) * X.shape[1])


def scaled_twice(X):
    """Q without its 1/N."""
    return _bare(_projector(X) / X.shape[1])


def blurred(X):
    """A small number on the diagonal of Q to make it invertible."""
    X = X.astype(float)
    N = X.shape[1]
    return _bare(X.T @ np.linalg.inv(X @ X.T / N + 0.01 * np.eye(len(X))) @ X / N)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def projection_pinv(X):
    """X⁺X."""
    W = np.linalg.pinv(X.astype(float)) @ X
    return W - np.diag(np.diag(W))


def projection_lstsq(X):
    """Least squares: W with X W = X, the shortest."""
    W = np.linalg.lstsq(X.astype(float), X.astype(float), rcond=1e-9)[0]
    np.fill_diagonal(W, 0)
    return W


def projection_gram_schmidt(X):
    """One pattern after the other; a dependent one adds nothing."""
    W = np.zeros((X.shape[1], X.shape[1]))
    for x in X.astype(float):
        rest = x - W @ x
        if rest @ rest > 1e-9:
            W += np.outer(rest, rest) / (rest @ rest)
    np.fill_diagonal(W, 0)
    return W


def projection_kept(X):
    return np.linalg.pinv(X.astype(float)) @ X


def projection_hebb(X):
    return couplings(X)


def _projection(X, inverse, a=1.0, b=1.0):
    X = X.astype(float)
    N = X.shape[1]
    W = X.T @ inverse(X @ X.T / N * a) @ X / N * b
    np.fill_diagonal(W, 0)
    return W


def projection_q(X):
    return _projection(X, lambda Q: Q)


def projection_unscaled(X):
    return _projection(X, lambda Q: np.linalg.pinv(Q, rcond=1e-9), b=X.shape[1])


def projection_scaled_twice(X):
    return _projection(X, lambda Q: np.linalg.pinv(Q, rcond=1e-9), a=X.shape[1])


def projection_regular(X):
    return _projection(X, lambda Q: np.linalg.inv(Q + 0.01 * np.eye(len(Q))))


def projection_unique(X):
    """Repeats taken out, opposites not."""
    rows = np.unique(X, axis=0)
    return _projection(rows, lambda Q: np.linalg.inv(Q) if np.linalg.cond(Q) < 1e9 else np.zeros_like(Q))


def projection_int8(X):
    Q = X @ X.T / X.shape[1]
    W = X.T @ np.linalg.pinv(Q, rcond=1e-9) @ X / X.shape[1]
    np.fill_diagonal(W, 0)
    return W


def projection_patterns(X):
    return X.astype(float) @ np.linalg.pinv(X.astype(float))


def projection_first(X):
    return projection_pinv(X[:1])


EXERCISE = Exercise(
    id="hopfield.3",
    title="The projection rule, for any patterns",
    points=3,
    minutes=15,
    level="◆◆◇",
    reference=projection,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-4, words="to 0.0001"),
    edges=(("dependent", DEPENDENT), ("large", LARGE)),
    mistakes=(
        Mistake(
            "Right but for the diagonal: kept, it freezes wrong spins with the right ones. Set it to 0.",
            projector_kept,
            ALMOST,
        ),
        Mistake("This is Hebb's rule: Q does not enter.", hebb),
        Mistake("Q stands here where its inverse should.", not_inverted),
        Mistake("This is the square root of the inverse of Q.", root),
        Mistake(
            "Right but for a factor: 1/N is missing in the last line, or was taken twice in Q.",
            unscaled,
            ALMOST,
        ),
        Mistake("Right but for a factor: Q needs its 1/N, or W has one too many.", scaled_twice, ALMOST),
        Mistake(
            "A number was added to Q to make it invertible. That blurs the patterns: use the pseudo-inverse.",
            blurred,
        ),
    ),
    int8_message=INT8,
    properties=(Property("with its diagonal put back, W keeps every pattern", keeps_patterns),),
    mutants=Mutants(equivalent=(("X.shape[1] -> X.shape[0]", "N cancels: it stands in Q and in the last line"),)),
    success=(
        "Likeness is divided out, and a repeated pattern counts once. Next: is every pattern that stays where it "
        "is also found again?"
    ),
    right_answers=(projection_pinv, projection_lstsq, projection_gram_schmidt),
    wrong_answers=(
        (projection_kept, "Right but for the diagonal"),
        (projection_hebb, "Hebb's rule"),
        (projection_q, "where its inverse should"),
        (projection_unscaled, "1/N is missing"),
        (projection_scaled_twice, "Q needs its 1/N"),
        (projection_regular, "blurs the patterns"),
        (projection_unique, "use np.linalg.pinv"),
        (projection_int8, "wraps at 127"),
        (projection_patterns, "shape"),
        (projection_first, "another value"),
    ),
)
