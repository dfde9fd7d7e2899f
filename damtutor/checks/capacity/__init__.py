"""The exercises of chapter `capacity`, as data."""

from damtutor.checks.capacity import answers, inputs, laws, mistakes
from damtutor.checks.engine.exercise import ALMOST, Exercise, Mistake, Mutants, Property, Reason, Tolerance

OVERFLOW = Reason(
    "Right on small inputs, but on large ones the numbers are too large for the type: int8 ends at 127.", ALMOST
)
INT8 = "X.T @ X is int8 and wraps at 127: write X.astype(int) first."
HEBB, BELOW = "X.T.astype(int) @ X", "rng.random((6, N)) <"  # as they stand in the references
TIE = Reason("Right except at an exact tie: where the field is 0 the bit stays, so it is not wrong.", ALMOST)

EXERCISES = (
    Exercise(
        id="capacity.1",
        title="The stability of every stored bit",
        points=2,
        minutes=10,
        level="◆◇◇",
        reference=answers.stability,
        cases=inputs.stability_cases,
        tolerance=Tolerance(rtol=1e-4, atol=1e-4, words="to 0.0001"),
        edges=(("large", OVERFLOW),),
        mistakes=(
            Mistake(
                "The diagonal of W is kept: it adds K/N to every value, a vote of each neuron for itself.",
                mistakes.with_diagonal,
            ),
            Mistake("The factor 1/N of Hebb's rule is missing: every value is N times too large.", mistakes.unscaled),
            Mistake("This divides by the number of patterns K; Hebb's rule divides by N.", mistakes.over_patterns),
            Mistake(
                "These are the fields h_i; the stability is x_i h_i, positive where the bit stays.",
                mistakes.fields_only,
            ),
            Mistake(
                "This is the crosstalk alone: the signal of the pattern itself, (N-1)/N, is missing.",
                mistakes.crosstalk_only,
            ),
            Mistake("You took 1/N off the diagonal of W, which is K/N: set it to 0.", mistakes.one_vote_out),
            Mistake(
                "You took the overlap of each pattern with itself out, which is the signal. The diagonal to remove is "
                "that of W, (N, N).",
                mistakes.own_pattern_out,
            ),
            Mistake("These are signs only: keep the value, it says by how much.", mistakes.signs_only),
        ),
        int8_message=INT8,
        properties=(
            Property("the share of negative values is that of a Gaussian", laws.gaussian_share),
            Property("turning one neuron round in every pattern changes nothing", laws.turned_neuron),
        ),
        success=(
            "Signal 1, and crosstalk of variance K/N around it: the histogram of the lecture in three lines. Next: how "
            "many patterns may there be if not one bit of a pattern shall be negative?"
        ),
    ),
    Exercise(
        id="capacity.2",
        title="Not one wrong bit, at finite N",
        points=2,
        minutes=10,
        level="◆◆◇",
        reference=answers.kperfect,
        cases=inputs.perfect_cases,
        tolerance=Tolerance(rtol=0.005, atol=1.5, words="to 0.5 % or 1.5 patterns"),
        mistakes=(
            Mistake(
                "This is N/(2 ln N), the first term for huge N, a third too low here: solve the equation itself.",
                mistakes.asymptotic,
            ),
            Mistake(
                "This is N/(4 ln N): the first term for huge N, and for all patterns at once.", mistakes.asymptotic_all
            ),
            Mistake(
                "This asks that all K patterns are flawless, (1-p)**(N*K); here it is one of them, (1-p)**N.",
                mistakes.every_pattern,
            ),
            Mistake(
                "Nearly: p = (1-P)/N is the bound that adds up the risks of all bits. Bits as independent give "
                "1-p = P**(1/N).",
                mistakes.union_bound,
                ALMOST,
            ),
            Mistake(
                "You shared P out among the bits. P is the probability that all are right: 1-p = P**(1/N).",
                mistakes.shared_probability,
            ),
            Mistake(
                "This z belongs to a two-sided test: only crosstalk against the bit hurts, so Φ(-z) = p.",
                mistakes.two_sided,
            ),
            Mistake(
                "P is the probability that no bit is wrong; you solved (1-p)**N = 1-P, that some bit is.",
                mistakes.some_bit_wrong,
            ),
            Mistake("This is N z²; z² = N/K gives K = N/z².", mistakes.times_z),
            Mistake("z stands here to the first power; z² = N/K.", mistakes.z_not_squared),
            Mistake("This is the load K/N; the question is K.", mistakes.load_only),
            Mistake("This tolerates half a per cent of wrong bits; here none may be wrong.", mistakes.half_per_cent),
        ),
        properties=(
            Property("at this K a share P of random patterns is flawless", laws.flawless_share),
            Property("a larger P leaves room for fewer patterns", laws.falls_with_probability),
        ),
        mutants=Mutants(
            equivalent=(
                ("1 - P ** (1 / N) -> P ** (1 / N)", "z changes its sign, and only z**2 is used"),
                ("1 - p -> p", "z changes its sign, and only z**2 is used"),
            )
        ),
        success=(
            "N bits must all be right, so each must be right with probability P**(1/N): that is all. The formula "
            "N/(2 ln N) is what is left of it when N is beyond anything you can run."
        ),
    ),
    Exercise(
        id="capacity.3",
        title="Find the bug: a memory that is too good",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.error_rate,
        cases=inputs.rate_cases,
        tolerance=Tolerance(rtol=1e-4, atol=1e-6, words="to 0.01 %"),
        edges=(("tie", TIE), ("large", OVERFLOW)),
        mistakes=(
            Mistake(
                "This is still the broken rate: W keeps its diagonal K/N, and every neuron votes for itself.",
                mistakes.flattered,
            ),
            Mistake(
                "This takes the signal out: 1 is taken off every stability, by a unit matrix or a diagonal of X @ X.T. "
                "The diagonal to remove is that of W, which is K/N.",
                mistakes.signal_out,
            ),
            Mistake("You took 1/N off the diagonal of W, which is K/N: set it to 0.", mistakes.little_out),
            Mistake(
                "np.diag(W) is a vector, and W - np.diag(W) takes it off every row. Only the diagonal is to go: "
                "np.fill_diagonal(W, 0).",
                mistakes.vector_out,
            ),
            Mistake("You took the diagonal off twice.", mistakes.twice_out),
            Mistake("This is how many bits are wrong; the question is the share.", mistakes.counted),
            Mistake("This is in per cent; the question is the share, between 0 and 1.", mistakes.per_cent),
            Mistake("This is the share of bits that stay; the question is those that turn over.", mistakes.right_bits),
            Mistake(TIE.words, mistakes.ties_wrong, ALMOST),
            Mistake("This is the share of patterns with a wrong bit; the question is the bits.", mistakes.per_pattern),
        ),
        int8_message=INT8,
        properties=(Property("the share of wrong bits is that of a Gaussian", laws.gaussian_rate),),
        mutants=Mutants(
            equivalent=(
                (f"{HEBB} / X.shape[1] -> {HEBB} * X.shape[1]", "a sign does not depend on the scale of W"),
                (f"{HEBB} / X.shape[1] -> {HEBB}", "a sign does not depend on the scale of W"),
            )
        ),
        success=(
            "The kept diagonal shifts every stability by +K/N, so the error looks like Φ(-(1+α)/√α): the more you "
            "store, the more it flatters. In recall it freezes neurons in their errors. Always look where a "
            "measurement and a theory part."
        ),
    ),
    Exercise(
        id="capacity.4",
        title='Break the claim: "a load below 0.138 is safe"',
        points=3,
        minutes=10,
        level="◆◆◇",
        reference=answers.unsafe,
        cases=inputs.unsafe_cases,
        accept=inputs.accept_unsafe,
        mutants=Mutants(
            equivalent=(
                ("np.random.default_rng(seed) -> np.random", "other random patterns do as well"),
                (f"{BELOW} (1 + bias) / 2 -> {BELOW}= (1 + bias) / 2", "no random number is exactly 0.8"),
                (f"{BELOW} (1 + bias) / 2 -> {BELOW[:-1]}> (1 + bias) / 2", "a bias of -0.6 does as well"),
                ("1 + bias -> 1 - bias", "a bias of -0.6 does as well"),
                ("(6, N) -> (5, N)", "five of these patterns fail as well"),
                ("np.where(up, 1, -1).astype(np.int8) -> np.where(up, 1, -1)", "the same values in a wider type"),
            )
        ),
        success=(
            "Each bit that is a pattern's own is outvoted by the others, however many neurons there are. A load counts "
            "patterns; it does not see that they are alike. Can you do it with three?"
        ),
    ),
    Exercise(
        id="capacity.5",
        title="Design a control: overload or likeness?",
        points=3,
        minutes=15,
        level="◆◆◆",
        core=False,
        reference=answers.likeness,
        cases=inputs.likeness_cases,
        tolerance=Tolerance(rtol=1e-4, atol=1e-5, words="to 0.01 %"),
        edges=(("large", OVERFLOW),),
        mistakes=(
            Mistake("Every pattern is also compared with itself: leave the pairs μ = ν out.", mistakes.with_itself),
            Mistake(
                "np.triu_indices(K) still holds the diagonal, μ = ν; np.triu_indices(K, 1) leaves it out.",
                mistakes.diagonal_once,
            ),
            Mistake(
                "The second number is a mean of b_μ²; the question is b_μ b_ν over the pairs μ ≠ ν.",
                mistakes.own_squares,
            ),
            Mistake("The first number is a sum over the bits; divide it by N.", mistakes.overlap_sums),
            Mistake(
                "The second number is the square of one bias for the whole set; each pattern keeps its own: take the "
                "mean of b_μ b_ν over pairs μ ≠ ν.",
                mistakes.overall_bias,
            ),
            Mistake(
                "Shuffling keeps how many +1 a pattern has: two biased patterns overlap even then, by b_μ b_ν.",
                mistakes.fair_chance,
            ),
            Mistake("Right but for the order: first as stored, then shuffled.", mistakes.swapped, ALMOST),
            Mistake("You averaged sizes; overlaps of different signs must be allowed to cancel.", mistakes.absolute),
            Mistake(
                "You took the mean of each neuron over the patterns (axis=0); a pattern's bias is a mean over its "
                "neurons (axis=1).",
                mistakes.columns,
            ),
            Mistake("These are sums over the pairs; divide by their number K(K-1)/2.", mistakes.whole_sum),
        ),
        int8_message="X @ X.T is int8 and wraps at 127: write X.astype(int) first.",
        properties=(
            Property("averaged over shuffles, the first number becomes the second", laws.shuffled_on_average),
            Property("the order of the patterns does not matter", laws.any_order),
        ),
        success=(
            "The control changes one thing, where the ink is, and leaves another, how much there is. If recall comes "
            "back, likeness was to blame; if not, compare with fair patterns of the same number."
        ),
    ),
)
