"""Draws as one trial: known means, known intervals, and everything in the frame of the recording."""

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.heading import align_heading
from gaitbook.conventions import AXES, COORDINATES, FEET
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.hiding import PARTS
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.partial_motion import without_parts
from gaitbook.studies.prediction_inputs import PredictionInput
from gaitbook.studies.prediction_summary import summarize_prediction
from tests.studies.formula_walk import KNEES, formula_body, formula_walk

DRAWS = 5


def asked(walk, hidden=(), **changes):
    """Input whose recording is the walk without what is hidden."""
    path = not set(PARTS["pelvis"]) <= set(hidden)
    recorded = without_parts(walk, hidden, path=path)[["joint_angle", "pelvis_position"]]
    given = PredictionInput("walk", MeasuredMotion(formula_walk(), formula_body()), recorded)
    return given._replace(**changes)


def drawn(walk=None, *, spread=0.0, force=None):
    """Draws about the walk; each foot under 400 N, its point 0.1 m ahead of the pelvis, unless another is given."""
    walk = formula_walk() if walk is None else walk
    apart = xr.DataArray(np.linspace(-1.0, 1.0, DRAWS), dims="draw", coords={"draw": np.arange(DRAWS)})
    dims = ("draw", "time", "foot", "axis")
    labels = {"draw": apart["draw"], "time": walk["time"], "foot": list(FEET), "axis": list(AXES)}
    force = np.array([10.0, 400.0, -5.0]) if force is None else force
    forces = xr.DataArray(np.broadcast_to(force, [len(labels[dim]) for dim in dims]).copy(), labels, dims)
    down = forces.sel(axis="y", drop=True) > 20.0
    ahead = walk["pelvis_position"] + xr.DataArray([0.1, 0.0, 0.0], {"axis": list(AXES)})
    ahead = ahead.where(ahead["axis"] != "y", 0.0).broadcast_like(forces).transpose(*dims)
    return xr.Dataset(
        {
            "joint_angle": walk["joint_angle"].sel(coordinate=list(ANGLES)) + spread * apart,
            "pelvis_position": walk["pelvis_position"] + spread * apart,
            "ground_reaction_force": forces.where(down, 0.0),
            "center_of_pressure": ahead.where(down),
            "free_moment": xr.zeros_like(forces.sel(axis="y", drop=True)) + 2.0,
            "in_contact": down,
        },
        attrs=walk.attrs,
    )


def test_what_was_recorded_stays_to_the_last_digit():
    walk = formula_walk()
    trial = summarize_prediction(drawn(spread=0.1), asked(walk))
    xr.testing.assert_equal(trial["joint_angle"], walk["joint_angle"])
    xr.testing.assert_equal(trial["pelvis_position"], walk["pelvis_position"])
    assert bool(trial["joint_angle_low"].isnull().all())
    assert bool(trial["pelvis_position_high"].isnull().all())


def test_what_is_completed_is_the_mean_of_the_draws_and_the_interval_their_middle():
    walk = formula_walk()
    trial = summarize_prediction(drawn(spread=0.1), asked(walk, PARTS["knees"]), level=0.5)
    knees = {"coordinate": list(KNEES)}
    for name, apart in (("joint_angle", 0.0), ("joint_angle_low", -0.05), ("joint_angle_high", 0.05)):
        np.testing.assert_allclose(trial[name].sel(knees), walk["joint_angle"].sel(knees) + apart, atol=1e-9)
    rest = {"coordinate": [name for name in COORDINATES if name not in KNEES]}
    assert bool(trial["joint_angle_low"].sel(rest).isnull().all())
    whole = summarize_prediction(drawn(spread=0.1), asked(walk, PARTS["pelvis"]), level=0.5)
    np.testing.assert_allclose(whole["pelvis_position_low"], walk["pelvis_position"] - 0.05, atol=1e-9)


def test_coordinates_that_a_file_lacks_are_added_if_the_body_has_them():
    walk = formula_walk(coordinates=[name for name in COORDINATES if not name.startswith(("knee", "wrist"))])
    trial = summarize_prediction(drawn(), asked(walk))
    names = trial["joint_angle"]["coordinate"].values.tolist()
    assert names == [*walk["coordinate"].values.tolist(), *KNEES]


def test_gaps_of_coordinates_that_nobody_completes_are_bridged():
    walk = formula_walk()
    toes = walk.get_index("coordinate").get_loc("mtp_angle_r")
    walk["joint_angle"][:20, toes] = np.nan
    walk["joint_angle"][100:110, toes] = np.nan
    angle = summarize_prediction(drawn(), asked(walk))["joint_angle"][:, toes].values
    np.testing.assert_allclose(angle[:20], angle[20])
    np.testing.assert_allclose(np.diff(angle[99:111], 2), 0.0, atol=1e-12)


def test_half_a_turn_to_the_left_is_half_a_turn_to_the_right():
    walk = formula_walk()
    far = drawn(spread=0.2)
    rotation = {"coordinate": "arm_rot_r"}
    far["joint_angle"].loc[rotation] = (far["joint_angle"].sel(rotation) + 2 * np.pi) % (2 * np.pi) - np.pi
    trial = summarize_prediction(far, asked(walk, ("arm_rot_r",)))
    middle = trial["joint_angle"].sel(rotation)
    expected = walk["joint_angle"].sel(rotation) + np.pi
    np.testing.assert_allclose(np.cos(middle - expected), 1.0, atol=1e-9)
    assert float(abs(middle.diff("time")).max()) < 0.1
    width = (trial["joint_angle_high"] - trial["joint_angle_low"]).sel(rotation)
    np.testing.assert_allclose(width, 0.36, atol=1e-9)


def test_an_angle_that_is_filled_in_follows_on_from_what_was_recorded():
    walk = formula_walk()
    rotation = walk.get_index("coordinate").get_loc("pelvis_rotation")
    walk["joint_angle"][:, rotation] += 2 * np.pi
    walk["joint_angle"][50:100, rotation] = np.nan
    trial = summarize_prediction(drawn(), asked(walk))
    assert float(abs(trial["joint_angle"][:, rotation].diff("time")).max()) < 0.1


def test_the_force_of_a_foot_in_the_air_is_zero():
    force = np.zeros((DRAWS, 201, 2, 3))
    force[:, :, 0] = [10.0, 400.0, -5.0]
    force[:2, :, 1] = [10.0, 400.0, -5.0]  # two draws of five have the left foot down
    trial = summarize_prediction(drawn(force=force), asked(formula_walk()))
    np.testing.assert_allclose(
        trial["ground_reaction_force"].sel(foot="right"), np.broadcast_to([10, 400, -5], (201, 3))
    )
    assert float(abs(trial["ground_reaction_force"].sel(foot="left")).max()) == 0.0
    assert float(trial["free_moment"].sel(foot="left").max()) == 0.0
    assert bool(trial["center_of_pressure"].sel(foot="left").isnull().all())
    assert float(trial["ground_reaction_force_high"].sel(foot="left", axis="y").min()) == 400.0
    assert trial["in_contact"].all("time").values.tolist() == [True, False]


def test_the_point_is_that_of_the_sum_of_the_forces():
    draws = drawn()
    draws["ground_reaction_force"][:] *= xr.DataArray(np.arange(1.0, 6.0), dims="draw")
    draws["center_of_pressure"][:] += xr.DataArray(np.arange(5.0), dims="draw") * xr.DataArray(
        [1.0, 0.0, 0.0], {"axis": list(AXES)}
    )
    trial = summarize_prediction(draws, asked(formula_walk()))
    share = np.arange(1, 6) / 15
    ahead = trial["center_of_pressure"].sel(axis="x") - formula_walk()["pelvis_position"].sel(axis="x")
    np.testing.assert_allclose(ahead, 0.1 + share @ np.arange(5.0), atol=1e-9)
    assert float(abs(trial["center_of_pressure"].sel(axis="y")).max()) == 0.0


@pytest.mark.parametrize("rate_hz", [30.0, 100.0, 240.0])
def test_results_are_at_the_time_stamps_of_the_recording(rate_hz):
    walk = formula_walk(rate_hz=rate_hz)
    force = np.zeros((DRAWS, 201, 2, 3))
    force[:, 50:150] = [0.0, 400.0, 0.0]
    trial = summarize_prediction(drawn(force=force), asked(walk, PARTS["knees"]))
    np.testing.assert_array_equal(trial["time"], walk["time"])
    away = trial["joint_angle"] - walk["joint_angle"]
    assert float(abs(away.sel(coordinate=list(KNEES))).max()) < 1e-3
    down = trial["in_contact"].sel(foot="left").values
    assert down.sum() / rate_hz == pytest.approx(1.0, abs=1.1 / rate_hz)
    vertical = trial["ground_reaction_force"].sel(foot="left", axis="y").values
    assert ((vertical > 0) == down).all()
    ahead = (trial["center_of_pressure"] - walk["pelvis_position"]).sel(foot="left", axis="x").values
    np.testing.assert_allclose(ahead[down][1:-1], 0.1, atol=1e-9)
    # at the very ends of a contact the point stays where it was last known
    np.testing.assert_allclose(ahead[down], 0.1, atol=0.01)


@pytest.mark.parametrize("heading_rad", [0.5, -2.5])
def test_the_heading_of_the_recording_comes_back(heading_rad):
    walk = formula_walk(heading_rad=heading_rad)
    draws = drawn(align_heading(walk, heading_rad=heading_rad))
    trial = summarize_prediction(draws, asked(walk, (*PARTS["pelvis"], *KNEES)))
    np.testing.assert_allclose(trial["pelvis_position"], walk["pelvis_position"], atol=1e-9)
    away = (trial["joint_angle"] - walk["joint_angle"]).values
    np.testing.assert_allclose((away + np.pi) % (2 * np.pi) - np.pi, 0.0, atol=1e-9)
    cosine, sine = np.cos(heading_rad), np.sin(heading_rad)
    expected = [10 * cosine - 5 * sine, 400.0, -10 * sine - 5 * cosine]
    np.testing.assert_allclose(trial["ground_reaction_force"][10, 0], expected, atol=1e-9)


def test_reversed_knees_go_out_as_they_came():
    given = asked(formula_walk(), KNEES[:1], reversed_coordinates=KNEES)
    trial = summarize_prediction(drawn(spread=0.1), given, level=0.5)
    walk = formula_walk()["joint_angle"]
    for name in KNEES:
        np.testing.assert_allclose(
            trial["joint_angle"].sel(coordinate=name), -walk.sel(coordinate=name), atol=1e-9
        )
    low, high = (trial[f"joint_angle_{end}"].sel(coordinate=KNEES[0]) for end in ("low", "high"))
    np.testing.assert_allclose(high - low, 0.1, atol=1e-9)
    np.testing.assert_allclose(low, -walk.sel(coordinate=KNEES[0]) - 0.05, atol=1e-9)
