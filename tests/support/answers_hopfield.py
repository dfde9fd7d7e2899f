"""Answers to the exercises of chapter `hopfield` as learners write them: right in other ways, and wrong in known ones.

`RIGHT[id]` are functions that must be `correct`. `WRONG[id]` are (function, words): the verdict must be `wrong` or
`almost` and contain the words.
"""

import numpy as np

# hopfield.1 ---------------------------------------------------------------------------------------------------------


def energy_loops(X, s):
    """Pairs, one by one."""
    N = X.shape[1]
    total = 0.0
    for i in range(N):
        for j in range(i):
            total -= sum(int(x[i]) * int(x[j]) for x in X) / N * int(s[i]) * int(s[j])
    return total


def energy_overlaps(X, s):
    """From the overlaps: no W at all."""
    M = X.astype(np.int64) @ s
    return (len(X) - (M**2).sum() / s.size) / 2


def energy_float32(X, s):
    floats = X.astype(np.float32)
    W = floats.T @ floats / np.float32(X.shape[1])
    W[np.diag_indices_from(W)] = 0
    return np.float32(-0.5) * (s.astype(np.float32) @ W @ s.astype(np.float32))


def _W(X, size=None, diagonal=0):
    X = X.astype(int)
    W = X.T @ X / (size or X.shape[1])
    if diagonal is not None:
        np.fill_diagonal(W, diagonal)
    return W


def energy_no_half(X, s):
    return -s @ _W(X) @ s


def energy_diagonal(X, s):
    return -0.5 * s @ _W(X, diagonal=None) @ s


def energy_ones(X, s):
    return -0.5 * s @ _W(X, diagonal=1) @ s


def energy_no_scale(X, s):
    return -0.5 * s @ _W(X, size=1) @ s


def energy_by_count(X, s):
    return -0.5 * s @ _W(X, size=len(X)) @ s


def energy_sign(X, s):
    return 0.5 * s @ _W(X) @ s


def energy_int8(X, s):
    W = X.T @ X / X.shape[1]
    np.fill_diagonal(W, 0)
    return -0.5 * s @ W @ s


def energy_linear(X, s):
    return -np.sum(X.astype(int) @ s) / X.shape[1] / 2


def energy_in_list(X, s):
    return [energy_overlaps(X, s)]


def energy_fields(X, s):
    return -0.5 * s * (_W(X) @ s)


def energy_kills_state(X, s):
    value = energy_overlaps(X, s)
    s[:] = 1
    return value


# hopfield.2 ---------------------------------------------------------------------------------------------------------


def recall_refreshed(W, s, sweeps):
    """Fields kept up to date: O(N) a flip."""
    s = np.array(s)
    h = W @ s
    for _ in range(sweeps):
        for i in range(s.size):
            new = np.sign(h[i]) if h[i] != 0 else s[i]
            h = h + W[:, i] * (new - s[i])
            s[i] = new
    return s


def recall_python(W, s, sweeps):
    """Lists."""
    rows, state = W.tolist(), s.tolist()
    for _ in range(sweeps):
        for i, row in enumerate(rows):
            h = sum(w * x for w, x in zip(row, state, strict=True))
            state[i] = (h > 0) - (h < 0) or state[i]
    return state


def recall_two_energies(W, s, sweeps):
    """The lower of two energies."""
    s = s.copy()
    for i in list(range(s.size)) * sweeps:
        other = s.copy()
        other[i] = -other[i]
        if other.astype(int) @ W @ other > s.astype(int) @ W @ s:
            s = other
    return s


def recall_broken(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        fields = W @ s
        for i in range(len(s)):
            if fields[i] > 0:
                s[i] = 1
            elif fields[i] < 0:
                s[i] = -1
    return s


def recall_once_fields(W, s, sweeps):
    s, fields = s.copy(), W @ s
    for _ in range(sweeps):
        for i in range(len(s)):
            if fields[i]:
                s[i] = np.sign(fields[i])
    return s


def recall_np_sign(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            s[i] = np.sign(W[i] @ s)
    return s


def recall_up(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            s[i] = 1 if W[i] @ s >= 0 else -1
    return s


def recall_down(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            s[i] = 1 if W[i] @ s > 0 else -1
    return s


def recall_uphill(W, s, sweeps):
    return recall_python(-W, s, sweeps)


def recall_one(W, s, sweeps):
    return recall_python(W, s, 1)


def recall_to_rest(W, s, sweeps):
    return recall_python(W, s, 100)


def recall_backwards(W, s, sweeps):
    return recall_python(W[::-1, ::-1], s[::-1], sweeps)[::-1]


def recall_odd_first(W, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        for i in [*range(1, len(s), 2), *range(0, len(s), 2)]:
            s[i] = np.sign(W[i] @ s) or s[i]
    return s


def recall_takes_back(W, s, sweeps):
    for _ in range(sweeps):
        new = recall_broken(W, s, 1)
        if new @ W @ new >= s @ W @ s:
            s = new
    return s.copy()


def recall_in_place(W, s, sweeps):
    s[:] = recall_python(W, s, sweeps)
    return s


def recall_nothing(W, s, sweeps):
    return s.copy()


def recall_fields(W, s, sweeps):
    return W @ s


# hopfield.3 ---------------------------------------------------------------------------------------------------------


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
    return _W(X)


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


# hopfield.4 ---------------------------------------------------------------------------------------------------------


def ending_package(X, s):
    """The package's own classifier."""
    from damtutor.experiments.endings import classify

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


# hopfield.5 ---------------------------------------------------------------------------------------------------------


def stuck_vectorised(W, X):
    """All flips of a pattern at once; the last one found."""
    found = ()
    for k, x in enumerate(X.astype(float)):
        states = x * (1 - 2 * np.eye(x.size))
        rests = np.all(states * (states @ W) >= 0, axis=1)
        if rests.any():
            found = [k, int(np.flatnonzero(rests)[-1])]
    return found


def stuck_by_change(W, X):
    """The fields of the pattern, corrected by the flip."""
    for k, x in enumerate(X.astype(float)):
        h = W @ x
        for i in range(x.size):
            s, now = x.copy(), h - 2 * W[:, i] * x[i]
            s[i] = -s[i]
            if np.all(s * now >= 0):
                return np.array([k, i])
    return []


def stuck_swapped(W, X):
    return tuple(reversed(stuck_by_change(W, X)))


def stuck_own_only(W, X):
    """Looks at the flipped spin alone."""
    for k, x in enumerate(X.astype(float)):
        for i in range(x.size):
            s = x.copy()
            s[i] = -s[i]
            if s[i] * (W[i] @ s) >= 0:
                return k, i
    return ()


def stuck_never(W, X):
    return ()


def stuck_strict(W, X):
    for k, x in enumerate(X.astype(float)):
        for i in range(x.size):
            s = x.copy()
            s[i] = -s[i]
            if np.all(s * (W @ s) > 0):
                return k, i
    return ()


def stuck_always(W, X):
    return 0, 0


def stuck_not_flipped(W, X):
    for k, x in enumerate(X):
        if np.all(x * (W @ x) >= 0):
            return k, 0
    return ()


def stuck_floats(W, X):
    return [float(v) for v in stuck_by_change(W, X)]


def stuck_state(W, X):
    found = stuck_by_change(W, X)
    return X[found[0]] if len(found) else ()


def stuck_in_place(W, X):
    for k in range(len(X)):
        for i in range(len(W)):
            X[k, i] = -X[k, i]
            if np.all(X[k] * (W @ X[k]) >= 0):
                return k, i
            X[k, i] = -X[k, i]
    return ()


RIGHT = {
    "hopfield.1": (energy_loops, energy_overlaps, energy_float32),
    "hopfield.2": (recall_refreshed, recall_python, recall_two_energies),
    "hopfield.3": (projection_pinv, projection_lstsq, projection_gram_schmidt),
    "hopfield.4": (ending_package, ending_python),
    "hopfield.5": (stuck_vectorised, stuck_by_change),
}

WRONG = {
    "hopfield.1": (
        (energy_no_half, "factor ½"),
        (energy_diagonal, "W_ii = K/N was kept"),
        (energy_ones, "The diagonal is 1"),
        (energy_no_scale, "1/N is missing"),
        (energy_by_count, "divide by N, the neurons"),
        (energy_sign, "must lie low"),
        (energy_int8, "wraps at 127"),
        (energy_linear, "first power"),
        (energy_in_list, "shape (1,)"),
        (energy_fields, "expected a single number"),
        (energy_kills_state, "changes its input s"),
    ),
    "hopfield.2": (
        (recall_broken, "still the broken recall"),
        (recall_once_fields, "computed once"),
        (recall_np_sign, "np.sign(0) is 0"),
        (recall_up, "You make it +1"),
        (recall_down, "You make it -1"),
        (recall_uphill, "against its field"),
        (recall_one, "Only one sweep"),
        (recall_to_rest, "until nothing changes"),
        (recall_backwards, "visited backwards"),
        (recall_odd_first, "Is your order 0, 1, 2, ...?"),
        (recall_takes_back, "hides the swap"),
        (recall_in_place, "changes its input s"),
        (recall_nothing, "no spin was ever changed"),
        (recall_fields, "-1"),
    ),
    "hopfield.3": (
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
    "hopfield.4": (
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
    "hopfield.5": (
        (stuck_swapped, "recall puts it right"),
        (stuck_own_only, "is no fixed point"),
        (stuck_never, "says that none does"),
        (stuck_strict, "where a field is 0"),
        (stuck_always, "recall puts it right"),
        (stuck_not_flipped, "recall puts it right"),
        (stuck_floats, "return integers"),
        (stuck_state, "in this order"),
        (stuck_in_place, "changes its input X"),
    ),
}
