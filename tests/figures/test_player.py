import json
import re

import numpy as np
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.figures.player import play_trial

LARGEST_STATE_BYTES = 250_000


@pytest.fixture(scope="module")
def runner() -> xr.Dataset:
    """A simulated person running at 3 m/s on a belt."""
    return gb.simulate_trial(speed_mps=3.0, duration_s=3.0)


@pytest.fixture(scope="module")
def drawing(runner):
    return play_trial(runner, duration_s=1.5, label="synthetic")


def saved_state(html: str) -> dict:
    text = re.search(r'<script type="application/json">(.*?)</script>', html, flags=re.DOTALL).group(1)
    return json.loads(text)["state"]


def test_the_page_holds_state_and_still_image(drawing):
    assert 'data-widget="player"' in drawing.html
    assert "<svg" in drawing.html
    assert len(drawing.html.encode()) < LARGEST_STATE_BYTES


def test_the_table_is_the_force_of_the_trial_in_body_weights(drawing, runner):
    row = drawing.table.iloc[drawing.table["vertical_percent_bw"].argmax()]
    force = runner["ground_reaction_force"].interp(time=row["time_s"]).sel(foot=row["foot"], axis="y")
    assert row["vertical_percent_bw"] == pytest.approx(100 * float(force) / (70 * 9.81), abs=1.0)


def test_words_for_those_who_cannot_see_it(drawing):
    assert "3 m/s" in drawing.alt
    assert "synthetic" in drawing.alt


def test_the_same_trial_gives_the_same_page(runner, drawing):
    assert play_trial(runner, duration_s=1.5, label="synthetic").html == drawing.html


def test_a_missing_marker_is_null_and_the_rest_still_shows(runner):
    hidden = runner.copy(deep=True)
    hidden["marker_position"].loc[{"marker": "L.Heel.Top"}] = np.nan
    assert "null" in json.dumps(saved_state(play_trial(hidden, duration_s=1.0).html))


def test_motion_without_force_can_be_watched(runner):
    drawing = play_trial(runner[["marker_position"]], duration_s=1.0)
    assert list(drawing.table.columns) == ["time_s", "markers_seen"]


def test_a_trial_without_markers_is_refused(runner):
    with pytest.raises((ValueError, KeyError), match="marker_position"):
        play_trial(runner.drop_vars("marker_position"))


def test_force_without_a_mass_and_no_time_are_refused_in_one_message(runner):
    massless = runner.assign_attrs(mass_kg=None)
    with pytest.raises(ValueError, match=r"no mass_kg.*duration_s is 0"):
        play_trial(massless, duration_s=0.0)


def test_a_time_outside_the_trial_is_refused(runner):
    with pytest.raises(ValueError, match=r"fewer than two samples between 9 and 11 s; the trial runs from 0"):
        play_trial(runner, start_s=9.0)


def test_an_unknown_marker_set_is_refused_with_the_remedy(runner):
    renamed = runner.assign_coords(marker=[f"m{number}" for number in range(runner.sizes["marker"])])
    with pytest.raises(ValueError, match="Known marker sets"):
        play_trial(renamed)


def test_it_starts_at_a_landing_and_ends_after_whole_strides():
    steady = gb.simulate_trial(speed_mps=3.0, variability=0.0, duration_s=4.0)
    state = saved_state(play_trial(steady).html)
    strikes_s = gb.detect_contacts(steady).query("foot == 'right'")["strike_s"].to_numpy()
    stride_s = np.diff(strikes_s).mean()
    shown_s = (len(state["points_mm"]) - 1) / state["rate_hz"]
    assert state["contact"][0] != [0, 0]
    assert shown_s / stride_s == pytest.approx(round(shown_s / stride_s), abs=0.06)


@pytest.mark.parametrize("duration_s", [1.0, 2.5, 6.0])
def test_the_state_stays_small(duration_s):
    trial = gb.simulate_trial(speed_mps=3.0, duration_s=7.0, sampling_rate_hz=200.0)
    drawing = play_trial(trial, start_s=0.0, duration_s=duration_s)
    assert len(saved_state(drawing.html)["points_mm"]) <= 151
    assert len(drawing.html.encode()) < LARGEST_STATE_BYTES


def test_over_ground_and_on_a_belt_the_person_stays_in_view_and_the_ground_passes():
    for surface in ("treadmill", "overground"):
        trial = gb.simulate_trial(speed_mps=3.0, surface=surface)
        state = saved_state(play_trial(trial, start_s=0.0, duration_s=2.0).html)
        ring_mm = np.array(state["points_mm"], dtype=float).reshape(len(state["points_mm"]), -1, 3)[
            :, state["ring"]
        ]
        assert np.abs(ring_mm.mean(axis=1)[:, [0, 2]]).max() < 150
        assert state["travel_mm"][-1][0] == pytest.approx(6000, rel=0.03)


def test_without_a_center_of_pressure_the_arrow_starts_on_the_ground_under_the_foot(runner):
    drawing = play_trial(runner.drop_vars("center_of_pressure"), start_s=0.0)
    assert "under the middle of the foot" in drawing.alt
    state = saved_state(drawing.html)
    feet = [[state["names"].index(f"{end}_{foot}") for end in ("heel", "toe")] for foot in ("right", "left")]
    for point, origin, contact in zip(
        state["points_mm"], state["pressure_mm"], state["contact"], strict=True
    ):
        for number, (heel, toe) in enumerate(feet):
            place = origin[3 * number : 3 * number + 3]
            if not contact[number]:
                assert place == [None] * 3
                continue
            low, high = sorted([point[3 * heel], point[3 * toe]])
            assert place[1] == 0
            assert low - 30 <= place[0] <= high + 30


def test_it_opens_where_the_foot_that_lands_carries_most():
    walker = gb.simulate_trial(speed_mps=1.3)
    drawing = play_trial(walker)
    saved = json.loads(re.search(r"json\">(.*?)</script>", drawing.html, flags=re.DOTALL).group(1))
    assert saved["frame"] > 0
    assert max(saved["state"]["force_mbw"][saved["frame"]][1::3]) > 1000


def test_a_label_cannot_end_the_script(runner):
    html = play_trial(runner, duration_s=0.5, label="</script><b>").html
    assert html.count("</script>") == 1
    assert saved_state(html)["label"] == "</script><b>"


def test_the_widget_holds_the_same_state(drawing):
    pytest.importorskip("anywidget")
    assert drawing.widget.state == saved_state(drawing.html)
    assert "export default { render };" in drawing.widget._esm
