import pytest
import torch

from gaitbook.models.found_force import found_force, mirror_force, mix_force
from gaitbook.representation.channels import CHANNELS, FORCE, STATES, mirror, numbers_of

FRAMES = 150
UP = [FORCE.index(f"force/y/{foot}") for foot in ("right", "left")]
PERSON = torch.zeros(4)


class Sided:
    """Finds the height of the pelvis under the right foot, its sideways velocity along it, and nothing else."""

    frames, force = FRAMES, True

    def find_force(self, values, person):
        assert len(values) == len(person)
        found = torch.zeros(*values.shape[:2], len(FORCE))
        right = [FORCE.index(name) for name in ("force/y/right", "force/z/right")]
        found[..., right] = values[..., numbers_of(["pelvis_height", "pelvis_velocity/z"])]
        return found, torch.full_like(found, 0.5)


@pytest.fixture
def given():
    return torch.randn(FRAMES, len(CHANNELS), generator=torch.Generator().manual_seed(0))


def test_the_mirror_image_of_a_motion_has_the_mirror_image_of_its_force(given):
    noise = torch.zeros(1, FRAMES, STATES)
    plain, turned = (found_force(Sided(), each, PERSON, noise) for each in (given, mirror(given)))
    torch.testing.assert_close(mirror_force(plain), turned)
    torch.testing.assert_close(plain[..., UP[0]], plain[..., UP[1]])


def test_the_mirror_image_of_the_mirror_image_is_the_thing_itself(given):
    torch.testing.assert_close(mirror(mirror(given)), given)
    force = given[..., : len(FORCE)]
    torch.testing.assert_close(mirror_force(mirror_force(force)), force)


def test_draws_differ_by_the_noise_times_the_width(given):
    noise = torch.randn(2, FRAMES, STATES, generator=torch.Generator().manual_seed(1))
    first, second = found_force(Sided(), given, PERSON, noise)
    torch.testing.assert_close(first - second, 0.5 * (noise[0] - noise[1])[..., numbers_of(FORCE)])


def test_a_share_counts_and_known_force_stays(given):
    given[..., numbers_of(FORCE)] = torch.nan
    given[:10, numbers_of(["force/y/left"])] = 7.0
    states, found = torch.zeros(3, FRAMES, STATES), torch.ones(3, FRAMES, len(FORCE))
    mixed = mix_force(given, states, found, torch.full((len(FORCE),), 0.25))[..., numbers_of(FORCE)]
    assert (mixed[:, :10, UP[1]] == 7.0).all()
    assert (mixed[:, 10:] == 0.25).all()
    assert (mixed[..., UP[0]] == 0.25).all()
