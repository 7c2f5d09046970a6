"""Joints from markers."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gaitbook.readers.marker_joints import marker_joints
from gaitbook.readers.skeleton_files import read_skeleton
from gaitbook.readers.skeleton_layouts import joint_names

PELVIS = {
    "R.ASIS": (0.1, 1.0, 0.12),
    "L.ASIS": (0.1, 1.0, -0.12),
    "R.PSIS": (-0.06, 1.0, 0.05),
    "L.PSIS": (-0.06, 1.0, -0.05),
}
LEG = {
    "Knee": (0, 0.5, 0.15),
    "Knee.Medial": (0, 0.5, 0.05),
    "Ankle": (0, 0.1, 0.14),
    "Ankle.Medial": (0, 0.1, 0.06),
    "Heel": (-0.05, 0.03, 0.1),
    "MT1": (0.15, 0.03, 0.06),
    "MT5": (0.13, 0.03, 0.14),
    "HF": (0, 0.45, 0.16),
}
NAMES = joint_names()


def standing(leave_out: tuple[str, ...] = ()) -> xr.DataArray:
    places = dict(PELVIS)
    for part, (x, y, z) in LEG.items():
        places |= {f"R.{part}": (x, y, z), f"L.{part}": (x, y, -z)}
    places = {name: place for name, place in places.items() if name not in leave_out}
    values = np.tile(list(places.values()), (5, 1, 1))
    coords = {"time": np.arange(5) / 100, "marker": list(places), "axis": ["x", "y", "z"]}
    return xr.DataArray(values, dims=("time", "marker", "axis"), coords=coords)


def test_a_joint_lies_between_the_markers_on_its_sides():
    joints, _ = marker_joints(standing())
    np.testing.assert_allclose(joints[0, NAMES.index("KNEE_RIGHT")], (0, 0.5, 0.1))
    np.testing.assert_allclose(joints[0, NAMES.index("ANKLE_LEFT")], (0, 0.1, -0.1))
    np.testing.assert_allclose(joints[0, NAMES.index("PELVIS")], (0.02, 1.0, 0.0), atol=1e-12)


def test_hips_follow_from_the_size_of_the_pelvis():
    joints, notes = marker_joints(standing())
    depth, width = 0.16, 0.24
    expected = (0.1 - 0.24 * depth - 0.0099, 1.0 - 0.30 * width - 0.0109, 0.33 * width + 0.0073)
    np.testing.assert_allclose(joints[0, NAMES.index("HIP_RIGHT")], expected)
    np.testing.assert_allclose(joints[0, NAMES.index("HIP_LEFT")], np.multiply(expected, (1, 1, -1)))
    assert "hips from the size of the pelvis (Harrington 2007)" in notes


def test_hips_turn_with_the_pelvis():
    markers = standing()
    angle = 0.7
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    turned, _ = marker_joints(markers.copy(data=markers.values @ turn.T))
    np.testing.assert_allclose(turned, marker_joints(markers)[0] @ turn.T, atol=1e-12)


def test_what_has_no_markers_is_missing_and_said():
    joints, notes = marker_joints(standing(("L.Knee.Medial",)))
    assert np.isnan(joints[:, NAMES.index("HEAD")]).all()
    assert "one marker only, so beside the joint: KNEE_LEFT" in notes
    assert any(note.startswith("joints without markers: SPINE_NAVEL") for note in notes)


def test_a_joint_is_missing_while_one_of_its_markers_is():
    markers = standing()
    markers[2, markers.get_index("marker").get_loc("R.Knee")] = np.nan
    seen = np.isfinite(marker_joints(markers)[0][:, NAMES.index("KNEE_RIGHT")]).all(axis=1)
    assert seen.tolist() == [True, True, False, True, True]


def test_markers_of_no_known_set_say_so():
    markers = standing().assign_coords(marker=[f"M{i}" for i in range(standing().sizes["marker"])])
    with pytest.raises(ValueError, match="marker"):
        marker_joints(markers)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "height_m"),
    [("arnold2013/subject01/trials/walk2/markers.trc", 1.49), ("opencap/MarkerData/walking2.trc", 1.51)],
)
def test_real_walkers_have_the_joints_of_a_person(real_data: Path, name: str, height_m: float):
    path = real_data / name
    if not path.is_file():
        pytest.skip(f"{name} is absent from GAITBOOK_DATA")
    trial = read_skeleton(path)
    position = trial["skeleton_position"]
    assert float(position.sel(joint="NECK", axis="y").mean()) == pytest.approx(height_m, abs=0.02)
    for side in ("LEFT", "RIGHT"):
        thigh = position.sel(joint=f"HIP_{side}") - position.sel(joint=f"KNEE_{side}")
        length_m = np.sqrt((thigh**2).sum("axis", skipna=False))
        assert 0.35 < float(length_m.mean()) < 0.48
        assert float(length_m.std()) < 0.02
    ahead = position.sel(axis="x", joint="PELVIS")
    assert float(ahead[-1] - ahead[0]) > 0.5


@pytest.mark.real_data
def test_a_real_recording_with_exchanged_sides_is_found_out(real_data: Path):
    path = real_data / "bmc" / "walk1.trc"
    if not path.is_file():
        pytest.skip("bmc/walk1.trc is absent from GAITBOOK_DATA")
    with pytest.raises(
        ValueError, match="left and right are exchanged in all joints, or one axis is mirrored"
    ):
        read_skeleton(path)
    assert read_skeleton(path.with_name("walk2.trc")).sizes["joint"] == len(NAMES)
