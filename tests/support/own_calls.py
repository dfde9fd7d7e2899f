"""Right calls of public functions whose docstrings have no example, for the tests of bad arguments."""

from __future__ import annotations

from damtutor import (
    CompactMemory,
    DenseAM,
    Hopfield,
    ModernHopfield,
    MultiHead,
    Power,
    TwoBody,
    TwoGroup,
    attention,
    hebb,
    lagrangian,
    numerics,
    patterns,
    projection,
    storkey,
    text,
)
from damtutor.learning.couplings import hebb_counts
from damtutor.memory import as_memory
from damtutor.models import attention as attending
from damtutor.models import transformer
from damtutor.models.lagrangians import Identity, LogSumExp
from damtutor.rng import Rng32

X = [[1, 1, 1, -1, -1, -1], [1, -1, 1, -1, 1, -1]]
S = [1, 1, -1, -1, -1, -1]
REAL = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.5]]
AT = [0.5, 0.25]


def networks_of_spins():
    for model in (Hopfield(X), DenseAM(X, Power(3)), TwoBody(X, Power(3))):
        model.retrieve(S, rng=0, max_sweeps=4, record="flips")
        model.step(S, rng=0)
        model.energy(S)
        model.overlaps(S)
        as_memory(model)
    for model in (Hopfield(X), DenseAM(X, Power(3))):
        model.fields(S)
        model.settle([S], max_sweeps=4)
    network = Hopfield.from_weights(hebb(X), external=[0.0] * 6, patterns=X)
    network.pair_energy(S, S)
    for rule in (hebb_counts, projection, storkey):
        rule(X, keep_diagonal=True)


def memories_of_real_patterns():
    for model in (ModernHopfield(REAL, 4.0), CompactMemory(REAL, 1.0)):
        model.retrieve(AT, max_sweeps=5, record="states")
        model.settle([AT], max_sweeps=5)
        model.step(AT)
        model.energy(AT)
        model.overlaps(AT)
    memory = ModernHopfield(REAL, 4.0)
    memory.weights(AT)
    memory.n_eff(AT)
    memory.jacobian(AT)
    memory.newton(AT, max_steps=5)
    memory.fixed_points([AT], newton_from=[AT], max_sweeps=9)
    CompactMemory(REAL, 1.0).within_reach(AT)


def groups():
    for model in (TwoGroup.model_a(X), TwoGroup.model_c(REAL, LogSumExp(2.0)), TwoGroup.model_b(REAL, 2.0)):
        v = [0.5] * model.size
        state = model.awake(v)
        model.asleep(v)
        model.energy(state)
        model.overlaps(state)
        model.dissipation(state)
        model.adiabatic_energy(v)
        model.adiabatic_rhs(v)
        model.step(state)
        model.run(state, 0.5, points=2)
        model.adiabatic_run(v, 0.5, points=2)
        model.retrieve(state, max_sweeps=1)
    TwoGroup(REAL, Identity(), LogSumExp(2.0), external=[0.0, 0.0])
    lagrangian("tanh", beta=2.0).value(AT)


def attending_to_keys():
    attention([AT], REAL, REAL, 1.0, [True, True, False])
    attending.attention_weights([AT], REAL, 1.0, [True, True, False])
    attending.retrieval_energy([AT], REAL, 1.0, [True, True, False])
    attending.attention_jacobian(AT, REAL, REAL, 1.0)
    attending.asymmetry([[1.0, 2.0], [0.0, 1.0]])
    attending.causal_mask(2, 3)
    attending.padding_mask([1, 2], 3)
    layer = MultiHead.random(2, 2, 3, rng=0)
    layer(REAL, REAL, [True, True, False])
    layer.per_head(REAL, REAL)
    layer.weights(0, REAL)
    layer.operands(0, REAL)
    MultiHead([[[1.0]]], [[[1.0]]], [[[1.0]]], [[1.0]])
    transformer.from_retrieval(REAL, REAL, [[1.0], [0.0]], [[1.0], [0.0]])
    transformer.to_retrieval(REAL, REAL)
    transformer.layer_norm(REAL)
    transformer.iterate([AT], REAL, steps=2)


def the_ground():
    patterns.random_patterns(2, 4, rng=0)
    patterns.clustered_patterns(2, 2, 4, agreement=0.9, rng=0)
    patterns.latent_patterns(2, 4, rank=1, rng=0)
    patterns.overlap_matrix(X)
    patterns.flip(S, 2, rng=0)
    patterns.noise(S, 0.1, rng=0)
    patterns.mask(S, [True] * 6)
    patterns.digits([1, 2], each=2, rng=0)
    patterns.letters("AB", side=6)
    numerics.logsumexp(AT)
    numerics.softmax(AT)
    numerics.log_mean_exp(REAL)
    numerics.complex_gradient(lambda x: (x * x).sum(), AT)
    rng = Rng32(3)
    rng.below(5)
    rng.permutation(4)
    rng.choose(4, 2)
    rng.signs(4)
    words = text.tokens("the king and the queen and the king")
    chosen = text.vocabulary(words, 3)
    text.ppmi(text.cooccurrence(words, chosen, window=2))
    vectors = text.embed(words, count=3, window=2, size=2)
    vectors.of("king")
    vectors.known("king of men")
    vectors.nearest("king", 2)


CALLS = (networks_of_spins, memories_of_real_patterns, groups, attending_to_keys, the_ground)
