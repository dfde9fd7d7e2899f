"""Values that make attention walk from key to key: break the claim."""

import itertools

import numpy as np

from damtutor.checks.attention.common import EXACT, numbers
from damtutor.checks.engine.exercise import ALMOST, Call, Case, Exercise, Mistake, Property, Reason

LEAK = Reason("Right without a leak, a = 1. With a < 1 the state goes only a part of the way to the value.", ALMOST)
ALONE = Reason("Right for tours of two or more; a tour of one key leaves that key as it is.", ALMOST)


def round_trip(K, tour, a):
    """Values with which x + a (f - x) walks from key to key on the tour."""
    V = K.copy()
    for t, here in enumerate(tour):
        after = tour[(t + 1) % len(tour)]
        V[here] = K[here] + (K[after] - K[here]) / a
    return V


# Cases ----------------------------------------------------------------------------------------------------------------


def cases():
    """K, tour, a: some or all of the keys in the order of the walk, with and without a leak."""
    tours = (
        (3, 2, [0, 1, 2]),
        (4, 2, [2, 0, 3, 1]),
        (5, 3, [1, 3, 4]),
        (6, 4, [5, 4, 0, 2]),
        (6, 6, [3, 1, 0, 5, 2, 4]),
    )
    for k, (T, d, tour) in enumerate(tours):
        keys = numbers(np.random.default_rng([64, k]), (T, d))
        for a in (1.0, 0.5, 0.3):
            yield Case((keys, np.array(tour), a), "" if a == 1 else "leak")
    keys = numbers(np.random.default_rng([64, 99]), (3, 2))
    yield Case((keys, np.array([1]), 0.5), "alone")


# Properties -----------------------------------------------------------------------------------------------------------


def walks_the_tour(call: Call):
    """At a large β, repeated attention from a key of the tour goes round it, three times over, with a leak or not."""
    for k in range(6):
        rng = np.random.default_rng([70, k])
        K, a = rng.standard_normal((7, 16)), (1.0, 0.5)[k % 2]
        tour = rng.permutation(7)[: 3 + k % 4]
        V, x, seen = call(K, tour, a), K[tour[0]], []
        for _ in range(3 * len(tour)):
            scores = 20 * K @ x
            weights = np.exp(scores - scores.max())
            seen.append(int(weights.argmax()))
            x = x + a * (weights @ V / weights.sum() - x)
        wanted = np.tile(tour, 3).tolist()
        if seen != wanted:
            return (K, tour, a), f"The walk visits {seen[: len(tour) + 1]}, not {wanted[: len(tour) + 1]}."
    return None


# Mistakes that the check names ----------------------------------------------------------------------------------------


def toured(K, tour, after, a):
    """Values that lead from the keys of the tour to the keys `after`."""
    V = K.copy()
    V[tour] = K[tour] + (K[after] - K[tour]) / a
    return V


def backwards(K, tour, a):
    """Each key leads to the one before it."""
    return toured(K, tour, np.roll(tour, 1), a)


def one_way(K, tour, a):
    """The last key of the tour keeps itself: the walk ends there."""
    return toured(K, tour, [*tour[1:], tour[-1]], a)


def no_leak(K, tour, a):
    """The value is the next key, whatever `a` is."""
    return toured(K, tour, np.roll(tour, -1), 1.0)


def short_leak(K, tour, a):
    """The way is multiplied by a instead of divided."""
    return toured(K, tour, np.roll(tour, -1), 1 / a)


def from_origin(K, tour, a):
    """The next key divided by a: farther from the origin, not from the key."""
    V = K.copy()
    V[tour] = K[np.roll(tour, -1)] / a
    return V


def own_order(K, tour, a):
    """Key 0 leads to key 1 and so on, whatever `tour` says."""
    rows = np.arange(len(K))
    return toured(K, rows, np.roll(rows, -1), a)


def tour_order(K, tour, a):
    """The way to the next key, in the first rows instead of the rows of the tour."""
    V = K.copy()
    V[: len(tour)] = toured(K, tour, np.roll(tour, -1), a)[tour]
    return V


def rest_zero(K, tour, a):
    """Keys that are not on the tour have the value 0."""
    V = np.zeros_like(K)
    V[tour] = toured(K, tour, np.roll(tour, -1), a)[tour]
    return V


def tied(K, tour, a):
    """V = K: every key keeps itself."""
    return K.copy()


def only_the_way(K, tour, a):
    """The way to the next key, without the key it starts from."""
    V = K.copy()
    V[tour] = (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def read_from_values(K, tour, a):
    """The next key is read from V, whose first row has changed when the tour closes."""
    V = K.copy()
    for here, after in zip(tour, np.roll(tour, -1), strict=True):
        V[here] = V[here] + (V[after] - V[here]) / a
    return V


# Right and wrong answers as learners write them -----------------------------------------------------------------------


def tour_rolled(K, tour, a):
    V = K.copy()
    V[tour] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_solved(K, tour, a):
    """Row by row: K[after] = (1 - a) K[here] + a V[here]."""
    after = dict(zip(tour.tolist(), [*tour.tolist()[1:], int(tour[0])], strict=True))
    return [((K[after.get(i, i)] - (1 - a) * K[i]) / a).tolist() for i in range(len(K))]


def tour_backwards(K, tour, a):
    V = K.copy()
    V[tour] = K[tour] + (K[np.roll(tour, 1)] - K[tour]) / a
    return V


def tour_open(K, tour, a):
    V = K.copy()
    for here, after in itertools.pairwise(tour):
        V[here] = K[here] + (K[after] - K[here]) / a
    return V


def tour_plain(K, tour, a):
    V = K.copy()
    V[tour] = K[np.roll(tour, -1)]
    return V


def tour_shortened(K, tour, a):
    V = K.copy()
    V[tour] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) * a
    return V


def tour_scaled(K, tour, a):
    V = K.copy()
    V[tour] = K[np.roll(tour, -1)] / a
    return V


def tour_all(K, tour, a):
    return K + (np.roll(K, -1, axis=0) - K) / a


def tour_rest_empty(K, tour, a):
    V = np.zeros_like(K)
    V[tour] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_tied(K, tour, a):
    return K + 0.0


def tour_way(K, tour, a):
    V = K.copy()
    V[tour] = (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_first_rows(K, tour, a):
    V = K.copy()
    V[: len(tour)] = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    return V


def tour_changes_keys(K, tour, a):
    new = K[tour] + (K[np.roll(tour, -1)] - K[tour]) / a
    K[tour] = new
    return K


def tour_in_one_array(K, tour, a):
    V = K.copy()
    for t in range(len(tour)):
        here, after = tour[t], tour[(t + 1) % len(tour)]
        V[here] += (V[after] - V[here]) / a
    return V


EXERCISE = Exercise(
    id="attention.4",
    title="Break the claim: repeated attention descends an energy",
    points=3,
    minutes=15,
    level="◆◆◆",
    reference=round_trip,
    cases=cases,
    tolerance=EXACT,
    edges=(("leak", LEAK), ("alone", ALONE)),
    mistakes=(
        Mistake("The walk goes round the other way: a key leads to the key *after* it.", backwards),
        Mistake("The last key of the tour keeps itself, so the walk ends there. Close the circle.", one_way),
        Mistake(
            "Right without a leak. With a < 1 the state goes a part of the way only: put the value farther out.",
            no_leak,
            ALMOST,
        ),
        Mistake("The way is shortened by the leak already: divide by a, do not multiply.", short_leak),
        Mistake(
            "This moves the next key away from the origin; move it away from the key where the step starts.",
            from_origin,
        ),
        Mistake("This goes through all keys in their own order; `tour` names another.", own_order),
        Mistake("The values stand in the first rows. Row i of V belongs to key i.", tour_order),
        Mistake("Keys that are not on the tour keep themselves as their value.", rest_zero, ALMOST),
        Mistake("This is V = K: attention then descends, and the claim stands.", tied),
        Mistake("This is the way to the next key; add the key where it starts.", only_the_way),
        Mistake(
            "The last key of the tour leads to what V has become in the first row; it leads to K[tour[0]].",
            read_from_values,
        ),
    ),
    properties=(Property("attention walks the tour", walks_the_tour),),
    success=(
        "After one round the state is where it was, so whatever fell on the way has risen again: no energy, of "
        "whatever form, falls at every step. Free values make a memory of *sequences*."
    ),
    right_answers=[tour_rolled, tour_solved],
    wrong_answers=[
        (tour_backwards, "the other way"),
        (tour_open, "Close the circle"),
        (tour_plain, "put the value farther out"),
        (tour_shortened, "do not multiply"),
        (tour_scaled, "away from the origin"),
        (tour_all, "`tour` names another"),
        (tour_rest_empty, "not on the tour keep themselves"),
        (tour_tied, "the claim stands"),
        (tour_way, "add the key where it starts"),
        (tour_first_rows, "Row i of V belongs to key i"),
        (tour_changes_keys, "changes its input K"),
        (tour_in_one_array, "leads to K[tour[0]]"),
    ],
)
