"""A person made of rigid segments walks; labels are exchanged, shifted or lost on the way."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.readers.relabeling import relabel_markers

FOOT_M = {  # right foot, standing: x forward, y up, z right
    "R.Heel.Top": (0.00, 0.09, 0.000),
    "R.Heel.Bottom": (-0.01, 0.04, 0.003),
    "R.Heel.Lateral": (0.03, 0.05, 0.035),
    "R.MT1": (0.20, 0.05, -0.050),
    "R.MT5": (0.17, 0.04, 0.055),
}
SHANK_M = {
    "R.Shank.Top.Lateral": (0.02, 0.40, 0.06),
    "R.Shank.Top.Medial": (0.06, 0.41, -0.02),
    "R.Shank.Bottom.Lateral": (0.01, 0.25, 0.05),
    "R.Shank.Bottom.Medial": (0.04, 0.22, -0.03),
}
ASYMMETRY_M = {"R.ASY": (0.14, 0.10, 0.01)}  # on the back of the foot, in no static trial


def recording_of(markers, n_frames=200, *, moving=True):
    """Foot and shank that swing to and fro about z, each as a whole, while the person moves forward."""
    time = np.arange(n_frames) / 100
    angle = 0.5 * np.sin(2 * np.pi * time) * moving
    position = np.empty((n_frames, len(markers), 3))
    for index, (label, place) in enumerate(markers.items()):
        turn = angle * (0.6 if "Shank" in label else 1.0)
        x, y, z = place
        position[:, index, 0] = x * np.cos(turn) - y * np.sin(turn) + 1.2 * time * moving
        position[:, index, 1] = x * np.sin(turn) + y * np.cos(turn)
        position[:, index, 2] = z
    coords = {"time": time, "marker": list(markers), "axis": list("xyz")}
    return xr.Dataset({"marker_position": (("time", "marker", "axis"), position)}, coords, {"log": ["read"]})


@pytest.fixture
def static():
    """The same person standing still, without the asymmetry marker."""
    return recording_of(FOOT_M | SHANK_M, 20, moving=False)


def renamed(recording, names):
    return recording.assign_coords(
        marker=[names.get(label, label) for label in recording["marker"].values.tolist()]
    )


def assert_in_place(relabeling, truth):
    found = relabeling.dataset["marker_position"]
    for label in found["marker"].values:
        np.testing.assert_array_equal(found.sel(marker=label), truth["marker_position"].sel(marker=label))


def test_right_labels_are_left_alone(static):
    truth = recording_of(FOOT_M | SHANK_M | ASYMMETRY_M)
    relabeling = relabel_markers(truth, static)
    assert relabeling.dataset is truth
    assert relabeling.corrections == relabeling.doubts == ()


@pytest.mark.parametrize(
    "pair", [("R.MT1", "R.MT5"), ("R.Heel.Top", "R.MT5"), ("R.Heel.Lateral", "R.Heel.Bottom")]
)
def test_two_exchanged_labels_are_put_back_and_said(static, pair):
    truth = recording_of(FOOT_M | SHANK_M | ASYMMETRY_M)
    one, other = pair
    relabeling = relabel_markers(renamed(truth, {one: other, other: one}), static)
    assert_in_place(relabeling, truth)
    (correction,) = relabeling.corrections
    assert f"{one} is {other}" in correction
    assert f"{other} is {one}" in correction
    assert "foot_right" in correction
    assert "now by 0 mm" in correction
    assert relabeling.dataset.attrs["log"] == ["read", correction]


def test_labels_shifted_around_a_lost_marker_are_shifted_back(static):
    truth = recording_of(FOOT_M | SHANK_M)
    shifted = renamed(truth, {"R.MT1": "R.MT5", "R.MT5": "R.ASY"})  # no column is called R.MT1
    relabeling = relabel_markers(shifted, static)
    assert_in_place(relabeling, truth)
    assert set(relabeling.dataset["marker"].values) == set(FOOT_M | SHANK_M)


def test_three_labels_in_a_ring_with_one_unknown_to_the_static_trial(static):
    truth = recording_of(FOOT_M | SHANK_M | ASYMMETRY_M)
    ring = {"R.MT1": "R.MT5", "R.MT5": "R.ASY", "R.ASY": "R.MT1"}
    assert_in_place(relabel_markers(renamed(truth, ring), static), truth)


def test_an_absent_marker_is_no_fault(static):
    feet = {label: place for label, place in FOOT_M.items() if label != "R.MT1"}
    truth = recording_of(feet | SHANK_M)
    assert relabel_markers(truth, static).corrections == ()
    swapped = renamed(truth, {"R.MT5": "R.Heel.Top", "R.Heel.Top": "R.MT5"})
    assert_in_place(relabel_markers(swapped, static), truth)


def test_gaps_do_not_disturb(static):
    truth = recording_of(FOOT_M | SHANK_M)
    truth["marker_position"][20:120, 3] = np.nan
    relabeling = relabel_markers(renamed(truth, {"R.MT1": "R.MT5", "R.MT5": "R.MT1"}), static)
    assert_in_place(relabeling, truth)


def test_a_segment_that_nothing_mends_is_doubted_and_unchanged(static):
    slipped = recording_of(FOOT_M | SHANK_M | {"R.MT5": (0.10, 0.15, 0.09)})
    relabeling = relabel_markers(slipped, static)
    assert relabeling.corrections == ()
    (doubt,) = relabeling.doubts
    assert "foot_right differs from the static trial by" in doubt
    assert "no other labeling is clearly" in doubt
    assert relabeling.dataset.attrs["log"][-1] == doubt
    xr.testing.assert_equal(relabeling.dataset["marker_position"], slipped["marker_position"])


def test_a_choice_between_mirror_images_is_not_made():
    square = {
        "R.Heel.Top": (0, 0.1, 0),
        "R.Heel.Bottom": (0, 0, 0),
        "R.MT1": (0.1, 0, 0),
        "R.MT5": (0.1, 0.1, 0),
    }
    truth, still = recording_of(square), recording_of(square, 5, moving=False)
    swapped = renamed(truth, {"R.MT1": "R.MT5", "R.MT5": "R.MT1"})
    relabeling = relabel_markers(swapped, still)
    assert relabeling.corrections == ()
    assert len(relabeling.doubts) == 1


def test_arguments_are_not_changed(static):
    swapped = renamed(recording_of(FOOT_M | SHANK_M), {"R.MT1": "R.MT5", "R.MT5": "R.MT1"})
    before = swapped.copy(deep=True)
    relabel_markers(swapped, static)
    xr.testing.assert_identical(swapped, before)


def test_recordings_without_markers_are_refused(static):
    with pytest.raises(ValueError, match="static trial holds no marker_position"):
        relabel_markers(static, xr.Dataset())
    with pytest.raises(ValueError, match="recording holds no marker_position"):
        relabel_markers(xr.Dataset(), static)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("RBDS001/RBDS001runT25", "R.MT5 is R.MT1, R.MT1 is R.MT5"),
        ("RBDS001/RBDS001runT45", ""),
        ("RBDS03/RBDS03runT25", "R.MT5 is R.MT1, R.ASY is R.MT5"),
        ("RBDS010/RBDS010runT35", ""),
    ],
)
def test_known_faults_of_real_trials_are_found_and_no_others(real_data, name, changes):
    pytest.importorskip("ezc3d", reason="ezc3d is not installed (pip install gaitbook[c3d])")
    from gaitbook.readers.c3d import read_c3d

    path = real_data / "rbds" / f"{name}.c3d"
    static_path = next(path.parent.glob("*static.c3d"))
    relabeling = relabel_markers(read_c3d(path), read_c3d(static_path))
    assert len(relabeling.corrections) == bool(changes)
    assert all(changes in correction for correction in relabeling.corrections)
    assert relabeling.doubts == ()
    if changes:  # afterwards the first toe of the right foot is the inner one
        toes = relabeling.dataset["marker_position"].sel(axis="z").mean("time")
        assert float(toes.sel(marker="R.MT1")) < float(toes.sel(marker="R.MT5"))
