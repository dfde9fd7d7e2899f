"""What every instrument owes, tried on one of each: each is loaded once, and mounted anew in its page for each test."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from browser import NONSENSE, ends, opened, serious
from nodejs import node
from preview import as_in_book, shown
from samples import DATA, makers

from damtutor import widgets

pytestmark = pytest.mark.browser
MAKERS = makers()
SHARED_BUTTONS = {"Play", "Pause", "Restart", "Undo", "Reset", "copy", "link", "? Keys"}
PRESSES = {
    "Space": [" "],
    "← →": ["ArrowRight", "ArrowLeft"],
    "↑ ↓": ["ArrowDown", "ArrowUp"],
    "Arrows": ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"],
}

# What outlives an element if nobody ends it: timers, frames, observers, and listeners beyond the element itself.
WATCH = """() => {
  const alive = new Set();
  window.alive = () => [...alive].map(String);
  for (const [start, stop] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval'],
    ['requestAnimationFrame', 'cancelAnimationFrame']]) {
    const [begin, end] = [window[start], window[stop]];
    window[start] = (act, ...rest) => {
      const id = begin((...values) => {
        if (start !== 'setInterval') alive.delete(`${start} ${id}`);
        act(...values);
      }, ...rest);
      alive.add(`${start} ${id}`);
      return id;
    };
    window[stop] = (id) => (alive.delete(`${start} ${id}`), end(id));
  }
  const numbers = new Map();
  const number = (thing) => numbers.get(thing) ?? numbers.set(thing, numbers.size).get(thing);
  const outer = (target) => !(target instanceof Element) || [document.body, document.documentElement].includes(target);
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, call, ...rest) {
    if (outer(this ?? window)) alive.add(`listener ${type} ${number(call)}`);
    return add.call(this, type, call, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (type, call, ...rest) {
    alive.delete(`listener ${type} ${number(call)}`);
    return remove.call(this, type, call, ...rest);
  };
  for (const name of ['ResizeObserver', 'MutationObserver', 'IntersectionObserver']) {
    const { observe, disconnect } = window[name].prototype;
    window[name].prototype.observe = function (...what) {
      alive.add(`${name} ${number(this)}`);
      return observe.apply(this, what);
    };
    window[name].prototype.disconnect = function () {
      alive.delete(`${name} ${number(this)}`);
      return disconnect.call(this);
    };
  }
}"""
# Everything at work at once, then the end: all within one turn, so that nothing has time to finish by itself.
BUSY_END = """async ([keys, outside]) => {
  const before = alive();
  if (outside) location.hash = keys; // a link brings the instrument into sight, once it is in the page
  const el = document.createElement('div');
  if (!outside) document.querySelector('main').append(el);
  const made = await mount(el);
  const press = (words) => {
    for (const b of el.querySelectorAll("button")) if (b.textContent === words) b.click();
  };
  for (const words of ['Show me', 'Play', 'Undo']) press(words);
  for (const slider of el.querySelectorAll('input[type=range]')) {
    slider.value = slider.max;
    for (const type of ['input', 'change']) slider.dispatchEvent(new Event(type));
  }
  press('Play');
  const busy = alive().length;
  made.dispose();
  const left = alive().filter((thing) => !before.includes(thing));
  return { started: busy > before.length, left, elements: el.childElementCount, listening: made.model.listening() };
}"""
# Nothing is drawn or counted frame by frame any more.
STILL = "!alive().some((thing) => thing.startsWith('requestAnimationFrame'))"
FACE = """() => {
  const seen = document.querySelector('#here').cloneNode(true);
  seen.querySelectorAll('.dt-live').forEach((e) => e.remove());
  const all = [...document.querySelectorAll('*')];
  return [seen.innerHTML, JSON.stringify(first.model.get('settings')), all.indexOf(document.activeElement)].join();
}"""


@pytest.fixture(scope="module", params=MAKERS)
def loaded(request, browser, tmp_path_factory):
    """An instrument and the page that shows it."""
    widget = MAKERS[request.param]()
    with shown(browser, widget, tmp_path_factory.mktemp(request.param), reduced_motion="no-preference") as (page, log):
        page.evaluate(WATCH)
        yield SimpleNamespace(slug=request.param, widget=widget, page=page, log=log)


@pytest.fixture
def one(loaded):
    """The instrument mounted anew, as in the book (with links), in a light page of 1280 pixels without a fragment."""
    page = loaded.page
    for seen in (loaded.log.outside, loaded.log.missing, loaded.log.errors):
        seen.clear()  # each test answers for itself
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate("history.replaceState(null, '', location.pathname)")
    as_in_book(page)
    page.evaluate("delete document.documentElement.dataset.theme")  # from here on as the system is
    loaded.root = page.locator(".dt:visible").first
    yield loaded
    assert (loaded.log.outside, loaded.log.missing, loaded.log.errors) == ([], [], [])


def settings(page):
    return page.evaluate("first.model.get('settings')")


def button(one, name):
    return one.root.get_by_role("button", name=name, exact=True)


def open_gates(one):
    """Answer every question, by a guess, and wait until all is drawn."""
    while (commit := button(one, "Commit").and_(one.page.locator(":visible"))).count():
        if commit.is_disabled():
            guess = one.root.locator("input[type=radio]:visible").first
            shift(guess if guess.count() else one.root.locator("[role=slider]:visible").first)
        commit.click()
        if (other := button(one, "Next question")).count():
            other.click()
    one.page.wait_for_function(STILL, polling=100, timeout=60_000)


def shift(control):
    """Take one control to another value that it may have."""
    kind = control.evaluate("(e) => e.type")
    if kind == "select-one":
        chosen = control.evaluate("(e) => e.selectedIndex")
        control.select_option(index=1 if chosen == 0 else 0)
    elif kind == "range":
        control.press("ArrowLeft" if control.evaluate("(e) => e.value === e.max") else "ArrowRight")
    elif kind in ("checkbox", "radio", "button"):
        control.click()
    else:  # a point of the sketch
        control.press("ArrowDown")


def controls(one):
    """All that changes a setting, the seed's button too."""
    kinds = ("input[type=range]", "select", "input[type=checkbox]", ".dt-seedbox button", "[role=slider]")
    # Elements, not places in a list: one control may put another out of use.
    return one.root.locator(", ".join(f"{kind}:visible:not([disabled])" for kind in kinds)).element_handles()


def shift_all(one):
    for control in controls(one):
        if control.is_enabled():
            shift(control)


def link(one):
    button(one, "link").click()
    return one.page.evaluate("location.hash")


def test_axe_is_content_in_both_themes_and_widths(one):
    page, found = one.page, []

    def look(state):
        for dark in (False, True):
            page.emulate_media(color_scheme="dark" if dark else "light")
            theme = "dark" if dark else "light"
            page.wait_for_function(f"document.querySelector('.dt').dataset.dtTheme === '{theme}'")
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                found.extend(f"{state}, {theme}, {width}: {line}" for line in serious(page))
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append(f"{state}, {theme}, {width}: scrolls sideways")

    look("as it opens")
    open_gates(one)
    button(one, "? Keys").click()
    for own in one.root.locator(".dt-go > button:visible:not([disabled])").all():
        if own.inner_text() not in SHARED_BUTTONS:
            own.click()
    page.wait_for_function(STILL, polling=100, timeout=60_000)
    look("all that it can show")
    for control in controls(one):
        if control.evaluate("(e) => e.type") == "select-one":
            control.select_option(index=control.evaluate("(e) => e.options.length") - 1)
        elif control.is_enabled():
            control.press("End")
    page.wait_for_function(STILL, polling=100, timeout=60_000)
    look("every control at its end")
    picture = one.root.locator(".dt-picture [tabindex='0']:visible")
    if picture.count():
        picture.first.press("Enter")
    if page.locator(".dt").count() > 1:
        look("what Enter opens")
    assert found == []


def test_axe_sees_what_is_planted_in_one_theme_or_width(browser):
    """A name that is missing everywhere, and faint words that only the dark theme and only the phone have."""
    style = "p {color: #000; background: #fff} @media (prefers-color-scheme: dark) {#dark {color: #eee}}"
    style += " @media (max-width: 400px) {#phone {color: #eee}}"
    words = '<main><h1>Faults</h1><button></button><p id="dark">Dark.</p><p id="phone">Phone.</p></main>'
    found = {}
    for dark in (False, True):
        for width in (1280, 390):
            with opened(browser, "http://nowhere", dark=dark, width=width) as (page, _):
                page.set_content(f'<html lang="en"><title>Faults</title><style>{style}</style>{words}</html>')
                found[dark, width] = [line.split(":")[0].split()[1] for line in serious(page)]
    assert found == {
        (False, 1280): ["button-name"],
        (False, 390): ["button-name", "color-contrast"],
        (True, 1280): ["button-name", "color-contrast"],
        (True, 390): ["button-name", "color-contrast", "color-contrast"],
    }


def answers(page, place, press):
    """Whether a key pressed at a place changes what is to be seen or had, or else says a sentence."""
    place.focus()
    before = page.evaluate(FACE)
    page.keyboard.press(press)
    if page.evaluate(FACE) != before:
        return True
    page.wait_for_timeout(300)  # what was said before comes a quarter of a second late
    page.evaluate("document.querySelector('.dt-live').textContent = ''")
    page.keyboard.press(press)
    page.wait_for_timeout(300)
    return page.locator(".dt-live").first.text_content() != "" or page.evaluate(FACE) != before


def test_every_key_in_its_list_answers(one):
    button(one, "? Keys").click()
    keys = one.root.locator(".dt-help dt").all_inner_texts()
    assert len(keys) == len(set(keys))
    assert {"U", "R", "?", "P", "A"} <= set(keys)
    assert ("Space" in keys) == (button(one, "Play").count() == 1)
    picture = one.root.locator(".dt-picture [tabindex='0']:visible")
    place = picture.first if picture.count() else one.root.locator(".dt-evidence .dt-num").last
    for key in sorted(keys, key=lambda key: key == "Enter"):  # Enter may open something in place of the picture
        where = one.root if key == "A" else place
        presses = PRESSES.get(key, [key.lower() if len(key) == 1 else key])
        assert any(answers(one.page, where, press) for press in presses), f"{key} does nothing and says nothing"
        if key == "A":
            one.page.keyboard.press("p")  # A has a meaning on the projector only
        elif key not in ("U", "?", "P"):
            one.page.keyboard.press("u")  # at its end a setting has nowhere to go


def test_undo_takes_back_a_change_of_each_control(one):
    before, name = settings(one.page), "(e) => e.labels?.[0]?.textContent ?? e.ariaLabel ?? e.textContent"
    assert controls(one)
    for control in controls(one):
        shift(control)
        assert settings(one.page) != before, f"{control.evaluate(name)} changes nothing"
        button(one, "Undo").click()
        assert settings(one.page) == before, f"{control.evaluate(name)} is not taken back"


def test_ends_of_every_control_and_every_button_make_sense_and_reset_comes_back(one):
    opened = settings(one.page)
    assert not NONSENSE.search(one.root.inner_text()), "before any guess"
    open_gates(one)
    assert ends(one.root) == []
    for other in one.root.locator("button:visible:not([disabled])").element_handles():
        if other.is_visible() and other.is_enabled() and not other.evaluate("(e) => e.closest('.dt-go')"):
            other.press("Enter")  # by key: an explanation that is open may lie over the number beside it
            assert not NONSENSE.search(one.page.locator("#here").inner_text()), other.text_content()
    back = one.page.locator(".dt-back:visible")
    if back.count():  # a button opened something in place of all others
        back.click()
    now = settings(one.page)
    button(one, "Reset").click()
    assert settings(one.page) == opened | {key: now[key] for key in ("seed",) if key in now}


def test_a_link_that_is_written_and_read_gives_the_same_settings(one):
    page, opening = one.page, link(one)
    assert opening.startswith(f"#{one.widget.config['links'][0]}=1&")
    shift_all(one)
    moved = link(one)
    assert moved != opening
    assert {part.split("=")[0] for part in moved.split("&")[1:]} == set(one.widget.settings)
    as_in_book(page)
    page.evaluate("history.replaceState(null, '', location.pathname)")
    assert link(one) == moved, "read as the page opens"
    page.evaluate(
        "(hash) => new Promise((done) => { addEventListener('hashchange', done, { once: true }); "
        "location.hash = hash; })",
        opening,
    )
    page.evaluate("history.replaceState(null, '', location.pathname)")
    assert link(one) == opening, "read while it is open"


def test_the_copied_call_gives_the_same_settings_in_python(one):
    shift_all(one)
    if one.widget.config["call"] is None:
        assert button(one, "copy").count() == 0
        return
    button(one, "copy").click()
    if "seed" in settings(one.page):
        assert one.root.locator(".dt-seed").inner_text() == str(settings(one.page)["seed"]) == "1"
    note = one.root.locator(".dt-note")
    note.wait_for()
    names = {name: getattr(widgets, name) for name in widgets.__all__} | DATA
    made = eval(note.inner_text().removeprefix("Copied: "), names)
    assert type(made).__name__ == type(one.widget).__name__
    assert made.settings == settings(one.page)
    assert made.settings != one.widget.settings


# All that an instrument shows: elements, words, what controls hold. Not where the keyboard stands, nor what was said.
SHOWN = """(el) => {
  const seen = el.cloneNode(true);
  seen.querySelectorAll('.dt-live, .dt-note, .dt-cursor, [hidden], [visibility=hidden]').forEach((e) => e.remove());
  // An answer to what was asked before says so.
  for (const e of seen.querySelectorAll('.dt-verdict')) if (e.textContent.endsWith('changed since.')) e.remove();
  const held = [...el.querySelectorAll('input, select, button')].map((e) => `${e.value} ${e.checked} ${e.disabled}`);
  const names = /(dt-[A-Za-z]+)-[a-z0-9]+-\\d+/g;
  return seen.innerHTML.replace(names, '$1').replace(/ tabindex="-?\\d"| dt-fade/g, '') + held.join();
}"""
FRESH = """async (settings) => {
  document.documentElement.dataset.theme = 'light'; // as in the book, with links
  history.replaceState(null, '', location.pathname);
  window.place = document.querySelector('main').appendChild(document.createElement('div'));
  window.fresh = await mount(place, settings ?? undefined);
  delete document.documentElement.dataset.theme;
}"""


def face(page, place="#here"):
    """What an instrument shows, once it stays."""
    page.wait_for_function(STILL, polling=100, timeout=60_000)
    shown = None
    while (now := page.evaluate(f"({SHOWN})(document.querySelector('{place}'))")) != shown:
        shown = now
        page.wait_for_timeout(100)  # charts are drawn once more when their width is known
    return shown


def differs(found, expected):
    """Where two faces part, in a few letters; empty where they are equal."""
    at = next((k for k, pair in enumerate(zip(found, expected, strict=False)) if len(set(pair)) > 1), None)
    if at is None and len(found) == len(expected):
        return ""
    return f"...{found[max(0, (at or 0) - 150) :][:300]!r} IS NOT ...{expected[max(0, (at or 0) - 150) :][:300]}"


def like_a_fresh_one(one, opened):
    """Empty if all is as in a new instrument with these settings, whose questions are answered if `opened`."""
    page, root = one.page, one.root
    page.evaluate("document.activeElement.blur()")
    found = face(page)
    page.evaluate(FRESH, None if opened else settings(page))
    page.evaluate("place.id = 'fresh'")
    try:
        if opened:
            one.root = page.locator("#fresh .dt:visible").first
            open_gates(one)
            page.evaluate("fresh.model.set('settings', first.model.get('settings')); document.activeElement.blur()")
        return differs(found, face(page, "#fresh"))
    finally:
        one.root = root
        page.evaluate("fresh.dispose(); place.remove()")


def drive(one, opened):
    """Move every control, press every button of its own, and let the keys of the picture do something."""
    others = SHARED_BUTTONS | {"Commit", "Show me", "Remove"} | (set() if opened else {"Drop 200"})  # it opens the gate
    shift_all(one)
    for own in one.root.locator(".dt-go > button:visible:not([disabled])").all():
        if own.inner_text() not in others:
            own.click()
    picture = one.root.locator(".dt-picture [tabindex='0']:visible")
    if picture.count() and one.slug != "filmstrip":
        for key in ("ArrowRight", "Enter", "ArrowDown", "."):
            picture.first.press(key)
    bar = one.root.locator(".dt-bar, .dt-word").nth(1)
    if bar.count():
        bar.click()
    one.page.wait_for_function(STILL, polling=100, timeout=60_000)


@pytest.mark.parametrize("opened", [False, True], ids=["before a guess", "after it"])
def test_reset_undo_preset_link_and_python_lead_to_the_picture_of_a_fresh_one(one, opened):
    page, start, wrong = one.page, settings(one.page), {}

    def hold(what):
        if words := like_a_fresh_one(one, opened):
            wrong[what] = words

    if opened:
        open_gates(one)
    drive(one, opened)
    there = settings(page)
    assert there != start
    button(one, "Reset").click()
    hold("reset")
    button(one, "Undo").click()
    assert settings(page) == there
    for presses in ("Reset", "Undo"):  # the state in which Reset was pressed comes back, run and all
        before = face(page)
        button(one, "Reset").click()
        button(one, "Undo").click()
        if words := differs(face(page), before):
            wrong[f"undo of {presses}"] = words
    for k in range(len(controls(one))):
        controls(one)[k].focus()  # which may choose a point
        before, now = face(page), settings(page)
        shift(controls(one)[k])
        if settings(page) == now:  # a guess that is committed stays
            continue
        button(one, "Undo").click()
        page.evaluate("document.activeElement.blur()")
        if words := differs(face(page), before):
            wrong[f"undo of control {k}"] = words
    for preset in one.root.locator(".dt-choices button:visible:not([disabled]):not(.dt-link)").all():
        if preset.inner_text() not in ("Commit", "Show me"):
            preset.click()
            hold(preset.inner_text())
            drive(one, opened)
    page.evaluate("(all) => first.model.set('settings', all)", start)
    hold("from Python")
    drive(one, opened)
    last = list(start)[-1] if "state" not in start else "damage"
    page.evaluate("(all) => first.model.set('settings', all)", settings(page) | {last: start[last]})
    hold("one setting from Python")
    drive(one, opened)
    moved = settings(page)
    words = "&".join(f"{key}={plain(value)}" for key, value in start.items())
    page.evaluate(
        "(hash) => new Promise((done) => { addEventListener('hashchange', done, { once: true }); "
        "location.hash = hash; })",
        f"#{one.widget.config['links'][0]}=1&{words}",
    )
    assert settings(page) == start != moved
    hold("link")
    assert wrong == {}


def plain(value):
    """A value as a link says it."""
    if isinstance(value, list):
        return "_".join(plain(part) for part in value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_an_explanation_that_stays_open_lies_over_no_number(one):
    covered = """() => {
      const numbers = [...document.querySelectorAll('.dt-num')].filter((e) => e.offsetHeight);
      for (const number of numbers) number.click();
      return numbers.filter((number) => {
        number.scrollIntoView({ block: 'center' });
        const r = number.getBoundingClientRect();
        return document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2) !== number;
      }).map((number) => number.parentElement.textContent);
    }"""
    assert one.page.evaluate(covered) == []
    assert all(why.is_visible() for why in one.root.locator(".dt-num:visible + .dt-why").all())


# Where everything stands in the instrument.
PLACES = """() => {
  const root = document.querySelector('.dt'), { x, y } = root.getBoundingClientRect();
  return [...root.querySelectorAll('*')].map((e) => [e, e.getBoundingClientRect()])
    .map(([e, r]) => `${e.tagName} ${e.className} ${[r.x - x, r.y - y, r.width].map((v) => v.toFixed(1))}`);
}"""


def test_a_page_that_runs_from_right_to_left_moves_nothing_in_it(one):
    before = one.page.evaluate(PLACES)
    one.page.evaluate("document.documentElement.dir = 'rtl'")
    try:
        after = one.page.evaluate(PLACES)
        assert [pair for pair in zip(before, after, strict=True) if len(set(pair)) > 1] == []
        assert one.root.evaluate("(e) => [e.dir, e.lang, getComputedStyle(e).direction]") == ["ltr", "en", "ltr"]
    finally:
        one.page.evaluate("document.documentElement.dir = ''")


LETTERS = """() => [...document.querySelectorAll('.dt *')]
  .filter((e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
  .filter((e) => e.tagName !== 'title' && e.getClientRects().length)
  .filter((e) => !e.matches('.dt-memo-text, .dt-live, .dt-figure text'))
  .map((e) => [e.textContent, parseFloat(getComputedStyle(e).fontSize)])"""
CLIPPED = """() => [...document.querySelectorAll('.dt, .dt *')]
  .filter((e) => (!(e instanceof SVGElement) || e.tagName === 'text') && e.getClientRects().length)
  .filter((e) => !e.matches('.dt-live, .dt-name, img'))
  .filter((e) => {
    const [inner, outer] = [e, document.querySelector('.dt')].map((box) => box.getBoundingClientRect());
    return inner.right > outer.right + 1 || inner.left < outer.left - 1;
  })
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)"""


@pytest.mark.parametrize("width", [1280, 390])
def test_letters_are_as_large_as_the_browser_is_told(one, width):
    """Letters of 32 pixels in place of 16: all of them twice as large, and nothing beyond the edge.

    The letters of a chart grow as far as there is room for them.
    """
    page = one.page
    page.set_viewport_size({"width": width, "height": 900})
    before = dict(page.evaluate(LETTERS))
    page.evaluate("document.documentElement.style.fontSize = '32px'")
    try:
        as_in_book(page)
        face(page)
        after = dict(page.evaluate(LETTERS))
        charts = """() => [...document.querySelectorAll('.dt-figure svg')].filter((e) => e.clientWidth)
          .map((e) => [e.clientWidth / 320, parseFloat(getComputedStyle(e).fontSize) / 12])"""
        for room, letters in page.evaluate(charts):
            assert letters == pytest.approx(min(2, max(1, room)), abs=0.01)
        # A narrow place says some words a size smaller.
        small = {words: (before[words], size) for words, size in after.items() if size < 1.6 * before.get(words, 0)}
        assert small == {}
        assert len(after) > 5
        assert page.evaluate(CLIPPED) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.evaluate("document.documentElement.style.fontSize = ''")


def test_on_paper_and_in_forced_colours_shapes_keep_their_meaning(one):
    page = one.page
    open_gates(one)
    bare = """() => [...document.querySelectorAll(':is(.dt-picture, .dt-evidence, .dt-below) *')]
      .filter((e) => !(e instanceof SVGElement) && e.tagName !== 'IMG' && !e.childElementCount && !e.textContent)
      .filter((e) => !/rgba\\(.*, 0\\)/.test(getComputedStyle(e).backgroundColor)).map((e) => e.className)"""
    assert page.evaluate(bare) == [], "a background is no shape: printers and forced colours leave it out"
    look = (
        """(e) => ['backgroundColor', 'color', 'printColorAdjust', 'colorScheme'].map((k) => getComputedStyle(e)[k])"""
    )
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.querySelector('.dt').dataset.dtTheme === 'dark'")
    try:
        page.emulate_media(media="print")
        assert one.root.evaluate(look) == ["rgb(255, 255, 255)", "rgb(26, 31, 38)", "exact", "light"]
        page.emulate_media(media="screen", forced_colors="active")
        lost = """() => {
          const ground = getComputedStyle(document.querySelector('.dt')).backgroundColor;
          return [...document.querySelectorAll('.dt svg :is(path, rect, circle, line, text)')]
            .filter((e) => e.getClientRects().length && !e.matches('.dt-back0, .dt-memo-text'))
            .filter((e) => ['fill', 'stroke'].map((k) => getComputedStyle(e)[k])
              .every((colour) => ['none', ground].includes(colour))).map((e) => e.outerHTML.slice(0, 99));
        }"""
        assert page.evaluate(lost) == []
        assert page.evaluate(
            "[...document.querySelectorAll('.dt-minus')].every((e) => getComputedStyle(e).fill === 'none')"
        )
    finally:
        page.emulate_media(media="screen", forced_colors="none", color_scheme="light")


def test_two_on_a_page_and_a_clean_end(one):
    page = one.page
    page.evaluate(
        """async () => {
          window.place = document.querySelector('main').appendChild(document.createElement('div'));
          window.second = await mount(place);
        }"""
    )
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
    before = settings(page)
    shift(controls(one)[0])
    assert settings(page) != before
    assert page.evaluate("second.model.get('settings')") == before
    page.evaluate("second.dispose(); place.remove()")
    assert page.locator(".dt").count() == 1
    page.evaluate("document.documentElement.dataset.theme = 'light'")  # with links
    for outside in (False, True):
        key = one.widget.config["links"][0]
        ended = page.evaluate(BUSY_END, [f"#{key}=1", outside])
        assert ended == {"started": True, "left": [], "elements": 0, "listening": 0}
    page.evaluate("delete document.documentElement.dataset.theme")
    page.wait_for_timeout(400)  # what was left behind would throw now


@pytest.mark.parametrize("slug", MAKERS)
def test_its_module_parses_under_node_is_small_and_asks_for_nothing(slug, tmp_path):
    code = str(widgets.named(slug)._esm)
    module = tmp_path / "widget.mjs"
    module.write_text(code, encoding="utf-8")
    node("--check", str(module))
    assert module.stat().st_size < 60_000
    assert "http" not in code.replace("http://www.w3.org/2000/svg", "")
