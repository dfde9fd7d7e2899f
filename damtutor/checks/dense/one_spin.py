"""The new value of one spin by the exact rule."""

import numpy as np

from damtutor.checks.dense.common import (
    CAVITY,
    CLEAR,
    INT8,
    OVERFLOW,
    SELF,
    TIE,
    TIE_ZERO,
    decide,
    decision_margin,
    energy,
    patterns_and_state,
    spins,
)
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property

CLIPPED = "You clip at 0. Here F(x) = x**n for negative x too: an odd power stays negative, an even one is positive."
SHARE = "The spin's own share in an overlap is X[:, i] * s[i];"


def one_spin(X, s, i, n):
    """The new value of spin i, -1 or +1, by the exact rule, F(x) = x**n."""
    cavity = X.astype(int) @ s - X[:, i] * s[i]  # overlaps without spin i
    field = 0
    # Python's integers have no largest one
    for x, S in zip(X[:, i].tolist(), cavity.tolist(), strict=True):
        field += x * ((S + 1) ** n - (S - 1) ** n)
    if field > 0:
        return 1
    if field < 0:
        return -1
    return s[i]


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """X, s, i, n for one decision."""
    tie = np.array([[1, 1], [-1, 1]], dtype=np.int8)
    for old in (-1, 1):
        for n in (2, 3, 4):
            yield Case((tie, np.array([old, 1], dtype=np.int8), 0, n), "tie")
    # S = 0: the difference still follows the pattern, the gradient sees nothing
    yield Case((np.array([[1, 1, -1]], dtype=np.int8), np.array([-1, 1, 1], dtype=np.int8), 0, 3))
    for N, K in ((2, 1), (3, 2), (4, 3), (6, 4), (12, 5), (12, 9)):
        for n in range(2, 8):
            rng = np.random.default_rng([41, N, K, n])
            made = 0
            while made < 2:
                X, s, i = spins(rng, K, N), spins(rng, N), int(rng.integers(N))
                if decision_margin(X, s, i, n) > CLEAR:
                    made += 1
                    yield Case((X, s, i, n))
                elif n <= 5 and N == 12 and decision_margin(X, s, i, n) == 0:
                    yield Case((X, s, i, n), "tie")
    for N, K, n in ((200, 4, 2), (200, 5, 3), (140, 3, 2), (12, 6, 40), (12, 9, 40), (30, 7, 40), (12, 6, 41)):
        rng = np.random.default_rng([41, N, K, n])
        for _ in range(3):
            X, i = spins(rng, K, N), int(rng.integers(N))
            s = np.where(rng.random(N) < 0.1, -X[0], X[0]).astype(np.int8)
            if decision_margin(X, s, i, n) > CLEAR:
                yield Case((X, s, i, n), "large")


# Properties -----------------------------------------------------------------------------------------------------------


def brute_force(call: Call):
    """The chosen value of the spin is the one of lower energy, both computed in whole numbers."""
    for k in range(40):
        rng = np.random.default_rng([46, k])
        n = 2 + k % 6
        X, s = patterns_and_state(rng, 5, 6 if n <= 5 else 12)
        i = int(rng.integers(s.size))
        up, down = s.copy(), s.copy()
        up[i], down[i] = 1, -1
        difference = energy(X, down, n) - energy(X, up, n)
        wanted = int(s[i]) if difference == 0 else (1 if difference > 0 else -1)
        if call(X, s, i, n).ravel()[0] != wanted:
            words = f"E(s_i = -1) - E(s_i = +1) is {difference} here, so the spin should be {wanted}."
            return (X, s, i, n), words
    return None


def flipped(call: Call):
    """Flipping neuron i in every pattern and in the state flips the decision."""
    for k in range(10):
        rng = np.random.default_rng([47, k])
        X, s = patterns_and_state(rng, 4, 7)
        i, n = int(rng.integers(7)), 2 + k % 4
        other_X, other_s = X.copy(), s.copy()
        other_X[:, i] *= -1
        other_s[i] *= -1
        if call(X, s, i, n).ravel()[0] != -call(other_X, other_s, i, n).ravel()[0]:
            return (other_X, other_s, i, n), "Here neuron i was flipped, and the answer was not."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def _parts(X, s, i):
    """Overlaps, the pattern's column at spin i, and that spin, as Python integers in arrays of objects."""
    wide = X.astype(object)
    return wide @ s.astype(object), wide[:, i], int(s[i])


def opposite_sign(X, s, i, n):
    """E(+) - E(-) instead of E(-) - E(+)."""
    M, x, old = _parts(X, s, i)
    return decide(-sum(x * ((M - x * old + 1) ** n - (M - x * old - 1) ** n)), old)


def full_gradient(X, s, i, n):
    """F' of the full overlap: the spin votes for itself."""
    M, x, old = _parts(X, s, i)
    return decide(sum(x * n * M ** (n - 1)), old)


def self_included(X, s, i, n):
    """The difference around the full overlap."""
    M, x, old = _parts(X, s, i)
    return decide(sum(x * ((M + 1) ** n - (M - 1) ** n)), old)


def cavity_gradient(X, s, i, n):
    """F' of the cavity overlap: the leading order of the difference."""
    M, x, old = _parts(X, s, i)
    return decide(sum(x * n * (M - x * old) ** (n - 1)), old)


def no_pattern_sign(X, s, i, n):
    """The factor X[:, i] is forgotten."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return decide(sum((S + 1) ** n - (S - 1) ** n), old)


def raw_field(X, s, i, n):
    """The energy difference itself."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return int(sum(x * ((S + 1) ** n - (S - 1) ** n)))


def clipped_powers(X, s, i, n):
    """max(x**n, 0): rectified after the power."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return decide(sum(x * (np.maximum((S + 1) ** n, 0) - np.maximum((S - 1) ** n, 0))), old)


def clipped_overlaps(X, s, i, n):
    """max(x, 0)**n: the rectified memory."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return decide(sum(x * (np.maximum(S + 1, 0) ** n - np.maximum(S - 1, 0) ** n)), old)


def column_out(X, s, i, n):
    """The column taken out of the overlaps, without the spin."""
    M, x, old = _parts(X, s, i)
    S = M - x
    return decide(sum(x * ((S + 1) ** n - (S - 1) ** n)), old)


def spin_out(X, s, i, n):
    """The spin taken out of the overlaps, without the column."""
    M, x, old = _parts(X, s, i)
    S = M - old
    return decide(sum(x * ((S + 1) ** n - (S - 1) ** n)), old)


def summed_powers(X, s, i, n):
    """A sum of the two powers instead of their difference."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return decide(sum(x * ((S + 1) ** n + (S - 1) ** n)), old)


def classical_field(X, s, i, n):
    """The field of n = 2, whatever n is."""
    return one_spin(X, s, i, 2)


def zero_at_tie(X, s, i, n):
    """np.sign of the field, 0 at a tie."""
    M, x, old = _parts(X, s, i)
    S = M - x * old
    return decide(sum(x * ((S + 1) ** n - (S - 1) ** n)), old, tie=0)


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def spin_two_energies(X, s, i, n):
    """Brute force in Python integers."""
    rows = X.tolist()

    def energy(spin):
        state = s.tolist()
        state[i] = spin
        return -sum(sum(a * b for a, b in zip(row, state, strict=True)) ** n for row in rows)

    down, up = energy(-1), energy(1)
    return s[i] if down == up else (1 if up < down else -1)


def spin_floats(X, s, i, n):
    """Vectorised float64, powers scaled by a power of two."""
    Q = 2.0 ** np.ceil(np.log2(s.size + 1))
    S = X.astype(float) @ s - X[:, i] * float(s[i])
    D = X[:, i] @ (((S + 1) / Q) ** n - ((S - 1) / Q) ** n)
    return np.where(D > 0, 1, np.where(D < 0, -1, s[i]))


def spin_narrow_floats(X, s, i, n, kind=None):
    """float32 where it can hold the powers."""
    kind = kind or (np.float32 if n < 10 else np.float64)
    S = X.astype(kind) @ s.astype(kind) - X[:, i] * kind(s[i])
    D = X[:, i].astype(kind) @ ((S + 1) ** kind(n) - (S - 1) ** kind(n))
    return float(decide(D, s[i]))


def spin_float32(X, s, i, n):
    return spin_narrow_floats(X, s, i, n, np.float32)


def spin_column_out(X, s, i, n):
    S = X.astype(int) @ s - X[:, i]
    return decide(sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i])


def spin_spin_out(X, s, i, n):
    S = X.astype(int) @ s - s[i]
    return decide(sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i])


def spin_sum(X, s, i, n):
    S = X.astype(int) @ s - X[:, i] * s[i]
    return decide(sum(int(x) * ((int(a) + 1) ** n + (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True)), s[i])


def spin_listed(X, s, i, n):
    return [spin_two_energies(X, s, i, n)]


def spin_in_array(X, s, i, n):
    return np.array([spin_two_energies(X, s, i, n)])


def spin_text(X, s, i, n):
    return str(spin_two_energies(X, s, i, n))


def spin_int8(X, s, i, n):
    S = X @ s - X[:, i] * s[i]
    D = sum(int(x) * ((int(a) + 1) ** n - (int(a) - 1) ** n) for x, a in zip(X[:, i], S, strict=True))
    return decide(D, s[i])


def spin_int8_throughout(X, s, i, n):
    S = X @ s - X[:, i] * s[i]
    return decide(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])


def spin_int8_np_sign(X, s, i, n):
    S = X @ s - X[:, i] * s[i]
    return np.sign(np.sum(X[:, i] * ((S + 1) ** n - (S - 1) ** n)))


def spin_int8_energies(X, s, i, n):
    up, down = s.copy(), s.copy()
    up[i], down[i] = 1, -1
    energy = [-sum(int(m) ** n for m in X @ state) for state in (down, up)]
    return decide(energy[0] - energy[1], s[i])


def spin_int64(X, s, i, n):
    S = X.astype(int) @ s - X[:, i] * s[i]
    return decide(X[:, i] @ ((S + 1) ** n - (S - 1) ** n), s[i])


def _objects(X, s, i):
    x = X[:, i].astype(object)
    M = X.astype(object) @ s.astype(object)
    return M, M - x * int(s[i]), x


def spin_gradient(X, s, i, n):
    M, _, x = _objects(X, s, i)
    return decide((x * n * M ** (n - 1)).sum(), s[i])


def spin_cavity_gradient(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return decide((x * S ** (n - 1)).sum(), s[i])


def spin_no_cavity(X, s, i, n):
    M, _, x = _objects(X, s, i)
    return decide((x * ((M + 1) ** n - (M - 1) ** n)).sum(), s[i])


def spin_without_x(X, s, i, n):
    _, S, _ = _objects(X, s, i)
    return decide(((S + 1) ** n - (S - 1) ** n).sum(), s[i])


def spin_upside_down(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return decide((x * ((S - 1) ** n - (S + 1) ** n)).sum(), s[i])


def spin_np_sign(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return decide((x * ((S + 1) ** n - (S - 1) ** n)).sum(), 0)


def spin_tie_up(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return 1 if (x * ((S + 1) ** n - (S - 1) ** n)).sum() >= 0 else -1


def spin_field(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return (x * ((S + 1) ** n - (S - 1) ** n)).sum()


def spin_rectified_late(X, s, i, n):
    _, S, x = _objects(X, s, i)
    return decide((x * (np.maximum((S + 1) ** n, 0) - np.maximum((S - 1) ** n, 0))).sum(), s[i])


def spin_sets_state(X, s, i, n):
    s[i] = spin_two_energies(X, s, i, n)
    return s[i]


def spin_forgets_tie(X, s, i, n):
    _, S, x = _objects(X, s, i)
    D = (x * ((S + 1) ** n - (S - 1) ** n)).sum()
    if D != 0:
        return 1 if D > 0 else -1


def spin_state(X, s, i, n):
    s = s.copy()
    s[i] = spin_two_energies(X, s, i, n)
    return s


EXERCISE = Exercise(
    id="dense.1",
    title="The exact one-spin rule",
    points=2,
    minutes=10,
    level="◆◇◇",
    reference=one_spin,
    cases=cases,
    spins=True,
    edges=(("tie", TIE), ("large", OVERFLOW)),
    mistakes=(
        Mistake("Right but for the sign: it chooses the value of higher energy.", opposite_sign, ALMOST),
        Mistake(TIE_ZERO, zero_at_tie, ALMOST),
        Mistake("This is the field itself; the new value of the spin is its sign, -1 or +1.", raw_field),
        Mistake("The factor X[:, i] is missing: each pattern pulls to its own value.", no_pattern_sign),
        Mistake(f"{SELF} You took F' of the full overlap.", full_gradient),
        Mistake(f"{SELF} You took the difference around the full overlap.", self_included),
        Mistake(CAVITY, cavity_gradient),
        Mistake(f"{SHARE} you took X[:, i] alone out.", column_out),
        Mistake(f"{SHARE} you took s[i] alone out.", spin_out),
        Mistake("This adds the two powers; the rule takes their difference.", summed_powers),
        Mistake(CLIPPED, clipped_powers),
        Mistake(CLIPPED, clipped_overlaps),
        Mistake("This is the classical rule: n does not enter.", classical_field),
    ),
    int8_message=INT8,
    properties=(
        Property("the chosen value has the lower energy (brute force, whole numbers)", brute_force),
        Property("flipping neuron i everywhere flips the answer", flipped),
    ),
    mutants=Mutants(
        equivalent=(
            ("X[:, i] * s[i] -> X[:, i] / s[i]", "dividing by a spin is multiplying by it"),
            ("field > 0 -> field > 1", "every field is an even number"),
            ("field < 0 -> field < -1", "every field is an even number"),
        )
    ),
    success=(
        "The rule compares two energies, and needs neither: patterns that agree with spin i and those that "
        "do not differ only in F(S+1) - F(S-1). Next: what does it cost to do this for all spins?"
    ),
    right_answers=(spin_two_energies, spin_floats, spin_narrow_floats),
    wrong_answers=(
        (spin_int8, "write X.astype(int) @ s"),
        (spin_int64, "too large for the type"),
        (spin_gradient, "votes for itself"),
        (spin_no_cavity, "votes for itself"),
        (spin_cavity_gradient, "gradient F'(S)"),
        (spin_without_x, "X[:, i] is missing"),
        (spin_column_out, "you took X[:, i] alone out"),
        (spin_spin_out, "you took s[i] alone out"),
        (spin_sum, "adds the two powers"),
        (spin_upside_down, "sign"),
        (spin_np_sign, "np.sign(0) is 0"),
        (spin_tie_up, "keeps its old value."),
        (spin_field, "field itself"),
        (spin_rectified_late, "clip at 0"),
        (spin_sets_state, "changes its input s"),
        (spin_forgets_tie, "no `return`"),
        (spin_state, "shape"),
        (spin_int8_throughout, "wraps at 127"),
        (spin_int8_np_sign, "wraps at 127"),
        (spin_int8_energies, "wraps at 127"),
        (spin_listed, "shape (1,)"),
        (spin_in_array, "shape (1,)"),
        (spin_text, "got text"),
        (spin_float32, "too large for the type"),
    ),
)
