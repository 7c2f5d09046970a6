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
