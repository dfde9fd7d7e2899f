"""The exercises of chapter `dense`, as data."""

from damtutor.checks.dense import answers, inputs, laws, mistakes
from damtutor.checks.engine.exercise import ALMOST, Exercise, Mistake, Mutants, Property, Reason, Tolerance

TIE = Reason("Right except at an exact tie: when the field is 0, the spin keeps its old value.", ALMOST)
TIE_ZERO = f"{TIE.words[:-1]}, and np.sign(0) is 0."
OVERFLOW = Reason(
    "Right on small inputs, but on large ones the numbers are too large for the type: int8 ends at 127, int64 at "
    "9.2e18 (11**40 is more), float32 at 3.4e38. Cast before you multiply, or use Python's own integers.",
    ALMOST,
)
INT8 = "X @ s is int8 and wraps at 127, and so does what you compute from it: write X.astype(int) @ s."
LATE = "The overlaps are refreshed after s[i] was overwritten, so that new - s[i] is 0: refresh them first."
VISIT = Reason("Right when each spin is visited once; `visit` may leave spins out or name one twice.")
SELF = "The spin votes for itself: use the cavity overlap, which leaves spin i out."
CLIPPED = "You clip at 0. Here F(x) = x**n for negative x too: an odd power stays negative, an even one is positive."
SHARE = "The spin's own share in an overlap is X[:, i] * s[i];"
BACK = "The overlaps are corrected in the wrong direction: they change by X[:, i] * (new - old)."
HALF = "After a flip the overlaps move by half of what they should: the spin changes by new - old, which is 2, not 1."
CAVITY = "This is the gradient F'(S), the leading order of the rule: use the difference F(S+1) - F(S-1)."

EXERCISES = (
    Exercise(
        id="dense.1",
        title="The exact one-spin rule",
        points=2,
        minutes=10,
        level="◆◇◇",
        reference=answers.one_spin,
        cases=inputs.spin_cases,
        spins=True,
        edges=(("tie", TIE), ("large", OVERFLOW)),
        mistakes=(
            Mistake("Right but for the sign: it chooses the value of higher energy.", mistakes.opposite_sign, ALMOST),
            Mistake(TIE_ZERO, mistakes.zero_at_tie, ALMOST),
            Mistake("This is the field itself; the new value of the spin is its sign, -1 or +1.", mistakes.raw_field),
            Mistake("The factor X[:, i] is missing: each pattern pulls to its own value.", mistakes.no_pattern_sign),
            Mistake(f"{SELF} You took F' of the full overlap.", mistakes.full_gradient),
            Mistake(f"{SELF} You took the difference around the full overlap.", mistakes.self_included),
            Mistake(CAVITY, mistakes.cavity_gradient),
            Mistake(f"{SHARE} you took X[:, i] alone out.", mistakes.column_out),
            Mistake(f"{SHARE} you took s[i] alone out.", mistakes.spin_out),
            Mistake("This adds the two powers; the rule takes their difference.", mistakes.summed_powers),
            Mistake(CLIPPED, mistakes.clipped_powers),
            Mistake(CLIPPED, mistakes.clipped_overlaps),
            Mistake("This is the classical rule: n does not enter.", mistakes.classical_field),
        ),
        int8_message=INT8,
        properties=(
            Property("the chosen value has the lower energy (brute force, whole numbers)", laws.brute_force),
            Property("flipping neuron i everywhere flips the answer", laws.flipped),
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
    ),
    Exercise(
        id="dense.2",
        title="A sweep at O(K) per spin",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.sweep,
        cases=inputs.sweep_cases,
        spins=True,
        edges=(("tie", TIE), ("large", OVERFLOW), ("visit", VISIT)),
        mistakes=(
            Mistake(LATE, mistakes.late, matches_source=mistakes.reads_after_writing),
            Mistake(
                "Every spin decided from the old state: the overlaps are not refreshed after a flip.", mistakes.stale
            ),
            Mistake(HALF, mistakes.half_step),
            Mistake(BACK, mistakes.backward_step),
            Mistake(TIE_ZERO, mistakes.tie_zero, ALMOST),
            Mistake(TIE.words, mistakes.tie_up, ALMOST),
            Mistake("The state comes back as it went in: no spin was ever changed.", mistakes.untouched),
            Mistake("The spins are visited in the order 0, 1, 2, ...; `visit` names another.", mistakes.natural_order),
            Mistake(SELF, mistakes.self_in_sweep),
            Mistake(CAVITY, mistakes.cavity_in_sweep),
        ),
        int8_message=INT8,
        properties=(
            Property("no visit raises the energy", laws.never_rises),
            Property("a sweep in two parts is the same sweep", laws.in_two_parts),
        ),
        remarks=(laws.work_of_a_sweep,),
        success=(
            "Each decision sees every flip before it. If it reads one column, and only a flip corrects the K overlaps, "
            "as in the package's kernels, then 1000 neurons and 20000 patterns take seconds, not hours: try it."
        ),
    ),
    Exercise(
        id="dense.3",
        title="How many patterns fit",
        points=2,
        minutes=10,
        level="◆◆◇",
        reference=answers.kmax,
        cases=inputs.capacity_cases,
        tolerance=Tolerance(rtol=0.005, atol=1.0, words="to 0.5 % or one pattern"),
        mistakes=(
            Mistake(
                "(2n-3)! is not (2n-3)!!: the double factorial takes every second number.", mistakes.plain_factorial
            ),
            Mistake(
                "This has (2n-1)!!, one factor too many: the field has n-1 powers of S, its square 2n-2.",
                mistakes.next_double_factorial,
            ),
            Mistake(
                "This has (2n-5)!!, one factor too few; note that range(1, m, 2) ends before m.",
                mistakes.last_double_factorial,
            ),
            Mistake("The noise factor (2n-3)!! is missing.", mistakes.no_factorial),
            Mistake(
                "This z belongs to a two-sided test: only crosstalk against the bit hurts, so Φ(-z) = p.",
                mistakes.two_sided,
            ),
            Mistake(
                "Right but for a factor 2: twice as many patterns fit into the rectified memory, where half of the "
                "noise vanishes.",
                mistakes.rectified_capacity,
                ALMOST,
            ),
            Mistake(
                "z is negative here: it is inv_cdf(1 - p), not inv_cdf(p). And the variance needs z**2.",
                mistakes.negative_z,
            ),
            Mistake("z stands here to the first power; the variance needs z**2.", mistakes.z_not_squared),
            Mistake(
                "p stands here in the place of z: z is the number that a Gaussian exceeds with probability p.",
                mistakes.error_for_z,
            ),
            Mistake("z**2 stands above; solving for K brings it below.", mistakes.times_z),
            Mistake("(2n-3)!! stands above; it is noise, and more noise leaves room for less.", mistakes.times_noise),
            Mistake("N**n is one power too high: the signal is a field, N**(n-1).", mistakes.power_n),
            Mistake(
                "This is the formula for a pattern with no error at all; here a share p may be wrong.",
                mistakes.perfect_recall,
            ),
        ),
        properties=(
            Property("measured with random patterns, a share p of the bits is wrong at K", laws.measured_error),
        ),
        mutants=Mutants(
            equivalent=(
                ("1 - p -> p", "z changes its sign, and only z**2 is used"),
                ("2 * n - 2 -> 2 * n - 1", "the numbers are odd: ending one later adds none"),
            )
        ),
        success=(
            "Signal N**(n-1) against noise whose variance counts (2n-3)!! ways to pair up. "
            "Your K held in a measurement too. Next: at which N does n = 3 beat n = 2 by a factor of ten?"
        ),
    ),
    Exercise(
        id="dense.4",
        title="Find the bug: a recall that freezes",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.recall,
        cases=inputs.recall_cases,
        spins=True,
        edges=(("tie", TIE), ("large", OVERFLOW)),
        mistakes=(
            Mistake(LATE, mistakes.late_recall, matches_source=mistakes.reads_after_writing),
            Mistake(
                f"This is still the broken recall. {SELF}",
                mistakes.self_in_recall,
            ),
            Mistake("The spin's own share is added once more: x * s[i] must come off.", mistakes.doubled_recall),
            Mistake(
                "The spin's own share in an overlap is x * s[i], not x: it depends on the spin.", mistakes.column_recall
            ),
            Mistake(CAVITY, mistakes.cavity_in_recall),
            Mistake(
                "Every spin in a sweep decides from the overlaps of its start: they are not refreshed after a flip.",
                mistakes.stale_recall,
            ),
            Mistake("Only one sweep is made, whatever `sweeps` says.", mistakes.one_sweep),
            Mistake("You go on until nothing changes; `sweeps` says how many to make.", mistakes.until_rest),
            Mistake(HALF, mistakes.half_recall),
            Mistake(BACK, mistakes.backward_recall),
            Mistake(TIE_ZERO, mistakes.tie_zero_recall, ALMOST),
            Mistake(TIE.words, mistakes.tie_up_recall, ALMOST),
        ),
        int8_message=INT8,
        across_cases=inputs.another_order,
        properties=(Property("no sweep raises the energy", laws.recall_never_rises),),
        success=(
            "Without its own vote a spin hears only the others, and a wrong bit can be overruled. The frozen recall "
            "passed every test of the energy, for what never moves never climbs. Chapter 02 has such a vote too: where?"
        ),
    ),
    Exercise(
        id="dense.5",
        title="Break the claim: 2^(N/2) patterns, all stable",
        points=3,
        minutes=10,
        level="◆◆◆",
        core=False,
        reference=answers.unstable_pair,
        cases=inputs.pair_cases,
        accept=inputs.accept_pair,
        edges=(("large", OVERFLOW),),
        int8_message="X @ X.T is int8 and wraps at 127, and np.exp of int8 is a mere float16: write X.astype(int) @ X.T.",
        across_cases=inputs.order_of_pairs,
        mutants=Mutants(
            equivalent=(
                (
                    "pairs[0] -> pairs[1]",
                    "the table is symmetric: every pair stands in it twice, and any pair is accepted",
                ),
                ("pairs[0] -> pairs[-1]", "any pair is accepted"),
                ("energy[0] > energy[1] -> energy[0] >= energy[1]", "at equal energies both orders are right"),
            )
        ),
        success=(
            "One flip leads from the first pattern to a state that is no higher, so it is no strict minimum; no energy "
            "makes both strict minima. The birthday bound counts such pairs: at N = 16 half of all sets have one from "
            "M = 75 on."
        ),
    ),
)
