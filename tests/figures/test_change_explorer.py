"""The change explorer: several sliders, a person, curves and numbers between the nodes of a grid, and no kernel."""

import json
import re
import shutil
import subprocess
import sys
from itertools import product

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.edition.page import collect_assets
from gaitbook.figures.change_explorer import explore_changes
from gaitbook.figures.change_explorer_state import FRAMES
from gaitbook.figures.slider_grid import find_grid, save_slider, tell_differences

SLIDERS = {"trunk_lean_deg": "Trunk lean (°; to the standing leg)", "speed_mps": "Speed (m/s)"}
LEVELS = {"trunk_lean_deg": (0.0, 5.0, 10.0), "speed_mps": (1.0, 1.4)}
FOUR = {
    **LEVELS,
    "toe_out_deg": (-10.0, 0.0, 10.0),
    "step_width_cm": (-4.0, 0.0, 4.0),
    "speed_mps": (1.0, 1.2, 1.4),
}
JOINTS = {
    "hip": 0.9,
    "knee": 0.5,
    "ankle": 0.1,
    "heel": 0.0,
    "toe": 0.0,
    "shoulder": 1.4,
    "elbow": 1.1,
    "wrist": 0.9,
}
MIDDLE = {"pelvis": 0.95, "lumbar": 1.05, "neck": 1.5, "head": 1.6}
NAMES = [f"{joint}_{foot}" for foot in ("right", "left") for joint in JOINTS] + list(MIDDLE)
MASS_KG = 70.0
WORDS = "Outside what the model has seen."
FOUR_SLIDERS_BYTES = 600_000


def nodes(levels):
    return [dict(zip(levels, values, strict=True)) for values in product(*levels.values())]


def stride(lean_deg, speed_mps, seconds, *others):
    """A person whose knees swing with the speed and whose upper body leans to the right, two feet in turn."""
    phase = np.linspace(0.0, 1.0, 61)
    place = np.zeros((phase.size, len(NAMES), 3))
    for number, name in enumerate(NAMES):
        joint, _, foot = name.partition("_")
        height_m = {**JOINTS, **MIDDLE}[joint]
        swing_m = 0.1 * speed_mps * np.sin(2.0 * np.pi * (phase + (foot == "left") / 2.0)) * (joint == "knee")
        place[:, number] = np.stack([swing_m, np.full(phase.size, height_m), np.zeros(phase.size)], axis=1)
        tilt_m = np.sin(np.deg2rad(lean_deg)) * max(height_m - 1.0, 0.0) + 0.001 * sum(others) * (
            joint == "toe"
        )
        place[:, number, 2] = {"right": 0.1, "left": -0.1, "": 0.0}[foot] + tilt_m
    force = np.zeros((phase.size, 2, 3))
    force[phase <= 0.6, 0, 1] = 700.0 * speed_mps
    force[phase >= 0.5, 1, 1] = 700.0 * speed_mps
    point = np.where(force[..., 1:2] > 0, [[[0.1, 0.0, 0.1], [0.1, 0.0, -0.1]]], np.nan)
    arrays = {
        "skeleton_position": (("time", "joint", "axis"), place),
        "ground_reaction_force": (("time", "foot", "axis"), force),
        "center_of_pressure": (("time", "foot", "axis"), point),
    }
    labels = {"time": seconds * phase, "joint": NAMES, "axis": list("xyz"), "foot": ["right", "left"]}
    return xr.Dataset(arrays, labels, {"mass_kg": MASS_KG})


def people(levels=LEVELS):
    others = [name for name in levels if name not in LEVELS]
    return [
        stride(
            node["trunk_lean_deg"],
            node["speed_mps"],
            2.0 - node["speed_mps"] / 2.0,
            *(node[each] for each in others),
        ).assign_attrs(node)
        for node in nodes(levels)
    ]


def height(node, phase=1.0):
    """Bilinear, with an interaction."""
    return phase * (10.0 * node["speed_mps"] - 0.4 * node["trunk_lean_deg"] * node["speed_mps"])


def curves(levels=LEVELS, samples=21):
    """Ramps as high as `height`, with a band one wide on both sides but for the node 0, 1.0, and one without band."""
    phase = np.linspace(0.0, 100.0, samples)
    parts = []
    for node in nodes(levels):
        value = height(node, phase / 100.0)
        half = np.nan if node["trunk_lean_deg"] == 0.0 and node["speed_mps"] == 1.0 else 1.0
        numbers = {
            "phase_percent": phase,
            "value": value,
            "low": value - half,
            "high": value + half,
            "unit": "%BW·H",
        }
        parts.append(pd.DataFrame(numbers).assign(quantity="Knee adduction moment", **node))
        plain = {"low": np.nan, "high": np.nan, "quantity": "Knee flexion", "unit": "°"}
        parts.append(pd.DataFrame(numbers).assign(**plain, **node))
    return pd.concat(parts, ignore_index=True)


def readouts(levels=LEVELS):
    rows = [
        {
            **node,
            "quantity": "First peak",
            "value": height(node),
            "low": height(node) - 1.0,
            "high": height(node) + 1.0,
            "unit": "%BW·H",
            "words": WORDS if node["trunk_lean_deg"] == 10.0 else "",
        }
        for node in nodes(levels)
    ]
    return pd.DataFrame(rows)


def explore(**changes):
    given = {"trials": people(), "curves": curves(), "readouts": readouts(), "sliders": SLIDERS, **changes}
    return explore_changes(given.pop("trials"), given.pop("curves"), given.pop("readouts"), **given)


@pytest.fixture(scope="module")
def drawing():
    return explore(label="synthetic")


def saved(drawing):
    return json.loads(re.search(r'json">(.*?)</script>', drawing.html, re.DOTALL).group(1))


def full_nodes(state):
    """Nodes of the page as its script reads them: along each slider the start's numbers are added to the others."""
    shape = [len(slider["nodes"]) for slider in state["sliders"]]
    numbers = np.reshape(state["nodes"], (*shape, -1))
    for axis, slider in enumerate(state["sliders"]):
        along = np.moveaxis(numbers, axis, 0)
        along[np.arange(len(along)) != slider["start"]] += along[slider["start"]]
    return numbers


def part(state, node, name):
    """One part of the full numbers of a node."""
    at = 0
    for each, rows, columns in state["parts"]:
        if each == name:
            return node[at : at + rows * columns].reshape(rows, columns)
        at += rows * columns
    raise KeyError(name)


def test_what_is_told_by_differences_comes_back_whole():
    numbers = np.random.default_rng(0).integers(-99, 99, (3, 2, 4, 5))
    told = tell_differences(numbers, (1, 0, 3))
    np.testing.assert_array_equal(told[1, 0, 3], numbers[1, 0, 3])
    for axis, place in enumerate((1, 0, 3)):
        along = np.moveaxis(told, axis, 0)
        along[np.arange(len(along)) != place] += along[place]
    np.testing.assert_array_equal(told, numbers)


def test_where_sliders_only_add_up_nothing_is_told_of_pairs():
    lean, speed = np.meshgrid([0, 3, 5], [10, 20], indexing="ij")
    told = tell_differences((lean + speed)[..., None], (0, 0))[..., 0]
    np.testing.assert_array_equal(told, [[10, 10], [3, 0], [5, 0]])


def test_nodes_are_found_by_value_and_nothing_else():
    grid = find_grid(np.array(list(product((0.1 + 0.2, 1.0), (5.0, -5.0)))), ["a", "b"])
    assert grid.levels == ((0.3, 1.0), (-5.0, 5.0))
    asked = np.array([[0.3, -5.0], [1.0, 5.0], [0.5, 5.0], [np.nan, 5.0]])
    assert grid.find(asked).tolist() == [0, 3, -1, -1]
    assert grid.say(1) == "a 0.3, b 5"


@pytest.mark.parametrize(
    ("values", "step"),
    [((0.0, 5.0, 10.0), 0.2), ((-10.0, 0.0, 15.0), 0.5), ((0.8, 1.25, 1.6), 0.01), ((0.0, np.pi, 10.0), 0.1)],
)
def test_the_steps_of_a_slider_are_fine_round_and_meet_the_nodes(values, step):
    slider = save_slider("Speed (m/s)", values, 1)
    assert slider["step"] == pytest.approx(step)
    assert 40 <= slider["steps"] <= 1000
    if values[1] != np.pi:
        counts = np.subtract(values, values[0]) / slider["step"]
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-6)


def test_words_after_the_unit_explain_it():
    slider = save_slider("Step width (cm, change)", (-4.0, 0.0, 4.0), 1)
    assert (slider["name"], slider["unit"], slider["words"]) == (
        "Step width",
        "cm",
        "Step width (cm, change)",
    )


def test_the_page_holds_every_node_and_a_still_image(drawing):
    state = saved(drawing)["state"]
    assert len(state["nodes"]) == 6
    assert sum(rows * columns for _, rows, columns in state["parts"]) == len(state["nodes"][0])
    assert [panel["name"] for panel in state["panels"]] == ["Knee adduction moment", "Knee flexion"]
    assert [panel["band"] for panel in state["panels"]] == [True, False]
    assert state["person"]["names"] == NAMES
    assert 'data-widget="change_explorer"' in drawing.html
    assert drawing.html.count("<svg") == 2


def test_every_node_is_as_it_was_given(drawing):
    state = saved(drawing)["state"]
    numbers = full_nodes(state)
    own = state["person"]["names"].index("head")
    for i, lean_deg in enumerate(LEVELS["trunk_lean_deg"]):
        for j, speed_mps in enumerate(LEVELS["speed_mps"]):
            node = numbers[i, j]
            points = part(state, node, "points_mm").reshape(FRAMES + 1, -1, 3)
            lean_mm = 600.0 * np.sin(np.deg2rad(lean_deg))
            lumbar_mm = 25.0 * np.sin(np.deg2rad(lean_deg))
            np.testing.assert_allclose(points[:, own, 2], lean_mm - lumbar_mm, atol=1.0)
            force = part(state, node, "force_mbw")
            assert force[5, 1] == pytest.approx(1000 * 700.0 * speed_mps / (MASS_KG * 9.81), abs=1.0)
            assert part(state, node, "stride_ms")[0, 0] == pytest.approx(
                1000 * (2.0 - speed_mps / 2.0), abs=1
            )
            table = {"trunk_lean_deg": lean_deg, "speed_mps": speed_mps}
            value, below, above = part(state, node, "curves")[:3] / 10.0 ** state["panels"][0]["places"]
            np.testing.assert_allclose(value, height(table, np.linspace(0, 1, 21)), atol=0.01)
            width = 0.0 if (i, j) == (0, 0) else 1.0
            np.testing.assert_allclose([below, above], width, atol=0.01)
            value = part(state, node, "readouts")[0, 0] / 10.0 ** state["readouts"][0]["places"]
            assert value == pytest.approx(height(table), abs=0.01)


def test_a_center_of_pressure_is_held_in_swing_so_that_it_can_be_blended(drawing):
    state = saved(drawing)["state"]
    pressure = part(state, full_nodes(state)[2, 1], "pressure_mm")
    force = part(state, full_nodes(state)[2, 1], "force_mbw")
    assert (force[-1, 1], force[0, 4]) == (0, 0)
    assert np.ptp(pressure, axis=0).max() <= 1


def test_warnings_are_those_of_the_node_and_saved_once(drawing):
    state = saved(drawing)["state"]
    assert state["warnings"] == [WORDS]
    assert state["warned"] == [[], [], [], [], [0], [0]]


def test_the_order_of_trials_and_rows_does_not_matter(drawing):
    table = curves()
    shuffled = pd.concat([table.iloc[::2], table.iloc[1::2]])
    again = explore(trials=people()[::-1], curves=shuffled, readouts=readouts().iloc[::-1], label="synthetic")
    assert again.html == drawing.html


def test_it_starts_near_zero_or_in_the_middle_or_where_asked(drawing):
    assert saved(drawing)["values"] == {"trunk_lean_deg": 0.0, "speed_mps": 1.4}
    asked = explore(start={"trunk_lean_deg": 5.0, "speed_mps": 1.0})
    state = saved(asked)["state"]
    assert saved(asked)["values"] == {"trunk_lean_deg": 5.0, "speed_mps": 1.0}
    assert [slider["start"] for slider in state["sliders"]] == [1, 0]
    assert "Trunk lean 5°, Speed 1 m/s" in asked.alt
    np.testing.assert_array_equal(full_nodes(state)[..., -4:], full_nodes(saved(drawing)["state"])[..., -4:])


def test_the_label_is_in_the_live_figure_the_still_one_and_the_words(drawing):
    assert saved(drawing)["state"]["person"]["label"] == "synthetic"
    assert drawing.html.split("</script>")[1].count(">synthetic</text>") == 2
    for word in (
        "Data: synthetic.",
        "Speed (m/s) from 1 to 1.4",
        "Knee adduction moment, Knee flexion",
        "First peak",
    ):
        assert word in drawing.alt


def test_the_still_table_tells_the_numbers_at_the_start():
    still = explore(start={"trunk_lean_deg": 5.0, "speed_mps": 1.4}).html.split("</script>")[1]
    assert "<td>First peak (%BW·H)</td><td>11.2</td><td>[10.2, 12.2]</td>" in still


def test_eighty_one_nodes_of_a_whole_person_stay_small():
    sliders = dict.fromkeys(FOUR, "Slider (°)")
    whole = explore(trials=people(FOUR), curves=curves(FOUR, 41), readouts=readouts(FOUR), sliders=sliders)
    assert len(saved(whole)["state"]["nodes"]) == 81
    assert len(whole.html.encode()) < FOUR_SLIDERS_BYTES


def test_all_faults_of_the_trials_come_in_one_message():
    trials = people()
    trials[0] = trials[0].assign(
        skeleton_position=trials[0]["skeleton_position"].where(trials[0]["time"] > 0.1)
    )
    trials[1] = trials[1].isel(joint=slice(0, 16))
    trials[2] = trials[2].drop_vars("center_of_pressure").assign_attrs(mass_kg=None)
    trials[3] = trials[3].isel(joint=slice(0, 2))
    with pytest.raises(ValueError, match="Cannot draw the change explorer") as caught:
        explore(trials=[*trials[:5], trials[0]], start={"trunk_lean_deg": 2.0})
    for fault in (
        "1 trial(s) lack the joints of both legs",
        "2 trial(s) have gaps in skeleton_position",
        "1 trial(s) have other joints than the first",
        "1 trial(s) lack ground_reaction_force or center_of_pressure",
        "1 trial(s) have no mass_kg",
        "no trial at trunk_lean_deg 10, speed_mps 1.4: the grid needs one trial at each node",
        "several trials at trunk_lean_deg 0, speed_mps 1",
        "start (trunk_lean_deg 2) is not a node",
    ):
        assert fault in str(caught.value)


def test_all_faults_of_the_tables_come_in_one_message():
    table, numbers = curves(), readouts()
    table.loc[3, "value"] = np.nan
    table.loc[0, "unit"] = "rad"
    table = pd.concat([table.drop(index=50), table.iloc[5:6]])
    numbers.loc[0, "speed_mps"] = 9.0
    with pytest.raises(ValueError, match="Cannot draw the change explorer") as caught:
        explore(curves=table, readouts=numbers)
    for fault in (
        "1 row(s) of the curves repeat a node, quantity and phase",
        "the curves lack 1 row(s), some at trunk_lean_deg 0, speed_mps 1.4",
        "1 value(s) of the curves are not finite",
        "not one unit in the curves of Knee adduction moment",
        "1 row(s) of the readouts have no trial",
        "the readouts lack 1 row(s), some at trunk_lean_deg 0, speed_mps 1",
    ):
        assert fault in str(caught.value)


def test_sliders_that_choose_nothing_are_refused():
    with pytest.raises(ValueError, match="no slider is given"):
        explore(sliders={})
    with pytest.raises(ValueError, match="there is no trial"):
        explore(trials=[])
    same = [trial.assign_attrs(speed_mps=1.0) for trial in people()]
    with pytest.raises(ValueError, match="speed_mps is 1 in all trials: leave it out of the sliders"):
        explore(trials=same)
    nameless = [people()[0].assign_attrs(speed_mps=np.nan), *people()[1:]]
    with pytest.raises(ValueError, match=r"1 of 6 trial\(s\) have no speed_mps"):
        explore(trials=nameless)
    with pytest.raises(ValueError, match=r"lacks the column\(s\) words"):
        explore(readouts=readouts().drop(columns="words"))


def test_the_live_widget_has_the_state_of_the_page(drawing):
    pytest.importorskip("anywidget")
    assert drawing.widget.state == saved(drawing)["state"]
    assert drawing.widget.values == saved(drawing)["values"]


def test_without_anywidget_there_is_no_live_widget(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert explore().widget is None


def test_pages_load_the_script_and_it_can_be_read(tmp_path):
    assets = collect_assets()
    assert "change_explorer.css" in assets
    assert assets["change_explorer.js"].count("function makePanel(") == 1
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine")
    script = tmp_path / "script.js"
    script.write_text(assets["change_explorer.js"], encoding="utf-8")
    checked = subprocess.run([node, "--check", script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.fixture(scope="module")
def page(drawing, tmp_path_factory):
    """The explorer in headless Chromium on a phone, opened from disk; errors of the page are collected."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    assets = collect_assets()
    styles = "".join(text for name, text in assets.items() if name.endswith(".css"))
    scripts = "".join(f"<script>{assets[name]}</script>" for name in ("change_explorer.js", "mount.js"))
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
def test_the_keys_move_sliders_and_person_curves_numbers_and_warning_follow(page):
    lean, speed = (
        page.get_by_role("slider", name="Trunk lean"),
        page.get_by_role("slider", name="Speed (m/s)"),
    )
    scene, curve = page.locator("canvas"), page.locator("path.line:not(.measured)").first
    behind, band, now = (
        page.locator("path.measured").first,
        page.locator("path.band").first,
        page.locator(".gaitbook-live td").first,
    )
    before = [scene.screenshot(), curve.get_attribute("d"), band.get_attribute("d")]
    pale = behind.get_attribute("d")
    assert pale == before[1]
    for _ in range(3):
        lean.press("ArrowRight")
    speed.press("Home")
    page.wait_for_timeout(60)
    assert (lean.get_attribute("aria-valuetext"), speed.get_attribute("aria-valuetext")) == (
        "0.6°",
        "1.00\xa0m/s",
    )
    value = height({"trunk_lean_deg": 0.6, "speed_mps": 1.0})
    width = 0.6 / 5.0  # the band has none at 0, 1.0
    assert now.inner_text() == f"{value:.1f} [{value - 1:.1f}, {value + 1:.1f}]"
    assert curve.get_attribute("d") != before[1]
    ends = [float(end.split()[1]) for end in re.findall(r"[\d.]+ [\d.]+", band.get_attribute("d"))]
    assert ends[-1] - ends[0] == pytest.approx(2 * width * (118 - 19 - 22) / 16.0, abs=0.3)
    assert scene.screenshot() != before[0]
    warning = page.locator(".gaitbook-change-warning")
    assert warning.inner_text() == ""
    for _ in range(35):
        lean.press("ArrowRight")
    assert warning.inner_text() == WORDS
    page.get_by_role("button", name="Reset").press("Enter")
    page.wait_for_timeout(60)
    assert [curve.get_attribute("d"), band.get_attribute("d")] == before[1:]
    assert behind.get_attribute("d") == pale
    assert scene.screenshot() == before[0]
    assert page.faults == []


@pytest.mark.browser
def test_it_fits_a_phone(page):
    width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    assert not page.locator(".gaitbook-player-still").is_visible()
    boxes = [slider.bounding_box() for slider in page.locator("input[type=range]").all()]
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[0]["y"] < boxes[1]["y"]
