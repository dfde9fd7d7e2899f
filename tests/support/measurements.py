"""A short call of every public function of `experiments`, for the tests that try them all."""

from __future__ import annotations

import numpy as np

from damtutor import Classifier, DenseAM, Hopfield, ModernHopfield, Power, TwoGroup, hebb, text
from damtutor.experiments import (
    adaptive,
    adversary,
    attacks,
    attention,
    capacity,
    classical,
    classifier,
    completion,
    consolidation,
    corruption,
    denoising,
    diffusion,
    dynamics,
    end_states,
    energy_transformer,
    exponential,
    guarantees,
    learning,
    modern,
    protocols,
    recall,
    two_group,
)
from damtutor.models.completion import Completion, PatchMemory
from damtutor.models.diffusion import exact_denoiser
from damtutor.patterns import random_patterns

X = random_patterns(3, 20, rng=1)
DENSE, NETWORK, CUBE = DenseAM(X, Power(3)), Hopfield(X), Power(3)
R = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
SEED = (0, 1)


def few_digits() -> classifier.Split:
    data = classifier.split()
    return classifier.Split(data.images[:60], data.labels[:60], data.test_images[:9], data.test_labels[:9])


def stopping():
    adaptive.digit_memory(20.0, count=10)
    asked = adaptive.queries(50.0, number=6, noise=(0.1,))
    adaptive.fixed_rows(asked, (1, 2))
    adaptive.halting_rows(asked, (1e-3,))
    adaptive.alarm(asked, tolerance=1e-3)
    adaptive.noise_rows(50.0, (0.1,), number=4)
    adaptive.margin_correlation(asked)
    adaptive.sweep_rows(3, 3, (0.1,), size=20, trials=2)
    adaptive.auc([1.0, 2.0], [True, False])


def attacking():
    adversary.under_attack(DENSE, X[0], X[0], 0.1, "each-step", sweeps=2, rng=0)
    adversary.attack_count(0.1, 20)
    adversary.adversary_trial(SEED, size=20, count=3, rho=0.1, convention="each-step", sweeps=2)
    attacks.attacked_spins(DENSE, X[0], X[0], 2, "weakest-once", rng=0)
    attacks.broken(DENSE, X[0], X[0], orders=2, fails=1, rng=0)
    attacks.break_point(DENSE, X[0], "weakest-once", orders=2, fails=1)
    attacks.margin_attack(X, 0, CUBE)
    attacks.attack_trial(SEED, size=12, count=2, attack="weakest-once", orders=2, fails=1)
    attacks.margin_trial(SEED, size=12, count=2)


def repeating():
    words = text.tokens("the king and the queen and the king of men")
    attention.repeat_attention(4, 3, noise=0.1, steps=2, seeds=2)
    attention.with_words(text.embed(words, count=4, window=2, size=2), (2, 3), steps=1, seeds=2)
    attention.random_keys(3, 2, rng=0)
    attention.rise_of_plain_residual(4)
    attention.asymmetry_of_random_maps(trials=3)
    attention.edge_of_forgetting((4, 200), size=8, steps=3, seeds=2)


def filling():
    capacity.wrong_bits(X, CUBE, 2)
    capacity.stabilities(20, 3, CUBE, rows=2)
    capacity.one_step_error(20, 5, Power(2), bits=200)
    capacity.all_stable(12, 3, CUBE, sets=2)
    capacity.strictly_stable(X, CUBE, 2)
    capacity.one_step_overlap(12, 3, CUBE, 2, sets=2, rows=2)
    capacity.capacity_curve(Power(2), [40], error=0.05, bits=2000)
    capacity.perfect_recall(20, Power(2), sets=40)
    exponential.one_stable(8, 4, sets=2)
    exponential.half_stable_count(8, sets=30)
    exponential.collapse(8, (0.9,), sets=4)
    exponential.recovery(8, 4, 0.1, sets=2, rows=2)


def networks():
    classical.final_overlap(20, 3, sets=2, max_sweeps=5)
    classical.glauber_overlap(20, 2, 0.5, sets=2, warmup=2, sweeps=2)
    classical.fixed_and_recalled("hebb", 20, 2, queries=2, sets=2)
    classical.cycles(NETWORK, 3, max_sweeps=5)
    classical.recall_rate(NETWORK, 2, queries=3)
    classical.random_recall_rate(20, 2, sets=2, queries=2)
    learning.ends(hebb(X), X, flips=1, trials=1, starts=2)
    learning.epoch_table(X, epochs=(0, 1), seeds=2, flips=1)
    learning.rule_row(X, "hebb", seeds=2)
    end_states.classify(X, X[0])
    end_states.mixture(X, [0, 1, 2], [1, 1, 1])
    end_states.tally([end_states.classify(X, X[0])], [0.1])
    end_states.random_starts(5, 2)
    end_states.end_states(NETWORK, 3, max_sweeps=5)


def classifying():
    data = few_digits()
    classifier.references(data)
    classifier.completion_table(data, (2,))
    classifier.exponential_completion(data)
    votes = Classifier(np.array([[1.0, 1, -1], [-1, 1, 1]]), np.eye(2) * 2 - 1, 2, 1.0)
    classifier.decisions(votes, [[1.0, 1, -1]], [[1.0, 1, -1], [-1, 1, 1]])
    classifier.order_table(data, (2,), seeds=2, epochs=1)
    consolidation.errors(data.images, data)
    consolidation.memory_row(data, 3, steps=2)


def completing():
    data = completion.digits(stored=20, shown=2)
    completion.shift(data.shown, 2)
    completion.patches(data.shown)
    damaged = completion.damage(data.shown, "lower half")
    model = Completion(PatchMemory(data.stored, 8, 1.0))
    completion.complete(model, damaged, steps=2)
    completion.errors(data.shown, damaged)
    completion.nearest_image(data.stored, damaged)
    completion.table({"whole": model}, data, steps=1)
    completion.shared_dictionary(data.stored, 2)


def corrupting():
    corruption.recover(DENSE, X[0], X[0], sweeps=2, rng=0)
    corruption.corrupted(X[0], [0.1], rng=0)
    corruption.corruption_trial(SEED, size=20, corruptions=[0.1], count=2, sweeps=2)
    corruption.rate_trial(SEED, corruption=0.1, size=20, count=2)
    corruption.log_rate([{"success": True, "sweeps": 2}], 200)
    corruption.correlated_trial(SEED, size=20, count=2, corruption=0.1)
    guarantees.least_margins(X[:, :6])
    guarantees.true_radius(X[:, :6])
    guarantees.certificate_trial(SEED, size=10, count=2)
    guarantees.wrong_bit_trial(SEED, size=20, load=0.01, overlap=0.6)
    guarantees.fixed_point_trial(SEED, size=20, count=2)


def blurring():
    denoise = exact_denoiser(R)
    diffusion.on_circle([0.0, 1.0])
    diffusion.circle_points(3)
    diffusion.ring_profile(R, 0.5, [0.0, 1.0])
    diffusion.phase_of(1.0, 2.0)
    diffusion.nearest_phase(R, R, 0.1)
    diffusion.circle(4, 0.2, drops=5)
    diffusion.circle_table((4,), 0.2, sets=2, drops=5)
    diffusion.valley_radius(1.0, count=16)
    diffusion.merging_threshold(1.0, digits=1)
    diffusion.distinct(R, 0.1)
    diffusion.nearest_distances(R, R)
    denoising.digits_split()
    denoising.digits_table((1.0,), (5,), queries=3, max_sweeps=10)
    denoising.draw(denoise, 2, 2, steps=3)
    denoising.sample_shares(R, R)
    denoising.denoising_loss(denoise, R, draws=3)
    denoising.phase_table((2,), seeds=1, steps=2, samples=3, twins=(0.25,))


def following():
    setting = {"size": 20, "order": 3, "reduced_load": 0.1, "overlap": 0.8, "targets": 2}
    dynamics.memory_of(X, 3)
    dynamics.damaged(X, 2, rng=0)
    dynamics.follow(DENSE, X, X, 2)
    dynamics.mean_trajectory([dynamics.trajectory_trial((0, k), steps=2, **setting) for k in (0, 1)])
    dynamics.sequential_trial(SEED, sweeps=2, **setting)
    block = energy_transformer.random_block(0)
    energy_transformer.losses(energy_transformer.attention_only(block), block.tokens, steps=2)
    energy_transformer.rises(cases=1, steps=2)
    two_group.adiabatic_error(TwoGroup.model_b(R, 2.0), [0.5, 0.2], [0.1], time=0.1)
    two_group.over_filling(16, [8], sets=2)
    two_group.rising_share(size=8, count=2, states=3)


def moving():
    modern.unit_vectors(3, 2, rng=0)
    modern.clustered_vectors(3, 2, 2, rng=0)
    modern.fixed_point_counts(R, [2.0])
    modern.branches(R, [2.0])
    modern.one_step_errors(3, 2, 1.0, trials=2)
    modern.one_step_recall(3, 2, 1.0, trials=20)
    modern.hysteresis(R, [1.0, 2.0], dwell=2)
    modern.basin_shares(ModernHopfield(R, 4.0), 4)
    modern.keys_with_own_minimum(4, 3, sets=2, keys=2)


def recalling():
    protocols.count_at(20, 0.1, 2)
    protocols.flips_of(20, 0.5)
    protocols.drawn_memory(SEED, 20, 2, 3)
    found = recall.recall(NETWORK, 2, targets=[0])
    recall.judge(NETWORK, X, X, [0, 1, 2])
    recall.nearest_neighbour(NETWORK, found)
    recall.energy_path(NETWORK, X[0], X[1])
    recall.relative_path(NETWORK, X[0], X[1])
    recall.basin(20, 2, CUBE, 2, sets=2, queries=1)


CALLS = (
    *(stopping, attacking, repeating, filling, networks, classifying, completing, corrupting),
    *(blurring, following, moving, recalling),
)
