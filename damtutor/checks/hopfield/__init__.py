"""The exercises of chapter `hopfield`, as data."""

from damtutor.checks.engine.exercise import ALMOST, Exercise, Mistake, Mutants, Property, Reason, Tolerance
from damtutor.checks.hopfield import answers, inputs, laws, mistakes

INT8 = "X is int8 and wraps at 127, and so does what you compute from it: write X.astype(int) first."
LARGE = Reason("Right on small inputs; on large ones int8 wraps at 127. Cast X before you multiply.", ALMOST)
TIE = Reason("Right except at an exact tie: when the field is 0, the spin keeps its old value.", ALMOST)
TIE_ZERO = f"{TIE.words[:-1]}, and np.sign(0) is 0."
DEPENDENT = Reason(
    "Right while the patterns are independent. With a repeated, an opposite or an otherwise dependent pattern Q has no "
    "inverse: use np.linalg.pinv with a tolerance such as rcond=1e-9.",
    ALMOST,
)
ONE = "Only one sweep comes about, whatever `sweeps` says. Is the loop over sweeps the outer one?"
THRESHOLD = Reason("Right except at the threshold itself: at least 0.9 means that 0.9 is enough.", ALMOST)
EDGE = Reason("Right except where a field is 0: such a spin does not want to move.", ALMOST)

EXERCISES = (
    Exercise(
        id="hopfield.1",
        title="Couplings and energy",
        points=2,
        minutes=10,
        level="◆◇◇",
        reference=answers.energy,
        cases=inputs.energy_cases,
        tolerance=Tolerance(rtol=1e-5, atol=1e-5, words="to five digits"),
        edges=(("large", LARGE),),
        mistakes=(
            Mistake("Right but for the factor ½: the double sum counts each pair twice.", mistakes.no_half, ALMOST),
            Mistake("Right but for the diagonal: W_ii = K/N was kept; set it to 0.", mistakes.kept_diagonal, ALMOST),
            Mistake("The diagonal is 1 here; set it to 0.", mistakes.unit_diagonal),
            Mistake("1/N is missing in W. Decisions would not notice, the energy does.", mistakes.no_scale, ALMOST),
            Mistake("W is divided by K, the patterns; divide by N, the neurons.", mistakes.by_count),
            Mistake(
                "The overlaps stand here to the first power; the energy has their squares.",
                mistakes.overlaps_not_squared,
            ),
            Mistake("Right but for the sign: a stored pattern must lie low.", mistakes.wrong_sign, ALMOST),
        ),
        int8_message=INT8,
        mutants=Mutants(equivalent=(("-0.5 * s -> -0.5 / s", "dividing by a spin is multiplying by it"),)),
        properties=(Property("E(s) = E(-s), and E = (K - N Σ m²)/2", laws.negative_as_deep),),
        success=(
            "One number for each state. W is a sum over patterns, so E is a sum over squared overlaps: a negative is "
            "as deep as the memory. Next: what does the energy do when one spin decides?"
        ),
    ),
    Exercise(
        id="hopfield.2",
        title="Find the bug: a recall that never rests",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.recall,
        cases=inputs.recall_cases,
        spins=True,
        edges=(("tie", TIE),),
        mistakes=(
            Mistake(
                "This is still the broken recall: every spin in a sweep decides from the fields of its start.",
                mistakes.stale,
            ),
            Mistake("The fields are computed once, before the first sweep.", mistakes.stale_once),
            Mistake(
                "You take a bad sweep back. That hides the swap; the cause is a spin that does not see the last flip.",
                mistakes.energy_kept,
            ),
            Mistake(TIE_ZERO, mistakes.tie_zero, ALMOST),
            Mistake(f"{TIE.words} You make it +1.", mistakes.tie_up, ALMOST),
            Mistake(f"{TIE.words} You make it -1.", mistakes.tie_down, ALMOST),
            Mistake("Right but for the sign: each spin turns against its field, uphill.", mistakes.opposite, ALMOST),
            Mistake(ONE, mistakes.one_sweep),
            Mistake("You go on until nothing changes; `sweeps` says how many to make.", mistakes.until_rest),
            Mistake("The state comes back as it went in: no spin was ever changed.", mistakes.untouched),
            Mistake("The spins are visited backwards; the order is 0, 1, 2, ...", mistakes.backwards),
        ),
        across_cases=inputs.another_order,
        properties=(
            Property("no sweep raises the energy", laws.never_rises),
            Property("recall comes to rest", laws.comes_to_rest),
        ),
        success=(
            "A decision holds only for the state it was made from. With fresh fields every flip lowers the energy, "
            "and recall must come to rest. Next: what if it rests in the wrong place?"
        ),
    ),
    Exercise(
        id="hopfield.3",
        title="The projection rule, for any patterns",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.projection,
        cases=inputs.projection_cases,
        tolerance=Tolerance(rtol=1e-4, atol=1e-4, words="to 0.0001"),
        edges=(("dependent", DEPENDENT), ("large", LARGE)),
        mistakes=(
            Mistake(
                "Right but for the diagonal: kept, it freezes wrong spins with the right ones. Set it to 0.",
                mistakes.projector_kept,
                ALMOST,
            ),
            Mistake("This is Hebb's rule: Q does not enter.", mistakes.hebb),
            Mistake("Q stands here where its inverse should.", mistakes.not_inverted),
            Mistake("This is the square root of the inverse of Q.", mistakes.root),
            Mistake(
                "Right but for a factor: 1/N is missing in the last line, or was taken twice in Q.",
                mistakes.unscaled,
                ALMOST,
            ),
            Mistake("Right but for a factor: Q needs its 1/N, or W has one too many.", mistakes.scaled_twice, ALMOST),
            Mistake(
                "A number was added to Q to make it invertible. That blurs the patterns: use the pseudo-inverse.",
                mistakes.blurred,
            ),
        ),
        int8_message=INT8,
        properties=(Property("with its diagonal put back, W keeps every pattern", laws.keeps_patterns),),
        mutants=Mutants(equivalent=(("X.shape[1] -> X.shape[0]", "N cancels: it stands in Q and in the last line"),)),
        success=(
            "Likeness is divided out, and a repeated pattern counts once. Next: is every pattern that stays where it "
            "is also found again?"
        ),
    ),
    Exercise(
        id="hopfield.4",
        title="Where did it end?",
        points=2,
        minutes=10,
        level="◆◆◇",
        reference=answers.ending,
        cases=inputs.ending_cases,
        edges=(("threshold", THRESHOLD), ("large", LARGE)),
        mistakes=(
            Mistake(
                "A negative is counted as something else: compare |m|, and look at its sign then.",
                mistakes.negatives_unseen,
            ),
            Mistake("A negative is counted as a memory: its sign tells them apart.", mistakes.negative_is_memory),
            Mistake("The three patterns are added without the signs of their overlaps.", mistakes.plain_majority),
            Mistake("No mixture is ever found.", mistakes.no_mixtures),
            Mistake("You ask for an overlap of exactly 1; at least 0.9 is enough.", mistakes.exact_only),
            Mistake(THRESHOLD.words, mistakes.strictly_above, ALMOST),
            Mistake(
                "Ask for a memory or a negative first; a mixture is what is neither.", mistakes.mixture_first, ALMOST
            ),
            Mistake(
                "Three overlaps near one half are a hint, no proof: compare the state with the majority itself.",
                mistakes.halves,
            ),
            Mistake(
                "The mixture is made from the first three patterns; take those with the largest |m|.",
                mistakes.first_three,
            ),
        ),
        int8_message=INT8,
        properties=(Property("mixtures of any three, with any signs", laws.same_as_the_package),),
        mutants=Mutants(equivalent=(("int(signs[0]) -> signs[0]", "1.0 is 1"),)),
        success=(
            "A definition, written down and the same for every run: only now can ends be counted. Next: how does the "
            "split move when you change 0.9 to 0.8?"
        ),
    ),
    Exercise(
        id="hopfield.5",
        title="Break the claim: fixed, so it works",
        points=3,
        minutes=12,
        level="◆◆◆",
        core=False,
        reference=answers.stuck_bit,
        cases=inputs.stuck_cases,
        accept=inputs.accept_stuck,
        edges=(("tie", EDGE),),
        success=(
            "One wrong bit in a network whose patterns are all fixed, and recall does not move. With the diagonal "
            "removed such a bit has a field of 1 - W_ii against it, and turns back when it is asked first."
        ),
    ),
)
