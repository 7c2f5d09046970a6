"""The completion explorer: buttons hide parts of a person, and no kernel completes them."""

import json
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from gaitbook.edition.page import collect_assets
from gaitbook.figures.completion_explorer import explore_completion
from gaitbook.figures.completion_explorer_state import DRAW_STEP, hidden_limbs
from gaitbook.figures.stick_person import build_stick_person
from tests.figures.completed_strides import CHOICES, FRAMES, completed, curves, scores, stride


@pytest.fixture(scope="module")
def drawing():
    return explore_completion(stride(), completed(), curves(), scores(), label="synthetic")


def saved(drawing):
    return json.loads(re.search(r'json">(.*?)</script>', drawing.html, re.DOTALL).group(1))


def test_the_page_holds_a_stride_for_every_choice_and_a_still_image(drawing):
    state = saved(drawing)["state"]
    assert state["choices"]["texts"] == list(CHOICES)
    assert len(state["strides"]) == len(CHOICES)
    assert [len(each["points_mm"]) for each in state["strides"]] == [FRAMES] * len(CHOICES)
    assert 'data-widget="completion_explorer"' in drawing.html
    assert drawing.html.count("<svg") == 2


def test_only_what_moved_is_saved_of_the_draws(drawing):
    nothing, knees, moment = saved(drawing)["state"]["strides"]
    names = saved(drawing)["state"]["person"]["names"]
    assert nothing["moved"] == []
    assert nothing["draws"] == []
    assert [names[joint] for joint in knees["moved"]] == ["knee_right"]
    assert [len(draw) for draw in knees["draws"]] == [1 + (FRAMES - 1) // DRAW_STEP] * 3
    assert knees["draws"][2][0][0] - knees["draws"][0][0][0] == 20
    assert moment["gap"] == [30.0, 70.0]
    assert knees["gap"] is None


def test_completed_and_measured_are_drawn_at_one_place(drawing):
    state = saved(drawing)["state"]
    knee = 3 * state["person"]["names"].index("knee_right")
    away = [each["points_mm"][5][knee] - state["measured"]["points_mm"][5][knee] for each in state["strides"]]
    assert away == [0, 20, 20]


def test_hidden_coordinates_become_outlines_of_the_parts_they_move():
    skeleton = build_stick_person(stride()["skeleton_position"])
    names = skeleton.names
    limbs = hidden_limbs(skeleton, ("hip_flexion_r", "ankle_angle_l", "pelvis_tilt"))
    assert [tuple(names[end] for end in skeleton.bones[bone][:2]) for bone in limbs["bones"]] == [
        ("hip_right", "knee_right")
    ]
    assert [names[skeleton.soles[sole][0]] for sole in limbs["soles"]] == ["ankle_left"]
    assert limbs["pelvis"]
    trunk = hidden_limbs(skeleton, ("lumbar_bending",))["bones"]
    assert {names[skeleton.bones[bone][0]] for bone in trunk} == {"lumbar", "neck", "head"}
    everything = hidden_limbs(skeleton, (), all_of_it=True)
    assert len(everything["bones"]) == len(skeleton.bones)


def test_curves_keep_their_bands_and_what_was_measured_once(drawing):
    panel = saved(drawing)["state"]["panels"][0]
    right = panel["series"][0]
    table = curves().query("setting == 'knees' and quantity == 'Vertical force' and series == 'right'")
    np.testing.assert_allclose(right["value"][1], table["value"], atol=0.6)
    np.testing.assert_allclose(right["high"][1], table["high"], atol=0.6)
    np.testing.assert_allclose(right["measured"], table["measured"], atol=0.6)
    pd.testing.assert_frame_equal(drawing.table, curves())


def test_the_error_of_every_choice_is_said(drawing):
    state = saved(drawing)["state"]
    assert state["errors"] == ["2.0 %BW off", "4.0 %BW off", "6.0 %BW off"]
    assert all("90 %" in remark for remark in state["remarks"])


def test_it_starts_with_something_hidden_or_where_asked(drawing):
    assert saved(drawing)["index"] == 1
    asked = explore_completion(stride(), completed(), curves(), scores(), start="nothing")
    assert saved(asked)["index"] == 0
    assert "Hidden: nothing" in asked.html


def test_the_words_say_what_is_drawn(drawing):
    for word in ("Data: synthetic.", "nothing, knees, everything for a moment", "Buttons", "90 % band"):
        assert word in drawing.alt


def test_all_faults_come_in_one_message():
    table = pd.concat([curves(("nothing", "knees")), curves(("nothing",)).iloc[:1]])
    with pytest.raises(ValueError, match="Cannot draw the completion explorer") as caught:
        explore_completion(stride(), completed(), table, scores(("nothing",)), start="arms")
    for fault in (
        "start=arms is not among the choices nothing, knees, everything for a moment",
        "curves and completions differ in the choice(s) everything for a moment",
        "scores and completions differ in the choice(s) everything for a moment, knees",
        "1 row(s) of the curves repeat",
    ):
        assert fault in str(caught.value)


def test_missing_columns_are_refused():
    with pytest.raises(ValueError, match=r"lacks the column\(s\) low"):
        explore_completion(stride(), completed(), curves().drop(columns="low"), scores())
    with pytest.raises(ValueError, match=r"lacks the column\(s\) measure"):
        explore_completion(stride(), completed(), curves(), scores().drop(columns="measure"))


def test_the_live_widget_has_the_state_of_the_page(drawing):
    pytest.importorskip("anywidget")
    assert drawing.widget.state == saved(drawing)["state"]
    assert drawing.widget.index == 1


def test_without_anywidget_there_is_no_live_widget(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert explore_completion(stride(), completed(), curves(), scores()).widget is None


@pytest.fixture(scope="module")
def page(drawing, tmp_path_factory):
    """The explorer in headless Chromium on a phone, opened from disk; errors of the page are collected."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    assets = collect_assets()
    styles = "".join(assets[f"{name}.css"] for name in ("figures", "explorer", "gait_explorer"))
    styles += assets["completion_explorer.css"]
    scripts = "".join(f"<script>{assets[name]}</script>" for name in ("completion_explorer.js", "mount.js"))
    file = tmp_path_factory.mktemp("page") / "page.html"
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    file.write_text(f"{head}<style>{styles}</style>{drawing.html}{scripts}", encoding="utf-8")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 390, "height": 900}, reduced_motion="reduce")
        opened.faults = []
        opened.on("pageerror", lambda error: opened.faults.append(str(error)))
        opened.on("console", lambda message: opened.faults.append(message.text))
        opened.goto(file.as_uri())
        opened.wait_for_timeout(200)
        yield opened
        browser.close()


@pytest.mark.browser
def test_the_keys_choose_what_is_hidden_and_person_and_curves_follow(page):
    knees, scene = page.get_by_role("radio", name="knees"), page.locator("canvas")
    curve, band = page.locator("path.line:not(.measured)").first, page.locator("path.band").first
    assert knees.is_checked()
    before = [scene.screenshot(), curve.get_attribute("d"), band.get_attribute("d")]
    assert page.locator("rect.gap").first.get_attribute("width") == "0"
    knees.press("ArrowRight")
    page.wait_for_timeout(60)
    assert page.get_by_role("radio", name="everything for a moment").is_checked()
    assert page.locator("output strong").inner_text() == "6.0 %BW off"
    assert curve.get_attribute("d") != before[1]
    assert band.get_attribute("d") != before[2]
    assert scene.screenshot() != before[0]
    assert float(page.locator("rect.gap").first.get_attribute("width")) > 10
    assert page.faults == []


@pytest.mark.browser
def test_it_fits_a_phone(page):
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    assert not page.locator(".gaitbook-player-still").is_visible()
