"""Instruments in Chromium: keys, pointer, touch, themes, narrow screens, screen readers, and their clean end."""

from __future__ import annotations

import io

import numpy as np
import pytest
from browser import changed, pixels, serious
from instrument_models import random_pairs
from PIL import Image
from preview import shown

from damtutor.models.dense import DenseAM
from damtutor.models.interactions import Power
from damtutor.patterns import digits
from damtutor.rng import Rng32
from damtutor.widgets import DenseRetrieval, Explorer, Filmstrip, Overlap
from damtutor.widgets.filmstrip import MAX_SWEEPS, stores

pytestmark = pytest.mark.browser


def line(n, load):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3))
    figure.subplots().plot([0, 1], [0, n * load])
    return figure, f"A line that rises to {n * load}."


MAKERS = {
    "filmstrip": Filmstrip,
    "retrieval": lambda **options: DenseRetrieval(digits(), names=[f"digit {d}" for d in range(10)], **options),
    "overlap": Overlap,
    "explorer": lambda: Explorer(line, title="Lines", n=[2, 3], load=[0.5, 1.0]),
}
INK = """(root) => [...(root.querySelector('path.dt-ink').getAttribute('d') || '').matchAll(/M([\\d.]+) ([\\d.]+)/g)]
  .map((m) => Math.floor(m[1]) + 8 * Math.floor(m[2]))"""


def settings(page):
    return page.evaluate("first.model.get('settings')")


def state(page) -> np.ndarray:
    """What the large grid shows, ±1."""
    on = page.locator(".dt-grid").evaluate(INK)
    spins = np.full(64, -1, dtype=np.int8)
    spins[on] = 1
    return spins


def slider(page, name):
    return page.get_by_role("slider", name=name)


def set_to(range_input, place):
    range_input.evaluate(
        "(e, v) => { e.value = v; for (const t of ['input', 'change']) e.dispatchEvent(new Event(t)); }", place
    )


def damaged(q=0, percent=10, seed=0):
    """Digit q as the instruments damage it, and the generator that then orders the sweeps."""
    rng, start = Rng32(1000 * seed + q), digits()[q]
    start[rng.choose(64, int(percent * 64 / 100 + 0.5))] *= -1
    return start, rng


def ten_by_python(n, q):
    """What becomes of query q of ten random pictures with 80 % flipped, seed 0, as `DenseAM` has it."""
    model, rng = DenseAM(stores()["random"][:10], Power(n)), Rng32(q)
    start = model.patterns[q].copy()
    start[rng.choose(64, 51)] *= -1
    return model.retrieve(start, max_sweeps=MAX_SWEEPS, rng=rng)


# --- filmstrip


def test_n_by_key_and_by_pointer(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        strip, n = page.locator(".dt-strip"), slider(page, "Power n")
        assert n.get_attribute("aria-valuetext") == "n = 2"
        before = pixels(strip)
        n.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert changed(strip, before)
        assert settings(page)["n"] == 5
        assert page.locator(".dt-big .dt-num").inner_text() == "10 of 10 recovered"
        assert set(page.locator(".dt-mark").all_inner_texts()) == {"✓ back"}
        box = n.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 3 / 9, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=5)
        page.mouse.up()
        assert settings(page)["n"] == "exp"
        assert page.get_by_label("rectified").is_disabled()
        page.get_by_role("button", name="Undo").click()
        assert settings(page)["n"] == 5, "one drag is one step of undo"
        for _ in range(4):
            page.keyboard.press("u")
        assert settings(page)["n"] == 2


def test_python_changes_the_settings_and_hears_of_changes(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        page.evaluate("first.model.set('settings', {...first.model.get('settings'), n: 6, damage: 30})")
        assert slider(page, "Power n").get_attribute("aria-valuetext") == "n = 6"
        assert page.evaluate("first.model.saved") == 0, "what Python said is not sent back"
        page.get_by_label("Store", exact=True).select_option("random")
        assert settings(page)["store"] == "random"
        assert page.evaluate("first.model.saved") == 1


def test_gates_reveal_after_a_guess_and_keep_it(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        assert page.get_by_role("button", name="Commit").is_disabled()
        assert page.locator(".dt-dot").count() == 0
        page.get_by_label("4", exact=True).check()
        page.get_by_role("button", name="Commit").click()
        verdict = page.locator(".dt-verdict")
        page.wait_for_function("document.querySelector('.dt-verdict').textContent.includes('n = 5: 10 of ten')")
        assert verdict.inner_text().startswith("Your guess: 4. ")
        assert page.locator(".dt-dot").count() == 10
        assert page.locator(".dt-guess").count() == 1
        page.get_by_role("button", name="Next question").click()
        page.get_by_role("button", name="Set this up").click()
        assert settings(page) | {"seed": 0} == {
            "store": "random", "count": 10, "damage": 80, "n": 4, "rectified": False, "seed": 0,
        }  # fmt: skip
        page.get_by_role("button", name="Show me").click()
        page.wait_for_function("document.querySelector('.dt-verdict').textContent.includes('odd n 0 of 40')")
        assert set(page.locator(".dt-mark").all_inner_texts()) == {"⊖ neg."}
        assert page.locator(".dt-guess").count() == 0
        negatives = sum(-64 in ten_by_python(n, q).overlaps for n in (2, 4, 6, 8, 10) for q in range(10))
        answer = f"seed 0: even n {negatives} of 50, odd n 0 of 40"
        assert answer in verdict.inner_text()
        set_to(slider(page, "Damage"), 0)
        page.wait_for_function("document.querySelector('.dt-verdict').textContent.includes('have changed')")
        assert answer in verdict.inner_text(), "the question says 80 %, and so does its answer"
        page.get_by_role("button", name="Set this up").click()
        page.wait_for_function("!document.querySelector('.dt-verdict').textContent.includes('have changed')")
        assert answer in verdict.inner_text()


def test_the_guess_exp_is_drawn(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        page.get_by_label("exp", exact=True).check()
        page.get_by_role("button", name="Commit").click()
        assert page.locator(".dt-guess").count() == 1
        assert page.locator(".dt-verdict").inner_text().startswith("Your guess: exp. ")


def test_reset_and_step_are_one_undo_each(browser, tmp_path):
    with shown(browser, Filmstrip(n=5, damage=30), tmp_path) as (page, _):
        page.get_by_role("button", name="? Keys").click()
        assert "next n" in page.locator(".dt-help").inner_text()
        before = settings(page)
        for act in ("Reset", "."):
            if act == ".":
                slider(page, "Power n").press(".")
            else:
                page.get_by_role("button", name=act).click()
            assert settings(page) != before
            page.get_by_role("button", name="Undo").click()
            assert settings(page) == before


def test_the_walk_says_what_it_draws(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        walk = page.locator(".dt-below")
        assert "line: −Σ M^2. Each curve is drawn between its own lowest" in walk.inner_text()
        assert walk.locator(".dt-line").count() == 1, "n = 2 needs no second curve for n = 2"
        set_to(slider(page, "Power n"), 9)
        assert "line: −Σ exp(M) · dotted: n = 2. " in walk.inner_text()
        assert walk.get_by_role("img").get_attribute("aria-label").startswith("−Σ exp(M), drawn between")
        assert walk.locator(".dt-line").count() == 2


def test_a_picture_opens_and_closes_by_key(browser, tmp_path):
    with shown(browser, Filmstrip(n=4), tmp_path) as (page, _):
        page.locator(".dt-film").first.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert page.get_by_role("button", name="digit 3").get_attribute("aria-pressed") == "true"
        assert (state(page) == damaged(3)[0]).all()
        page.get_by_role("button", name="← Back to the ten").click()
        assert page.locator(".dt-grid").count() == 0
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("digit 3: ends on")


def test_a_change_from_python_closes_a_picture_and_reset_in_it_keeps_the_picture(browser, tmp_path):
    with shown(browser, Filmstrip(n=4), tmp_path) as (page, _):
        page.locator(".dt-film").nth(3).click()
        here = page.locator(".dt:visible")
        here.get_by_role("slider", name="Damage").press("End")
        here.get_by_role("button", name="Reset").click()
        assert here.get_by_role("button", name="digit 3").get_attribute("aria-pressed") == "true"
        assert (state(page) == damaged(3)[0]).all()
        page.evaluate("first.model.set('settings', {...first.model.get('settings'), n: 5})")
        assert page.locator(".dt-grid").count() == 0
        assert slider(page, "Power n").get_attribute("aria-valuetext") == "n = 5"


@pytest.mark.parametrize("store", ["digits", "random"])
def test_a_picture_from_the_strip_copies_a_call_that_runs(browser, tmp_path, store):
    with shown(browser, Filmstrip(n=5, store=store, count=30), tmp_path) as (page, _):
        page.locator(".dt-film").nth(3).click()
        page.get_by_role("button", name="copy").and_(page.locator(":visible")).click()
        page.wait_for_selector(".dt-note:visible")
        lines = page.locator(".dt-note:visible").inner_text().removeprefix("Copied: ").splitlines()
        names = {}
        exec("\n".join(lines[:-1]), names)
        view = eval(lines[-1], names)
        assert {"store": store, "target": 3, "n": 5, "state": None}.items() <= view.settings.items()
        assert len(view.config["sets"][0]["rows"]) == 30
        assert view.config["sets"][0]["labels"] == ([f"digit {d}" for d in range(10)] if store == "digits" else [])


def test_the_last_seed_is_followed_by_the_first(browser, tmp_path):
    with shown(browser, Overlap(seed=999_999), tmp_path) as (page, _):
        page.get_by_role("button", name="next", exact=True).click()
        assert settings(page)["seed"] == 0


def test_a_number_says_where_it_comes_from(browser, tmp_path):
    with shown(browser, Filmstrip(), tmp_path) as (page, _):
        page.locator(".dt-big .dt-num").focus()
        page.keyboard.press("Shift")  # focus by key is what shows it
        why = page.locator(".dt-big .dt-why")
        page.wait_for_timeout(50)
        assert why.is_visible()
        assert "6 pixels flipped in each, K = 10 stored, seed 0" in why.inner_text()


# --- retrieval


def test_play_ends_where_python_ends(browser, tmp_path):
    with shown(browser, MAKERS["retrieval"](n=4, target=3), tmp_path) as (page, _):
        page.locator(".dt-grid").focus()
        page.keyboard.press(" ")
        page.wait_for_function("document.querySelector('.dt-evidence').textContent.includes('settled')", timeout=30_000)
        start, rng = damaged(3)
        trace = DenseAM(digits(), Power(4)).retrieve(start, rng=rng, record="flips")
        assert (state(page) == trace.state).all()
        assert f"{len(trace.flips)} in {64 * trace.sweeps} updates" in page.locator(".dt-evidence").inner_text()
        page.wait_for_function("document.querySelector('.dt-live').textContent.includes('settled')")
        page.keyboard.press("b")
        assert (state(page) == start).all()
        assert settings(page)["n"] == 4, "the run begins again, the settings stay"
        page.keyboard.press("u")
        assert (state(page) == trace.state).all()


def test_reduced_motion_jumps_to_the_end(browser, tmp_path):
    with shown(browser, MAKERS["retrieval"](n=5), tmp_path, reduced_motion="reduce") as (page, _):
        page.get_by_role("button", name="Play").click()
        assert "settled" in page.locator(".dt-evidence").inner_text()
        assert page.get_by_role("button", name="Play").is_visible()
        assert (state(page) == digits()[0]).all()


def test_one_step_one_sweep_and_all_together(browser, tmp_path):
    with shown(browser, MAKERS["retrieval"](n=3, damage=30), tmp_path) as (page, _):
        start, rng = damaged(0, 30)
        model = DenseAM(digits(), Power(3))
        page.get_by_role("button", name="Sweep").click()
        assert (state(page) == model.retrieve(start, max_sweeps=1, rng=rng).state).all()
        page.keyboard.press(".")
        assert "in 65 updates" in page.locator(".dt-evidence").inner_text()
        page.get_by_role("button", name="Restart").click()
        page.get_by_label("Update", exact=True).select_option("sync")
        page.get_by_role("button", name="Step").click()
        assert (state(page) == model.retrieve(start, order="sync", max_sweeps=1).state).all()


def test_two_patterns_swap_for_ever_together(browser, tmp_path):
    patterns = np.array([[1, 1], [-1, -1]])
    widget = DenseRetrieval(patterns, shape=(1, 2), n=2, order="sync", damage=50)
    with shown(browser, widget, tmp_path, reduced_motion="reduce") as (page, _):
        page.get_by_role("button", name="Play").click()
        assert "swaps for ever between two states" in page.locator(".dt-evidence").inner_text()


def test_painting_by_mouse_touch_and_key(browser, tmp_path):
    with shown(browser, MAKERS["retrieval"](damage=0), tmp_path, has_touch=True, width=390) as (page, _):
        box = page.locator(".dt-grid svg").bounding_box()

        def middle(column, row):
            return box["x"] + (column + 0.5) * box["width"] / 8, box["y"] + (row + 0.5) * box["height"] / 8

        expected = digits()[0].copy()
        assert (state(page) == expected).all()
        page.mouse.move(*middle(0, 0))
        page.mouse.down()
        page.mouse.move(*middle(3, 0), steps=12)
        page.mouse.up()
        expected[:4] = 1
        assert (state(page) == expected).all()
        page.touchscreen.tap(*middle(7, 7))
        expected[63] *= -1
        assert (state(page) == expected).all()
        page.locator(".dt-grid").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expected[54] *= -1
        assert (state(page) == expected).all()
        assert settings(page)["state"] is not None
        page.wait_for_function("document.querySelector('.dt-live').textContent.startsWith('row 7, column 7')")
        for _ in range(3):
            page.keyboard.press("u")
        assert (state(page) == digits()[0]).all()


def test_keys_stay_out_of_controls_and_pages(browser, tmp_path):
    with shown(browser, MAKERS["retrieval"](), tmp_path) as (page, _):
        start = state(page)
        page.get_by_role("button", name="Step").focus()
        page.keyboard.press(" ")  # presses the button, does not play
        assert "in 1 update" in page.locator(".dt-evidence").inner_text()
        page.get_by_label("Update", exact=True).focus()
        page.keyboard.press("r")
        assert "in 1 update" in page.locator(".dt-evidence").inner_text()
        page.evaluate("document.addEventListener('keydown', (e) => (window.heard = [...(window.heard ?? []), e.key]))")
        page.get_by_role("button", name="Step").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Control+s")
        assert page.evaluate("window.heard") == ["Control", "s"], "JupyterLab acts on plain arrows and letters"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("r")
        page.keyboard.press(" ")
        page.wait_for_timeout(100)
        assert "in 1 update" in page.locator(".dt-evidence").inner_text()
        page.locator(".dt-grid").focus()
        page.keyboard.press("?")
        assert "Arrows" in page.locator(".dt-help").inner_text()
        page.keyboard.press("r")
        assert (state(page) == start).all()


def test_picture_play_and_energy_are_in_sight_together(browser, tmp_path):
    with shown(browser, MAKERS["retrieval"](), tmp_path) as (page, _):
        page.set_viewport_size({"width": 1280, "height": 800})
        play = page.get_by_role("button", name="Play")
        grid, chart, go = (part.bounding_box() for part in (page.locator(".dt-grid"), page.locator(".dt-chart"), play))
        assert max(box["y"] + box["height"] for box in (grid, chart, go)) < 800
        assert max(grid["x"] + grid["width"], go["x"] + go["width"]) < chart["x"], "controls are under the picture"
    with shown(browser, MAKERS["retrieval"](), tmp_path, width=390) as (page, _):
        page.set_viewport_size({"width": 390, "height": 844})
        chart, go = page.locator(".dt-chart").bounding_box(), page.get_by_role("button", name="Play").bounding_box()
        assert chart["y"] + chart["height"] < 1.5 * 844
        page.evaluate("(y) => scrollTo(0, y)", chart["y"] + chart["height"] - 844)
        grid, go = page.locator(".dt-grid").bounding_box(), page.get_by_role("button", name="Play").bounding_box()
        assert 0 <= grid["y"] < grid["y"] + grid["height"] < go["y"]


# --- all


def test_the_overlap_is_named_per_neuron(browser, tmp_path):
    with shown(browser, Overlap(), tmp_path) as (page, _):
        M = random_pairs(64)[0]
        assert f"overlap per pixel m = M/N = {M / 64:.3f}" in page.locator(".dt-picture").inner_text()
        assert f"M = a·b = {M}, divided by N" in page.locator(".dt-why").first.text_content()
        assert page.locator(".dt-line-theory").evaluate("e => getComputedStyle(e).strokeDasharray") == "none"
        assert "m = M/N" in page.locator("figcaption").inner_text()


# --- overlap


def reads(page, nth):
    """A number beside the histogram and the words that answer for it."""
    part = page.locator(".dt-evidence .dt-read", has=page.locator(".dt-num")).nth(nth)
    return part.locator(".dt-num").inner_text(), part.locator(".dt-why").text_content()


def test_the_histogram_waits_for_a_guess_and_keeps_it(browser, tmp_path):
    with shown(browser, Overlap(seed=5), tmp_path) as (page, _):
        chart, n = page.locator(".dt-chart"), slider(page, "Pixels")
        before = pixels(chart)
        set_to(n, 10)
        assert settings(page)["N"] == 4096
        assert pixels(chart) == before
        assert "stays at N = 64 until you have guessed" in page.locator(".dt-key").inner_text()
        page.get_by_label("half as wide").check()
        page.get_by_role("button", name="Commit").click()
        assert settings(page)["N"] == 256
        small, large = (np.std(random_pairs(N, 5) / N, ddof=1) for N in (64, 256))
        verdict = page.locator(".dt-verdict").inner_text()
        assert verdict.startswith("Your guess: half as wide. From N = 64 to 256 ")
        assert f"goes from {small:.3f} to {large:.3f}, times {large / small:.3f} ±" in verdict
        assert page.locator(".dt-line-guessed").count() == 1
        set_to(n, 7)
        assert page.locator(".dt-line-guessed").count() == 0, "the guess was about four times as many pixels"
        assert page.locator(".dt-verdict").inner_text() == verdict
        for _ in range(2):
            page.get_by_role("button", name="Undo").click()
        assert settings(page)["N"] == 4096


@pytest.mark.parametrize(("place", "N"), [(0, 4), (10, 4096)])
def test_both_ends_of_the_slider(browser, tmp_path, place, N):
    with shown(browser, Overlap(), tmp_path) as (page, log):
        page.get_by_role("button", name="Show me").click()
        set_to(slider(page, "Pixels"), place)
        M = random_pairs(N)
        width, why = reads(page, 0)
        assert width == f"{np.std(M / N, ddof=1):.3f}"
        assert f"1000 pairs of {N} pixels, seed 0" in why
        assert f"theory 1/√{N} = {N**-0.5:.3f}" in page.locator(".dt-evidence").inner_text()
        label = page.locator(".dt-chart").get_attribute("aria-label").replace("−", "-")
        assert f"between {M.min() / N:.3f} and {M.max() / N:.3f}" in label
        assert page.locator(".dt-tick").all_text_contents()[-5:] == ["−1", "−0.5", "0", "0.5", "1"]
        assert serious(page) == []
        assert log.errors == []


def test_every_count_can_be_questioned_by_key_and_by_pointer(browser, tmp_path):
    with shown(browser, Overlap(N=16), tmp_path) as (page, _):
        M = random_pairs(16)
        bar = M[0]
        number = page.locator(".dt-evidence .dt-num").last
        assert reads(page, 1)[0] == f"{(bar == M).sum()} of 1000", "the marked bar is the one with the ring"
        number.focus()
        for _ in range(12):
            page.keyboard.press("ArrowLeft")
        count, why = reads(page, 1)
        assert count == f"{(M == -16).sum()} of 1000"
        assert "m = −1.000; seed 0. Expected: 0.0 ± 0.1 (binomial, exact)" in why
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        count, why = reads(page, 1)
        assert count == f"{(M == 0).sum()} of 1000"
        assert "Expected: 196.4 ± 12.6 (binomial, exact); 199.5 by the line." in why  # C(16, 8)/2^16 = .19638
        page.keyboard.press("Shift")
        assert page.locator(".dt-evidence .dt-why").last.is_visible()
        assert serious(page) == []
        box = page.locator(".dt-evidence .dt-rule").first.bounding_box()
        foot = page.locator(".dt-chart").bounding_box()
        page.mouse.click(box["x"] + box["width"] * (1.25 + 0.125) / 2.5, foot["y"] + 100)
        assert reads(page, 1)[0] == f"{(M == 2).sum()} of 1000"
        assert settings(page)["N"] == 16, "arrows on the number do not move the slider"


@pytest.mark.parametrize("name", ["filmstrip", "retrieval"])
def test_narrow_order_and_the_picture_that_stays_in_sight(browser, tmp_path, name):
    with shown(browser, MAKERS[name](), tmp_path, width=390) as (page, _):
        parts = ["picture", "controls", "evidence", "below" if name == "filmstrip" else "bars"]
        tops = [page.locator(f".dt-{part}").bounding_box()["y"] for part in parts]
        assert tops == sorted(tops)
        page.evaluate("(y) => scrollTo(0, y)", tops[0] + 60)
        page.wait_for_function("Math.abs(document.querySelector('.dt-picture').getBoundingClientRect().top) < 1")


def test_theme_follows_lab_and_book_while_it_changes(browser, tmp_path):
    with shown(browser, Overlap(), tmp_path) as (page, _):
        theme = page.locator(".dt")
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.wait_for_function("document.querySelector('.dt').dataset.dtTheme === 'dark'")
        page.evaluate("document.body.dataset.jpThemeLight = 'true'")
        page.wait_for_function("document.querySelector('.dt').dataset.dtTheme === 'light'")
        page.evaluate("delete document.body.dataset.jpThemeLight; document.documentElement.dataset.theme = 'auto'")
        page.emulate_media(color_scheme="dark")
        page.wait_for_function("document.querySelector('.dt').dataset.dtTheme === 'dark'")
        assert theme.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(21, 25, 30)"


def test_undo_is_fifty_deep(browser, tmp_path):
    with shown(browser, Overlap(), tmp_path) as (page, _):
        for _ in range(60):
            page.get_by_role("button", name="next", exact=True).click()
        for _ in range(60):
            page.get_by_role("button", name="Undo").click()
        assert settings(page)["seed"] == 10
        page.wait_for_function("document.querySelector('.dt-live').textContent === 'Nothing to undo.'")


def test_frames_change_picture_and_words(browser, tmp_path):
    with shown(browser, MAKERS["explorer"](), tmp_path) as (page, _):
        picture = page.locator("img")
        before = pixels(picture)
        assert picture.get_attribute("alt") == "A line that rises to 1.0."
        slider(page, "load").focus()
        page.keyboard.press("ArrowRight")
        assert picture.get_attribute("alt") == "A line that rises to 2.0."
        assert changed(picture, before)
        assert settings(page) == {"n": 2, "load": 1.0}


@pytest.mark.parametrize("width", [1280, 390])
def test_every_frame_shows_its_own_picture(browser, tmp_path, width, monkeypatch):
    """Greys within a white border, two pictures a strip: no neighbour is seen, also where the picture is scaled."""
    from matplotlib.figure import Figure

    monkeypatch.setattr("damtutor.widgets.explorer.TALLEST", 700)
    greys = [0.1, 0.3, 0.5, 0.7, 0.9]

    def grey(k):
        figure = Figure(figsize=(5, 4))
        figure.add_axes([0.02, 0.02, 0.96, 0.96]).set(facecolor=str(greys[k]), xticks=[], yticks=[])
        return figure, f"Grey {k}."

    frames = Explorer(grey, dpi=80, k=range(5))
    assert (frames.config["per"], len(frames.config["strips"])) == (2, 3)
    with shown(browser, frames, tmp_path, width=width) as (page, _):
        picture = page.locator("img")
        for k in (0, 1, 3, 2, 4):
            set_to(slider(page, "k"), k)
            page.wait_for_function("document.querySelector('img').complete")
            seen = np.asarray(Image.open(io.BytesIO(picture.screenshot())).convert("L")).astype(int)
            high, wide = seen.shape
            assert wide / high == pytest.approx(5 / 4, abs=0.01)
            assert abs(seen[high // 2, wide // 2] - 255 * greys[k]) < 2, k
            assert min(seen[2, wide // 2], seen[-3, wide // 2]) > 250, k
