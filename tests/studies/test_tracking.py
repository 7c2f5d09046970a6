"""Bodies and motion of the trials of a study, and what cannot be tracked."""

import numpy as np
import pytest

import gaitbook as gb
from gaitbook.studies.tracking import (
    angle_cycles,
    angle_uncertainty,
    marker_distances,
    segment_table,
    track_bodies,
    whole_body_trial,
)
from gaitbook.studies.trials import prepare_trial
from tests.studies.standing import standing, steps, with_trial


@pytest.fixture(scope="module")
def trial():
    return prepare_trial(gb.simulate_trial(speed_mps=3.0, duration_s=1.0, subject="a", trial="run"))


def test_every_trial_has_motion_and_every_person_one_body(tracked):
    people = [each.trial.attrs["subject"] for each in tracked]
    assert people == ["simulated-01", "simulated-01", "simulated-02", "simulated-02"]
    assert tracked[0].model is tracked[1].model
    assert tracked[0].model is not tracked[2].model
    for each in tracked:
        assert each.model.mass_kg == pytest.approx(each.trial.attrs["mass_kg"])
        assert each.trial["joint_angle"].notnull().all()
        assert each.trial["pelvis_position"].notnull().all()


def test_smoothing_is_that_of_the_cut_off(tracked):
    smooth = tracked[0].smoothed(6.0)
    assert smooth["joint_angle"].attrs["low_pass_hz"] == 6.0
    assert float(abs(smooth["joint_angle"] - tracked[0].trial["joint_angle"]).max()) > 0


def test_a_trial_that_cannot_be_tracked_is_returned_with_the_reason(trial):
    massless = trial.assign_attrs(subject="b", trial="massless", mass_kg=None)
    blind = trial.drop_vars("marker_position").assign_attrs(trial="blind")
    found = track_bodies([massless, blind, trial], progress=False)
    assert [each.trial.attrs["trial"] for each in found.trials] == ["run"]
    assert [each.item for each in found.exclusions] == ["b/massless", "a/blind"]
    assert "the body mass is unknown" in found.exclusions[0].reason
    assert "has no marker_position" in found.exclusions[1].reason


def test_frames_without_markers_exclude_a_trial(trial):
    dark = trial.assign(marker_position=trial["marker_position"].where(trial["time"] > 0.095))
    found = track_bodies([dark.assign_attrs(trial="dark"), trial], progress=False)
    assert [(each.item, each.reason) for each in found.exclusions] == [
        ("a/dark", "10 of 100 frames have too few markers: cut them off")
    ]


def test_when_none_can_be_tracked_all_reasons_are_told(trial):
    massless = trial.assign_attrs(subject="b", mass_kg=None)
    blind = trial.drop_vars("marker_position")
    with pytest.raises(
        ValueError, match=r"(?s)no trial can be tracked: .*mass is unknown.*no marker_position"
    ):
        track_bodies([massless, blind, blind], progress=False)


def test_the_segments_of_both_sides_and_the_middle_are_the_whole_body(tracked):
    table = segment_table(tracked[0].model).set_index("segment")
    assert not any(name.endswith("_l") for name in table.index)
    sides = np.where(table.index.str.endswith("_r"), 2, 1)
    assert (sides * table["mass_kg"]).sum() == pytest.approx(tracked[0].model.mass_kg)
    assert (sides * table["share_percent"]).sum() == pytest.approx(100.0)
    assert table["share_percent"].idxmax() == "torso"
    assert 0.10 < table["center_below_joint_m"]["femur_r"] < 0.25


def test_markers_are_near_those_of_the_body(tracked):
    table = marker_distances(tracked)
    assert table.columns.tolist() == ["subject", "speed_mps", "value", "unit"]
    assert table["speed_mps"].tolist() == [2.5, 3.5, 2.5, 3.5]
    assert set(table["unit"]) == {"mm"}
    assert table["value"].between(1.0, 12.0).all()


def test_the_distance_is_a_root_mean_square_over_what_was_seen(tracked):
    error = tracked[0].trial["marker_error"]
    known = np.full(error.shape, 0.003)
    known[::2], known[5] = 0.004, np.nan
    table = marker_distances([with_trial(tracked[0], marker_error=error.copy(data=known))])
    assert table["value"].item() == pytest.approx(1000 * np.sqrt(np.nanmean(known**2)))


def test_the_legs_are_told_by_the_markers_and_the_arms_are_not(tracked):
    table = angle_uncertainty(tracked)
    assert list(table["coordinate"].cat.categories)[:2] == ["pelvis_tilt", "hip_flexion_l"]
    spread = table.groupby("coordinate", observed=True)["value"].mean()
    assert 0 < spread["knee_angle_l"] < 3 < spread["arm_flex_l"]


def test_uncertainty_is_in_degrees(tracked):
    deviation = 0 * tracked[0].trial["joint_angle_deviation"] + np.pi / 90
    table = angle_uncertainty([with_trial(tracked[0], joint_angle_deviation=deviation)])
    np.testing.assert_allclose(table["value"], 2.0)


def test_angles_of_a_run_bend_the_knee_in_swing(tracked):
    table = angle_cycles(tracked, cutoff_hz=15.0)
    assert set(table["axis"]) == {"hip flexion", "knee flexion", "ankle dorsiflexion"}
    assert set(table["source"]) == {"from markers"}
    assert len(table) == len(tracked) * 3 * 101
    knee = table[table["axis"] == "knee flexion"]
    for _, cycle in knee.groupby(["subject", "speed_mps"]):
        most = cycle.loc[cycle["value"].idxmax()]
        assert 40 < most["value"] < 140
        assert 45 < most["phase_percent"] < 90
        assert cycle["value"].min() > -10


def test_constant_angles_stay_what_they_are_in_degrees():
    still = standing(steps(peak_n=1000.0))
    angle = still.trial["joint_angle"].copy()
    for number, name in enumerate(("hip_flexion_l", "knee_angle_l", "ankle_angle_l")):
        angle.loc[{"coordinate": name}] = np.radians(10.0 * (number + 1))
    table = angle_cycles([with_trial(still, joint_angle=angle)], cutoff_hz=10.0)
    values = table.groupby("axis")["value"].agg(["min", "max"])
    for number, name in enumerate(("hip flexion", "knee flexion", "ankle dorsiflexion")):
        np.testing.assert_allclose(values.loc[name], 10.0 * (number + 1))


def test_the_whole_body_has_head_and_hands_and_the_trial_keeps_its_forces(tracked):
    whole = whole_body_trial(tracked[0], cutoff_hz=15.0)
    labels = set(whole["marker"].values)
    assert {"LHEE", "RHEE", "LASI", "RSHO", "LFHD", "RFIN"} <= labels
    assert whole["marker_position"].notnull().all()
    height = whole["marker_position"].sel(axis="y").mean("time")
    assert (
        float(height.sel(marker="LFHD")) > float(height.sel(marker="LASI")) > float(height.sel(marker="LHEE"))
    )
    near = whole["marker_position"].sel(marker="LHEE", drop=True) - tracked[0].trial["marker_position"].sel(
        marker="L.Heel.Top", drop=True
    )
    assert float(np.sqrt((near**2).sum("axis")).mean()) < 0.08
    for name in ("ground_reaction_force", "center_of_pressure"):
        assert whole[name].identical(tracked[0].trial[name])
    assert "marker_error" not in whole
