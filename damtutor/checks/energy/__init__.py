"""The exercises of chapter `energy`, as data."""

from damtutor.checks.energy import answers, inputs, laws, mistakes
from damtutor.checks.engine.exercise import ALMOST, Exercise, Mistake, Mutants, Property, Reason, Tolerance

CLOSE = Tolerance(rtol=1e-4, atol=1e-5, words="to four digits")
RIM = Reason("Right except on the rim: a memory at a distance of exactly R is out of reach.", ALMOST)
ALONE = Reason("Right except beyond every reach: without any memory near, the state stays where it is.", ALMOST)
TIE = Reason("Right except at an exact tie: when the field is 0, the neuron keeps its value.", ALMOST)
FAR = Reason("Right only where every memory is within reach: one beyond adds 0 to Φ, so clip each term before you sum.")
OWN = Reason("Right only where W has a zero diagonal: take out what the neuron says to itself, W[i, i] * s[i].", ALMOST)
ONE = "Only one sweep comes about, whatever `sweeps` says. Is the loop over sweeps the outer one?"
STALE = "Every neuron in a sweep sees the state of its start: this is the broken loop, all together in disguise."

EXERCISES = (
    Exercise(
        id="energy.1",
        title="The height of a point",
        points=2,
        minutes=8,
        level="◆◇◇",
        reference=answers.energy,
        cases=inputs.energy_cases,
        tolerance=CLOSE,
        edges=(("far", FAR),),
        mistakes=(
            Mistake("The logarithm is missing: this is -Φ, and E = -log Φ.", mistakes.no_log),
            Mistake("Right but for the sign: this is log Φ, high where memories are.", mistakes.no_minus, ALMOST),
            Mistake(FAR.words, mistakes.no_clip),
            Mistake(FAR.words, mistakes.clipped_sum),
            Mistake("The distance stands here to the first power; the kernel has its square.", mistakes.not_squared),
            Mistake("R stands here to the first power; it is squared, as distances are.", mistakes.radius_not_squared),
            Mistake("The logarithm comes after the sum: -log of Φ, not the sum of logs.", mistakes.log_of_each),
            Mistake("Φ is the sum over the memories, not their mean.", mistakes.mean_not_sum),
            Mistake(
                "Each coordinate has a term of its own here: sum the squares of a row first.", mistakes.each_coordinate
            ),
        ),
        properties=(Property("moving and doubling everything, R too, changes nothing", laws.moved_together),),
        success=(
            "Low where memories are, and additive: two memories within reach lie deeper than one. That is why "
            "overlapping reaches make a valley of their own. Next: how does a ball go down?"
        ),
    ),
    Exercise(
        id="energy.2",
        title="One step downhill",
        points=2,
        minutes=8,
        level="◆◇◇",
        reference=answers.step,
        cases=inputs.step_cases,
        tolerance=CLOSE,
        edges=(("rim", RIM), ("alone", ALONE)),
        mistakes=(
            Mistake("This is the mean of all memories: only those closer than R count.", mistakes.mean_of_all),
            Mistake("This is the nearest memory: a step goes to the mean of all within reach.", mistakes.nearest),
            Mistake(RIM.words, mistakes.on_the_rim, ALMOST),
            Mistake(f"{ALONE.words[:-1]}; you go to the mean of all.", mistakes.beyond_mean, ALMOST),
            Mistake(f"{ALONE.words[:-1]}; you go to the origin.", mistakes.beyond_zero, ALMOST),
            Mistake(
                "You weigh near memories more. The slope of 1 - |x - X|²/R² makes all within reach count alike.",
                mistakes.weighted,
            ),
            Mistake("You compare the squared distance with R: compare it with R**2.", mistakes.radius_plain),
            Mistake("You divide by K: divide by the number of memories within reach.", mistakes.divided_by_all),
            Mistake("This goes half of the way: a step goes to the mean itself.", mistakes.half_way),
        ),
        properties=(Property("the energy falls by at least |x' - x|²/R²", laws.falls_enough),),
        success=(
            "No step size, no slope to compute, and the bound of the lecture holds at every step. "
            "Next: what goes wrong when such a promise is made for one move and used for another?"
        ),
    ),
    Exercise(
        id="energy.3",
        title="Find the bug: one at a time?",
        points=3,
        minutes=12,
        level="◆◆◇",
        reference=answers.recall,
        cases=inputs.recall_cases,
        spins=True,
        edges=(("tie", TIE), ("diagonal", OWN)),
        mistakes=(
            Mistake(STALE, mistakes.old_state),
            Mistake(STALE, mistakes.old_state_no_diagonal),
            Mistake(OWN.words, mistakes.diagonal_kept, ALMOST),
            Mistake(f"{TIE.words[:-1]}, and np.sign(0) is 0.", mistakes.tie_zero, ALMOST),
            Mistake(TIE.words, mistakes.tie_up, ALMOST),
            Mistake(TIE.words, mistakes.tie_down, ALMOST),
            Mistake("b, the push from outside, does not enter.", mistakes.no_outside),
            Mistake("The sign is turned round: a positive field means +1.", mistakes.uphill),
            Mistake(ONE, mistakes.one_sweep),
            Mistake("You go on until nothing changes; `sweeps` says how many to make.", mistakes.until_rest),
            Mistake("The state comes back as it went in: no neuron was ever changed.", mistakes.untouched),
        ),
        properties=(Property("no sweep raises the energy", laws.never_rises),),
        mutants=Mutants(equivalent=(("W[i, i] * s[i] -> W[i, i] / s[i]", "dividing by a spin is multiplying by it"),)),
        success=(
            "One line moved into the loop, and the guarantee holds: each neuron answers to a state that is still "
            "there. Where else have you seen a loop that reads what it is about to change?"
        ),
    ),
    Exercise(
        id="energy.4",
        title="Break the claim: K memories, K resting places",
        points=3,
        minutes=12,
        level="◆◆◇",
        reference=answers.counterexample,
        cases=inputs.claim_cases,
        accept=inputs.accept_claim,
        mutants=Mutants(equivalent=(("2 * np.pi -> 2 + np.pi", "any set that breaks the claim is accepted"),)),
        success=(
            "Both ways: overlapping reaches make places that nobody stored, and a crowd within one reach becomes one. "
            "The number of resting places is a matter of distances, not of how much you stored."
        ),
    ),
    Exercise(
        id="energy.5",
        title="Design: how many drops?",
        points=2,
        minutes=10,
        level="◆◆◇",
        core=False,
        reference=answers.drops,
        cases=inputs.drop_cases,
        tolerance=Tolerance(rtol=0.005, atol=1.0, words="to 0.5 % or one drop"),
        mistakes=(
            Mistake("This holds in 68 % of cases, one standard error; 95 % needs 1.96 of them.", mistakes.one_sigma),
            Mistake("± width is half of the interval; you took the width for the whole.", mistakes.whole_width),
            Mistake("The width is not squared: half the width needs four times the drops.", mistakes.width_plain),
            Mistake("1.96 stands here to the first power; it is squared with the width.", mistakes.z_plain),
            Mistake("This is for a share of ½, the worst case; the share is given.", mistakes.worst_case),
            Mistake("The variance of one drop is share * (1 - share), not share.", mistakes.rare),
            Mistake("Here the width is read as a fraction of the share; it is meant as it stands.", mistakes.relative),
            Mistake("1.645 leaves 5 % on one side; ± needs 2.5 % on each, 1.96.", mistakes.one_sided),
            Mistake("You took the root of the variance: the drops go with the variance.", mistakes.standard_deviation),
            Mistake("This is the root of the number of drops: square both sides.", mistakes.not_solved),
            Mistake("Right but for 2 in place of 1.96, which asks for 4 % too many.", mistakes.two_sigma, ALMOST),
        ),
        properties=(Property("with this many drops 95 % of measured shares lie within ± width", laws.covers),),
        mutants=Mutants(
            equivalent=(
                (
                    "math.ceil(1.96 ** 2 * share * (1 - share) / width ** 2) -> "
                    "1.96 ** 2 * share * (1 - share) / width ** 2",
                    "less than one drop of difference",
                ),
            )
        ),
        success=(
            "Four times the drops for half the width: that is what every error bar in this course costs. "
            "Choose the width first, then the number of trials."
        ),
    ),
)
