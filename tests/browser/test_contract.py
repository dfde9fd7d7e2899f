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
# Reset gives back where the run began and keeps the settings; elsewhere it gives back the settings, too.
RESET_KEEPS_SETTINGS = {"dense_retrieval", "flow_field", "hopfield_retrieval"}
SHARED_BUTTONS = {"Play", "Pause", "Undo", "Reset", "copy", "link", "? Keys"}
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
    if one.slug in RESET_KEEPS_SETTINGS:
        assert settings(one.page) == now | ({"state": None} if "state" in opened else {})
    else:
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
