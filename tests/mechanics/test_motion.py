"""From markers to the motion of a trial, and to coordinates for computing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.body_model import Coordinate
from gaitbook.cohort.mirroring import mirror_trial
from gaitbook.conventions import AXES
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.motion import body_coordinates, solve_motion
from gaitbook.mechanics.scaling import scale_body
from gaitbook.readers.rbds import read_rbds

FRAMES, RATE_HZ = 80, 100.0


@pytest.fixture(scope="module")
def model():
    return generic_body(height_m=1.7, mass_kg=65.0, markers="rbds")


@pytest.fixture(scope="module")
def truth(model):
    """Coordinates (frame, coordinate) of the legs and the pelvis swinging at 1 Hz."""
    body = compile_body(model)
    time = torch.arange(FRAMES, dtype=torch.float64) / RATE_HZ
    values = torch.tensor([c.default for c in model.coordinates], dtype=torch.float64).repeat(FRAMES, 1)
    for number, name in enumerate(body.coordinate_names):
        if name.startswith(("pelvis", "hip", "knee", "ankle", "subtalar")):
            values[:, number] += 0.1 * torch.sin(2 * torch.pi * time + number)
    values[:, [body.coordinate("knee_angle_r"), body.coordinate("knee_angle_l")]] += 0.6
    return values


@pytest.fixture(scope="module")
def trial(model, truth):
    body = compile_body(model)
    markers = marker_positions(body, forward_kinematics(body, truth)).numpy()
    position = xr.DataArray(
        markers,
        {"time": np.arange(FRAMES) / RATE_HZ, "marker": list(body.marker_names), "axis": list(AXES)},
        ("time", "marker", "axis"),
        attrs={"units": "m"},
    )
    return xr.Dataset({"marker_position": position}, attrs={"trial": "swing", "log": ["made by hand"]})


@pytest.fixture(scope="module")
def solved(trial, model):
    return solve_motion(trial, model, noise_m=1e-6)


def test_the_motion_comes_back_by_name(solved, model, truth):
    body = compile_body(model)
    for name in ("hip_rotation_l", "knee_angle_r", "pelvis_list"):
        expected = truth[:, body.coordinate(name)].numpy()
        np.testing.assert_allclose(solved["joint_angle"].sel(coordinate=name), expected, atol=1e-8)
    position = truth[:, [body.coordinate(f"pelvis_t{axis}") for axis in AXES]].numpy()
    np.testing.assert_allclose(solved["pelvis_position"], position, atol=1e-8)


def test_results_carry_dims_and_units(solved, trial):
    assert solved["joint_angle"].dims == ("time", "coordinate")
    units = {name: solved[name].attrs["units"] for name in solved.data_vars}
    assert units == {
        "marker_position": "m",
        "joint_angle": "rad",
        "joint_angle_deviation": "rad",
        "joint_angle_observability": "1",
        "marker_error": "m",
        "pelvis_position": "m",
    }
    assert solved["marker_error"].shape == (trial.sizes["time"], trial.sizes["marker"])
    assert "pelvis_tx" not in solved["coordinate"]


def test_the_log_says_what_was_not_observed(solved):
    log = solved.attrs["log"]
    assert log[0] == "made by hand"
    assert any("no marker informs" in sentence and "arm_flex_r" in sentence for sentence in log)
    assert any("found from" in sentence and "rms" in sentence for sentence in log)


def test_strange_markers_are_ignored_and_counted(trial, model, solved):
    more = trial.pad(marker=(0, 1), constant_values=0.3).assign_coords(
        marker=[*trial["marker"].values, "wand"]
    )
    more.attrs = trial.attrs
    found = solve_motion(more, model, noise_m=1e-6)
    xr.testing.assert_allclose(found["joint_angle"], solved["joint_angle"])
    assert any(
        sentence.startswith("1 marker(s) that the body does not have") for sentence in found.attrs["log"]
    )
    assert found["marker_error"].sel(marker="wand").isnull().all()


def test_few_markers_of_the_body_are_enough(trial, model, solved):
    fewer = trial.isel(marker=slice(None, None, -1)).drop_sel(marker=["R.Heel.Top", "L.Thigh.Top.Medial"])
    found = solve_motion(fewer, model, noise_m=1e-6)
    np.testing.assert_allclose(found["joint_angle"], solved["joint_angle"], atol=1e-7)


def test_nothing_in_common_names_both(trial, model):
    renamed = trial.assign_coords(marker=[f"m{n}" for n in range(trial.sizes["marker"])])
    with pytest.raises(ValueError, match=r"no marker in common. The trial has m0, m1.*the body has.*L\.ASIS"):
        solve_motion(renamed, model)


def test_a_trial_without_markers_is_refused(trial, model):
    with pytest.raises(ValueError, match="has no marker_position"):
        solve_motion(trial.drop_vars("marker_position"), model)


def test_free_translations_that_a_trial_cannot_hold_are_refused(trial, model):
    loose = replace(model, coordinates=(*model.coordinates, Coordinate("knee_shift", is_rotation=False)))
    with pytest.raises(ValueError, match="translates freely along knee_shift"):
        solve_motion(trial, loose)


def test_earlier_motion_is_replaced_and_that_is_said(solved, model):
    other = solved.assign(joint_angle=solved["joint_angle"] + 1.0)
    again = solve_motion(other, model, noise_m=1e-6)
    np.testing.assert_allclose(again["joint_angle"], solved["joint_angle"], atol=1e-8)
    assert any("replaced" in sentence for sentence in again.attrs["log"])


def test_the_mirror_image_moves_as_a_mirror_image(trial, model):
    generator = np.random.default_rng(0)
    noisy = trial.assign(marker_position=trial["marker_position"] + generator.normal(0, 0.01, (FRAMES, 1, 3)))
    ours, theirs = solve_motion(noisy, model), solve_motion(mirror_trial(noisy), model)
    expected = mirror_trial(ours[["joint_angle", "pelvis_position"]])
    np.testing.assert_allclose(theirs["joint_angle"], expected["joint_angle"], atol=1e-4)
    np.testing.assert_allclose(theirs["pelvis_position"], expected["pelvis_position"], atol=1e-4)


def test_a_low_pass_smooths_the_motion(trial, model):
    generator = np.random.default_rng(0)
    shape = trial["marker_position"].shape
    noisy = trial.assign(marker_position=trial["marker_position"] + generator.normal(0, 0.005, shape))
    rough, smooth = (
        solve_motion(noisy, model, cutoff_hz=cutoff)["joint_angle"].diff("time").diff("time").std()
        for cutoff in (None, 6.0)
    )
    assert float(smooth) < 0.3 * float(rough)


def test_coordinates_come_in_the_order_of_the_body(solved, model, truth):
    body = compile_body(model)
    legs = [number for number, name in enumerate(body.coordinate_names) if not name.startswith("lumbar")]
    found = body_coordinates(solved, body)
    torch.testing.assert_close(found[:, legs], truth[:, legs], rtol=0, atol=1e-8)
    assert body_coordinates(solved, body.to(torch.float32)).dtype == torch.float32


def test_coordinates_that_the_trial_lacks_are_at_their_default_and_told(solved, model, caplog):
    body = compile_body(model)
    fewer = solved.drop_sel(coordinate=["knee_angle_r"])
    with caplog.at_level("INFO", logger="gaitbook.mechanics.motion"):
        found = body_coordinates(fewer, body)
    knee = body.coordinate("knee_angle_r")
    assert (found[:, knee] == model.coordinates[knee].default).all()
    assert "knee_angle_r" in caplog.text


def test_gaps_are_refused_with_their_place(solved, model):
    gap = solved["joint_angle"].copy()
    gap[7, 2] = np.nan
    with pytest.raises(ValueError, match=rf"1 of {FRAMES} frames are NaN in .*, the first is number 7"):
        body_coordinates(solved.assign(joint_angle=gap), compile_body(model))


def test_strangers_are_refused(solved, trial, model):
    body = compile_body(model)
    with pytest.raises(ValueError, match="has no joint_angle"):
        body_coordinates(trial, body)
    foreign = solved[["joint_angle"]].assign_coords(
        coordinate=[f"q{n}" for n in range(solved.sizes["coordinate"])]
    )
    with pytest.raises(ValueError, match=r"share no coordinate. The trial has q0, q1"):
        body_coordinates(foreign, body)


@pytest.mark.real_data
def test_a_recorded_run_fits_its_own_body(real_data):
    run = next(iter(read_rbds(real_data / "rbds", subjects=[1])))
    about = {name: run.recording.attrs[name] for name in ("mass_kg", "height_m", "sex", "subject")}
    body = scale_body(run.static.assign_attrs(about, trial="static"))
    found = solve_motion(run.recording.isel(time=slice(0, 300)), body)
    rms_m = np.sqrt((found["marker_error"] ** 2).mean(["time", "marker"]))
    assert float(rms_m) < 0.015
    knee = found["joint_angle"].sel(coordinate="knee_angle_r")
    assert 1.2 < float(knee.max()) < 2.3
    assert float(abs(found["joint_angle"].diff("time")).max()) < 0.15
