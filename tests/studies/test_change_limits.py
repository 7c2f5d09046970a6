import math

import numpy as np
import pytest
import xarray as xr

from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_limits import TOLERANCE, UNUSUAL, own_words, reach_of

LEAN_RAD, WIDE_M = np.deg2rad(20.0), 0.15
LIMITS = {
    "trunk_lean_rad": [0.0, LEAN_RAD],
    "toe_out_rad": [np.deg2rad(-15.0), np.deg2rad(15.0)],
    "step_width_m": [-0.05, WIDE_M],
    "medial_thrust_rad": [0.0, 0.25],
    "stride_length": [-0.2, 0.2],
    "speed_mps": [0.8, 2.0],
}
RUN = {**LIMITS, "medial_thrust_rad": [0.0, 0.0], "speed_mps": [2.0, 5.0]}
CARD = {"limits": {"walk": LIMITS, "run": RUN}}
OWN_MPS = {"walk": 1.25, "run": 3.0}


def asked(gait="walk", *, own_mps=None, **change):
    stride = xr.Dataset(attrs={"gait": gait, "speed_mps": own_mps or OWN_MPS[gait]})
    return reach_of(GaitChange(**change), stride, CARD)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"trunk_lean_rad": 0.1, "step_width_m": -0.02, "speed_mps": 1.0},
        {"trunk_lean_rad": LEAN_RAD, "stride_length": -0.2, "speed_mps": 2.0},
    ],
)
def test_what_was_seen_is_asked_as_it_is_and_nothing_is_said(change):
    assert asked(**change) == (GaitChange(**change), 1.0, 1.0, ())


def test_what_is_a_hair_beyond_is_let_pass():
    just = WIDE_M + 0.9 * TOLERANCE * (WIDE_M + 0.05)
    assert asked(step_width_m=just).words == ()
    assert len(asked(step_width_m=WIDE_M + 1.1 * TOLERANCE * (WIDE_M + 0.05)).words) == 1


@pytest.mark.parametrize(
    ("gait", "change", "words"),
    [
        (
            "walk",
            {"trunk_lean_rad": np.deg2rad(40.0)},
            "A trunk lean of 40° is beyond what the model has seen walking (up to 20°)",
        ),
        (
            "walk",
            {"step_width_m": 0.6},
            "A change of step width by +60 cm is beyond what the model has seen walking (up to +15 cm)",
        ),
        (
            "walk",
            {"step_width_m": -0.1},
            "A change of step width by -10 cm is beyond what the model has seen walking (up to -5 cm)",
        ),
        (
            "run",
            {"speed_mps": 12.0},
            "A speed of 12.0 m/s is beyond what the model has seen running (up to 5.0 m/s)",
        ),
        (
            "walk",
            {"speed_mps": 0.3},
            "A speed of 0.3 m/s is beyond what the model has seen walking (down to 0.8 m/s)",
        ),
        (
            "walk",
            {"toe_out_rad": np.deg2rad(-30.0)},
            "A toe-out of -30° is beyond what the model has seen walking (up to -15°)",
        ),
        (
            "run",
            {"stride_length": 0.5},
            "A change of stride length by +50 % is beyond what the model has seen running (up to +20 %)",
        ),
        (
            "run",
            {"medial_thrust_rad": 0.1},
            "A medial thrust of 6° is beyond what the model has seen running (up to 0°)",
        ),
    ],
)
def test_what_is_beyond_is_told_with_the_limit_in_a_plain_sentence(gait, change, words):
    assert asked(gait, **change).words == (words,)


def test_of_several_beyond_at_once_every_one_is_told():
    words = asked(trunk_lean_rad=np.deg2rad(40.0), step_width_m=0.6, speed_mps=12.0, toe_out_rad=0.1).words
    assert [each.split(" is beyond")[0] for each in words] == [
        "A trunk lean of 40°",
        "A change of step width by +60 cm",
        "A speed of 12.0 m/s",
    ]


def test_a_dose_twice_the_limit_is_two_times_beyond_and_asked_at_the_limit():
    within, times, beyond, _ = asked(trunk_lean_rad=np.deg2rad(40.0))
    assert times == beyond == pytest.approx(2.0)
    assert within.trunk_lean_rad == pytest.approx(LEAN_RAD)
    assert within.speed_mps is None


def test_all_doses_go_back_together_by_the_largest():
    within, times, *_ = asked(trunk_lean_rad=2.0 * LEAN_RAD, step_width_m=3.0 * WIDE_M, toe_out_rad=0.15)
    assert times == pytest.approx(3.0)
    assert within.step_width_m == pytest.approx(WIDE_M)
    assert within.trunk_lean_rad == pytest.approx(2.0 / 3.0 * LEAN_RAD)
    assert within.toe_out_rad == pytest.approx(0.05)


@pytest.mark.parametrize(("speed_mps", "nearest_mps"), [(12.0, 5.0), (1.0, 2.0)])
def test_a_speed_beyond_becomes_the_nearest_and_leaves_the_doses_alone(speed_mps, nearest_mps):
    within, times, beyond, _ = asked("run", speed_mps=speed_mps, trunk_lean_rad=0.1)
    assert within == GaitChange(speed_mps=nearest_mps, trunk_lean_rad=0.1)
    assert times == 1.0
    assert beyond == pytest.approx(1.0 + 2.0 * abs(math.log(speed_mps / nearest_mps)) / math.log(5.0 / 2.0))


def test_half_the_range_of_speed_beyond_counts_as_a_dose_twice_its_limit():
    assert asked("run", speed_mps=5.0 * math.sqrt(2.5)).beyond == pytest.approx(2.0)
    assert asked("run", speed_mps=2.0 / math.sqrt(2.5)).beyond == pytest.approx(2.0)


def test_how_far_beyond_is_told_by_what_is_farthest():
    far = {"speed_mps": 2.0 * (2.0 / 0.8)}
    assert asked(**far).beyond == pytest.approx(3.0)
    less = asked(**far, trunk_lean_rad=2.0 * LEAN_RAD)
    assert (less.times, less.beyond) == (pytest.approx(2.0), pytest.approx(3.0))
    more = asked(**far, trunk_lean_rad=4.0 * LEAN_RAD)
    assert (more.times, more.beyond) == (pytest.approx(4.0), pytest.approx(4.0))


def test_what_is_within_limits_after_all_is_always_within_them():
    rng = np.random.default_rng(0)
    for _ in range(100):
        change = {name: float(rng.uniform(3.0 * low, 3.0 * high)) for name, (low, high) in LIMITS.items()}
        change["speed_mps"] = float(rng.uniform(0.2, 5.0))
        within, times, beyond, words = asked(**change)
        assert 1.0 <= times <= beyond
        assert (beyond > 1.0) == bool(words)
        for name, (low, high) in LIMITS.items():
            slack = (TOLERANCE + 1e-9) * (high - low)
            assert low - slack <= getattr(within, name) <= high + slack


def test_a_dose_that_was_never_seen_leaves_no_dose_but_the_speed():
    within, times, beyond, _ = asked("run", medial_thrust_rad=0.1, trunk_lean_rad=0.1, speed_mps=3.5)
    assert times == beyond == math.inf
    assert within == GaitChange(speed_mps=3.5)


def test_an_own_speed_beyond_the_limits_does_not_count_where_another_is_asked_for():
    within, times, beyond, _ = asked("run", own_mps=6.0, speed_mps=4.0)
    assert (within.speed_mps, times, beyond) == (4.0, 1.0, 1.0)


def test_a_gait_that_was_not_learned_is_refused_with_those_that_were():
    stride = xr.Dataset(attrs={"gait": "run", "speed_mps": 3.0})
    with pytest.raises(ValueError, match="has learned no running, only walking: ask about that"):
        reach_of(GaitChange(), stride, {"limits": {"walk": LIMITS}})


def test_only_an_unusual_own_stride_is_told():
    assert own_words(UNUSUAL - 0.1) == ()
    (words,) = own_words(4.26)
    assert words == "This person's own stride is 4.3 times as far from those the model has seen as is usual"
