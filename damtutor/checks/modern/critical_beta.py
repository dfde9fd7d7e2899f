"""The β at which the average of all memories stops being a memory."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason
from damtutor.checks.modern.common import MILLIONTH
from damtutor.models.modern import ModernHopfield

FLAT = Reason("Right where the memories fill all directions, and wrong where they lie on a line or in a plane.")
ROWS = (
    "np.cov takes each row for a variable, so this is the covariance between memories, (K, K). Wanted is the one "
    "between coordinates, (d, d): give it X.T, and bias=True."
)


def critical_beta(X):
    """β_c = 1/λ_max(Cov X): above it the average of the memories is lost."""
    centred = X - X.mean(axis=0)
    cov = centred.T @ centred / len(X)
    return 1 / np.linalg.eigvalsh(cov)[-1]


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X alone; memories that fill all directions, and, as an edge, fewer of them, whose covariance is singular."""
    yield Case((np.array([[1.0, 0.0], [-1.0, 0.0]]),), "flat")
    yield Case((np.array([[2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]),))
    yield Case((np.eye(3),), "flat")
    for K, d in ((3, 2), (4, 3), (7, 5), (12, 4), (2, 2), (6, 9)):
        rng = np.random.default_rng([63, K, d])
        edge = "flat" if K <= d else ""
        yield Case((rng.standard_normal((K, d)).round(2),), edge)
        yield Case(((1 + rng.standard_normal((K, d)) * np.linspace(1, 2, d)).round(2),), edge)


# Properties -----------------------------------------------------------------------------------------------------------


def split(call: Call):
    """On a polygon the push at the average dies out below β_c and grows above it: measured, forty steps."""
    for corners in (3, 5, 8):
        angle = 2 * np.pi * np.arange(corners) / corners
        X = 1.5 * np.column_stack([np.cos(angle), np.sin(angle)])
        critical = float(call(X).ravel()[0])
        for factor, grows in ((0.9, False), (1.1, True)):
            x = np.array([1e-4, 0.0])
            for _ in range(40):
                x = ModernHopfield(X, factor * critical).step(x) if critical > 0 else x
            if (np.linalg.norm(x) > 1e-4) != grows:
                does = "grows" if not grows else "dies out"
                return (X,), f"A small push at the average {does} at {factor} times your β_c."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def sample_covariance(X):
    """Divisor K - 1, as np.cov has it."""
    return critical_beta(X) * (len(X) - 1) / len(X)


def cov_of_rows(X):
    """np.cov(X): the memories taken for variables."""
    return 1 / np.linalg.eigvalsh(np.cov(X))[-1]


def cov_of_rows_biased(X):
    """The same with the divisor d."""
    return 1 / np.linalg.eigvalsh(np.cov(X, bias=True))[-1]


def divided_by_d(X):
    """1/d for 1/K."""
    return critical_beta(X) * X.shape[1] / len(X)


def not_centred(X):
    """Second moments instead of the covariance."""
    return 1 / np.linalg.eigvalsh(X.T @ X / len(X))[-1]


def not_divided(X):
    """No 1/K."""
    return critical_beta(X) / len(X)


def trace(X):
    """One over the sum of all eigenvalues."""
    return 1 / np.sum(X.var(axis=0))


def eigenvalue(X):
    """λ_max itself."""
    return 1 / critical_beta(X)


def root(X):
    """One over the standard deviation."""
    return np.sqrt(critical_beta(X))


def smallest(X):
    """The smallest eigenvalue."""
    centred = X - X.mean(axis=0)
    return 1 / np.linalg.eigvalsh(centred.T @ centred / len(X))[0]


def wrong_mean(X):
    """Centred over the wrong axis."""
    centred = X - X.mean(axis=1, keepdims=True)
    return 1 / np.linalg.eigvalsh(centred.T @ centred / len(X))[-1]


def widest_coordinate(X):
    """The largest variance of a coordinate: the diagonal of the covariance only."""
    return 1 / X.var(axis=0).max()


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def critical_cov(X):
    return 1 / np.linalg.eigvalsh(np.atleast_2d(np.cov(X, rowvar=False, bias=True))).max()


def critical_svd(X):
    """No covariance: singular values of the centred memories."""
    return len(X) / np.linalg.norm(X - X.mean(axis=0), 2) ** 2


def critical_power(X):
    """Power iteration on the K x K side."""
    Y = X - X.mean(axis=0)
    gram, v = Y @ Y.T, np.random.default_rng(0).standard_normal(len(X))
    for _ in range(3000):
        v = gram @ v
        v /= np.linalg.norm(v)
    return np.array(len(X) / (v @ gram @ v))


def critical_sample(X):
    return 1 / np.linalg.eigvalsh(np.cov(X.T))[-1]


def critical_moment(X):
    return 1 / np.linalg.eigvalsh(X.T @ X / len(X)).max()


def critical_sum(X):
    Y = X - X.mean(axis=0)
    return 1 / np.linalg.eigvalsh(Y.T @ Y).max()


def critical_trace(X):
    return 1 / np.trace(np.atleast_2d(np.cov(X.T, bias=True)))


def critical_lambda(X):
    return 1 / critical_svd(X)


def critical_singular(X):
    return np.sqrt(critical_svd(X))


def critical_least(X):
    Y = X - X.mean(axis=0)
    with np.errstate(divide="ignore"):
        return 1 / np.linalg.eigvalsh(Y.T @ Y / len(X))[0]


def critical_rows(X):
    Y = X - X.mean(axis=1, keepdims=True)
    return 1 / np.linalg.eigvalsh(Y.T @ Y / len(X))[-1]


def critical_coordinate(X):
    return 1 / np.max(np.var(X, axis=0))


def critical_double(X):
    return 2 * critical_svd(X)


def critical_np_cov(X):
    return 1 / np.linalg.eigvalsh(np.cov(X)).max()


def critical_np_cov_biased(X):
    return 1 / np.linalg.eigvalsh(np.cov(X, bias=True)).max()


def critical_by_size(X):
    centred = X - X.mean(axis=0)
    return X.shape[1] / np.linalg.norm(centred, 2) ** 2


EXERCISE = Exercise(
    id="modern.3",
    title="When the average is lost",
    points=2,
    minutes=10,
    level="◆◆◇",
    reference=critical_beta,
    cases=cases,
    tolerance=MILLIONTH,
    edges=(("flat", FLAT),),
    mistakes=(
        Mistake(
            "Right but for a factor: the covariance here has the divisor K; np.cov has K - 1 unless you say bias=True.",
            sample_covariance,
            ALMOST,
        ),
        Mistake(ROWS, cov_of_rows),
        Mistake(ROWS, cov_of_rows_biased),
        Mistake("The memories are not centred: take their mean away first.", not_centred),
        Mistake("Divided by d; the covariance is an average over the K memories.", divided_by_d),
        Mistake("The covariance is an average over memories: divide by K.", not_divided, ALMOST),
        Mistake("This uses the sum of all eigenvalues, the trace; the largest one alone decides.", trace),
        Mistake("This is λ_max; β_c is one over it.", eigenvalue, ALMOST),
        Mistake("This is one over a standard deviation; β_c is one over a variance.", root),
        Mistake("This uses the smallest eigenvalue; the push grows first along the largest.", smallest),
        Mistake("The mean is taken over the wrong axis: one memory is a row.", wrong_mean),
        Mistake(
            "This is the largest variance of one coordinate; the widest direction may lie aslant.",
            widest_coordinate,
        ),
    ),
    properties=(Property("measured on polygons, a push dies out below β_c and grows above it", split),),
    success=(
        "One direction decides: the one in which the memories differ most. Your β_c held in a measurement too. "
        "Next: store every memory twice. What happens to β_c?"
    ),
    right_answers=(critical_cov, critical_svd, critical_power),
    wrong_answers=(
        (critical_sample, "np.cov has K - 1"),
        (critical_moment, "not centred"),
        (critical_sum, "divide by K"),
        (critical_trace, "the trace"),
        (critical_lambda, "one over it"),
        (critical_singular, "standard deviation"),
        (critical_least, "smallest eigenvalue"),
        (critical_rows, "wrong axis"),
        (critical_coordinate, "lie aslant"),
        (critical_double, "twice what is expected"),
        (critical_np_cov, "each row for a variable"),
        (critical_np_cov_biased, "each row for a variable"),
        (critical_by_size, "Divided by d"),
    ),
)
