"""Every experiment with one bad argument at a time, and under settings of the caller that raise on underflow."""

from __future__ import annotations

import random
import warnings
import zlib

import numpy as np
import pytest
from bad_values import BAD, complaint
from measurements import CALLS, few_digits
from public_calls import Call, modules, recorded

from damtutor.experiments import adaptive, attention, capacity, classifier, diffusion, dynamics, modern, protocols
from damtutor.models.interactions import Power

TRIED = 4  # bad values an argument, drawn by its name
TURNED = {  # arguments whose message is that of what is made of them
    "experiments.capacity.step_together": {"states"},  # the state of `step`
    "experiments.diffusion.ring_profile": {"radius"},
    "experiments.modern.basin_shares": {"low", "high"},
    **{
        f"experiments.modern.{name}": {"noise", "kick"} for name in ("hysteresis", "one_step_errors", "one_step_recall")
    },
}


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    return recorded(modules(["experiments"]), (), CALLS)


def test_a_bad_argument_is_named(calls):
    assert len(calls) > 120
    wrong = []
    for call in calls:
        for name in call.arguments.keys() - TURNED.get(call.name, set()):
            draw = random.Random(zlib.crc32(f"{call.name}.{name}".encode()))
            for label in draw.sample(sorted(BAD.keys() - {"a function", "a class", "a long line"}), TRIED):
                if said := complaint(call, name, label):
                    wrong.append(f"{call.name}({name}={label}): {said}")
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_harmless_underflow_ends_no_measurement(call):
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        call()


REFUSED = [
    (lambda: adaptive.fixed_rows(None), r"asked is None; expected queries\(50.0\)"),
    (lambda: adaptive.queries(50.0, number=6, noise=()), "noise: empty"),
    (lambda: adaptive.sweep_rows(3, 3, 0.1), r"damages: shape \(\)"),
    (lambda: classifier.exponential_completion(np.eye(3)), r"data is .*; expected split\(\)"),
    (lambda: classifier.decisions(None, np.eye(3), np.eye(3)), "model is None; expected a Classifier"),
    (lambda: classifier.completion_table(few_digits(), 2), "orders is 2; expected a list of whole numbers"),
    (lambda: attention.asymmetry_of_random_maps(tied="no", trials=2), "tied is 'no'; expected True or False"),
    (lambda: attention.random_keys(10**6, 10**6), "expected at most 2..31"),
    (lambda: modern.clustered_vectors(10**6, 10**3, 10**3), "expected at most 2..31"),
    (lambda: dynamics.mean_trajectory([{}]), "trials: {} among them; expected results of trajectory_trial"),
    (lambda: protocols.count_at(20, 1e-9, 3), "load is 1e-09: 0 patterns of 20"),
    (lambda: capacity.one_step_error(20, 5, Power(2), seed=(0, 7)), r"seed is \(0, 7\); expected a whole number >= 0"),
]


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_what_was_refused_from_inside_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_a_whole_float_is_a_count():
    setting = {"size": 20, "reduced_load": 0.1, "overlap": 0.8, "steps": 2, "targets": 2}
    expected = dynamics.trajectory_trial((0, 1), order=3, **setting)
    assert dynamics.trajectory_trial((0, 1), order=3.0, **setting) == expected
    np.testing.assert_equal(
        adaptive.queries(50.0, number=3, seed=2.0)[1:], adaptive.queries(50.0, number=3, seed=2)[1:]
    )
    found = [diffusion.circle(4, 0.2, drops=drops, grid=grid) for drops, grid in ((5, 64), (5.0, 64.0))]
    np.testing.assert_equal(found[1]._asdict(), found[0]._asdict())
