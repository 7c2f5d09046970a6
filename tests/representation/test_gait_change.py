import math

import numpy as np
import pytest
import xarray as xr

from gaitbook.representation.gait_change import (
    DOSES,
    NUMBERS,
    PERSON,
    REQUEST,
    UNIT_DOSES,
    UNIT_SPEED,
    GaitChange,
    encode_person,
    encode_request,
)

KINDS = {
    "trunk lean": {"trunk_lean_rad": 0.1},
    "toe-out": {"toe_out_rad": 0.1},
    "toe-in": {"toe_out_rad": -0.1},
    "wider steps": {"step_width_m": 0.05},
    "narrower steps": {"step_width_m": -0.05},
    "medial thrust": {"medial_thrust_rad": 0.1},
    "longer strides": {"stride_length": 0.1},
    "shorter strides": {"stride_length": -0.1},
    "speed": {"speed_mps": 1.4},
}
WOMAN = {"gait": "walk", "speed_mps": math.e, "height_m": 1.8, "mass_kg": 30.0 * 1.8**2, "sex": "female"}


def person(**told):
    return encode_person(xr.Dataset(attrs={**WOMAN, **told})).tolist()


def test_nothing_asked_is_the_own_gait():
    change = GaitChange()
    assert (change.kind, change.label) == ("own gait", "own gait")
    assert set(change.doses) == set(DOSES)
    assert not any(change.doses.values())


@pytest.mark.parametrize(("kind", "asked"), KINDS.items())
def test_one_thing_asked_is_called_by_its_direction(kind, asked):
    assert GaitChange(**asked).kind == kind


def test_two_things_asked_are_several():
    assert GaitChange(trunk_lean_rad=0.1, step_width_m=0.05).kind == "several"
    assert GaitChange(trunk_lean_rad=0.1, speed_mps=1.3).kind == "several"


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ({"trunk_lean_rad": np.deg2rad(10.0)}, "trunk lean 10 deg"),
        ({"trunk_lean_rad": np.deg2rad(-4.0)}, "trunk lean -4 deg"),
        ({"toe_out_rad": np.deg2rad(7.0)}, "toe-out 7 deg"),
        ({"toe_out_rad": np.deg2rad(-5.0)}, "toe-in 5 deg"),
        ({"step_width_m": 0.05}, "step width +50 mm"),
        ({"step_width_m": -0.03}, "step width -30 mm"),
        ({"medial_thrust_rad": np.deg2rad(6.0)}, "medial thrust 6 deg"),
        ({"stride_length": -0.1}, "stride length -10 %"),
        ({"speed_mps": 1.8}, "1.8 m/s"),
    ],
)
def test_a_label_tells_dose_and_unit(asked, label):
    assert GaitChange(**asked).label == label


def test_the_label_of_several_tells_all_in_the_order_of_the_doses():
    change = GaitChange(speed_mps=1.8, step_width_m=0.05, trunk_lean_rad=np.deg2rad(10.0))
    assert change.label == "trunk lean 10 deg, step width +50 mm, 1.8 m/s"


@pytest.mark.parametrize("speed_mps", [0.0, -1.0, math.nan, math.inf])
def test_a_speed_that_nobody_can_have_is_refused(speed_mps):
    with pytest.raises(ValueError, match=r"speed_mps is .*Give finite doses and a positive speed"):
        GaitChange(speed_mps=speed_mps)


def test_all_faults_are_named_at_once():
    with pytest.raises(ValueError, match="makes no sense") as error:
        GaitChange(trunk_lean_rad=math.nan, stride_length=math.inf, step_width_m=0.05, speed_mps=-1.0)
    for fault in ("trunk_lean_rad is nan", "stride_length is inf", "speed_mps is -1"):
        assert fault in str(error.value)
    assert "step_width_m" not in str(error.value)


def test_doses_have_no_limits():
    assert GaitChange(trunk_lean_rad=3.0, speed_mps=100.0).doses["trunk_lean_rad"] == 3.0


def test_the_own_gait_is_a_request_of_zeros():
    assert encode_request(GaitChange(), 1.3).tolist() == [0.0] * len(REQUEST)
    assert encode_request(GaitChange(speed_mps=1.3), 1.3).tolist() == [0.0] * len(REQUEST)


def test_one_unit_of_a_dose_is_one():
    for place, name in enumerate(DOSES, start=1):
        numbers = encode_request(GaitChange(**{name: UNIT_DOSES[name]}), 1.3)
        assert numbers.tolist() == pytest.approx([float(place == each) for each in range(len(REQUEST))])


def test_speeds_count_by_their_ratio_to_the_own():
    faster = encode_request(GaitChange(speed_mps=2.0 * math.exp(UNIT_SPEED)), 2.0)
    assert faster.tolist() == pytest.approx([1.0, *[0.0] * len(DOSES)])
    slower = encode_request(GaitChange(speed_mps=2.0 * math.exp(-UNIT_SPEED)), 2.0)
    assert slower.tolist() == pytest.approx((-faster).tolist())


def test_requests_add_up():
    lean, wide = {"trunk_lean_rad": 0.1}, {"step_width_m": 0.05, "speed_mps": 1.5}
    both = encode_request(GaitChange(**lean, **wide), 1.3)
    alone = [encode_request(GaitChange(**each), 1.3) for each in (lean, wide)]
    assert both.tolist() == pytest.approx(sum(alone).tolist())


def test_a_person_is_told_by_gait_speed_height_build_and_sex():
    assert person() == pytest.approx([-1.0, 1.0, 1.0, 1.0, 0.5], abs=1e-6)
    assert person(gait="run")[0] == 1.0
    assert person(sex="male")[-1] == -0.5


@pytest.mark.parametrize("sex", [None, "", "unknown"])
def test_an_unknown_sex_is_halfway(sex):
    assert person(sex=sex)[-1] == 0.0
    assert encode_person(xr.Dataset(attrs={k: v for k, v in WOMAN.items() if k != "sex"}))[-1] == 0.0


def test_person_and_request_make_up_what_is_told():
    assert (*PERSON, *REQUEST) == NUMBERS
    assert len(person()) == len(PERSON)
    assert len(encode_request(GaitChange(), 1.0)) == len(REQUEST)
