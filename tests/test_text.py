"""Words to vectors: counts and PPMI by hand, the corpus as measured, neighbours, and repeated attention with words."""

import hashlib
import math
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor import text
from damtutor.experiments.attention import edge_of_forgetting, with_words
from damtutor.models.transformer import layer_norm

TINY = ["a", "b", "a", "c", "b"]


@pytest.fixture(scope="module")
def bible():
    return text.embedding("bible")


def test_tokens():
    assert text.tokens("The King’s son, and thy god's; 3 kings--two\nMEN.") == [
        "the", "king's", "son", "and", "thy", "god's", "kings", "two", "men",
    ]  # fmt: skip
    assert text.tokens("'quoted' under_score naïve x2y") == ["quoted", "under", "score", "naïve", "x", "y"]
    assert text.tokens("12 ?") == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("cafe\u0301 re\u0301sume\u0301", ["café", "résumé"]),
        ("n\u0303u q\u0301a", ["ñu", "q\u0301a"]),  # q has no composed form and keeps its accent
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("نمی\u200cخواهم بِسْمِ", ["نمی\u200cخواهم", "بِسْمِ"]),
        ("한국어 \u1112\u1161\u11ab", ["한국어", "한"]),
        ("İstanbul ΣΟΦΟΣ", ["i\u0307stanbul", "σοφος"]),
        ("re\u00adopened \ufeffthe", ["reopened", "the"]),
        ("a\u200bb c\u00a0d", ["a", "b", "c", "d"]),
        ("don’t don‘t don´t don\u02bct don＇t 'tis", ["don't"] * 5 + ["tis"]),
        ("il·lusió צה״ל", ["il·lusió", "צה״ל"]),
        ("ﬁnd Ａpple 𝐀b", ["find", "apple", "ab"]),
        ("I ❤\ufe0f 👩\u200d🔬 1\ufe0f\u20e3 you x² Ⅳ", ["i", "you", "x", "iv"]),
        ("a\x00b\tc", ["a", "b", "c"]),
    ],
)
def test_words_are_never_cut_to_pieces(written, words):
    assert text.tokens(written) == words
    assert text.tokens(unicodedata.normalize("NFD", written)) == words


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("the 中文 word", r"'中' \(U\+4E2D CJK UNIFIED IDEOGRAPH-4E2D\) belongs to a script"),
        ("すし", "HIRAGANA LETTER SI"),
        ("ｶﾅ", "KATAKANA LETTER"),
        ("ภาษาไทย", "THAI CHARACTER"),
        ("ភាសា", "KHMER"),
        (
            "caf\ufffd",
            r"U\+FFFD REPLACEMENT CHARACTER\) stands for a letter that was lost; expected text that was read",
        ),
        ("caf\udce9", r"'\\udce9' \(U\+DCE9 without a name\) is half of a letter"),
        ("\ue000b", "has a private meaning"),
    ],
)
def test_text_whose_words_cannot_be_told_is_refused_by_name(written, name):
    with pytest.raises(ValueError, match=name):
        text.tokens(written)


def test_a_word_is_the_same_word_however_its_accent_is_written():
    apart = unicodedata.normalize("NFD", "café")
    assert text.vocabulary(["café", apart, "the"], 1) == ("café",)
    words = text.Embedding(["the", apart], [[1.0], [2.0]])
    assert words.of("café") == words.of(apart) == [2.0]
    assert words.known(apart) == words.known([apart]) == ["café"]
    with pytest.raises(ValueError, match="2 rows for 1 different words"):
        text.Embedding(["café", apart], [[1.0], [2.0]])


def test_vocabulary_orders_by_frequency_then_letters():
    assert text.vocabulary(["b", "c", "a", "c", "a", "d"], 3) == ("a", "c", "b")
    assert text.vocabulary(iter(TINY), 2) == ("a", "b")


def test_cooccurrence_by_hand():
    """a b a c b, window 2: pairs at distance 1: ab ba ac cb; at distance 2: aa bc ab."""
    near = text.cooccurrence(TINY, ["a", "b", "c"], window=1)
    np.testing.assert_array_equal(near, [[0, 2, 1], [2, 0, 1], [1, 1, 0]])
    flat = text.cooccurrence(TINY, ["a", "b", "c"], window=2)
    np.testing.assert_array_equal(flat, [[2, 3, 1], [3, 0, 2], [1, 2, 0]])
    weighted = text.cooccurrence(TINY, ["a", "b", "c"], window=2, weighting="distance")
    np.testing.assert_array_equal(weighted, [[1, 2.5, 1], [2.5, 0, 1.5], [1, 1.5, 0]])


def test_unknown_words_keep_their_place():
    counts = text.cooccurrence(["a", "x", "b"], ["a", "b"], window=1)
    np.testing.assert_array_equal(counts, np.zeros((2, 2)))
    np.testing.assert_array_equal(text.cooccurrence(["a", "x", "b"], ["a", "b"], window=2), [[0, 1], [1, 0]])


def test_a_window_longer_than_the_text_sees_all_pairs():
    long = text.cooccurrence(TINY, ["a", "b", "c"], window=100)
    np.testing.assert_array_equal(long, [[2, 4, 2], [4, 2, 2], [2, 2, 0]])
    assert long.sum() == 5 * 4
    np.testing.assert_array_equal(text.cooccurrence(["a"], ["a"]), [[0]])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(words=st.lists(st.sampled_from("abcde"), min_size=1, max_size=30), window=st.integers(1, 6))
def test_cooccurrence_is_the_double_loop(words, window):
    chosen = sorted(set(words))[:4]
    expected = {weighting: np.zeros((len(chosen), len(chosen))) for weighting in text.WEIGHTINGS}
    for i, left in enumerate(words):
        for j, right in enumerate(words):
            if 0 < abs(i - j) <= window and left in chosen and right in chosen:
                expected["flat"][chosen.index(left), chosen.index(right)] += 1
                expected["distance"][chosen.index(left), chosen.index(right)] += 1 / abs(i - j)
    for weighting, counts in expected.items():
        got = text.cooccurrence(words, chosen, window=window, weighting=weighting)
        np.testing.assert_allclose(got, counts, rtol=1e-12)
        np.testing.assert_array_equal(got, got.T)


def test_ppmi_by_hand():
    """Counts [[2,3,1],[3,0,2],[1,2,0]], sum 14, rows 6 5 3."""
    got = text.ppmi([[2, 3, 1], [3, 0, 2], [1, 2, 0]])
    ab, bc, ac = math.log(3 * 14 / 30), math.log(2 * 14 / 15), math.log(1 * 14 / 18)
    assert ac < 0
    np.testing.assert_allclose(got, [[0, ab, 0], [ab, 0, bc], [0, bc, 0]], atol=1e-15)
    assert math.log(2 * 14 / 36) < 0  # aa
    np.testing.assert_allclose(text.ppmi([[200, 300, 100], [300, 0, 200], [100, 200, 0]]), got, atol=1e-15)


def test_independent_words_have_no_ppmi_and_unseen_words_are_zero():
    p = np.array([1.0, 2.0, 5.0])
    np.testing.assert_allclose(text.ppmi(np.outer(p, p)), 0, atol=1e-15)
    got = text.ppmi([[0, 4, 0], [4, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(got, [[0, math.log(2), 0], [math.log(2), 0, 0], [0, 0, 0]], atol=1e-15)


def test_embedding_factors_the_ppmi():
    """With all V axes U |Λ|½ gives back |M| = (M²)½; dropping axes drops the smallest |λ|."""
    words = [w for k in range(40) for w in ("a", "b", "c", "ad"[k % 2], "e", "fb"[k % 2])]
    full = text.embed(words, count=6, window=2, size=6)
    matrix = text.ppmi(text.cooccurrence(words, full.words, window=2))
    gram = full.vectors @ full.vectors.T
    np.testing.assert_allclose(gram @ gram, matrix @ matrix, atol=1e-10)
    values = np.sort(np.abs(np.linalg.eigvalsh(matrix)))[::-1]
    np.testing.assert_allclose(np.sum(full.vectors**2, axis=0), values, atol=1e-12)
    part = text.embed(words, count=6, window=2, size=2)
    np.testing.assert_array_equal(part.vectors, full.vectors[:, :2])


def test_signs_and_repetition(bible):
    top = np.abs(bible.vectors).argmax(axis=0)
    assert np.all(bible.vectors[top, np.arange(64)] > 0)
    words = text.tokens(text.corpus())[:60_000]
    first, again = text.embed(words, count=200), text.embed(words, count=200)
    assert first.words == again.words
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert text.embedding("bible") is bible


def test_the_corpus_is_the_one_that_was_measured():
    """Every printed number of the words' chapter rests on this text; another edition would change them."""
    words = text.tokens(text.corpus("bible"))
    assert (len(words), len(set(words))) == (789_654, 12_763)
    assert text.corpus("bible").count("\n") == 31_101
    assert words[:7] == ["in", "the", "beginning", "god", "created", "the", "heaven"]
    assert words[-1] == "amen"
    digest = hashlib.sha256(" ".join(words).encode()).hexdigest()
    assert digest == "cb20a47ba37e52005f6b17a0458e58d79b88e5f6dd8fc2fca159ac611cdf8325"


def test_the_other_corpus_is_python_itself():
    words = set(text.tokens(text.corpus("python")))
    assert {"class", "iterator", "exception"} <= words


@pytest.mark.parametrize(
    ("word", "company"),
    [
        ("gold", {"silver", "brass"}),
        ("bread", {"eat", "wine"}),
        ("water", {"drink"}),
        ("night", {"morning", "darkness"}),
        ("david", {"saul", "jonathan"}),
        ("wife", {"daughter", "husband"}),
        ("seven", {"six", "five"}),
        ("egypt", {"pharaoh"}),
        ("heaven", {"earth"}),
    ],
)
def test_neighbours_make_sense(bible, word, company):
    assert company <= {near for near, _ in bible.nearest(word, 5)}


def test_nearest_is_by_cosine_and_leaves_the_word_out(bible):
    near = bible.nearest("king", 999)
    assert len(near) == 999
    assert "king" not in dict(near)
    cosines = [cosine for _, cosine in near]
    assert cosines == sorted(cosines, reverse=True)
    a, b = bible.of("king"), bible.of(near[0][0])
    assert cosines[0] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-12)
    small = text.Embedding(["x", "y", "z"], [[1.0, 0.0], [0.0, 0.0], [-5.0, 1.0]])
    assert small.nearest("x", 2)[0] == ("y", 0.0)


def test_vectors_of_words(bible):
    both = bible.of(["king", "wife"])
    assert both.shape == (2, 64)
    np.testing.assert_array_equal(both[1], bible.of("wife"))
    both[0] = 0
    bible.of("king")[:] = 0
    assert np.linalg.norm(bible.of("king")) > 0
    with pytest.raises(ValueError, match="read-only"):
        bible.vectors[0] = 0
    assert repr(bible) == "Embedding(1000 words, d=64)"


def test_repeated_attention_with_words(bible):
    """Source: 12 words .98 → .98, 30 .955 → .943, 80 .89 → .54, 200 .76 → .006, from another edition of the text.

    Within four errors of both, the source's taken to be ours, plus half of the last digit printed.
    """
    runs = with_words(bible)
    source = [(0.98, 0.98, 2), (0.955, 0.943, 3), (0.89, 0.54, 2), (0.76, 0.006, 2)]
    for run, (first, last, digits) in zip(runs, source, strict=True):
        half = 0.5 * 10.0**-digits
        assert abs(run.weight[0] - first) < 4 * math.sqrt(2) * run.weight_error[0] + half
        assert abs(run.weight[-1] - last) < 4 * math.sqrt(2) * run.weight_error[-1] + half
        assert np.all(np.diff(run.energy) < 1e-12)
    assert runs[0].winner[-1] == 1
    assert runs[3].winner[-1] < 0.02
    with_norm = with_words(bible, (200,), between="layernorm")[0]
    assert with_norm.weight[-1] > 0.5
    assert with_words(bible, (30,))[0].weight[-1] == runs[1].weight[-1]


def test_edge_with_words(bible):
    """81 in the source, a whole number, from another edition: half a word and four errors of both."""
    edge = edge_of_forgetting((76, 80, 84), keys=layer_norm(bible.vectors))
    assert edge.error < 0.5
    assert abs(edge.value - 81) < 4 * math.sqrt(2) * edge.error + 0.5


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: text.corpus("shakespeare"), "name is 'shakespeare'; expected one of 'bible', 'python'"),
        (lambda: text.tokens(["a"]), "text is list; expected a string"),
        (lambda: text.vocabulary("abc", 2), "words is str; expected a list of words"),
        (lambda: text.vocabulary([], 2), "words: empty"),
        (lambda: text.vocabulary(["a", 3], 1), "words: 3 is no string"),
        (lambda: text.vocabulary(["a", "b"], 3), "count is 3; expected a whole number >= 1 and <= 2"),
        (lambda: text.cooccurrence(TINY, ["a", "b", "a"]), "vocabulary: 'a' appears twice"),
        (lambda: text.cooccurrence(TINY, ["a"], window=0), "window is 0"),
        (lambda: text.cooccurrence(TINY, ["a"], weighting="triangle"), "expected one of 'flat', 'distance'"),
        (lambda: text.cooccurrence(TINY, [str(k) for k in range(4001)]), "<= 4000"),
        (lambda: text.ppmi([[1, 2], [3, 4]]), "expected a symmetric matrix"),
        (lambda: text.ppmi([[-1, 2], [2, 4]]), "numbers >= 0"),
        (lambda: text.ppmi([[1, 2]]), r"counts: shape \(1, 2\)"),
        (lambda: text.ppmi(np.zeros((2, 2))), "counts: all zero"),
        (lambda: text.embed(TINY, count=3, size=4), "size is 4; expected a whole number >= 1 and <= 3"),
        (lambda: text.embed(TINY), "count is 1000; expected a whole number >= 1 and <= 3"),
        (lambda: text.Embedding(["a", "a"], np.ones((2, 2))), "2 rows for 1 different words"),
        (lambda: text.Embedding(["a"], np.ones((2, 2))), "2 rows for 1 different"),
        (lambda: text.embedding().of("kingg"), "'kingg' is not among the 1000 words; near it: 'king'"),
        (lambda: text.embedding().of("zzzzzz"), "words$"),
        (lambda: text.embedding().of(3), "word is int; expected a list of words"),
        (lambda: text.embedding().nearest(3), "word is 3; expected a string"),
        (lambda: text.embedding().nearest("king", 1000), "count is 1000; expected a whole number >= 1 and <= 999"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_unknown_words_of_a_sentence_can_be_left_out(bible):
    sentence = "The king, and the computer; and the QUEEN of Sheba's xylophone."
    known = bible.known(sentence)
    assert known[:4] == ["the", "king", "and", "the"]
    assert "computer" not in known
    assert known == bible.known(text.tokens(sentence))
    assert bible.of(known).shape == (len(known), 64)
    assert bible.known(["xylophone"]) == []
    with pytest.raises(ValueError, match="words: 3 is no string"):
        bible.known([3])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: text.embedding(["a"]), r"name is \['a'\]; expected one of 'bible', 'python'"),
        (lambda: text.corpus([]), r"name is \[\]; expected one of"),
        (lambda: text.embedding("bible", count=[3]), r"count is \[3\]; expected a whole number"),
        (lambda: text.embedding("bible", window=0), "window is 0"),
        (lambda: text.embed([str(k) for k in range(3500)], count=3500), "count is 3500; .* <= 3000"),
        (lambda: edge_of_forgetting(5), r"counts is 5; expected a list of whole numbers"),
        (lambda: edge_of_forgetting([]), "counts: empty; expected a list"),
        (lambda: with_words(text.embedding(), 5), r"counts is 5; expected a list"),
    ],
)
def test_what_cannot_be_a_name_or_a_count_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
