import numpy as np
import pytest

from gaitbook.synthesis.conditions import LIMITS, Condition

OUTSIDE = [
    ({"trunk_lean_rad": -0.1}, "trunk_lean_rad is -0.1, expected 0 to 0.436"),
    ({"lean_delay": 0.2}, "lean_delay is 0.2, expected -0.15 to 0.15"),
    ({"toe_out_rad": 1.0}, "toe_out_rad is 1, expected -0.524 to 0.611"),
    ({"step_width_m": -0.2}, "step_width_m is -0.2, expected -0.1 to 0.25"),
    ({"medial_thrust_rad": 0.5}, "medial_thrust_rad is 0.5, expected 0 to 0.262"),
    ({"stride_length": 0.3}, "stride_length is 0.3, expected -0.25 to 0.25"),
    ({"step_width_m": float("nan")}, "step_width_m is nan, expected -0.1 to 0.25"),
]
LABELS = [
    ({}, "own gait"),
    ({"trunk_lean_rad": np.deg2rad(10)}, "trunk lean 10 deg"),
    ({"toe_out_rad": np.deg2rad(10)}, "toe-out 10 deg"),
    ({"toe_out_rad": np.deg2rad(-5)}, "toe-in 5 deg"),
    ({"medial_thrust_rad": np.deg2rad(6)}, "medial thrust 6 deg"),
    ({"step_width_m": 0.05}, "step width +50 mm"),
    ({"step_width_m": -0.05}, "step width -50 mm"),
    ({"stride_length": -0.1}, "stride length -10 %"),
    (
        {"trunk_lean_rad": np.deg2rad(10), "lean_delay": 0.05},
        "trunk lean 10 deg, lean +5 % of the stride later",
    ),
    (
        {"trunk_lean_rad": np.deg2rad(10), "step_width_m": 0.1, "stride_length": 0.05},
        "trunk lean 10 deg, step width +100 mm, stride length +5 %",
    ),
]


@pytest.mark.parametrize(("asked", "message"), OUTSIDE)
def test_doses_that_nobody_can_walk_with_are_refused(asked, message):
    with pytest.raises(ValueError, match="This condition cannot be simulated: " + message):
        Condition(**asked)


def test_all_faults_are_told_at_once():
    with pytest.raises(
        ValueError, match=r"trunk_lean_rad is 2, .*; step_width_m is 1, .*; stride_length is -1, "
    ):
        Condition(trunk_lean_rad=2.0, step_width_m=1.0, stride_length=-1.0)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("end", [0, 1])
def test_both_ends_of_the_range_are_allowed(name, end):
    assert getattr(Condition(**{name: LIMITS[name][end]}), name) == LIMITS[name][end]


@pytest.mark.parametrize(("asked", "label"), LABELS)
def test_a_condition_says_what_it_asks_for(asked, label):
    assert Condition(**asked).label == label


@pytest.mark.parametrize(("asked", "label"), LABELS)
def test_nothing_asked_for_is_the_own_gait(asked, label):
    assert Condition(**asked).is_own_gait == (label == "own gait")
