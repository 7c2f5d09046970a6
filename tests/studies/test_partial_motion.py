"""Motion with parts missing: what is missing is NaN, what is known stays, and time can be had at any rate."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.cleaning import rate_of
from gaitbook.conventions import COORDINATES
from gaitbook.studies.partial_motion import (
    at_model_rate,
    at_times,
    extending_knees_of,
    placeholders,
    reverse_angles,
    with_heading,
    with_held_angles,
    without_parts,
    without_placeholders,
    without_unseen,
)
from gaitbook.studies.prediction_bodies import reverse_coordinates
from tests.studies.formula_walk import KNEES, formula_body, formula_walk


def locking(model, name, default=0.0):
    held = (
        replace(each, locked=True, default=default) if each.name == name else each
        for each in model.coordinates
    )
    return replace(model, coordinates=tuple(held))


def unknown(trial):
    angle = trial["joint_angle"]
    return set(angle["coordinate"].values[angle.isnull().all("time").values].tolist())


def test_reversing_twice_changes_nothing():
    walk = formula_walk()
    once = reverse_angles(walk, KNEES)
    assert float(once["joint_angle"].sel(coordinate="knee_angle_r").mean()) < -0.4
    xr.testing.assert_identical(reverse_angles(once, KNEES), walk)
    assert reverse_angles(walk.drop_dims("coordinate"), KNEES).equals(walk.drop_dims("coordinate"))


def test_columns_of_zeros_are_missing_unless_the_body_is_locked_there(caplog):
    walk = formula_walk()
    walk["joint_angle"].loc[{"coordinate": ["knee_angle_r", "subtalar_angle_l", "wrist_flex_r"]}] = 0.0
    assert unknown(without_placeholders(walk, None)) == {"knee_angle_r", "subtalar_angle_l"}
    assert "walk: zero throughout, and therefore completed: knee_angle_r, subtalar_angle_l" in caplog.text
    assert unknown(without_placeholders(walk, locking(formula_body(), "subtalar_angle_l"))) == {
        "knee_angle_r"
    }


def test_a_trial_without_a_path_gets_an_unknown_one():
    trial = without_placeholders(formula_walk().drop_vars("pelvis_position"), None)
    assert bool(trial["pelvis_position"].isnull().all())
    placed = with_heading(without_parts(trial, ["pelvis_rotation"]))
    assert not bool(placed["pelvis_position"].isnull().any())
    assert float(abs(placed["joint_angle"].sel(coordinate="pelvis_rotation")).max()) == 0.0
    walk = formula_walk()
    xr.testing.assert_identical(with_heading(walk), walk)
    bare = formula_walk(coordinates=COORDINATES[3:])
    assert float(abs(with_heading(bare)["joint_angle"].sel(coordinate="pelvis_rotation")).max()) == 0.0


def test_angles_that_markers_hardly_inform_are_missing():
    walk = formula_walk()
    informed = xr.ones_like(walk["joint_angle"])
    informed.loc[{"coordinate": ["elbow_flex_r", "wrist_flex_r"]}] = 0.1
    seen = without_unseen(walk.assign(joint_angle_observability=informed))
    assert unknown(seen) == {"elbow_flex_r"}
    assert "joint_angle_observability" not in seen
    assert without_unseen(walk) is walk


def test_what_is_hidden_is_missing_and_all_else_stays():
    walk = formula_walk()
    hidden = without_parts(walk, KNEES)
    assert unknown(hidden) == set(KNEES)
    xr.testing.assert_identical(hidden["pelvis_position"], walk["pelvis_position"])
    assert bool(without_parts(walk, (), path=False)["pelvis_position"].isnull().all())


def test_what_a_body_holds_still_is_known():
    walk = formula_walk(coordinates=[name for name in COORDINATES if not name.startswith("subtalar")])
    model = locking(formula_body(), "subtalar_angle_r", default=0.1)
    held = with_held_angles(walk, model)
    assert np.unique(held["joint_angle"].sel(coordinate="subtalar_angle_r")).tolist() == [0.1]
    assert "subtalar_angle_l" not in held["coordinate"]
    bolted = replace(
        model,
        joints=tuple(
            replace(each, rotations=(each.rotations[1],) * 3) if each.name == "subtalar_l" else each
            for each in model.joints
        ),
        coordinates=tuple(each for each in model.coordinates if each.name != "subtalar_angle_l"),
    )
    assert (
        float(abs(with_held_angles(walk, bolted)["joint_angle"].sel(coordinate="subtalar_angle_l")).max())
        == 0.0
    )
    recorded = with_held_angles(formula_walk(), model)["joint_angle"].sel(coordinate="subtalar_angle_r")
    assert float(recorded.std()) > 0.05


@pytest.mark.parametrize("rate_hz", [25.0, 60.0, 100.0, 240.0])
def test_a_slow_trial_is_brought_to_the_rate_of_the_models_and_back(rate_hz):
    walk = formula_walk(rate_hz=rate_hz)
    even = at_model_rate("walk", walk)
    assert rate_of(even) == pytest.approx(max(rate_hz, 100.0))
    again = at_times(even, walk["time"].values)
    np.testing.assert_array_equal(again["time"], walk["time"])
    np.testing.assert_allclose(again["joint_angle"], walk["joint_angle"], atol=2e-3)


def test_whole_turns_do_not_reach_the_splines():
    walk = formula_walk(rate_hz=50.0)
    turned = walk.copy(deep=True)
    turned["joint_angle"].loc[{"coordinate": "pelvis_rotation"}] += np.pi
    wrapped = turned.assign(joint_angle=(turned["joint_angle"] + np.pi) % (2 * np.pi) - np.pi)
    wrapped["joint_angle"].attrs.update(units="rad")
    assert float(abs(wrapped["joint_angle"].diff("time")).max()) > 6.0
    assert float(abs(at_model_rate("walk", wrapped)["joint_angle"].diff("time")).max()) < 0.1


def test_a_trial_of_a_few_frames_is_refused():
    assert at_model_rate("walk", formula_walk(duration_s=0.06)).sizes["time"] == 7
    with pytest.raises(ValueError, match=r"^walk: shorter than 60 ms: nothing tells how the body speeds up"):
        at_model_rate("walk", formula_walk(duration_s=0.05))


def test_knees_that_count_extension_are_told_by_the_body_or_else_by_the_angles():
    walk, body = formula_walk(), formula_body()
    assert extending_knees_of(walk, body) == extending_knees_of(walk, None) == ()
    turned = reverse_angles(walk, KNEES)
    assert extending_knees_of(turned, None) == KNEES
    assert extending_knees_of(turned, body) == ()  # the body knows better than the angles
    assert extending_knees_of(walk, reverse_coordinates(body, KNEES)) == KNEES
    assert extending_knees_of(walk.drop_vars("joint_angle"), None) == ()


def test_angles_that_are_zero_throughout_are_placeholders_unless_the_body_is_locked_there():
    walk, body = formula_walk(), formula_body()
    walk["joint_angle"].loc[{"coordinate": ["elbow_flex_r", "mtp_angle_r"]}] = 0.0
    assert placeholders(walk, None) == placeholders(walk, body) == ["elbow_flex_r"]
    assert placeholders(walk, locking(body, "elbow_flex_r")) == []
