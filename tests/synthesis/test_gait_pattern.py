import numpy as np
import pytest

from gaitbook.synthesis.gait_pattern import draw_person, make_pattern
from gaitbook.synthesis.step_forces import mean_weight

BODY_WEIGHT_N = 70.0 * 9.81
SPEEDS_MPS = (0.8, 1.4, 2.0, 2.5, 3.5, 4.5, 6.0)


def person(seed: int = 0):
    return draw_person(mass_kg=70.0, height_m=1.75, marker_count=32, seed=seed)


def pattern(speed_mps: float, seed: int = 0):
    return make_pattern(person(seed), speed_mps=speed_mps, gravity_mps2=9.81)


@pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
@pytest.mark.parametrize("seed", [0, 7])
def test_mean_vertical_force_is_body_weight_and_the_horizontal_means_vanish(speed_mps, seed):
    stride = pattern(speed_mps, seed)
    impulse = np.einsum("f,fa->a", stride.contact_s, mean_weight(stride.weight_n))
    assert impulse / stride.stride_s == pytest.approx([0.0, BODY_WEIGHT_N, 0.0], abs=1e-9)


@pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
def test_vertical_force_never_pulls(speed_mps):
    assert all((pattern(speed_mps, seed).weight_n[:, 1] >= 0).all() for seed in range(20))


@pytest.mark.parametrize("speed_mps", SPEEDS_MPS)
def test_walkers_have_both_feet_down_at_times_and_runners_never(speed_mps):
    stride = pattern(speed_mps)
    duty = stride.contact_s / stride.stride_s
    assert (duty > 0.5).all() if speed_mps <= 2.0 else (duty < 0.5).all()
    assert stride.running == (speed_mps > 2.0)


@pytest.mark.parametrize(("speed_mps", "stride_s"), [(2.5, 0.745), (3.5, 0.703), (4.5, 0.655)])
def test_stride_times_are_those_of_treadmill_runners(speed_mps, stride_s):
    """Means over many people come close to those of Fukuchi et al. 2017, doi:10.7717/peerj.3298."""
    drawn_s = [pattern(speed_mps, seed).stride_s for seed in range(60)]
    assert np.mean(drawn_s) == pytest.approx(stride_s, rel=0.02)


def test_feet_differ_a_little_and_mirror_each_other_sideways():
    stride = pattern(3.0)
    right, left = stride.weight_n
    assert not np.allclose(right[1], left[1])
    assert np.allclose(right[1], left[1], rtol=0.1)
    assert np.sign(mean_weight(right)[2]) == -np.sign(mean_weight(left)[2])


def test_a_person_is_the_same_at_every_speed_and_another_seed_is_another_person():
    assert pattern(3.0).stride_s == pattern(3.0).stride_s
    assert person(0).stride_factor != person(1).stride_factor
    assert np.array_equal(person(0).marker_shift_m, person(0).marker_shift_m)
