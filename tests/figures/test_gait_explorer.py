"""The gait explorer: one slider, a person and curves at every speed, and no kernel."""

import json
import re
import shutil
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.edition.page import collect_assets
from gaitbook.figures.gait_explorer import explore_gait
from gaitbook.figures.gait_explorer_state import FRAMES, cut_stride

SPEEDS_MPS = (0.8, 1.4, 3.0, 5.0)
JOINTS = [
    f"{joint}_{foot}" for foot in ("right", "left") for joint in ("hip", "knee", "ankle", "heel", "toe")
]
TWELVE_SPEEDS_BYTES = 400_000


def curves(settings=SPEEDS_MPS, quantities=("Knee flexion", "Vertical force")):
    """Waves that grow with the setting, half a stride apart on both sides."""
    phase = np.linspace(0, 100, 21)
    rows = [
        pd.DataFrame(
            {
                "setting": setting,
                "quantity": quantity,
                "series": side,
                "phase_percent": phase,
                "value": setting * np.sin(2 * np.pi * (phase / 100 + shift)),
                "unit": "°" if quantity == "Knee flexion" else "%BW",
            }
        )
        for setting in settings
        for quantity in quantities
        for side, shift in (("right", 0.0), ("left", 0.5))
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def people() -> list[xr.Dataset]:
    """A simulated person on a belt, every stride the same, from slow walking to fast running."""
    return [gb.simulate_trial(speed_mps=speed, variability=0.0, duration_s=3.5) for speed in SPEEDS_MPS]


@pytest.fixture(scope="module")
def drawing(people):
    return explore_gait(people, curves(), label="synthetic")


def saved(drawing):
    return json.loads(re.search(r'json">(.*?)</script>', drawing.html, re.DOTALL).group(1))


def with_joints(trial: xr.Dataset) -> xr.Dataset:
    """The trial with joint centers instead of markers: each heel under its knee under its hip."""
    place = np.zeros((trial.sizes["time"], len(JOINTS), 3))
    for number, name in enumerate(JOINTS):
        place[:, number, 1] = {"hip": 0.9, "knee": 0.5, "ankle": 0.1, "heel": 0.0, "toe": 0.0}[
            name.split("_")[0]
        ]
        place[:, number, 2] = 0.1 if name.endswith("right") else -0.1
    joints = xr.DataArray(
        place, dims=("time", "joint", "axis"), coords={"joint": JOINTS, "axis": ["x", "y", "z"]}
    )
    return trial.drop_vars("marker_position").assign(skeleton_position=joints)


def test_the_page_holds_a_stride_and_curves_for_every_speed_and_a_still_image(drawing):
    state = saved(drawing)["state"]
    assert state["setting"] == {"name": "Speed", "unit": "m/s", "texts": ["0.8", "1.4", "3", "5"]}
    assert state["gaits"] == ["walking", "walking", "running", "running"]
    assert [len(stride["points_mm"]) for stride in state["strides"]] == [FRAMES + 1] * 4
    assert [panel["name"] for panel in state["panels"]] == ["Knee flexion", "Vertical force"]
    assert all(len(series["value"]) == 4 for panel in state["panels"] for series in panel["series"])
    assert 'data-widget="gait_explorer"' in drawing.html
    assert drawing.html.count("<svg") == 2


def test_the_curves_are_those_of_the_table(drawing):
    table = curves()
    pd.testing.assert_frame_equal(drawing.table, table)
    right = saved(drawing)["state"]["panels"][0]["series"][0]
    own = table[(table["setting"] == 3.0) & (table["series"] == "right")].iloc[:21]
    assert right["name"] == "right"
    np.testing.assert_allclose(right["x"], own["phase_percent"])
    np.testing.assert_allclose(right["value"][2], own["value"], atol=0.05)


def test_it_begins_and_ends_with_a_strike_of_the_right_foot(people):
    for trial in people:
        stride = cut_stride(trial)
        strike_s = gb.detect_contacts(trial).query("foot == 'right'")["strike_s"].to_numpy()
        assert stride["time"].values[[0, -1]] == pytest.approx(strike_s[:2])
        assert stride.sizes["time"] == FRAMES + 1
        ends = stride["marker_position"].isel(time=[0, -1]).values
        np.testing.assert_allclose(ends[0], ends[1], atol=0.02)  # a foot in swing moves so far in 4 ms


def test_a_trial_without_two_strikes_is_one_stride(people):
    start_s, end_s = cut_stride(people[1])["time"].values[[0, -1]]
    alone = people[1].sel(time=slice(start_s, end_s))
    shown_s = cut_stride(alone)["time"].values
    assert shown_s[[0, -1]] == pytest.approx(alone["time"].values[[0, -1]])


def test_the_forces_shown_are_those_of_the_trial_in_body_weights(people, drawing):
    stride = saved(drawing)["state"]["strides"][0]
    shown = max(row[1] for row in stride["force_mbw"]) / 1000
    true = float(people[0]["ground_reaction_force"].sel(foot="right", axis="y").max()) / (70 * 9.81)
    assert shown == pytest.approx(true, abs=0.02)


def test_joint_centers_are_drawn_rather_than_markers(people):
    state = saved(explore_gait([with_joints(trial) for trial in people], curves()))["state"]
    assert state["person"]["marker_count"] == 0
    assert state["person"]["names"] == JOINTS
    assert len(state["person"]["bones"]) == 4


def test_the_order_of_the_trials_does_not_matter(people, drawing):
    assert explore_gait(people[::-1], curves(), label="synthetic").html == drawing.html


def test_it_starts_in_the_middle_or_where_asked(people, drawing):
    assert saved(drawing)["index"] == 2
    slow = explore_gait(people, curves(), start=0.8)
    assert saved(slow)["index"] == 0
    assert "Speed 0.8 m/s, walking; pale: other settings" in slow.html


def test_the_label_is_in_the_live_figure_the_still_one_and_the_words(drawing):
    assert saved(drawing)["state"]["person"]["label"] == "synthetic"
    assert drawing.html.split("</script>")[1].count(">synthetic</text>") == 2
    for word in ("Data: synthetic.", "from 0.8 to 5", "Knee flexion, Vertical force (right, left)", "slider"):
        assert word in drawing.alt


def test_motion_without_force_has_no_arrows_and_no_gait(people):
    state = saved(explore_gait([trial[["marker_position"]] for trial in people], curves()))["state"]
    assert state["gaits"] == [""] * 4
    assert state["strides"][0]["force_mbw"] is None


def test_twelve_speeds_of_a_whole_marker_set_stay_small():
    speeds_mps = [round(speed, 1) for speed in np.linspace(0.8, 6.0, 12)]
    trials = [gb.simulate_trial(speed_mps=speed, duration_s=3.0) for speed in speeds_mps]
    table = curves(settings=speeds_mps, quantities=("Knee flexion", *"abcde"))
    assert len(explore_gait(trials, table).html.encode()) < TWELVE_SPEEDS_BYTES


def test_all_faults_come_in_one_message(people):
    table = curves(settings=(0.8, 1.4, 3.0, 4.0))
    table.loc[0, "unit"] = "rad"
    table = pd.concat([table, table.iloc[5:6]])
    trials = [*people, people[0].drop_vars("marker_position").assign_attrs(mass_kg=None)]
    with pytest.raises(ValueError, match="Cannot draw the gait explorer") as caught:
        explore_gait(trials, table, start=2.0)
    for fault in (
        "several trials have speed_mps 0.8: give one of each",
        "no curves at speed_mps 5",
        "no trial at speed_mps 4",
        "1 trial(s) have neither marker_position nor the joints of both legs",
        "1 trial(s) have force but no mass_kg",
        "1 row(s) of the curves repeat",
        "more than one unit in the curves of Knee flexion",
        "start=2 is not among the settings",
    ):
        assert fault in str(caught.value)


def test_trials_without_a_setting_and_missing_columns_are_refused(people):
    nameless = [people[0].assign_attrs(speed_mps=None), *people[1:]]
    with pytest.raises(ValueError, match=r"1 of 4 trial\(s\) have no speed_mps"):
        explore_gait(nameless, curves())
    with pytest.raises(ValueError, match=r"0 of 0 trial\(s\) have no speed_mps"):
        explore_gait([], curves())
    with pytest.raises(ValueError, match=r"lacks the column\(s\) unit"):
        explore_gait(people, curves().drop(columns="unit"))


def test_the_live_widget_has_the_state_of_the_page(drawing):
    pytest.importorskip("anywidget")
    assert drawing.widget.state == saved(drawing)["state"]
    assert drawing.widget.index == 2


def test_without_anywidget_there_is_no_live_widget(people, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert explore_gait(people, curves()).widget is None


@pytest.fixture(params=["no-preference", "reduce"], scope="module")
def page(request, drawing, tmp_path_factory):
    """The explorer in headless Chromium on a phone, opened from disk; errors of the page are collected."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    assets = collect_assets()
    styles = "".join(assets[f"{name}.css"] for name in ("figures", "explorer", "gait_explorer"))
    scripts = "".join(f"<script>{assets[name]}</script>" for name in ("gait_explorer.js", "mount.js"))
    file = tmp_path_factory.mktemp("page") / "page.html"
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    file.write_text(f"{head}<style>{styles}</style>{drawing.html}{scripts}", encoding="utf-8")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 390, "height": 900}, reduced_motion=request.param)
        opened.calm = request.param == "reduce"
        opened.faults = []
        opened.on("pageerror", lambda error: opened.faults.append(str(error)))
        opened.on("console", lambda message: opened.faults.append(message.text))
        opened.goto(file.as_uri())
        opened.wait_for_timeout(200)
        yield opened
        browser.close()


@pytest.mark.browser
def test_the_slider_moves_person_and_curves_and_the_motion_can_be_stopped(page):
    slider, curve = page.locator("input[type=range]"), page.locator("path.line:not(.pale)").first
    cursor, scene = page.locator("line.cursor").first, page.locator("canvas")
    assert page.get_by_role("button", name="Play" if page.calm else "Pause").count() == 1
    before = cursor.get_attribute("x1")
    page.wait_for_timeout(200)
    assert (cursor.get_attribute("x1") == before) == page.calm
    if not page.calm:
        page.get_by_role("button", name="Pause").press("Enter")
    page.wait_for_timeout(60)
    picture, path = scene.screenshot(), curve.get_attribute("d")
    slider.press("ArrowLeft")
    page.wait_for_timeout(60)
    assert slider.get_attribute("aria-valuetext") == "1.4 m/s, walking"
    assert page.locator("output strong").inner_text() == "1.4 m/s"
    assert curve.get_attribute("d") != path
    assert scene.screenshot() != picture
    before = cursor.get_attribute("x1")
    scene.press(".")
    page.wait_for_timeout(60)
    assert float(cursor.get_attribute("x1")) > float(before)
    assert page.faults == []


@pytest.mark.browser
def test_it_fits_a_phone_and_stands_in_place_of_the_still_image(page):
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    assert not page.locator(".gaitbook-player-still").is_visible()
    slider, scene = page.locator("input[type=range]").bounding_box(), page.locator("canvas").bounding_box()
    assert scene["y"] + scene["height"] <= slider["y"] < 600
