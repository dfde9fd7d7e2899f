"""The exercises of chapter `modern`, as data."""

from damtutor.checks.engine.exercise import ALMOST, Exercise, Mistake, Mutants, Property, Reason, Tolerance
from damtutor.checks.modern import answers, inputs, laws, mistakes

OVERFLOW = Reason(
    "Right for small β, but for large β the exponentials leave the floats: exp(710) is inf, and inf/inf is NaN; "
    "exp(-750) is 0, and log(0) is -inf. Subtract the largest score, β included, before exp.",
    ALMOST,
)
FLAT = Reason("Right where the memories fill all directions, and wrong where they lie on a line or in a plane.")
LONGEST = "M is the norm of the longest memory, a row of X: add up the squares of each row, then take the largest sum."
ROWS = (
    "np.cov takes each row for a variable, so this is the covariance between memories, (K, K). Wanted is the one "
    "between coordinates, (d, d): give it X.T, and bias=True."
)
MILLIONTH = Tolerance(rtol=1e-6, atol=1e-8, words="to a millionth")
SHARP = "at large β the best match has weight exp(0) and all others next to none: the sum is 1 already"

EXERCISES = (
    Exercise(
        id="modern.1",
        title="An energy that does not overflow",
        points=2,
        minutes=10,
        level="◆◇◇",
        reference=answers.energy,
        cases=inputs.energy_cases,
        tolerance=MILLIONTH,
        edges=(("large", OVERFLOW),),
        mistakes=(
            Mistake("The first term is not divided by β: it is log-sum-exp over β.", mistakes.no_division),
            Mistake("β is missing in the exponent: the scores are β times the dot products.", mistakes.no_beta_inside),
            Mistake("The constant log(K)/β is missing.", mistakes.no_log_K, ALMOST),
            Mistake("The constant M²/2 is missing.", mistakes.no_largest, ALMOST),
            Mistake("Both constants are missing: log(K)/β and M²/2.", mistakes.no_constants, ALMOST),
            Mistake("|x|² enters with the factor one half.", mistakes.whole_square, ALMOST),
            Mistake("The sign of the first term: a good match must lower the energy.", mistakes.plus_lse, ALMOST),
            Mistake("M is the largest norm, and it enters squared: M²/2.", mistakes.M_not_squared, ALMOST),
            Mistake(
                "The largest score was taken out before exp and is not put back: add it after the log.",
                mistakes.top_lost,
                ALMOST,
            ),
            Mistake(
                "The largest score comes back outside the division: all of it, score and log, is divided by β.",
                mistakes.top_undivided,
                ALMOST,
            ),
            Mistake(LONGEST, mistakes.largest_number),
            Mistake(LONGEST, mistakes.largest_column),
            Mistake("log(K) counts the memories, the rows of X; this counts the numbers in one.", mistakes.log_d),
        ),
        properties=(
            Property("the energy is never negative", laws.never_negative),
            Property("with one memory it is half the squared distance", laws.one_memory),
        ),
        success=(
            "The largest score goes out of the sum before exp and comes back after log, so nothing can overflow. "
            "Next: what does the energy become for β → ∞? Half the squared distance to which memory?"
        ),
    ),
    Exercise(
        id="modern.2",
        title="One step of any size",
        points=2,
        minutes=10,
        level="◆◇◇",
        reference=answers.step,
        cases=inputs.step_cases,
        tolerance=MILLIONTH,
        edges=(("large", OVERFLOW),),
        mistakes=(
            Mistake(
                "This is x + a f, the residual of a transformer: the way to f is f - x, and without the -x the energy "
                "may rise.",
                mistakes.no_leak,
            ),
            Mistake("The step size a does not enter: this is f itself.", mistakes.always_one),
            Mistake("a and 1 - a are exchanged: a = 1 must give f, and a = 0 must stay.", mistakes.exchanged),
            Mistake("This goes away from f, uphill: the sign of the step.", mistakes.backwards, ALMOST),
            Mistake("β is missing: this is the softmax of X x, not of β X x.", mistakes.no_beta),
            Mistake(
                "The scores are divided by β; they are multiplied by it: 1/β is the temperature.", mistakes.over_beta
            ),
            Mistake("This takes the best match alone; the softmax average takes a part of each.", mistakes.hardest),
            Mistake("The weights do not add up to one: divide by their sum.", mistakes.not_normalised),
            Mistake("These weights are the scores themselves: exp is missing.", mistakes.linear_weights),
        ),
        properties=(Property("the energy falls by at least a (1 - a/2) |f - x|² for a below 2", laws.falls_enough),),
        success=(
            "The energy falls for every a between 0 and 2, whatever β and the memories are. "
            "Next: which a needs the fewest steps close to a split, where one step of size 1 hardly moves?"
        ),
    ),
    Exercise(
        id="modern.3",
        title="When the average is lost",
        points=2,
        minutes=10,
        level="◆◆◇",
        reference=answers.critical_beta,
        cases=inputs.critical_cases,
        tolerance=MILLIONTH,
        edges=(("flat", FLAT),),
        mistakes=(
            Mistake(
                "Right but for a factor: the covariance here has the divisor K; np.cov has K - 1 unless you say "
                "bias=True.",
                mistakes.sample_covariance,
                ALMOST,
            ),
            Mistake(ROWS, mistakes.cov_of_rows),
            Mistake(ROWS, mistakes.cov_of_rows_biased),
            Mistake("The memories are not centred: take their mean away first.", mistakes.not_centred),
            Mistake("Divided by d; the covariance is an average over the K memories.", mistakes.divided_by_d),
            Mistake("The covariance is an average over memories: divide by K.", mistakes.not_divided, ALMOST),
            Mistake("This uses the sum of all eigenvalues, the trace; the largest one alone decides.", mistakes.trace),
            Mistake("This is λ_max; β_c is one over it.", mistakes.eigenvalue, ALMOST),
            Mistake("This is one over a standard deviation; β_c is one over a variance.", mistakes.root),
            Mistake("This uses the smallest eigenvalue; the push grows first along the largest.", mistakes.smallest),
            Mistake("The mean is taken over the wrong axis: one memory is a row.", mistakes.wrong_mean),
            Mistake(
                "This is the largest variance of one coordinate; the widest direction may lie aslant.",
                mistakes.widest_coordinate,
            ),
        ),
        properties=(Property("measured on polygons, a push dies out below β_c and grows above it", laws.split),),
        success=(
            "One direction decides: the one in which the memories differ most. Your β_c held in a measurement too. "
            "Next: store every memory twice. What happens to β_c?"
        ),
    ),
    Exercise(
        id="modern.4",
        title="Find the bug: right for one, right for all",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.batch_step,
        cases=inputs.batch_cases,
        tolerance=MILLIONTH,
        edges=(("large", OVERFLOW),),
        mistakes=(
            Mistake(
                "This is still the broken step: the sums of the rows meet the columns. Every row must be divided by "
                "its own sum.",
                mistakes.broken,
            ),
            Mistake("This softmax runs over the states, axis 0; it must run over the memories.", mistakes.over_batch),
            Mistake("One softmax over the whole table: each row must add up to one.", mistakes.over_everything),
            Mistake("The weights are not divided by their sum.", mistakes.not_divided_batch),
            Mistake("These are the weights; the new states are weights @ X.", mistakes.returns_weights),
            Mistake(
                "The rows are divided by their own sums now, but their largest scores, shape (B,), meet the columns: "
                "they need keepdims=True as well.",
                mistakes.shifted_by_columns,
            ),
        ),
        properties=(Property("a state gets the same answer alone and in a batch", laws.row_by_row),),
        success=(
            "(B, K) divided by (B,) pairs the sums with the columns, and NumPy complains only if B differs from K. "
            "A test with equal sizes cannot see it. Where else do you divide a table by one of its sums?"
        ),
    ),
    Exercise(
        id="modern.5",
        title="Break the claim: a large β recalls every vector",
        points=3,
        minutes=15,
        level="◆◆◆",
        core=False,
        reference=answers.lost,
        cases=inputs.lost_cases,
        accept=inputs.accept_lost,
        across_cases=inputs.guessed_by_length,
        properties=(Property("turning all keys together changes nothing", laws.turned),),
        mutants=Mutants(
            equivalent=(
                ("range(100) -> range(101)", "recall has come to rest long before"),
                ("range(100) -> range(99)", "recall has come to rest long before"),
                ("weights @ X / weights.sum() -> weights @ X * weights.sum()", SHARP),
                ("weights @ X / weights.sum() -> weights @ X", SHARP),
            )
        ),
        success=(
            "A key is lost as soon as another one has a larger dot product with it than it has with itself, and no β "
            "helps: β makes the wrong choice sharper. Keys of equal length cannot do that to each other, which is one "
            "reason to normalise them."
        ),
    ),
)
