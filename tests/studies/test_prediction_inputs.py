"""Files and cohorts as inputs: what was recorded stays as it was, what the model sees is in its frame."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.cleaning import rate_of
from gaitbook.cohort.heading import restore_heading
from gaitbook.cohort.store import append_trial, create_cohort
from gaitbook.mechanics.body_points import body_markers
from gaitbook.readers.opensim import read_motion
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import PARTS, hidden_coordinates
from gaitbook.studies.prediction_bodies import read_person_body, reverse_coordinates
from gaitbook.studies.prediction_inputs import prediction_inputs, prepare_input
from gaitbook.studies.prediction_people import Told
from gaitbook.studies.prediction_sources import Recording
from gaitbook.synthesis.closed_form import simulate_trial
from gaitbook.synthesis.gait import simulate_gait
from tests.cohort.recorded_files import write_markers
from tests.studies.formula_walk import KNEES, MASS_KG, PERSON_FACTS, formula_body, formula_walk, write_walk

EXAMPLES = "gaitdynamics-examples"
MOTIONS = ("a33699_example_mot_complete_kinematics", "adee49_example_mot_missing_knee_kinematics")
TOLD = Told(formula_body())


def given(trial, told=TOLD, hidden=()):
    return prepare_input(Recording("walk", trial.copy), told, hidden=hidden)


def missing(trial):
    angle = trial["joint_angle"].reindex(coordinate=list(ANGLES))
    return {name for name in ANGLES if bool(angle.sel(coordinate=name).isnull().all())}


def test_a_motion_file_goes_in_as_it_is(tmp_path):
    motion, model = write_walk(tmp_path)
    (one,) = prediction_inputs(motion, Told(read_person_body(model)), exclusions=[])
    assert one.name == "walk"
    xr.testing.assert_equal(one.recorded["joint_angle"], read_motion(motion)["joint_angle"])
    np.testing.assert_allclose(one.recorded["pelvis_position"], formula_walk()["pelvis_position"], atol=1e-9)
    assert one.motion.trial.attrs["mass_kg"] == pytest.approx(MASS_KG)
    assert one.motion.trial.attrs["speed_mps"] == pytest.approx(1.2, abs=0.02)
    assert missing(one.motion.trial) == set()


@pytest.mark.parametrize("heading_rad", [0.4, -2.0, np.pi])
def test_the_model_sees_the_same_whatever_the_heading(heading_rad):
    plain, turned = given(formula_walk()), given(formula_walk(heading_rad=heading_rad))
    away = turned.motion.trial["joint_angle"] - plain.motion.trial["joint_angle"]
    np.testing.assert_allclose((away + np.pi) % (2 * np.pi) - np.pi, 0.0, atol=1e-9)
    velocity = [each.motion.trial["pelvis_position"].differentiate("time") for each in (plain, turned)]
    np.testing.assert_allclose(velocity[1], velocity[0], atol=1e-9)
    walk = formula_walk(heading_rad=heading_rad)
    np.testing.assert_allclose(turned.recorded["pelvis_position"], walk["pelvis_position"], atol=1e-12)
    again = restore_heading(turned.motion.trial)["pelvis_position"]
    np.testing.assert_allclose(again[20:-20], walk["pelvis_position"][20:-20], atol=2e-3)


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 250.0])
def test_any_rate_comes_to_that_of_the_models_and_the_recording_keeps_its_own(rate_hz):
    one = given(formula_walk(rate_hz=rate_hz))
    assert rate_of(one.motion.trial) == pytest.approx(100.0)
    np.testing.assert_array_equal(one.recorded["time"], formula_walk(rate_hz=rate_hz)["time"])
    reference = given(formula_walk()).motion.trial["joint_angle"]
    inside = one.motion.trial["joint_angle"].interp(time=reference["time"][10:-10])
    np.testing.assert_allclose(inside, reference[10:-10], atol=5e-3)


def test_hidden_parts_are_not_seen_and_will_be_completed():
    one = given(formula_walk(), hidden=PARTS["knees"])
    assert missing(one.motion.trial) == missing(one.recorded) == set(KNEES)
    legs = hidden_coordinates("only right leg")
    assert missing(given(formula_walk(), hidden=legs).recorded) == set(legs)


def test_with_the_pelvis_goes_its_path():
    one = given(formula_walk(), hidden=PARTS["pelvis"])
    for side in (one.motion.trial, one.recorded):
        assert missing(side) == set(PARTS["pelvis"])
        assert bool(side["pelvis_position"].isnull().all())


def test_a_file_without_path_or_heading_can_be_completed_too():
    walk = formula_walk(coordinates=[name for name in ANGLES if name != "pelvis_rotation"])
    one = given(walk.drop_vars("pelvis_position"))
    assert bool(one.motion.trial["pelvis_position"].isnull().all())
    assert missing(one.motion.trial) == {"pelvis_rotation"}
    assert bool(one.recorded["pelvis_position"].isnull().all())
    named = one.motion.trial["joint_angle"].sel(coordinate="knee_angle_r")
    np.testing.assert_allclose(
        named[10:-10], walk["joint_angle"].sel(coordinate="knee_angle_r")[10:-10], atol=1e-2
    )


def test_gaps_stay_gaps():
    walk = formula_walk()
    walk["joint_angle"][50:80, walk.get_index("coordinate").get_loc("knee_angle_r")] = np.nan
    one = given(walk)
    gone = one.motion.trial["joint_angle"].sel(coordinate="knee_angle_r").isnull().values
    assert gone[50:80].all()
    assert not gone[:50].any()
    assert one.recorded["joint_angle"].sel(coordinate="knee_angle_r").isnull().values.sum() == 30


def test_knees_that_count_extension_are_turned_on_the_way_in():
    model = reverse_coordinates(formula_body(), KNEES)
    walk = formula_walk()
    walk["joint_angle"].loc[{"coordinate": list(KNEES)}] *= -1.0
    one = given(walk, Told(model))
    assert one.reversed_coordinates == KNEES
    xr.testing.assert_allclose(one.motion.trial, given(formula_walk()).motion.trial)
    # without a body the angles themselves tell
    assert given(walk, Told()).reversed_coordinates == KNEES
    assert given(formula_walk(), Told()).reversed_coordinates == ()


def test_what_is_told_of_the_mass_goes_into_the_body():
    one = given(formula_walk(), Told(formula_body(), mass_kg=90.0))
    assert one.motion.model.mass_kg == pytest.approx(90.0)


def on_skin(walk, model):
    """The walk as its markers alone."""
    markers = body_markers(walk, model)
    return walk.drop_dims("coordinate").drop_vars("pelvis_position").assign(marker_position=markers)


def test_markers_move_the_body_that_is_given():
    model, walk = formula_body(markers="plug_in_gait"), formula_walk(duration_s=0.5)
    one = given(on_skin(walk, model), Told(model))
    found = one.motion.trial["joint_angle"].sel(coordinate="knee_angle_r")[10:-10]
    wanted = walk["joint_angle"].sel(coordinate="knee_angle_r")[10:-10]
    np.testing.assert_allclose(found, wanted, atol=0.05)
    np.testing.assert_array_equal(one.recorded["time"], walk["time"])


def test_a_marker_file_with_whole_legs_needs_no_more_than_the_mass(tmp_path):
    walk = formula_walk(duration_s=0.5, rate_hz=150.0)
    path = write_markers(tmp_path / "run.trc", on_skin(walk, formula_body(markers="plug_in_gait")))
    (one,) = prediction_inputs(path, Told(mass_kg=70.0), exclusions=[])
    assert one.recorded.sizes["time"] == walk.sizes["time"]
    assert one.motion.trial.attrs["height_m"] == pytest.approx(1.75, abs=0.1)
    with pytest.raises(ValueError, match="run: the body mass is not known: give --mass-kg"):
        next(prediction_inputs(path, Told(), exclusions=[]))


def test_parts_without_markers_are_completed(tmp_path):
    path = write_markers(tmp_path / "run.trc", simulate_trial(duration_s=0.5))
    (one,) = prediction_inputs(path, Told(mass_kg=70.0, height_m=1.75), exclusions=[])
    assert set(PARTS["arms"]) <= missing(one.motion.trial) == missing(one.recorded)


def test_markers_that_tell_no_body_say_what_may_help(tmp_path):
    path = write_markers(tmp_path / "run.trc", simulate_trial(duration_s=0.3))
    with pytest.raises(
        ValueError, match="--height-m, or --model with a body that has these markers, may help"
    ):
        list(prediction_inputs(path, Told(mass_kg=70.0), exclusions=[]))


def test_force_is_never_an_input():
    run = simulate_trial(duration_s=0.5)
    assert "ground_reaction_force" in run
    assert set(given(run, Told()).motion.trial.data_vars) == {"joint_angle", "pelvis_position"}


def test_of_many_trials_a_bad_one_is_left_out_and_an_only_one_is_refused(tmp_path):
    cohort = create_cohort(tmp_path / "people", name="people")
    for trial, duration_s in (("short", 0.03), ("walk", 0.5)):
        append_trial(cohort, formula_walk(duration_s=duration_s).assign_attrs(trial=trial))
    left_out = []
    assert [one.name for one in prediction_inputs(cohort, exclusions=left_out)] == ["A_walk"]
    (exclusion,) = left_out
    assert exclusion.item == "A_short"
    assert exclusion.reason == "shorter than 60 ms: nothing tells how the body speeds up."
    with pytest.raises(ValueError, match=r"^A_short: shorter than 60 ms"):
        list(prediction_inputs(f"{cohort}/A/short", exclusions=[]))


def test_a_simulated_person_is_measured_first():
    trial = simulate_gait({**PERSON_FACTS, "subject": "p"}, speed_mps=1.2, gait="walk", duration_s=1.0)
    one = given(trial, Told())
    true = trial["joint_angle"].sel(coordinate="knee_angle_r")
    found = one.recorded["joint_angle"].sel(coordinate="knee_angle_r")
    assert 0.0 < float(abs(found - true).mean()) < 0.2
    assert one.recorded.sizes["time"] == trial.sizes["time"]


@pytest.mark.real_data
@pytest.mark.parametrize("name", MOTIONS)
def test_the_examples_of_gaitdynamics_go_in_unchanged(name, real_data):
    folder = real_data / EXAMPLES
    if not folder.is_dir():
        pytest.skip(f"the folder {EXAMPLES}/ is absent from GAITBOOK_DATA")
    told = Told(read_person_body(folder / "7e8622_example_opensim_model.osim"), height_m=1.84)
    (one,) = prediction_inputs(folder / f"{name}.mot", told, exclusions=[])
    arms = set(PARTS["arms"])
    assert missing(one.motion.trial) == (arms | set(KNEES) if "missing_knee" in name else arms)
    assert one.motion.trial.sizes["time"] == one.recorded.sizes["time"] == 2000
    xr.testing.assert_equal(one.recorded["joint_angle"], read_motion(folder / f"{name}.mot")["joint_angle"])
    if "complete" in name:
        assert one.motion.trial.attrs["speed_mps"] == pytest.approx(1.2, abs=0.1)
