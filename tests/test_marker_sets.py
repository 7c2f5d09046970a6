import numpy as np
import pytest
import xarray as xr

from gaitbook.marker_sets import find_marker_set, foot_position, landmark_position, load_marker_sets

SETS = load_marker_sets()
RBDS = [
    f"{side}.{place}"
    for side in "RL"
    for place in ("ASIS", "PSIS", "Heel.Bottom", "MT1", "MT5", "Thigh.Top.Medial")
]
LABELS = {
    "rbds": [*RBDS, "R.ASY"],
    "bmc": ["R.ASIS", "L.ASIS", "R.Heel", "L.Heel", "R.MT1", "L.MT5", "R.Ankle.Medial", "R.GTR"],
    "opencap": ["r.ASIS", "L.ASIS", "r_calc", "L_calc", "r_toe", "L_toe", "r_5meta", "R_HJC"],
    "rajagopal": ["RASI", "LASI", "LCAL", "RCAL", "LTOE", "RTOE", "LTH1", "RTB2"],
    "plug_in_gait": ["RASI", "LASI", "RHEE", "LHEE", "RTOE", "LTOE", "RANK", "LKNE"],
    "gait2392": ["R.ASIS", "V.Sacral", "R.Heel", "L.Heel", "R.Toe.Tip", "L.Toe.Tip", "R.Midfoot.Lat"],
}


def markers(**positions):
    """Markers that stand still for three frames at the positions given."""
    values = np.tile(np.array(list(positions.values()), dtype=float), (3, 1, 1))
    coords = {"time": [0.0, 0.1, 0.2], "marker": list(positions), "axis": ["x", "y", "z"]}
    return xr.DataArray(values, dims=("time", "marker", "axis"), coords=coords, attrs={"units": "m"})


@pytest.mark.parametrize("name", LABELS)
def test_a_set_is_recognized_by_its_labels(name):
    assert find_marker_set(LABELS[name]).name == name


@pytest.mark.parametrize("known", SETS.values(), ids=SETS)
def test_the_right_side_of_a_set_mirrors_the_left(known):
    for group in (known.segments, known.landmarks):
        for part in (name.removesuffix("_right") for name in group if name.endswith("_right")):
            assert len(group[f"{part}_right"]) == len(group[f"{part}_left"])
            assert not set(group[f"{part}_right"]) & set(group[f"{part}_left"])


@pytest.mark.parametrize("known", SETS.values(), ids=SETS)
def test_landmarks_are_made_of_markers_of_the_set_and_segments_do_not_share_them(known):
    assert {marker for group in known.landmarks.values() for marker in group} <= known.markers
    assert sum(len(group) for group in known.segments.values()) == len(known.markers)
    assert all(known.landmarks[f"{part}_{foot}"] for part in ("heel", "toe") for foot in ("right", "left"))


def test_the_asymmetry_marker_rides_on_the_right_foot():
    assert "R.ASY" in SETS["rbds"].segments["foot_right"]


def test_unknown_labels_are_answered_with_the_known_sets():
    with pytest.raises(
        ValueError, match=r"Fewer than 2 foot markers recognized among A, B\. Known marker sets: rbds"
    ):
        find_marker_set(["B", "A"])
    with pytest.raises(ValueError, match="among no markers"):
        find_marker_set([])


def test_a_landmark_is_the_mean_of_the_markers_that_are_seen():
    position = markers(RLMAL=[0, 0, 2], RMMAL=[0, 0, 0])
    position[1, 1] = np.nan
    position[2] = np.nan
    ankle = landmark_position(position, ["RLMAL", "RMMAL", "RAJC"])
    np.testing.assert_array_equal(ankle.sel(axis="z"), [1.0, 2.0, np.nan])
    assert ankle.attrs["units"] == "m"


def test_a_landmark_without_markers_says_which_it_looked_for():
    with pytest.raises(KeyError, match="none of the markers RHEE, RTOE"):
        landmark_position(markers(RASI=[0, 0, 0]), ["RHEE", "RTOE"])


def test_a_foot_is_halfway_between_heel_and_toe():
    position = markers(RHEE=[0, 0, 0.1], RTOE=[0.2, 0, 0.1], LHEE=[1, 0, -0.1])
    position[1, 1] = np.nan
    feet = foot_position(position)
    assert feet.dims == ("time", "foot", "axis")
    np.testing.assert_allclose(feet.sel(foot="right")[0], [0.1, 0, 0.1])
    assert feet.sel(foot="right")[1].isnull().all(), "a foot without its toe must not jump to its heel"
    np.testing.assert_allclose(feet.sel(foot="left")[0], [1, 0, -0.1])


def test_a_foot_without_markers_is_missing():
    assert foot_position(markers(RHEE=[0, 0, 0], RTOE=[1, 0, 0])).sel(foot="left").isnull().all()
