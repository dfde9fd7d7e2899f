"""A recall whose neurons all see the state at the start of a sweep: find the bug."""

import numpy as np

from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Mutants, Property, Reason

TIE = Reason("Right except at an exact tie: when the field is 0, the neuron keeps its value.", ALMOST)
OWN = Reason("Right only where W has a zero diagonal: take out what the neuron says to itself, W[i, i] * s[i].", ALMOST)
ONE = "Only one sweep comes about, whatever `sweeps` says. Is the loop over sweeps the outer one?"
STALE = "Every neuron in a sweep sees the state of its start: this is the broken loop, all together in disguise."


def recall(W, b, s, sweeps):
    """The state after some sweeps, one neuron at a time: 0, 1, 2, ..."""
    s = s.copy()
    for _ in range(sweeps):
        for i in range(len(s)):
            field = W[i] @ s - W[i, i] * s[i] + b[i]
            if field > 0:
                s[i] = 1
            elif field < 0:
                s[i] = -1
    return s


# Cases ----------------------------------------------------------------------------------------------------------------


def _network(rng, size, diagonal):
    W = rng.integers(-3, 4, (size, size))
    W = np.triu(W, 1)
    W = W + W.T
    if diagonal:
        W = W + np.diag(rng.integers(-5, 6, size))
    return W.astype(float)


def cases():
    """W, b, s, sweeps: plain networks, ties, and a diagonal that must not count."""
    two, none = np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros(2)
    for first in (-1, 1):
        yield Case((two, none, np.array([first, -first]), 1))
    yield Case((np.zeros((2, 2)), np.array([1.0, -1.0]), np.array([-1, 1]), 1))
    for old in (-1, 1):
        yield Case((np.zeros((1, 1)), np.zeros(1), np.array([old]), 1), "tie")
        yield Case((two, np.array([1.0, 0.0]), np.array([old, -1]), 2), "tie")
    for size, sweeps in ((3, 1), (4, 1), (5, 2), (8, 1), (8, 3), (12, 2)):
        for rep in range(6):
            rng = np.random.default_rng([62, size, sweeps, rep])
            W, s = _network(rng, size, rep >= 3), rng.choice([-1, 1], size)
            b = rng.integers(-3, 4, size).astype(float)
            edge = "tie" if _ties(W, b, s, sweeps) else ("diagonal" if rep >= 3 else "")
            yield Case((W, b, s, sweeps), edge)


def _ties(W, b, s, sweeps):
    s = s.copy()
    for i in list(range(len(s))) * sweeps:
        field = W[i] @ s - W[i, i] * s[i] + b[i]
        if field == 0:
            return True
        s[i] = np.sign(field)
    return False


# Properties -----------------------------------------------------------------------------------------------------------


def height(W, b, s):
    """-½ s·W s - b·s without the diagonal, which is the same for all states."""
    V = W - np.diag(np.diag(W))
    return -0.5 * s @ V @ s - b @ s


def never_rises(call: Call):
    """No sweep raises the energy."""
    for k in range(10):
        rng = np.random.default_rng([65, k])
        W = np.triu(rng.integers(-3, 4, (10, 10)), 1).astype(float)
        W, b, s = W + W.T, rng.integers(-2, 3, 10).astype(float), rng.choice([-1, 1], 10)
        for _ in range(4):
            after = call(W, b, s, 1).astype(int)
            if height(W, b, after) > height(W, b, s):
                return (W, b, s, 1), f"The energy goes from {height(W, b, s):g} up to {height(W, b, after):g}."
            s = after
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def faulty_recall(W, b, s, sweeps, *, stale=False, own=False, tie=None, outside=1, sign=1):
    """A recall with one thing wrong."""
    s = s.copy()
    for _ in range(sweeps):
        seen = s.copy()
        for i in range(len(s)):
            used = seen if stale else s
            field = sign * (W[i] @ used - (0 if own else W[i, i] * used[i]) + outside * b[i])
            s[i] = (s[i] if tie is None else tie) if field == 0 else (1 if field > 0 else -1)
    return s


def old_state(W, b, s, sweeps):
    """The broken loop: every neuron sees the state at the start of the sweep."""
    return faulty_recall(W, b, s, sweeps, stale=True, own=True)


def old_state_no_diagonal(W, b, s, sweeps):
    """The same, with the diagonal taken out."""
    return faulty_recall(W, b, s, sweeps, stale=True)


def diagonal_kept(W, b, s, sweeps):
    """A neuron counts its own vote."""
    return faulty_recall(W, b, s, sweeps, own=True)


def tie_zero(W, b, s, sweeps):
    """np.sign at a tie."""
    return faulty_recall(W, b, s, sweeps, tie=0)


def tie_up(W, b, s, sweeps):
    """+1 at a tie."""
    return faulty_recall(W, b, s, sweeps, tie=1)


def tie_down(W, b, s, sweeps):
    """-1 at a tie."""
    return faulty_recall(W, b, s, sweeps, tie=-1)


def no_outside(W, b, s, sweeps):
    """b forgotten."""
    return faulty_recall(W, b, s, sweeps, outside=0)


def uphill(W, b, s, sweeps):
    """The other sign."""
    return faulty_recall(W, b, s, sweeps, sign=-1)


def one_sweep(W, b, s, sweeps):
    """One sweep only."""
    return recall(W, b, s, 1)


def until_rest(W, b, s, sweeps):
    """Sweeps until nothing changes."""
    return recall(W, b, s, 50)


def untouched(W, b, s, sweeps):
    """The state as it came."""
    return s


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def _sign(value, old):
    return 1 if value > 0 else -1 if value < 0 else old


def recall_zeroed(W, b, s, sweeps):
    """The diagonal taken out once, before the loops."""
    V, s = W.copy(), s.astype(float)
    np.fill_diagonal(V, 0)
    for i in list(range(len(s))) * sweeps:
        s[i] = _sign(V[i] @ s + b[i], s[i])
    return s


def recall_energies(W, b, s, sweeps):
    """Two whole energies a neuron."""
    s = s.tolist()

    def height(state):
        a = np.array(state)
        return -a @ W @ a / 2 - b @ a

    for _ in range(sweeps):
        for i in range(len(s)):
            up, down = ([*s[:i], spin, *s[i + 1 :]] for spin in (1, -1))
            s[i] = _sign(height(down) - height(up), s[i])
    return s


def recall_listed(W, b, s, sweeps):
    """No array."""
    s, N = [int(v) for v in s], len(s)
    for _ in range(sweeps):
        for i in range(N):
            s[i] = _sign(sum(W[i][j] * s[j] for j in range(N) if j != i) + b[i], s[i])
    return tuple(s)


def _recall(W, b, s, sweeps, order=None, fresh=True, own=False, tie=None, push=1.0):
    s = s.copy()
    for _ in range(sweeps):
        old = s.copy()
        for i in order or range(len(s)):
            t = s if fresh else old
            field = W[i] @ t - (0 if own else W[i, i] * t[i]) + push * b[i]
            s[i] = _sign(field, s[i] if tie is None else tie)
    return s


def recall_broken(W, b, s, sweeps):
    s = s.copy()
    for _ in range(sweeps):
        field = W @ s + b
        for i in range(len(s)):
            if field[i] > 0:
                s[i] = 1
            elif field[i] < 0:
                s[i] = -1
    return s


def recall_stale(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, fresh=False)


def recall_own_vote(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, own=True)


def recall_np_sign(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, tie=0)


def recall_tie_up(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, tie=1)


def recall_no_push(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, push=0.0)


def recall_minus(W, b, s, sweeps):
    return _recall(-W, -b, s, sweeps)


def recall_inside_out(W, b, s, sweeps):
    s = s.copy()
    for i in range(len(s)):
        for _ in range(sweeps):
            field = W[i] @ s - W[i, i] * s[i] + b[i]
            s[i] = 1 if field > 0 else -1 if field < 0 else s[i]
    return s


def recall_once(W, b, s, sweeps):
    return _recall(W, b, s, 1)


def recall_to_rest(W, b, s, sweeps):
    return _recall(W, b, s, 60)


def recall_backwards(W, b, s, sweeps):
    return _recall(W, b, s, sweeps, order=range(len(s))[::-1])


def recall_in_place(W, b, s, sweeps):
    s[:] = _recall(W, b, s, sweeps)
    return s


def recall_nothing(W, b, s, sweeps):
    return s.copy()


def recall_fields(W, b, s, sweeps):
    return W @ s + b


EXERCISE = Exercise(
    id="energy.3",
    title="Find the bug: one at a time?",
    points=3,
    minutes=12,
    level="◆◆◇",
    reference=recall,
    cases=cases,
    spins=True,
    edges=(("tie", TIE), ("diagonal", OWN)),
    mistakes=(
        Mistake(STALE, old_state),
        Mistake(STALE, old_state_no_diagonal),
        Mistake(OWN.words, diagonal_kept, ALMOST),
        Mistake(f"{TIE.words[:-1]}, and np.sign(0) is 0.", tie_zero, ALMOST),
        Mistake(TIE.words, tie_up, ALMOST),
        Mistake(TIE.words, tie_down, ALMOST),
        Mistake("b, the push from outside, does not enter.", no_outside),
        Mistake("The sign is turned round: a positive field means +1.", uphill),
        Mistake(ONE, one_sweep),
        Mistake("You go on until nothing changes; `sweeps` says how many to make.", until_rest),
        Mistake("The state comes back as it went in: no neuron was ever changed.", untouched),
    ),
    properties=(Property("no sweep raises the energy", never_rises),),
    mutants=Mutants(equivalent=(("W[i, i] * s[i] -> W[i, i] / s[i]", "dividing by a spin is multiplying by it"),)),
    success=(
        "One line moved into the loop, and the guarantee holds: each neuron answers to a state that is still "
        "there. Where else have you seen a loop that reads what it is about to change?"
    ),
    right_answers=(recall_zeroed, recall_energies, recall_listed),
    wrong_answers=(
        (recall_broken, "the broken loop"),
        (recall_stale, "the broken loop"),
        (recall_own_vote, "says to itself"),
        (recall_np_sign, "np.sign(0) is 0"),
        (recall_tie_up, "keeps its value"),
        (recall_no_push, "push from outside"),
        (recall_minus, "sign is turned round"),
        (recall_once, "Only one sweep"),
        (recall_inside_out, "Is the loop over sweeps the outer one?"),
        (recall_to_rest, "until nothing changes"),
        (recall_backwards, "another value than the definition"),
        (recall_in_place, "changes its input s"),
        (recall_nothing, "no neuron was ever changed"),
        (recall_fields, "-1 or +1"),
    ),
)
