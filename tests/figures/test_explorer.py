"""The curve explorer: all settings in the page, one shown, and no kernel needed to show another."""

import json
import math
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from gaitbook.edition.page import collect_assets
from gaitbook.figures import explorer
from gaitbook.figures.explorer import explore_curves, explore_cutoff, explore_pressure
from gaitbook.figures.explorer_state import setting_text, split_unit
from tests.figures.tables_of_numbers import cutoff_sweep, pressure_sweep

LABELS = {
    "setting_label": "Cut-off (Hz)",
    "x_label": "Gait cycle (%)",
    "y_label": "Vertical force (%BW)",
    "readout_label": "Error (%BW)",
}


def curves(**arguments):
    return cutoff_sweep(**arguments).rename(columns=explorer.SWEEP_NAMES)


def saved(drawing):
    return json.loads(
        re.search(r'<script type="application/json">(.*?)</script>', drawing.html, re.DOTALL).group(1)
    )


def test_the_table_is_the_input_untouched():
    table = curves()
    before = table.copy(deep=True)
    drawing = explore_curves(table, **LABELS)
    pd.testing.assert_frame_equal(drawing.table, before)
    pd.testing.assert_frame_equal(table, before)


def test_the_cut_offs_keep_the_columns_of_their_study():
    sweep = cutoff_sweep()
    pd.testing.assert_frame_equal(explore_cutoff(sweep).table, sweep)


def test_the_page_holds_every_curve_of_every_setting():
    table = curves()
    state = saved(explore_curves(table, **LABELS))["state"]
    newton = next(series for series in state["series"] if series["name"] == "Newton")
    assert state["setting"] == {"name": "Cut-off", "unit": "Hz", "texts": ["2", "6", "10", "20"]}
    for place, setting in enumerate((2.0, 6.0, 10.0, 20.0)):
        own = table[(table["setting"] == setting) & (table["series"] == "Newton")]
        assert newton["x"] == own["x"].tolist()
        for name in ("value", "low", "high"):
            np.testing.assert_allclose(newton[name][place], own[name], atol=0.06)
    assert state["readout"]["value"] == [9, 8, 7, 6]
    assert state["readout"]["low"] == [8.5, 7.5, 6.5, 5.5]


def test_a_curve_that_never_changes_is_saved_once():
    measured = saved(explore_curves(curves(), **LABELS))["state"]["series"][0]
    assert measured["name"] == "measured"
    assert len(measured["value"]) == 1


def test_the_middle_setting_comes_first_or_the_one_asked_for():
    assert saved(explore_curves(curves(), **LABELS))["index"] == 2
    drawing = explore_curves(curves(), **LABELS, start=20.0)
    assert saved(drawing)["index"] == 3
    assert "Error 6.0 %BW (5.5 to 6.5) at 20 Hz" in drawing.html


def test_numbers_are_sorted_and_words_stay_in_their_order():
    backward = curves(cutoffs_hz=(20.0, 2.0))
    assert saved(explore_curves(backward, **LABELS))["state"]["setting"]["texts"] == ["2", "20"]
    words = backward.assign(setting=backward["setting"].map({20.0: "loose", 2.0: "firm"}))
    state = saved(explore_curves(words, **{**LABELS, "setting_label": "Fit"}))["state"]
    assert state["setting"] == {"name": "Fit", "unit": "", "texts": ["loose", "firm"]}
    assert state["readout"]["value"] == [9, 8]


def test_gaps_and_endless_intervals_are_saved_as_missing():
    table = curves()
    table.loc[table["x"] == 20, "value"] = math.nan
    table = table.assign(low=-math.inf, high=math.inf, readout_low=-math.inf, readout_high=math.inf)
    drawing = explore_curves(table, **LABELS)
    state = saved(drawing)["state"]
    assert state["series"][1]["value"][0][4] is None
    assert set(state["series"][1]["low"][0]) == {None}
    assert state["readout"]["low"] == [None] * 4
    assert "Error 7.0 %BW at 10 Hz" in drawing.html


def test_one_setting_and_one_series_are_enough():
    table = curves(cutoffs_hz=(6.0,)).query("series == 'Newton'")
    assert saved(explore_curves(table, **LABELS))["state"]["setting"]["texts"] == ["6"]


def test_words_cannot_end_the_saved_state():
    table = curves().replace({"series": {"Newton": "</script><b>"}})
    state = saved(explore_curves(table, **LABELS))["state"]
    assert state["series"][1]["name"] == "</script><b>"


def test_colors_come_from_the_page():
    state = saved(explore_curves(curves(), **LABELS))["state"]
    assert all(series["color"].startswith("var(--") for series in state["series"])


def test_the_words_say_what_is_shown():
    drawing = explore_cutoff(cutoff_sweep(), label="rbds")
    for word in ("measured, Newton", "from 2 to 20", "slider", "Profile error (%BW)", "Data: rbds."):
        assert word in drawing.alt


def test_the_pressure_starts_at_a_usual_error_and_says_what_moves():
    sweep = pressure_sweep()
    drawing = explore_pressure(sweep, label="rbds")
    pd.testing.assert_frame_equal(drawing.table, pressure_sweep())
    page = saved(drawing)
    assert page["state"]["setting"] == {
        "name": "Center of pressure moved outward",
        "unit": "mm",
        "texts": ["-10", "0", "10", "20"],
    }
    assert page["index"] == 2
    assert page["state"]["readout"]["value"] == [0.6, 0, -0.6, -1.2]
    assert "Change of the peak -0.60 %BW·H (-0.70 to -0.50) at 10 mm" in drawing.html
    for word in ("as measured, shifted", "Adduction moment (%BW·H)", "Stance (%)", "Data: rbds."):
        assert word in drawing.alt


def test_pressure_without_the_usual_error_starts_in_the_middle():
    assert saved(explore_pressure(pressure_sweep(shifts_mm=(-4, 0, 4))))["index"] == 1


def test_the_measured_moment_is_saved_once_and_the_shifted_for_every_shift():
    series = saved(explore_pressure(pressure_sweep()))["state"]["series"]
    assert {each["name"]: len(each["value"]) for each in series} == {"as measured": 1, "shifted": 4}


def test_the_pressure_names_the_columns_that_it_lacks():
    with pytest.raises(
        ValueError,
        match=r"the explorer of the center of pressure: its table lacks the column\(s\) readout, unit",
    ):
        explore_pressure(pressure_sweep().drop(columns=["unit", "readout"]))
    with pytest.raises(ValueError, match="its table has no row"):
        explore_pressure(pressure_sweep().iloc[:0])


def test_all_faults_come_in_one_message():
    table = pd.concat([curves(), curves().iloc[:1]])
    table.iloc[1, table.columns.get_loc("readout")] = 99.0
    with pytest.raises(
        ValueError, match=r"repeat a setting.*not one number at setting\(s\) 2\..*start=3 is not"
    ):
        explore_curves(table, **LABELS, start=3)


def test_rows_without_a_setting_are_counted():
    table = curves()
    table.loc[:4, "setting"] = math.nan
    with pytest.raises(ValueError, match=r"5 row\(s\) have no setting"):
        explore_curves(table, **LABELS)


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match=r"the curve explorer: its table lacks the column\(s\) readout\."):
        explore_curves(curves().drop(columns="readout"), **LABELS)
    with pytest.raises(
        ValueError, match=r"the explorer of cut-offs: its table lacks the column\(s\) cutoff_hz"
    ):
        explore_cutoff(curves())


def test_the_live_widget_has_the_state_of_the_page():
    pytest.importorskip("anywidget")
    drawing = explore_curves(curves(), **LABELS)
    assert drawing.widget.state == saved(drawing)["state"]
    assert drawing.widget.index == 2


def test_without_anywidget_there_is_no_live_widget(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert explore_curves(curves(), **LABELS).widget is None


def test_words_on_axes():
    assert split_unit("Walking speed (m/s)") == {"name": "Walking speed", "unit": "m/s"}
    assert split_unit("Fold") == {"name": "Fold", "unit": ""}
    assert [setting_text(setting) for setting in (2.0, 0.25, 7, "firm")] == ["2", "0.25", "7", "firm"]


@pytest.fixture
def page(tmp_path):
    """The explorer in headless Chromium, opened from disk on a narrow screen; errors of the page are collected."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    assets = collect_assets()
    styles = assets["figures.css"] + assets["explorer.css"]
    drawing = explore_cutoff(cutoff_sweep(), label="rbds")
    scripts = "".join(f"<script>{assets[name]}</script>" for name in ("explorer.js", "mount.js"))
    body = f"<style>{styles}</style>{drawing.html}{scripts}"
    file = tmp_path / "page.html"
    file.write_text(f'<!doctype html><meta charset="utf-8">{body}', encoding="utf-8")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 390, "height": 900})
        opened.faults = []
        opened.on("pageerror", lambda error: opened.faults.append(str(error)))
        opened.on("console", lambda message: opened.faults.append(message.text))
        opened.goto(file.as_uri())
        yield opened
        browser.close()


@pytest.mark.browser
def test_the_slider_moves_curves_and_readout_without_a_kernel(page):
    slider, curve = page.locator("input[type=range]"), page.locator("path.line").nth(1)
    before = curve.get_attribute("d")
    assert page.locator("output").inner_text() == "Profile error 7.0 %BW (6.5 to 7.5) at 10 Hz"
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("output").inner_text() == "Profile error 6.0 %BW (5.5 to 6.5) at 20 Hz"
    assert slider.get_attribute("aria-valuetext") == "20 Hz: Profile error 6.0 %BW (5.5 to 6.5)"
    assert slider.get_attribute("aria-label") == "Cut-off of the low-pass (Hz)"
    assert curve.get_attribute("d") != before
    page.locator(".overview .target").first.click()
    assert page.locator("output").inner_text() == "Profile error 9.0 %BW (8.5 to 9.5) at 2 Hz"
    assert page.faults == []


@pytest.mark.browser
def test_the_explorer_fits_a_phone_and_its_thumb_stands_under_the_mark(page):
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    assert not page.locator(".gaitbook-widget > .gaitbook-figure").is_visible()
    page.locator("input[type=range]").press("End")
    track, mark = (page.locator(name).bounding_box() for name in ("input[type=range]", "circle.now"))
    # a browser puts the middle of the thumb, 18 px wide, half its width before the end of the track
    assert track["x"] + track["width"] - 9 == pytest.approx(mark["x"] + mark["width"] / 2, abs=1.5)
