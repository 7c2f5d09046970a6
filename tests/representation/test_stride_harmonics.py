import numpy as np
import pytest

from gaitbook.representation.skeleton import JOINTS, REGIONS, SAMPLING_RATE_HZ
from gaitbook.representation.stride_harmonics import HARMONICS, MEASURES, stride_harmonics

FREQUENCY_HZ = 0.93


def draw(*, start=0.0, frames=240, noise=0.0):
    """Windows of a walker whose ankles swing, and whose left knee does at twice the rate and half a radian later."""
    phase = 2 * np.pi * FREQUENCY_HZ * np.arange(frames) / SAMPLING_RATE_HZ + start
    values = np.zeros((1, frames, len(JOINTS), 4))
    values[..., 3] = 1.0
    values[0, :, JOINTS.index("ANKLE_LEFT"), 0] = 0.3 * np.cos(phase)
    values[0, :, JOINTS.index("ANKLE_RIGHT"), 0] = -0.3 * np.cos(phase)
    values[0, :, JOINTS.index("WRIST_LEFT"), 0] = -0.2 * np.cos(phase)
    values[0, :, JOINTS.index("WRIST_RIGHT"), 0] = 0.2 * np.cos(phase)
    values[0, :, JOINTS.index("NECK"), 2] = 0.02 * np.cos(phase)
    values[0, :, JOINTS.index("KNEE_LEFT"), 1] = 1.5 + 0.1 * np.cos(2 * phase + 0.5)
    values[..., :3] += noise * np.random.default_rng(0).standard_normal(values[..., :3].shape)
    return values


def told(values, shown=REGIONS):
    numbers, names = stride_harmonics(values, shown)
    return dict(zip(names, numbers[0], strict=True))


def test_harmonics_are_those_that_were_put_in():
    found = told(draw())
    assert found["legs ANKLE_LEFT x cosine 1"] == pytest.approx(0.3, abs=2e-3)
    assert found["legs ANKLE_RIGHT x cosine 1"] == pytest.approx(-0.3, abs=2e-3)
    assert found["legs KNEE_LEFT y cosine 2"] == pytest.approx(0.1 * np.cos(0.5), abs=2e-3)
    assert found["legs KNEE_LEFT y sine 2"] == pytest.approx(-0.1 * np.sin(0.5), abs=2e-3)
    assert found["torso NECK z cosine 1"] == pytest.approx(0.02, abs=1e-3)


def test_when_the_recording_begins_does_not_matter():
    first, second = (told(draw(start=start)) for start in (0.0, 2.1))
    np.testing.assert_allclose(list(first.values()), list(second.values()), atol=3e-3)


def test_noise_averages_out():
    found = told(draw(noise=0.05))
    assert found["legs KNEE_LEFT y cosine 2"] == pytest.approx(0.1 * np.cos(0.5), abs=0.02)


def test_without_legs_the_arms_carry_the_phase():
    found = told(draw(), ["arms", "torso"])
    assert not [name for name in found if name.startswith(("legs", "head"))]
    assert found["arms WRIST_LEFT x cosine 1"] == pytest.approx(0.2, abs=2e-3)
    assert found["torso NECK z cosine 1"] == pytest.approx(-0.02, abs=1e-3)


def test_who_stands_still_has_no_harmonics():
    values = np.ones((2, 240, len(JOINTS), 4))
    numbers, names = stride_harmonics(values)
    assert np.isfinite(numbers).all()
    np.testing.assert_allclose(numbers, 0.0, atol=1e-9)
    assert len(names) == numbers.shape[1] == 25 * 3 * len(MEASURES)
    assert len(MEASURES) == 2 * HARMONICS


def test_without_any_region_there_is_no_rhythm():
    with pytest.raises(ValueError, match="No region is shown: the stride has no rhythm"):
        stride_harmonics(draw(), [])
