import pytest
import torch
from torch import nn

from gaitbook.models.stride_network import StrideNetwork, StrideSize

SIZE = StrideSize(scores=8, told=11, width=16, blocks=1)


@pytest.fixture
def network():
    """A network that answers something."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = StrideNetwork(SIZE)
        nn.init.normal_(network.leave.weight)
    return network.eval()


@pytest.fixture
def asked():
    random = torch.Generator().manual_seed(1)
    noisy, own = torch.randn(2, 5, 8, generator=random)
    return {
        "noisy": noisy,
        "own": own,
        "told": torch.randn(5, 11, generator=random),
        "level": torch.rand(5, generator=random),
    }


def test_an_estimate_has_a_number_for_every_score(network, asked):
    assert network(**asked).shape == (5, 8)


def test_a_new_network_estimates_nothing(asked):
    assert torch.equal(StrideNetwork(SIZE)(**asked), torch.zeros(5, 8))


def test_every_stride_is_estimated_as_if_alone(network, asked):
    together = network(**asked)
    for place in range(5):
        alone = network(**{name: value[place : place + 1] for name, value in asked.items()})
        torch.testing.assert_close(alone[0], together[place])


@pytest.mark.parametrize("part", ["noisy", "own", "told", "level"])
def test_all_that_is_given_counts(network, asked, part):
    other = {**asked, part: 0.5 * asked[part]}
    assert not torch.allclose(network(**other), network(**asked), atol=1e-3)


def test_all_weights_learn(network, asked):
    network(**asked).pow(2).mean().backward()
    assert all(each.grad is not None and each.grad.abs().sum() > 0.0 for each in network.parameters())


def test_width_and_blocks_are_those_asked_for():
    network = StrideNetwork(StrideSize(scores=8, told=11, width=24, blocks=2))
    assert len(network.blocks) == 2
    assert network.enter.out_features == 24
    assert network.enter.in_features == 2 * 8 + 11
    assert network.size.width == 24
