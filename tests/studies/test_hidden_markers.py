"""Hidden markers: what inverse kinematics still knows, what a model is given, and how both are judged."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.cohort.heading import align_heading
from gaitbook.representation.channels import numbers_of
from gaitbook.representation.states import LEG, encode_states
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.hidden_markers import (
    BODY,
    LARGEST_DEVIATION_RAD,
    informed_coordinates,
    interpolated_motion,
    judge_hidden_markers,
    observed_motion,
    occlusion_summary,
)
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.marker_occlusion import Occlusion
from gaitbook.studies.measured_motion import measure_motion, motion_from_markers
from gaitbook.synthesis.laboratory import record_in_laboratory
from tests.studies.oracles import Oracle
from tests.synthesis.walkers import WALKS
from tests.synthesis.walkers import trial as simulated

LEFT_FOOT = ["LHEE", "LTOE", "LFOO", "LMT1", "LMT5"]
ANKLE = ["ankle_angle_l", "subtalar_angle_l"]


@pytest.fixture(scope="module")
def recorded():
    """Two and a half seconds of a simulated walk in the laboratory, its motion and its body."""
    trial = simulated(*WALKS[0]).isel(time=slice(0, 250)).assign_attrs(trial="walk-comfortable")
    return record_in_laboratory(trial, angles=False)


@pytest.fixture(scope="module")
def body(recorded):
    return motion_from_markers(recorded)[1]


def without(trial, markers, start=0, stop=None):
    inside = np.zeros(trial.sizes["time"], dtype=bool)
    inside[start:stop] = True
    gone = xr.DataArray(inside, dims="time") & trial["marker"].isin(markers)
    return trial.assign(marker_position=trial["marker_position"].where(~gone))


def test_all_markers_of_a_laboratory_inform_legs_pelvis_and_trunk(recorded, body):
    solved, _ = motion_from_markers(recorded, body)
    assert bool(informed_coordinates(solved).sel(coordinate=list(BODY)).all())
    assert not bool(informed_coordinates(solved).sel(coordinate="mtp_angle_l").any())


def test_a_coordinate_is_known_up_to_a_tenth_of_a_radian():
    labels = {"time": [0.0], "coordinate": ["knee_angle_r", "hip_flexion_r", "ankle_angle_r", "arm_flex_r"]}
    deviation = LARGEST_DEVIATION_RAD * np.array([[0.99, 1.01, 0.99, 1.01]])
    observability = np.array([[0.9, 0.9, 0.1, 0.9]])
    solved = xr.Dataset(
        {
            "joint_angle_deviation": (tuple(labels), deviation),
            "joint_angle_observability": (tuple(labels), observability),
        },
        labels,
    )
    assert informed_coordinates(solved).values.tolist() == [[True, False, False, True]]


def test_only_what_the_markers_left_do_not_tell_is_not_known(recorded, body):
    """Without markers on the foot its ankle is not known, for as long as they are hidden; all else is."""
    seen = observed_motion(without(recorded, LEFT_FOOT, 100, 150), body).trial
    unknown = seen["joint_angle"].isnull().sel(coordinate=list(LEG))
    assert bool(unknown.sel(coordinate=ANKLE)[100:150].all())
    assert not bool(unknown.sel(coordinate=ANKLE)[:100].any())
    assert not bool(unknown.sel(coordinate=ANKLE)[150:].any())
    assert not bool(unknown.drop_sel(coordinate=ANKLE).any())
    assert bool(seen["pelvis_position"].notnull().all())


def test_what_is_not_known_reaches_the_model_frame_by_frame(recorded, body):
    motion = observed_motion(without(recorded, LEFT_FOOT, 100, 150), body)
    table = encode_states(motion.trial, motion.model)
    ankle, knee = (table[:, numbers_of([f"angle/{name}"])[0]].isnan() for name in (ANKLE[0], "knee_angle_l"))
    assert ankle.nonzero()[:, 0].tolist() == list(range(100, 150))
    assert not knee.any()


def test_nothing_of_an_unknown_angle_reaches_its_neighbors(recorded, body):
    """Ten frames away, the motion beside a gap is that without a gap; a filter over the prior pose would not be."""
    whole = observed_motion(recorded, body).trial["joint_angle"].sel(coordinate=ANKLE)
    seen = (
        observed_motion(without(recorded, LEFT_FOOT, 100, 150), body)
        .trial["joint_angle"]
        .sel(coordinate=ANKLE)
    )
    apart = abs(seen - whole)
    assert float(apart[:90].max()) < 1e-3
    assert float(apart[160:].max()) < 1e-3
    assert float(np.rad2deg(apart[90:160].max())) < 3.0


def test_a_pelvis_that_nothing_tells_has_no_path(recorded, body):
    feet = [name for name in recorded["marker"].values if name in ("LHEE", "LTOE", "LMT1", "LMT5")]
    only_a_foot = [name for name in recorded["marker"].values if name not in feet]
    seen = observed_motion(without(recorded, only_a_foot, 100, 150), body).trial
    assert bool(seen["pelvis_position"][105:145].isnull().all())
    assert bool(seen["pelvis_position"][:95].notnull().all())


def test_short_gaps_are_bridged_by_both(recorded, body):
    gaps = without(recorded, LEFT_FOOT, 100, 108)
    for make in (observed_motion, interpolated_motion):
        assert bool(make(gaps, body).trial["joint_angle"].sel(coordinate=list(BODY)).notnull().all())


def test_all_markers_seen_are_measured_as_ever(recorded, body):
    aligned = align_heading(recorded)
    usual = measure_motion(recorded).trial["joint_angle"].sel(coordinate=list(BODY))
    own = observed_motion(aligned, body).trial["joint_angle"].sel(coordinate=list(BODY))
    assert float(abs(own - usual).max()) < 0.005  # the heading is found a second time, from the pelvis


def test_interpolation_takes_everything_as_known_and_is_wrong_for_it(recorded, body):
    hidden = without(recorded, LEFT_FOOT, 100, 150)
    whole = observed_motion(recorded, body).trial["joint_angle"]
    bridged = interpolated_motion(hidden, body).trial["joint_angle"]
    assert bool(bridged.sel(coordinate=list(BODY)).notnull().all())
    assert float(np.rad2deg(abs(bridged - whole).sel(coordinate=ANKLE)[100:150].mean())) > 5.0


@pytest.fixture(scope="module")
def judged():
    trial = simulated(*WALKS[0]).isel(time=slice(0, 150)).assign_attrs(trial="walk-comfortable")
    motion = measure_motion(trial)
    plan = CompletionPlan(draws=2, steps=1, physics=False)
    one = Contestant("knows", Oracle(encode_states(motion.trial, motion.model)), plan)
    occlusions = (Occlusion("foot", 0.3), Occlusion("samples", 0.1))
    return judge_hidden_markers([trial], [one], occlusions=occlusions, processes=1, progress=False)


def value(judged, **labels):
    chosen = judged[np.logical_and.reduce([judged[name] == each for name, each in labels.items()])]
    assert len(chosen) == 1
    return float(chosen["value"].iloc[0])


def test_who_knows_the_truth_completes_what_interpolation_gets_wrong(judged):
    """The truth of the oracle is inverse kinematics with all markers, turned by a hair."""
    labels = {"pattern": "foot", "measure": "angle"}
    assert value(judged, method="completed", **labels) < 0.5
    assert value(judged, method="interpolated", **labels) > 5.0
    assert value(judged, method="completed", pattern="foot", measure="angle_all") < 1.0


def test_force_is_judged_with_all_markers_and_without(judged):
    force = {"measure": "profile", "axis": "y"}
    assert value(judged, method="all markers", pattern="nothing", **force) < 0.5
    assert value(judged, method="completed", pattern="foot", **force) < 0.5
    assert judged[judged["pattern"] == "nothing"]["share"].eq(0.0).all()


def test_how_much_is_not_known_is_told(judged):
    """The two coordinates of an ankle, for three tenths of the time."""
    assert value(judged, method="completed", pattern="foot", measure="unknown") == pytest.approx(
        100 * 0.3 * len(ANKLE) / len(BODY), rel=0.1
    )
    assert value(judged, method="completed", pattern="samples", measure="unknown") == 0.0
    assert judged[judged["pattern"] == "samples"]["measure"].ne("angle").all()


def test_people_are_the_unit_of_a_summary(judged):
    once, more = judged.assign(subject="a"), judged.assign(subject="b", value=judged["value"] + 2.0)
    summary = occlusion_summary(pd.concat([once, once, more]))
    chosen = {"method": "completed", "pattern": "foot", "measure": "profile", "axis": "y"}
    row = summary[np.logical_and.reduce([summary[name] == each for name, each in chosen.items()])].iloc[0]
    assert row["value"] == pytest.approx(value(judged, **chosen) + 1.0)
    assert row["n"] == 2
