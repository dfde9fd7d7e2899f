"""A state that travels in an address: written and read by the browser, held against what Python allows."""

from __future__ import annotations

import json

import numpy as np
import pytest
from nodejs import node
from preview import as_in_book, shown
from samples import makers

from damtutor.patterns import digits
from damtutor.widgets import DenseRetrieval, Filmstrip, HopfieldRetrieval, Landscape
from damtutor.widgets.kit.settings import Bits, Numbers, Points, Within

SCRIPT = """
import { readLink, writeLink } from "./damtutor/widgets/kit/link.js";
import { readFileSync } from "node:fs";
const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(({ keys, allowed, settings, fragment }) => {
  const link = fragment ?? writeLink(keys[0], settings);
  return { link, found: readLink(keys, allowed, link) };
})));
"""
MAKERS = makers() | {"dense_retrieval": lambda: DenseRetrieval({"digits": digits(), "ones": np.ones((3, 64))})}


def repeated(asked):
    """What Node makes of some links."""
    return json.loads(node("--input-type=module", "-e", SCRIPT, stdin=json.dumps(asked)))


def drawn(choices, rng):
    """One value that a setting may have."""
    if isinstance(choices, Points):
        return np.round(rng.uniform(-2, 2, (rng.integers(1, choices.most + 1), 2)), 2).tolist()
    if isinstance(choices, Numbers):
        return np.round(rng.uniform(choices.low, choices.high, choices.count), 2).tolist()
    if isinstance(choices, Within):
        return round(float(rng.uniform(choices.low, choices.high)), 2)
    if isinstance(choices, Bits):
        return None if rng.random() < 0.3 else "".join(rng.choice(list("0123456789abcdef"), -(-choices.size // 4)))
    if isinstance(choices, range):
        return int(rng.integers(choices.start, choices.stop))
    return choices[rng.integers(len(choices))]


@pytest.mark.parametrize("name", MAKERS)
def test_every_state_that_python_allows_comes_back_from_its_link(name):
    widget, rng = MAKERS[name](), np.random.default_rng(1)
    states = [dict(widget.settings)]
    states += [{key: drawn(choices, rng) for key, choices in widget.allowed().items()} for _ in range(40)]
    asked = [{"keys": ["a-key"], "allowed": widget.config["allowed"], "settings": s} for s in states]
    for state, answer in zip(states, repeated(asked), strict=True):
        assert answer["found"] == {"settings": state}, answer["link"]
        assert answer["link"].isascii()
        assert " " not in answer["link"]
    assert len({json.dumps(s) for s in states}) > 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hopfield_retrieval=2&count=3", "version 2"),
        ("hopfield_retrieval=1&count=11", "count = 11"),
        ("hopfield_retrieval=1&count=3.5", "count = 3.5"),
        ("hopfield_retrieval=1&count=", "count = "),
        ("hopfield_retrieval=1&count", "count = undefined"),
        ("hopfield_retrieval=1&colour=1", "colour = 1"),
        ("hopfield_retrieval=1&__proto__=1", "__proto__ = 1"),
        ("hopfield_retrieval=1&state=fg", "state = fg"),
        ("hopfield_retrieval=1&diagonal=1", "diagonal = 1"),
        ("hopfield_retrieval=1&rule=Hebb", "rule = Hebb"),
    ],
)
def test_a_link_that_says_too_much_is_refused(text, said):
    config = HopfieldRetrieval().config
    asked = {"keys": config["links"], "allowed": config["allowed"], "fragment": f"#{text}"}
    (answer,) = repeated([asked])
    assert said in answer["found"]["fault"]


@pytest.mark.parametrize(
    "settings",
    [
        "reach=0.301",
        "reach=2.01",
        "memories=1",
        "memories=1_2_3",
        "memories=",
        "memories=" + "_".join("0" * 18),
        "ball=0_2.5",
        "ball=0_x",
        "sigma=NaN",
    ],
)
def test_numbers_and_points_are_held_to_what_python_allows(settings):
    asked = {"keys": ["landscape"], "allowed": Landscape().config["allowed"], "fragment": f"#landscape=1&{settings}"}
    (answer,) = repeated([asked])
    assert "fault" in answer["found"]


@pytest.mark.parametrize(
    "fragment",
    ["", "#", "#in-the-literature", "#recalls=1&count=3", "#recall", "#hopfield_retrieval", "#a=b=c", "#%zz=1"],
)
def test_other_fragments_are_left_alone(fragment):
    config = HopfieldRetrieval().config
    asked = {"keys": config["links"], "allowed": config["allowed"], "fragment": fragment}
    assert repeated([asked])[0]["found"] is None


# The key of every instrument's links, and the one that links had before: the title in small letters.
KEYS = {
    "attention_microscope": ["attention_microscope", "attention-microscope"],
    "dense_retrieval": ["dense_retrieval", "retrieval"],
    "explorer": ["explorer-lines", "lines"],
    "filmstrip": ["filmstrip"],
    "flow_field": ["flow_field", "flow-field"],
    "hopfield_retrieval": ["hopfield_retrieval", "recall"],
    "landscape": ["landscape"],
    "overlap": ["overlap"],
    "repeated_attention": ["repeated_attention", "ask-attention-again"],
    "sketch": ["sketch-your-curve"],
}


@pytest.mark.parametrize("slug", MAKERS)
def test_a_link_has_the_slug_and_the_former_key_is_still_read(slug):
    widget = MAKERS[slug]()
    assert widget.slug == slug
    assert widget.config["links"] == KEYS[slug]
    asked = {"keys": KEYS[slug], "allowed": widget.config["allowed"], "settings": dict(widget.settings)}
    (now,) = repeated([asked])
    assert now["link"].startswith(f"#{KEYS[slug][0]}=1&")
    for key in KEYS[slug]:
        (answer,) = repeated([asked | {"fragment": f"#{key}={now['link'].partition('=')[2]}"}])
        assert answer["found"] == {"settings": widget.settings}


# --- in Chromium


def settings(page):
    return page.evaluate("first.model.get('settings')")


def shown_settings(page):
    """What a link of the present state says."""
    page.get_by_role("button", name="link", exact=True).click()
    return page.evaluate("decodeURIComponent(location.hash)")


@pytest.mark.browser
def test_a_link_opens_the_state_it_was_made_in(browser, tmp_path):
    with shown(browser, HopfieldRetrieval(), tmp_path) as (page, log):
        assert page.get_by_role("button", name="link", exact=True).count() == 0, "a notebook has no such address"
        as_in_book(page)
        page.get_by_label("Rule", exact=True).select_option("storkey")
        page.get_by_label("keep diagonal").check()
        link = shown_settings(page)
        assert link == (
            "#hopfield_retrieval=1&store=digits&count=5&target=3&damage=10&rule=storkey&diagonal=true&order=async&seed=0"
            "&state="
        )
        assert link[1:] in page.locator(".dt-note").inner_text()
        page.evaluate("location.hash = '#recall=1&count=7&rule=projection&order=sync'")
        page.wait_for_function(
            "document.querySelector('select').ownerDocument.querySelectorAll('.dt-bar').length === 7"
        )
        assert shown_settings(page).startswith(
            "#hopfield_retrieval=1&store=digits&count=7&target=3&damage=10&rule=projection"
        )
        page.get_by_role("button", name="Undo").click()
        assert "count=5" in shown_settings(page)
        page.goto(page.url.split("#")[0] + link)
        page.reload()
        page.wait_for_function("window.ready === true")
        as_in_book(page)
        assert page.get_by_label("Rule", exact=True).input_value() == "storkey"
        assert page.get_by_label("keep diagonal").is_checked()
        assert log.errors == []


@pytest.mark.browser
def test_a_link_that_is_not_understood_opens_the_default_and_says_so(browser, tmp_path):
    with shown(browser, HopfieldRetrieval(count=4), tmp_path) as (page, _):
        page.evaluate("location.hash = '#recall=1&count=99'")
        as_in_book(page)
        assert page.locator(".dt-note").inner_text().startswith("This link was not understood: it says count = 99.")
        assert page.locator(".dt-bar").count() == 4
        page.wait_for_function("document.querySelector('.dt-live').textContent.startsWith('This link')")


@pytest.mark.browser
def test_the_projector_is_large_and_hides_the_answer(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        root, evidence = page.locator(".dt"), page.locator(".dt-evidence")
        root.focus()
        page.keyboard.press("a")  # has no meaning here
        assert evidence.is_visible()
        page.keyboard.press("p")
        size = "(e) => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom"
        assert page.locator(".dt-try").evaluate(size) >= 28
        for small in (".dt-mark", ".dt-tick", ".dt-key", "legend"):
            assert page.locator(small).first.evaluate(size) >= 28, small
        assert root.bounding_box()["width"] == page.viewport_size["width"]
        assert not evidence.is_visible()
        page.get_by_label("4", exact=True).check()
        page.get_by_role("button", name="Commit").click()
        page.wait_for_timeout(300)
        assert page.locator(".dt-dot").count() == 0, "the answer is not even computed"
        page.keyboard.press("a")  # the keys work from where the focus is after committing
        assert evidence.is_visible()
        assert page.locator(".dt-verdict").inner_text().startswith("Your guess: 4.")
        page.keyboard.press("?")
        assert page.locator(".dt-help").is_visible()
        page.keyboard.press("a")
        assert not evidence.is_visible()
        page.keyboard.press("p")
        assert evidence.is_visible()
        assert not page.locator(".dt-stage").is_visible()
        assert page.locator(".dt-try").evaluate(size) < 20


@pytest.mark.browser
def test_on_the_projector_a_sketch_waits_and_an_explorer_has_nothing_to_hide(browser, tmp_path):
    with shown(browser, MAKERS["sketch"](), tmp_path) as (page, _):
        page.locator(".dt").focus()
        page.keyboard.press("p")
        page.get_by_role("button", name="Show me").click()
        assert page.locator(".dt-dot").count() == 0
        page.keyboard.press("a")
        assert page.locator(".dt-dot").count() > 0
    with shown(browser, MAKERS["explorer"](), tmp_path) as (page, _):
        page.locator(".dt").focus()
        page.keyboard.press("p")
        assert page.get_by_role("button", name="Leave (P)").is_visible()
        assert not page.get_by_role("button", name="Show the answer (A)").is_visible()
