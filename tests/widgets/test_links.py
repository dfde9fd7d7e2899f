"""A state that travels in an address: written and read by the browser, held against what Python allows."""

from __future__ import annotations

import json
from functools import cache
from urllib.parse import quote

import numpy as np
import pytest
from nodejs import node
from preview import as_in_book, shown
from samples import makers

from damtutor.patterns import digits
from damtutor.widgets import DenseRetrieval, Filmstrip, FlowField, HopfieldRetrieval, Landscape
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


# What mailers and chat programs make of "key=1&name=value&...".
POSTED = {
    "encoded": quote,
    "encoded with the mark": lambda link: quote("#" + link),
    "encoded twice": lambda link: quote(quote(link)),
    "small codes": lambda link: quote(link).replace("%3D", "%3d").replace("%26", "%26"),
    "encoded in part": lambda link: link.replace("&", "%26", 2).replace("=", "%3D", 3),
    "as HTML": lambda link: link.replace("&", "&amp;"),
    "as HTML twice": lambda link: link.replace("&", "&amp;amp;"),
    "as HTML, encoded": lambda link: quote(link.replace("&", "&amp;")),
    "as HTML by number": lambda link: link.replace("&", "&#38;"),
    "quoted-printable": lambda link: link.replace("=", "=3D"),
    "tracked": lambda link: f"{link}&utm_source=letter&utm_medium=e-mail&fbclid=IwAR0_x-&_ga=2.1",
    "tracked before": lambda link: f"utm_campaign=a&{link}",
    "tracked by a query": lambda link: f"{link}?utm_source=a&gclid=b",
    "tracked, encoded": lambda link: f"{quote(link)}&mc_cid=1",
    "bracket": lambda link: f"{link})",
    "bracket and full stop": lambda link: f"{link}).",
    "comma": lambda link: f"{link},",
    "quote": lambda link: f'{link}"',
    "encoded quote": lambda link: f"{link}%22",
    "curly quote": lambda link: f"{link}”",
    "angle": lambda link: f"{link}%3E",
    "ampersand": lambda link: f"{link}&",
    "semicolon": lambda link: f"{link};",
    "star": lambda link: f"{link}**",
    "line break": lambda link: f"{link}%0D%0A",
    "a line break within": lambda link: link.replace("&", "&%0A", 3),
    "a line break in a name": lambda link: link.replace("&da", "&d%0Aa").replace("&be", "&b%0Ae"),
    "spaces": lambda link: link.replace("&", "+&").replace("=", "=%20"),
    "no-break and zero-width spaces": lambda link: link.replace("&", "%C2%A0&%E2%80%8B") + "%E2%80%8B",
    "typographic minus": lambda link: link.replace("-", "%E2%88%92"),
    "large letters in the key": lambda link: link.replace("_", "_", 1).replace(link[:3], link[:3].upper(), 1),
    "a part of the page's text": lambda link: f"{link}:~:text=energy",
}


@pytest.mark.parametrize("form", POSTED)
def test_a_link_is_understood_as_it_comes_by_post(form):
    for settings, answer in by_post()[form]:
        assert answer["found"] == {"settings": settings}, answer["link"]


@cache
def by_post():
    """Form -> (settings, what Node makes of their link in this form), of instruments with all kinds of settings."""
    sets = {"my set (8x8)": digits(), "50 % noise": digits()}
    made = [
        HopfieldRetrieval(store="random", state="0123456789abcdef"),
        HopfieldRetrieval(),
        Landscape(memories=[[-0.5, 1], [1.25, -2]], ball=[[0, -0.75]]),
        FlowField(x=-400, y=250),
        DenseRetrieval(sets, store="my set (8x8)"),
        DenseRetrieval(sets, store="50 % noise", state="0" * 16),
        makers()["sketch"](),
    ]
    asked = [{"keys": w.config["links"], "allowed": w.config["allowed"], "settings": dict(w.settings)} for w in made]
    written = [answer["link"][1:] for answer in repeated(asked)]
    pairs = list(zip(asked, written, strict=True))
    cases = [(form, one, f"#{post(link)}") for form, post in POSTED.items() for one, link in pairs]
    answers = repeated([{**one, "fragment": fragment} for _, one, fragment in cases])
    found = {form: [] for form in POSTED}
    for (form, one, _), answer in zip(cases, answers, strict=True):
        found[form].append((one["settings"], answer))
    return found


def test_what_came_damaged_is_refused_in_words():
    refused = [
        ("recall=1&amp;count=99", "it says count = 99"),
        ("recall%3D1%26count%3D99", "it says count = 99"),
        ("recall=1&count=1%200", "it says count = 1 0"),  # 10, or 1 and a word
        ("recall=1&count=3&count=4", "it says count twice"),
        ("recall=1&count=3#recall=1", "it says count = 3#recall"),
        ("recall=1&cuont=3&utm_source=a", "it says cuont = 3"),
        ("recall=1&store=%zz", "it says store = %zz"),
        ("recall=1&store=digits%2", "it says store = digits%2"),
        ("recall=1&store=digits and more", "it says store = digits and more"),
        ("recall=1&state=0123456789abcde", "it says state = 0123456789abcde"),  # cut off
        ("recall=1&dam", "it says dam = undefined"),
        ("recall=2).", "it is of version 2)."),
        ("recall=1=2", "it is of version 1"),
    ]
    config = HopfieldRetrieval().config
    read = {"keys": config["links"], "allowed": config["allowed"]}
    answers = repeated([{**read, "fragment": f"#{text}"} for text, _ in refused])
    assert [answer["found"] for answer in answers] == [{"fault": said} for _, said in refused]


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


def follow(page, link):
    """Change the address, and wait until that was heard."""
    page.evaluate(
        "(to) => new Promise((done) => { addEventListener('hashchange', done, { once: true }); location.hash = to; })",
        link,
    )


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
        page.get_by_label("keep diagonal").check()
        assert page.locator(".dt-note").is_hidden()
        follow(page, "#recall=1&count=3&target=7")
        assert "3 pictures have no target 7" in page.locator(".dt-note").inner_text()
        assert settings(page) == dict(HopfieldRetrieval(count=4).settings), "as it opens, not as it was last"
        page.get_by_role("button", name="Undo").click()
        assert settings(page) == dict(HopfieldRetrieval(count=4, diagonal=True).settings)
        assert page.locator(".dt-note").is_hidden()


@pytest.mark.browser
def test_a_link_says_the_same_whenever_it_is_read_and_what_it_leaves_open(browser, tmp_path):
    link, wanted = "#recall=1&amp;rule=storkey%26seed=7).", dict(HopfieldRetrieval(rule="storkey", seed=7).settings)
    with shown(browser, HopfieldRetrieval(), tmp_path) as (page, log):
        page.evaluate(f"location.hash = '{link}'")
        as_in_book(page)
        assert settings(page) == wanted
        assert page.locator(".dt-note").inner_text().startswith("This link names 2 of 9 settings. All else is as ")
        page.get_by_label("Store", exact=True).select_option("random")
        follow(page, link.replace("amp;", ""))
        assert settings(page) == wanted
        assert log.errors == []


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
