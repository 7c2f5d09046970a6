import pytest
import torch

from gaitbook.models.motion_network import MotionNetwork, NetworkSize

SIZE = NetworkSize(states=6, given=8, person=2, width=32, blocks=2, heads=2, patch=5)


@pytest.fixture
def network():
    torch.manual_seed(0)
    made = MotionNetwork(SIZE)
    for parameter in made.parameters():
        # gates that start at zero would hide what the test looks at
        torch.nn.init.normal_(parameter, std=0.1)
    return made.eval()


def inputs(windows=3, frames=20):
    torch.manual_seed(1)
    known = (torch.rand(windows, frames, 8) < 0.5).float()
    return {
        "noisy": torch.randn(windows, frames, 6),
        "given": torch.randn(windows, frames, 8) * known,
        "known": known,
        "person": torch.randn(windows, 2),
        "level": torch.rand(windows),
    }


def test_an_estimate_has_the_shape_of_the_states(network):
    assert network(**inputs()).shape == (3, 20, 6)


def test_a_mean_and_a_spread_come_out_where_asked():
    wide = MotionNetwork(NetworkSize(6, 8, 2, width=32, blocks=1, heads=2, outputs=2))
    assert wide(**inputs()).shape == (3, 20, 6, 2)


def test_windows_do_not_see_each_other(network):
    together = network(**inputs())
    alone = network(**{name: value[1:2] for name, value in inputs().items()})
    torch.testing.assert_close(together[1:2], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["noisy", "given", "known", "person", "level"])
def test_everything_that_goes_in_matters(network, name):
    before, changed = network(**inputs()), inputs()
    changed[name] = changed[name] + 0.5
    assert (network(**changed) - before).abs().max() > 1e-4


def test_a_person_of_whom_nothing_is_known_is_not_a_person_of_the_mean(network):
    unknown, mean = inputs(), inputs()
    unknown["person"] = torch.full((3, 2), torch.nan)
    mean["person"] = torch.zeros(3, 2)
    out = network(**unknown)
    assert torch.isfinite(out).all()
    assert (out - network(**mean)).abs().max() > 1e-4


def test_distance_in_time_counts_and_not_time_itself(network):
    """Rotary places: the same content later in the window is answered the same, later."""
    short = {**inputs(1, 5)}
    repeated = {name: value.repeat(1, 4, 1) if value.dim() == 3 else value for name, value in short.items()}
    out = network(**repeated)
    torch.testing.assert_close(out[:, :5], out[:, 5:10], atol=1e-5, rtol=1e-5)


def test_a_new_network_starts_as_blocks_that_do_nothing():
    fresh = MotionNetwork(SIZE)
    token = torch.randn(2, 4, 32)
    block = fresh.blocks[0]
    from gaitbook.models.motion_network import _rotary

    torch.testing.assert_close(block(token, torch.randn(2, 32), _rotary(4, 16, token)), token)
