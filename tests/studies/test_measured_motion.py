"""Motion for a motion model: measured as in a laboratory, solved, smoothed, or refused with the reason."""

import numpy as np
import pytest
import xarray as xr

import gaitbook as gb
from gaitbook.cohort.cleaning import rate_of
from gaitbook.conventions import AXES, FEET
from gaitbook.mechanics.body_points import body_points
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.loads import smooth_motion
from gaitbook.representation.channels import ANGLES
from gaitbook.studies.measured_motion import MOTION_CUTOFF_HZ, measure_all_motion, measure_motion
from gaitbook.studies.partial_motion import reverse_angles
from gaitbook.studies.prediction_bodies import reverse_coordinates
from gaitbook.synthesis.person_body import person_body
from tests.studies.formula_walk import KNEES, formula_body, formula_walk
from tests.synthesis.walkers import WALKS
from tests.synthesis.walkers import trial as simulated

LEGS = [name for name in ANGLES if name.startswith(("hip_flexion", "knee", "ankle"))]


def short(trial):
    return trial.isel(time=slice(0, 150))


@pytest.fixture(scope="module")
def truth():
    """A second and a half of a simulated walk."""
    return short(simulated(*WALKS[0]))


@pytest.fixture(scope="module")
def measured(truth):
    return measure_motion(truth)


@pytest.fixture(scope="module")
def recorded():
    """As a laboratory without a model of the body records: markers and forces."""
    return gb.simulate_trial(speed_mps=3.0, duration_s=1.5, sampling_rate_hz=150.0)


def test_simulated_people_are_measured_in_the_laboratory(truth, measured):
    assert "joint_moment" not in measured.trial
    assert rate_of(measured.trial) == pytest.approx(100.0)
    error = measured.trial["joint_angle"].sel(coordinate=LEGS) - truth["joint_angle"].sel(coordinate=LEGS)
    rms_deg = np.rad2deg(np.sqrt((error**2).mean("time")))
    assert 0.3 < float(rms_deg.min()) < float(rms_deg.max()) < 8.0
    assert 0.3 < float(np.sqrt((rms_deg**2).mean())) < 6.0


def test_their_forces_have_the_noise_of_plates(truth, measured):
    apart = measured.trial["ground_reaction_force"] - truth["ground_reaction_force"]
    assert 0.1 < float(np.sqrt((apart**2).mean())) < 15.0


def test_their_body_is_that_of_the_markers_not_the_true_one(truth, measured):
    assert measured.model.mass_kg == pytest.approx(truth.attrs["mass_kg"])
    assert measured.model != person_body(truth.attrs)
    given = measure_motion(truth, model=person_body(truth.attrs))
    assert given.model == measured.model


def test_the_same_seed_measures_the_same_and_another_one_another(truth, measured):
    assert measure_motion(truth).trial.identical(measured.trial)
    other = measure_motion(truth, seed=1).trial
    assert 0.001 < float(abs(other["joint_angle"] - measured.trial["joint_angle"]).mean()) < 0.2


def test_motion_and_force_are_all_that_is_left(measured):
    assert set(measured.trial.data_vars) == {
        "joint_angle",
        "pelvis_position",
        "joint_angle_observability",
        "ground_reaction_force",
        "center_of_pressure",
        "free_moment",
        "in_contact",
    }
    assert measured.trial["joint_angle"].attrs["low_pass_hz"] == MOTION_CUTOFF_HZ
    assert measured.trial["joint_angle"].notnull().all()


def test_the_truth_is_only_smoothed_if_it_is_not_to_be_measured(truth):
    found = measure_motion(truth, in_laboratory=False)
    expected = smooth_motion(truth, MOTION_CUTOFF_HZ)
    heading = float(truth["joint_angle"].sel(coordinate="pelvis_rotation").mean())
    turned = found.trial["joint_angle"] - expected["joint_angle"]
    assert float(abs(turned.drop_sel(coordinate="pelvis_rotation")).max()) < 1e-12
    assert float(abs(turned.sel(coordinate="pelvis_rotation")).max()) < abs(heading) + 1e-3
    assert found.model == person_body(truth.attrs)


def test_a_trial_with_its_own_angles_keeps_them_though_it_has_markers(truth):
    rng = np.random.default_rng(0)
    rough = truth.drop_vars("joint_moment")
    rough = rough.assign(joint_angle=rough["joint_angle"] + rng.normal(0, 0.002, rough["joint_angle"].shape))
    found = measure_motion(rough, model=generic_body())
    apart = (found.trial["joint_angle"] - truth["joint_angle"]).sel(coordinate=LEGS)[20:-20]
    assert 0.0 < float(abs(apart).max()) < 0.02
    assert found.model == generic_body()


def test_a_person_turned_around_faces_forward_and_no_whole_turn_is_left(truth):
    own = truth.drop_vars("joint_moment")
    plain, turned = (measure_motion(t).trial for t in (own, gb.align_heading(own, heading_rad=3.0)))
    np.testing.assert_allclose(turned["joint_angle"], plain["joint_angle"], atol=1e-9)
    np.testing.assert_allclose(turned["pelvis_position"], plain["pelvis_position"], atol=1e-9)
    np.testing.assert_allclose(turned["ground_reaction_force"], plain["ground_reaction_force"], atol=1e-9)


def test_markers_are_solved_at_the_rate_of_the_models(recorded):
    found = measure_motion(recorded)
    assert "joint_angle" not in recorded
    assert rate_of(found.trial) == pytest.approx(100.0)
    assert found.trial["joint_angle"].notnull().all()
    knee = np.rad2deg(found.trial["joint_angle"].sel(coordinate="knee_angle_r"))
    assert 40 < float(knee.max()) < 140
    assert found.model.mass_kg == pytest.approx(recorded.attrs["mass_kg"])
    assert "marker_position" not in found.trial


def test_frames_without_markers_stay_unknown(recorded):
    dark = (recorded["time"] > 0.5) & (recorded["time"] < 0.8)
    lost = recorded.assign(marker_position=recorded["marker_position"].where(~dark))
    found = measure_motion(lost, model=generic_body(height_m=1.8, mass_kg=80.0, markers="rbds")).trial
    inside = (found["time"] > 0.51) & (found["time"] < 0.79)
    outside = (found["time"] < 0.49) | (found["time"] > 0.81)
    for name in ("joint_angle", "pelvis_position"):
        gone = found[name].isnull().any([dim for dim in found[name].dims if dim != "time"])
        assert gone[inside].all()
        assert not gone[outside].any()


def test_a_body_that_is_given_is_used(recorded):
    model = generic_body(height_m=1.8, mass_kg=80.0, markers="rbds")
    assert measure_motion(recorded, model=model).model is model


def test_a_slower_recording_is_brought_to_the_rate_of_the_models(truth):
    slow = truth.drop_vars("joint_moment").isel(time=slice(None, None, 2)).assign_attrs(sampling_rate_hz=50.0)
    found = measure_motion(slow).trial
    assert rate_of(found) == pytest.approx(100.0)
    assert found.attrs["sampling_rate_hz"] == 100.0


def test_neither_angles_nor_markers_are_no_motion(truth):
    bare = truth.drop_vars(["joint_moment", "joint_angle"])
    with pytest.raises(
        ValueError, match="has no motion: give it joint_angle and pelvis_position, or marker_position"
    ):
        measure_motion(bare)


def test_a_person_of_unknown_size_has_no_body(truth):
    sizeless = truth.drop_vars("joint_moment").assign_attrs(height_m=None)
    with pytest.raises(ValueError, match="body cannot be made: height_m is missing"):
        measure_motion(sizeless)


def test_trials_without_motion_are_left_out_with_the_reason(truth, recorded):
    bare = recorded.drop_vars("marker_position").assign_attrs(trial="bare")
    nobody = recorded.assign_attrs(trial="nobody", mass_kg=None)
    exclusions = []
    own = truth.drop_vars("joint_moment")
    found = list(measure_all_motion([bare, own, nobody], exclusions))
    assert [each.trial.attrs["trial"] for each in found] == ["walk-1.00"]
    assert [each.item.rpartition("/")[2] for each in exclusions] == ["bare", "nobody"]
    assert exclusions[0].reason.startswith("The trial has no motion: ")
    assert "mass" in exclusions[1].reason


def test_a_reason_is_told_in_plain_words(truth, monkeypatch):
    def fail(_, **__):
        raise KeyError("it has no feet")

    monkeypatch.setattr("gaitbook.studies.measured_motion.measure_motion", fail)
    exclusions = []
    assert list(measure_all_motion([xr.Dataset(attrs=truth.attrs)], exclusions)) == []
    assert exclusions[0].reason == "it has no feet"


def standing(rate_hz=100.0):
    """Motion by formula, knees bent, with the force of a person who stands on both feet."""
    walk = formula_walk(duration_s=1.5, rate_hz=rate_hz)
    labels = {"time": walk["time"].values, "foot": list(FEET), "axis": list(AXES)}
    force = np.broadcast_to([0.0, 350.0, 0.0], (walk.sizes["time"], 2, 3))
    down = np.ones(force.shape[:2], dtype=bool)
    forces = {
        "ground_reaction_force": xr.DataArray(force, labels, tuple(labels)),
        "in_contact": (("time", "foot"), down),
    }
    return walk.assign(forces)


@pytest.fixture(scope="module")
def walking():
    return standing()


def test_knees_of_a_body_that_counts_extension_are_turned(walking):
    """Body and angles together move as before; what comes out counts flexion."""
    body = formula_body()
    extending = reverse_coordinates(body, KNEES)
    usual = measure_motion(walking, model=body)
    turned = measure_motion(reverse_angles(walking, KNEES), model=extending)
    xr.testing.assert_allclose(turned.trial["joint_angle"], usual.trial["joint_angle"])
    feet = ("calcn_r", "calcn_l")
    own, other = (body_points(each.trial, each.model, feet) for each in (usual, turned))
    xr.testing.assert_allclose(own, other)


def test_without_a_body_angles_that_bend_backward_are_turned(walking):
    usual = measure_motion(walking).trial["joint_angle"]
    turned = measure_motion(reverse_angles(walking, KNEES)).trial["joint_angle"]
    xr.testing.assert_allclose(turned, usual)
    assert float(turned.sel(coordinate=list(KNEES)).mean()) > 0.4


@pytest.mark.parametrize("rate_hz", [100.0, 130.0])
def test_force_that_is_missing_is_not_known_and_not_zero(rate_hz):
    walk = standing(rate_hz)
    missing = (walk["time"] >= 1.0) & (walk["time"] < 1.2)
    zeroed = walk["ground_reaction_force"].where(~missing, 0.0)
    down = walk["in_contact"] & ~missing
    marked = walk.assign(force_missing=missing, ground_reaction_force=zeroed, in_contact=down)
    trial = measure_motion(marked).trial
    assert "force_missing" not in trial
    unknown = trial["ground_reaction_force"].isnull().all(["foot", "axis"])
    assert trial["time"].values[unknown.values][[0, -1]] == pytest.approx([1.0, 1.19], abs=0.0101)
    assert 20 <= int(unknown.sum()) <= 22
    assert float(abs(trial["ground_reaction_force"].sel(axis="y") - 350.0).max()) < 1e-6
    assert trial["in_contact"].equals((~unknown).broadcast_like(trial["in_contact"]).rename("in_contact"))
