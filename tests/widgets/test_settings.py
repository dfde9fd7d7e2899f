"""A setting is declared once: what follows from a declaration, and what is refused in one."""

from __future__ import annotations

import inspect

import pytest

from damtutor.widgets import SLUGS, DenseRetrieval, FlowField, Overlap, named
from damtutor.widgets.kit.packing import ORDERS
from damtutor.widgets.kit.settings import SEEDS, Bits, Numbers, Setting, Within, documented, for_browser, phrase


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (ORDERS, '2 to 10 or "exp"'),
        ((10, 30, 100, 300), "10, 30, 100 or 300"),
        (("async", "sync"), '"async" or "sync"'),
        (("one",), '"one"'),
        (SEEDS, "0 to 999999"),
        (tuple(k / 10 for k in range(26)), "0 to 2.5"),
        (Within(0.3, 2.0, 2), "a number from 0.3 to 2 with at most 2 decimals"),
    ],
)
def test_values_in_a_docstring(choices, said):
    assert phrase(choices) == said


def test_every_setting_is_an_argument_and_an_entry_of_the_docstring():
    kinds = [kind for kind in map(named, SLUGS) if kind.declared]
    assert len(kinds) == len(SLUGS) - 1, "an explorer's settings are its axes"
    for kind in kinds:
        parameters = inspect.signature(kind).parameters
        entries, _, raises = kind.__doc__.partition("\n\nParameters\n----------\n")[2].partition("\n\nRaises\n------\n")
        assert raises.startswith("ValueError : ")
        for setting in kind.declared:
            assert parameters[setting.name].kind is inspect.Parameter.KEYWORD_ONLY
            assert f"\n{setting.name} : " in f"\n{entries}"
            assert "{" not in setting.entry()
        assert max(map(len, kind.__doc__.splitlines())) <= 116


def test_an_unknown_argument_is_refused_as_python_does():
    with pytest.raises(TypeError, match=r"Overlap\.__init__\(\) got an unexpected keyword argument 'n'"):
        Overlap(n=64)
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'count'"):
        DenseRetrieval([[1, 1, 1, -1]], count=3)


def test_a_docstring_keeps_its_own_entries():
    made = documented(
        "Words.\n\n    Parameters\n    ----------\n    a : one.\n", [Setting("b", (1, 2), 1, doc="two, {}")]
    )
    assert made == (
        "Words.\n\nParameters\n----------\na : one.\nb : two, 1 or 2.\n\n"
        "Raises\n------\nValueError : a value that is not among these."
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (range(3), "slider"),
        ((1, 2), "slider"),
        (ORDERS, "slider"),
        (Within(0, 1, 1), "slider"),
        (("a", "b"), "select"),
        ({"a": "A", "b": "B"}, "select"),
        ((False, True), "checkbox"),
    ],
)
def test_the_control_follows_from_the_values(values, kind):
    (shown,) = for_browser([Setting("x", values, None, "X")])["controls"].values()
    assert shown == {"kind": kind, "label": "X", "text": ["A", "B"] if isinstance(values, dict) else "{}"}
    assert for_browser([Setting("x", values, None)])["controls"] == {}


@pytest.mark.parametrize("values", [Bits(64), Numbers(3, 0, 1), Within(0, 1)])
def test_a_control_for_what_no_control_shows_is_refused(values):
    with pytest.raises(ValueError, match="x has the label 'X'; expected none"):
        for_browser([Setting("x", values, None, "X")])


def test_words_are_one_a_value():
    with pytest.raises(ValueError, match="x has 1 words for 2 values"):
        for_browser([Setting("x", (1, 2), 1, "X", text=["one"])])
    controls = FlowField().config["controls"]
    assert controls["beta"]["text"][0] == "β = 0.30"
    assert controls["beta"]["text"][-1] == "β = 60.0"


def test_what_follows_from_the_data_is_asked_of_the_instrument():
    view = DenseRetrieval({"few": [[1, 1, 1, -1]], "more": [[1, 1, 1, 1], [1, -1, 1, -1]]})
    assert view.settings["store"] == "few"
    assert view.config["defaults"]["store"] == "few"
    assert view.allowed()["target"] == range(2)
    assert view.config["controls"]["damage"]["text"][30] == "30 % (1 of 4)"
    assert str(inspect.signature(DenseRetrieval)).count("store=None") == 1
