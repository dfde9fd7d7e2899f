"""The exercises of chapter `attention`, as data."""

from damtutor.checks.attention import answers, inputs, laws, mistakes
from damtutor.checks.engine.exercise import ALMOST, Exercise, Mistake, Property, Reason, Tolerance

LARGE = Reason(
    "Right on small scores, but exp of a large one is beyond float64: take the largest score of each query away first.",
    ALMOST,
)
HIDDEN = Reason(
    "Right while the scores are small. Large scores need the largest *visible* one taken away before exp, and a "
    "hidden key needs weight 0 however well it fits.",
    ALMOST,
)
SIZES = Reason("Right while the size of a key is that of the model; with several heads it is smaller.")
LEAK = Reason("Right without a leak, a = 1. With a < 1 the state goes only a part of the way to the value.", ALMOST)
ALONE = Reason("Right for tours of two or more; a tour of one key leaves that key as it is.", ALMOST)
TIE = Reason("Right but for a tie: of several equally good steps, the first is asked for.", ALMOST)
EXACT = Tolerance(rtol=1e-9, atol=1e-9, words="to nine digits")

EXERCISES = (
    Exercise(
        id="attention.1",
        title="Attention from retrieval",
        points=2,
        minutes=10,
        level="◆◇◇",
        reference=answers.attend,
        cases=inputs.attend_cases,
        tolerance=EXACT,
        edges=(("large", LARGE),),
        mistakes=(
            Mistake("The scale is missing: divide the scores by √d, d the size of a key.", mistakes.no_scale),
            Mistake("The scores are divided by d; divide by its square root.", mistakes.no_root),
            Mistake("The scores are multiplied by √d; divide.", mistakes.times_root),
            Mistake("The scale is √T, T the number of keys; it is √d, the size of one.", mistakes.root_of_count),
            Mistake(
                "The scale is taken from the size of a value; it is √d, d the size of a key.", mistakes.root_of_value
            ),
            Mistake(
                "Softmax runs along the wrong axis: the weights of one query, a row, sum to 1.", mistakes.over_queries
            ),
            Mistake("All weights together sum to 1; each query has its own softmax.", mistakes.over_all),
            Mistake("The weights are not divided by their sum: softmax makes them add up to 1.", mistakes.unnormalised),
            Mistake("This takes the best key alone; softmax takes a mean of all, weighted.", mistakes.hard),
            Mistake("The retrieval step is right; the readout W is missing.", mistakes.no_readout, ALMOST),
            Mistake(
                "The readout W enters the scores. A query is compared with the keys themselves; W comes last.",
                mistakes.values_compared,
            ),
        ),
        properties=(
            Property("a mean of keys lies among them", laws.hull),
            Property("with W = 1 a step never raises the energy", laws.downhill),
        ),
        success=(
            "That is attention with V = K W: one update of the memory K, read out by W. Next: what does a mask do "
            "to the memory?"
        ),
    ),
    Exercise(
        id="attention.2",
        title="A mask is a shorter memory",
        points=2,
        minutes=10,
        level="◆◆◇",
        reference=answers.masked,
        cases=inputs.masked_cases,
        tolerance=EXACT,
        edges=(("large", HIDDEN),),
        mistakes=(
            Mistake("Every query sees all keys: `visible` does not enter.", mistakes.mask_ignored),
            Mistake(
                "A hidden score of 0 is not hidden: exp(0) is 1. Leave the key out, or use -inf.", mistakes.zero_scores
            ),
            Mistake(
                "The weights are set to 0 after the softmax, so that they no longer sum to 1: mask before it.",
                mistakes.masked_after,
            ),
            Mistake("Off by one: query t sees visible[t] keys, and this sees one fewer.", mistakes.one_fewer),
            Mistake("Off by one: query t sees visible[t] keys, and this sees one more.", mistakes.one_more),
            Mistake("The first visible[t] keys are meant; these are the last.", mistakes.last_keys),
            Mistake("This is the causal mask whatever `visible` says.", mistakes.always_causal),
            Mistake("The mask is upside down: the hidden keys are seen.", mistakes.upside_down_mask),
            Mistake("The scale is missing: divide the scores by √d, d the size of a key.", mistakes.no_scale_masked),
        ),
        properties=(Property("a hidden key cannot be felt", laws.hidden_keys),),
        success=(
            "Causal, padding, or neither: a mask only says how long each query's memory is. That is also why a "
            "decoder can keep its keys from step to step: the memory grows by one."
        ),
    ),
    Exercise(
        id="attention.3",
        title="Find the bug: a scale that fits by chance",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.multi_head,
        cases=inputs.head_cases,
        tolerance=EXACT,
        edges=(("large", LARGE), ("sizes", SIZES)),
        mistakes=(
            Mistake(
                "The scale is √d_model, the width of R. A score is a sum over d_k numbers, so the scale is √d_k.",
                mistakes.model_scale,
            ),
            Mistake(
                "The scale is √(d_model / H). That is √d_k only where the heads share the model out; take d_k itself.",
                mistakes.shared_scale,
            ),
            Mistake("The scale is that of the values; a score is a sum over d_k numbers.", mistakes.value_scale),
            Mistake("The scale is the root of the number of words; it is √d_k.", mistakes.length_scale),
            Mistake(
                "The scale is that of all heads together; each head has keys of size d_k.", mistakes.all_heads_scale
            ),
            Mistake("The scores are divided by d_k; divide by its square root.", mistakes.key_no_root),
            Mistake("The scale is missing: divide the scores by √d_k.", mistakes.heads_no_scale),
            Mistake("The heads are averaged; they are added.", mistakes.heads_averaged),
            Mistake("Only the first head is used.", mistakes.first_head),
            Mistake("Only the last head is used: `out` is replaced where it should grow.", mistakes.last_head),
            Mistake(
                "Softmax runs along the wrong axis: the weights of one query, a row, sum to 1.",
                mistakes.heads_over_queries,
            ),
        ),
        properties=(Property("heads add up", laws.sum_of_heads),),
        success=(
            "β is 1/√d_k, the size of one head's keys: a score is a sum of d_k products. With d_model the layer "
            "still runs and learns, only with a blunter β in every head. Shapes that differ find such bugs."
        ),
    ),
    Exercise(
        id="attention.4",
        title="Break the claim: repeated attention descends an energy",
        points=3,
        minutes=15,
        level="◆◆◆",
        reference=answers.round_trip,
        cases=inputs.tour_cases,
        tolerance=EXACT,
        edges=(("leak", LEAK), ("alone", ALONE)),
        mistakes=(
            Mistake("The walk goes round the other way: a key leads to the key *after* it.", mistakes.backwards),
            Mistake(
                "The last key of the tour keeps itself, so the walk ends there. Close the circle.", mistakes.one_way
            ),
            Mistake(
                "Right without a leak. With a < 1 the state goes a part of the way only: put the value farther out.",
                mistakes.no_leak,
                ALMOST,
            ),
            Mistake("The way is shortened by the leak already: divide by a, do not multiply.", mistakes.short_leak),
            Mistake(
                "This moves the next key away from the origin; move it away from the key where the step starts.",
                mistakes.from_origin,
            ),
            Mistake("This goes through all keys in their own order; `tour` names another.", mistakes.own_order),
            Mistake("The values stand in the first rows. Row i of V belongs to key i.", mistakes.tour_order),
            Mistake("Keys that are not on the tour keep themselves as their value.", mistakes.rest_zero, ALMOST),
            Mistake("This is V = K: attention then descends, and the claim stands.", mistakes.tied),
            Mistake("This is the way to the next key; add the key where it starts.", mistakes.only_the_way),
            Mistake(
                "The last key of the tour leads to what V has become in the first row; it leads to K[tour[0]].",
                mistakes.read_from_values,
            ),
        ),
        properties=(Property("attention walks the tour", laws.walks_the_tour),),
        success=(
            "After one round the state is where it was, so whatever fell on the way has risen again: no energy, of "
            "whatever form, falls at every step. Free values make a memory of *sequences*."
        ),
    ),
    Exercise(
        id="attention.5",
        title="When to stop",
        points=3,
        minutes=15,
        level="◆◆◇",
        reference=answers.best_step,
        cases=inputs.stopping_cases,
        core=False,
        tolerance=Tolerance(atol=1e-9),
        edges=(("large", LARGE), ("tie", TIE)),
        mistakes=(
            Mistake("Right but counted from 0: the first attention step is step 1.", mistakes.from_zero, ALMOST),
            Mistake(
                "This looks at the weights after each update, so the query's own weights, step 1, are never seen.",
                mistakes.after_the_step,
            ),
            Mistake("This is the weight; the number of the step is asked for.", mistakes.the_weight),
            Mistake("This is the step with the smallest weight.", mistakes.worst),
            Mistake(
                "This follows the largest weight, on whatever key; `right` names the key that counts.",
                mistakes.largest_weight,
            ),
            Mistake("This counts how often the right key wins; the mean of its weight is asked for.", mistakes.wins),
            Mistake("This is step 1 whatever comes in. Is the result fed back as the next query?", mistakes.first_only),
            Mistake("This is the last step whatever comes in.", mistakes.last_only),
            Mistake("`beta` does not enter: this takes 1/√d.", mistakes.own_beta),
            Mistake("Only the first query is looked at; take the mean over all.", mistakes.one_query),
            Mistake(
                "weights[:, right] takes the right keys of all for every query; pair them: "
                "weights[np.arange(len(right)), right].",
                mistakes.unpaired,
            ),
        ),
        properties=(Property("the order of the queries does not matter", laws.order_of_queries),),
        success=(
            "Many keys or little noise: stop at once, every further step forgets. Few keys and a noisy query: more "
            "steps clean it. The best step is where cleaning and forgetting balance."
        ),
    ),
)
