"""OpenSim's tools from a process of their own: closed forms of a leg of two rods, and real walks."""

import sys

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.opensim_files import write_motion
from gaitbook.mechanics import opensim_tools
from gaitbook.mechanics.opensim_tools import (
    opensim_inverse_dynamics,
    opensim_inverse_kinematics,
    opensim_knee_reaction,
)
from gaitbook.readers.force_plates import assign_plates
from gaitbook.readers.opensim import read_motion, read_plates
from gaitbook.readers.storage import read_table

SHANK_KG, THIGH_M, SHANK_CENTER_M, SHANK_INERTIA = 3.0, 0.4, 0.2, 0.05
G = 9.80665

PIN = """<PinJoint name="{name}"><socket_parent_frame>parent</socket_parent_frame>
  <socket_child_frame>child</socket_child_frame><coordinates><Coordinate name="{coordinate}"/></coordinates><frames>
  <PhysicalOffsetFrame name="parent"><socket_parent>{parent}</socket_parent><translation>{at}</translation>
  </PhysicalOffsetFrame><PhysicalOffsetFrame name="child"><socket_parent>/bodyset/{child}</socket_parent>
  <translation>0 0 0</translation></PhysicalOffsetFrame></frames></PinJoint>"""
BODY = """<Body name="{name}"><mass>{mass}</mass><mass_center>0 {center} 0</mass_center>
  <inertia>0.01 0.01 {inertia} 0 0 0</inertia></Body>"""
MARKER = """<Marker name="{name}"><socket_parent_frame>/bodyset/{body}</socket_parent_frame>
  <location>{at}</location></Marker>"""
MARKERS = {
    "RASI": ("femur_r", "0.1 0 0"),
    "RKNE": ("femur_r", "0 -0.4 0.05"),
    "RHEE": ("tibia_r", "-0.1 -0.4 0"),
}


@pytest.fixture
def leg(tmp_path):
    """Thigh that hangs from the laboratory's origin by hip_flexion_r, and a shank that hangs on it by knee_angle_r."""
    bodies = BODY.format(name="femur_r", mass=7, center=-0.2, inertia=0.1)
    bodies += BODY.format(name="tibia_r", mass=SHANK_KG, center=-SHANK_CENTER_M, inertia=SHANK_INERTIA)
    joints = PIN.format(
        name="hip_r", coordinate="hip_flexion_r", parent="/ground", child="femur_r", at="0 0 0"
    )
    joints += PIN.format(
        name="knee_r",
        coordinate="knee_angle_r",
        parent="/bodyset/femur_r",
        child="tibia_r",
        at=f"0 {-THIGH_M} 0",
    )
    markers = "".join(MARKER.format(name=name, body=body, at=at) for name, (body, at) in MARKERS.items())
    path = tmp_path / "leg.osim"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><OpenSimDocument Version="40000"><Model name="leg">'
        f"<gravity>0 {-G} 0</gravity><BodySet><objects>{bodies}</objects></BodySet>"
        f"<JointSet><objects>{joints}</objects></JointSet>"
        f"<MarkerSet><objects>{markers}</objects></MarkerSet></Model></OpenSimDocument>"
    )
    return path


def swing(hip_rad, knee_rad, **variables) -> xr.Dataset:
    time_s = np.arange(len(hip_rad)) / 100
    angle = xr.DataArray(
        np.stack([hip_rad, knee_rad], axis=1),
        coords={"time": time_s, "coordinate": ["hip_flexion_r", "knee_angle_r"]},
        dims=("time", "coordinate"),
    )
    return xr.Dataset({"joint_angle": angle, **variables})


def test_without_opensim_the_remedy_is_named(monkeypatch, leg):
    monkeypatch.setattr(opensim_tools, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install gaitbook\[opensim\]"):
        opensim_inverse_dynamics(leg, swing(np.zeros(20), np.zeros(20)))


def test_a_missing_model_is_named_before_anything_runs(tmp_path):
    with pytest.raises((FileNotFoundError, ImportError), match=r"gone\.osim|pip install"):
        opensim_inverse_dynamics(tmp_path / "gone.osim", swing(np.zeros(20), np.zeros(20)))
    with pytest.raises(FileNotFoundError, match=r"gone\.mot"):
        opensim_inverse_dynamics(tmp_path / "gone.osim", tmp_path / "gone.mot")


def crash(monkeypatch, code):
    """Let a worker run this code instead of OpenSim."""
    run = opensim_tools.subprocess.run
    monkeypatch.setattr(opensim_tools, "find_spec", lambda _: True)
    monkeypatch.setattr(
        opensim_tools.subprocess, "run", lambda _, **options: run([sys.executable, "-c", code], **options)
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import os; print('last words', flush=True); os.abort()",
            r"leg\.osim failed \(exit code -6\): last words",
        ),
        ("raise RuntimeError('no such body')", "no such body"),
        ("", r"failed \(exit code 0\): it said nothing"),
    ],
)
def test_a_crash_becomes_an_error_with_the_last_lines(monkeypatch, leg, code, message):
    crash(monkeypatch, code)
    with pytest.raises(RuntimeError, match=message):
        opensim_inverse_dynamics(leg, swing(np.zeros(20), np.zeros(20)))


def test_a_run_that_takes_too_long_is_stopped(monkeypatch, leg):
    crash(monkeypatch, "import time; time.sleep(20)")
    with pytest.raises(RuntimeError, match=r"took longer than 0\.1 s"):
        opensim_inverse_dynamics(leg, swing(np.zeros(20), np.zeros(20)), timeout_s=0.1)


needs_opensim = pytest.mark.skipif(
    opensim_tools.find_spec("opensim") is None,
    reason="opensim is not installed: pip install gaitbook[opensim]",
)


@needs_opensim
def test_opensims_own_words_reach_the_user(leg):
    leg.write_text("this is no model")
    with pytest.raises(
        RuntimeError, match=r"inverse dynamics of leg\.osim failed \(exit code 1\)[\s\S]*Error"
    ):
        opensim_inverse_dynamics(leg, swing(np.zeros(20), np.zeros(20)))


@needs_opensim
@pytest.mark.parametrize("from_file", [False, True])
def test_a_swinging_shank_needs_the_moment_of_a_pendulum(leg, tmp_path, from_file):
    time_s = np.arange(120) / 100
    knee = 0.5 * np.sin(2 * np.pi * time_s)
    trial = swing(np.zeros(120), knee)
    found = opensim_inverse_dynamics(leg, write_motion(trial, tmp_path / "in.mot") if from_file else trial)
    inertia = SHANK_INERTIA + SHANK_KG * SHANK_CENTER_M**2
    weight = SHANK_KG * G * SHANK_CENTER_M * np.sin(knee)
    expected = inertia * -((2 * np.pi) ** 2) * knee + weight
    middle = slice(20, -20)
    moment = found.sel(coordinate="knee_angle_r")
    np.testing.assert_allclose(moment[middle], expected[middle], atol=1e-4)
    assert found["unit"].values.tolist() == ["N m", "N m"]
    reaction = opensim_knee_reaction(leg, trial, knees={"right": "knee_angle_r"})
    np.testing.assert_allclose(
        reaction["knee_moment"].sel(axis="z").values[middle, 0], expected[middle], atol=1e-4
    )
    np.testing.assert_allclose(reaction["generalized_force"], found, atol=1e-5)


@needs_opensim
def test_a_still_leg_carries_weight_and_ground_force_about_the_joint_center(leg):
    n, hip, knee = 30, 0.3, -0.5
    force, point, free = np.array([20.0, 600.0, -30.0]), np.array([0.05, -0.8, 0.04]), 5.0
    feet = {"foot": ["right", "left"], "axis": ["x", "y", "z"]}
    both = np.zeros((n, 2, 3))
    both[:, 0] = force
    where = np.full((n, 2, 3), np.nan)
    where[:, 0] = point
    trial = swing(
        np.full(n, hip),
        np.full(n, knee),
        ground_reaction_force=xr.DataArray(both, dims=("time", "foot", "axis"), coords=feet),
        center_of_pressure=xr.DataArray(where, dims=("time", "foot", "axis"), coords=feet),
        free_moment=xr.DataArray(
            np.array([[free, 0.0]] * n), dims=("time", "foot"), coords={"foot": feet["foot"]}
        ),
    )
    loads = opensim_knee_reaction(leg, trial, bodies={"right": "tibia_r"}, knees={"right": "knee_angle_r"})
    center = THIGH_M * np.array([np.sin(hip), -np.cos(hip), 0.0])
    down = np.array([np.sin(hip + knee), -np.cos(hip + knee), 0.0])
    weight = np.array([0.0, -SHANK_KG * G, 0.0])
    in_ground = -np.cross(point - center, force) - [0, free, 0] - np.cross(SHANK_CENTER_M * down, weight)
    c, s = np.cos(hip + knee), np.sin(hip + knee)
    to_tibia = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    middle = loads.isel(time=n // 2, foot=0)
    np.testing.assert_allclose(middle["knee_center"], center, atol=1e-9)
    np.testing.assert_allclose(middle["knee_moment"], to_tibia @ in_ground, atol=1e-6)
    np.testing.assert_allclose(middle["knee_force"], to_tibia @ -(force + weight), atol=1e-6)


@needs_opensim
def test_markers_on_the_model_give_its_angles(leg, tmp_path):
    hip, knee = np.linspace(0, 0.4, 12), np.linspace(0, -0.8, 12)
    rows = []
    for i, (a, b) in enumerate(zip(hip, knee, strict=True)):
        place = []
        for body, at in MARKERS.values():
            local = np.array([float(x) for x in at.split()])
            angle, origin = (
                (a, np.zeros(3)) if body == "femur_r" else (a + b, 0.4 * np.array([np.sin(a), -np.cos(a), 0]))
            )
            c, s = np.cos(angle), np.sin(angle)
            place += (origin + np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ local).tolist()
        rows.append("\t".join(map(str, [i + 1, i / 100, *place])))
    names = "\t\t\t".join(MARKERS)
    axes = "\t".join(f"{axis}{i}" for i in (1, 2, 3) for axis in "XYZ")
    path = tmp_path / "leg.trc"
    head = (
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"
    )
    path.write_text(
        f"PathFileType\t4\t(X/Y/Z)\tleg.trc\n{head}\n100\t100\t12\t3\tm\t100\t1\t12\n"
        f"Frame#\tTime\t{names}\t\t\n\t\t{axes}\n\n" + "\n".join(rows) + "\n"
    )
    solved = opensim_inverse_kinematics(leg, path, weights={"RASI": 1.0, "RKNE": 1.0, "RHEE": 2.0})
    np.testing.assert_allclose(solved["joint_angle"].sel(coordinate="hip_flexion_r"), hip, atol=1e-4)
    np.testing.assert_allclose(solved["joint_angle"].sel(coordinate="knee_angle_r"), knee, atol=1e-4)
    assert float(solved["marker_rms"].max()) < 1e-4
    assert solved.attrs["frames_per_second"] > 0


@needs_opensim
@pytest.mark.real_data
def test_a_real_walk_agrees_with_the_published_moments_and_has_a_usual_adduction_moment(real_data):
    folder = real_data / "arnold2013" / "subject01"
    if not folder.is_dir():
        pytest.skip("the walks of arnold2013/ are absent")
    motion = read_motion(folder / "coordinates.sto")
    plates = read_plates(folder / "trials" / "walk2" / "grf.mot").assign_coords(time=motion["time"])
    trial = motion.merge(assign_plates(plates).dataset)
    found = opensim_knee_reaction(folder / "subject01.osim", trial)
    published = read_table(folder / "id.sto")
    for coordinate, limit_nm in (("knee_angle_r", 1.5), ("hip_adduction_l", 1.0), ("ankle_angle_l", 0.5)):
        ours = found["generalized_force"].sel(coordinate=coordinate).values
        theirs = published[f"{coordinate}_moment"].to_numpy()
        assert np.sqrt(np.mean((ours - theirs)[10:-10] ** 2)) < limit_nm
    adduction = -found["knee_moment"].sel(foot="right", axis="x") / (72.84 * 9.81 * 1.808) * 100
    assert 1.5 < float(adduction.max()) < 4.0
