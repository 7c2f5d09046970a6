"""Files for OpenSim: what is written is read again, by us and by OpenSim."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.opensim_files import write_external_loads, write_force, write_motion
from gaitbook.cohort.schema import make_trial
from gaitbook.readers.opensim import read_motion, read_plates

N_FRAMES = 60
ANGLES = ["pelvis_tilt", "pelvis_list", "pelvis_rotation", "hip_flexion_r", "knee_angle_r"]


@pytest.fixture
def trial() -> xr.Dataset:
    """Someone who steps from the right foot to the left, at 100 Hz from 0.2 s on."""
    rng = np.random.default_rng(1)
    time_s = 0.2 + np.arange(N_FRAMES) / 100
    right = np.arange(N_FRAMES) < N_FRAMES // 2
    force = np.zeros((N_FRAMES, 2, 3))
    force[right, 0] = [20.0, 700.0, -8.0]
    force[~right, 1] = [-15.0, 650.0, 12.0]
    point = np.full((N_FRAMES, 2, 3), np.nan)
    point[right, 0], point[~right, 1] = [0.3, 0.0, 0.1], [0.9, 0.0, -0.1]
    coords = {"time": time_s, "coordinate": ANGLES, "axis": ["x", "y", "z"], "foot": ["right", "left"]}
    arrays = {
        "joint_angle": (("time", "coordinate"), rng.normal(scale=0.5, size=(N_FRAMES, len(ANGLES)))),
        "pelvis_position": (("time", "axis"), rng.normal(size=(N_FRAMES, 3))),
        "ground_reaction_force": (("time", "foot", "axis"), force),
        "center_of_pressure": (("time", "foot", "axis"), point),
        "free_moment": (("time", "foot"), 0.004 * force[..., 1]),
    }
    variables = {
        name: xr.DataArray(values, dims=dims, coords={dim: coords[dim] for dim in dims})
        for name, (dims, values) in arrays.items()
    }
    attrs = {"source": "lab", "subject": "A", "trial": "one", "sampling_rate_hz": 100.0, "mass_kg": 70.0}
    return make_trial(variables, {**attrs, "license": "CC0"})


@pytest.mark.parametrize("in_degrees", [True, False])
def test_motion_comes_back(trial, tmp_path, in_degrees):
    read = read_motion(write_motion(trial, tmp_path / "walk.mot", in_degrees=in_degrees))
    assert read["coordinate"].values.tolist() == ANGLES
    np.testing.assert_allclose(read["joint_angle"], trial["joint_angle"], atol=1e-9)
    np.testing.assert_allclose(read["pelvis_position"], trial["pelvis_position"], atol=1e-9)
    np.testing.assert_allclose(read["time"], trial["time"], atol=1e-9)
    assert f"angles read as {'degrees' if in_degrees else 'radians'}" in read.attrs["log"]


def test_pelvis_stands_first_and_its_translations_stay_meters(trial, tmp_path):
    lines = write_motion(trial, tmp_path / "walk.mot").read_text().splitlines()
    labels = lines[lines.index("endheader") + 1].split("\t")
    assert labels[:7] == ["time", *ANGLES[:3], "pelvis_tx", "pelvis_ty", "pelvis_tz"]
    first = lines[lines.index("endheader") + 2].split("\t")
    assert float(first[4]) == pytest.approx(float(trial["pelvis_position"][0, 0]))
    assert {"nRows=60", "nColumns=9", "inDegrees=yes"} <= set(lines)


def test_motion_without_pelvis_position_has_no_translations(trial, tmp_path):
    assert "pelvis_tx" not in write_motion(trial.drop_vars("pelvis_position"), tmp_path / "a.mot").read_text()


def test_forces_come_back_foot_by_foot(trial, tmp_path):
    read = read_plates(write_force(trial, tmp_path / "grf.mot"))
    assert read["plate"].values.tolist() == ["right", "left"]
    np.testing.assert_allclose(read["plate_force"], trial["ground_reaction_force"], atol=1e-6)
    np.testing.assert_allclose(read["plate_center_of_pressure"], trial["center_of_pressure"], atol=1e-9)
    np.testing.assert_allclose(read["plate_free_moment"], trial["free_moment"], atol=1e-6)


def test_a_foot_in_the_air_has_zeros_only(trial, tmp_path):
    trial["ground_reaction_force"][-1, 0] = [1.0, 12.0, 0.5]  # what a filter leaves, without a point
    text = write_force(trial, tmp_path / "grf.mot").read_text()
    assert "nan" not in text
    lines = text.splitlines()
    labels, last = (lines[i].split("\t") for i in (lines.index("endheader") + 1, -1))
    assert all(float(cell) == 0 for label, cell in zip(labels, last, strict=True) if "_r_" in label)


def test_without_free_moment_the_torque_is_zero(trial, tmp_path):
    read = read_plates(write_force(trial.drop_vars("free_moment"), tmp_path / "grf.mot"))
    np.testing.assert_allclose(read["plate_free_moment"], 0, atol=1e-9)


def test_what_is_missing_is_named(trial, tmp_path):
    path = tmp_path / "x.mot"
    with pytest.raises(
        ValueError, match=r"Trial /lab/A/one has no joint_angle, .*solve inverse kinematics first"
    ):
        write_motion(trial.drop_vars("joint_angle"), path)
    with pytest.raises(ValueError, match=r"has no ground_reaction_force and no center_of_pressure"):
        write_force(trial.drop_vars(["ground_reaction_force", "center_of_pressure"]), path)
    gap = trial.copy(deep=True)
    gap["joint_angle"][3:5, 4] = np.nan
    gap["ground_reaction_force"][3, 1, 0] = np.nan
    with pytest.raises(ValueError, match=r"missing values in knee_angle_r \(2 frames\)"):
        write_motion(gap, path)
    with pytest.raises(ValueError, match=r"missing values in ground_force_l_vx \(1 frames\)"):
        write_force(gap, path)
    assert list(tmp_path.iterdir()) == []


def test_external_loads_need_a_force_file_and_feet(trial, tmp_path):
    force_file = write_force(trial, tmp_path / "grf.mot")
    with pytest.raises(FileNotFoundError, match="write it first with write_force"):
        write_external_loads(tmp_path / "loads.xml", force_file=tmp_path / "gone.mot")
    for bodies, found in (({}, "no foot"), ({"hand": "hand_r"}, "'hand'")):
        with pytest.raises(ValueError, match=f"bodies names {found}, expected a body for right and left"):
            write_external_loads(tmp_path / "loads.xml", force_file=force_file, bodies=bodies)


def test_external_loads_name_the_force_file_so_that_both_can_move(trial, tmp_path):
    force_file = write_force(trial, tmp_path / "forces" / "grf.mot")
    near = write_external_loads(tmp_path / "loads.xml", force_file=force_file).read_text()
    assert "<datafile>forces/grf.mot</datafile>" in near
    far = write_external_loads(tmp_path / "other" / "loads.xml", force_file=force_file).read_text()
    assert f"<datafile>{force_file.resolve()}</datafile>" in far


def test_opensim_opens_the_files(trial, tmp_path, monkeypatch):
    osim = pytest.importorskip("opensim", reason="opensim is not installed: no second reader")
    osim.Logger.setLevelString("off")
    folder = tmp_path / "trial"
    motion, force = write_motion(trial, folder / "ik.mot"), write_force(trial, folder / "grf.mot")
    loads_file = write_external_loads(folder / "loads.xml", force_file=force, bodies={"right": "calcn_r"})
    monkeypatch.chdir(tmp_path)
    for path, columns in ((motion, 8), (force, 18)):
        table = osim.TimeSeriesTable(str(path))
        assert (table.getNumRows(), table.getNumColumns()) == (N_FRAMES, columns)
        storage = osim.Storage(str(path))
        assert storage.getSize() == N_FRAMES
    assert osim.Storage(str(motion)).isInDegrees()
    loads = osim.ExternalLoads(str(loads_file), True)
    assert loads.getSize() == 1
    assert loads.get(0).get_applied_to_body() == "calcn_r"
    assert loads.get(0).get_force_identifier() == "ground_force_r_v"
    assert loads.getDataFileName().endswith("grf.mot")
