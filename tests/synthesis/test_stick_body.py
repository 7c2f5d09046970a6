import numpy as np
import pytest

from gaitbook.synthesis.gait_pattern import draw_person, make_pattern
from gaitbook.synthesis.planted_foot import point_on_foot
from gaitbook.synthesis.simulated_body import move_body
from gaitbook.synthesis.step_sequence import draw_steps
from gaitbook.synthesis.stick_body import (
    CENTER_FRACTIONS,
    LONGEST_REACH,
    MARKERS,
    MASS_FRACTIONS,
    longest_reach,
    place_markers,
)

HEIGHT_M = 1.75
TIME_S = np.linspace(0.0, 2.0, 201)


def body(speed_mps: float = 3.0, sex: str = "female"):
    person = draw_person(mass_kg=70.0, height_m=HEIGHT_M, marker_count=len(MARKERS), seed=3)
    person = type(person)(**{**vars(person), "trunk_sway_m": np.zeros(3)})
    pattern = make_pattern(person, speed_mps=speed_mps, gravity_mps2=9.81)
    rng = np.random.default_rng(0)
    steps = draw_steps(pattern, mass_kg=70.0, duration_s=2.0, variability=1.0, rng=rng)
    return move_body(steps, TIME_S, person, sex=sex, speed_mps=speed_mps, variability=1.0, rng=rng)


@pytest.mark.parametrize("speed_mps", [1.3, 3.0, 4.5])
@pytest.mark.parametrize("sex", ["female", "male"])
def test_segments_together_have_the_center_of_mass_asked_for(speed_mps, sex):
    moving = body(speed_mps, sex)
    thigh, shank, foot = MASS_FRACTIONS[sex]
    upper, lower = CENTER_FRACTIONS[sex]
    trunk_m = moving.motion.pelvis_m + np.array([0.0, 0.17 * HEIGHT_M, 0.0])
    total_m = (1 - 2 * (thigh + shank + foot)) * trunk_m
    for side in range(2):
        hip_m, knee_m, ankle_m = (
            joints[side] for joints in (moving.motion.hip_m, moving.motion.knee_m, moving.motion.ankle_m)
        )
        total_m = total_m + thigh * ((1 - upper) * hip_m + upper * knee_m)
        total_m = total_m + shank * ((1 - lower) * knee_m + lower * ankle_m)
        total_m = total_m + foot * point_on_foot(
            moving.feet[side], forward_m=0.44 * 0.152 * HEIGHT_M, up_m=0.5 * 0.039 * HEIGHT_M
        )
    assert np.abs(total_m - moving.center_of_mass_m).max() < 1e-6


def test_links_keep_their_lengths_and_no_leg_is_overstretched():
    motion = body().motion
    for side in range(2):
        thigh_m = np.linalg.norm(motion.knee_m[side] - motion.hip_m[side], axis=1)
        shank_m = np.linalg.norm(motion.ankle_m[side] - motion.knee_m[side], axis=1)
        assert np.allclose(thigh_m, 0.245 * HEIGHT_M)
        assert np.allclose(shank_m, 0.246 * HEIGHT_M)
    assert longest_reach(motion, height_m=HEIGHT_M) <= LONGEST_REACH


def test_knees_bend_forward():
    motion = body().motion
    for side in range(2):
        middle_m = 0.5 * (motion.hip_m[side] + motion.ankle_m[side])
        assert ((motion.knee_m[side] - middle_m)[:, 0] > 0).all()


def test_markers_are_where_their_names_say():
    moving = body()
    position_m = place_markers(moving.motion, moving.feet, height_m=HEIGHT_M)
    assert position_m.shape == (TIME_S.size, len(MARKERS), 3)
    at = dict(zip(MARKERS, position_m.mean(axis=0), strict=True))
    assert at["R.ASIS"][2] > 0 > at["L.ASIS"][2]
    assert at["R.ASIS"][0] > at["R.PSIS"][0]
    assert at["R.MT1"][0] > at["R.Heel.Bottom"][0]
    assert at["R.MT5"][2] > at["R.MT1"][2]
    assert at["L.MT5"][2] < at["L.MT1"][2]
    order = ("R.Iliac.Crest", "R.Thigh.Top.Lateral", "R.Thigh.Bottom.Lateral", "R.Shank.Top.Lateral", "R.MT5")
    heights_m = [at[name][1] for name in order]
    assert heights_m == sorted(heights_m, reverse=True)
