"""Wrong ways that are often gone in chapter `modern`, as functions: an answer that agrees with one is named by it."""

import numpy as np

from damtutor.checks.modern.answers import critical_beta as _critical_beta


def _lse(scores):
    top = scores.max()
    return top + np.log(np.exp(scores - top).sum())


def _energy(X, x, beta, *, lse=1.0, half=0.5, log_K=1.0, norm=0.5, divide=True, inside=True):
    scores = beta * X @ x if inside else X @ x
    value = -lse * _lse(scores) / (beta if divide else 1)
    largest = np.max(np.sum(X**2, axis=1))
    return value + half * (x @ x) + log_K * np.log(len(X)) / beta + norm * largest


def _softmax(scores):
    weights = np.exp(scores - scores.max())
    return weights / weights.sum()


# energy -------------------------------------------------------------------------------------------------------------


def no_division(X, x, beta):
    """-lse without 1/β."""
    return _energy(X, x, beta, divide=False)


def no_beta_inside(X, x, beta):
    """β is missing in the exponent."""
    return _energy(X, x, beta, inside=False)


def no_log_K(X, x, beta):
    """log(K)/β is missing."""
    return _energy(X, x, beta, log_K=0)


def no_largest(X, x, beta):
    """M²/2 is missing."""
    return _energy(X, x, beta, norm=0)


def no_constants(X, x, beta):
    """Both constants are missing."""
    return _energy(X, x, beta, log_K=0, norm=0)


def whole_square(X, x, beta):
    """|x|² without the half."""
    return _energy(X, x, beta, half=1)


def plus_lse(X, x, beta):
    """The sign of the first term."""
    return _energy(X, x, beta, lse=-1)


def M_not_squared(X, x, beta):
    """M/2 instead of M²/2."""
    largest = np.max(np.sum(X**2, axis=1))
    return _energy(X, x, beta) - largest / 2 + np.sqrt(largest) / 2


def top_lost(X, x, beta):
    """The largest score is not put back."""
    return _energy(X, x, beta) + (X @ x).max()


def top_undivided(X, x, beta):
    """The largest score is put back whole, the logarithm divided by β."""
    return _energy(X, x, beta) + (X @ x).max() - beta * (X @ x).max()


def largest_number(X, x, beta):
    """The largest number of X instead of its longest row."""
    return _energy(X, x, beta, norm=0) + np.max(X**2) / 2


def largest_column(X, x, beta):
    """The longest column instead of the longest row."""
    return _energy(X, x, beta, norm=0) + np.max(np.sum(X**2, axis=0)) / 2


def log_d(X, x, beta):
    """log(d) for log(K)."""
    return _energy(X, x, beta, log_K=0) + np.log(len(x)) / beta


def naive_energy(X, x, beta):
    """As written: overflows."""
    with np.errstate(all="ignore"):
        lse = np.log(np.exp(beta * X @ x).sum()) / beta
    return -lse + x @ x / 2 + np.log(len(X)) / beta + np.max((X**2).sum(axis=1)) / 2


# step ---------------------------------------------------------------------------------------------------------------


def no_leak(X, x, beta, a):
    """x + a f: the residual of a transformer."""
    return x + a * _softmax(beta * X @ x) @ X


def always_one(X, x, beta, a):
    """a is not used."""
    return _softmax(beta * X @ x) @ X


def exchanged(X, x, beta, a):
    """a x + (1-a) f."""
    return a * x + (1 - a) * _softmax(beta * X @ x) @ X


def backwards(X, x, beta, a):
    """Uphill."""
    return x - a * (_softmax(beta * X @ x) @ X - x)


def no_beta(X, x, beta, a):
    """softmax(X x)."""
    return x + a * (_softmax(X @ x) @ X - x)


def over_beta(X, x, beta, a):
    """softmax(X x / β)."""
    return x + a * (_softmax(X @ x / beta) @ X - x)


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


# critical beta ------------------------------------------------------------------------------------------------------


def sample_covariance(X):
    """Divisor K - 1, as np.cov has it."""
    return _critical_beta(X) * (len(X) - 1) / len(X)


def cov_of_rows(X):
    """np.cov(X): the memories taken for variables."""
    return 1 / np.linalg.eigvalsh(np.cov(X))[-1]


def cov_of_rows_biased(X):
    """The same with the divisor d."""
    return 1 / np.linalg.eigvalsh(np.cov(X, bias=True))[-1]


def divided_by_d(X):
    """1/d for 1/K."""
    return _critical_beta(X) * X.shape[1] / len(X)


def not_centred(X):
    """Second moments instead of the covariance."""
    return 1 / np.linalg.eigvalsh(X.T @ X / len(X))[-1]


def not_divided(X):
    """No 1/K."""
    return _critical_beta(X) / len(X)


def trace(X):
    """One over the sum of all eigenvalues."""
    return 1 / np.sum(X.var(axis=0))


def eigenvalue(X):
    """λ_max itself."""
    return 1 / _critical_beta(X)


def root(X):
    """One over the standard deviation."""
    return np.sqrt(_critical_beta(X))


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


# a batch ------------------------------------------------------------------------------------------------------------


def broken(X, S, beta):
    """No keepdims: the sums go along the wrong axis."""
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max())
    return (weights / weights.sum(axis=1)) @ X


def over_batch(X, S, beta):
    """Softmax over the batch."""
    weights = np.exp(beta * S @ X.T)
    return weights / weights.sum(axis=0) @ X


def over_everything(X, S, beta):
    """One softmax over all states and memories."""
    return _softmax(beta * S @ X.T) @ X


def not_divided_batch(X, S, beta):
    """No division at all."""
    return np.exp(beta * S @ X.T) @ X


def returns_weights(X, S, beta):
    """The weights instead of their average."""
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def shifted_by_columns(X, S, beta):
    """The sums keep their axis, the largest scores do not."""
    scores = beta * S @ X.T
    weights = np.exp(scores - scores.max(axis=1))
    return weights / weights.sum(axis=1, keepdims=True) @ X
